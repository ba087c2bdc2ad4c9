// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures of every page, in both themes and all languages.
#include "app/gui/capture.h"

#include "app/gui/waiting.h"
#include "core/base/file.h"
#include "ui/bridge/language.h"
#include "ui/pages/page.h"
#include "ui/theme/theme.h"
#include "ui/widgets/guideview.h"
#include "ui/widgets/guidewindow.h"
#include "ui/widgets/jobsdock.h"

#include <QDir>
#include <QDockWidget>
#include <QPointer>
#include <QPixmap>

namespace bitlathe::ui
{
namespace
{

using namespace Qt::StringLiterals;

constexpr int kBusyMs = 60'000;
const QString kGuide = u"guide"_s; ///< Beside the names of the pages.
const QString kTopic = u"tune"_s;  ///< A page with text, table and picture.

Result<void> save(QWidget& widget, const QString& file)
{
    if (!widget.grab().save(file)) {
        return fail(ErrorCode::WriteFailed, file.toStdString(), Text(BITLATHE_TEXT("a picture that can be written")),
                    Text(), Text(BITLATHE_TEXT("Choose a folder that you may write to")));
    }
    return {};
}

/// A window as it is, in every theme.
Result<void> captureThemes(QWidget& window, const CaptureOptions& options, const QString& name)
{
    for (const Theme::Mode theme : options.themes) {
        Theme::instance().setMode(theme);
        settle();
        BITLATHE_CHECK(save(window, u"%1/%2-%3-%4.png"_s.arg(options.folder, name, themeName(theme), language())));
    }
    return {};
}

/// A page at its best, the docks of jobs and log beside the model page, then a page's other states worth a picture.
Result<void> capturePage(MainWindow& window, const CaptureOptions& options, const QString& id)
{
    const QList<QDockWidget*> docks = window.findChildren<QDockWidget*>();
    for (QDockWidget* dock : docks) {
        dock->hide();
    }
    Page* page = window.currentPage();
    page->prepareScreenshot();
    settle();
    waitUntil([page] { return !page->isBusy(); }, kBusyMs);
    BITLATHE_CHECK(captureThemes(window, options, id));
    if (id == "model"_L1) {
        for (QDockWidget* dock : docks) {
            dock->show();
            dock->raise();
            if (auto* jobs = qobject_cast<JobsDock*>(dock)) {
                jobs->selectNewestRun();
            }
            settle();
            BITLATHE_CHECK(captureThemes(window, options, dock->objectName()));
            dock->hide();
        }
    }
    for (const QString& state : page->screenshotStates()) {
        page->prepareState(state);
        BITLATHE_CHECK(captureThemes(window, options, id + u'-' + state));
    }
    return {};
}

/// The guide at the page of the Tune page.
Result<void> captureGuide(MainWindow& window, const CaptureOptions& options)
{
    GuideWindow* guide = window.showGuide(kTopic);
    waitUntil([guide] { return !guide->isBusy() && guide->view()->missingPictures().isEmpty(); }, kBusyMs);
    BITLATHE_CHECK(captureThemes(*guide, options, kGuide));
    guide->close();
    return {};
}

} // namespace

Result<void> capture(MainWindow& window, const CaptureOptions& options)
{
    if (!QDir().mkpath(options.folder)) {
        return Failure(writeError(toPath(options.folder), errno));
    }
    window.resize(options.size);
    window.show();
    for (const QString& tongue : options.languages) {
        if (language() != tongue) {
            const QPointer<Page> before = window.currentPage();
            setLanguage(tongue);
            waitUntil([&before] { return before.isNull(); }, kBusyMs); // The window makes its pages anew.
        }
        settle();
        QStringList pages = options.pages;
        if (pages.isEmpty()) {
            for (const Page* page : window.pages()) {
                pages << page->id();
            }
            pages << kGuide;
        }
        for (const QString& id : pages) {
            if (id == kGuide) {
                BITLATHE_CHECK(captureGuide(window, options));
                continue;
            }
            window.showPage(id);
            if (window.currentPage()->id() != id) {
                return fail(ErrorCode::UnknownName, id.toStdString(), Text(BITLATHE_TEXT("a page of the window")),
                            Text());
            }
            BITLATHE_CHECK(capturePage(window, options, id));
        }
    }
    return {};
}

} // namespace bitlathe::ui
