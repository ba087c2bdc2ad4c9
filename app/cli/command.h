// SPDX-License-Identifier: Apache-2.0
// What the commands of bitlathe-cli share: their surroundings and their common options.
#pragma once

#include "app/cli/console.h"
#include "core/base/result.h"
#include "core/format/openmodel.h"
#include "core/model/device.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace bitlathe::cli
{

class Interrupt;

/// Where a command finds what it needs, and leaves what is to be done.
struct Session
{
    Console console;
    std::stop_token stop;
    Interrupt* interrupt = nullptr; ///< For work whose parts are stopped alone.
    /// Set by the command that was chosen; run after all options are read.
    std::function<Result<void>()> action;
    /// Said after an interruption, such as how to go on.
    std::string afterStop;

    // Options of all commands
    bool json = false;
    bool quiet = false;
    std::string logLevel = "off";

    WorkContext work() { return {console.progress(), stop}; }
};

/// Options of commands that compute.
struct ComputeOptions
{
    std::string device = "cpu";
    std::string vram;                         ///< Of commands that compute on a GPU.
    std::string onDeviceFailure = "continue"; ///< Of commands that quantize.
    std::string compute;
    int threads = 0;
};

/// Adds a command with the options that all commands have.
CLI::App* addCommand(CLI::App& app, Session& session, const std::string& name, const std::string& description);
void addCommonOptions(CLI::App& command, Session& session);
/// --device, --compute, --threads. standard: "f32" or "auto".
void addComputeOptions(CLI::App& command, ComputeOptions& options, const std::string& standard);
/// The same of a command that also computes on a GPU, with --vram.
void addDeviceOptions(CLI::App& command, ComputeOptions& options, const std::string& standard);

/// Nothing for "auto". Errors: NotSupported (a device that is not there), SettingInvalid.
Result<std::optional<model::Compute>> applyComputeOptions(const ComputeOptions& options);
/// As applyComputeOptions(), with the fastest for "auto".
Result<model::Compute> settledCompute(const ComputeOptions& options);

/// What a command computes with.
struct Computing
{
    model::Compute compute = model::Compute::F32;
    model::Device device;

    /// The name of what computed a model that was placed: "cpu" where the GPU's memory did not suffice.
    std::string usedFor(const model::Model& model) const;
    /// "device", which was used, and where a GPU was to be used if there was one, "why_not_gpu": why it was not. used:
    /// empty for the processor.
    void describe(Json& document, const std::string& used) const;
};
/// Sets the number of threads. Nothing for "auto".
std::optional<model::Compute> computeFrom(const ComputeOptions& options);
/// The device that is asked for. Errors: SettingInvalid.
Result<model::DeviceChoice> deviceFrom(const ComputeOptions& options);
/// Of a command with addDeviceOptions(): opens the device. Errors: those of model::openDevice(), SettingInvalid.
Result<Computing> settledComputing(const ComputeOptions& options);

/// Its tokenizer, or the error why there is none.
Result<const text::Tokenizer*> tokenizerOf(const format::OpenedModel& opened);
/// What is wrong with a model and its tokenizer, on stderr.
void noteFindings(Console& console, const Findings& findings);

// One for each command or small group of them: adds it to the program.
void addInspectCommand(CLI::App& app, Session& session);
void addQuantizeCommands(CLI::App& app, Session& session); ///< quantize, estimate, run, resume
void addCalibrateCommand(CLI::App& app, Session& session);
void addKvParamsCommand(CLI::App& app, Session& session);
void addEvaluateCommands(CLI::App& app, Session& session); ///< perplexity, logits
void addConvertCommand(CLI::App& app, Session& session);
void addAdviseCommand(CLI::App& app, Session& session);
void addBenchCommand(CLI::App& app, Session& session);
void addCacheCommand(CLI::App& app, Session& session);
void addDiffCommand(CLI::App& app, Session& session);
void addMemoryCommand(CLI::App& app, Session& session);
void addCompareCommand(CLI::App& app, Session& session);
void addChoiceCommand(CLI::App& app, Session& session);
void addGenerateCommand(CLI::App& app, Session& session);
void addChatCommand(CLI::App& app, Session& session);
void addTuneCommand(CLI::App& app, Session& session);
void addSensitivityCommand(CLI::App& app, Session& session);
void addSearchCommand(CLI::App& app, Session& session);
void addTokenizeCommand(CLI::App& app, Session& session);
void addVerifyCommand(CLI::App& app, Session& session);
void addHistoryCommands(CLI::App& app, Session& session); ///< report, runs
void addGenerateModelCommand(CLI::App& app, Session& session);
void addDemoCommand(CLI::App& app, Session& session);
void addUsageCommands(CLI::App& app, Session& session); ///< completions, manual

} // namespace bitlathe::cli
