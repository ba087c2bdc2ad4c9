// SPDX-License-Identifier: Apache-2.0
// The options that describe a run, and the Recipe they make.
#pragma once

#include "app/cli/command.h"
#include "app/cli/evaluationoptions.h"
#include "core/plan/recipe.h"

#include <memory>

namespace bitlathe::cli
{

/// Options of quantize, estimate and tune as given.
struct RecipeOptions
{
    std::string model;
    std::string preset;
    std::string method = "rtn";
    std::string bits = "4";
    std::string groupSize = "128";
    bool asymmetric = false;
    bool symmetric = false;
    bool actOrder = false;
    std::string clipping = "minmax";
    int activationBits = 0;
    std::string activationScales = "dynamic";
    std::string smoothing = "auto";
    quant::AwqOptions awq;
    std::string alpha = "auto";
    std::string scaleDType = "auto";
    std::string effort = "normal";
    quant::GptqOptions gptq;
    quant::BitsAndBytesOptions bitsAndBytes;
    std::string map = "dynamic";
    std::string storage = "uint8";
    std::string computeType = "auto";
    std::vector<std::string> skipModules;
    std::string format = "compressed-tensors";
    std::string out;
    bool overwrite = false;
    format::WorkspaceOptions workspace;
    std::string kvParams;
    std::vector<std::string> overrides;
    std::string data;
    std::int64_t samples = 128;
    std::int64_t length = 512;
    std::uint64_t sampleSeed = 0;
    std::string select = "rows";
    bool sequential = false;
    EvaluationOptions evaluation;
    std::uint64_t seed = 0;
    bool strict = false;
    ComputeOptions compute;
};

void addSchemeOptions(CLI::App& command, RecipeOptions& options); ///< Clipping, symmetry, scale type.
void addGptqOptions(CLI::App& command, RecipeOptions& options);
void addSmoothingOptions(CLI::App& command, RecipeOptions& options);
void addBitsAndBytesOptions(CLI::App& command, RecipeOptions& options);
void addCalibrationOptions(CLI::App& command, RecipeOptions& options);
/// --data-dir: where names of text sets such as wikitext are looked for.
void addDataFolderOption(CLI::App& command, const std::string& group);
/// --on-device-failure.
void addDeviceFailureOption(CLI::App& command, ComputeOptions& options);
plan::OnDeviceFailure onDeviceFailureFrom(const ComputeOptions& options);
void addRunOptions(CLI::App& command, RecipeOptions& options); ///< Everything of quantize but MODEL.

/// Errors: SettingInvalid, NotSupported. Only what options can get wrong; checkRecipe() sees the rest.
Result<plan::Recipe> recipeFrom(const RecipeOptions& options);
Result<quant::Scheme> schemeFrom(const RecipeOptions& options);
Result<quant::MethodOptions> methodOptionsFrom(const RecipeOptions& options);

} // namespace bitlathe::cli
