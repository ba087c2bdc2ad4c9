// SPDX-License-Identifier: Apache-2.0
// LineReader: lines of a terminal or a pipe, until there are no more or a stop is asked for.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

namespace bitlathe::cli
{

class LineReader
{
public:
    LineReader(int descriptor, std::stop_token stop) : m_descriptor(descriptor), m_stop(std::move(stop)) {}

    /// The next line without its ending; nothing at the end of the input, or once a stop is asked for.
    std::optional<std::string> next();

private:
    int m_descriptor;
    std::stop_token m_stop;
    std::string m_read; ///< Not given out yet.
    bool m_ended = false;
};

} // namespace bitlathe::cli
