// SPDX-License-Identifier: Apache-2.0
// Products of packed weights on a CUDA device: the doors of this folder's packed*.cu.
#pragma once

#include "kernels/cuda/inputs.h"

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace bitlathe::cuda
{

/// As kernels::PackedWeightsView, field by field, on the host. Null is empty.
struct PackedArrays
{
    std::int64_t outputs = 0;
    std::int64_t inputs = 0;
    int bits = 4;
    const std::uint8_t* codes = nullptr;
    const float* book = nullptr;
    std::int64_t groupSize = 0;
    const std::int32_t* groupIndex = nullptr;
    std::int64_t groups = 0;
    const float* scales = nullptr;
    const std::uint8_t* zeros = nullptr;
    int zero = 0;
    const float* offsets = nullptr;
};

/// How codes lie in the prepared form, how many bits each takes there, and what they mean.
enum class CodeKind : std::int32_t { Int2, Int4, Int8, Book4, Book8 };

/// What stands beside the codes of a row and group: a scale in f16 where all scales are exact in it, else in f32; with
/// a zero point of its own; or with what zero point and offset take away, in f32.
enum class ScaleKind : std::int32_t { Half, HalfZero, Float, FloatMinus };

/// Prepared weights. Tiles of 16 outputs times steps of 128 inputs, tile after tile; packedlayout.h says how a tile
/// lies.
struct PackedLayout
{
    std::int64_t outputs = 0;
    std::int64_t inputs = 0; ///< Of x as it is given.
    std::int32_t tiles = 0;
    std::int32_t steps = 0;
    CodeKind kind = CodeKind::Int4;
    ScaleKind scaleKind = ScaleKind::Half;
    std::int32_t scalesPerStep = 1;      ///< 1, 2 or 4.
    std::int32_t zero = 0;               ///< Of ScaleKind::Half and Float.
    const std::uint8_t* codes = nullptr; ///< Records. Device, as all pointers here.
    const std::uint8_t* scales = nullptr;
    const std::int32_t* gather = nullptr; ///< [steps * 128] the input that stands there, -1: none; null: as they come.
    const float* book = nullptr;          ///< [16 or 256], or null.
    std::size_t bytes = 0;                ///< Of device memory.
};

/// Bytes of device memory that packedPrepare needs for these weights; 0 for a shape that no weights can have.
std::size_t packedBytes(const PackedArrays& weights);

/// Bytes of device memory that packedPrepare needs beside those while it lasts.
std::size_t packedStagingBytes(const PackedArrays& weights);

/// Writes the prepared form to memory [packedBytes], aligned to 256 bytes, and describes it; waits for the stream.
/// staging: packedStagingBytes, aligned so, too; null: taken from the device for as long. cudaErrorInvalidValue: a
/// shape that no weights can have.
cudaError_t packedPrepare(const PackedArrays& weights, void* memory, cudaStream_t stream, PackedLayout* layout,
                          void* staging = nullptr);

/// What products take, which all read the same; all pointers are to the device's memory.
struct PackedInput
{
    const void* x =
        nullptr; ///< [rows, inputs], aligned to 16 bytes, bf16 or, where xFloat, f32 (then rounded to bf16).
    bool xFloat = false;
    std::int64_t rows = 0;
    bool yFloat = false;       ///< What they give is f32, else bf16.
    void* workspace = nullptr; ///< packedWorkspace bytes, aligned to 256.
    InputForm form;            ///< Where xFloat; plain for weights that do not take others.
};

/// One product.
struct PackedOutput
{
    const PackedLayout* layout = nullptr; ///< On the host.
    const float* bias = nullptr;          ///< [outputs] or null.
    void* y = nullptr;                    ///< [rows, outputs], aligned as x.
    bool adds = false;                    ///< To y, which is f32.
};

/// Whether norms and activations can be made on the way to products with such weights.
bool packedTakesForms(const PackedLayout& layout);

/// Bytes of workspace that a product of so many rows, or of fewer, takes on the current device. Nothing is kept in it
/// from call to call.
std::size_t packedWorkspace(const PackedLayout& layout, std::int64_t rows, bool xFloat);

/// y = x W' + bias of each output, products summed in f32 in an order that shape and device decide. Up to 16 rows
/// multiply codes and scale the sums; more, on compute capability 9.0, multiply weights rounded to bf16, and elsewhere
/// go in sixteens. Values of books are rounded to bf16. The bytes of an output do not depend on the others beside it;
/// several of few rows take less time than one after the other. Does not wait.
cudaError_t packedMatmul(std::span<const PackedOutput> outputs, const PackedInput& input, cudaStream_t stream);

} // namespace bitlathe::cuda
