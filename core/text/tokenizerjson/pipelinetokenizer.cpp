// SPDX-License-Identifier: Apache-2.0
// PipelineTokenizer: normalizer, pre-tokenizer, model, post-processor and decoder in a row.
#include "core/text/tokenizerjson/pipelinetokenizer.h"

#include "core/text/tokenizerfingerprint.h"
#include "core/text/tokenizerjson/characters.h"
#include "core/text/utf8.h"

#include <algorithm>

namespace bitlathe::text
{

namespace
{

constexpr std::size_t kKeptScratches = 64;      ///< More threads than these make new ones each time.
constexpr std::size_t kKeptSymbols = 1'000'000; ///< What a longer word needed is given back.

} // namespace

/// A scratch for the length of one call.
class PipelineTokenizer::Borrowed
{
public:
    explicit Borrowed(const PipelineTokenizer& owner) : m_owner(owner)
    {
        const std::lock_guard lock(m_owner.m_scratchGuard);
        if (!m_owner.m_scratches.empty()) {
            m_scratch = std::move(m_owner.m_scratches.back());
            m_owner.m_scratches.pop_back();
        }
        if (!m_scratch) {
            m_scratch = std::make_unique<ModelScratch>();
        }
    }
    ~Borrowed()
    {
        if (m_scratch->symbols.capacity() > kKeptSymbols || m_scratch->chain.capacity() > kKeptSymbols) {
            m_scratch->symbols = {};
            m_scratch->chain = {};
            m_scratch->queue = {};
        }
        const std::lock_guard lock(m_owner.m_scratchGuard);
        if (m_owner.m_scratches.size() < kKeptScratches) {
            m_owner.m_scratches.push_back(std::move(m_scratch));
        }
    }
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;

    ModelScratch& scratch() { return *m_scratch; }

private:
    const PipelineTokenizer& m_owner;
    std::unique_ptr<ModelScratch> m_scratch;
};

PipelineTokenizer::PipelineTokenizer(Pipeline pipeline)
    : m_pipeline(std::move(pipeline)), m_added(std::move(m_pipeline.added), m_pipeline.normalizer)
{}

std::vector<TokenId> PipelineTokenizer::encode(std::string_view text) const
{
    std::vector<TokenId> ids;
    appendEncoded(text, ids);
    return ids;
}

std::vector<TokenId> PipelineTokenizer::encodeWithSpecial(std::string_view text) const
{
    std::vector<TokenId> ids = m_pipeline.postProcessor.before;
    appendEncoded(text, ids);
    const std::vector<TokenId>& after = m_pipeline.postProcessor.after;
    ids.insert(ids.end(), after.begin(), after.end());
    return ids;
}

void PipelineTokenizer::appendEncoded(std::string_view text, std::vector<TokenId>& ids) const
{
    std::string repaired;
    if (firstInvalidByte(text)) {
        appendLossy(repaired, text);
        text = repaired;
    }
    Borrowed borrowed(*this);
    bool isFirst = true;
    for (const AddedTokens::Part& part : m_added.split(text, false)) {
        if (part.token != nullptr) {
            ids.push_back(part.token->id);
        } else {
            appendPart({part.text, isFirst}, borrowed.scratch(), ids);
        }
        isFirst = false;
    }
}

void PipelineTokenizer::appendPart(const Piece& part, ModelScratch& scratch, std::vector<TokenId>& ids) const
{
    std::string normalized;
    std::string_view text = part.text;
    if (!m_pipeline.normalizer.isEmpty()) {
        normalized = m_pipeline.normalizer.normalize(text);
        text = normalized;
    }
    const auto takeWord = [&](const Piece& word) { m_pipeline.model->append(word.text, scratch, ids); };
    bool isFirst = part.isFirst;
    for (const AddedTokens::Part& inner : m_added.split(text, true)) {
        if (inner.token != nullptr) {
            ids.push_back(inner.token->id);
        } else {
            m_pipeline.preTokenizer.run({inner.text, isFirst}, takeWord);
        }
        isFirst = false;
    }
}

std::string PipelineTokenizer::decode(std::span<const TokenId> ids, bool skipSpecial) const
{
    std::vector<std::string> pieces;
    pieces.reserve(ids.size());
    for (const TokenId id : ids) {
        const AddedTokenRule* token = m_added.find(id);
        if (token != nullptr && token->isSpecial && skipSpecial) {
            continue;
        }
        std::string one = piece(id);
        if (!one.empty()) {
            pieces.push_back(std::move(one));
        }
    }
    return m_pipeline.decoder.decode(std::move(pieces));
}

std::string PipelineTokenizer::piece(TokenId id) const
{
    const AddedTokenRule* token = m_added.find(id);
    return token != nullptr ? token->content : std::string(m_pipeline.model->piece(id));
}

std::int64_t PipelineTokenizer::vocabularySize() const
{
    std::int64_t size = m_pipeline.model->size();
    for (const AddedTokenRule& token : m_added.rules()) {
        size = std::max<std::int64_t>(size, std::int64_t{token.id} + 1);
    }
    return size;
}

std::string PipelineTokenizer::fingerprint() const
{
    std::call_once(m_fingerprinted, [this] { m_fingerprint = fingerprintOf(*this); });
    return m_fingerprint;
}

} // namespace bitlathe::text
