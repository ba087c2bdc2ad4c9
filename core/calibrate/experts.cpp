// SPDX-License-Identifier: Apache-2.0
// Token counts of experts.
#include "core/calibrate/experts.h"

#include <algorithm>

namespace bitlathe::calibrate
{

std::vector<ExpertTokens> tokensOfExperts(const model::ModelSpec& spec, const BlockStats& stats)
{
    std::vector<ExpertTokens> experts;
    for (const InputStats& input : stats.inputs) {
        const std::int64_t expert = spec.linear(input.linears.front()).expert;
        if (expert >= 0) {
            experts.resize(std::max(experts.size(), static_cast<std::size_t>(expert) + 1));
            ExpertTokens& seen = experts[static_cast<std::size_t>(expert)];
            seen.tokens = input.tokens;
            seen.width = std::max(seen.width, input.features);
        }
    }
    return experts;
}

Findings expertFindings(const model::ModelSpec& spec, const BlockStats& stats)
{
    const std::vector<ExpertTokens> experts = tokensOfExperts(spec, stats);
    const auto starved =
        std::ranges::count_if(experts, [](const ExpertTokens& seen) { return seen.tokens < seen.width; });
    if (starved == 0) {
        return {};
    }
    const auto fewest = std::ranges::min_element(experts, {}, &ExpertTokens::tokens);
    return {
        {Severity::Warning, "experts-starved", fmt::format("block {}", stats.block),
         Text(BITLATHE_TEXT("%1 of %2 experts saw fewer calibration tokens than their input is wide; the fewest, %3 "
                            "for a width of %4, reached expert %5"),
              starved, experts.size(), fewest->tokens, fewest->width, fewest - experts.begin()),
         Text(BITLATHE_TEXT("Use more or longer samples"))}};
}

} // namespace bitlathe::calibrate
