// SPDX-License-Identifier: Apache-2.0
// Fuzz target: config.json. Whatever it says, the sizes of a spec that can run fit together: the forward pass relies on
// it.
#include "core/model/requiredtensors.h"

#include <cstdint>
#include <cstdlib>

namespace
{

using namespace bitlathe;
using namespace bitlathe::model;

void require(bool good)
{
    if (!good) {
        std::abort();
    }
}

void checkLinear(const ModelSpec& spec, const LinearSpec& linear, std::int64_t& inner)
{
    const std::int64_t queries = spec.heads * spec.headDim;
    const std::int64_t keys = spec.kvHeads * spec.headDim;
    const bool reads = linear.inFeatures == spec.hidden;
    switch (linear.role) {
    case LinearRole::Query: return require(reads && linear.outFeatures == queries);
    case LinearRole::Key:
    case LinearRole::Value: return require(reads && linear.outFeatures == keys);
    case LinearRole::QueryKeyValue: return require(reads && linear.outFeatures == queries + 2 * keys);
    case LinearRole::Output: return require(linear.inFeatures == queries && linear.outFeatures == spec.hidden);
    case LinearRole::Gate:
    case LinearRole::Up: inner = linear.outFeatures; return require(reads);
    case LinearRole::GateUp: inner = linear.outFeatures / 2; return require(reads && linear.outFeatures % 2 == 0);
    case LinearRole::Down: return require(linear.inFeatures == inner && linear.outFeatures == spec.hidden);
    case LinearRole::Other: return require(false);
    }
}

void checkRope(const ModelSpec& spec, const RopeSpec& rope)
{
    require(rope.dims >= 0 && rope.dims <= spec.headDim && rope.dims % 2 == 0 && rope.theta > 1.0 &&
            rope.factor >= 1.0);
}

void checkSpec(const ModelSpec& spec)
{
    require(spec.vocabulary > 0 && spec.hidden > 0 && spec.heads > 0 && spec.kvHeads > 0 && spec.headDim > 0);
    require(spec.heads % spec.kvHeads == 0 && spec.headDim % 2 == 0 && spec.blockCount() > 0);
    require(!spec.slidingWindow || *spec.slidingWindow > 0);
    require(!spec.positionLimit() || spec.positionsName.empty() || *spec.positionLimit() > 0);
    checkRope(spec, spec.rope);
    checkRope(spec, spec.localRope.value_or(spec.rope));
    for (const BlockSpec& block : spec.blocks) {
        require(block.router.empty() || (spec.experts > 0 && spec.expertsPerToken > 0));
        std::int64_t inner = 0;
        for (const LayerId id : block.linears) {
            require(spec.linear(id).expert < spec.experts && spec.linear(id).id == id);
            checkLinear(spec, spec.linear(id), inner);
        }
    }
    require(spec.expertsPerToken <= spec.experts);
    for (const ScaleGroup& group : spec.scaleGroups) {
        require(!group.linears.empty());
        const LinearSpec* preceding = spec.findLinear(group.precedingName);
        require(group.precedingIsNorm ||
                (preceding != nullptr &&
                 group.rowOf(spec.linear(group.linears.front()).inFeatures - 1) < preceding->outFeatures));
    }
    for (const RequiredTensor& tensor : requiredTensors(spec)) {
        for (const std::int64_t size : tensor.shape) {
            require(size > 0);
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto config = parseJson(std::string_view(reinterpret_cast<const char*>(data), size), "fuzz.json");
    if (!config) {
        return 0;
    }
    const auto spec = readModelSpec(*config, Json::object(), "fuzz.json");
    constexpr std::size_t kLinears = 2000; // Looking up names in longer lists takes all the time.
    if (spec && spec->canRun && spec->linears.size() < kLinears) {
        checkSpec(*spec);
    }
    return 0;
}
