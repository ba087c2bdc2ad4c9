// SPDX-License-Identifier: Apache-2.0
// Level: how deep the interpreter is in itself.
#pragma once

#include "core/text/jinja/interpreter.h"

namespace bitlathe::text::jinja
{

/// Counts statements and expressions in one another while they last: macros in macros add up, and each takes room on the
/// stack, which is not ours to overrun.
class Interpreter::Level
{
public:
    explicit Level(int& level) : m_level(level) { ++m_level; }
    ~Level() { --m_level; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

    Result<void> check(const Budget& budget) const
    {
        constexpr int kMost = 300;
        if (m_level <= kMost) {
            return {};
        }
        return budget.unknown(Text(BITLATHE_TEXT("blocks and expressions in one another at most %1 deep"), kMost),
                              Text(BITLATHE_TEXT("deeper ones")));
    }

private:
    int& m_level;
};

} // namespace bitlathe::text::jinja
