// SPDX-License-Identifier: GPL-3.0-or-later
// FormatStep: which program shall load the result, and where it goes.
#include "ui/wizard/formatstep.h"

#include "ui/theme/theme.h"

#include <QButtonGroup>
#include <QCheckBox>
#include <QFileDialog>
#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>

namespace bitlathe::ui
{
namespace
{

QString consumersOf(const format::Format& format)
{
    QStringList names;
    for (const std::string& name : format.consumers()) {
        names << QString::fromStdString(name);
    }
    //: Between the names of a list: "vLLM, transformers"
    return names.join(FormatStep::tr(", "));
}

} // namespace

FormatStep::FormatStep(Session& session, QWidget* parent)
    : WizardStep(session, tr("Format"), tr("Which program shall load the result?"), parent),
      m_formats(new QButtonGroup(this)),
      m_note(new FieldNote(this)),
      m_out(new QLineEdit(this)),
      m_overwrite(new QCheckBox(tr("&Replace what is in that folder"), this))
{
    int id = 0;
    for (const format::Format* format : format::formats()) {
        auto* button =
            new QRadioButton(translated(Text(format->title())), this);
        button->setObjectName(toText(format->name()));
        button->setToolTip(tr("On the command line: --format %1").arg(toText(format->name())));
        auto* hint = new QLabel(tr("Loads in %1").arg(consumersOf(*format)), this);
        hint->setWordWrap(true);
        hint->setForegroundRole(QPalette::PlaceholderText);
        hint->setContentsMargins(3 * kGrid, 0, 0, 0);
        button->setAccessibleDescription(hint->text());
        auto* box = new QVBoxLayout;
        box->setSpacing(kGrid / 2);
        box->addWidget(button);
        box->addWidget(hint);
        body()->addLayout(box);
        m_formats->addButton(button, id++);
    }
    body()->addWidget(m_note);
    auto* browseButton = new QPushButton(tr("Choose…"), this);
    browseButton->setAccessibleName(tr("Choose where the result goes"));
    body()->addWidget(labelled(
        tr("&Output folder"), m_out,
        tr("A new folder. It gets this name only when everything in it was written and read back"), browseButton));
    body()->addWidget(m_overwrite);
    connect(m_formats, &QButtonGroup::idClicked, this, [this](int clicked) {
        plan::Recipe recipe = this->session().recipe();
        recipe.exportTo.format = format::formats()[static_cast<std::size_t>(clicked)]->name();
        edit(recipe, tr("Choose format"));
    });
    connect(m_out, &QLineEdit::editingFinished, this, [this] { setOut(m_out->text().trimmed()); });
    connect(browseButton, &QPushButton::clicked, this, &FormatStep::browse);
    connect(m_overwrite, &QCheckBox::toggled, this, [this](bool on) {
        plan::Recipe recipe = this->session().recipe();
        recipe.exportTo.overwrite = on;
        edit(recipe, tr("Change overwriting"));
    });
    refresh();
}

QString FormatStep::problem() const
{
    if (m_note->isProblem()) {
        return m_note->text();
    }
    return session().recipe().exportTo.out.empty() ? tr("No output folder is chosen.") : QString();
}

void FormatStep::showRecipe(const plan::Recipe& recipe)
{
    m_note->setHint({});
    for (QAbstractButton* button : m_formats->buttons()) {
        button->setChecked(button->objectName().toStdString() == recipe.exportTo.format);
    }
    const auto format = format::findFormat(recipe.exportTo.format);
    const OpenedModelPtr model = session().model();
    if (!format) {
        m_note->setProblem(translated(format.error()));
    } else if (model && !model->spec.linears.empty()) {
        if (const auto fits = (*format)->check(recipe.scheme, model->spec.linears.front()); !fits) {
            m_note->setProblem(translated(fits.error()));
        }
    }
    m_out->setText(fromPath(recipe.exportTo.out));
    m_overwrite->setChecked(recipe.exportTo.overwrite);
}

void FormatStep::browse()
{
    const QString folder = QFileDialog::getSaveFileName(this, tr("Choose where the result goes"), m_out->text(), {},
                                                        nullptr, QFileDialog::ShowDirsOnly);
    if (!folder.isEmpty()) {
        setOut(folder);
    }
}

void FormatStep::setOut(const QString& folder)
{
    plan::Recipe recipe = session().recipe();
    recipe.exportTo.out = toPath(folder);
    edit(recipe, tr("Choose output folder"));
}

} // namespace bitlathe::ui
