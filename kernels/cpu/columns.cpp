// SPDX-License-Identifier: Apache-2.0
// Factors a Hessian in an order of columns, and rounds rows panel by panel.
#include "kernels/cpu/columns.h"

#include "kernels/gridsearch.h"
#include "kernels/threads.h"

#include <algorithm>
#include <cmath>

namespace bitlathe::kernels::cpu
{

namespace
{

constexpr std::int64_t kFactorGrain = 16;

using Panel = std::vector<float>;

class PanelSweep
{
public:
    PanelSweep(const ColumnRounding& task, std::int64_t first);

    void sweep();
    void refine();
    void store();

private:
    float* at(Panel& panel, std::int64_t place) const { return panel.data() + place * kSweepLanes; }
    bool stopped() const { return m_task.stop && m_task.stop(); }
    SweepRun runOf(std::int64_t begin, std::int64_t end);
    void keepGrids(std::int64_t group, const LaneGrids& grids);
    LaneGrids gridsOf(std::int64_t group) const;
    void chooseStaticGrids();
    void chooseGrids(const ColumnRun& run);
    void sweepRun(std::int64_t begin, std::int64_t end);
    void toGroupedOrder();
    void refineRun(const ColumnRun& run);
    void storeRow(std::int64_t lane, std::span<std::uint8_t> codes);

    const ColumnRounding& m_task;
    std::int64_t m_first;
    std::int64_t m_cols;
    std::int64_t m_stride;
    const OrderedColumns* m_order; ///< In which the panels lie.
    Panel m_original;
    Panel m_state; ///< Original plus corrections; steps once a column is swept.
    Panel m_errors;
    Panel m_scales; ///< [groups][kSweepLanes]
    Panel m_zeros;
    std::vector<std::array<bool, kSweepLanes>> m_coarse;
    std::vector<float> m_zeroRow; ///< A factor that couples nothing.
    GridSearch m_search;
};

/// The most columns of one group.
std::int64_t widestGroup(const ColumnRounding& task)
{
    std::vector<std::int64_t> widths(static_cast<std::size_t>(task.groups));
    for (const std::int32_t group : task.order.groups) {
        ++widths[static_cast<std::size_t>(group)];
    }
    return std::ranges::max(widths);
}

PanelSweep::PanelSweep(const ColumnRounding& task, std::int64_t first)
    : m_task(task),
      m_first(first),
      m_cols(task.cols),
      m_stride(paddedStride(task.cols)),
      m_order(&task.order),
      m_original(static_cast<std::size_t>(task.cols * kSweepLanes)),
      m_errors(m_original.size()),
      m_scales(static_cast<std::size_t>(task.groups * kSweepLanes), 1.0F),
      m_zeros(m_scales.size()),
      m_coarse(static_cast<std::size_t>(task.groups)),
      m_zeroRow(static_cast<std::size_t>(task.cols)),
      m_search(task.rule, task.moveRounds, widestGroup(task))
{
    const std::int64_t rows = std::min(kSweepLanes, task.rows - first);
    for (std::int64_t lane = 0; lane < rows; ++lane) {
        const float* row = task.weights.data() + (first + lane) * m_cols;
        for (std::int64_t place = 0; place < m_cols; ++place) {
            m_original[static_cast<std::size_t>(place * kSweepLanes + lane)] =
                row[m_order->columns[static_cast<std::size_t>(place)]];
        }
    }
    m_state = m_original;
}

/// Columns [begin, end) of the order, all of them in one group if it is to be searched.
SweepRun PanelSweep::runOf(std::int64_t begin, std::int64_t end)
{
    SweepRun run;
    run.factor = m_task.factor.data() + begin * m_stride + begin;
    run.factorStride = m_stride;
    run.weight = m_task.weight.data() + begin;
    run.cols = end - begin;
    run.state = at(m_state, begin);
    run.original = at(m_original, begin);
    run.scales = m_scales.data();
    run.zeros = m_zeros.data();
    run.group = m_order->groups.data() + begin;
    run.maxCode = static_cast<float>(m_task.rule.maxCode());
    run.steps = at(m_state, begin);
    run.errors = at(m_errors, begin);
    return run;
}

void PanelSweep::keepGrids(std::int64_t group, const LaneGrids& grids)
{
    std::ranges::copy(grids.scale, at(m_scales, group));
    std::ranges::copy(grids.zero, at(m_zeros, group));
    m_coarse[static_cast<std::size_t>(group)] = grids.coarse;
}

LaneGrids PanelSweep::gridsOf(std::int64_t group) const
{
    LaneGrids grids;
    std::copy_n(m_scales.data() + group * kSweepLanes, kSweepLanes, grids.scale.begin());
    std::copy_n(m_zeros.data() + group * kSweepLanes, kSweepLanes, grids.zero.begin());
    grids.coarse = m_coarse[static_cast<std::size_t>(group)];
    return grids;
}

/// Grids of scattered groups, from the original weights as if columns were independent.
void PanelSweep::chooseStaticGrids()
{
    std::vector<std::vector<std::int64_t>> places(static_cast<std::size_t>(m_task.groups));
    for (std::int64_t place = 0; place < m_cols; ++place) {
        places[static_cast<std::size_t>(m_order->groups[static_cast<std::size_t>(place)])].push_back(place);
    }
    for (std::int64_t group = 0; group < m_task.groups; ++group) {
        Panel values;
        std::vector<float> weight;
        for (const std::int64_t place : places[static_cast<std::size_t>(group)]) {
            values.insert(values.end(), at(m_original, place), at(m_original, place) + kSweepLanes);
            weight.push_back(m_task.weight[static_cast<std::size_t>(place)]);
        }
        const std::int64_t cols = std::ssize(weight);
        if (!m_task.search) {
            keepGrids(group, m_search.over(values.data(), cols));
            continue;
        }
        SweepRun run = runOf(0, cols);
        run.factor = m_zeroRow.data();
        run.factorStride = 0;
        run.weight = weight.data();
        run.state = values.data();
        run.original = values.data();
        keepGrids(group, m_search.fromRange(run, values.data()));
    }
}

/// The grids of a run from weights that have received the corrections of all columns before it.
void PanelSweep::chooseGrids(const ColumnRun& columns)
{
    SweepRun run = runOf(columns.begin, columns.end);
    Panel targets(static_cast<std::size_t>(run.cols * kSweepLanes));
    freeColumns({run.factor, run.factorStride, run.cols, run.state, run.original, targets.data(), run.errors});
    if (!m_task.search) {
        keepGrids(columns.group, m_search.over(targets.data(), run.cols));
        return;
    }
    if (run.cols > kSearchedColumns) {
        run.factor = m_zeroRow.data();
        run.factorStride = 0;
        run.state = targets.data();
    }
    keepGrids(columns.group, m_search.fromRange(run, targets.data()));
}

/// Rounds columns and lets all later ones know.
void PanelSweep::sweepRun(std::int64_t begin, std::int64_t end)
{
    Lanes loss{};
    SweepRun run = runOf(begin, end);
    run.loss = loss.data();
    sweepColumns(run);
    if (end < m_cols) {
        addPanelProduct({m_task.factor.data() + end * m_stride + begin, m_stride, run.errors, at(m_state, end),
                         kSweepLanes, m_cols - end, run.cols});
    }
}

void PanelSweep::sweep()
{
    const std::int64_t block = m_task.blockCols;
    std::vector<ColumnRun> runs(m_order->runs.begin(), m_order->runs.end());
    if (runs.empty()) {
        chooseStaticGrids();
        runs.push_back({0, m_cols, 0});
    }
    for (const ColumnRun& run : runs) {
        if (!m_order->runs.empty()) {
            chooseGrids(run);
        }
        for (std::int64_t begin = run.begin; begin < run.end && !stopped(); begin += block) {
            sweepRun(begin, std::min(run.end, begin + block));
        }
    }
}

/// Moves the panels to the order in which groups lie side by side. Steps lie in m_state.
void PanelSweep::toGroupedOrder()
{
    std::vector<std::int64_t> placeOf(static_cast<std::size_t>(m_cols));
    for (std::int64_t place = 0; place < m_cols; ++place) {
        placeOf[static_cast<std::size_t>(m_task.grouped.columns[static_cast<std::size_t>(place)])] = place;
    }
    for (Panel* panel : {&m_original, &m_state, &m_errors}) {
        Panel moved(panel->size());
        for (std::int64_t place = 0; place < m_cols; ++place) {
            const auto column = static_cast<std::size_t>(m_order->columns[static_cast<std::size_t>(place)]);
            std::copy_n(at(*panel, place), kSweepLanes, at(moved, placeOf[column]));
        }
        *panel = std::move(moved);
    }
    m_order = &m_task.grouped;
}

/// m_original: values; m_errors: gradients over the diagonal; m_state: steps. Chooses the run's scales and codes anew,
/// given all other columns, and brings the gradients up to date.
void PanelSweep::refineRun(const ColumnRun& columns)
{
    const float* coupling = m_task.coupling.data() + columns.begin;
    SweepRun run = runOf(columns.begin, columns.end);
    Panel targets(static_cast<std::size_t>(run.cols * kSweepLanes));
    for (std::size_t i = 0; i < targets.size(); ++i) {
        targets[i] = run.original[i] + at(m_errors, columns.begin)[i];
    }
    Panel changes(targets.size());
    run.factor = coupling + columns.begin * m_stride;
    run.weight = m_task.couplingWeight.data() + columns.begin;
    run.state = targets.data();
    run.relativeLoss = true;
    run.errors = changes.data();
    if (run.cols <= kSearchedColumns) {
        keepGrids(columns.group, m_search.near(run, gridsOf(columns.group)));
    }
    Lanes loss{};
    run.loss = loss.data();
    sweepColumns(run);
    addPanelProduct({coupling, m_stride, changes.data(), m_errors.data(), kSweepLanes, m_cols, run.cols});
    for (std::size_t i = 0; i < changes.size(); ++i) {
        at(m_original, columns.begin)[i] -= changes[i];
    }
}

/// Coordinate descent on the output error itself, group by group.
void PanelSweep::refine()
{
    if (m_task.passes == 0) {
        return;
    }
    toGroupedOrder();
    Panel differences(m_original.size());
    // The sweep's errors are the differences: original less value.
    std::swap(differences, m_errors);
    for (std::size_t i = 0; i < m_original.size(); ++i) {
        m_original[i] -= differences[i];
    }
    addPanelProduct(
        {m_task.coupling.data(), m_stride, differences.data(), m_errors.data(), kSweepLanes, m_cols, m_cols});
    for (int pass = 0; pass < m_task.passes; ++pass) {
        for (const ColumnRun& run : m_order->runs) {
            if (stopped()) {
                return;
            }
            refineRun(run);
        }
    }
}

/// What one row of the panel became. codes: scratch, [cols].
void PanelSweep::storeRow(std::int64_t lane, std::span<std::uint8_t> codes)
{
    const std::int64_t row = m_first + lane;
    const auto lastOf = [&](const Panel& panel, std::int64_t index) {
        return panel[static_cast<std::size_t>(index * kSweepLanes + lane)];
    };
    for (std::int64_t place = 0; place < m_cols; ++place) {
        const auto index = static_cast<std::size_t>(place);
        const float step = lastOf(m_state, place);
        const std::int64_t group = m_order->groups[index];
        const std::int64_t column = m_order->columns[index];
        codes[static_cast<std::size_t>(column)] = static_cast<std::uint8_t>(step + lastOf(m_zeros, group));
        if (!m_task.differences.empty()) {
            const auto at = static_cast<std::size_t>(row * m_cols + column);
            m_task.differences[at] = m_task.weights[at] - step * lastOf(m_scales, group);
        }
    }
    const auto bytes = static_cast<std::size_t>(packedBytes(m_cols, m_task.rule.bits));
    packCodes(codes, m_task.rule.bits, m_task.codes.subspan(static_cast<std::size_t>(row) * bytes, bytes));
    std::int32_t& coarse = m_task.coarse[static_cast<std::size_t>(row)];
    coarse = 0;
    for (std::int64_t group = 0; group < m_task.groups; ++group) {
        const auto index = static_cast<std::size_t>(row * m_task.groups + group);
        m_task.scales[index] = lastOf(m_scales, group);
        if (!m_task.zeros.empty()) {
            m_task.zeros[index] = static_cast<std::uint8_t>(lastOf(m_zeros, group));
        }
        coarse += m_coarse[static_cast<std::size_t>(group)][static_cast<std::size_t>(lane)] ? 1 : 0;
    }
}

void PanelSweep::store()
{
    const std::int64_t rows = std::min(kSweepLanes, m_task.rows - m_first);
    std::vector<std::uint8_t> codes(static_cast<std::size_t>(m_cols));
    for (std::int64_t lane = 0; lane < rows; ++lane) {
        storeRow(lane, codes);
    }
}

/// Exchanges [i][j] and [n - 1 - j][n - 1 - i] in the lower triangle.
void transposeAcross(std::span<float> matrix, std::int64_t n, std::int64_t stride)
{
    parallelFor(n, kFactorGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            for (std::int64_t j = 0; j <= i && i + j < n - 1; ++j) {
                std::swap(matrix[static_cast<std::size_t>(i * stride + j)],
                          matrix[static_cast<std::size_t>((n - 1 - j) * stride + n - 1 - i)]);
            }
        }
    });
}

/// The lower triangle of the matrix from its last place to its first, with what is added to the diagonal.
void readReversed(const ColumnFactoring& factoring, std::int64_t stride)
{
    const std::int64_t n = factoring.cols;
    const auto columnOf = [&](std::int64_t i) {
        return std::int64_t{factoring.columns[static_cast<std::size_t>(n - 1 - i)]};
    };
    parallelFor(n, kFactorGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const float* from = factoring.matrix.data() + columnOf(i) * n;
            float* to = factoring.factor.data() + i * stride;
            for (std::int64_t j = 0; j <= i; ++j) {
                to[j] = from[columnOf(j)];
            }
            to[i] = static_cast<float>(static_cast<double>(to[i]) + factoring.added);
        }
    });
}
} // namespace

bool factorColumns(const ColumnFactoring& factoring)
{
    const std::int64_t cols = factoring.cols;
    const std::int64_t stride = paddedStride(cols);
    readReversed(factoring, stride);
    if (!choleskyLower(factoring.factor, cols, factoring.stop)) {
        return false;
    }
    transposeAcross(factoring.factor, cols, stride);
    parallelFor(cols, kFactorGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t c = begin; c < end; ++c) {
            float* row = factoring.factor.data() + c * stride;
            const float diagonal = row[c];
            factoring.weight[static_cast<std::size_t>(c)] = diagonal * diagonal;
            for (std::int64_t k = 0; k < c; ++k) {
                row[k] /= diagonal;
            }
            std::fill(row + c, row + stride, 0.0F);
        }
    });
    return true;
}

void roundColumns(const ColumnRounding& rounding)
{
    const auto stopped = [&rounding] { return rounding.stop && rounding.stop(); };
    parallelFor(rounding.rows, kSweepLanes, [&](std::int64_t begin, std::int64_t end) {
        if (stopped()) {
            return;
        }
        PanelSweep panel(rounding, begin);
        panel.sweep();
        panel.refine();
        if (!stopped()) {
            panel.store();
        }
        if (rounding.rowsDone) {
            rounding.rowsDone(end - begin);
        }
    });
}

} // namespace bitlathe::kernels::cpu
