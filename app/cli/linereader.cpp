// SPDX-License-Identifier: Apache-2.0
// LineReader: lines of a terminal or a pipe, until there are no more or a stop is asked for.
#include "app/cli/linereader.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace bitlathe::cli
{

std::optional<std::string> LineReader::next(const std::stop_token& stop)
{
    constexpr int kPollMs = 50; // How soon a stop is seen while nobody types.
    while (!stop.stop_requested()) {
        const std::size_t end = m_read.find('\n');
        if (end != std::string::npos || (m_ended && !m_read.empty())) {
            std::string line = m_read.substr(0, end);
            m_read.erase(0, end == std::string::npos ? end : end + 1);
            if (line.ends_with('\r')) {
                line.pop_back();
            }
            return line;
        }
        if (m_ended) {
            return std::nullopt;
        }
        pollfd input{m_descriptor, POLLIN, 0};
        if (::poll(&input, 1, kPollMs) > 0) {
            std::array<char, 4096> piece;
            const ssize_t count = ::read(m_descriptor, piece.data(), piece.size());
            m_ended = count <= 0;
            m_read.append(piece.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        }
    }
    return std::nullopt;
}

} // namespace bitlathe::cli
