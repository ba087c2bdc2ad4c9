// SPDX-License-Identifier: Apache-2.0
// CompressedTensorsReader: one layer of a compressed-tensors checkpoint as a QuantizedTensor.
#include "core/format/compressedtensorsreader.h"

#include "core/format/layertensors.h"
#include "core/format/packing.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

namespace bitlathe::format
{

using checkpoint::Checkpoint;
using checkpoint::DType;
using checkpoint::Shape;
using checkpoint::TensorView;
using model::LinearSpec;
using quant::QuantizedTensor;
using quant::Scheme;

namespace
{

/// The tensors of a layer with dtypes and shapes that are known to be right.
struct StoredLayer
{
    TensorView codes;
    bool isPacked = false;
    WordLayout layout = WordLayout::Stream;
    TensorView scales;
    std::optional<TensorView> zeros;
    std::optional<TensorView> groupIndex;
    std::optional<TensorView> inputScale;
};

std::int64_t scaleRows(const LinearSpec& linear, const Scheme& scheme)
{
    return scheme.groupSize == quant::kPerTensor ? 1 : linear.outFeatures;
}

/// Codes of 3, 5 and 6 bits have been packed in two ways under one name; the width of the tensor tells which.
Result<void> findCodes(const Checkpoint& checkpoint, const LinearSpec& linear, const Scheme& scheme,
                       StoredLayer& stored)
{
    const checkpoint::TensorEntry* packed = checkpoint.find(linear.name + ".weight_packed");
    stored.isPacked = packed != nullptr;
    if (!stored.isPacked) {
        const checkpoint::TensorEntry* plain = checkpoint.find(linear.weightName());
        if (plain == nullptr || plain->dtype != DType::I8) {
            return checkpoint.tensor(linear.name + ".weight_packed").map([](const TensorView&) {});
        }
        BITLATHE_TRY(stored.codes,
                     findTensor(checkpoint, linear.weightName(), DType::I8, {linear.outFeatures, linear.inFeatures}));
        return {};
    }
    stored.codes = checkpoint.view(*packed);
    const Shape stream{linear.outFeatures, wordsFor(linear.inFeatures, scheme.bits, WordLayout::Stream)};
    const Shape whole{linear.outFeatures, wordsFor(linear.inFeatures, scheme.bits, WordLayout::WholeCodes)};
    const bool isStream = stored.codes.shape == stream;
    if (stored.codes.dtype != DType::I32 || (!isStream && stored.codes.shape != whole)) {
        return badTensor(stored.codes, DType::I32, stream);
    }
    const bool sameInBoth = 32 % scheme.bits == 0 || linear.inFeatures * scheme.bits <= 32;
    if (stream == whole && !sameInBoth) {
        return fail(ErrorCode::NotSupported, packed->name,
                    Text(BITLATHE_TEXT("a width that tells how %1-bit codes are packed"), scheme.bits),
                    Text(BITLATHE_TEXT("%1, which fits both ways"), shapeText(stream)),
                    Text(BITLATHE_TEXT("Quantize this model with 4 or 8 bits")));
    }
    stored.layout = isStream ? WordLayout::Stream : WordLayout::WholeCodes;
    return {};
}

Result<void> findScales(const Checkpoint& checkpoint, const LinearSpec& linear, const Scheme& scheme,
                        StoredLayer& stored)
{
    BITLATHE_TRY(stored.scales, checkpoint.tensor(linear.name + ".weight_scale"));
    const DType dtype = stored.scales.dtype;
    const bool isFloat = dtype == DType::F16 || dtype == DType::BF16 || dtype == DType::F32;
    const std::int64_t rows = scaleRows(linear, scheme);
    const std::int64_t groups = scheme.groupsPerRow(linear.inFeatures);
    const Shape& shape = stored.scales.shape;
    const bool fits =
        shape == Shape{rows, groups} || (groups == 1 && shape == Shape{rows}) || (rows * groups == 1 && shape.empty());
    if (!isFloat || !fits) {
        return badTensor(stored.scales, isFloat ? dtype : DType::BF16, {rows, groups});
    }
    return {};
}

/// Zero points are packed along the rows where the codes are packed; older files hold them as single bytes.
Result<void> findZeros(const Checkpoint& checkpoint, const LinearSpec& linear, const Scheme& scheme,
                       StoredLayer& stored)
{
    if (scheme.symmetric) {
        return {};
    }
    const std::string name = linear.name + ".weight_zero_point";
    const std::int64_t rows = scaleRows(linear, scheme);
    const std::int64_t groups = scheme.groupsPerRow(linear.inFeatures);
    BITLATHE_TRY(stored.zeros, checkpoint.tensor(name));
    if (stored.zeros->dtype == DType::I8) {
        if (stored.zeros->elements() != rows * groups) {
            return badTensor(*stored.zeros, DType::I8, {rows, groups});
        }
        return {};
    }
    const std::int64_t words = wordsFor(rows, scheme.bits, stored.layout);
    BITLATHE_TRY(stored.zeros, findTensor(checkpoint, name, DType::I32, {words, groups}));
    return {};
}

/// One number, of shape [1] or without dimensions.
Result<void> findInputScale(const Checkpoint& checkpoint, const LinearSpec& linear, const Scheme& scheme,
                            StoredLayer& stored)
{
    if (!scheme.staticInputs) {
        return {};
    }
    BITLATHE_TRY(const TensorView scale, checkpoint.tensor(linear.name + ".input_scale"));
    if (!checkpoint::isFloat(scale.dtype) || scale.elements() != 1) {
        return badTensor(scale, DType::BF16, {1});
    }
    stored.inputScale = scale;
    return {};
}

/// weight_shape tells the true width of packed rows; where it is there it must agree with the model.
Result<void> checkShapeTensor(const Checkpoint& checkpoint, const LinearSpec& linear)
{
    const checkpoint::TensorEntry* entry = checkpoint.find(linear.name + ".weight_shape");
    if (entry == nullptr) {
        return {};
    }
    const TensorView tensor = checkpoint.view(*entry);
    if ((tensor.dtype != DType::I64 && tensor.dtype != DType::I32) || tensor.elements() != 2) {
        return badTensor(tensor, DType::I64, {2});
    }
    const std::vector<float> values = checkpoint::toF32(tensor);
    const Shape shape{static_cast<std::int64_t>(values[0]), static_cast<std::int64_t>(values[1])};
    if (shape != Shape{linear.outFeatures, linear.inFeatures}) {
        return fail(ErrorCode::TensorInvalid, entry->name,
                    Text(BITLATHE_TEXT("%1"), shapeText({linear.outFeatures, linear.inFeatures})),
                    Text(BITLATHE_TEXT("%1"), shapeText(shape)),
                    Text(BITLATHE_TEXT("Check that config.json and the tensor files belong together")));
    }
    return {};
}

Result<StoredLayer> findLayer(const Checkpoint& checkpoint, const LinearSpec& linear, const Scheme& scheme)
{
    StoredLayer stored;
    BITLATHE_CHECK(findCodes(checkpoint, linear, scheme, stored));
    BITLATHE_CHECK(findScales(checkpoint, linear, scheme, stored));
    BITLATHE_CHECK(findZeros(checkpoint, linear, scheme, stored));
    BITLATHE_CHECK(findInputScale(checkpoint, linear, scheme, stored));
    if (scheme.actOrder) {
        BITLATHE_TRY(stored.groupIndex,
                     findTensor(checkpoint, linear.name + ".weight_g_idx", DType::I32, {linear.inFeatures}));
    }
    BITLATHE_CHECK(checkShapeTensor(checkpoint, linear));
    return stored;
}

/// Packs one row of codes as QuantizedTensor keeps it. scratch holds whole words.
void keepRow(std::span<const std::uint8_t> codes, int bits, std::vector<std::byte>& scratch, std::uint8_t* row,
             std::size_t rowBytes)
{
    scratch.resize(
        static_cast<std::size_t>(4 * wordsFor(static_cast<std::int64_t>(codes.size()), bits, WordLayout::Stream)));
    packWords(codes, bits, WordLayout::Stream, scratch);
    std::memcpy(row, scratch.data(), rowBytes);
}

void readPackedCodes(const StoredLayer& stored, QuantizedTensor& tensor)
{
    const std::size_t rowBytes = tensor.bytesPerRow();
    const auto storedRowBytes = static_cast<std::size_t>(4 * stored.codes.shape[1]);
    const auto tailBits = static_cast<unsigned>(tensor.cols * tensor.scheme.bits % 8);
    std::vector<std::uint8_t> codes(static_cast<std::size_t>(tensor.cols));
    std::vector<std::byte> scratch;
    for (std::int64_t row = 0; row < tensor.rows; ++row) {
        const auto words = stored.codes.bytes.subspan(static_cast<std::size_t>(row) * storedRowBytes, storedRowBytes);
        std::uint8_t* out = tensor.codes.data() + static_cast<std::size_t>(row) * rowBytes;
        if (stored.layout == WordLayout::WholeCodes && 32 % tensor.scheme.bits != 0) {
            unpackWords(words, tensor.scheme.bits, stored.layout, codes);
            keepRow(codes, tensor.scheme.bits, scratch, out, rowBytes);
            continue;
        }
        // The bit stream of little-endian words is that of the neutral codes.
        std::memcpy(out, words.data(), rowBytes);
        if (tailBits != 0) {
            out[rowBytes - 1] = static_cast<std::uint8_t>(out[rowBytes - 1] & ((1U << tailBits) - 1U));
        }
    }
}

/// Turns signed values into codes: value + 2^(bits - 1).
Result<void> codesFromBytes(const TensorView& tensor, std::size_t first, int bits, std::span<std::uint8_t> codes)
{
    const int half = 1 << (bits - 1);
    const auto* values = reinterpret_cast<const std::int8_t*>(tensor.bytes.data()) + first;
    bool inRange = true;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        const int code = values[i] + half;
        inRange = inRange && code >= 0 && code < 2 * half;
        codes[i] = static_cast<std::uint8_t>(code);
    }
    if (!inRange) {
        return fail(ErrorCode::TensorInvalid, tensor.name, Text(BITLATHE_TEXT("values in %1 ... %2"), -half, half - 1),
                    Text(BITLATHE_TEXT("others")),
                    Text(BITLATHE_TEXT("Check that config.json and the tensor files belong together")));
    }
    return {};
}

Result<void> readIntegerCodes(const StoredLayer& stored, QuantizedTensor& tensor)
{
    const std::size_t rowBytes = tensor.bytesPerRow();
    std::vector<std::uint8_t> codes(static_cast<std::size_t>(tensor.cols));
    std::vector<std::byte> scratch;
    for (std::size_t row = 0; row < static_cast<std::size_t>(tensor.rows); ++row) {
        BITLATHE_CHECK(codesFromBytes(stored.codes, row * codes.size(), tensor.scheme.bits, codes));
        keepRow(codes, tensor.scheme.bits, scratch, tensor.codes.data() + row * rowBytes, rowBytes);
    }
    return {};
}

Result<void> readZeros(const StoredLayer& stored, QuantizedTensor& tensor)
{
    if (!stored.zeros) {
        return {};
    }
    const auto groups = static_cast<std::size_t>(tensor.groups());
    const std::size_t rows = tensor.scales.size() / groups;
    tensor.zeros.resize(rows * groups);
    if (stored.zeros->dtype == DType::I8) {
        return codesFromBytes(*stored.zeros, 0, tensor.scheme.bits, tensor.zeros);
    }
    const auto words = static_cast<std::size_t>(stored.zeros->shape[0]);
    std::vector<std::byte> column(4 * words);
    std::vector<std::uint8_t> zeros(rows);
    for (std::size_t group = 0; group < groups; ++group) {
        for (std::size_t word = 0; word < words; ++word) {
            std::memcpy(column.data() + 4 * word, stored.zeros->bytes.data() + 4 * (word * groups + group), 4);
        }
        unpackWords(column, tensor.scheme.bits, stored.layout, zeros);
        for (std::size_t row = 0; row < rows; ++row) {
            tensor.zeros[row * groups + group] = zeros[row];
        }
    }
    return {};
}

/// A group index of -1 everywhere means that none was set.
Result<void> readGroupIndex(const StoredLayer& stored, QuantizedTensor& tensor)
{
    if (!stored.groupIndex) {
        return {};
    }
    std::vector<std::int32_t> index(static_cast<std::size_t>(tensor.cols));
    std::memcpy(index.data(), stored.groupIndex->bytes.data(), stored.groupIndex->bytes.size());
    if (std::ranges::all_of(index, [](std::int32_t group) { return group == -1; })) {
        tensor.scheme.actOrder = false;
        return {};
    }
    const std::int64_t groups = tensor.groups();
    const auto bad = std::ranges::find_if(index, [groups](std::int32_t group) { return group < 0 || group >= groups; });
    if (bad != index.end()) {
        return fail(ErrorCode::TensorInvalid, stored.groupIndex->name,
                    Text(BITLATHE_TEXT("groups in 0 ... %1"), groups - 1), Text(BITLATHE_TEXT("%1"), *bad),
                    Text(BITLATHE_TEXT("Check that config.json and the tensor files belong together")));
    }
    tensor.groupIndex = std::move(index);
    return {};
}

Result<void> readInputScale(const StoredLayer& stored, QuantizedTensor& tensor)
{
    if (!stored.inputScale) {
        return {};
    }
    tensor.inputScale = checkpoint::toF32(*stored.inputScale).front();
    if (!(tensor.inputScale > 0) || !std::isfinite(tensor.inputScale)) {
        return badValues(stored.inputScale->name, Text(BITLATHE_TEXT("a number above 0")),
                         Text(BITLATHE_TEXT("%1"), tensor.inputScale),
                         Text(BITLATHE_TEXT("Save the model again with the tool that wrote it")));
    }
    return {};
}

} // namespace

Result<DType> checkCompressedLayer(const Checkpoint& checkpoint, const LinearSpec& linear, const Scheme& scheme)
{
    BITLATHE_TRY(const StoredLayer stored, findLayer(checkpoint, linear, scheme));
    return stored.scales.dtype;
}

Result<QuantizedTensor> readCompressedLayer(const Checkpoint& checkpoint, const LinearSpec& linear,
                                            const Scheme& scheme)
{
    BITLATHE_TRY(const StoredLayer stored, findLayer(checkpoint, linear, scheme));
    BITLATHE_CHECK(checkpoint::checkFinite(stored.scales));
    QuantizedTensor tensor;
    tensor.scheme = scheme;
    tensor.scheme.scaleDType = stored.scales.dtype;
    tensor.rows = linear.outFeatures;
    tensor.cols = linear.inFeatures;
    tensor.codes.resize(static_cast<std::size_t>(tensor.rows) * tensor.bytesPerRow());
    tensor.scales = checkpoint::toF32(stored.scales);
    if (stored.isPacked) {
        readPackedCodes(stored, tensor);
    } else {
        BITLATHE_CHECK(readIntegerCodes(stored, tensor));
    }
    BITLATHE_CHECK(readZeros(stored, tensor));
    BITLATHE_CHECK(readGroupIndex(stored, tensor));
    BITLATHE_CHECK(readInputScale(stored, tensor));
    return tensor;
}

} // namespace bitlathe::format
