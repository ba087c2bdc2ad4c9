// SPDX-License-Identifier: Apache-2.0
// HiddenStates: the hidden states of all samples between two blocks, on a device, in memory or in a temporary file.
#pragma once

#include "core/base/descriptor.h"
#include "core/base/result.h"
#include "core/model/linear.h"

#include <filesystem>
#include <vector>

namespace bitlathe::calibrate
{

/// Tokens that a block takes at once on the processor: many threads share so many rows well, and what becomes of them
/// stays in the second cache (twice as many take one thread a sixth more time).
inline constexpr std::int64_t kTokensTogether = 1024;

/// One [tokens, hidden] matrix per sample. In a file that has no name, hence goes with the process, where all of them
/// together are larger than a limit. Those of a model on a device may lie in its memory. One thread at a time. Where a
/// device fails, members throw a model::DeviceError.
class HiddenStates
{
public:
    /// tokens: of each sample. folder: where the file lies if one is needed. Errors: WriteFailed, DiskFull.
    static Result<HiddenStates> create(std::vector<std::int64_t> tokens, std::int64_t hidden,
                                       std::uint64_t bytesMemoryMax, const std::filesystem::path& folder);
    /// Those of a model that computes in this memory, which outlives them. They begin outside of it.
    void computeIn(const kernels::Memory& memory) { m_computing = &memory; }

    std::size_t samples() const { return m_tokens.size(); }
    std::int64_t tokens(std::size_t sample) const { return m_tokens[sample]; }
    bool inFile() const { return m_file.isOpen(); }
    bool onDevice() const { return !m_device.empty(); }
    std::uint64_t bytes() const { return m_bytes; }

    /// Claims the memory of the device for all states, before any is stored. A model::DeviceError where it is short.
    void claimDevice();
    /// Takes all states back from the device.
    Result<void> leaveDevice();

    /// Samples from this one on that a block may take together: of one length, and few tokens in all; at least one.
    std::size_t together(std::size_t sample, std::int64_t tokensMost = kTokensTogether) const;
    /// So many samples of one length behind each other, where the model computes.
    Result<model::Activations> load(std::size_t sample, std::size_t count = 1) const;
    /// states: of this sample, or of as many as it has sequences, in any memory.
    Result<void> store(std::size_t sample, const model::Activations& states);

    /// Writes all of them, with a checksum, to a file for another process, durable and whole or not at all. Errors:
    /// DiskFull, WriteFailed.
    Result<void> save(const std::filesystem::path& file) const;
    /// Takes all of them from such a file. Errors: FileMissing, FileUnreadable, FileInvalid (damaged, or of other
    /// samples).
    Result<void> restore(const std::filesystem::path& file);

private:
    HiddenStates() = default;
    Result<model::Activations> loadHere(std::size_t sample, std::size_t count) const;
    Result<void> storeHere(std::size_t sample, const model::Activations& states);

    std::vector<std::int64_t> m_tokens;
    std::vector<std::uint64_t> m_offsets; ///< In bytes.
    std::uint64_t m_bytes = 0;
    std::int64_t m_hidden = 0;
    const kernels::Memory* m_computing = &kernels::hostMemory();
    model::Values m_device; ///< Of all samples, or empty.
    std::vector<std::vector<float>> m_memory;
    Descriptor m_file;
    std::filesystem::path m_folder; ///< For errors.
};

} // namespace bitlathe::calibrate
