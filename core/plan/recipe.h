// SPDX-License-Identifier: Apache-2.0
// Recipe: everything a run does, as data.
#pragma once

#include "core/evaluate/choicerun.h"
#include "core/evaluate/generationcheck.h"
#include "core/evaluate/protocols.h"
#include "core/format/format.h"
#include "core/model/device.h"
#include "core/model/linear.h"
#include "core/quant/kvscheme.h"
#include "core/quant/methodoptions.h"
#include "core/quant/scheme.h"
#include "core/text/textset.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace bitlathe::plan
{

/// Which inputs of a layer the text is run to.
enum class CalibrationInputs {
    Original,  ///< Those that the model gives.
    Quantized, ///< Those that the layers before give once they are quantized.
};

struct CalibrationRecipe
{
    std::string data; ///< SPEC; empty: no calibration (loss is measured on weights alone).
    text::SampleOptions samples;
    CalibrationInputs inputs = CalibrationInputs::Original;
    bool operator==(const CalibrationRecipe& other) const;
};

struct ExportRecipe
{
    std::string format = "compressed-tensors";
    std::filesystem::path out;
    bool overwrite = false;
    format::WorkspaceOptions workspace = {};
    /// Grids of keys and values to write beside the weights: a folder of them, or format::kKvParamsAuto; empty: none.
    std::filesystem::path kvParams = {};
    bool operator==(const ExportRecipe&) const = default;
};

/// What to measure after the export: the result against the model it came from.
struct EvaluationRecipe
{
    std::string data; ///< SPEC; empty: nothing is evaluated.
    std::int64_t length = 2048;
    std::int64_t windows = 10; ///< 0: all.
    /// Each gives both models one more row, with their keys and values kept so. Ranges come from the calibration text.
    std::vector<quant::KvScheme> kv = {};
    evaluate::ProtocolKind protocol = evaluate::ProtocolKind::Windows;
    std::int64_t stride = 0; ///< Of Strided: tokens between beginnings of windows; 0: as usual.
    /// Questions that both models are asked, by one rule; no data: none. Their compute is the recipe's.
    evaluate::ChoiceOptions choice = {};
    /// Prompts that both models go on from; no data: none. Their compute is the recipe's.
    evaluate::GenerationCheckOptions generation = {};
    bool operator==(const EvaluationRecipe&) const = default;
};

/// What a run does where a GPU fails, or its memory does not suffice.
enum class OnDeviceFailure {
    Continue, ///< It goes on on the processor, with a finding.
    Stop,     ///< It ends with that error, and can be resumed.
};

/// A value; versioned YAML on disk. Wizard, Tune page and command line only edit one of these.
struct Recipe
{
    static constexpr int kVersion = 1;

    std::filesystem::path model;
    std::string method = "rtn";
    quant::Scheme scheme;
    bool scaleDTypeAuto = true; ///< Scales take the type that the export format wants.
    std::vector<quant::Override> overrides;
    quant::MethodOptions options;
    CalibrationRecipe calibration;
    ExportRecipe exportTo;
    EvaluationRecipe evaluation;
    std::optional<model::Compute> compute; ///< Nothing: the fastest of the machine.
    model::DeviceChoice device;            ///< What computes.
    OnDeviceFailure onDeviceFailure = OnDeviceFailure::Continue;
    int threads = 0; ///< 0: all.
    std::uint64_t seed = 0;
    bool strict = false;

    bool operator==(const Recipe&) const = default;
};

/// Errors name the line and key. Unknown keys and versions are errors.
Result<Recipe> recipeFromYaml(const std::string& yaml, const std::string& subject);
Result<Recipe> readRecipe(const std::filesystem::path& file);
std::string recipeToYaml(const Recipe& recipe);
/// A setting as recipeToYaml() writes it, such as "scheme.bits" and "4", or "overrides[0].pattern".
struct RecipeSetting
{
    std::string name;
    std::string value;

    bool operator==(const RecipeSetting&) const = default;
};
/// All that is set, in the order of the text.
std::vector<RecipeSetting> recipeSettings(const Recipe& recipe);
/// The bitlathe-cli command that does the same.
std::string recipeToCommand(const Recipe& recipe);
/// How scales are found before layers are rounded: as the recipe says, else as its method does.
quant::Smoothing smoothingOf(const Recipe& recipe);
/// A scheme of the recipe with what its method adds, as it is before a format says how scales are stored.
quant::Scheme completedScheme(const Recipe& recipe, const quant::Scheme& scheme);
/// SettingInvalid, UnknownName: the first thing wrong in it that can be seen without opening the model.
Result<void> checkRecipe(const Recipe& recipe);

} // namespace bitlathe::plan
