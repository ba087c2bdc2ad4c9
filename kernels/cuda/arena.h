// SPDX-License-Identifier: Apache-2.0
// Arena: who holds which part of one piece of memory. Keeps the books only, so that the piece may be a device's.
#pragma once

#include <cstdint>
#include <iterator>
#include <map>
#include <optional>

namespace bitlathe::cuda
{

/// Hands out parts of [0, size) and takes them back: the first gap that is large enough. Nothing beyond size is ever
/// handed out. O(log n) for n parts but for the search for a gap, which is O(n).
class Arena
{
public:
    static constexpr std::uint64_t kAlignment = 256;

    explicit Arena(std::uint64_t size) : m_size(size / kAlignment * kAlignment)
    {
        if (m_size > 0) {
            m_gaps.emplace(0, m_size);
        }
    }

    /// The offset of a part, a multiple of kAlignment. Nothing: no gap is so large.
    std::optional<std::uint64_t> take(std::uint64_t bytes)
    {
        if (bytes == 0 || bytes > m_size) {
            return std::nullopt;
        }
        const std::uint64_t needed = (bytes + kAlignment - 1) / kAlignment * kAlignment;
        for (auto gap = m_gaps.begin(); gap != m_gaps.end(); ++gap) {
            if (gap->second < needed) {
                continue;
            }
            const std::uint64_t offset = gap->first;
            const std::uint64_t rest = gap->second - needed;
            m_gaps.erase(gap);
            if (rest > 0) {
                m_gaps.emplace(offset + needed, rest);
            }
            m_parts.emplace(offset, needed);
            m_used += needed;
            m_peak = m_used > m_peak ? m_used : m_peak;
            return offset;
        }
        return std::nullopt;
    }

    /// False: no part begins there.
    bool giveBack(std::uint64_t offset)
    {
        const auto part = m_parts.find(offset);
        if (part == m_parts.end()) {
            return false;
        }
        m_used -= part->second;
        auto gap = m_gaps.emplace(offset, part->second).first;
        m_parts.erase(part);
        const auto next = std::next(gap);
        if (next != m_gaps.end() && gap->first + gap->second == next->first) {
            gap->second += next->second;
            m_gaps.erase(next);
        }
        if (gap != m_gaps.begin()) {
            const auto before = std::prev(gap);
            if (before->first + before->second == gap->first) {
                before->second += gap->second;
                m_gaps.erase(gap);
            }
        }
        return true;
    }

    std::uint64_t size() const { return m_size; }
    std::uint64_t used() const { return m_used; }
    std::uint64_t peak() const { return m_peak; }

private:
    std::uint64_t m_size;
    std::uint64_t m_used = 0;
    std::uint64_t m_peak = 0;
    std::map<std::uint64_t, std::uint64_t> m_gaps;  ///< By offset: bytes.
    std::map<std::uint64_t, std::uint64_t> m_parts; ///< As m_gaps.
};

} // namespace bitlathe::cuda
