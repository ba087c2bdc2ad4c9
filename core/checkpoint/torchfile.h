// SPDX-License-Identifier: Apache-2.0
// Files that torch.save wrote: their tensors, without running anything that they hold.
#pragma once

#include "core/checkpoint/stridedtensor.h"
#include "core/checkpoint/torchstate.h"

namespace bitlathe::checkpoint
{

/// What a file of PyTorch says about its tensors.
struct TorchHeader
{
    std::vector<TensorEntry> entries;             ///< By offset, then by name; TensorEntry::file is 0.
    std::map<std::string, StridedTensor> strided; ///< Those of the entries that are not in row-major order, by name.
    Findings findings;
};

/// Reads a whole file of a state dict in any container: ZIP (PyTorch 1.6 and later), the sequence of pickles before it,
/// and the tar files of the first versions. Tensors may share their storages. Checks that each lies inside its storage
/// and that each storage is there. subject names the file in errors: FileTruncated, FileInvalid, NotSupported (big
/// endian, TorchScript), TensorInvalid.
Result<TorchHeader> parseTorch(std::span<const std::byte> file, const std::string& subject);

/// Where the bytes of a storage lie in a file.
struct StoragePlace
{
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
};
using StoragePlaces = std::map<std::string, StoragePlace>;

// The containers.
Result<TorchHeader> parseTorchZip(std::span<const std::byte> file, const std::string& subject);
Result<TorchHeader> parseTorchSequence(std::span<const std::byte> file, const std::string& subject);
Result<TorchHeader> parseTorchTar(std::span<const std::byte> file, const std::string& subject);
bool isTar(std::span<const std::byte> file);

/// The tensors of a state at the places of their storages. bytesFile limits what is copied out of row-major order.
Result<TorchHeader> placeTensors(TorchState state, const StoragePlaces& places, std::uint64_t bytesFile,
                                 const std::string& subject);

} // namespace bitlathe::checkpoint
