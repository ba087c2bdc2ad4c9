// SPDX-License-Identifier: Apache-2.0
// Sizes: sums over a model's linears.
#include "core/plan/costsizes.h"

#include "core/quant/scaleproblem.h"

#include <algorithm>
#include <map>

namespace bitlathe::plan
{

namespace
{

/// Rows of each linear that are looked at while scales are searched for; 0: those of no group.
std::vector<double> rowsSearched(const model::ModelSpec& spec)
{
    std::vector<double> rows(spec.linears.size());
    for (const model::ScaleGroup& group : spec.scaleGroups) {
        for (const LayerId id : group.linears) {
            rows[id.index()] = static_cast<double>(
                std::min(spec.linear(id).outFeatures, quant::rowsSearched(std::ssize(group.linears))));
        }
    }
    return rows;
}

} // namespace

Sizes sizesOf(const Plan& plan)
{
    const model::ModelSpec& spec = plan.model->spec;
    Sizes sizes;
    const std::vector<double> searched = rowsSearched(spec);
    const double shareOfExperts =
        static_cast<double>(spec.expertsPerToken) / static_cast<double>(std::max<std::int64_t>(1, spec.experts));
    for (const model::BlockSpec& block : spec.blocks) {
        double weights = 0;
        std::map<std::int64_t, double> inputs;
        std::map<std::int64_t, double> inputsPerToken;
        for (const LayerId id : block.linears) {
            const model::LinearSpec& linear = spec.linear(id);
            const double in = static_cast<double>(linear.inFeatures);
            const double size = in * static_cast<double>(linear.outFeatures);
            weights += size;
            const double share = linear.expert < 0 ? 1.0 : shareOfExperts;
            sizes.weightsPerToken += share * size;
            inputs[linear.inputGroup] = in * in;
            inputsPerToken[linear.inputGroup] = share * in * in;
            sizes.hessianMax = std::max(sizes.hessianMax, in * in);
            sizes.weightsLayerMax = std::max(sizes.weightsLayerMax, size);
            const auto& scheme = plan.schemes[id.index()];
            if (scheme) {
                sizes.weightsTimesIn += size * in;
                sizes.searchWeights += searched[id.index()] * in;
                sizes.searchMacs += searched[id.index()] * in * in / 2; // A Hessian is symmetric.
            } else {
                sizes.weightsKept += size;
            }
        }
        double hessians = 0;
        for (const auto& [group, size] : inputs) {
            hessians += size;
        }
        for (const auto& [group, size] : inputsPerToken) {
            sizes.gramMacs += size;
        }
        sizes.weights += weights;
        sizes.weightsBlockMax = std::max(sizes.weightsBlockMax, weights);
        sizes.hessians += hessians;
        sizes.hessiansBlockMax = std::max(sizes.hessiansBlockMax, hessians);
    }
    sizes.attentionMacs = 2.0 * static_cast<double>(spec.heads * spec.headDim * spec.blockCount());
    return sizes;
}

double embeddingElements(const Plan& plan)
{
    return static_cast<double>(plan.model->spec.vocabulary) * static_cast<double>(plan.model->spec.vocabularyWidth());
}

double hessiansSearched(const model::ModelSpec& spec)
{
    double most = 0;
    for (const model::ScaleGroup& group : spec.scaleGroups) {
        std::map<std::int64_t, double> inputs;
        for (const LayerId id : group.linears) {
            const model::LinearSpec& linear = spec.linear(id);
            inputs[linear.inputGroup] = static_cast<double>(linear.inFeatures * linear.inFeatures);
        }
        double sum = 0;
        for (const auto& [input, size] : inputs) {
            sum += size;
        }
        most = std::max(most, sum);
    }
    return most;
}

std::optional<quant::Effort> sweepEffort(const Recipe& recipe)
{
    if (recipe.method == "gptq") {
        return recipe.options.gptq.effort;
    }
    const bool sweeps = recipe.method == "awq" && recipe.options.awq.effort == quant::Effort::Best;
    return sweeps ? std::optional(quant::Effort::Best) : std::nullopt;
}

} // namespace bitlathe::plan
