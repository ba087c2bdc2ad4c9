// SPDX-License-Identifier: Apache-2.0
// Random models: checkpoints of a known shape with random weights, for benchmarks.
#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace bitlathe::model
{

/// Dimensions of a LLaMA model.
struct RandomShape
{
    std::int64_t vocabulary = 0;
    std::int64_t hidden = 0;
    std::int64_t blocks = 0;
    std::int64_t intermediate = 0;
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0;
    std::int64_t maxPositions = 2048;
    bool tiedHead = false;
    double ropeTheta = 10000.0;

    std::int64_t parameters() const;
};

/// The names that randomShape knows: "82m", "1.1b", "llama-2-7b", ...
std::vector<std::string> randomShapeNames();
/// Error: UnknownName.
Result<RandomShape> randomShape(const std::string& name);

/// Writes config.json and bf16 weights, normally distributed with the spread of a fresh model, tensor by tensor: memory
/// holds one tensor. The same seed gives the same bytes for any number of threads. No tokenizer.
/// Errors: SettingInvalid, OutputExists, DiskFull, WriteFailed, Cancelled.
Result<void> writeRandomModel(const RandomShape& shape, std::uint64_t seed, const std::filesystem::path& out,
                              const WorkContext& work = {});

} // namespace bitlathe::model
