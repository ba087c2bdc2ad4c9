// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli chat: a conversation, a line of the standard input at a time.
#include "app/cli/interrupt.h"
#include "app/cli/kvoptions.h"
#include "app/cli/linereader.h"
#include "app/cli/sampling.h"
#include "core/report/numbers.h"
#include "core/text/conversation.h"

#include <unistd.h>

namespace bitlathe::cli
{

namespace
{

struct ChatCommandOptions
{
    std::string model;
    std::string system;
    SamplingOptions sampling;
    KvOptions kv;
    ComputeOptions compute;
};

Result<void> answer(Session& session, const model::Model& model, const text::Tokenizer& tokenizer,
                    text::Conversation& conversation, const model::GenerationOptions& generation)
{
    int dropped = 0;
    const auto prompt = conversation.prompt(tokenizer, dropped);
    if (!prompt) {
        conversation.takeBack();
        session.console.error(prompt.error());
        return {};
    }
    if (dropped > 0) {
        session.console.finding(
            {Severity::Note, "conversation-shortened", "conversation",
             Text(BITLATHE_TEXT("the oldest %1 questions and their answers were left away"), dropped),
             Text(BITLATHE_TEXT("the model reads only so many tokens; /reset begins anew"))});
    }
    const std::stop_token stop = session.interrupt->nextPart();
    TokenPrinter printer(session.console, &tokenizer);
    std::vector<text::TokenId> said;
    const auto onToken = [&](text::TokenId id) {
        if (std::ranges::find(generation.stopIds, id) == generation.stopIds.end()) {
            printer.add(id);
            said.push_back(id);
        }
        return true;
    };
    const auto completion = model::generate(model, *prompt, generation, onToken, WorkContext{{}, stop});
    if (!completion && completion.error().code != ErrorCode::Cancelled) {
        return Failure(completion.error());
    }
    const std::string text = tokenizer.decode(said); // Also of an answer that was stopped.
    const double seconds = completion ? completion->secondsDecode : 0;
    const double speed = seconds > 0 ? (static_cast<double>(completion->ids.size()) - 1) / seconds : 0;
    session.console.print("\n");
    session.console.note(completion ? fmt::format("{} tokens, {} tokens/s", said.size(), report::numberText(speed))
                                    : fmt::format("stopped after {} tokens", said.size()));
    session.console.document({{"text", text},
                              {"prompt_tokens", prompt->size()},
                              {"tokens", said.size()},
                              {"dropped", dropped},
                              {"stopped", completion && completion->stopped},
                              {"interrupted", !completion},
                              {"tokens_per_second", speed}});
    conversation.add("assistant", text);
    return {};
}

Result<void> converse(Session& session, const ChatCommandOptions& options)
{
    BITLATHE_TRY(const model::Compute compute, settledCompute(options.compute));
    BITLATHE_TRY(const auto opened, format::openModel(options.model));
    BITLATHE_TRY(const text::Tokenizer* tokenizer, tokenizerOf(*opened));
    BITLATHE_TRY(auto chat, text::findChatTemplate(options.model));
    BITLATHE_TRY(const quant::KvCache kv, kvCacheFrom(session, options.kv, *opened, compute));
    BITLATHE_TRY(const auto model, format::runnable(*opened, {compute, model::Residency::Resident},
                                                    session.work().child(0, 1, Text(BITLATHE_TEXT("Loading")))));
    session.console.progressDone();
    if (!chat) {
        session.console.note("This model has no chat template: it goes on with the plain text of what is written.");
    }
    model::GenerationOptions generation = generationFrom(options.sampling, opened->spec);
    generation.kvStore = kv.maker();
    const std::int64_t limit = opened->spec.maxPositions;
    if (limit > 0 && generation.maxNewTokens >= limit) {
        return fail(ErrorCode::SettingInvalid, "max-new-tokens",
                    Text(BITLATHE_TEXT("fewer than the %1 tokens that the model reads"), limit),
                    Text(BITLATHE_TEXT("%1"), generation.maxNewTokens), Text(BITLATHE_TEXT("Choose a smaller number")));
    }
    text::Conversation conversation(std::move(chat), options.system, limit > 0 ? limit - generation.maxNewTokens : 0);
    session.console.documentsAreLines();
    LineReader lines(STDIN_FILENO);
    const bool isTerminal = ::isatty(STDIN_FILENO) != 0;
    if (isTerminal) {
        session.console.note("/reset begins anew; /exit or the end of the input ends; Ctrl+C stops an answer, or, "
                             "between answers, ends.");
    }
    while (true) {
        if (isTerminal) {
            session.console.print("> ");
        }
        const std::stop_token stop = session.interrupt->nextPart();
        std::optional<std::string> line = lines.next(stop);
        if (!line && stop.stop_requested()) {
            return cancelled();
        }
        if (!line || *line == "/exit") {
            return {};
        }
        if (*line == "/reset") {
            conversation.reset();
            session.console.note("The conversation begins anew.");
        } else if (!line->empty()) {
            conversation.add("user", std::move(*line));
            BITLATHE_CHECK(answer(session, *model, *tokenizer, conversation, generation));
        }
    }
}

} // namespace

void addChatCommand(CLI::App& app, Session& session)
{
    auto* command = addCommand(app, session, "chat", "A conversation: a line of input, an answer");
    auto options = std::make_shared<ChatCommandOptions>();
    options->sampling.generation.maxNewTokens = 256;
    command->add_option("MODEL", options->model, "A model folder")->required();
    command->add_option("--system", options->system, "What the model is told before the conversation");
    addSamplingOptions(*command, options->sampling);
    addKvOptions(*command, options->kv, false);
    addComputeOptions(*command, options->compute, "auto");
    command->callback(
        [&session, options] { session.action = [&session, options] { return converse(session, *options); }; });
}

} // namespace bitlathe::cli
