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
    explicit LineReader(int descriptor) : m_descriptor(descriptor) {}

    /// The next line without its ending; nothing at the end of the input, or once a stop is asked for.
    std::optional<std::string> next(const std::stop_token& stop);

private:
    int m_descriptor;
    std::string m_read; ///< Not given out yet.
    bool m_ended = false;
};

} // namespace bitlathe::cli
