// SPDX-License-Identifier: GPL-3.0-or-later
// Preferences: what the settings dialog edits, kept between starts.
#pragma once

#include "core/model/linear.h"
#include "ui/bridge/numbers.h"
#include "ui/theme/theme.h"

#include <QString>

#include <optional>

class QSettings;

namespace bitlathe::ui
{

class Session;

struct Preferences
{
    Theme::Mode theme = Theme::Mode::System;
    QString language; ///< Empty: the system's.
    double fontScale = 1.0;
    bool reducedMotion = false;
    ByteUnits units = ByteUnits::Binary;
    int threads = 0;                       ///< 0: all.
    std::optional<model::Compute> compute; ///< Nothing: the fastest of the machine.

    bool operator==(const Preferences&) const = default;

    static Preferences load(const QSettings& settings);
    void save(QSettings& settings) const;
    /// Makes them true: theme, language, units, threads, compute. session may be null.
    void apply(Session* session) const;
};

} // namespace bitlathe::ui
