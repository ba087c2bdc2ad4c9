// SPDX-License-Identifier: Apache-2.0
// The file of one block's statistics: a safetensors file whose tensors are named after the members of BlockStats.
#pragma once

#include "core/base/result.h"
#include "core/calibrate/layerstats.h"

#include <filesystem>

namespace bitlathe::calibrate
{

/// Tensors: "checksums" U8 [64], two hashes over the bytes of all others but Hessians, and of Hessians; for every input
/// i "input.i.linears" I64, "input.i.tokens" I64 [1], "input.i.min" ... F32 [features], at the end of the file
/// "input.i.hessian" F32 [features (features + 1) / 2], the lower triangle row by row (a full one would double the
/// file); "key_value.key_min" ... F32. Written under a temporary name, then renamed. Errors: DiskFull, WriteFailed.
Result<void> writeStatsFile(const std::filesystem::path& file, const BlockStats& stats);

enum class StatsPart { All, WithoutHessians };

/// Errors: FileMissing, FileUnreadable, FileTruncated, FileInvalid (also where a checksum is wrong).
Result<BlockStats> readStatsFile(const std::filesystem::path& file, std::int64_t block, StatsPart part);

} // namespace bitlathe::calibrate
