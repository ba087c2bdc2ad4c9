// SPDX-License-Identifier: Apache-2.0
// GenerationRun: texts of each model, set against the base's token by token.
#include "core/evaluate/generationcheck.h"

#include "core/evaluate/statistics.h"
#include "core/model/generate.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace bitlathe::evaluate
{

namespace
{

constexpr std::size_t kExamples = 5;

bool partsFrom(const WrittenText& a, const WrittenText& b)
{
    return a.ids != b.ids;
}

double medianOf(std::vector<double> values)
{
    std::ranges::sort(values);
    return percentile(values, 0.5);
}

/// The probability of a token after others.
Result<double> probabilityAfter(const model::Model& model, std::span<const model::TokenId> ids, model::TokenId next,
                                const ChoiceTaker& writer, const WorkContext& work)
{
    const auto store = writer.kv ? writer.kv(model.spec(), static_cast<std::int64_t>(ids.size())) : nullptr;
    BITLATHE_TRY(const model::Activations normed, model.forward(ids, store.get(), WorkContext{{}, work.stop}));
    std::vector<float> logits(static_cast<std::size_t>(model.spec().vocabulary));
    model.logitsOnProcessor(normed, normed.rows - 1, 1, logits);
    const auto top = static_cast<double>(*std::ranges::max_element(logits));
    double sum = 0;
    for (const float logit : logits) {
        sum += std::exp(static_cast<double>(logit) - top);
    }
    return std::exp(static_cast<double>(logits[static_cast<std::size_t>(next)]) - top) / sum;
}

/// What the texts of a model are like by themselves.
GenerationFacts factsOf(const std::vector<WrittenText>& texts)
{
    GenerationFacts facts;
    for (const WrittenText& text : texts) {
        if (text.skipped) {
            continue;
        }
        const auto ids = std::span(text.ids).first(text.ids.size() - (text.ended ? 1 : 0));
        ++facts.prompts;
        facts.lengthMean += static_cast<double>(ids.size());
        facts.ended += text.ended ? 1 : 0;
        facts.repeated += repeatedShare(ids);
        facts.loops += endsInLoop(ids) ? 1 : 0;
    }
    const auto count = static_cast<double>(std::max<std::int64_t>(facts.prompts, 1));
    facts.lengthMean /= count;
    facts.repeated /= count;
    return facts;
}

/// Where texts part; probabilities are added by the caller, who has the model.
GenerationAgreement agreementOf(const std::vector<std::string>& prompts, const std::vector<WrittenText>& base,
                                const std::vector<WrittenText>& texts)
{
    GenerationAgreement agreement;
    std::vector<double> tokens;
    std::vector<double> words;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (texts[i].skipped || base[i].skipped) {
            continue;
        }
        ++agreement.prompts;
        const std::int64_t agreed = agreedTokens(base[i].ids, texts[i].ids);
        tokens.push_back(static_cast<double>(agreed));
        words.push_back(static_cast<double>(agreedWords(base[i].text, texts[i].text)));
        if (!partsFrom(base[i], texts[i])) {
            ++agreement.equal;
        } else if (agreement.examples.size() < kExamples) {
            agreement.examples.push_back(
                {prompts[i], base[i].text, texts[i].text, agreed, agreedBytes(base[i].text, texts[i].text)});
        }
    }
    agreement.tokensMean = spreadOf(tokens).mean;
    agreement.tokensMedian = medianOf(std::move(tokens));
    agreement.wordsMedian = medianOf(std::move(words));
    return agreement;
}

} // namespace

Result<void> checkGenerationOptions(const GenerationCheckOptions& options)
{
    if (options.newTokens < 1 || options.limit < 0) {
        return fail(ErrorCode::SettingInvalid, options.newTokens < 1 ? "new-tokens" : "limit",
                    Text(BITLATHE_TEXT("a whole number of %1 or more"), options.newTokens < 1 ? 1 : 0),
                    Text("%1", options.newTokens < 1 ? options.newTokens : options.limit));
    }
    if (!(options.temperature >= 0)) {
        return fail(ErrorCode::SettingInvalid, "temperature", Text(BITLATHE_TEXT("0 or more")),
                    Text("%1", options.temperature));
    }
    return {};
}

Result<GenerationRun> GenerationRun::create(const GenerationCheckOptions& options)
{
    BITLATHE_CHECK(checkGenerationOptions(options));
    BITLATHE_TRY(GenerationPrompts set, openGenerationPrompts(options.data));
    if (options.limit > 0 && set.prompts.size() > static_cast<std::size_t>(options.limit)) {
        set.prompts.resize(static_cast<std::size_t>(options.limit));
    }
    GenerationRun run(options);
    run.m_result.findings = std::move(set.findings);
    run.m_prompts = std::move(set.prompts);
    std::ranges::transform(run.m_prompts, std::back_inserter(run.m_result.prompts), &GenerationPrompt::text);
    GenerationProtocol& protocol = run.m_result.protocol;
    protocol.data = options.data;
    protocol.dataHash = set.hash;
    protocol.prompts = static_cast<std::int64_t>(run.m_prompts.size());
    protocol.newTokens = options.newTokens;
    protocol.chat = options.chat;
    protocol.temperature = options.temperature;
    protocol.seed = options.temperature > 0 ? options.seed : 0;
    protocol.compute = model::computeName(options.compute);
    return run;
}

Result<std::vector<model::TokenId>> GenerationRun::tokensOf(const GenerationPrompt& prompt, const ChoiceTaker& writer,
                                                            const std::optional<text::ChatTemplate>& chat) const
{
    const text::Tokenizer& tokenizer = *writer.opened->tokenizer;
    if (!chat || (!m_options.chat && prompt.messages.is_null())) {
        return tokenizer.encodeWithSpecial(prompt.text);
    }
    text::ChatOptions options;
    options.addGenerationPrompt = true;
    const Json messages = prompt.messages.is_null() ? text::conversation(prompt.text, "") : prompt.messages;
    BITLATHE_TRY(const std::string rendered, chat->render(messages, options));
    return tokenizer.encode(rendered); // The template writes the special tokens itself.
}

Result<WrittenText> GenerationRun::writeOne(std::span<const model::TokenId> prompt, std::size_t index,
                                            const ChoiceTaker& writer, const WorkContext& work) const
{
    const model::ModelSpec& spec = writer.model->spec();
    const auto room = static_cast<std::int64_t>(prompt.size()) + m_options.newTokens;
    if (spec.maxPositions > 0 && room > spec.maxPositions) {
        return WrittenText{.ids = {}, .text = {}, .ended = false, .skipped = true};
    }
    model::GenerationOptions options;
    options.maxNewTokens = m_options.newTokens;
    options.temperature = m_options.temperature;
    options.seed = m_options.seed + index;
    std::ranges::transform(spec.eosIds, std::back_inserter(options.stopIds),
                           [](std::int64_t id) { return static_cast<model::TokenId>(id); });
    options.kvStore = writer.kv;
    BITLATHE_TRY(model::Completion completion,
                 model::generate(*writer.model, prompt, options, {}, WorkContext{{}, work.stop}));
    WrittenText written;
    written.ended = completion.stopped;
    written.ids = std::move(completion.ids);
    const auto said = std::span(written.ids).first(written.ids.size() - (written.ended ? 1 : 0));
    written.text = writer.opened->tokenizer->decode(said);
    return written;
}

void GenerationRun::noteLongOnes(const GenerationModel& model, std::int64_t limit)
{
    const auto skipped = std::ranges::count(model.texts, true, &WrittenText::skipped);
    Finding finding{
        Severity::Warning, "generation-too-long", model.path.string(),
        Text(BITLATHE_TEXT("%1 prompts were left out, which with the new tokens are longer than the %2 tokens "
                           "of the model"),
             skipped, limit),
        Text(BITLATHE_TEXT("Give shorter prompts or write fewer tokens"))};
    // Once for all rows of a folder.
    if (skipped > 0 && std::ranges::find(m_result.findings, finding) == m_result.findings.end()) {
        m_result.findings.push_back(std::move(finding));
    }
}

Result<void> GenerationRun::write(const ChoiceTaker& writer, const WorkContext& work)
{
    const bool needsTemplate = m_options.chat || std::ranges::any_of(m_prompts, [](const GenerationPrompt& prompt) {
                                   return !prompt.messages.is_null();
                               });
    std::optional<text::ChatTemplate> chat;
    if (needsTemplate) {
        BITLATHE_TRY(chat, text::openChatTemplate(writer.opened->folder()));
    }
    const GenerationModel* base = m_result.models.empty() ? nullptr : &m_result.models.front();
    const auto start = std::chrono::steady_clock::now();
    GenerationModel row;
    row.path = writer.opened->folder();
    row.name = writer.name;
    std::vector<double> probabilities;
    for (std::size_t i = 0; i < m_prompts.size(); ++i) {
        if (work.stopRequested()) {
            return cancelled();
        }
        BITLATHE_TRY(auto ids, tokensOf(m_prompts[i], writer, chat));
        BITLATHE_TRY(WrittenText written, writeOne(ids, i, writer, work));
        const WrittenText* beside = base != nullptr && !written.skipped ? &base->texts[i] : nullptr;
        if (beside != nullptr && !beside->skipped && partsFrom(*beside, written)) {
            const auto agreed = static_cast<std::size_t>(agreedTokens(beside->ids, written.ids));
            ids.insert(ids.end(), written.ids.begin(), written.ids.begin() + static_cast<std::ptrdiff_t>(agreed));
            if (agreed <
                beside->ids.size()) { // Else the base has ended where this model, by another end token, goes on.
                BITLATHE_TRY(const double probability,
                             probabilityAfter(*writer.model, ids, beside->ids[agreed], writer, work));
                probabilities.push_back(probability);
            }
        }
        row.texts.push_back(std::move(written));
        work.progress.set(static_cast<double>(i + 1) / static_cast<double>(m_prompts.size()));
    }
    row.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    row.facts = factsOf(row.texts);
    const std::int64_t limit = writer.model->spec().maxPositions;
    if (row.facts.prompts == 0) {
        return fail(ErrorCode::TextInvalid, row.path.string(),
                    Text(BITLATHE_TEXT("prompts that with the new tokens are at most %1 tokens long"), limit),
                    Text(BITLATHE_TEXT("none in %1"), m_options.data),
                    Text(BITLATHE_TEXT("Give shorter prompts or write fewer tokens")));
    }
    if (base != nullptr) {
        row.facts.agreement = agreementOf(m_result.prompts, base->texts, row.texts);
        if (!probabilities.empty()) {
            row.facts.agreement->baseProbability = medianOf(std::move(probabilities));
        }
    }
    noteLongOnes(row, limit);
    m_result.models.push_back(std::move(row));
    return {};
}

} // namespace bitlathe::evaluate
