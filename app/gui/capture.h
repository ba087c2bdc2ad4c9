// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures of every page, in both themes and all languages.
#pragma once

#include "core/base/result.h"
#include "ui/mainwindow.h"
#include "ui/theme/theme.h"

#include <QSize>
#include <QString>
#include <QStringList>

namespace bitlathe::ui
{

struct CaptureOptions
{
    QString folder;
    QStringList pages;  ///< Empty: all.
    std::vector<Theme::Mode> themes{Theme::Mode::Light, Theme::Mode::Dark};
    QStringList languages;
    QSize size{1280, 832};
};

/// Writes PAGE-THEME-LANGUAGE.png for each. The window has a model open and its pages have something to show.
Result<void> capture(MainWindow& window, const CaptureOptions& options);

} // namespace bitlathe::ui
