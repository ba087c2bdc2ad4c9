// SPDX-License-Identifier: Apache-2.0
// The file of one block's statistics: a safetensors file whose tensors are named after the members of BlockStats.
#pragma once

#include "core/base/descriptor.h"
#include "core/base/result.h"
#include "core/calibrate/layerstats.h"

#include <filesystem>
#include <string>

namespace bitlathe::calibrate
{

/// Tensors: "checksums" U8 [64], two hashes over the bytes of all others but Hessians, and of Hessians; for every input
/// i "input.i.linears" I64, "input.i.tokens" I64 [1], "input.i.min" ... F32 [features], at the end of the file
/// "input.i.hessian" F32 [features (features + 1) / 2], the lower triangle row by row (a full one would double the
/// file); "key_value.key_min" ... F32. It is written under a temporary name, which goes with this where it did not
/// become the file's own.
class WrittenStats
{
public:
    /// Errors, as of publish(): DiskFull, WriteFailed.
    static Result<WrittenStats> write(const std::filesystem::path& file, const BlockStats& stats);
    WrittenStats(WrittenStats&&) noexcept = default;
    WrittenStats& operator=(WrittenStats&&) noexcept = default;
    ~WrittenStats();

    /// Waits for the disk and gives the file its name.
    Result<void> publish();

private:
    WrittenStats(const std::filesystem::path& file, Descriptor fd, std::string temporary);

    std::filesystem::path m_file;
    Descriptor m_fd; ///< Of the temporary file; none once it was published, or is another's.
    std::string m_temporary;
};

enum class StatsPart { All, WithoutHessians };

/// Errors: FileMissing, FileUnreadable, FileTruncated, FileInvalid (also where a checksum is wrong).
Result<BlockStats> readStatsFile(const std::filesystem::path& file, std::int64_t block, StatsPart part);

} // namespace bitlathe::calibrate
