// SPDX-License-Identifier: Apache-2.0
// MergeQueue: the merges that may be done in a word, the lowest rank first and of equal ones the leftmost.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bitlathe::text
{

/// Numbers below a limit, the smallest at hand: bits over bits, each of which says that the 64 below it are not all 0.
class NumberSet
{
public:
    /// Empty afterwards where the limit grows.
    void growTo(std::size_t limit);
    void insert(std::size_t number);
    void erase(std::size_t number);
    bool empty() const { return m_levels.back()[0] == 0; }
    std::size_t smallest() const; ///< Of a set that is not empty.

private:
    static constexpr std::size_t kLevels = 4; ///< 64^4 numbers.
    std::array<std::vector<std::uint64_t>, kLevels> m_levels{{{0}, {0}, {0}, {0}}};
};

/// A merge that may be done.
struct MergeCandidate
{
    std::uint32_t rank = 0;
    std::int32_t at = 0; ///< The left one of the two symbols.
};

/// A list for each rank. Candidates come mostly from left to right, so that adding and taking one costs the same
/// however long the word is; those that don't go to a heap beside the list. Keeps its memory from word to word.
class MergeQueue
{
public:
    void growTo(std::size_t rankLimit);
    void push(MergeCandidate candidate);
    bool empty() const { return m_ranks.empty(); }
    MergeCandidate pop(); ///< Of a queue that is not empty.

private:
    struct List
    {
        std::vector<std::int32_t> ordered; ///< Places, ascending.
        std::size_t taken = 0;             ///< Of ordered.
        std::vector<std::int32_t> late;    ///< A heap, the smallest on top.
    };

    NumberSet m_ranks;                 ///< That have candidates.
    std::vector<std::int32_t> m_lists; ///< Of each rank, its place in m_pool; -1: none.
    std::vector<List> m_pool;
    std::vector<std::int32_t> m_free; ///< Places in m_pool.
};

} // namespace bitlathe::text
