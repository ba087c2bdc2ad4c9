// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli generate: one completion.
#include "app/cli/kvoptions.h"
#include "app/cli/sampling.h"
#include "core/evaluate/placement.h"
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
    BITLATHE_TRY(const Computing computing, settledComputing(options.compute));
    const model::Compute compute = computing.compute;
    BITLATHE_TRY(const auto opened, format::openModel(options.model));
    BITLATHE_TRY(const auto prompt, promptOf(*opened, options));
    BITLATHE_TRY(const quant::KvCache kv, kvCacheFrom(session, options.kv, *opened, compute));
    model::GenerationOptions generation = generationFrom(options.sampling, opened->spec);
    generation.kvStore = kv.maker();
    TokenPrinter printer(session.console, opened->tokenizer.get());
    const auto onToken = [&printer](text::TokenId id) {
        printer.add(id);
        return true;
    };
    const WorkContext work{{}, session.stop};
    Findings findings;
    std::string device = "cpu";
    const auto complete = [&](const model::Model& model) {
        session.console.progressDone();
        device = computing.usedFor(model);
        return model::generate(model, prompt, generation, onToken, work);
    };
    BITLATHE_TRY(const model::Completion completion,
                 evaluate::withPlacedModel(*opened, compute, computing.device, model::Residency::Resident, findings,
                                           session.work().child(0, 1, Text(BITLATHE_TEXT("Loading"))), complete));
    const auto count = static_cast<double>(completion.ids.size());
    const double speed = completion.secondsDecode > 0 ? (count - 1) / completion.secondsDecode : 0;
    session.console.print("\n");
    session.console.note(fmt::format("{} tokens after {} of the prompt: prefill {}, decode {}, {} tokens/s",
                                     completion.ids.size(), prompt.size(),
                                     report::durationText(completion.secondsPrefill),
                                     report::durationText(completion.secondsDecode), report::numberText(speed)));
    noteFindings(session.console, findings);
    Json document = {{"text", opened->tokenizer ? Json(opened->tokenizer->decode(completion.ids)) : Json(nullptr)},
                     {"ids", completion.ids},
                     {"prompt_ids", prompt},
                     {"stopped", completion.stopped},
                     {"seconds_prefill", completion.secondsPrefill},
                     {"seconds_decode", completion.secondsDecode},
                     {"tokens_per_second", speed},
                     {"compute", model::computeName(compute)},
                     {"peak_vram_bytes", computing.device.bytesPeak()}};
    computing.describe(document, device);
    session.console.document(document);
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
    addDeviceOptions(*command, options->compute, "f32");
    command->callback([&session, options, prompt, ids] {
        if (prompt->count() == 0 && ids->count() == 0) {
            throw CLI::RequiredError("--prompt");
        }
        session.action = [&session, options] { return generate(session, *options); };
    });
}

} // namespace bitlathe::cli
