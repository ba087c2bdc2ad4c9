// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures of every page, in both themes and all languages.
#include "app/gui/capture.h"

#include "app/gui/waiting.h"
#include "core/base/file.h"
#include "ui/bridge/language.h"
#include "ui/pages/page.h"
#include "ui/theme/theme.h"

#include <QDir>
#include <QDockWidget>
#include <QPixmap>

namespace bitlathe::ui
{
namespace
{

using namespace Qt::StringLiterals;

Result<void> save(QWidget& widget, const QString& file)
{
    if (!widget.grab().save(file)) {
        return fail(ErrorCode::WriteFailed, file.toStdString(), Text(BITLATHE_TEXT("a picture that can be written")),
                    Text(), Text(BITLATHE_TEXT("Choose a folder that you may write to")));
    }
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
            setLanguage(tongue);
        }
        settle(); // the window makes its pages anew
        QStringList pages = options.pages;
        if (pages.isEmpty()) {
            for (const Page* page : window.pages()) {
                pages << page->id();
            }
        }
        for (const QString& id : pages) {
            window.showPage(id);
            if (window.currentPage()->id() != id) {
                return fail(ErrorCode::UnknownName, id.toStdString(), Text(BITLATHE_TEXT("a page of the window")),
                            Text());
            }
            window.currentPage()->prepareScreenshot();
            settle();
            for (const QString& theme : options.themes) {
                Theme::instance().setMode(theme == "dark"_L1 ? Theme::Mode::Dark : Theme::Mode::Light);
                settle();
                BITLATHE_CHECK(save(window, u"%1/%2-%3-%4.png"_s.arg(options.folder, id, theme, tongue)));
            }
        }
    }
    return {};
}

} // namespace bitlathe::ui
