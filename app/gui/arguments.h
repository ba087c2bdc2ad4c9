// SPDX-License-Identifier: GPL-3.0-or-later
// What the window's program can be told on its command line: the table of it, and what a call says.
#pragma once

#include "app/usage/programfacts.h"
#include "ui/theme/theme.h"

#include <tl/expected.hpp>

#include <QCoreApplication>
#include <QSize>
#include <QString>
#include <QStringList>

#include <optional>

namespace bitlathe::gui
{

struct Arguments
{
    QString model;
    bool demo = false;
    QString page;
    QString screenshots;
    QStringList exports;
    std::optional<ui::Theme::Mode> theme;
    std::optional<QString> language;
    std::optional<QSize> size;
};

/// All options, for --help, manual page and completions.
usage::ProgramFacts programFacts();

/// Whether a call wants text, such as --help, and no window: then a display is not asked for.
bool wantsText(int argc, char** argv);
/// Prints that text; the exit code.
int printText(const QCoreApplication& app);

/// What a call for a window says, or the sentence that tells what is wrong with it.
tl::expected<Arguments, QString> argumentsOf(const QCoreApplication& app);

} // namespace bitlathe::gui
