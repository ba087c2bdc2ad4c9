// SPDX-License-Identifier: Apache-2.0
// Gptq: the checkpoints of AutoGPTQ and GPTQModel.
#include "core/format/gptq.h"

#include "core/format/consumers.h"
#include "core/format/gptqconfig.h"
#include "core/format/layertensors.h"
#include "core/format/packing.h"
#include "core/format/quantizationconfig.h"
#include "core/format/storedschemes.h"
#include "kernels/threads.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>

namespace bitlathe::format
{

using checkpoint::Checkpoint;
using checkpoint::DType;
using checkpoint::TensorPlan;
using checkpoint::TensorView;
using model::LinearSpec;
using model::ModelSpec;
using quant::QuantizedTensor;
using quant::Scheme;

namespace
{

constexpr std::int64_t kRowsPerPiece = 64;

class Gptq final : public Format
{
public:
    explicit Gptq(GptqLayout layout) : m_layout(layout) {}

    std::string_view name() const override { return isV2() ? "gptq-v2" : "gptq"; }
    std::string_view title() const override
    {
        return isV2() ? BITLATHE_TEXT("GPTQ, version 2 (any zero points)") : BITLATHE_TEXT("GPTQ");
    }

    Result<void> check(const Scheme& scheme, const LinearSpec& linear) const override;
    DType scaleDType(DType) const override { return DType::F16; }
    std::vector<TensorPlan> plan(const LinearSpec& linear, const Scheme& scheme, DType modelDType) const override;
    Result<std::vector<EncodedTensor>> encode(const LinearSpec& linear, const QuantizedTensor& tensor,
                                              DType modelDType) const override;
    Result<Json> quantizationConfig(const ModelSpec& spec, const LinearSchemes& schemes) const override
    {
        return writeGptqConfig(spec, schemes, m_layout);
    }
    /// Version 1 stores one less.
    int leastZero() const override { return isV2() ? 0 : 1; }
    Json modelConfig(Json config) const override { return withComputeType(std::move(config), "float16"); }
    /// GPTQ loaders of a local folder look for a file of its own.
    std::string configFile() const override { return "quantize_config.json"; }

    bool recognizes(const Checkpoint& checkpoint) const override;
    Result<LinearSchemes> schemes(const Checkpoint& checkpoint, const ModelSpec& spec) const override;
    Result<QuantizedTensor> decode(const Checkpoint& checkpoint, const LinearSpec& linear,
                                   const Scheme& scheme) const override;
    Findings findings(const Checkpoint& checkpoint, const ModelSpec& spec, const LinearSchemes& schemes) const override;

private:
    bool isV2() const { return m_layout == GptqLayout::V2; }

    GptqLayout m_layout;
};

Result<void> Gptq::check(const Scheme& scheme, const LinearSpec& linear) const
{
    BITLATHE_CHECK(checkStorable(scheme, linear, {.bits = {2, 3, 4, 8}, .scales = {DType::F16}}));
    constexpr std::int64_t kMultiple = 32; // Readers cut both sides into whole words of any width.
    if (linear.inFeatures % kMultiple != 0 || linear.outFeatures % kMultiple != 0) {
        return fail(ErrorCode::NotSupported, linear.name,
                    Text(BITLATHE_TEXT("inputs and outputs that are multiples of %1, for %2"), kMultiple, name()),
                    Text(BITLATHE_TEXT("%1 inputs, %2 outputs"), linear.inFeatures, linear.outFeatures),
                    Text(BITLATHE_TEXT("Keep this layer in full precision with an override")));
    }
    return {};
}

std::vector<TensorPlan> Gptq::plan(const LinearSpec& linear, const Scheme& scheme, DType) const
{
    const std::int64_t groups = scheme.groupsPerRow(linear.inFeatures);
    const std::int64_t out = linear.outFeatures;
    return {
        {linear.name + ".qweight", DType::I32, {wordsFor(linear.inFeatures, scheme.bits, WordLayout::Stream), out}},
        {linear.name + ".qzeros", DType::I32, {groups, wordsFor(out, scheme.bits, WordLayout::Stream)}},
        {linear.name + ".scales", DType::F16, {groups, out}},
        {linear.name + ".g_idx", DType::I32, {linear.inFeatures}},
    };
}

/// For each word of rows begin to end: copy(its place in [words, rows], where a row's words stand below each other, its
/// place in [rows, bytes], its bytes), in both in bytes; the last word of a row may be cut.
template <typename Copy>
void forEachWord(std::int64_t begin, std::int64_t end, std::int64_t rows, std::size_t rowBytes, const Copy& copy)
{
    constexpr std::integral_constant<std::size_t, 4> whole;
    const auto words = [&](std::size_t word, auto bytes) {
        for (auto row = static_cast<std::size_t>(begin); row < static_cast<std::size_t>(end); ++row) {
            copy(whole * (word * static_cast<std::size_t>(rows) + row), row * rowBytes + whole * word, bytes);
        }
    };
    for (std::size_t word = 0; word < rowBytes / whole; ++word) {
        words(word, whole);
    }
    if (rowBytes % whole != 0) {
        words(rowBytes / whole, rowBytes % whole);
    }
}

std::vector<std::byte> codeBytes(const QuantizedTensor& tensor)
{
    const std::int64_t words = wordsFor(tensor.cols, tensor.scheme.bits, WordLayout::Stream);
    std::vector<std::byte> bytes(static_cast<std::size_t>(4 * words * tensor.rows));
    kernels::parallelFor(tensor.rows, kRowsPerPiece, [&](std::int64_t begin, std::int64_t end) {
        forEachWord(begin, end, tensor.rows, tensor.bytesPerRow(), [&](std::size_t to, std::size_t from, auto count) {
            std::memcpy(bytes.data() + to, tensor.codes.data() + from, count);
        });
    });
    return bytes;
}

void readCodes(const TensorView& stored, QuantizedTensor& tensor)
{
    const std::size_t rowBytes = tensor.bytesPerRow();
    const auto tailBits = static_cast<unsigned>(tensor.cols * tensor.scheme.bits % 8);
    kernels::parallelFor(tensor.rows, kRowsPerPiece, [&](std::int64_t begin, std::int64_t end) {
        forEachWord(begin, end, tensor.rows, rowBytes, [&](std::size_t from, std::size_t to, auto count) {
            std::memcpy(tensor.codes.data() + to, stored.bytes.data() + from, count);
        });
        for (std::int64_t row = begin; tailBits != 0 && row < end; ++row) {
            auto& last = tensor.codes[static_cast<std::size_t>(row + 1) * rowBytes - 1];
            last = static_cast<std::uint8_t>(last & ((1U << tailBits) - 1U));
        }
    });
}

/// [groups, words]: each row is the stream of one group's zero points over the outputs.
std::vector<std::byte> zeroBytes(const QuantizedTensor& tensor, int less)
{
    std::vector<std::uint8_t> zeros = transposed(zerosOf(tensor), tensor.rows, tensor.groups());
    for (std::uint8_t& zero : zeros) {
        zero = static_cast<std::uint8_t>(zero - less);
    }
    const auto rows = static_cast<std::size_t>(tensor.rows);
    const auto rowBytes = static_cast<std::size_t>(4 * wordsFor(tensor.rows, tensor.scheme.bits, WordLayout::Stream));
    std::vector<std::byte> bytes(static_cast<std::size_t>(tensor.groups()) * rowBytes);
    for (std::size_t group = 0; group < static_cast<std::size_t>(tensor.groups()); ++group) {
        packWords(std::span(zeros).subspan(group * rows, rows), tensor.scheme.bits, WordLayout::Stream,
                  std::span(bytes).subspan(group * rowBytes, rowBytes));
    }
    return bytes;
}

std::vector<std::byte> groupIndexBytes(const QuantizedTensor& tensor)
{
    std::vector<std::int32_t> index(static_cast<std::size_t>(tensor.cols));
    for (std::size_t col = 0; col < index.size(); ++col) {
        index[col] = static_cast<std::int32_t>(tensor.groupOf(static_cast<std::int64_t>(col)));
    }
    return bytesOf(index);
}

Result<std::vector<EncodedTensor>> Gptq::encode(const LinearSpec& linear, const QuantizedTensor& tensor,
                                                DType modelDType) const
{
    BITLATHE_CHECK(check(tensor.scheme, linear));
    if (!isV2() && std::ranges::find(tensor.zeros, 0) != tensor.zeros.end()) {
        return fail(ErrorCode::NotSupported, linear.name, Text(BITLATHE_TEXT("zero points of at least 1 for gptq")),
                    Text(BITLATHE_TEXT("a group whose zero point is 0")),
                    Text(BITLATHE_TEXT("Choose the format gptq-v2 or awq, or symmetric quantization")));
    }
    std::vector<EncodedTensor> encoded;
    for (TensorPlan& planned : plan(linear, tensor.scheme, modelDType)) {
        encoded.push_back({std::move(planned), {}});
    }
    encoded[0].bytes = codeBytes(tensor);
    encoded[1].bytes = zeroBytes(tensor, isV2() ? 0 : 1);
    encoded[2].bytes = floatBytes(DType::F16, transposed(scalesOf(tensor), tensor.rows, tensor.groups()));
    encoded[3].bytes = groupIndexBytes(tensor);
    return encoded;
}

bool Gptq::recognizes(const Checkpoint& checkpoint) const
{
    const auto stored = storedQuantization(checkpoint);
    if (!stored || !*stored || !isGptqConfig((*stored)->config)) {
        return false;
    }
    // An unknown layout is version 1's to refuse.
    return gptqLayoutOf((*stored)->config).value_or(GptqLayout::V1) == m_layout;
}

/// The tensors of a layer with types and shapes that are known to be right.
struct StoredLayer
{
    TensorView codes;
    TensorView zeros;
    TensorView scales;
    TensorView groupIndex;
};

Result<StoredLayer> findLayer(const Checkpoint& checkpoint, const LinearSpec& linear, const Scheme& scheme)
{
    const std::int64_t groups = scheme.groupsPerRow(linear.inFeatures);
    const std::int64_t out = linear.outFeatures;
    const std::int64_t words = wordsFor(linear.inFeatures, scheme.bits, WordLayout::Stream);
    StoredLayer stored;
    BITLATHE_TRY(stored.codes, findTensor(checkpoint, linear.name + ".qweight", DType::I32, {words, out}));
    BITLATHE_TRY(stored.zeros, findTensor(checkpoint, linear.name + ".qzeros", DType::I32,
                                          {groups, wordsFor(out, scheme.bits, WordLayout::Stream)}));
    BITLATHE_TRY(stored.scales, findFloats(checkpoint, linear.name + ".scales", {groups, out}));
    BITLATHE_TRY(stored.groupIndex, findTensor(checkpoint, linear.name + ".g_idx", DType::I32, {linear.inFeatures}));
    return stored;
}

Result<LinearSchemes> Gptq::schemes(const Checkpoint& checkpoint, const ModelSpec& spec) const
{
    BITLATHE_TRY(const auto stored, storedQuantization(checkpoint));
    BITLATHE_TRY(const GptqConfig config,
                 readGptqConfig(stored ? stored->config : Json(), stored ? stored->subject : std::string()));
    return storedSchemes(
        checkpoint, spec, ".qweight", [&config](const LinearSpec& linear) { return config.schemeOf(linear.name); },
        [&checkpoint](const LinearSpec& linear, const Scheme& scheme) -> Result<DType> {
            BITLATHE_TRY(const StoredLayer layer, findLayer(checkpoint, linear, scheme));
            return layer.scales.dtype;
        });
}

/// Adds the one that version 1 takes from zero points. A field of ones stands for 0, and writers differ in what else of
/// its word they changed: GPTQModel borrows from the next field, so that adding to whole words gives the truth back.
Result<void> addOne(std::span<std::byte> words, int bits, bool isBorrowed, std::vector<std::uint8_t>& zeros,
                    const std::string& name)
{
    const auto top = static_cast<std::uint8_t>((1U << bits) - 1U);
    unpackWords(words, bits, WordLayout::Stream, zeros);
    const bool hasZero = std::ranges::find(zeros, top) != zeros.end();
    if (hasZero && !isBorrowed) {
        return badValues(name, Text(BITLATHE_TEXT("zero points of 1 ... %1"), static_cast<int>(top)),
                         Text(BITLATHE_TEXT("one that readers take for 0 or for %1"), top + 1),
                         Text(BITLATHE_TEXT("Save the model as gptq_v2 with the tool that wrote it")));
    }
    if (hasZero && 32 % bits == 0) {
        const std::uint32_t ones = 0xffffffffU / top; // One in every field.
        for (std::size_t word = 0; word < words.size(); word += 4) {
            std::uint32_t value = 0;
            std::memcpy(&value, words.data() + word, 4);
            value += ones;
            std::memcpy(words.data() + word, &value, 4);
        }
        unpackWords(words, bits, WordLayout::Stream, zeros);
        return {};
    }
    for (std::uint8_t& zero : zeros) {
        zero = static_cast<std::uint8_t>((zero + 1) & top);
    }
    return {};
}

Result<void> readZeros(const StoredLayer& stored, GptqLayout layout, bool isBorrowed, QuantizedTensor& tensor)
{
    const int bits = tensor.scheme.bits;
    const auto rows = static_cast<std::size_t>(tensor.rows);
    const auto groups = static_cast<std::size_t>(tensor.groups());
    const std::size_t rowBytes = stored.zeros.bytes.size() / groups;
    std::vector<std::byte> words(rowBytes);
    std::vector<std::uint8_t> zeros(rows);
    std::vector<std::uint8_t> all;
    all.reserve(rows * groups);
    for (std::size_t group = 0; group < groups; ++group) {
        std::memcpy(words.data(), stored.zeros.bytes.data() + group * rowBytes, rowBytes);
        if (layout == GptqLayout::V2) {
            unpackWords(words, bits, WordLayout::Stream, zeros);
        } else {
            BITLATHE_CHECK(addOne(words, bits, isBorrowed, zeros, stored.zeros.name));
        }
        all.insert(all.end(), zeros.begin(), zeros.end());
    }
    return keepZeros(tensor, transposed(all, tensor.groups(), tensor.rows), stored.zeros.name);
}

/// Keeps the group index unless it says what the group size says.
Result<void> readGroupIndex(const TensorView& stored, QuantizedTensor& tensor)
{
    std::vector<std::int32_t> index = valuesOf<std::int32_t>(stored);
    const std::int64_t groups = tensor.groups();
    bool isPlain = true;
    for (std::size_t col = 0; col < index.size(); ++col) {
        if (index[col] < 0 || index[col] >= groups) {
            return badValues(stored.name, Text(BITLATHE_TEXT("groups in 0 ... %1"), groups - 1),
                             Text(BITLATHE_TEXT("%1"), index[col]));
        }
        isPlain = isPlain && index[col] == tensor.groupOf(static_cast<std::int64_t>(col));
    }
    if (isPlain) {
        return {};
    }
    if (!tensor.scheme.actOrder) {
        return badValues(stored.name, Text(BITLATHE_TEXT("columns in the order of their groups, as desc_act is false")),
                         Text(BITLATHE_TEXT("another order")),
                         Text(BITLATHE_TEXT("Set desc_act to true in the configuration if the tensor is right")));
    }
    tensor.groupIndex = std::move(index);
    return {};
}

Result<QuantizedTensor> Gptq::decode(const Checkpoint& checkpoint, const LinearSpec& linear, const Scheme& scheme) const
{
    BITLATHE_TRY(const StoredLayer stored, findLayer(checkpoint, linear, scheme));
    BITLATHE_CHECK(checkpoint::checkFinite(stored.scales));
    bool isBorrowed = false;
    if (!isV2() && !scheme.symmetric) {
        BITLATHE_TRY(const auto quantization, storedQuantization(checkpoint));
        isBorrowed = quantization && isByGptqModel(quantization->config);
    }
    QuantizedTensor tensor = emptyTensor(linear, scheme);
    tensor.scheme.scaleDType = stored.scales.dtype;
    tensor.scales = transposed(checkpoint::toF32(stored.scales), tensor.groups(), tensor.rows);
    readCodes(stored.codes, tensor);
    BITLATHE_CHECK(readZeros(stored, m_layout, isBorrowed, tensor));
    BITLATHE_CHECK(readGroupIndex(stored.groupIndex, tensor));
    return tensor;
}

Findings Gptq::findings(const Checkpoint& checkpoint, const ModelSpec& spec, const LinearSchemes& schemes) const
{
    const auto stored = storedQuantization(checkpoint);
    const auto config = readGptqConfig(stored && *stored ? (*stored)->config : Json(), "");
    // GPTQModel trusts zero points of version 1 in its own files only.
    const bool isOwn = config && config->subtractsFromWords;
    Findings findings = consumerFindings(*this, spec, schemes, isOwn ? "GPTQModel" : "");
    const Findings lacks = configFindings(*this, checkpoint);
    findings.insert(findings.end(), lacks.begin(), lacks.end());
    if (config) {
        findUndeclared(
            spec, schemes, [&](const LinearSpec& linear) { return config->schemeOf(linear.name).has_value(); },
            findings);
    }
    return findings;
}

} // namespace

const Format& gptqFormat()
{
    static const Gptq format(GptqLayout::V1);
    return format;
}

const Format& gptqV2Format()
{
    static const Gptq format(GptqLayout::V2);
    return format;
}

} // namespace bitlathe::format
