// SPDX-License-Identifier: Apache-2.0
// Tensors of a checkpoint: where one lies, and a view of its bytes.
#pragma once

#include "core/base/result.h"
#include "core/checkpoint/dtype.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace bitlathe::checkpoint
{

using Shape = std::vector<std::int64_t>;

/// Where a tensor lies in a checkpoint. bytes is checked to be shape x dtype.
struct TensorEntry
{
    std::string name;
    DType dtype = DType::F32;
    Shape shape;
    std::size_t file = 0;     ///< Index into Checkpoint::files().
    std::uint64_t offset = 0; ///< From the start of the file. Out of row-major order: of the first element.
    std::uint64_t bytes = 0;
};

/// A tensor's bytes, where possible without a copy; valid while the Checkpoint (or buffer) that gave it and the view
/// itself live. Row-major, little-endian, not necessarily aligned.
struct TensorView
{
    std::string name;
    DType dtype = DType::F32;
    Shape shape;
    std::span<const std::byte> bytes;
    std::shared_ptr<const std::vector<std::byte>> owned = nullptr; ///< The bytes where they lie in no file like this.

    std::int64_t elements() const; ///< The product of the shape.
};

/// Reads elements [first, first + out.size()) of any float or integer tensor as f32; exact but for F64, I32 and wider.
void readF32(const TensorView& tensor, std::int64_t first, std::span<float> out);

/// The whole tensor as f32, on all threads; out: as many elements.
void toF32(const TensorView& tensor, std::span<float> out);
std::vector<float> toF32(const TensorView& tensor);

/// An error that names the first NaN or infinite element, if there is one. Integer tensors always pass.
Result<void> checkFinite(const TensorView& tensor);

} // namespace bitlathe::checkpoint
