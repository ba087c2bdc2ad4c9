// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli generate: one completion.
#include "core/model/generate.h"
#include "app/cli/kvoptions.h"
#include "core/report/numbers.h"
#include "core/text/chattemplate.h"

namespace bitlathe::cli
{

namespace
{

struct GenerateOptions
{
    std::string model;
    std::string prompt;
    std::string system;
    bool chat = false;
    std::vector<text::TokenId> promptIds;
    bool ignoreEos = false;
    model::GenerationOptions generation;
    KvOptions kv;
    ComputeOptions compute;
};

/// Prints a completion as it grows, holding back bytes that do not make a whole character yet.
class Printer
{
public:
    Printer(Console& console, const text::Tokenizer* tokenizer) : m_console(console), m_tokenizer(tokenizer) {}

    void add(text::TokenId id)
    {
        m_ids.push_back(id);
        if (m_tokenizer == nullptr) {
            m_console.print((m_ids.size() > 1 ? " " : "") + std::to_string(id));
            return;
        }
        const std::string text = m_tokenizer->decode(m_ids);
        constexpr std::string_view kIncomplete = "\xEF\xBF\xBD";
        if (!text.ends_with(kIncomplete) && text.size() > m_printed) {
            m_console.print(std::string_view(text).substr(m_printed));
            m_printed = text.size();
        }
    }

private:
    Console& m_console;
    const text::Tokenizer* m_tokenizer;
    std::vector<text::TokenId> m_ids;
    std::size_t m_printed = 0;
};

Result<std::vector<text::TokenId>> promptOf(const format::OpenedModel& opened, const GenerateOptions& options)
{
    if (!options.promptIds.empty()) {
        return options.promptIds;
    }
    BITLATHE_TRY(const text::Tokenizer* tokenizer, tokenizerOf(opened));
    if (!options.chat) {
        return tokenizer->encodeWithSpecial(options.prompt);
    }
    BITLATHE_TRY(const text::ChatTemplate chat, text::openChatTemplate(options.model));
    text::ChatOptions chatOptions;
    chatOptions.addGenerationPrompt = true;
    BITLATHE_TRY(const std::string rendered,
                 chat.render(text::conversation(options.prompt, options.system), chatOptions));
    // The template writes the special tokens itself.
    return tokenizer->encode(rendered);
}

Result<void> generate(Session& session, const GenerateOptions& options)
{
    BITLATHE_TRY(const model::Compute compute, settledCompute(options.compute));
    BITLATHE_TRY(const auto opened, format::openModel(options.model));
    BITLATHE_TRY(const auto prompt, promptOf(*opened, options));
    BITLATHE_TRY(const quant::KvCache kv, kvCacheFrom(session, options.kv, *opened, compute));
    BITLATHE_TRY(const auto model, format::runnable(*opened, {compute, model::Residency::Resident},
                                                    session.work().child(0, 1, Text(BITLATHE_TEXT("Loading")))));
    session.console.progressDone();
    model::GenerationOptions generation = options.generation;
    generation.kvStore = kv.maker();
    if (!options.ignoreEos) {
        for (const std::int64_t id : opened->spec.eosIds) {
            generation.stopIds.push_back(static_cast<text::TokenId>(id));
        }
    }
    Printer printer(session.console, opened->tokenizer.get());
    const auto onToken = [&printer](text::TokenId id) {
        printer.add(id);
        return true;
    };
    const WorkContext work{{}, session.stop};
    BITLATHE_TRY(const model::Completion completion, model::generate(*model, prompt, generation, onToken, work));
    const auto count = static_cast<double>(completion.ids.size());
    const double speed = completion.secondsDecode > 0 ? (count - 1) / completion.secondsDecode : 0;
    session.console.print("\n");
    session.console.note(fmt::format("{} tokens after {} of the prompt: prefill {}, decode {}, {} tokens/s",
                                     completion.ids.size(), prompt.size(),
                                     report::durationText(completion.secondsPrefill),
                                     report::durationText(completion.secondsDecode), report::numberText(speed)));
    session.console.document(
        {{"text", opened->tokenizer ? Json(opened->tokenizer->decode(completion.ids)) : Json(nullptr)},
         {"ids", completion.ids},
         {"prompt_ids", prompt},
         {"stopped", completion.stopped},
         {"seconds_prefill", completion.secondsPrefill},
         {"seconds_decode", completion.secondsDecode},
         {"tokens_per_second", speed}});
    return {};
}

} // namespace

void addGenerateCommand(CLI::App& app, Session& session)
{
    auto* command = addCommand(app, session, "generate", "One completion of a prompt");
    auto options = std::make_shared<GenerateOptions>();
    model::GenerationOptions& generation = options->generation;
    command->add_option("MODEL", options->model, "A model folder")->required();
    auto* prompt = command->add_option("--prompt", options->prompt, "Text to go on from");
    auto* ids = command->add_option("--prompt-ids", options->promptIds, "Token ids to go on from: 1,2,3")
                    ->delimiter(',')
                    ->excludes(prompt);
    auto* chat = command->add_flag("--chat", options->chat, "As a question, through the model's own chat template")
                     ->excludes(ids);
    command->add_option("--system", options->system, "With --chat: what the model is told before the question")
        ->needs(chat);
    command->add_option("--max-new-tokens,-n", generation.maxNewTokens, "New tokens at most")
        ->check(CLI::Range(1, 1 << 24))
        ->capture_default_str();
    const std::string group = "Sampling";
    command->add_option("--temperature", generation.temperature, "0: always the most likely token")
        ->check(CLI::Range(0.0, 100.0))
        ->capture_default_str()
        ->group(group);
    command->add_option("--top-k", generation.topK, "Choose among this many; 0: all")
        ->check(CLI::Range(0, 1 << 30))
        ->capture_default_str()
        ->group(group);
    command->add_option("--top-p", generation.topP, "Choose among the most likely with this share")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str()
        ->group(group);
    command->add_option("--repetition-penalty", generation.repetitionPenalty, "Above 1: less repetition")
        ->check(CLI::Range(0.01, 100.0))
        ->capture_default_str()
        ->group(group);
    command->add_option("--seed", generation.seed, "Seed of the choices")->capture_default_str()->group(group);
    command->add_flag("--ignore-eos", options->ignoreEos, "Go on after an end token")->group(group);
    addKvOptions(*command, options->kv, false);
    addComputeOptions(*command, options->compute, "f32");
    command->callback([&session, options, prompt, ids] {
        if (prompt->count() == 0 && ids->count() == 0) {
            throw CLI::RequiredError("--prompt");
        }
        session.action = [&session, options] { return generate(session, *options); };
    });
}

} // namespace bitlathe::cli
