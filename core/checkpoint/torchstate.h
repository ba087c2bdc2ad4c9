// SPDX-License-Identifier: Apache-2.0
// TorchState: the tensors that a pickle of PyTorch describes, before their bytes are found.
#pragma once

#include "core/base/finding.h"
#include "core/checkpoint/pickle.h"
#include "core/checkpoint/tensor.h"

#include <map>
#include <optional>

namespace bitlathe::checkpoint
{

/// A part of a storage as a tensor.
struct TorchTensor
{
    std::string name;
    std::string storage; ///< Key of its storage.
    std::string element; ///< "torch.HalfStorage" or "torch.float8_e5m2", for errors.
    DType dtype = DType::F32;
    Shape shape;
    std::vector<std::int64_t> strides; ///< In elements, one per dimension, none negative.
    std::uint64_t offset = 0;          ///< Of the first element, in bytes from the storage's begin.
};

/// What a pickle says of a storage.
struct TorchStorage
{
    std::string element;
    std::uint64_t elements = 0;
    std::uint64_t bytesElement = 1;
};

struct TorchState
{
    std::vector<TorchTensor> tensors;
    std::map<std::string, TorchStorage> storages; ///< Those that the pickle names, by key.
    Findings findings;                            ///< What is no tensor and was left out.
};

/// Tensors that a file lists apart from its pickle, by key: those of the oldest files.
using TorchTensorTable = std::map<std::string, TorchTensor>;

/// The state dict that a pickle holds: a dictionary of tensors by name, or one such dictionary under "state_dict",
/// "model" or "module", with a finding, or several such dictionaries by name, whose tensors are then named "max/layer".
/// table: where persistent ids are keys of tensors; otherwise they are storages.
/// Errors: FileInvalid, TensorInvalid (an element type that has no place here).
Result<TorchState> readTorchState(const Pickle& pickle, const TorchTensorTable* table, const std::string& subject);

/// A key of storages and tensors, an integer or a string; empty: neither.
std::string torchKey(const PickleValue& value);

/// Elements of value as whole numbers that are not negative; nothing where it is no tuple or list of at most 64.
std::optional<std::vector<std::int64_t>> torchSizes(const PickleValue& value);

} // namespace bitlathe::checkpoint
