// SPDX-License-Identifier: Apache-2.0
// Energies of rows: by panels of H, on the backend's products.
#include "core/quant/energy.h"

#include "core/quant/deviceenergy.h"
#include "kernels/backend.h"
#include "kernels/threads.h"

#include <algorithm>
#include <cassert>

namespace bitlathe::quant
{

namespace
{

/// Rows of H that make a panel: large enough for the product to run at full speed and for few copies of x, small enough
/// that a stop is seen soon.
constexpr std::int64_t kPanel = 512;
constexpr std::int64_t kRowGrain = 16;

/// Rows without gaps.
struct Rows
{
    std::span<const float> values;
    std::int64_t count = 0;
    std::int64_t cols = 0;

    const float* row(std::int64_t index) const { return values.data() + index * cols; }
};

/// Columns [from, to) of rows, without gaps.
std::vector<float> columns(const Rows& rows, std::int64_t from, std::int64_t to)
{
    std::vector<float> out(static_cast<std::size_t>(rows.count * (to - from)));
    kernels::parallelFor(rows.count, kRowGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
            std::copy_n(rows.row(row) + from, to - from, out.data() + row * (to - from));
        }
    });
    return out;
}

/// Columns [from, to) of some rows of H.
struct Part
{
    std::int64_t from = 0;
    std::int64_t to = 0;
    std::unique_ptr<kernels::PreparedWeights> prepared; ///< Null: there are no such columns.
};

Part makePart(const Rows& rows, std::int64_t from, std::int64_t to, kernels::Precision precision)
{
    Part part{from, to, nullptr};
    if (from < to) {
        const std::vector<float> values = columns(rows, from, to);
        part.prepared = kernels::cpuBackend().prepare(
            {kernels::ScalarType::F32, rows.count, to - from, std::as_bytes(std::span(values))}, precision);
    }
    return part;
}

/// Adds to sums[row] the part weight * x[row][from..to) P' x[row][first..), for P of the rows of H from first on.
void addProduct(const Rows& x, const Part& part, std::int64_t first, double weight, std::vector<double>& sums)
{
    if (part.prepared == nullptr) {
        return;
    }
    const std::int64_t width = part.prepared->outputs();
    const std::vector<float> left = columns(x, part.from, part.to);
    std::vector<float> y(static_cast<std::size_t>(x.count * width));
    kernels::cpuBackend().gemm(left, x.count, *part.prepared, {}, y);
    kernels::parallelFor(x.count, kRowGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
            const float* product = y.data() + row * width;
            const float* right = x.row(row) + first;
            double sum = 0;
            for (std::int64_t col = 0; col < width; ++col) {
                sum += static_cast<double>(product[col]) * static_cast<double>(right[col]);
            }
            sums[static_cast<std::size_t>(row)] += weight * sum;
        }
    });
}

/// Rows of H from first on, up to the diagonal.
struct Panel
{
    std::int64_t first = 0;
    Part below;
    Part diagonal;

    Panel(std::span<const float> hessian, std::int64_t cols, std::int64_t from, kernels::Precision precision)
        : first(from)
    {
        const std::int64_t last = std::min(cols, first + kPanel);
        const Rows rows{
            hessian.subspan(static_cast<std::size_t>(first * cols), static_cast<std::size_t>((last - first) * cols)),
            last - first, cols};
        below = makePart(rows, 0, first, precision);
        diagonal = makePart(rows, first, last, precision);
    }

    void addEnergies(const Rows& x, std::vector<double>& sums) const
    {
        // What lies below the diagonal counts twice, what lies above is not read.
        addProduct(x, below, first, 2.0, sums);
        addProduct(x, diagonal, first, 1.0, sums);
    }
};

} // namespace

struct EnergyForm::Prepared
{
    std::vector<Panel> panels;
    const kernels::Backend* device = nullptr; ///< Null: the processor has the panels.
    std::unique_ptr<kernels::PreparedWeights> whole;
};

EnergyForm::EnergyForm(std::span<const float> hessian, std::int64_t cols, const kernels::Backend* device) : m_cols(cols)
{
    assert(static_cast<std::int64_t>(hessian.size()) == cols * cols);
    auto prepared = std::make_shared<Prepared>();
    m_prepared = prepared;
    if (const kernels::Backend& backend = backendOf(device); !backend.memory().isHost()) {
        prepared->device = &backend;
        prepared->whole =
            backend.prepare({kernels::ScalarType::F32, cols, cols, std::as_bytes(hessian)}, kernels::Precision::Bf16);
        if (!prepared->whole) {
            throw model::DeviceError::of(backend.memory(), hessian.size() * 2);
        }
        return;
    }
    for (std::int64_t first = 0; first < cols; first += kPanel) {
        prepared->panels.emplace_back(hessian, cols, first, kernels::Precision::Bf16);
    }
}

std::vector<double> EnergyForm::energies(std::span<const float> x, std::int64_t rows, const WorkContext& work) const
{
    assert(static_cast<std::int64_t>(x.size()) == rows * m_cols);
    if (m_prepared->whole) {
        return movedEnergies(x, rows, *m_prepared->whole, *m_prepared->device, work);
    }
    std::vector<double> sums(static_cast<std::size_t>(rows));
    for (const Panel& panel : m_prepared->panels) {
        if (!work.stopRequested()) {
            panel.addEnergies({x, rows, m_cols}, sums);
        }
    }
    return sums;
}

const kernels::Backend* EnergyForm::device() const
{
    return m_prepared->device;
}

std::vector<double> EnergyForm::energiesThere(std::span<const float> x, std::int64_t rows) const
{
    return deviceEnergies(x, rows, *m_prepared->whole, *m_prepared->device);
}

std::vector<double> rowEnergies(std::span<const float> x, std::int64_t rows, std::int64_t cols,
                                std::span<const float> hessian, const WorkContext& work)
{
    assert(static_cast<std::int64_t>(x.size()) == rows * cols);
    assert(static_cast<std::int64_t>(hessian.size()) == cols * cols);
    std::vector<double> sums(static_cast<std::size_t>(rows));
    for (std::int64_t first = 0; first < cols && !work.stopRequested(); first += kPanel) {
        // One after the other: all together would be as large as half the Hessian.
        Panel(hessian, cols, first, kernels::Precision::F32).addEnergies({x, rows, cols}, sums);
    }
    return sums;
}

} // namespace bitlathe::quant
