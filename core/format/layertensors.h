// SPDX-License-Identifier: Apache-2.0
// LayerTensors: what readers and writers of quantized layers share: checked look-ups, scales and zero points in the
// order of files.
#pragma once

#include "core/checkpoint/checkpoint.h"
#include "core/model/modelspec.h"
#include "core/quant/quantizedtensor.h"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

namespace bitlathe::format
{

/// "[2, 3]".
std::string shapeText(const checkpoint::Shape& shape);

/// TensorInvalid: the tensor has not this type and shape.
Failure badTensor(const checkpoint::TensorView& tensor, checkpoint::DType dtype, const checkpoint::Shape& shape);
/// TensorInvalid: the tensor's values are not what the configuration says.
Failure badValues(const std::string& tensor, Text expected, Text found, Text advice = {});

/// The tensor of exactly this type and shape, without a look at its bytes. Errors: TensorMissing, TensorInvalid.
Result<const checkpoint::TensorEntry*> findEntry(const checkpoint::Checkpoint& checkpoint, const std::string& name,
                                                 checkpoint::DType dtype, const checkpoint::Shape& shape);
/// As findEntry(), of type F16, BF16 or F32.
Result<const checkpoint::TensorEntry*> findFloatEntry(const checkpoint::Checkpoint& checkpoint, const std::string& name,
                                                      const checkpoint::Shape& shape);
/// The tensor of exactly this type and shape. Errors: TensorMissing, TensorInvalid.
Result<checkpoint::TensorView> findTensor(const checkpoint::Checkpoint& checkpoint, const std::string& name,
                                          checkpoint::DType dtype, const checkpoint::Shape& shape);
/// As findTensor(), of type F16, BF16 or F32.
Result<checkpoint::TensorView> findFloats(const checkpoint::Checkpoint& checkpoint, const std::string& name,
                                          const checkpoint::Shape& shape);

/// A tensor of the layer's size whose codes are zero, without scales and zero points.
quant::QuantizedTensor emptyTensor(const model::LinearSpec& linear, const quant::Scheme& scheme);

/// Packs one row's codes into the tensor. Any thread, each row in one.
void keepRow(quant::QuantizedTensor& tensor, std::size_t row, std::span<const std::uint8_t> codes);

/// Scales as [rows, groups], also where one is for the whole weight.
std::vector<float> scalesOf(const quant::QuantizedTensor& tensor);
/// Zero points as [rows, groups], also where they are the middle of the codes everywhere.
std::vector<std::uint8_t> zerosOf(const quant::QuantizedTensor& tensor);

/// values [rows, cols] as [cols, rows].
template <typename T>
std::vector<T> transposed(const std::vector<T>& values, std::int64_t rows, std::int64_t cols)
{
    std::vector<T> out(values.size());
    const auto height = static_cast<std::size_t>(rows);
    const auto width = static_cast<std::size_t>(cols);
    constexpr std::size_t kRowsAtOnce = 16; // Whole cache lines are written.
    for (std::size_t first = 0; first < height; first += kRowsAtOnce) {
        const std::size_t end = std::min(height, first + kRowsAtOnce);
        for (std::size_t col = 0; col < width; ++col) {
            for (std::size_t row = first; row < end; ++row) {
                out[col * height + row] = values[row * width + col];
            }
        }
    }
    return out;
}

/// Values as the bytes of a tensor of type F16, BF16 or F32.
std::vector<std::byte> floatBytes(checkpoint::DType dtype, const std::vector<float>& values);

/// Bytes of a value array.
template <typename T>
std::vector<std::byte> bytesOf(const std::vector<T>& values)
{
    const auto bytes = std::as_bytes(std::span(values));
    return {bytes.begin(), bytes.end()};
}

/// The values of an integer tensor whose type is T's.
template <typename T>
std::vector<T> valuesOf(const checkpoint::TensorView& tensor)
{
    std::vector<T> values(tensor.bytes.size() / sizeof(T));
    std::copy(tensor.bytes.begin(), tensor.bytes.end(), reinterpret_cast<std::byte*>(values.data()));
    return values;
}

/// Keeps zero points [rows, groups] in the tensor. Where its scheme is symmetric they must be the middle of the codes:
/// TensorInvalid naming the tensor if not.
Result<void> keepZeros(quant::QuantizedTensor& tensor, std::vector<std::uint8_t> zeros, const std::string& name);

} // namespace bitlathe::format
