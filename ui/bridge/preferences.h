// SPDX-License-Identifier: GPL-3.0-or-later
// Preferences: what the settings dialog edits, kept between starts.
#pragma once

#include "core/evaluate/perplexity.h"
#include "core/model/linear.h"
#include "ui/bridge/numbers.h"
#include "ui/theme/theme.h"

#include <QString>

#include <optional>

class QSettings;

namespace bitlathe::ui
{

class Session;

inline constexpr std::int64_t kWindowLengthLeast = 2; ///< Tokens.
inline constexpr std::int64_t kWindowLengthMost = 1'000'000;

struct Preferences
{
    Theme::Mode theme = Theme::Mode::System;
    QString language; ///< Empty: the system's.
    double fontScale = 1.0;
    bool reducedMotion = false;
    ByteUnits units = ByteUnits::Binary;
    int threads = 0;                       ///< 0: all.
    std::optional<model::Compute> compute; ///< Nothing: the fastest of the machine.
    int jobsAtOnce = 1;                    ///< Where memory allows.
    evaluate::ProtocolKind protocol = evaluate::ProtocolKind::Windows; ///< Of new recipes and comparisons.
    std::int64_t windowLength = 2048;                                  ///< Tokens; likewise.

    bool operator==(const Preferences&) const = default;

    static Preferences load(const QSettings& settings);
    void save(QSettings& settings) const;
    /// Makes them true: theme, language, units, threads, compute, jobs, protocol. session may be null.
    void apply(Session* session) const;
};

/// What new recipes and comparisons begin with, as the preferences that were applied last say.
const evaluate::PerplexityOptions& usualProtocol();

} // namespace bitlathe::ui
