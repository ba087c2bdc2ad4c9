// SPDX-License-Identifier: Apache-2.0
// Puts a tokenizer together from a parsed tokenizer.json, or from files that come to the same.
#include "core/text/tokenizerjson/assembly.h"

#include "core/text/specialtokens.h"
#include "core/text/tokenizerjson/limits.h"
#include "core/text/tokenizerjson/modelsection.h"
#include "core/text/tokenizerjson/pipelinetokenizer.h"
#include "core/text/tokenizerjson/spacemarks.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace bitlathe::text
{

namespace fs = std::filesystem;

namespace
{

const Json& sectionOf(const TokenizerDocument& document, const char* key)
{
    static const Json none;
    const auto section = document.settings.find(key);
    return section == document.settings.end() ? none : *section;
}

std::string kindOf(const Pipeline& pipeline)
{
    const bool marksSpaces = pipeline.preTokenizer.marksSpaces() || pipeline.model->find(kSpaceMark).has_value();
    const std::string_view family = pipeline.preTokenizer.isByteLevel() ? "byte-level "
                                    : marksSpaces                       ? "sentencepiece "
                                                                        : "";
    return fmt::format("{}{}", family, pipeline.model->name());
}

class Assembler
{
public:
    Assembler(const TokenizerDocument& document, const fs::path& folder, const std::string& subject,
              const AssemblyOptions& options)
        : m_document(document), m_folder(folder), m_subject(subject), m_options(options)
    {}

    Result<std::shared_ptr<const Tokenizer>> assemble()
    {
        BITLATHE_TRY(const std::string type, modelType(m_document, m_subject));
        const bool takesBytes = canTakeBytes(m_document, type);
        BITLATHE_TRY(m_pipeline.normalizer, Normalizer::parse(section("normalizer"), place("normalizer")));
        BITLATHE_TRY(m_pipeline.preTokenizer,
                     PreTokenizer::parse(section("pre_tokenizer"), takesBytes, place("pre_tokenizer")));
        BITLATHE_TRY(m_pipeline.postProcessor,
                     PostProcessor::parse(section("post_processor"), place("post_processor")));
        BITLATHE_TRY(m_pipeline.decoder, Decoder::parse(section("decoder"), place("decoder")));
        BITLATHE_TRY(m_pipeline.added, parseAddedTokens(section("added_tokens"), place("added_tokens")));
        BITLATHE_TRY(m_pipeline.model, readModel(m_document, type, m_pipeline.preTokenizer.leavesBytes(),
                                                 m_options.isRanked, place("model")));
        BITLATHE_CHECK(takeSettings());
        m_pipeline.kind = kindOf(m_pipeline);
        return std::make_shared<const PipelineTokenizer>(std::move(m_pipeline));
    }

private:
    const Json& section(const char* key) const { return sectionOf(m_document, key); }
    std::string place(std::string_view key) const { return fmt::format("{} ({})", m_subject, key); }

    std::optional<TokenId> find(const std::string& content)
    {
        if (const auto known = m_idByContent.find(content); known != m_idByContent.end()) {
            return known->second;
        }
        if (const std::optional<TokenId> id = m_pipeline.model->find(content)) {
            return id;
        }
        if (!m_options.numbersRoles || m_nextId >= kMaxTokens) {
            return std::nullopt;
        }
        m_idByContent[content] = m_nextId;
        return m_nextId++;
    }

    /// A token that the post-processor puts around a text says what bos and eos are where nothing else does.
    std::optional<AddedToken> roleOf(const std::vector<TokenId>& around) const
    {
        if (!m_options.endOfText.empty()) {
            const auto added = m_idByContent.find(m_options.endOfText);
            const std::optional<TokenId> id = added != m_idByContent.end()
                                                  ? std::optional(added->second)
                                                  : m_pipeline.model->find(m_options.endOfText);
            return id ? std::optional(AddedToken{m_options.endOfText, *id}) : std::nullopt;
        }
        if (around.empty()) {
            return std::nullopt;
        }
        for (const AddedTokenRule& rule : m_pipeline.added) {
            if (rule.id == around.front()) {
                return AddedToken{rule.content, rule.id};
            }
        }
        const std::string piece(m_pipeline.model->piece(around.front()));
        return piece.empty() ? std::nullopt : std::optional(AddedToken{piece, around.front()});
    }

    /// Adds what tokenizer_config.json and its companions say.
    Result<void> takeSettings()
    {
        m_nextId = m_pipeline.model->size();
        for (AddedTokenRule& rule : m_pipeline.added) {
            rule.id = m_pipeline.model->find(rule.content).value_or(rule.id);
            m_idByContent.emplace(rule.content, rule.id);
            m_nextId = std::max(m_nextId, rule.id + 1);
        }
        VocabularyFacts facts;
        facts.find = [this](const std::string& content) { return find(content); };
        facts.bos = m_options.hasBos ? roleOf(m_pipeline.postProcessor.before) : std::nullopt;
        facts.eos = roleOf(m_pipeline.postProcessor.after);
        BITLATHE_TRY(const TokenizerSettings settings, readTokenizerSettings(m_folder, facts));
        m_pipeline.bos = settings.bos;
        m_pipeline.eos = settings.eos;
        std::vector<AddedToken> more = settings.added;
        if (!settings.isConfigured && facts.bos && !m_options.endOfText.empty()) {
            more.push_back(*facts.bos);
        }
        BITLATHE_CHECK(addTokens(more));
        if (m_options.addsBos && settings.bos) {
            m_pipeline.postProcessor.before = {*settings.bos};
        }
        return {};
    }

    Result<void> addTokens(const std::vector<AddedToken>& tokens)
    {
        std::unordered_set<std::string> contents;
        std::unordered_set<TokenId> ids;
        for (const AddedTokenRule& rule : m_pipeline.added) {
            contents.insert(rule.content);
            ids.insert(rule.id);
        }
        for (const AddedToken& token : tokens) {
            if (token.id >= kMaxTokens) {
                return fail(ErrorCode::TokenizerInvalid, m_folder.string(),
                            Text(BITLATHE_TEXT("ids of added tokens below %1"), kMaxTokens),
                            Text(BITLATHE_TEXT("the id %1 of %2"), token.id, token.content),
                            Text(BITLATHE_TEXT("Use the tokenizer files of one and the same model")));
            }
            if (contents.insert(token.content).second && ids.insert(token.id).second) {
                m_pipeline.added.push_back({token.content, token.id, token.isSpecial, !token.isSpecial, false,
                                            token.stripsLeft, token.stripsRight});
            }
        }
        return {};
    }

    const TokenizerDocument& m_document;
    const fs::path& m_folder;
    const std::string& m_subject;
    const AssemblyOptions& m_options;
    Pipeline m_pipeline;
    std::unordered_map<std::string, TokenId> m_idByContent;
    TokenId m_nextId = 0;
};

} // namespace

Result<std::shared_ptr<const Tokenizer>> assembleTokenizer(const TokenizerDocument& document, const fs::path& folder,
                                                           const std::string& subject, const AssemblyOptions& options)
{
    return Assembler(document, folder, subject, options).assemble();
}

} // namespace bitlathe::text
