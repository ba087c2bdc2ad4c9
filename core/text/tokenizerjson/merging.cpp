// SPDX-License-Identifier: Apache-2.0
// The merging of a word's symbols: always the pair of the lowest rank, of equal ones the leftmost.
#include "core/text/tokenizerjson/merging.h"

#include <algorithm>
#include <limits>

namespace bitlathe::text
{

namespace
{

constexpr std::size_t kMaxScanned = 48; ///< Symbols; from here on the heap is faster.
constexpr PairTable::Value kNoMerge{std::numeric_limits<std::uint32_t>::max(), -1};

PairTable::Value mergeOf(const PairTable& merges, TokenId left, TokenId right)
{
    const PairTable::Value* found = merges.find(static_cast<std::uint32_t>(left), static_cast<std::uint32_t>(right));
    return found == nullptr ? kNoMerge : *found;
}

void appendScanned(const PairTable& merges, std::vector<TokenId>& symbols, std::vector<TokenId>& ids)
{
    std::array<PairTable::Value, kMaxScanned> pairs; // Of each symbol with the next one.
    std::size_t count = symbols.size();
    for (std::size_t i = 0; i + 1 < count; ++i) {
        pairs[i] = mergeOf(merges, symbols[i], symbols[i + 1]);
    }
    while (count > 1) {
        std::size_t best = 0;
        for (std::size_t i = 1; i + 1 < count; ++i) {
            best = pairs[i].rank < pairs[best].rank ? i : best;
        }
        if (pairs[best].id < 0) {
            break;
        }
        symbols[best] = pairs[best].id;
        for (std::size_t i = best + 1; i + 1 < count; ++i) {
            symbols[i] = symbols[i + 1];
            pairs[i - 1] = pairs[i];
        }
        --count;
        if (best > 0) {
            pairs[best - 1] = mergeOf(merges, symbols[best - 1], symbols[best]);
        }
        if (best + 1 < count) {
            pairs[best] = mergeOf(merges, symbols[best], symbols[best + 1]);
        }
    }
    ids.insert(ids.end(), symbols.begin(), symbols.begin() + static_cast<std::ptrdiff_t>(count));
}

/// Merges a long word with a chain of symbols and a heap of candidates.
class HeapMerger
{
public:
    HeapMerger(const PairTable& merges, ModelScratch& scratch)
        : m_merges(merges), m_chain(scratch.chain), m_heap(scratch.heap)
    {
        const auto count = static_cast<std::int32_t>(scratch.symbols.size());
        m_chain.clear();
        m_heap.clear();
        m_chain.reserve(scratch.symbols.size());
        for (std::int32_t i = 0; i < count; ++i) {
            m_chain.push_back({scratch.symbols[static_cast<std::size_t>(i)], i - 1, i + 1 < count ? i + 1 : -1});
        }
        for (std::int32_t i = 0; i + 1 < count; ++i) {
            if (const auto candidate = candidateAt(i)) {
                m_heap.push_back(*candidate);
            }
        }
        std::make_heap(m_heap.begin(), m_heap.end(), comesLater);
    }

    void run(std::vector<TokenId>& ids)
    {
        while (!m_heap.empty()) {
            std::pop_heap(m_heap.begin(), m_heap.end(), comesLater);
            const MergeCandidate candidate = m_heap.back();
            m_heap.pop_back();
            merge(candidate);
        }
        for (std::int32_t i = 0; i >= 0; i = symbol(i).next) {
            ids.push_back(symbol(i).id);
        }
    }

private:
    static bool comesLater(const MergeCandidate& a, const MergeCandidate& b)
    {
        return a.rank != b.rank ? a.rank > b.rank : a.at > b.at;
    }

    MergeSymbol& symbol(std::int32_t at) { return m_chain[static_cast<std::size_t>(at)]; }

    std::optional<MergeCandidate> candidateAt(std::int32_t at)
    {
        const MergeSymbol& left = symbol(at);
        if (left.next < 0) {
            return std::nullopt;
        }
        const PairTable::Value value = mergeOf(m_merges, left.id, symbol(left.next).id);
        return value.id < 0 ? std::nullopt : std::optional(MergeCandidate{value.rank, at, value.id});
    }

    void push(std::int32_t at)
    {
        if (const auto candidate = candidateAt(at)) {
            m_heap.push_back(*candidate);
            std::push_heap(m_heap.begin(), m_heap.end(), comesLater);
        }
    }

    void merge(const MergeCandidate& candidate)
    {
        // One of the two may have been merged since.
        MergeSymbol& left = symbol(candidate.at);
        const auto now = left.id < 0 ? std::nullopt : candidateAt(candidate.at);
        if (!now || now->id != candidate.id || now->rank != candidate.rank) {
            return;
        }
        MergeSymbol& right = symbol(left.next);
        left.id = candidate.id;
        right.id = -1;
        left.next = right.next;
        if (left.next >= 0) {
            symbol(left.next).previous = candidate.at;
        }
        if (left.previous >= 0) {
            push(left.previous);
        }
        push(candidate.at);
    }

    const PairTable& m_merges;
    std::vector<MergeSymbol>& m_chain;
    std::vector<MergeCandidate>& m_heap;
};

} // namespace

void appendMerged(const PairTable& merges, ModelScratch& scratch, std::vector<TokenId>& ids)
{
    if (scratch.symbols.size() <= kMaxScanned) {
        appendScanned(merges, scratch.symbols, ids);
    } else {
        HeapMerger(merges, scratch).run(ids);
    }
}

} // namespace bitlathe::text
