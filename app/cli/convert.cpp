// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli convert: a model folder in another format.
#include "core/format/convert.h"
#include "app/cli/command.h"
#include "app/cli/suggest.h"
#include "core/format/kvgrids.h"
#include "core/report/documents.h"
#include "core/report/numbers.h"
#include "kernels/threads.h"

#include <fmt/ranges.h>

namespace bitlathe::cli
{

namespace
{

struct ConvertOptions
{
    std::string folder, to, out, kvParams;
    format::WorkspaceOptions workspace;
    bool overwrite = false;
    int threads = 0;
};

Result<const format::Format*> formatNamed(const std::string& name)
{
    auto found = format::findFormat(name);
    if (found) {
        return found;
    }
    std::vector<std::string> names;
    for (const format::Format* each : format::formats()) {
        names.emplace_back(each->name());
    }
    Error error = found.error();
    error.subject = "--to";
    const std::vector<std::string> near = nearNames(name, names);
    if (!near.empty()) {
        error.advice = Text(BITLATHE_TEXT("Perhaps \"%1\" was meant"), near.front());
    }
    return Failure(error);
}

Result<void> convertFolder(Session& session, const ConvertOptions& options)
{
    kernels::setThreadCount(options.threads);
    BITLATHE_TRY(const format::Format* to, formatNamed(options.to));
    BITLATHE_TRY(const auto opened, format::openModel(options.folder));
    BITLATHE_TRY(auto kv, format::kvForExport(opened->spec, *to, options.kvParams, options.workspace));
    const std::string from = opened->isQuantized() ? std::string(opened->format->name()) : "dense";
    BITLATHE_TRY(
        const format::ConvertReport done,
        format::convert(
            opened, *to,
            {.out = options.out, .overwrite = options.overwrite, .workspace = options.workspace, .kv = std::move(kv)},
            session.work().child(0, 1, Text(BITLATHE_TEXT("Converting")))));
    session.console.progressDone();
    session.console.document({{"out", options.out},
                              {"from", from},
                              {"format", to->name()},
                              {"quantized_linears", done.layers},
                              {"bytes", done.bytes},
                              {"findings", report::findingsDocument(done.findings)}});
    session.console.print(fmt::format("{} -> {}: {} quantized layers, {}, read back: {}\n", from, to->name(),
                                      report::countText(done.layers), report::bytesText(done.bytes), options.out));
    noteFindings(session.console, done.findings);
    return {};
}

} // namespace

void addConvertCommand(CLI::App& app, Session& session)
{
    auto* command =
        addCommand(app, session, "convert", "Write a quantized model in another format, with the same codes");
    auto options = std::make_shared<ConvertOptions>();
    command->add_option("MODEL", options->folder, "A quantized model folder; for turbomind also one in full precision")
        ->required();
    std::vector<std::string_view> names;
    for (const format::Format* each : format::formats()) {
        names.push_back(each->name());
    }
    command->add_option("--to", options->to, fmt::format("The format to write: {}", fmt::join(names, ", ")))
        ->required();
    command->add_option("--out", options->out, "Folder to write")->required();
    command
        ->add_option("--tensor-parallel", options->workspace.tensorParallel,
                     "GPUs that share the model, for turbomind: a power of two")
        ->capture_default_str();
    command->add_option(
        "--model-name", options->workspace.modelName,
        "Name of lmdeploy's chat template, for turbomind; the usual one of the model's family if left out");
    command->add_flag("!--no-context-fmha", options->workspace.contextFmha,
                      "Write use_context_fmha = 0, without which TurboMind 1.0 takes no keys and values in int8");
    command->add_option("--kv-params", options->kvParams,
                        "Folder that kv-params wrote, for turbomind (int8) and compressed-tensors (fp8): grids of keys "
                        "and values beside the weights");
    command->add_flag("--overwrite", options->overwrite, "Replace the folder if it is there");
    command->add_option("--threads", options->threads, "Threads to use; 0: all cores")
        ->check(CLI::Range(0, 4096))
        ->capture_default_str();
    command->callback(
        [&session, options] { session.action = [&session, options] { return convertFolder(session, *options); }; });
}

} // namespace bitlathe::cli
