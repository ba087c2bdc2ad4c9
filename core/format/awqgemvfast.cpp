// SPDX-License-Identifier: Apache-2.0
// AwqGemvFast: the checkpoints of AutoAWQ, version gemv_fast.
#include "core/format/awqformat.h"
#include "core/format/awqgemv.h"
#include "core/format/awqgroups.h"
#include "core/format/layertensors.h"
#include "kernels/scalars.h"
#include "kernels/threads.h"

#include <array>
#include <cmath>
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

constexpr std::size_t kRows = 4;   ///< Outputs that are interleaved.
constexpr std::size_t kStrip = 64; ///< Inputs of one output that lie together.

class AwqGemvFast final : public AwqFormat
{
public:
    AwqGemvFast() : AwqFormat(AwqLayout::GemvFast) {}

    std::string_view name() const override { return "awq-gemv-fast"; }
    std::string_view title() const override { return BITLATHE_TEXT("AWQ (gemv_fast)"); }
    std::vector<TensorPlan> plan(const LinearSpec& linear, const Scheme& scheme, DType modelDType) const override;
    Result<std::vector<EncodedTensor>> encode(const LinearSpec& linear, const QuantizedTensor& tensor,
                                              DType modelDType) const override;
    Result<QuantizedTensor> decode(const Checkpoint& checkpoint, const LinearSpec& linear,
                                   const Scheme& scheme) const override;

protected:
    Multiples multiples() const override { return {.in = 64, .out = 8}; }
    std::vector<std::int64_t> groupSizes() const override { return kPaddedGroupSizes; }
};

std::vector<TensorPlan> AwqGemvFast::plan(const LinearSpec& linear, const Scheme& scheme, DType) const
{
    const std::int64_t groups = paddedGroups(linear.inFeatures, scheme.groupSize);
    return {
        {linear.name + ".qweight", DType::I16, {linear.outFeatures / 4, linear.inFeatures}},
        {linear.name + ".qzeros", DType::F16, {groups, linear.outFeatures}},
        {linear.name + ".scales", DType::F16, {groups, linear.outFeatures}},
    };
}

/// Where a code of a strip of 64 inputs lies among those of its output: runs of 32 in the order 0, 8, 16, 24, 1, 9, ...
constexpr std::size_t placeInStrip(std::size_t input)
{
    return 32 * (input / 32) + 4 * (input % 8) + input % 32 / 8;
}

/// The nibble, counted in a row of four outputs, at which a code lies.
constexpr std::size_t nibbleOf(std::size_t output, std::size_t input)
{
    return kRows * kStrip * (input / kStrip) + kStrip * (output % kRows) + placeInStrip(input % kStrip);
}

/// Calls visit(quad) for all runs of four outputs, on all threads.
template <typename Visit>
void forQuads(std::int64_t rows, const Visit& visit)
{
    constexpr std::int64_t kQuadsPerPiece = 8;
    kernels::parallelFor(rows / static_cast<std::int64_t>(kRows), kQuadsPerPiece,
                         [&](std::int64_t begin, std::int64_t end) {
                             for (std::int64_t quad = begin; quad < end; ++quad) {
                                 visit(static_cast<std::size_t>(quad));
                             }
                         });
}

void putPlainCodes(const QuantizedTensor& tensor, std::span<std::byte> out)
{
    const auto cols = static_cast<std::size_t>(tensor.cols);
    forQuads(tensor.rows, [&](std::size_t quad) {
        std::vector<std::uint8_t> codes(cols);
        const auto bytes = out.subspan(quad * 2 * cols, 2 * cols);
        for (std::size_t row = 0; row < kRows; ++row) {
            tensor.unpackRow(static_cast<std::int64_t>(quad * kRows + row), codes);
            for (std::size_t col = 0; col < cols; ++col) {
                const std::size_t nibble = nibbleOf(row, col);
                bytes[nibble / 2] |= static_cast<std::byte>(codes[col] << (nibble % 2 * 4));
            }
        }
    });
}

void takePlainCodes(const TensorView& stored, QuantizedTensor& tensor)
{
    const auto cols = static_cast<std::size_t>(tensor.cols);
    forQuads(tensor.rows, [&](std::size_t quad) {
        std::vector<std::uint8_t> codes(cols);
        const auto bytes = stored.bytes.subspan(quad * 2 * cols, 2 * cols);
        for (std::size_t row = 0; row < kRows; ++row) {
            for (std::size_t col = 0; col < cols; ++col) {
                const std::size_t nibble = nibbleOf(row, col);
                codes[col] =
                    static_cast<std::uint8_t>(static_cast<unsigned>(bytes[nibble / 2]) >> (nibble % 2 * 4) & 0xfU);
            }
            keepRow(tensor, quad * kRows + row, codes);
        }
    });
}

/// The product that is stored for a zero point.
float storedProduct(float scale, int zero)
{
    return static_cast<float>(kernels::F16(-(scale * static_cast<float>(zero))));
}

Result<std::vector<EncodedTensor>> AwqGemvFast::encode(const LinearSpec& linear, const QuantizedTensor& tensor,
                                                       DType modelDType) const
{
    BITLATHE_TRY(std::vector<EncodedTensor> encoded, prepare(linear, tensor, modelDType));
    putPlainCodes(tensor, encoded[0].bytes);
    std::vector<float> scales = transposed(scalesOf(tensor), tensor.rows, tensor.groups());
    const std::vector<std::uint8_t> zeros = transposed(zerosOf(tensor), tensor.rows, tensor.groups());
    const auto padded = static_cast<std::size_t>(encoded[2].plan.shape[0] * tensor.rows);
    std::vector<float> products(padded);
    for (std::size_t i = 0; i < zeros.size(); ++i) {
        products[i] = storedProduct(scales[i], zeros[i]);
    }
    scales.resize(padded);
    encoded[1].bytes = floatBytes(DType::F16, products);
    encoded[2].bytes = floatBytes(DType::F16, scales);
    return encoded;
}

/// The zero points that give the stored products; TensorInvalid where there are none.
Result<std::vector<std::uint8_t>> zerosFromProducts(const std::vector<float>& products,
                                                    const std::vector<float>& scales, const std::string& name)
{
    std::vector<std::uint8_t> zeros(scales.size());
    for (std::size_t i = 0; i < scales.size(); ++i) {
        const float zero = scales[i] == 0 ? 0.0F : std::round(-products[i] / scales[i]);
        const bool isCode = zero >= 0 && zero <= 15;
        if (!isCode || storedProduct(scales[i], static_cast<int>(zero)) != products[i]) {
            return badValues(name, Text(BITLATHE_TEXT("-scale * zero in half precision, zero in 0 ... 15")),
                             Text(BITLATHE_TEXT("%1 for the scale %2"), products[i], scales[i]));
        }
        zeros[i] = static_cast<std::uint8_t>(zero);
    }
    return zeros;
}

Result<QuantizedTensor> AwqGemvFast::decode(const Checkpoint& checkpoint, const LinearSpec& linear,
                                            const Scheme& scheme) const
{
    BITLATHE_TRY(StoredLayer stored, storedLayer(checkpoint, linear, scheme));
    const TensorView& products = stored.zeros;
    BITLATHE_CHECK(checkpoint::checkFinite(products));
    QuantizedTensor& tensor = stored.tensor;
    const auto count = static_cast<std::size_t>(tensor.groups() * tensor.rows);
    std::vector<float> byGroup = checkpoint::toF32(stored.scales);
    byGroup.resize(count);
    BITLATHE_TRY(const std::vector<std::uint8_t> zeros,
                 zerosFromProducts(checkpoint::toF32(products), byGroup, products.name));
    tensor.scales = transposed(byGroup, tensor.groups(), tensor.rows);
    takePlainCodes(stored.codes, tensor);
    BITLATHE_CHECK(keepZeros(tensor, transposed(zeros, tensor.groups(), tensor.rows), products.name));
    tensor.halfOffsets = true;
    return std::move(tensor);
}

} // namespace

const Format& awqGemvFastFormat()
{
    static const AwqGemvFast format;
    return format;
}

} // namespace bitlathe::format
