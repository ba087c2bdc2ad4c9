// SPDX-License-Identifier: Apache-2.0
// Column orders and the factor of the Hessian.
#include "core/quant/gptqfactor.h"

#include "kernels/quantize.h"
#include "kernels/sweep.h"
#include "kernels/threads.h"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace bitlathe::quant
{

namespace
{

constexpr std::int64_t kRowGrain = 16;

std::int64_t widthOfGroups(const Scheme& scheme, std::int64_t cols)
{
    return scheme.groupSize > 0 ? scheme.groupSize : std::max<std::int64_t>(1, cols);
}

/// Runs of equal groups, in the order's places.
std::vector<ColumnRun> runsOf(const std::vector<std::int32_t>& groups)
{
    std::vector<ColumnRun> runs;
    for (std::int64_t place = 0; place < std::ssize(groups); ++place) {
        const std::int64_t group = groups[static_cast<std::size_t>(place)];
        if (runs.empty() || runs.back().group != group) {
            runs.push_back({place, place, group});
        }
        runs.back().end = place + 1;
    }
    return runs;
}

void sortByEnergy(std::vector<std::int32_t>::iterator begin, std::vector<std::int32_t>::iterator end,
                  std::span<const float> energy)
{
    std::stable_sort(begin, end, [energy](std::int32_t a, std::int32_t b) {
        return energy[static_cast<std::size_t>(a)] > energy[static_cast<std::size_t>(b)];
    });
}

/// Columns by energy within their group, groups by their largest. A shorter last group stays last: a group is cut
/// from the file by its place there.
std::vector<std::int32_t> groupAwareColumns(std::span<const float> energy, std::int64_t width)
{
    const auto cols = static_cast<std::int64_t>(energy.size());
    std::vector<std::vector<std::int32_t>> groups;
    for (std::int64_t first = 0; first < cols; first += width) {
        std::vector<std::int32_t>& group = groups.emplace_back(std::min(width, cols - first));
        std::iota(group.begin(), group.end(), static_cast<std::int32_t>(first));
        sortByEnergy(group.begin(), group.end(), energy);
    }
    std::stable_sort(groups.begin(), groups.begin() + cols / width, [energy](const auto& a, const auto& b) {
        return energy[static_cast<std::size_t>(a.front())] > energy[static_cast<std::size_t>(b.front())];
    });
    std::vector<std::int32_t> columns;
    for (const auto& group : groups) {
        columns.insert(columns.end(), group.begin(), group.end());
    }
    return columns;
}

double meanOfDiagonal(std::span<const float> hessian, std::int64_t cols)
{
    double sum = 0;
    std::int64_t living = 0;
    for (std::int64_t i = 0; i < cols; ++i) {
        const auto value = static_cast<double>(hessian[static_cast<std::size_t>(i * cols + i)]);
        sum += value;
        living += value > 0 ? 1 : 0;
    }
    return living > 0 ? sum / static_cast<double>(living) : 0;
}

/// Exchanges [i][j] and [n - 1 - j][n - 1 - i] in the lower triangle.
void transposeAcross(std::vector<float>& matrix, std::int64_t n, std::int64_t stride)
{
    kernels::parallelFor(n, kRowGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            for (std::int64_t j = 0; j <= i && i + j < n - 1; ++j) {
                std::swap(matrix[static_cast<std::size_t>(i * stride + j)],
                          matrix[static_cast<std::size_t>((n - 1 - j) * stride + n - 1 - i)]);
            }
        }
    });
}

/// The lower triangle of the Hessian from its last place to its first: element (i, j) to put(i, j, value).
template <typename Put>
void readReversed(std::span<const float> hessian, const ColumnOrder& order, const Put& put)
{
    const auto n = std::ssize(order.columns);
    kernels::parallelFor(n, kRowGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const float* row = hessian.data() + order.columns[static_cast<std::size_t>(n - 1 - i)] * n;
            for (std::int64_t j = 0; j <= i; ++j) {
                put(i, j, row[order.columns[static_cast<std::size_t>(n - 1 - j)]]);
            }
        }
    });
}

bool factorInSingle(std::span<const float> hessian, const ColumnOrder& order, double added, HessianFactor& result,
                    const WorkContext& work)
{
    result.factor.resize(static_cast<std::size_t>(result.cols * result.stride));
    readReversed(hessian, order, [&](std::int64_t i, std::int64_t j, float value) {
        result.factor[static_cast<std::size_t>(i * result.stride + j)] =
            i == j ? static_cast<float>(static_cast<double>(value) + added) : value;
    });
    return kernels::choleskyLower(result.factor, result.cols, [&work] { return work.stopRequested(); });
}

bool factorInDouble(std::span<const float> hessian, const ColumnOrder& order, double added, HessianFactor& result)
{
    Eigen::MatrixXd matrix(result.cols, result.cols);
    readReversed(hessian, order, [&](std::int64_t i, std::int64_t j, float value) {
        matrix(i, j) = static_cast<double>(value) + (i == j ? added : 0.0);
    });
    const Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>> decomposed(matrix);
    if (decomposed.info() != Eigen::Success || !matrix.diagonal().allFinite()) {
        return false;
    }
    for (std::int64_t i = 0; i < result.cols; ++i) {
        for (std::int64_t j = 0; j <= i; ++j) {
            result.factor[static_cast<std::size_t>(i * result.stride + j)] = static_cast<float>(matrix(i, j));
        }
    }
    return true;
}

/// From the factor of the reversed matrix to rows divided by their diagonal; false where that leaves f32.
bool finishFactor(HessianFactor& result)
{
    transposeAcross(result.factor, result.cols, result.stride);
    result.weight.resize(static_cast<std::size_t>(result.cols));
    kernels::parallelFor(result.cols, kRowGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t c = begin; c < end; ++c) {
            float* row = result.factor.data() + c * result.stride;
            const float diagonal = row[c];
            result.weight[static_cast<std::size_t>(c)] = diagonal * diagonal;
            for (std::int64_t k = 0; k < c; ++k) {
                row[k] /= diagonal;
            }
            std::fill(row + c, row + result.stride, 0.0F);
        }
    });
    return std::ranges::all_of(result.weight, [](float weight) { return std::isfinite(weight) && weight > 0; });
}

} // namespace

ColumnOrder columnOrder(std::span<const float> energy, const Scheme& scheme, const GptqOptions& options)
{
    const auto cols = static_cast<std::int64_t>(energy.size());
    const std::int64_t width = widthOfGroups(scheme, cols);
    const bool oneGroup = width >= cols;
    const bool scattered = !oneGroup && options.staticGroups;
    ColumnOrder order;
    order.columns.resize(energy.size());
    std::iota(order.columns.begin(), order.columns.end(), 0);
    if (scheme.actOrder || (oneGroup && options.effort != Effort::Fast)) {
        sortByEnergy(order.columns.begin(), order.columns.end(), energy);
    } else if (options.effort != Effort::Fast && !scattered) {
        order.columns = groupAwareColumns(energy, width);
    }
    order.movesGroups = scheme.actOrder && !scattered && !oneGroup;
    for (std::int64_t place = 0; place < cols; ++place) {
        const std::int64_t from = order.movesGroups ? place : order.columns[static_cast<std::size_t>(place)];
        order.groups.push_back(static_cast<std::int32_t>(from / width));
    }
    if (!scattered) {
        order.runs = runsOf(order.groups);
    }
    return order;
}

ColumnOrder groupedOrder(const ColumnOrder& order, const Scheme& scheme)
{
    if (!order.runs.empty()) {
        return order;
    }
    ColumnOrder grouped;
    const std::int64_t width = widthOfGroups(scheme, std::ssize(order.columns));
    grouped.columns.resize(order.columns.size());
    std::iota(grouped.columns.begin(), grouped.columns.end(), 0);
    std::ranges::transform(grouped.columns, std::back_inserter(grouped.groups),
                           [width](std::int32_t column) { return static_cast<std::int32_t>(column / width); });
    grouped.runs = runsOf(grouped.groups);
    return grouped;
}

std::shared_ptr<const HessianFactor> factorHessian(std::span<const float> hessian, const ColumnOrder& order,
                                                   const GptqOptions& options, const WorkContext& work)
{
    auto result = std::make_shared<HessianFactor>();
    result->cols = std::ssize(order.columns);
    result->stride = kernels::paddedStride(result->cols);
    const double mean = meanOfDiagonal(hessian, result->cols);
    if (!(mean > 0) || !kernels::valueRange(hessian).finite) {
        return nullptr;
    }
    double step = options.dampingStep;
    for (double damping = options.damping; damping <= 1.0; damping += step, step *= 2) {
        result->damping = damping;
        result->inDouble = false;
        bool done = factorInSingle(hessian, order, damping * mean, *result, work);
        if (work.stopRequested()) {
            return nullptr;
        }
        if (!done) {
            result->inDouble = true;
            done = factorInDouble(hessian, order, damping * mean, *result);
        }
        if (done && finishFactor(*result)) {
            return result;
        }
    }
    return nullptr;
}

Coupling couplingOf(std::span<const float> hessian, const ColumnOrder& order, double damping)
{
    const auto n = std::ssize(order.columns);
    const std::int64_t stride = kernels::paddedStride(n);
    const auto added = static_cast<float>(damping * meanOfDiagonal(hessian, n));
    Coupling coupling;
    coupling.rows.resize(static_cast<std::size_t>(n * stride));
    coupling.weight.resize(static_cast<std::size_t>(n));
    kernels::parallelFor(n, kRowGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const std::int64_t column = order.columns[static_cast<std::size_t>(i)];
            const float* source = hessian.data() + column * n;
            float* row = coupling.rows.data() + i * stride;
            const float diagonal = source[column] + added;
            coupling.weight[static_cast<std::size_t>(i)] = diagonal;
            for (std::int64_t j = 0; j < n; ++j) {
                row[j] = i == j ? 1.0F : source[order.columns[static_cast<std::size_t>(j)]] / diagonal;
            }
        }
    });
    return coupling;
}

} // namespace bitlathe::quant
