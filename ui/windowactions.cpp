// SPDX-License-Identifier: GPL-3.0-or-later
// MainWindow: what its actions do; drag and drop.
#include "core/base/file.h"
#include "core/base/resources.h"
#include "core/base/version.h"
#include "ui/bridge/filechoice.h"
#include "ui/bridge/latesttask.h"
#include "ui/mainwindow.h"
#include "ui/pages/page.h"
#include "ui/theme/theme.h"
#include "ui/widgets/drophint.h"
#include "ui/widgets/guidewindow.h"
#include "ui/widgets/helptopic.h"
#include "ui/widgets/helpwindow.h"
#include "ui/widgets/messagebar.h"
#include "ui/widgets/settingsdialog.h"
#include "ui/windowbody.h"

#include <QApplication>
#include <QClipboard>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QMessageBox>
#include <QMimeData>
#include <QSettings>

namespace bitlathe::ui
{
namespace
{

using namespace Qt::StringLiterals;

bool isText(const QString& path)
{
    static const QStringList kEndings{u".txt"_s, u".jsonl"_s, u".csv"_s, u".arrow"_s, u".gz"_s, u".zst"_s, u".json"_s};
    return std::any_of(kEndings.begin(), kEndings.end(),
                       [&path](const QString& ending) { return path.endsWith(ending, Qt::CaseInsensitive); });
}

bool isModelFile(const QString& path)
{
    static const QStringList kEndings{u".safetensors"_s, u".index.json"_s, u".bin"_s, u".pt"_s, u".pth"_s, u".ckpt"_s};
    return path.endsWith("/config.json"_L1) ||
           std::any_of(kEndings.begin(), kEndings.end(), [&path](const QString& ending) {
               return path.endsWith(ending, Qt::CaseInsensitive);
           });
}

QStringList localFiles(const QMimeData* data)
{
    QStringList files;
    const QList<QUrl> urls = data == nullptr ? QList<QUrl>() : data->urls();
    for (const QUrl& url : urls) {
        if (url.isLocalFile()) {
            files << url.toLocalFile();
        }
    }
    return files;
}

QString lastFolder()
{
    return QSettings().value(u"window/folder"_s, QDir::homePath()).toString();
}

} // namespace

void MainWindow::openPaths(const QStringList& paths)
{
    using Places = QList<std::pair<QString, bool>>; // Absolute, and whether it is no file.
    m_findPlaces.start(
        [paths](const std::stop_token&) {
            Places places;
            for (const QString& path : paths) {
                const QFileInfo info(path);
                places << std::pair(info.isSymLink() ? info.canonicalFilePath() : info.absoluteFilePath(),
                                    info.isDir() || !info.exists()); // what does not exist is told by opening it
            }
            return places;
        },
        [this](const Places& places) {
            for (const auto& [path, isFolder] : places) {
                if (!isFolder) {
                    openFile(path);
                } else if (!currentPage()->dropFolder(path)) {
                    m_session.openModel(path);
                }
            }
        });
}

void MainWindow::openFile(const QString& file)
{
    if (isModelFile(file)) {
        m_session.openModel(file.endsWith("/config.json"_L1) ? file.section(u'/', 0, -2) : file);
    } else if (file.endsWith(".yaml"_L1) || file.endsWith(".yml"_L1)) {
        m_session.openRecipe(file);
        showPage(u"wizard"_s);
    } else if (isText(file)) {
        plan::Recipe recipe = m_session.recipe();
        recipe.calibration.data = file.toStdString();
        m_session.editRecipe(recipe, tr("Choose calibration text"));
        showPage(u"wizard"_s);
    } else {
        m_session.report(Error{ErrorCode::NotSupported, file.toStdString(),
                               Text(BITLATHE_TEXT("a model folder, a .safetensors or .bin file, a recipe (.yaml) or a text")),
                               Text(), Text(BITLATHE_TEXT("Drop the folder that holds config.json"))});
    }
}

void MainWindow::openDemo()
{
    const auto folder = resource("demo/model");
    if (!folder) {
        m_session.report(folder.error());
        return;
    }
    m_session.openModel(fromPath(*folder));
}

void MainWindow::chooseModel()
{
    const FileChoice choice{FileChoice::Kind::Folder, tr("Open model folder"), lastFolder(), {}};
    chooseFile(this, choice, this, [this](const QString& folder) {
        QSettings().setValue(u"window/folder"_s, QFileInfo(folder).absolutePath());
        m_session.openModel(folder);
    });
}

void MainWindow::chooseRecipe()
{
    const FileChoice choice{FileChoice::Kind::Open, tr("Open recipe"), lastFolder(),
                            {tr("Recipes (*.yaml *.yml)")}};
    chooseFile(this, choice, this, [this](const QString& file) { openPaths({file}); });
}

void MainWindow::saveRecipe()
{
    const QString name = m_session.model() ? modelName(*m_session.model()) : u"recipe"_s;
    const FileChoice choice{FileChoice::Kind::Save, tr("Save recipe"),
                            lastFolder() + u"/"_s + name + u".bitlathe.yaml"_s, {tr("Recipes (*.yaml)")}};
    chooseFile(this, choice, this, [this](const QString& file) {
        if (const auto written = writeFileAtomically(toPath(file), plan::recipeToYaml(m_session.recipe())); !written) {
            m_session.report(written.error());
        } else {
            say(tr("Saved %1").arg(file));
        }
    });
}

void MainWindow::startRun()
{
    if (!m_session.model()) {
        m_session.report(Error{ErrorCode::SettingInvalid, tr("Run").toStdString(), Text(BITLATHE_TEXT("an open model")),
                               Text(), Text(BITLATHE_TEXT("Open a model folder first"))});
        return;
    }
    m_session.startRun(m_session.recipe());
}

void MainWindow::compareSelected()
{
    compareFolders(currentPage()->selectedFolders());
}

void MainWindow::compareFolders(const QStringList& folders)
{
    showPage(u"compare"_s);
    for (const QString& folder : folders) {
        currentPage()->dropFolder(folder);
    }
}

void MainWindow::exportReport()
{
    showPage(u"report"_s);
    if (QAction* action = currentPage()->primaryAction(); action != nullptr && action->isEnabled()) {
        action->trigger();
    }
}

QString MainWindow::currentCommandLine() const
{
    const QString own = currentPage()->commandLine();
    return own.isEmpty() ? QString::fromStdString(plan::recipeToCommand(m_session.recipe())) : own;
}

void MainWindow::copyCommandLine()
{
    QGuiApplication::clipboard()->setText(currentCommandLine());
    say(tr("Copied: %1").arg(currentCommandLine()));
}

void MainWindow::showSettings()
{
    auto* dialog = new SettingsDialog(m_session, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->show();
}

QString MainWindow::currentTopic() const
{
    const QString topic = currentHelpTopic();
    return topic.isEmpty() ? currentPage()->helpTopic() : topic;
}

GuideWindow* MainWindow::showGuide(const QString& topic)
{
    if (m_guide == nullptr) {
        m_guide = new GuideWindow(this);
        connect(m_guide, &GuideWindow::keysRequested, this, &MainWindow::showKeys);
    }
    m_guide->showTopic(topic);
    m_guide->show();
    m_guide->raise();
    m_guide->activateWindow();
    return m_guide;
}

void MainWindow::showKeys()
{
    auto* help = new HelpWindow(actions(), this);
    help->setAttribute(Qt::WA_DeleteOnClose);
    help->show();
}

void MainWindow::showAbout()
{
    QMessageBox::about(
        this, tr("About Bitlathe"),
        tr("<h3>Bitlathe %1</h3><p>A workbench for quantizing large language models.</p>"
           "<p>The window is free software under the GNU General Public License, version 3 or later. The engine and "
           "bitlathe-cli are under the Apache License 2.0.</p>")
            .arg(toText(programVersion())));
}

bool MainWindow::eventFilter(QObject* watched, QEvent* event)
{
    // Files are taken wherever in the window they are dropped, also over fields that would take them as text.
    const auto* widget = qobject_cast<QWidget*>(watched);
    if (widget == nullptr || widget->window() != this) {
        return QMainWindow::eventFilter(watched, event);
    }
    switch (static_cast<int>(event->type())) {
    case QEvent::DragEnter:
    case QEvent::DragMove: {
        auto* drag = static_cast<QDragMoveEvent*>(event);
        if (localFiles(drag->mimeData()).isEmpty()) {
            break;
        }
        m_body->dropHint()->raise();
        m_body->dropHint()->show();
        drag->setDropAction(Qt::LinkAction); // nothing is ever copied or moved
        drag->accept();
        return true;
    }
    case QEvent::DragLeave: m_body->dropHint()->hide(); break;
    case QEvent::Drop: {
        auto* drop = static_cast<QDropEvent*>(event);
        m_body->dropHint()->hide();
        const QStringList files = localFiles(drop->mimeData());
        if (files.isEmpty()) {
            break;
        }
        drop->setDropAction(Qt::LinkAction);
        drop->accept();
        openPaths(files);
        return true;
    }
    default: break;
    }
    return QMainWindow::eventFilter(watched, event);
}

} // namespace bitlathe::ui
