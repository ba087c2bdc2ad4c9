// SPDX-License-Identifier: Apache-2.0
// MergeQueue: the merges that may be done in a word, the lowest rank first and of equal ones the leftmost.
#include "core/text/tokenizerjson/mergequeue.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace bitlathe::text
{

namespace
{

constexpr std::size_t kBits = 64;

} // namespace

void NumberSet::growTo(std::size_t limit)
{
    for (std::vector<std::uint64_t>& level : m_levels) {
        limit = (limit + kBits - 1) / kBits;
        if (level.size() < limit) {
            level.assign(limit, 0);
        }
    }
}

void NumberSet::insert(std::size_t number)
{
    for (std::vector<std::uint64_t>& level : m_levels) {
        level[number / kBits] |= std::uint64_t{1} << number % kBits;
        number /= kBits;
    }
}

void NumberSet::erase(std::size_t number)
{
    for (std::vector<std::uint64_t>& level : m_levels) {
        std::uint64_t& word = level[number / kBits];
        word &= ~(std::uint64_t{1} << number % kBits);
        if (word != 0) {
            return;
        }
        number /= kBits;
    }
}

std::size_t NumberSet::smallest() const
{
    std::size_t number = 0;
    for (auto level = m_levels.rbegin(); level != m_levels.rend(); ++level) {
        number = number * kBits + static_cast<std::size_t>(std::countr_zero((*level)[number]));
    }
    return number;
}

void MergeQueue::growTo(std::size_t rankLimit)
{
    if (m_lists.size() < rankLimit) {
        m_ranks.growTo(rankLimit);
        m_lists.assign(rankLimit, -1);
    }
}

void MergeQueue::push(MergeCandidate candidate)
{
    std::int32_t& place = m_lists[candidate.rank];
    if (place < 0) {
        if (m_free.empty()) {
            m_free.push_back(static_cast<std::int32_t>(m_pool.size()));
            m_pool.emplace_back();
        }
        place = m_free.back();
        m_free.pop_back();
        m_ranks.insert(candidate.rank);
    }
    List& list = m_pool[static_cast<std::size_t>(place)];
    if (list.ordered.empty() || list.ordered.back() < candidate.at) {
        list.ordered.push_back(candidate.at);
    } else {
        list.late.push_back(candidate.at);
        std::push_heap(list.late.begin(), list.late.end(), std::greater<>());
    }
}

MergeCandidate MergeQueue::pop()
{
    const std::size_t rank = m_ranks.smallest();
    List& list = m_pool[static_cast<std::size_t>(m_lists[rank])];
    MergeCandidate candidate{static_cast<std::uint32_t>(rank), 0};
    const bool hasOrdered = list.taken < list.ordered.size();
    if (hasOrdered && (list.late.empty() || list.ordered[list.taken] <= list.late.front())) {
        candidate.at = list.ordered[list.taken++];
    } else {
        std::pop_heap(list.late.begin(), list.late.end(), std::greater<>());
        candidate.at = list.late.back();
        list.late.pop_back();
    }
    if (list.taken == list.ordered.size() && list.late.empty()) {
        list.ordered.clear();
        list.taken = 0;
        m_free.push_back(m_lists[rank]);
        m_lists[rank] = -1;
        m_ranks.erase(rank);
    }
    return candidate;
}

} // namespace bitlathe::text
