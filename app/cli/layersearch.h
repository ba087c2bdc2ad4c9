// SPDX-License-Identifier: Apache-2.0
// What sensitivity and search share: the schemes to try, and what they do to every layer.
#pragma once

#include "app/cli/recipeoptions.h"
#include "core/plan/budget.h"

namespace bitlathe::cli
{

/// Options of sensitivity and search as given: RecipeOptions with several bits and group sizes.
struct LayerSearchOptions : RecipeOptions
{
    std::vector<int> bitsList = plan::SearchSpace().bits;
    std::vector<std::string> groupSizes = {"32", "64", "128"};
    std::string consumer;
    bool everyScheme = false;
    std::int64_t tokens = evaluate::SensitivityOptions().tokens;
};

/// MODEL and everything that decides about schemes, statistics and the measurement.
void addLayerSearchOptions(CLI::App& command, LayerSearchOptions& options);

struct LayerSearch
{
    std::shared_ptr<const format::OpenedModel> opened;
    plan::Recipe recipe;
    plan::SearchSpace space;
    evaluate::Sensitivity sensitivity;
};

/// Opens, calibrates and measures.
Result<LayerSearch> searchLayers(Session& session, const LayerSearchOptions& options);

} // namespace bitlathe::cli
