// SPDX-License-Identifier: Apache-2.0
// Factor and sweep in plain loops.
#include "kernels/reference/columns.h"

#include "kernels/quantize.h"
#include "kernels/sweep.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace bitlathe::kernels
{

namespace
{

/// Columns that are swept by one row: places of the row's vectors, and how they are coupled.
struct RowColumns
{
    std::vector<std::int64_t> places;
    const float* factor = nullptr; ///< Row c of places.front() on; null: nothing is coupled.
    std::int64_t stride = 0;
    const float* weight = nullptr; ///< By place.
};

struct RowGrid
{
    float scale = 1.0F;
    float zero = 0.0F;
    bool coarse = false;
};

class RowRounding
{
public:
    RowRounding(const ColumnRounding& task, std::int64_t row)
        : m_task(task),
          m_row(row),
          m_order(&task.order),
          m_state(static_cast<std::size_t>(task.cols)),
          m_errors(m_state.size()),
          m_steps(m_state.size()),
          m_grids(static_cast<std::size_t>(task.groups))
    {
        for (std::size_t place = 0; place < m_state.size(); ++place) {
            m_state[place] = task.weights[static_cast<std::size_t>(row * task.cols + m_order->columns[place])];
        }
        m_original = m_state;
    }

    void sweep();
    void refine();
    void store() const;

private:
    float rounded(float scale) const { return roundToScaleType(scale, m_task.rule.scaleType); }
    RowColumns placesOf(std::int64_t group) const;
    RowColumns coupled(const ColumnRun& run, std::span<const float> factor, std::span<const float> weight) const;
    RowGrid gridOver(float low, float high, float ratio) const;
    RowGrid chosen(const RowColumns& columns, const std::vector<float>& state, const std::vector<float>& targets) const;
    RowGrid moved(const RowColumns& columns, const std::vector<float>& state, RowGrid best, bool relative) const;
    float lossOf(const RowColumns& columns, const std::vector<float>& state, const RowGrid& grid, bool relative) const;
    void round(std::int64_t place, float target, const RowGrid& grid);
    void sweepRun(const ColumnRun& run);
    void refineRun(const ColumnRun& run);

    const ColumnRounding& m_task;
    std::int64_t m_row;
    const OrderedColumns* m_order;
    std::vector<float> m_original; ///< By place, as all of these.
    std::vector<float> m_state;    ///< Original plus corrections.
    std::vector<float> m_errors;
    std::vector<float> m_steps;
    std::vector<RowGrid> m_grids;
};

/// The places of a scattered group.
RowColumns RowRounding::placesOf(std::int64_t group) const
{
    RowColumns columns;
    columns.weight = m_task.weight.data();
    for (std::int64_t place = 0; place < m_task.cols; ++place) {
        if (m_order->groups[static_cast<std::size_t>(place)] == group) {
            columns.places.push_back(place);
        }
    }
    return columns;
}

RowColumns RowRounding::coupled(const ColumnRun& run, std::span<const float> factor,
                                std::span<const float> weight) const
{
    RowColumns columns;
    columns.stride = paddedStride(m_task.cols);
    columns.factor = factor.data() + run.begin * columns.stride + run.begin;
    columns.weight = weight.data();
    for (std::int64_t place = run.begin; place < run.end; ++place) {
        columns.places.push_back(place);
    }
    return columns;
}

RowGrid RowRounding::gridOver(float low, float high, float ratio) const
{
    const GroupGrid grid =
        kernels::gridOver(low * ratio, high * ratio, m_task.rule, [this](float scale) { return rounded(scale); });
    return {grid.scale, static_cast<float>(grid.zero), grid.scaleCoarse};
}

float stepOf(float target, const RowGrid& grid, int maxCode)
{
    const float most = static_cast<float>(maxCode) - grid.zero;
    return std::nearbyint(std::min(std::max(0.0F - grid.zero, target / grid.scale), most));
}

/// What a sweep of the columns with this grid leaves. state: by place in the columns.
float RowRounding::lossOf(const RowColumns& columns, const std::vector<float>& state, const RowGrid& grid,
                          bool relative) const
{
    float loss = 0;
    std::vector<float> errors;
    for (std::size_t c = 0; c < columns.places.size(); ++c) {
        const auto place = static_cast<std::size_t>(columns.places[c]);
        float target = state[c];
        for (std::size_t k = 0; columns.factor != nullptr && k < c; ++k) {
            target =
                std::fma(columns.factor[static_cast<std::int64_t>(c) * columns.stride + static_cast<std::int64_t>(k)],
                         errors[k], target);
        }
        const float value = stepOf(target, grid, m_task.rule.maxCode()) * grid.scale;
        const float wrong = target - value;
        float change = wrong * wrong;
        if (relative) {
            const float before = target - m_original[place];
            change -= before * before;
        }
        loss = std::fma(columns.weight[place], change, loss);
        errors.push_back(m_original[place] - value);
    }
    return loss;
}

/// The grid that leaves least, beginning with the range of the targets.
RowGrid RowRounding::chosen(const RowColumns& columns, const std::vector<float>& state,
                            const std::vector<float>& targets) const
{
    float low = 0;
    float high = 0;
    for (const float target : targets) {
        low = std::min(low, target);
        high = std::max(high, target);
    }
    RowGrid best = gridOver(low, high, 1.0F);
    if (!m_task.search) {
        return best;
    }
    float least = lossOf(columns, state, best, false);
    const RangeTries tries = rangeTries(m_task.rule);
    for (int i = 0; i < tries.count; ++i) {
        const RowGrid grid = gridOver(low, high, tries.ratios[i]);
        const float loss = lossOf(columns, state, grid, false);
        if (loss < least) {
            least = loss;
            best = grid;
        }
    }
    return moved(columns, state, best, false);
}

RowGrid RowRounding::moved(const RowColumns& columns, const std::vector<float>& state, RowGrid best,
                           bool relative) const
{
    float least = lossOf(columns, state, best, relative);
    const GridMoves moves = gridMoves(m_task.rule, m_task.moveRounds);
    for (int i = 0; i < moves.count; ++i) {
        RowGrid grid = best;
        moveGrid(grid.scale, grid.zero, moves.factors[i], moves.shifts[i], m_task.rule,
                 [this](float scale) { return rounded(scale); });
        const float loss = lossOf(columns, state, grid, relative);
        if (loss < least) {
            least = loss;
            best = grid;
        }
    }
    return best;
}

void RowRounding::round(std::int64_t place, float target, const RowGrid& grid)
{
    const auto at = static_cast<std::size_t>(place);
    m_steps[at] = stepOf(target, grid, m_task.rule.maxCode());
    m_errors[at] = m_original[at] - m_steps[at] * grid.scale;
}

/// Rounds a run whose grids are chosen, and corrects what comes after it.
void RowRounding::sweepRun(const ColumnRun& run)
{
    const std::int64_t stride = paddedStride(m_task.cols);
    for (std::int64_t place = run.begin; place < run.end; ++place) {
        const float target = m_state[static_cast<std::size_t>(place)];
        round(place, target, m_grids[static_cast<std::size_t>(m_order->groups[static_cast<std::size_t>(place)])]);
        for (std::int64_t later = place + 1; later < m_task.cols; ++later) {
            float& state = m_state[static_cast<std::size_t>(later)];
            state = std::fma(m_task.factor[static_cast<std::size_t>(later * stride + place)],
                             m_errors[static_cast<std::size_t>(place)], state);
        }
    }
}

void RowRounding::sweep()
{
    if (m_order->runs.empty()) {
        for (std::int64_t group = 0; group < m_task.groups; ++group) {
            const RowColumns columns = placesOf(group);
            std::vector<float> values;
            for (const std::int64_t place : columns.places) {
                values.push_back(m_original[static_cast<std::size_t>(place)]);
            }
            m_grids[static_cast<std::size_t>(group)] = chosen(columns, values, values);
        }
        sweepRun({0, m_task.cols, 0});
    }
    for (const ColumnRun& run : m_order->runs) {
        RowColumns columns = coupled(run, m_task.factor, m_task.weight);
        const std::vector<float> state(m_state.begin() + run.begin, m_state.begin() + run.end);
        std::vector<float> targets = state;
        for (std::size_t c = 0; c < targets.size(); ++c) {
            for (std::size_t k = 0; k < c; ++k) {
                const float factor =
                    columns.factor[static_cast<std::int64_t>(c) * columns.stride + static_cast<std::int64_t>(k)];
                targets[c] =
                    std::fma(factor, m_original[static_cast<std::size_t>(run.begin) + k] - targets[k], targets[c]);
            }
        }
        const bool isLong = run.end - run.begin > kSearchedColumns;
        columns.factor = isLong ? nullptr : columns.factor;
        m_grids[static_cast<std::size_t>(run.group)] = chosen(columns, isLong ? targets : state, targets);
        sweepRun(run);
    }
}

/// m_original: values; m_errors: gradients over the diagonal.
void RowRounding::refineRun(const ColumnRun& run)
{
    const RowColumns columns = coupled(run, m_task.coupling, m_task.couplingWeight);
    const std::int64_t width = run.end - run.begin;
    std::vector<float> state;
    for (std::int64_t place = run.begin; place < run.end; ++place) {
        state.push_back(m_original[static_cast<std::size_t>(place)] + m_errors[static_cast<std::size_t>(place)]);
    }
    RowGrid& grid = m_grids[static_cast<std::size_t>(run.group)];
    if (width <= kSearchedColumns) {
        grid = moved(columns, state, grid, true);
    }
    std::vector<float> changes;
    for (std::int64_t c = 0; c < width; ++c) {
        float target = state[static_cast<std::size_t>(c)];
        for (std::int64_t k = 0; k < c; ++k) {
            target = std::fma(columns.factor[c * columns.stride + k], changes[static_cast<std::size_t>(k)], target);
        }
        const auto place = static_cast<std::size_t>(run.begin + c);
        m_steps[place] = stepOf(target, grid, m_task.rule.maxCode());
        changes.push_back(m_original[place] - m_steps[place] * grid.scale);
    }
    for (std::int64_t place = 0; place < m_task.cols; ++place) {
        const float* row = m_task.coupling.data() + place * columns.stride + run.begin;
        for (std::int64_t k = 0; k < width; ++k) {
            float& gradient = m_errors[static_cast<std::size_t>(place)];
            gradient = std::fma(row[k], changes[static_cast<std::size_t>(k)], gradient);
        }
    }
    for (std::int64_t c = 0; c < width; ++c) {
        m_original[static_cast<std::size_t>(run.begin + c)] -= changes[static_cast<std::size_t>(c)];
    }
}

void RowRounding::refine()
{
    if (m_task.passes == 0) {
        return;
    }
    std::vector<float> values(m_state.size());
    std::vector<float> differences(m_state.size());
    std::vector<float> steps(m_state.size());
    for (std::size_t place = 0; place < m_state.size(); ++place) {
        const auto found = std::ranges::find(m_task.grouped.columns, m_order->columns[place]);
        const auto to = static_cast<std::size_t>(found - m_task.grouped.columns.begin());
        values[to] = m_original[place] - m_errors[place];
        differences[to] = m_errors[place];
        steps[to] = m_steps[place];
    }
    m_order = &m_task.grouped;
    m_original = std::move(values);
    m_steps = std::move(steps);
    const std::int64_t stride = paddedStride(m_task.cols);
    for (std::size_t place = 0; place < m_state.size(); ++place) {
        float gradient = 0;
        for (std::size_t k = 0; k < m_state.size(); ++k) {
            gradient =
                std::fma(m_task.coupling[place * static_cast<std::size_t>(stride) + k], differences[k], gradient);
        }
        m_errors[place] = gradient;
    }
    for (int pass = 0; pass < m_task.passes; ++pass) {
        for (const ColumnRun& run : m_order->runs) {
            refineRun(run);
        }
    }
}

void RowRounding::store() const
{
    std::vector<std::uint8_t> codes(m_state.size());
    for (std::size_t place = 0; place < m_state.size(); ++place) {
        const RowGrid& grid = m_grids[static_cast<std::size_t>(m_order->groups[place])];
        const auto column = static_cast<std::size_t>(m_order->columns[place]);
        codes[column] = static_cast<std::uint8_t>(m_steps[place] + grid.zero);
        if (!m_task.differences.empty()) {
            const std::size_t at = static_cast<std::size_t>(m_row * m_task.cols) + column;
            m_task.differences[at] = m_task.weights[at] - m_steps[place] * grid.scale;
        }
    }
    const auto bytes = static_cast<std::size_t>(packedBytes(m_task.cols, m_task.rule.bits));
    packCodes(codes, m_task.rule.bits, m_task.codes.subspan(static_cast<std::size_t>(m_row) * bytes, bytes));
    std::int32_t coarse = 0;
    for (std::size_t group = 0; group < m_grids.size(); ++group) {
        const std::size_t at = static_cast<std::size_t>(m_row) * m_grids.size() + group;
        m_task.scales[at] = m_grids[group].scale;
        if (!m_task.zeros.empty()) {
            m_task.zeros[at] = static_cast<std::uint8_t>(m_grids[group].zero);
        }
        coarse += m_grids[group].coarse ? 1 : 0;
    }
    m_task.coarse[static_cast<std::size_t>(m_row)] = coarse;
}

/// The lower Cholesky factor in place; false: not positive definite.
bool factorInPlace(std::vector<double>& matrix, std::int64_t n)
{
    const auto at = [&](std::int64_t i, std::int64_t j) -> double& {
        return matrix[static_cast<std::size_t>(i * n + j)];
    };
    for (std::int64_t i = 0; i < n; ++i) {
        const double least = kPivotMin * at(i, i);
        for (std::int64_t j = 0; j <= i; ++j) {
            double sum = at(i, j);
            for (std::int64_t k = 0; k < j; ++k) {
                sum -= at(i, k) * at(j, k);
            }
            if (i == j && (!(sum > least) || !(sum > 0) || !std::isfinite(sum))) {
                return false;
            }
            at(i, j) = i == j ? std::sqrt(sum) : sum / at(j, j);
        }
    }
    return true;
}

} // namespace

bool factorColumnsReference(const ColumnFactoring& factoring)
{
    const std::int64_t n = factoring.cols;
    const std::int64_t stride = paddedStride(n);
    const auto columnOf = [&](std::int64_t place) {
        return std::int64_t{factoring.columns[static_cast<std::size_t>(place)]};
    };
    // From the last place to the first: a lower factor of that is an upper one of the matrix.
    std::vector<double> lower(static_cast<std::size_t>(n * n));
    for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t j = 0; j < n; ++j) {
            const std::int64_t from = columnOf(n - 1 - i) * n + columnOf(n - 1 - j);
            lower[static_cast<std::size_t>(i * n + j)] =
                static_cast<double>(factoring.matrix[static_cast<std::size_t>(from)]) + (i == j ? factoring.added : 0);
        }
    }
    if (!factorInPlace(lower, n)) {
        return false;
    }
    for (std::int64_t c = 0; c < n; ++c) {
        const auto last = [&](std::int64_t k) { return lower[static_cast<std::size_t>((n - 1 - k) * n + n - 1 - c)]; };
        factoring.weight[static_cast<std::size_t>(c)] = static_cast<float>(last(c) * last(c));
        for (std::int64_t k = 0; k < stride; ++k) {
            factoring.factor[static_cast<std::size_t>(c * stride + k)] =
                k < c ? static_cast<float>(last(k) / last(c)) : 0.0F;
        }
    }
    return true;
}

void roundColumnsReference(const ColumnRounding& rounding)
{
    for (std::int64_t row = 0; row < rounding.rows; ++row) {
        RowRounding work(rounding, row);
        work.sweep();
        work.refine();
        work.store();
    }
}

} // namespace bitlathe::kernels
