// SPDX-License-Identifier: Apache-2.0
// The order of columns in a GPTQ sweep and the factor of the Hessian in that order.
#pragma once

#include "core/base/progress.h"
#include "core/calibrate/layerstats.h"
#include "core/model/values.h"
#include "core/quant/methodoptions.h"
#include "core/quant/scheme.h"
#include "kernels/backend.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace bitlathe::quant
{

using kernels::ColumnRun;

/// The order in which columns are rounded.
struct ColumnOrder
{
    std::vector<std::int32_t> columns; ///< Place in the order -> column.
    std::vector<std::int32_t> groups;  ///< Place in the order -> group.
    std::vector<ColumnRun> runs;       ///< Empty: groups are scattered over the order.
    bool movesGroups = false;          ///< True: groups are not column / groupSize; the file needs groups of columns.

    kernels::OrderedColumns view() const { return {columns, groups, runs}; }
    bool operator==(const ColumnOrder& other) const { return columns == other.columns && groups == other.groups; }
};

/// energy: diagonal of the Hessian.
///  - act order: largest energy first, groups cut from that order; under static groups they stay where they are;
///  - else, above Effort::Fast: groups by their largest energy, columns by energy within their group (arXiv
///  2505.14638), so that
///    groups stay where they are and are swept one after the other; one group per row: by energy;
///  - Effort::Fast: as they come.
/// Ties keep the columns' order.
ColumnOrder columnOrder(std::span<const float> energy, const Scheme& scheme, const GptqOptions& options);
/// Every group's columns side by side: the order itself where it has runs, else as they come.
ColumnOrder groupedOrder(const ColumnOrder& order, const Scheme& scheme);

/// H + damping = V V' with V upper triangular, in the order's places: d H d' is the sum over c of
/// (V[c][c] d[c] + sum over k < c of V[k][c] d[k])^2. So once d[0 ... c) is settled, d[c] that leaves least is
/// -sum over k < c of d[k] factor[c][k] with factor[c][k] = V[k][c] / V[c][c], and every unit away from it costs
/// weight[c] = V[c][c]^2. The same as the paper's use of the factor of the inverse, without an inverse.
struct HessianFactor
{
    explicit HessianFactor(const kernels::Memory& memory) : factor(memory), weight(memory) {}

    std::int64_t cols = 0;
    std::int64_t stride = 0; ///< kernels::paddedStride(cols).
    model::Values factor;    ///< [cols, stride]; only entries k < c mean something.
    model::Values weight;    ///< [cols]
    double damping = 0;      ///< The share of the mean diagonal that was added in the end.
    bool inDouble = false;   ///< Whether f32 did not do.
};

/// A Hessian where the processor has it, and in the memory of what computes; the same where that is the processor's.
struct PlacedHessian
{
    std::span<const float> host;
    std::span<const float> here;
};

/// Null where no damping up to 1 gives a positive definite matrix, or after a stop. hessian is [cols, cols], symmetric.
/// Throws a model::DeviceError where backend is a device that has no room or fails.
std::shared_ptr<const HessianFactor> factorHessian(const PlacedHessian& hessian, const ColumnOrder& order,
                                                   const GptqOptions& options, const kernels::Backend& backend,
                                                   const WorkContext& work);

/// (H + damping) with every row divided by its diagonal, [cols, stride], in the order's places; weight: the diagonal.
struct Coupling
{
    model::Values rows;
    model::Values weight;
};
/// Made by the processor in that memory; throws as factorHessian().
Coupling couplingOf(std::span<const float> hessian, const ColumnOrder& order, double damping,
                    const kernels::Memory& memory);

} // namespace bitlathe::quant
