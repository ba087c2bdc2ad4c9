// SPDX-License-Identifier: Apache-2.0
// Progress and stop: what long work is handed so that it can be watched and ended.
#pragma once

#include "core/base/text.h"

#include <functional>
#include <stop_token>

namespace bitlathe
{

/// Receives progress of a piece of work as a fraction. Safe to call from several threads.
/// Nested: child() hands a part of the range to a sub-task, so that nobody needs to know the whole.
class ProgressSink
{
public:
    using Report = std::function<void(double fraction, const Text& title)>;

    /// A sink that nobody watches.
    ProgressSink() = default;
    explicit ProgressSink(Report report) : m_report(std::move(report)) {}

    /// fraction in 0 ... 1 of this sink's own range.
    void set(double fraction) const { set(fraction, m_title); }
    void set(double fraction, const Text& title) const
    {
        if (m_report) {
            m_report(m_from + (m_to - m_from) * fraction, title);
        }
    }

    /// The sub-range [from, to] of this sink, with its own title.
    ProgressSink child(double from, double to, Text title = {}) const
    {
        ProgressSink part(m_report);
        part.m_from = m_from + (m_to - m_from) * from;
        part.m_to = m_from + (m_to - m_from) * to;
        part.m_title = title.empty() ? m_title : std::move(title);
        return part;
    }

private:
    Report m_report;
    double m_from = 0.0;
    double m_to = 1.0;
    Text m_title;
};

/// What every long operation takes last: where to report, and whether to stop.
struct WorkContext
{
    ProgressSink progress;
    std::stop_token stop;

    bool stopRequested() const { return stop.stop_requested(); }
    WorkContext child(double from, double to, Text title = {}) const
    {
        return {progress.child(from, to, std::move(title)), stop};
    }
};

} // namespace bitlathe
