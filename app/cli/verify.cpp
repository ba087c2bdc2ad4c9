// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli verify and generate-model: checkpoints checked, and made of random weights.
#include "app/cli/command.h"
#include "app/cli/suggest.h"
#include "core/format/exporter.h"
#include "core/model/randommodel.h"
#include "core/report/documents.h"
#include "core/report/numbers.h"
#include "kernels/threads.h"

#include <fmt/ranges.h>

namespace bitlathe::cli
{

namespace
{

Result<void> verifyFolder(Session& session, const std::string& folder)
{
    BITLATHE_TRY(const format::VerifyReport checked, format::verify(folder, session.work().child(0, 1, Text(BITLATHE_TEXT("Verifying")))));
    session.console.progressDone();
    session.console.document({{"path", folder},
                              {"format", checked.format},
                              {"tensors", checked.tensors},
                              {"quantized_linears", checked.quantizedLinears},
                              {"bytes", checked.bytes},
                              {"findings", report::findingsDocument(checked.findings)}});
    session.console.print(fmt::format("{}: {}, {} tensors, {} quantized layers, {}: all read back\n", folder,
                                      checked.format, report::countText(checked.tensors),
                                      report::countText(checked.quantizedLinears), report::bytesText(checked.bytes)));
    noteFindings(session.console, checked.findings);
    return {};
}

Result<void> generateModel(Session& session, const std::string& name, const std::string& out, std::uint64_t seed,
                           int threads)
{
    kernels::setThreadCount(threads);
    const auto shape = model::randomShape(name);
    if (!shape) {
        const std::vector<std::string> near = nearNames(name, model::randomShapeNames());
        Error error = shape.error();
        if (!near.empty()) {
            error.advice = Text(BITLATHE_TEXT("Perhaps \"%1\" was meant"), near.front());
        }
        return Failure(error);
    }
    BITLATHE_CHECK(model::writeRandomModel(*shape, seed, out, session.work().child(0, 1, Text(BITLATHE_TEXT("Writing")))));
    session.console.progressDone();
    session.console.document({{"out", out}, {"shape", name}, {"parameters", shape->parameters()}, {"seed", seed}});
    session.console.print(
        fmt::format("{} random parameters written to {}\n", report::countText(shape->parameters()), out));
    return {};
}

} // namespace

void addVerifyCommand(CLI::App& app, Session& session)
{
    auto* command = addCommand(app, session, "verify", "Read a checkpoint again as the program that it is for does");
    auto folder = std::make_shared<std::string>();
    command->add_option("DIR", *folder, "A model folder")->required();
    command->callback(
        [&session, folder] { session.action = [&session, folder] { return verifyFolder(session, *folder); }; });
}

void addGenerateModelCommand(CLI::App& app, Session& session)
{
    auto* command =
        addCommand(app, session, "generate-model", "Write a model of random weights in a known shape, for benchmarks");
    struct Options
    {
        std::string shape, out;
        std::uint64_t seed = 0;
        int threads = 0;
    };
    auto options = std::make_shared<Options>();
    command->add_option("--shape", options->shape, fmt::format("One of {}", fmt::join(model::randomShapeNames(), ", ")))
        ->required();
    command->add_option("--out", options->out, "Folder to write")->required();
    command->add_option("--seed", options->seed, "Seed of the weights")->capture_default_str();
    command->add_option("--threads", options->threads, "Threads to use; 0: all cores")
        ->check(CLI::Range(0, 4096))
        ->capture_default_str();
    command->callback([&session, options] {
        session.action = [&session, options] {
            return generateModel(session, options->shape, options->out, options->seed, options->threads);
        };
    });
}

} // namespace bitlathe::cli
