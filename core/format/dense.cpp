// SPDX-License-Identifier: Apache-2.0
// Dense: weights in the model's own float type, dequantized where they were quantized.
#include "core/format/dense.h"

#include "core/format/floatbytes.h"
#include "core/format/quantizationconfig.h"
#include "kernels/threads.h"

namespace bitlathe::format
{

using checkpoint::Checkpoint;
using checkpoint::DType;
using checkpoint::TensorPlan;

namespace
{

class Dense final : public Format
{
public:
    std::string_view name() const override { return "dense"; }
    std::string_view title() const override { return BITLATHE_TEXT("Dense (dequantized safetensors)"); }
    std::vector<std::string> consumers() const override
    {
        return {"transformers", "vLLM", "SGLang", "TGI", "llama.cpp (convert_hf_to_gguf.py)"};
    }

    Result<void> check(const quant::Scheme&, const model::LinearSpec&) const override { return {}; }

    /// That of the other formats, so that a dense export shows the same quantization as theirs.
    DType scaleDType(DType modelDType) const override { return writableDType(modelDType); }

    std::vector<TensorPlan> plan(const model::LinearSpec& linear, const quant::Scheme&, DType modelDType) const override
    {
        return {{linear.weightName(), writableDType(modelDType), linear.fileShape()}};
    }

    Result<std::vector<EncodedTensor>> encode(const model::LinearSpec& linear, const quant::QuantizedTensor& tensor,
                                              DType modelDType) const override;

    Result<Json> quantizationConfig(const model::ModelSpec&, const LinearSchemes&) const override
    {
        return Json(nullptr);
    }

    bool recognizes(const Checkpoint& checkpoint) const override
    {
        const auto stored = storedQuantization(checkpoint);
        return stored && !*stored;
    }

    Result<LinearSchemes> schemes(const Checkpoint&, const model::ModelSpec& spec) const override
    {
        return LinearSchemes(spec.linears.size());
    }

    Result<quant::QuantizedTensor> decode(const Checkpoint&, const model::LinearSpec& linear,
                                          const quant::Scheme&) const override
    {
        return fail(ErrorCode::NotSupported, linear.name, Text(BITLATHE_TEXT("a quantized layer")),
                    Text(BITLATHE_TEXT("one in full precision")), Text(BITLATHE_TEXT("Read it as a dense layer")));
    }
};

Result<std::vector<EncodedTensor>> Dense::encode(const model::LinearSpec& linear, const quant::QuantizedTensor& tensor,
                                                 DType modelDType) const
{
    EncodedTensor encoded{plan(linear, tensor.scheme, modelDType).front(), {}};
    const DType dtype = encoded.plan.dtype;
    const auto rowBytes = static_cast<std::size_t>(tensor.cols) * checkpoint::dtypeBytes(dtype);
    encoded.bytes.resize(static_cast<std::size_t>(tensor.rows) * rowBytes);
    if (linear.transposed) {
        const std::vector<float> values = tensor.dequantize();
        std::vector<float> turned(values.size());
        const auto rows = static_cast<std::size_t>(tensor.rows);
        const auto cols = static_cast<std::size_t>(tensor.cols);
        for (std::size_t i = 0; i < values.size(); ++i) {
            turned[i % cols * rows + i / cols] = values[i];
        }
        storeFloats(dtype, turned, encoded.bytes);
        std::vector<EncodedTensor> one;
        one.push_back(std::move(encoded));
        return one;
    }
    constexpr std::int64_t kRowsPerPiece = 16;
    kernels::parallelFor(tensor.rows, kRowsPerPiece, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> values(static_cast<std::size_t>((end - begin) * tensor.cols));
        tensor.dequantizeRows(begin, end - begin, values);
        storeFloats(
            dtype, values,
            std::span(encoded.bytes)
                .subspan(static_cast<std::size_t>(begin) * rowBytes, static_cast<std::size_t>(end - begin) * rowBytes));
    });
    std::vector<EncodedTensor> all;
    all.push_back(std::move(encoded));
    return all;
}

} // namespace

const Format& denseFormat()
{
    static const Dense format;
    return format;
}

} // namespace bitlathe::format
