// SPDX-License-Identifier: Apache-2.0
// Column orders and the factor of the Hessian.
#include "core/quant/gptqfactor.h"

#include "kernels/quantize.h"
#include "kernels/sweep.h"
#include "kernels/threads.h"

#include <Eigen/Cholesky>

#include <algorithm>
#include <atomic>
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

/// Values where they will be used; those of the processor are taken as they are.
model::Values placed(std::vector<float> values, const kernels::Memory& memory)
{
    model::Values there(memory);
    if (memory.isHost()) {
        there.values = std::move(values);
    } else {
        there.assign(values);
    }
    return there;
}

bool allFinite(std::span<const float> values)
{
    constexpr std::int64_t kPiece = 1 << 18;
    std::atomic<bool> finite = true;
    kernels::parallelFor(std::ssize(values), kPiece, [&](std::int64_t begin, std::int64_t end) {
        const auto piece = values.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
        if (!kernels::valueRange(piece).finite) {
            finite = false;
        }
    });
    return finite;
}

bool factorInSingle(const PlacedHessian& hessian, const ColumnOrder& order, double added, HessianFactor& result,
                    const kernels::Backend& backend, const WorkContext& work)
{
    kernels::ColumnFactoring factoring;
    factoring.cols = result.cols;
    factoring.matrix = hessian.here;
    factoring.columns = order.columns;
    factoring.added = added;
    factoring.factor = result.factor.span();
    factoring.weight = result.weight.span();
    factoring.stop = [&work] { return work.stopRequested(); };
    const bool done = backend.factorColumns(factoring);
    if (!backend.memory().failure().empty()) {
        throw model::DeviceError::of(backend.memory(), 0);
    }
    return done;
}

/// The same in double, by the processor.
bool factorInDouble(std::span<const float> hessian, const ColumnOrder& order, double added, HessianFactor& result)
{
    const std::int64_t n = result.cols;
    const auto last = [n](std::int64_t place) { return static_cast<std::size_t>(n - 1 - place); };
    Eigen::MatrixXd matrix(n, n); // From the last place to the first.
    kernels::parallelFor(n, kRowGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const float* row = hessian.data() + order.columns[last(i)] * n;
            for (std::int64_t j = 0; j <= i; ++j) {
                matrix(i, j) = static_cast<double>(row[order.columns[last(j)]]) + (i == j ? added : 0.0);
            }
        }
    });
    const Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>> decomposed(matrix);
    if (decomposed.info() != Eigen::Success || !matrix.diagonal().allFinite()) {
        return false;
    }
    std::vector<float> factor(static_cast<std::size_t>(n * result.stride));
    std::vector<float> weight(static_cast<std::size_t>(n));
    kernels::parallelFor(n, kRowGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t c = begin; c < end; ++c) {
            const auto diagonal = static_cast<float>(matrix(n - 1 - c, n - 1 - c));
            weight[static_cast<std::size_t>(c)] = diagonal * diagonal;
            for (std::int64_t k = 0; k < c; ++k) {
                factor[static_cast<std::size_t>(c * result.stride + k)] =
                    static_cast<float>(matrix(n - 1 - k, n - 1 - c)) / diagonal;
            }
        }
    });
    result.factor.assign(factor);
    result.weight.assign(weight);
    return true;
}

/// False where dividing by the diagonal left f32.
bool isUsable(const HessianFactor& factor)
{
    const model::OnProcessor weights(factor.weight.memory(), factor.weight.span());
    return std::ranges::all_of(weights.span(), [](float weight) { return std::isfinite(weight) && weight > 0; });
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

std::shared_ptr<const HessianFactor> factorHessian(const PlacedHessian& hessian, const ColumnOrder& order,
                                                   const GptqOptions& options, const kernels::Backend& backend,
                                                   const WorkContext& work)
{
    auto result = std::make_shared<HessianFactor>(backend.memory());
    result->cols = std::ssize(order.columns);
    result->stride = kernels::paddedStride(result->cols);
    const double mean = meanOfDiagonal(hessian.host, result->cols);
    if (!(mean > 0) || !allFinite(hessian.host)) {
        return nullptr;
    }
    result->factor.resize(static_cast<std::size_t>(result->cols * result->stride));
    result->weight.resize(static_cast<std::size_t>(result->cols));
    double step = options.dampingStep;
    for (double damping = options.damping; damping <= 1.0; damping += step, step *= 2) {
        result->damping = damping;
        result->inDouble = false;
        bool done = factorInSingle(hessian, order, damping * mean, *result, backend, work);
        if (work.stopRequested()) {
            return nullptr;
        }
        if (!done) {
            result->inDouble = true;
            done = factorInDouble(hessian.host, order, damping * mean, *result);
        }
        if (done && isUsable(*result)) {
            return result;
        }
    }
    return nullptr;
}

Coupling couplingOf(std::span<const float> hessian, const ColumnOrder& order, double damping,
                    const kernels::Memory& memory)
{
    const auto n = std::ssize(order.columns);
    const std::int64_t stride = kernels::paddedStride(n);
    const auto added = static_cast<float>(damping * meanOfDiagonal(hessian, n));
    std::vector<float> rows(static_cast<std::size_t>(n * stride));
    std::vector<float> weight(static_cast<std::size_t>(n));
    kernels::parallelFor(n, kRowGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const std::int64_t column = order.columns[static_cast<std::size_t>(i)];
            const float* source = hessian.data() + column * n;
            float* row = rows.data() + i * stride;
            const float diagonal = source[column] + added;
            weight[static_cast<std::size_t>(i)] = diagonal;
            for (std::int64_t j = 0; j < n; ++j) {
                row[j] = i == j ? 1.0F : source[order.columns[static_cast<std::size_t>(j)]] / diagonal;
            }
        }
    });
    return {placed(std::move(rows), memory), placed(std::move(weight), memory)};
}

} // namespace bitlathe::quant
