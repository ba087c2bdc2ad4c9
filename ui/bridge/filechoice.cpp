// SPDX-License-Identifier: GPL-3.0-or-later
// chooseFile: a dialog of Qt, or of the desktop, that is not waited for.
#include "ui/bridge/filechoice.h"

#include <QCoreApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <QRegularExpression>

namespace bitlathe::ui
{

namespace
{

/// The first ending of a filter such as "Texts (*.txt *.csv)": "txt"; nothing of "All files (*)".
QString endingOf(const QString& filter)
{
    static const QRegularExpression ending(QStringLiteral("\\*\\.([\\w.]+)"));
    return ending.match(filter).captured(1);
}

void setKind(QFileDialog& dialog, FileChoice::Kind kind)
{
    switch (kind) {
    case FileChoice::Kind::Open: dialog.setFileMode(QFileDialog::ExistingFile); break;
    case FileChoice::Kind::Save: dialog.setAcceptMode(QFileDialog::AcceptSave); break;
    case FileChoice::Kind::Folder:
        dialog.setFileMode(QFileDialog::Directory);
        dialog.setOption(QFileDialog::ShowDirsOnly);
        break;
    case FileChoice::Kind::NewFolder:
        dialog.setAcceptMode(QFileDialog::AcceptSave);
        dialog.setOption(QFileDialog::ShowDirsOnly);
        break;
    }
}

/// start may be what somebody typed: the name of a data set, say.
void beginAt(QFileDialog& dialog, const QString& start)
{
    const QFileInfo place(start);
    const bool isNew = dialog.acceptMode() == QFileDialog::AcceptSave;
    if (start.isEmpty() || (!isNew && !place.exists())) {
        return;
    }
    if (place.isDir()) {
        dialog.setDirectory(place.absoluteFilePath());
        return;
    }
    if (QFileInfo(place.absolutePath()).isDir()) {
        dialog.setDirectory(place.absolutePath());
    }
    dialog.selectFile(place.fileName());
}

} // namespace

void chooseFile(QWidget* parent, const FileChoice& choice, QObject* context,
                const std::function<void(const QString&)>& chosen)
{
    auto* dialog = new QFileDialog(parent, choice.title);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    setKind(*dialog, choice.kind);
    if (!choice.filters.isEmpty()) {
        QStringList filters = choice.filters;
        if (choice.kind == FileChoice::Kind::Open) {
            filters << QCoreApplication::translate("FileChoice", "All files (*)");
        }
        dialog->setNameFilters(filters);
    }
    if (choice.kind == FileChoice::Kind::Save) {
        dialog->setDefaultSuffix(endingOf(choice.filters.value(0)));
        QObject::connect(dialog, &QFileDialog::filterSelected, dialog,
                         [dialog](const QString& filter) { dialog->setDefaultSuffix(endingOf(filter)); });
    }
    beginAt(*dialog, choice.start);
    QObject::connect(dialog, &QFileDialog::fileSelected, context, chosen);
    dialog->open();
}

} // namespace bitlathe::ui
