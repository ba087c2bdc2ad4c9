// SPDX-License-Identifier: Apache-2.0
// Energies of rows: by panels of H, on the backend's products.
#include "core/quant/energy.h"

#include "kernels/backend.h"
#include "kernels/threads.h"

#include <algorithm>
#include <cassert>

namespace bitlathe::quant
{

namespace
{

/// Rows of H that make a panel: large enough for the product to run at full speed, small enough that a stop is seen
/// soon.
constexpr std::int64_t kPanel = 256;
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

/// A panel of H: rows [c, d), of which columns [a, b) count.
struct Panel
{
    std::int64_t a = 0;
    std::int64_t b = 0;
    std::int64_t c = 0;
    std::int64_t d = 0;
};

/// Adds to sums[row] the part weight * x[row][a..b) H[c..d)[a..b)' x[row][c..d)'.
void addProduct(const Rows& x, const Rows& hessian, const Panel& panel, double weight, std::vector<double>& sums)
{
    const auto [a, b, c, d] = panel;
    if (a == b) {
        return;
    }
    const kernels::Backend& backend = kernels::cpuBackend();
    const std::int64_t width = d - c;
    const auto part =
        hessian.values.subspan(static_cast<std::size_t>(c * x.cols), static_cast<std::size_t>(width * x.cols));
    const std::vector<float> weights = columns({part, width, x.cols}, a, b);
    const std::vector<float> left = columns(x, a, b);
    const auto prepared = backend.prepare({kernels::ScalarType::F32, width, b - a, std::as_bytes(std::span(weights))},
                                          kernels::Precision::F32);
    std::vector<float> y(static_cast<std::size_t>(x.count * width));
    backend.gemm(left, x.count, *prepared, {}, y);
    kernels::parallelFor(x.count, kRowGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
            const float* product = y.data() + row * width;
            const float* right = x.row(row) + c;
            double sum = 0;
            for (std::int64_t col = 0; col < width; ++col) {
                sum += static_cast<double>(product[col]) * static_cast<double>(right[col]);
            }
            sums[static_cast<std::size_t>(row)] += weight * sum;
        }
    });
}

} // namespace

std::vector<double> rowEnergies(std::span<const float> x, std::int64_t rows, std::int64_t cols,
                                std::span<const float> hessian, const WorkContext& work)
{
    assert(static_cast<std::int64_t>(x.size()) == rows * cols);
    assert(static_cast<std::int64_t>(hessian.size()) == cols * cols);
    const Rows all{x, rows, cols};
    const Rows matrix{hessian, cols, cols};
    std::vector<double> sums(static_cast<std::size_t>(rows));
    for (std::int64_t first = 0; first < cols && !work.stopRequested(); first += kPanel) {
        const std::int64_t last = std::min(cols, first + kPanel);
        // What lies below the diagonal counts twice, what lies above is not read.
        addProduct(all, matrix, {0, first, first, last}, 2.0, sums);
        addProduct(all, matrix, {first, last, first, last}, 1.0, sums);
    }
    return sums;
}

} // namespace bitlathe::quant
