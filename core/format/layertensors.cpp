// SPDX-License-Identifier: Apache-2.0
// LayerTensors: checked look-ups, scales and zero points in the order of files.
#include "core/format/layertensors.h"

#include "core/format/floatbytes.h"
#include "kernels/quantize.h"

#include <fmt/format.h>

#include <algorithm>

namespace bitlathe::format
{

using checkpoint::Checkpoint;
using checkpoint::DType;
using checkpoint::Shape;
using checkpoint::TensorEntry;
using checkpoint::TensorView;
using quant::QuantizedTensor;

std::string shapeText(const Shape& shape)
{
    return fmt::format("[{}]", fmt::join(shape, ", "));
}

Failure badTensor(const TensorView& tensor, DType dtype, const Shape& shape)
{
    return badValues(tensor.name, Text(BITLATHE_TEXT("%1 %2"), checkpoint::dtypeName(dtype), shapeText(shape)),
                     Text(BITLATHE_TEXT("%1 %2"), checkpoint::dtypeName(tensor.dtype), shapeText(tensor.shape)));
}

Failure badValues(const std::string& tensor, Text expected, Text found, Text advice)
{
    if (advice.empty()) {
        advice = Text(BITLATHE_TEXT("Check that config.json and the tensor files belong together"));
    }
    return fail(ErrorCode::TensorInvalid, tensor, std::move(expected), std::move(found), std::move(advice));
}

Result<const TensorEntry*> findEntry(const Checkpoint& checkpoint, const std::string& name, DType dtype,
                                     const Shape& shape)
{
    const TensorEntry* entry = checkpoint.find(name);
    if (entry == nullptr) {
        return Failure(checkpoint.tensor(name).error());
    }
    if (entry->dtype != dtype || entry->shape != shape) {
        return badTensor({entry->name, entry->dtype, entry->shape, {}}, dtype, shape);
    }
    return entry;
}

Result<const TensorEntry*> findFloatEntry(const Checkpoint& checkpoint, const std::string& name, const Shape& shape)
{
    const TensorEntry* entry = checkpoint.find(name);
    if (entry == nullptr) {
        return Failure(checkpoint.tensor(name).error());
    }
    const bool isFloat = entry->dtype == DType::F16 || entry->dtype == DType::BF16 || entry->dtype == DType::F32;
    if (!isFloat || entry->shape != shape) {
        return badTensor({entry->name, entry->dtype, entry->shape, {}}, isFloat ? entry->dtype : DType::F16, shape);
    }
    return entry;
}

Result<TensorView> findTensor(const Checkpoint& checkpoint, const std::string& name, DType dtype, const Shape& shape)
{
    BITLATHE_TRY(const TensorEntry* entry, findEntry(checkpoint, name, dtype, shape));
    return checkpoint.view(*entry);
}

Result<TensorView> findFloats(const Checkpoint& checkpoint, const std::string& name, const Shape& shape)
{
    BITLATHE_TRY(const TensorEntry* entry, findFloatEntry(checkpoint, name, shape));
    return checkpoint.view(*entry);
}

QuantizedTensor emptyTensor(const model::LinearSpec& linear, const quant::Scheme& scheme)
{
    QuantizedTensor tensor;
    tensor.scheme = scheme;
    tensor.rows = linear.outFeatures;
    tensor.cols = linear.inFeatures;
    tensor.codes.resize(static_cast<std::size_t>(tensor.rows) * tensor.bytesPerRow());
    return tensor;
}

void keepRow(QuantizedTensor& tensor, std::size_t row, std::span<const std::uint8_t> codes)
{
    kernels::packCodes(codes, tensor.scheme.bits,
                       std::span(tensor.codes).subspan(row * tensor.bytesPerRow(), tensor.bytesPerRow()));
}

std::vector<float> scalesOf(const QuantizedTensor& tensor)
{
    if (tensor.scheme.groupSize == quant::kPerTensor) {
        return std::vector<float>(static_cast<std::size_t>(tensor.rows), tensor.scales.front());
    }
    return tensor.scales;
}

std::vector<std::uint8_t> zerosOf(const QuantizedTensor& tensor)
{
    const auto count = static_cast<std::size_t>(tensor.rows * tensor.groups());
    if (tensor.zeros.empty() || tensor.scheme.groupSize == quant::kPerTensor) {
        return std::vector<std::uint8_t>(count, static_cast<std::uint8_t>(tensor.zero(0, 0)));
    }
    return tensor.zeros;
}

std::vector<std::byte> floatBytes(DType dtype, const std::vector<float>& values)
{
    std::vector<std::byte> bytes(values.size() * checkpoint::dtypeBytes(dtype));
    storeFloats(dtype, values, bytes);
    return bytes;
}

Result<void> keepZeros(QuantizedTensor& tensor, std::vector<std::uint8_t> zeros, const std::string& name)
{
    if (!tensor.scheme.symmetric) {
        tensor.zeros = std::move(zeros);
        return {};
    }
    const int middle = 1 << (tensor.scheme.bits - 1);
    const auto other = std::ranges::find_if(zeros, [middle](std::uint8_t zero) { return zero != middle; });
    if (other != zeros.end()) {
        return badValues(name, Text(BITLATHE_TEXT("zero points of %1, as the configuration says symmetric"), middle),
                         Text(BITLATHE_TEXT("%1"), static_cast<int>(*other)));
    }
    return {};
}

} // namespace bitlathe::format
