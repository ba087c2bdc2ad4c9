// SPDX-License-Identifier: Apache-2.0
// What the commands of bitlathe-cli share: their surroundings and their common options.
#include "app/cli/command.h"

#include "app/cli/quantities.h"
#include "kernels/threads.h"

namespace bitlathe::cli
{

CLI::App* addCommand(CLI::App& app, Session& session, const std::string& name, const std::string& description)
{
    CLI::App* command = app.add_subcommand(name, description);
    addCommonOptions(*command, session);
    return command;
}

void addCommonOptions(CLI::App& command, Session& session)
{
    const std::string group = "Output";
    command.add_flag("--json", session.json, "One JSON document on stdout instead of text")->group(group);
    command.add_flag("--quiet,-q", session.quiet, "No progress and no notes on stderr")->group(group);
    command
        .add_option("--log-level", session.logLevel, "What of the log goes to stderr: debug, info, warn, error or off")
        ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}))
        ->group(group);
}

namespace
{

void addComputing(CLI::App& command, ComputeOptions& options, const std::string& standard, const std::string& devices)
{
    options.compute = standard;
    const std::string group = "Computing";
    command.add_option("--device", options.device, "Where to compute: " + devices)->capture_default_str()->group(group);
    command
        .add_option("--compute", options.compute, "Arithmetic of matrix products: f32, bf16, or auto for the fastest")
        ->check(CLI::IsMember({"f32", "bf16", "auto"}))
        ->capture_default_str()
        ->group(group);
    command.add_option("--threads", options.threads, "Threads to use; 0: all cores")
        ->check(CLI::Range(0, 4096))
        ->capture_default_str()
        ->group(group);
}

} // namespace

void addComputeOptions(CLI::App& command, ComputeOptions& options, const std::string& standard)
{
    addComputing(command, options, standard, "cpu");
}

void addDeviceOptions(CLI::App& command, ComputeOptions& options, const std::string& standard)
{
    addComputing(command, options, standard, "cpu; cuda, a GPU, or cuda:1, the second; auto, a GPU if there is one");
    command
        .add_option("--vram", options.vram,
                    "What of a GPU's memory may be used, such as 12GB (else nine tenths of what is free)")
        ->group("Computing");
}

std::string Computing::usedFor(const model::Model& model) const
{
    return model.memory().isHost() ? "cpu" : device.name;
}

void Computing::describe(Json& document, const std::string& used) const
{
    document["device"] = used.empty() ? "cpu" : used;
    if (device.whyNoGpu) {
        document["why_not_gpu"] = device.whyNoGpu->english();
    }
}

Result<Computing> settledComputing(const ComputeOptions& options)
{
    Computing computing;
    BITLATHE_TRY(const model::DeviceChoice choice, deviceFrom(options));
    BITLATHE_TRY(computing.device, model::openDevice(choice));
    computing.compute = computeFrom(options).value_or(computing.device.fastestCompute());
    return computing;
}

std::optional<model::Compute> computeFrom(const ComputeOptions& options)
{
    kernels::setThreadCount(options.threads);
    if (options.compute == "auto") {
        return std::nullopt;
    }
    return options.compute == "bf16" ? model::Compute::Bf16 : model::Compute::F32;
}

Result<model::DeviceChoice> deviceFrom(const ComputeOptions& options)
{
    model::DeviceChoice choice{options.device, 0};
    if (!options.vram.empty()) {
        BITLATHE_TRY(choice.bytesMemory, bytesFrom("--vram", options.vram));
    }
    return choice;
}

Result<std::optional<model::Compute>> applyComputeOptions(const ComputeOptions& options)
{
    if (options.device != "cpu") {
        return fail(ErrorCode::NotSupported, "--device " + options.device, Text(BITLATHE_TEXT("a GPU that computes")),
                    model::whyNoGpu(kernels::gpus()), Text(BITLATHE_TEXT("Leave --device away")));
    }
    return computeFrom(options);
}

Result<model::Compute> settledCompute(const ComputeOptions& options)
{
    BITLATHE_TRY(const std::optional<model::Compute> chosen, applyComputeOptions(options));
    return chosen.value_or(model::fastestCompute());
}

Result<const text::Tokenizer*> tokenizerOf(const format::OpenedModel& opened)
{
    if (opened.tokenizer) {
        return opened.tokenizer.get();
    }
    if (opened.tokenizerError) {
        return Failure(*opened.tokenizerError);
    }
    return fail(ErrorCode::TokenizerInvalid, opened.folder().string(), Text(BITLATHE_TEXT("a tokenizer in the folder")),
                Text(BITLATHE_TEXT("none")), Text(BITLATHE_TEXT("Give token ids with --data ids:FILE.json")));
}

void noteFindings(Console& console, const Findings& findings)
{
    for (const Finding& finding : findings) {
        console.finding(finding);
    }
}

} // namespace bitlathe::cli
