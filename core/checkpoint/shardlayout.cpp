// SPDX-License-Identifier: Apache-2.0
// Where each tensor of a plan will lie: shards, headers, offsets.
#include "core/checkpoint/shardlayout.h"

#include "core/base/size.h"
#include "core/checkpoint/safetensors.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <unordered_set>

namespace bitlathe::checkpoint {

namespace {

Failure badPlan(const std::string& tensor, Text expected, Text found)
{
    return fail(ErrorCode::TensorInvalid, tensor, std::move(expected), std::move(found));
}

/// The tensors of the plan with their sizes, cut into shards, in the plan's order.
Result<std::vector<std::vector<TensorEntry>>> cut(const std::vector<TensorPlan>& plan, std::uint64_t bytesShardMax)
{
    std::vector<std::vector<TensorEntry>> shards(1);
    std::unordered_set<std::string_view> names;
    std::uint64_t inShard = 0;
    std::uint64_t total = 0;
    for (const TensorPlan& tensor : plan) {
        if (!names.insert(tensor.name).second) {
            return badPlan(tensor.name, Text(BITLATHE_TEXT("one tensor of that name")), Text(BITLATHE_TEXT("two")));
        }
        const auto elements = elementCount(tensor.shape);
        const auto bytes = elements ? checkedMultiply(*elements, dtypeBytes(tensor.dtype)) : std::nullopt;
        const auto sum = bytes ? checkedAdd(total, *bytes) : std::nullopt;
        if (!sum || *sum > INT64_MAX) {
            return badPlan(tensor.name, Text(BITLATHE_TEXT("a shape that fits a file")),
                           Text(BITLATHE_TEXT("[%1]"), fmt::format("{}", fmt::join(tensor.shape, ", "))));
        }
        if (!shards.back().empty() && inShard + *bytes > bytesShardMax) {
            shards.emplace_back();
            inShard = 0;
        }
        shards.back().push_back({tensor.name, tensor.dtype, tensor.shape, shards.size() - 1, 0, *bytes});
        inShard += *bytes;
        total = *sum;
    }
    return shards;
}

} // namespace

Result<std::vector<ShardLayout>> layOut(const std::vector<TensorPlan>& plan, std::uint64_t bytesShardMax)
{
    BITLATHE_TRY(auto cuts, cut(plan, bytesShardMax));
    std::vector<ShardLayout> shards;
    for (std::vector<TensorEntry>& entries : cuts) {
        std::ranges::stable_sort(entries, std::greater(),
                                 [](const TensorEntry& entry) { return dtypeBytes(entry.dtype); });
        ShardLayout shard;
        shard.name = cuts.size() == 1 ? "model.safetensors"
                                      : fmt::format("model-{:05}-of-{:05}.safetensors", shards.size() + 1, cuts.size());
        shard.header = safetensorsHeader(entries);
        shard.bytes = shard.header.size();
        for (TensorEntry& entry : entries) {
            entry.offset = shard.bytes;
            shard.bytes += entry.bytes;
        }
        shard.entries = std::move(entries);
        shards.push_back(std::move(shard));
    }
    return shards;
}

std::string shardIndex(const std::vector<ShardLayout>& shards)
{
    nlohmann::json index;
    std::uint64_t total = 0;
    for (const ShardLayout& shard : shards) {
        for (const TensorEntry& entry : shard.entries) {
            index["weight_map"][entry.name] = shard.name;
            total += entry.bytes;
        }
    }
    index["metadata"]["total_size"] = total;
    return index.dump(2) + '\n';
}

} // namespace bitlathe::checkpoint
