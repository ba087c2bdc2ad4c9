// SPDX-License-Identifier: Apache-2.0
// Awq: the checkpoints of AutoAWQ, version gemm.
#include "core/format/awq.h"

#include "core/format/awqformat.h"
#include "core/format/layertensors.h"
#include "kernels/threads.h"

#include <array>
#include <cstring>

namespace bitlathe::format
{

using checkpoint::Checkpoint;
using checkpoint::DType;
using checkpoint::TensorPlan;
using checkpoint::TensorView;
using model::LinearSpec;
using quant::QuantizedTensor;
using quant::Scheme;

namespace
{

constexpr std::size_t kPerWord = 8;
/// The output of an octet whose code is in each nibble, from the lowest.
constexpr std::array<std::size_t, kPerWord> kOrder{0, 2, 4, 6, 1, 3, 5, 7};
/// Octets of outputs a piece: their words fill a cache line of each input's row.
constexpr std::int64_t kOctetsPerPiece = 16;

class Awq final : public AwqFormat
{
public:
    Awq() : AwqFormat(AwqLayout::Gemm) {}

    std::string_view name() const override { return "awq"; }
    std::string_view title() const override { return BITLATHE_TEXT("AWQ (gemm)"); }
    std::vector<TensorPlan> plan(const LinearSpec& linear, const Scheme& scheme, DType modelDType) const override;
    Result<std::vector<EncodedTensor>> encode(const LinearSpec& linear, const QuantizedTensor& tensor,
                                              DType modelDType) const override;
    Result<QuantizedTensor> decode(const Checkpoint& checkpoint, const LinearSpec& linear,
                                   const Scheme& scheme) const override;

protected:
    Multiples multiples() const override { return {.in = 1, .out = 32}; }
    Multiples readMultiples() const override { return {.in = 1, .out = static_cast<std::int64_t>(kPerWord)}; }
};

std::vector<TensorPlan> Awq::plan(const LinearSpec& linear, const Scheme& scheme, DType) const
{
    const std::int64_t words = linear.outFeatures / static_cast<std::int64_t>(kPerWord);
    const std::int64_t groups = scheme.groupsPerRow(linear.inFeatures);
    return {
        {linear.name + ".qweight", DType::I32, {linear.inFeatures, words}},
        {linear.name + ".qzeros", DType::I32, {groups, words}},
        {linear.name + ".scales", DType::F16, {groups, linear.outFeatures}},
    };
}

/// Words of eight values that stand stride apart: values[0], values[stride], ...
void putWord(const std::uint8_t* values, std::size_t stride, std::byte* out)
{
    std::uint32_t word = 0;
    for (std::size_t nibble = 0; nibble < kPerWord; ++nibble) {
        word |= static_cast<std::uint32_t>(values[kOrder[nibble] * stride]) << (4 * nibble);
    }
    std::memcpy(out, &word, sizeof word);
}

void takeWord(const std::byte* in, std::uint8_t* values, std::size_t stride)
{
    std::uint32_t word = 0;
    std::memcpy(&word, in, sizeof word);
    for (std::size_t nibble = 0; nibble < kPerWord; ++nibble) {
        values[kOrder[nibble] * stride] = static_cast<std::uint8_t>(word >> (4 * nibble) & 0xfU);
    }
}

/// Calls visit(octet) for all octets of rows, on all threads.
template <typename Visit>
void forOctets(std::int64_t rows, const Visit& visit)
{
    kernels::parallelFor(rows / static_cast<std::int64_t>(kPerWord), kOctetsPerPiece,
                         [&](std::int64_t begin, std::int64_t end) {
                             for (std::int64_t octet = begin; octet < end; ++octet) {
                                 visit(static_cast<std::size_t>(octet));
                             }
                         });
}

void putCodes(const QuantizedTensor& tensor, std::span<std::byte> out)
{
    const auto cols = static_cast<std::size_t>(tensor.cols);
    const auto words = static_cast<std::size_t>(tensor.rows) / kPerWord;
    forOctets(tensor.rows, [&](std::size_t octet) {
        std::vector<std::uint8_t> codes(kPerWord * cols);
        for (std::size_t i = 0; i < kPerWord; ++i) {
            tensor.unpackRow(static_cast<std::int64_t>(octet * kPerWord + i), std::span(codes).subspan(i * cols, cols));
        }
        for (std::size_t col = 0; col < cols; ++col) {
            putWord(codes.data() + col, cols, out.data() + 4 * (col * words + octet));
        }
    });
}

void takeCodes(const TensorView& stored, QuantizedTensor& tensor)
{
    const auto cols = static_cast<std::size_t>(tensor.cols);
    const auto words = static_cast<std::size_t>(tensor.rows) / kPerWord;
    forOctets(tensor.rows, [&](std::size_t octet) {
        std::vector<std::uint8_t> codes(kPerWord * cols);
        for (std::size_t col = 0; col < cols; ++col) {
            takeWord(stored.bytes.data() + 4 * (col * words + octet), codes.data() + col, cols);
        }
        for (std::size_t i = 0; i < kPerWord; ++i) {
            keepRow(tensor, octet * kPerWord + i, std::span(codes).subspan(i * cols, cols));
        }
    });
}

Result<std::vector<EncodedTensor>> Awq::encode(const LinearSpec& linear, const QuantizedTensor& tensor,
                                               DType modelDType) const
{
    BITLATHE_TRY(std::vector<EncodedTensor> encoded, prepare(linear, tensor, modelDType));
    putCodes(tensor, encoded[0].bytes);
    const std::vector<std::uint8_t> zeros = transposed(zerosOf(tensor), tensor.rows, tensor.groups());
    for (std::size_t word = 0; word < zeros.size() / kPerWord; ++word) {
        putWord(zeros.data() + word * kPerWord, 1, encoded[1].bytes.data() + 4 * word);
    }
    encoded[2].bytes = floatBytes(DType::F16, transposed(scalesOf(tensor), tensor.rows, tensor.groups()));
    return encoded;
}

Result<QuantizedTensor> Awq::decode(const Checkpoint& checkpoint, const LinearSpec& linear, const Scheme& scheme) const
{
    BITLATHE_TRY(StoredLayer stored, storedLayer(checkpoint, linear, scheme));
    QuantizedTensor& tensor = stored.tensor;
    tensor.scales = transposed(checkpoint::toF32(stored.scales), tensor.groups(), tensor.rows);
    takeCodes(stored.codes, tensor);
    std::vector<std::uint8_t> all(static_cast<std::size_t>(tensor.groups() * tensor.rows));
    for (std::size_t word = 0; word < all.size() / kPerWord; ++word) {
        takeWord(stored.zeros.bytes.data() + 4 * word, all.data() + word * kPerWord, 1);
    }
    BITLATHE_CHECK(keepZeros(tensor, transposed(all, tensor.groups(), tensor.rows), stored.zeros.name));
    return std::move(tensor);
}

} // namespace

const Format& awqFormat()
{
    static const Awq format;
    return format;
}

} // namespace bitlathe::format
