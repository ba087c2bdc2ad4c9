// SPDX-License-Identifier: Apache-2.0
// DenseSource: linears made from the tensors of an unquantized checkpoint.
#include "core/model/densesource.h"

#include "kernels/threads.h"

#include <algorithm>
#include <cstring>

namespace bitlathe::model
{

namespace
{

/// A view of weights [out, in] and, where the file holds them otherwise, the bytes that it views.
struct Weights
{
    checkpoint::TensorView view;
    std::vector<std::byte> bytes;
};

constexpr std::int64_t kRowGrain = 16;

template <std::size_t kSize>
void transpose(const std::byte* from, std::int64_t rows, std::int64_t cols, std::byte* to)
{
    constexpr std::int64_t kTile = 64; // Rows and columns of a tile stay in the cache.
    kernels::parallelFor((cols + kTile - 1) / kTile, 1, [&](std::int64_t tile, std::int64_t) {
        const std::int64_t last = std::min(cols, (tile + 1) * kTile);
        for (std::int64_t first = 0; first < rows; first += kTile) {
            for (std::int64_t col = tile * kTile; col < last; ++col) {
                for (std::int64_t row = first; row < std::min(rows, first + kTile); ++row) {
                    std::memcpy(to + (col * rows + row) * static_cast<std::int64_t>(kSize),
                                from + (row * cols + col) * static_cast<std::int64_t>(kSize), kSize);
                }
            }
        }
    });
}

Weights transposed(const checkpoint::TensorView& view)
{
    Weights weights{view, std::vector<std::byte>(view.bytes.size())};
    const std::int64_t rows = view.shape[0];
    const std::int64_t cols = view.shape[1];
    switch (checkpoint::dtypeBytes(view.dtype)) {
    case 1: transpose<1>(view.bytes.data(), rows, cols, weights.bytes.data()); break;
    case 2: transpose<2>(view.bytes.data(), rows, cols, weights.bytes.data()); break;
    case 4: transpose<4>(view.bytes.data(), rows, cols, weights.bytes.data()); break;
    default: transpose<8>(view.bytes.data(), rows, cols, weights.bytes.data()); break;
    }
    weights.view.shape = {cols, rows};
    weights.view.bytes = weights.bytes;
    return weights;
}

class DenseSource final : public WeightSource
{
public:
    explicit DenseSource(std::shared_ptr<const checkpoint::Checkpoint> checkpoint) : m_checkpoint(std::move(checkpoint))
    {}

    Result<checkpoint::TensorView> tensor(const std::string& name, const checkpoint::Shape& shape) const override
    {
        BITLATHE_TRY(const checkpoint::TensorEntry* entry, floatEntry(name, shape));
        return m_checkpoint->view(*entry);
    }

    bool has(const std::string& name) const override { return m_checkpoint->find(name) != nullptr; }

    Result<void> check(const LinearSpec& spec) const override
    {
        BITLATHE_CHECK(floatEntry(spec.weightName(), spec.fileShape()));
        if (spec.hasBias) {
            BITLATHE_CHECK(floatEntry(spec.biasName(), {spec.outFeatures}));
        }
        return {};
    }

    Result<std::unique_ptr<Linear>> linear(const LinearSpec& spec, Compute compute) const override
    {
        return linearOn(spec, compute, kernels::cpuBackend());
    }

    Result<std::unique_ptr<Linear>> linearOn(const LinearSpec& spec, Compute compute,
                                             const kernels::Backend& backend) const override
    {
        BITLATHE_TRY(const Weights weights, load(spec));
        std::vector<float> bias;
        if (spec.hasBias) {
            BITLATHE_TRY(const checkpoint::TensorView view, tensor(spec.biasName(), {spec.outFeatures}));
            bias = checkpoint::toF32(view);
        }
        auto linear = makeDenseLinear(weights.view, bias, compute, backend);
        release(spec);
        return linear;
    }

    Result<std::vector<float>> weights(const LinearSpec& spec) const override
    {
        BITLATHE_TRY(const Weights weights, load(spec));
        return checkpoint::toF32(weights.view);
    }

    Result<void> readWeights(const LinearSpec& spec, std::span<float> out) const override
    {
        BITLATHE_TRY(const Weights weights, load(spec));
        checkpoint::toF32(weights.view, out);
        return {};
    }

    Result<RawVector<float>> weightRows(const LinearSpec& spec, std::span<const std::int64_t> rows) const override
    {
        if (spec.transposed) {
            return WeightSource::weightRows(spec, rows);
        }
        BITLATHE_TRY(const checkpoint::TensorView view, tensor(spec.weightName(), spec.fileShape()));
        const std::int64_t cols = spec.inFeatures;
        RawVector<float> some(rows.size() * static_cast<std::size_t>(cols));
        kernels::parallelFor(std::ssize(rows), kRowGrain, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) {
                checkpoint::readF32(
                    view, rows[static_cast<std::size_t>(i)] * cols,
                    std::span(some).subspan(static_cast<std::size_t>(i * cols), static_cast<std::size_t>(cols)));
            }
        });
        return some;
    }

    void release(const LinearSpec& spec) const override
    {
        if (const auto* entry = m_checkpoint->find(spec.weightName())) {
            m_checkpoint->release(*entry);
        }
    }

private:
    Result<const checkpoint::TensorEntry*> floatEntry(const std::string& name, const checkpoint::Shape& shape) const
    {
        BITLATHE_TRY(const checkpoint::TensorEntry* entry, m_checkpoint->entry(name, shape));
        if (!checkpoint::isFloat(entry->dtype)) {
            return fail(ErrorCode::TensorInvalid, name, Text(BITLATHE_TEXT("a floating-point tensor")),
                        Text(BITLATHE_TEXT("%1"), checkpoint::dtypeName(entry->dtype)),
                        Text(BITLATHE_TEXT("Open the folder as the quantized model it seems to be")));
        }
        return entry;
    }

    Result<Weights> load(const LinearSpec& spec) const
    {
        BITLATHE_TRY(const checkpoint::TensorView view, tensor(spec.weightName(), spec.fileShape()));
        return spec.transposed ? transposed(view) : Weights{view, {}};
    }

    std::shared_ptr<const checkpoint::Checkpoint> m_checkpoint;
};

} // namespace

std::shared_ptr<const WeightSource> makeDenseSource(std::shared_ptr<const checkpoint::Checkpoint> checkpoint)
{
    return std::make_shared<DenseSource>(std::move(checkpoint));
}

} // namespace bitlathe::model
