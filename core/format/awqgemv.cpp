// SPDX-License-Identifier: Apache-2.0
// AwqGemv: the checkpoints of AutoAWQ, version gemv.
#include "core/format/awqgemv.h"

#include "core/format/awqformat.h"
#include "core/format/awqgroups.h"
#include "core/format/layertensors.h"
#include "core/format/packing.h"

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

class AwqGemv final : public AwqFormat
{
public:
    AwqGemv() : AwqFormat(AwqLayout::Gemv) {}

    std::string_view name() const override { return "awq-gemv"; }
    std::string_view title() const override { return BITLATHE_TEXT("AWQ (gemv)"); }
    std::vector<TensorPlan> plan(const LinearSpec& linear, const Scheme& scheme, DType modelDType) const override;
    Result<std::vector<EncodedTensor>> encode(const LinearSpec& linear, const QuantizedTensor& tensor,
                                              DType modelDType) const override;
    Result<QuantizedTensor> decode(const Checkpoint& checkpoint, const LinearSpec& linear,
                                   const Scheme& scheme) const override;

protected:
    Multiples multiples() const override { return {.in = 8, .out = 8}; }
    std::vector<std::int64_t> groupSizes() const override { return kPaddedGroupSizes; }
};

std::vector<TensorPlan> AwqGemv::plan(const LinearSpec& linear, const Scheme& scheme, DType) const
{
    const std::int64_t words = paddedGroups(linear.inFeatures, scheme.groupSize) / 8;
    return {
        {linear.name + ".qweight", DType::I32, {linear.outFeatures, linear.inFeatures / 8}},
        {linear.name + ".qzeros", DType::I32, {linear.outFeatures, words}},
        {linear.name + ".scales", DType::F16, {linear.outFeatures, 8 * words}},
    };
}

/// Values [rows, from] as [rows, to], cut or filled with zeros.
template <typename T>
std::vector<T> resized(const std::vector<T>& values, std::size_t from, std::size_t to)
{
    const std::size_t rows = values.size() / from;
    std::vector<T> out(rows * to);
    for (std::size_t row = 0; row < rows; ++row) {
        std::copy_n(values.data() + row * from, std::min(from, to), out.data() + row * to);
    }
    return out;
}

Result<std::vector<EncodedTensor>> AwqGemv::encode(const LinearSpec& linear, const QuantizedTensor& tensor,
                                                   DType modelDType) const
{
    BITLATHE_TRY(std::vector<EncodedTensor> encoded, prepare(linear, tensor, modelDType));
    const auto groups = static_cast<std::size_t>(tensor.groups());
    const auto padded = static_cast<std::size_t>(encoded[2].plan.shape[1]);
    // Rows of eight codes in a word follow each other as the bytes of the neutral codes do.
    std::memcpy(encoded[0].bytes.data(), tensor.codes.data(), tensor.codes.size());
    packWords(resized(zerosOf(tensor), groups, padded), 4, WordLayout::Stream, encoded[1].bytes);
    encoded[2].bytes = floatBytes(DType::F16, resized(scalesOf(tensor), groups, padded));
    return encoded;
}

Result<QuantizedTensor> AwqGemv::decode(const Checkpoint& checkpoint, const LinearSpec& linear,
                                        const Scheme& scheme) const
{
    BITLATHE_TRY(StoredLayer stored, storedLayer(checkpoint, linear, scheme));
    QuantizedTensor& tensor = stored.tensor;
    const auto groups = static_cast<std::size_t>(tensor.groups());
    const auto padded = static_cast<std::size_t>(stored.scales.shape[1]);
    tensor.scales = resized(checkpoint::toF32(stored.scales), padded, groups);
    std::memcpy(tensor.codes.data(), stored.codes.bytes.data(), tensor.codes.size());
    std::vector<std::uint8_t> all(static_cast<std::size_t>(tensor.rows) * padded);
    unpackWords(stored.zeros.bytes, 4, WordLayout::Stream, all);
    BITLATHE_CHECK(keepZeros(tensor, resized(all, padded, groups), stored.zeros.name));
    return std::move(tensor);
}

} // namespace

const Format& awqGemvFormat()
{
    static const AwqGemv format;
    return format;
}

} // namespace bitlathe::format
