// SPDX-License-Identifier: Apache-2.0
// BitsAndBytesReader: the tensors of one layer of a bitsandbytes checkpoint.
#include "core/format/bitsandbytesreader.h"

#include "core/base/size.h"
#include "core/format/layertensors.h"
#include "core/format/quantstate.h"
#include "core/quant/blockwise.h"
#include "core/quant/codebooks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_set>

namespace bitlathe::format
{

using checkpoint::Checkpoint;
using checkpoint::DType;
using checkpoint::TensorEntry;
using checkpoint::TensorView;
using model::LinearSpec;
using quant::BookKind;
using quant::kNestedBlock;
using quant::QuantizedTensor;
using quant::Scheme;
using quant::SchemeKind;

namespace
{

constexpr std::int64_t kStateBytesMax = 1 << 16;

std::string stateName(const LinearSpec& linear, BookKind book)
{
    return linear.weightName() + ".quant_state.bitsandbytes__" + std::string(quant::bookName(book));
}

/// The name of the linear's state; empty where it has none.
Result<std::string> findState(const Checkpoint& checkpoint, const LinearSpec& linear)
{
    std::string found;
    for (const BookKind book : {BookKind::Nf4, BookKind::Fp4}) {
        const std::string name = stateName(linear, book);
        if (checkpoint.find(name) == nullptr) {
            continue;
        }
        if (!found.empty()) {
            return badValues(linear.weightName(), Text(BITLATHE_TEXT("one quant_state")),
                             Text(BITLATHE_TEXT("one of nf4 and one of fp4")));
        }
        found = name;
    }
    return found;
}

Result<QuantState> readState(const Checkpoint& checkpoint, const LinearSpec& linear, const std::string& name)
{
    const TensorEntry* entry = checkpoint.find(name);
    const bool isText = entry != nullptr && entry->dtype == DType::U8 && entry->shape.size() == 1;
    if (entry != nullptr && (!isText || entry->shape[0] > kStateBytesMax)) {
        return badTensor(checkpoint.view(*entry), DType::U8,
                         {std::min(entry->shape.empty() ? 1 : entry->shape[0], kStateBytesMax)});
    }
    BITLATHE_TRY(const TensorView view, checkpoint.tensor(name));
    const std::string_view text(reinterpret_cast<const char*>(view.bytes.data()), view.bytes.size());
    BITLATHE_TRY(QuantState state, readQuantState(text, linear, name));
    if (!name.ends_with(quant::bookName(state.book))) {
        return badValues(name, Text(BITLATHE_TEXT("the quant_type of its name")),
                         Text(BITLATHE_TEXT("\"%1\""), quant::bookName(state.book)));
    }
    return state;
}

/// The linear lies in full precision, in the shape of its model.
bool isFull(const Checkpoint& checkpoint, const LinearSpec& linear)
{
    const TensorEntry* weight = checkpoint.find(linear.weightName());
    return weight == nullptr || (checkpoint::isFloat(weight->dtype) && weight->shape == linear.fileShape());
}

std::int64_t codeBytes(const LinearSpec& linear)
{
    return ceilDivide(linear.outFeatures * linear.inFeatures, std::int64_t{2});
}

/// The packed codes, under any of the types of a quant storage.
Result<TensorView> findCodes(const Checkpoint& checkpoint, const LinearSpec& linear, DType storage)
{
    const auto size = static_cast<std::int64_t>(checkpoint::dtypeBytes(storage));
    return findTensor(checkpoint, linear.weightName(), storage, {codeBytes(linear) / size, 1});
}

Result<TensorView> findFinite(const Checkpoint& checkpoint, const std::string& name, std::int64_t count)
{
    BITLATHE_TRY(TensorView view, findTensor(checkpoint, name, DType::F32, {count}));
    BITLATHE_CHECK(checkpoint::checkFinite(view));
    return view;
}

std::int64_t blocksOf(const LinearSpec& linear, const Scheme& scheme)
{
    return ceilDivide(linear.outFeatures * linear.inFeatures, scheme.groupSize);
}

Result<void> checkParts(const Checkpoint& checkpoint, const LinearSpec& linear, const Scheme& scheme)
{
    const std::string weight = linear.weightName();
    if (scheme.kind == SchemeKind::Int8Outliers) {
        BITLATHE_CHECK(findTensor(checkpoint, weight, DType::I8, {linear.outFeatures, linear.inFeatures}));
        BITLATHE_CHECK(findTensor(checkpoint, linear.name + ".SCB", DType::F32, {linear.outFeatures}));
        return {};
    }
    const std::int64_t blocks = blocksOf(linear, scheme);
    BITLATHE_CHECK(findCodes(checkpoint, linear, scheme.notes.storage));
    BITLATHE_CHECK(findTensor(checkpoint, weight + ".absmax", scheme.doubleQuant ? DType::U8 : DType::F32, {blocks}));
    BITLATHE_CHECK(findTensor(checkpoint, weight + ".quant_map", DType::F32, {16}));
    if (scheme.doubleQuant) {
        BITLATHE_CHECK(
            findTensor(checkpoint, weight + ".nested_absmax", DType::F32, {ceilDivide(blocks, kNestedBlock)}));
        BITLATHE_CHECK(findTensor(checkpoint, weight + ".nested_quant_map", DType::F32, {256}));
    }
    return {};
}

Result<std::optional<Scheme>> storedFourBits(const Checkpoint& checkpoint, const LinearSpec& linear, Scheme scheme)
{
    BITLATHE_TRY(std::string name, findState(checkpoint, linear));
    if (name.empty() && isFull(checkpoint, linear)) {
        return std::optional<Scheme>();
    }
    BITLATHE_TRY(const QuantState state,
                 readState(checkpoint, linear, name.empty() ? stateName(linear, scheme.book) : name));
    const bool isNested = checkpoint.find(linear.weightName() + ".nested_absmax") != nullptr;
    if (isNested != state.isNested) {
        return badValues(name,
                         isNested ? Text(BITLATHE_TEXT("a nested_offset, as there is a nested_absmax"))
                                  : Text(BITLATHE_TEXT("no nested_offset, as there is no nested_absmax")),
                         isNested ? Text(BITLATHE_TEXT("none")) : Text(BITLATHE_TEXT("one")));
    }
    scheme.book = state.book;
    scheme.groupSize = state.blockSize;
    scheme.doubleQuant = isNested;
    scheme.notes.offsetDigits = state.offsetDigits;
    BITLATHE_CHECK(checkParts(checkpoint, linear, scheme));
    return std::optional(scheme);
}

Result<void> checkWeightFormat(const Checkpoint& checkpoint, const LinearSpec& linear)
{
    const std::string name = linear.name + ".weight_format";
    if (checkpoint.find(name) == nullptr) {
        return {}; // Rows.
    }
    BITLATHE_TRY(const TensorView format, findTensor(checkpoint, name, DType::U8, {}));
    if (format.bytes.front() == std::byte{0}) {
        return {};
    }
    return badValues(name, Text(BITLATHE_TEXT("0 (rows)")),
                     Text(BITLATHE_TEXT("%1, a layout of older GPUs"), static_cast<int>(format.bytes.front())),
                     Text(BITLATHE_TEXT("Save the model again with bitsandbytes 0.45 or newer")));
}

Result<std::optional<Scheme>> storedInt8(const Checkpoint& checkpoint, const LinearSpec& linear, const Scheme& scheme)
{
    if (checkpoint.find(linear.name + ".SCB") == nullptr && isFull(checkpoint, linear)) {
        return std::optional<Scheme>();
    }
    BITLATHE_CHECK(checkParts(checkpoint, linear, scheme));
    BITLATHE_CHECK(checkWeightFormat(checkpoint, linear));
    return std::optional(scheme);
}

/// The book's own values: what bitsandbytes computes with, whatever the file says.
Result<std::vector<float>> readBook(const Checkpoint& checkpoint, const LinearSpec& linear, BookKind book)
{
    constexpr float kRounding = 1e-6F; // Older versions normalize in another order.
    const std::string name = linear.weightName() + ".quant_map";
    BITLATHE_TRY(const TensorView view, findFinite(checkpoint, name, 16));
    std::vector<float> values = quant::bookValues(book);
    const std::vector<float> stored = checkpoint::toF32(view);
    for (std::size_t code = 0; code < values.size(); ++code) {
        if (std::abs(stored[code] - values[code]) > kRounding) {
            return badValues(name, Text(BITLATHE_TEXT("the values of %1"), quant::bookName(book)),
                             Text(BITLATHE_TEXT("%1 for code %2"), stored[code], code),
                             Text(BITLATHE_TEXT("bitsandbytes knows no other values: quantize the model again")));
        }
    }
    return values;
}

void readCodes(const TensorView& stored, QuantizedTensor& tensor)
{
    const auto width = static_cast<std::size_t>(tensor.cols);
    if (width % 2 == 0) {
        std::ranges::transform(stored.bytes, tensor.codes.begin(), [](std::byte byte) {
            return static_cast<std::uint8_t>(swappedHalves(static_cast<std::uint8_t>(byte)));
        });
        return;
    }
    std::vector<std::uint8_t> codes(width);
    for (std::size_t row = 0; row < static_cast<std::size_t>(tensor.rows); ++row) {
        for (std::size_t col = 0; col < width; ++col) {
            const std::size_t place = row * width + col;
            const auto byte = static_cast<std::uint8_t>(stored.bytes[place / 2]);
            codes[col] = place % 2 == 0 ? byte >> 4U : byte & 0x0FU;
        }
        keepRow(tensor, row, codes);
    }
}

Result<void> readScales(const Checkpoint& checkpoint, const LinearSpec& linear, QuantizedTensor& tensor)
{
    const std::string weight = linear.weightName();
    const std::int64_t blocks = blocksOf(linear, tensor.scheme);
    if (!tensor.scheme.doubleQuant) {
        BITLATHE_TRY(const TensorView scales, findFinite(checkpoint, weight + ".absmax", blocks));
        tensor.scales = checkpoint::toF32(scales);
        return {};
    }
    quant::NestedScales& nested = tensor.nested;
    BITLATHE_TRY(const TensorView codes, findTensor(checkpoint, weight + ".absmax", DType::U8, {blocks}));
    BITLATHE_TRY(const TensorView scales,
                 findFinite(checkpoint, weight + ".nested_absmax", ceilDivide(blocks, kNestedBlock)));
    BITLATHE_TRY(const TensorView map, findFinite(checkpoint, weight + ".nested_quant_map", 256));
    BITLATHE_TRY(const QuantState state, readState(checkpoint, linear, stateName(linear, tensor.scheme.book)));
    nested.codes = valuesOf<std::uint8_t>(codes);
    nested.scales = checkpoint::toF32(scales);
    nested.map = checkpoint::toF32(map);
    nested.offset = state.nestedOffset;
    tensor.scales = quant::nestedScales(nested);
    return {};
}

Result<QuantizedTensor> decodeInt8(const Checkpoint& checkpoint, const LinearSpec& linear, const Scheme& scheme)
{
    BITLATHE_TRY(const TensorView weight,
                 findTensor(checkpoint, linear.weightName(), DType::I8, {linear.outFeatures, linear.inFeatures}));
    BITLATHE_TRY(const TensorView scales, findFinite(checkpoint, linear.name + ".SCB", linear.outFeatures));
    QuantizedTensor tensor = emptyTensor(linear, scheme);
    std::ranges::transform(weight.bytes, tensor.codes.begin(),
                           [](std::byte code) { return static_cast<std::uint8_t>(code ^ std::byte{0x80}); });
    tensor.scales = checkpoint::toF32(scales);
    return tensor;
}

} // namespace

Result<std::optional<Scheme>> storedBitsAndBytes(const Checkpoint& checkpoint, const LinearSpec& linear,
                                                 const Scheme& declared)
{
    return declared.kind == SchemeKind::Int8Outliers ? storedInt8(checkpoint, linear, declared)
                                                     : storedFourBits(checkpoint, linear, declared);
}

Result<void> checkTensorNames(const Checkpoint& checkpoint, const model::ModelSpec& spec, const LinearSchemes& schemes)
{
    constexpr std::array<std::string_view, 6> kParts{"absmax",
                                                     "quant_map",
                                                     "nested_absmax",
                                                     "nested_quant_map",
                                                     "quant_state.bitsandbytes__nf4",
                                                     "quant_state.bitsandbytes__fp4"};
    constexpr std::string_view kInside = ".weight.";
    std::unordered_set<std::string_view> quantized;
    for (const LinearSpec& linear : spec.linears) {
        if (schemes[linear.id.index()]) {
            quantized.insert(linear.name);
        }
    }
    for (const TensorEntry& entry : checkpoint.entries()) {
        const std::string_view name = entry.name;
        const std::size_t dot = name.find(kInside);
        if (dot == std::string_view::npos || !quantized.contains(name.substr(0, dot))) {
            continue;
        }
        if (std::ranges::find(kParts, name.substr(dot + kInside.size())) == kParts.end()) {
            return badValues(entry.name, Text(BITLATHE_TEXT("only parts of a weight that bitsandbytes knows")),
                             Text(BITLATHE_TEXT("another one, with which it does not load the layer")),
                             Text(BITLATHE_TEXT("Remove this tensor from the file")));
        }
    }
    return {};
}

Result<QuantizedTensor> decodeBitsAndBytes(const Checkpoint& checkpoint, const LinearSpec& linear, const Scheme& scheme)
{
    if (scheme.kind == SchemeKind::Int8Outliers) {
        return decodeInt8(checkpoint, linear, scheme);
    }
    BITLATHE_TRY(const TensorView codes, findCodes(checkpoint, linear, scheme.notes.storage));
    QuantizedTensor tensor = emptyTensor(linear, scheme);
    BITLATHE_TRY(tensor.codeBook, readBook(checkpoint, linear, scheme.book));
    readCodes(codes, tensor);
    BITLATHE_CHECK(readScales(checkpoint, linear, tensor));
    return tensor;
}

} // namespace bitlathe::format
