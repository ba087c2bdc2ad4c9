// SPDX-License-Identifier: Apache-2.0
// The merging of a word's symbols: always the pair of the lowest rank, of equal ones the leftmost.
#include "core/text/tokenizerjson/merging.h"

#include <algorithm>
#include <array>
#include <limits>

namespace bitlathe::text
{

namespace
{

constexpr std::size_t kMaxScanned = 48; ///< Symbols; from here on the queue is faster.
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

/// Merges a long word with a chain of symbols and a queue of candidates.
class QueueMerger
{
public:
    QueueMerger(const PairTable& merges, ModelScratch& scratch)
        : m_merges(merges), m_chain(scratch.chain), m_queue(scratch.queue)
    {
        const auto count = static_cast<std::int32_t>(scratch.symbols.size());
        m_chain.clear();
        m_chain.reserve(scratch.symbols.size());
        for (std::int32_t i = 0; i < count; ++i) {
            m_chain.push_back({scratch.symbols[static_cast<std::size_t>(i)], i - 1, i + 1 < count ? i + 1 : -1});
        }
        m_queue.growTo(merges.rankLimit());
        for (std::int32_t i = 0; i + 1 < count; ++i) {
            push(i);
        }
    }

    void run(std::vector<TokenId>& ids)
    {
        while (!m_queue.empty()) {
            merge(m_queue.pop());
        }
        for (std::int32_t i = 0; i >= 0; i = symbol(i).next) {
            ids.push_back(symbol(i).id);
        }
    }

private:
    MergeSymbol& symbol(std::int32_t at) { return m_chain[static_cast<std::size_t>(at)]; }

    PairTable::Value mergeAt(std::int32_t at)
    {
        const MergeSymbol& left = symbol(at);
        return left.id < 0 || left.next < 0 ? kNoMerge : mergeOf(m_merges, left.id, symbol(left.next).id);
    }

    void push(std::int32_t at)
    {
        if (const PairTable::Value value = mergeAt(at); value.id >= 0) {
            m_queue.push({value.rank, at});
        }
    }

    void merge(const MergeCandidate& candidate)
    {
        const PairTable::Value now = mergeAt(candidate.at);
        if (now.id < 0 || now.rank != candidate.rank) {
            return; // One of the two was merged since.
        }
        MergeSymbol& left = symbol(candidate.at);
        MergeSymbol& right = symbol(left.next);
        left.id = now.id;
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
    MergeQueue& m_queue;
};

} // namespace

void appendMerged(const PairTable& merges, ModelScratch& scratch, std::vector<TokenId>& ids)
{
    if (scratch.symbols.size() <= kMaxScanned) {
        appendScanned(merges, scratch.symbols, ids);
    } else {
        QueueMerger(merges, scratch).run(ids);
    }
}

} // namespace bitlathe::text
