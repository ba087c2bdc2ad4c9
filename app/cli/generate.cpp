// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli generate: one completion.
#include "app/cli/kvoptions.h"
#include "app/cli/sampling.h"
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
    SamplingOptions sampling;
    KvOptions kv;
    ComputeOptions compute;
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
    model::GenerationOptions generation = generationFrom(options.sampling, opened->spec);
    generation.kvStore = kv.maker();
    TokenPrinter printer(session.console, opened->tokenizer.get());
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
    command->add_option("MODEL", options->model, "A model folder")->required();
    auto* prompt = command->add_option("--prompt", options->prompt, "Text to go on from");
    auto* ids = command->add_option("--prompt-ids", options->promptIds, "Token ids to go on from: 1,2,3")
                    ->delimiter(',')
                    ->excludes(prompt);
    auto* chat = command->add_flag("--chat", options->chat, "As a question, through the model's own chat template")
                     ->excludes(ids);
    command->add_option("--system", options->system, "With --chat: what the model is told before the question")
        ->needs(chat);
    addSamplingOptions(*command, options->sampling);
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
