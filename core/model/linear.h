// SPDX-License-Identifier: Apache-2.0
// Linear, WeightSource: what the forward pass calls without knowing how weights are stored.
#pragma once

#include "core/base/rawvector.h"
#include "core/base/result.h"
#include "core/checkpoint/tensor.h"
#include "core/model/modelspec.h"
#include "core/model/values.h"
#include "kernels/backend.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace bitlathe::model
{

/// Arithmetic of matrix products. Activations between products, norms, softmax and sums stay f32 in both.
enum class Compute { F32, Bf16 };

std::string_view computeName(Compute compute);
/// Bf16 where the processor multiplies bf16 in hardware, else F32.
Compute fastestCompute();
kernels::Precision precisionOf(Compute compute);

/// Rows of activations, [rows, cols] row-major f32.
struct Activations : Values
{
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    std::int64_t sequences = 1; ///< Of one length, that stand behind each other in rows.

    Activations() = default;
    explicit Activations(const kernels::Memory& memory) : Values(memory) {}
    Activations(std::int64_t rowCount, std::int64_t colCount, const kernels::Memory& memory = kernels::hostMemory())
        : Values(memory), rows(rowCount), cols(colCount)
    {
        resize(static_cast<std::size_t>(rowCount * colCount));
    }
    /// The same in the memory of a backend; themselves where they are there.
    Activations movedTo(const kernels::Memory& memory) &&;
    // Of values on the processor.
    std::span<float> row(std::int64_t index)
    {
        return std::span(values).subspan(static_cast<std::size_t>(index * cols), static_cast<std::size_t>(cols));
    }
    std::span<const float> row(std::int64_t index) const
    {
        return std::span(values).subspan(static_cast<std::size_t>(index * cols), static_cast<std::size_t>(cols));
    }
};

/// y = x W' + b, in the memory of the backend that it was made for. Implementations: dense here, packed in quant/.
/// Immutable; any thread.
class Linear
{
public:
    virtual ~Linear() = default;
    virtual std::int64_t outFeatures() const = 0;
    virtual std::int64_t inFeatures() const = 0;
    virtual std::uint64_t bytes() const = 0; ///< Of weights held in memory.
    /// x: [x.rows, inFeatures]; y: rows x outFeatures, overwritten. The result of a row does not depend on the
    /// others, but under LLM.int8(), whose outlier channels are those of all rows of a call.
    virtual void forward(const Activations& x, std::span<float> y) const = 0;
    /// forward() as a product that the backend can make beside others of the same x; nothing where it is more than
    /// one product.
    virtual std::optional<kernels::GemmPart> part(std::span<float> /*y*/) const { return std::nullopt; }
};

/// Where a Model takes its weights from: a dense checkpoint (model/), or a quantized one or a set of QuantizedTensors
/// (format/).
class WeightSource
{
public:
    virtual ~WeightSource() = default;
    /// A tensor that is not a quantizable linear's weight (embedding, norms, head, biases).
    virtual Result<checkpoint::TensorView> tensor(const std::string& name, const checkpoint::Shape& shape) const = 0;
    virtual bool has(const std::string& name) const = 0;
    /// Whether linear() would find what it needs, in the right shape, without loading it.
    virtual Result<void> check(const LinearSpec& /*spec*/) const { return {}; }
    /// The linear ready to run; loaded now.
    virtual Result<std::unique_ptr<Linear>> linear(const LinearSpec& spec, Compute compute) const = 0;
    /// The same for a backend. A source that knows only of the processor computes there and moves what goes in and out.
    virtual Result<std::unique_ptr<Linear>> linearOn(const LinearSpec& spec, Compute compute,
                                                     const kernels::Backend& backend) const;
    /// The linear's weights as f32, [outFeatures, inFeatures] row-major: dequantized where quantized.
    virtual Result<std::vector<float>> weights(const LinearSpec& spec) const = 0;
    /// The same into memory that is there already, of as many values: new memory takes longer than most reading.
    virtual Result<void> readWeights(const LinearSpec& spec, std::span<float> out) const;
    /// Some of their rows, one after the other; 0 <= each of rows < outFeatures.
    virtual Result<RawVector<float>> weightRows(const LinearSpec& spec, std::span<const std::int64_t> rows) const;
    /// May drop cached pages of a block's tensors.
    virtual void release(const LinearSpec& spec) const = 0;
};

/// What products and tables call a type; nothing: they do not know it.
std::optional<kernels::ScalarType> scalarTypeOf(checkpoint::DType dtype);

/// A dense linear from weights [outFeatures, inFeatures] of any float type, and an optional bias (empty: none).
std::unique_ptr<Linear> makeDenseLinear(const checkpoint::TensorView& weights, std::span<const float> bias,
                                        Compute compute, const kernels::Backend& backend = kernels::cpuBackend());
/// Prepared weights of the backend; a DeviceError where its memory does not hold them.
std::unique_ptr<kernels::PreparedWeights> preparedOn(const kernels::Backend& backend,
                                                     const kernels::WeightsView& weights, Compute compute);
/// A linear of the processor between values of a device; the linear itself where those are the processor's.
std::unique_ptr<Linear> onProcessor(std::unique_ptr<Linear> linear, const kernels::Backend& backend);

} // namespace bitlathe::model
