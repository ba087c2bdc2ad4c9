// SPDX-License-Identifier: Apache-2.0
// Mixtral: Mistral with experts whose weights sum to one.
#include "core/model/families/readers.h"

#include <array>

namespace bitlathe::model
{

Result<void> readMixtral(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_CHECK(readSizes(config, {.epsilonDefault = 1e-5}, spec));
    BITLATHE_CHECK(readActivation(config, "hidden_act", "silu", spec));
    BITLATHE_CHECK(readExpertCounts(config, std::array<std::string_view, 1>{"num_local_experts"}, spec));
    spec.expertWeightsSumToOne = true;
    setLlamaNames(spec);
    BITLATHE_TRY(const std::int64_t blocks, readBlockCount(config));
    for (std::int64_t block = 0; block < blocks; ++block) {
        BlockBuilder builder(spec, fmt::format("model.layers.{}.", block));
        addLlamaAttention(builder, {});
        addExperts(builder, {"block_sparse_moe.gate", "block_sparse_moe.experts", "w1", "w3", "w2"}, spec.intermediate);
    }
    BITLATHE_CHECK(readWindow(config, spec));
    return readRope(config, spec);
}

} // namespace bitlathe::model
