// SPDX-License-Identifier: Apache-2.0
// Where each tensor of a plan will lie: shards, headers, offsets.
#pragma once

#include "core/checkpoint/checkpointwriter.h"

#include <unordered_map>

namespace bitlathe::checkpoint {

/// One tensor file that will be written.
struct ShardLayout
{
    std::string name;                 ///< model.safetensors or model-00001-of-00002.safetensors.
    std::string header;               ///< Length field and header, as in the file.
    std::uint64_t bytes = 0;          ///< Of the whole file.
    std::vector<TensorEntry> entries; ///< In file order; TensorEntry::file is the shard's number.
};

/// Follows from the plan alone: shards are filled in the plan's order; inside one, wide elements come first, so that
/// every tensor is aligned to its own. Errors: TensorInvalid for a name twice or a size that does not fit.
Result<std::vector<ShardLayout>> layOut(const std::vector<TensorPlan>& plan, std::uint64_t bytesShardMax);

/// The index file of a sharded checkpoint, keys sorted.
std::string shardIndex(const std::vector<ShardLayout>& shards);

} // namespace bitlathe::checkpoint
