// SPDX-License-Identifier: Apache-2.0
// PipelineTokenizer: normalizer, pre-tokenizer, model, post-processor and decoder in a row.
#pragma once

#include "core/text/tokenizerjson/addedtokens.h"
#include "core/text/tokenizerjson/decoder.h"
#include "core/text/tokenizerjson/normalizer.h"
#include "core/text/tokenizerjson/postprocessor.h"
#include "core/text/tokenizerjson/pretokenizer.h"
#include "core/text/tokenizerjson/tokenmodel.h"

#include <memory>
#include <mutex>

namespace bitlathe::text
{

/// The parts of a tokenizer and what each id of a role is.
struct Pipeline
{
    std::vector<AddedTokenRule> added;
    Normalizer normalizer;
    PreTokenizer preTokenizer;
    std::shared_ptr<const TokenModel> model;
    PostProcessor postProcessor;
    Decoder decoder;
    std::optional<TokenId> bos;
    std::optional<TokenId> eos;
    std::string kind;
};

/// Text that is no UTF-8 is tokenized with U+FFFD in the place of what is none.
class PipelineTokenizer final : public Tokenizer
{
public:
    explicit PipelineTokenizer(Pipeline pipeline);

    std::vector<TokenId> encode(std::string_view text) const override;
    std::vector<TokenId> encodeWithSpecial(std::string_view text) const override;
    std::string decode(std::span<const TokenId> ids, bool skipSpecial) const override;
    std::string piece(TokenId id) const override;
    std::int64_t vocabularySize() const override;
    std::optional<TokenId> bos() const override { return m_pipeline.bos; }
    std::optional<TokenId> eos() const override { return m_pipeline.eos; }
    std::string kind() const override { return m_pipeline.kind; }
    std::string fingerprint() const override;

private:
    class Borrowed;

    void appendEncoded(std::string_view text, std::vector<TokenId>& ids) const;
    void appendPart(const Piece& part, ModelScratch& scratch, std::vector<TokenId>& ids) const;

    Pipeline m_pipeline;
    AddedTokens m_added;
    mutable std::mutex m_scratchGuard;
    mutable std::vector<std::unique_ptr<ModelScratch>> m_scratches; ///< Those that no call is using.
    mutable std::once_flag m_fingerprinted;
    mutable std::string m_fingerprint;
};

} // namespace bitlathe::text
