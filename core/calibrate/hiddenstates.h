// SPDX-License-Identifier: Apache-2.0
// HiddenStates: the hidden states of all samples between two blocks, in memory or in a temporary file.
#pragma once

#include "core/base/descriptor.h"
#include "core/base/result.h"
#include "core/model/linear.h"

#include <filesystem>
#include <vector>

namespace bitlathe::calibrate
{

/// One [tokens, hidden] matrix per sample. In a file that has no name, hence goes with the process, where all of them
/// together are larger than a limit. One thread at a time.
class HiddenStates
{
public:
    /// tokens: of each sample. folder: where the file lies if one is needed. Errors: WriteFailed, DiskFull.
    static Result<HiddenStates> create(std::vector<std::int64_t> tokens, std::int64_t hidden,
                                       std::uint64_t bytesMemoryMax, const std::filesystem::path& folder);

    std::size_t samples() const { return m_tokens.size(); }
    bool inFile() const { return m_file.isOpen(); }

    /// Samples from this one on that a block may take together: of one length, and few tokens in all.
    std::size_t together(std::size_t sample) const;
    /// So many samples of one length behind each other.
    Result<model::Activations> load(std::size_t sample, std::size_t count = 1) const;
    /// states: of this sample, or of as many as it has sequences.
    Result<void> store(std::size_t sample, const model::Activations& states);

    /// Writes all of them, with a checksum, to a file for another process, durable and whole or not at all. Errors:
    /// DiskFull, WriteFailed.
    Result<void> save(const std::filesystem::path& file) const;
    /// Takes all of them from such a file. Errors: FileMissing, FileUnreadable, FileInvalid (damaged, or of other
    /// samples).
    Result<void> restore(const std::filesystem::path& file);

private:
    HiddenStates() = default;

    std::vector<std::int64_t> m_tokens;
    std::vector<std::uint64_t> m_offsets; ///< In bytes.
    std::int64_t m_hidden = 0;
    std::vector<std::vector<float>> m_memory;
    Descriptor m_file;
    std::filesystem::path m_folder; ///< For errors.
};

} // namespace bitlathe::calibrate
