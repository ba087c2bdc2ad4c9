// SPDX-License-Identifier: Apache-2.0
// A GPTQ sweep over a panel of rows.
#include "core/quant/gptqpanel.h"

#include "core/quant/gridsearch.h"
#include "core/quant/rtn.h"

#include <algorithm>
#include <cmath>

namespace bitlathe::quant
{

namespace
{

constexpr std::int64_t kLanes = kernels::kSweepLanes;
/// Longest run whose grids are searched for by sweeping it: a longer one's are chosen as if columns were independent.
constexpr std::int64_t kSearchColsMax = 256;
/// Passes of Effort::Best over scales and codes after the sweep.
constexpr int kPasses = 4;

using Panel = std::vector<float>;

class PanelSweep
{
public:
    PanelSweep(const SweepPlan& plan, std::span<const float> weights, std::int64_t first, QuantizedTensor& tensor);

    void sweep(const WorkContext& work);
    void refine(const WorkContext& work);
    std::int64_t store();

private:
    float* at(Panel& panel, std::int64_t place) const { return panel.data() + place * kLanes; }
    bool searches() const
    {
        return m_plan.options.effort != Effort::Fast || m_plan.scheme.clipping == Clipping::Mse ||
               m_plan.scheme.ternary;
    }
    kernels::SweepRun runOf(std::int64_t begin, std::int64_t end);
    void keepGrids(std::int64_t group, const LaneGrids& grids);
    LaneGrids gridsOf(std::int64_t group) const;
    void chooseStaticGrids();
    void chooseGrids(const ColumnRun& run);
    void sweepRun(std::int64_t begin, std::int64_t end);
    void toGroupedOrder();
    void refineRun(const ColumnRun& run);

    const SweepPlan& m_plan;
    QuantizedTensor& m_tensor;
    std::int64_t m_first;
    std::int64_t m_cols;
    std::int64_t m_groups;
    const ColumnOrder* m_order; ///< In which the panels lie.
    Panel m_original;
    Panel m_state; ///< Original plus corrections; steps once a column is swept.
    Panel m_errors;
    Panel m_scales; ///< [groups][kLanes]
    Panel m_zeros;
    std::vector<std::array<bool, kLanes>> m_coarse;
    std::vector<float> m_zeroRow; ///< A factor that couples nothing.
    GridSearch m_search;
};

std::int64_t longestRun(const SweepPlan& plan)
{
    std::int64_t longest = 0;
    for (const ColumnRun& run : plan.grouped.runs) {
        longest = std::max(longest, run.end - run.begin);
    }
    return longest;
}

PanelSweep::PanelSweep(const SweepPlan& plan, std::span<const float> weights, std::int64_t first,
                       QuantizedTensor& tensor)
    : m_plan(plan),
      m_tensor(tensor),
      m_first(first),
      m_cols(tensor.cols),
      m_groups(tensor.groups()),
      m_order(&plan.order),
      m_original(static_cast<std::size_t>(tensor.cols * kLanes)),
      m_errors(m_original.size()),
      m_scales(static_cast<std::size_t>(m_groups * kLanes), 1.0F),
      m_zeros(m_scales.size()),
      m_coarse(static_cast<std::size_t>(m_groups)),
      m_zeroRow(static_cast<std::size_t>(tensor.cols)),
      m_search(gridRule(plan.scheme), plan.options.effort, longestRun(plan))
{
    const std::int64_t rows = std::min(kLanes, tensor.rows - first);
    for (std::int64_t lane = 0; lane < rows; ++lane) {
        const float* row = weights.data() + (first + lane) * m_cols;
        for (std::int64_t place = 0; place < m_cols; ++place) {
            m_original[static_cast<std::size_t>(place * kLanes + lane)] =
                row[m_order->columns[static_cast<std::size_t>(place)]];
        }
    }
    m_state = m_original;
}

/// Columns [begin, end) of the order, all of them in one group if it is to be searched.
kernels::SweepRun PanelSweep::runOf(std::int64_t begin, std::int64_t end)
{
    kernels::SweepRun run;
    run.factor = m_plan.factor.factor.data() + begin * m_plan.factor.stride + begin;
    run.factorStride = m_plan.factor.stride;
    run.weight = m_plan.factor.weight.data() + begin;
    run.cols = end - begin;
    run.state = at(m_state, begin);
    run.original = at(m_original, begin);
    run.scales = m_scales.data();
    run.zeros = m_zeros.data();
    run.group = m_order->groups.data() + begin;
    run.maxCode = static_cast<float>(m_plan.scheme.maxCode());
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
    std::copy_n(m_scales.data() + group * kLanes, kLanes, grids.scale.begin());
    std::copy_n(m_zeros.data() + group * kLanes, kLanes, grids.zero.begin());
    grids.coarse = m_coarse[static_cast<std::size_t>(group)];
    return grids;
}

/// Grids of scattered groups, from the original weights as if columns were independent.
void PanelSweep::chooseStaticGrids()
{
    std::vector<std::vector<std::int64_t>> places(static_cast<std::size_t>(m_groups));
    for (std::int64_t place = 0; place < m_cols; ++place) {
        places[static_cast<std::size_t>(m_order->groups[static_cast<std::size_t>(place)])].push_back(place);
    }
    for (std::int64_t group = 0; group < m_groups; ++group) {
        Panel values;
        std::vector<float> weight;
        for (const std::int64_t place : places[static_cast<std::size_t>(group)]) {
            values.insert(values.end(), at(m_original, place), at(m_original, place) + kLanes);
            weight.push_back(m_plan.factor.weight[static_cast<std::size_t>(place)]);
        }
        const std::int64_t cols = std::ssize(weight);
        if (!searches()) {
            keepGrids(group, m_search.over(values.data(), cols));
            continue;
        }
        kernels::SweepRun run = runOf(0, cols);
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
    kernels::SweepRun run = runOf(columns.begin, columns.end);
    Panel targets(static_cast<std::size_t>(run.cols * kLanes));
    kernels::freeColumns({run.factor, run.factorStride, run.cols, run.state, run.original, targets.data(), run.errors});
    if (!searches()) {
        keepGrids(columns.group, m_search.over(targets.data(), run.cols));
        return;
    }
    if (run.cols > kSearchColsMax) {
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
    kernels::SweepRun run = runOf(begin, end);
    run.loss = loss.data();
    kernels::sweepColumns(run);
    if (end < m_cols) {
        kernels::addPanelProduct({m_plan.factor.factor.data() + end * m_plan.factor.stride + begin,
                                  m_plan.factor.stride, run.errors, at(m_state, end), kLanes, m_cols - end, run.cols});
    }
}

void PanelSweep::sweep(const WorkContext& work)
{
    const std::int64_t block = m_plan.options.blockSize;
    std::vector<ColumnRun> runs = m_order->runs;
    if (runs.empty()) {
        chooseStaticGrids();
        runs.push_back({0, m_cols, 0});
    }
    for (const ColumnRun& run : runs) {
        if (!m_order->runs.empty()) {
            chooseGrids(run);
        }
        for (std::int64_t begin = run.begin; begin < run.end && !work.stopRequested(); begin += block) {
            sweepRun(begin, std::min(run.end, begin + block));
        }
    }
}

/// Moves the panels to the order in which groups lie side by side. Steps lie in m_state.
void PanelSweep::toGroupedOrder()
{
    std::vector<std::int64_t> placeOf(static_cast<std::size_t>(m_cols));
    for (std::int64_t place = 0; place < m_cols; ++place) {
        placeOf[static_cast<std::size_t>(m_plan.grouped.columns[static_cast<std::size_t>(place)])] = place;
    }
    for (Panel* panel : {&m_original, &m_state, &m_errors}) {
        Panel moved(panel->size());
        for (std::int64_t place = 0; place < m_cols; ++place) {
            const auto column = static_cast<std::size_t>(m_order->columns[static_cast<std::size_t>(place)]);
            std::copy_n(at(*panel, place), kLanes, at(moved, placeOf[column]));
        }
        *panel = std::move(moved);
    }
    m_order = &m_plan.grouped;
}

/// m_original: values; m_errors: gradients over the diagonal; m_state: steps. Chooses the run's scales and codes anew,
/// given all other columns, and brings the gradients up to date.
void PanelSweep::refineRun(const ColumnRun& columns)
{
    const Coupling& coupling = *m_plan.coupling;
    const std::int64_t stride = m_plan.factor.stride;
    kernels::SweepRun run = runOf(columns.begin, columns.end);
    Panel targets(static_cast<std::size_t>(run.cols * kLanes));
    for (std::size_t i = 0; i < targets.size(); ++i) {
        targets[i] = run.original[i] + at(m_errors, columns.begin)[i];
    }
    Panel changes(targets.size());
    run.factor = coupling.rows.data() + columns.begin * stride + columns.begin;
    run.weight = coupling.weight.data() + columns.begin;
    run.state = targets.data();
    run.relativeLoss = true;
    run.errors = changes.data();
    if (run.cols <= kSearchColsMax) {
        keepGrids(columns.group, m_search.near(run, gridsOf(columns.group)));
    }
    Lanes loss{};
    run.loss = loss.data();
    kernels::sweepColumns(run);
    kernels::addPanelProduct(
        {coupling.rows.data() + columns.begin, stride, changes.data(), m_errors.data(), kLanes, m_cols, run.cols});
    for (std::size_t i = 0; i < changes.size(); ++i) {
        at(m_original, columns.begin)[i] -= changes[i];
    }
}

/// Coordinate descent on the output error itself, group by group.
void PanelSweep::refine(const WorkContext& work)
{
    toGroupedOrder();
    Panel differences(m_original.size());
    // The sweep's errors are the differences: original less value.
    std::swap(differences, m_errors);
    for (std::size_t i = 0; i < m_original.size(); ++i) {
        m_original[i] -= differences[i];
    }
    kernels::addPanelProduct({m_plan.coupling->rows.data(), m_plan.factor.stride, differences.data(), m_errors.data(),
                              kLanes, m_cols, m_cols});
    for (int pass = 0; pass < kPasses; ++pass) {
        for (const ColumnRun& run : m_order->runs) {
            if (work.stopRequested()) {
                return;
            }
            refineRun(run);
        }
    }
}

/// Codes, scales and zero points to the tensor.
std::int64_t PanelSweep::store()
{
    const std::int64_t rows = std::min(kLanes, m_tensor.rows - m_first);
    std::vector<std::uint8_t> codes(static_cast<std::size_t>(m_cols));
    std::int64_t coarse = 0;
    for (std::int64_t lane = 0; lane < rows; ++lane) {
        const auto zeroOf = [&](std::int64_t group) {
            return m_zeros[static_cast<std::size_t>(group * kLanes + lane)];
        };
        for (std::int64_t place = 0; place < m_cols; ++place) {
            const auto index = static_cast<std::size_t>(place);
            const float step = m_state[static_cast<std::size_t>(place * kLanes + lane)];
            codes[static_cast<std::size_t>(m_order->columns[index])] =
                static_cast<std::uint8_t>(step + zeroOf(m_order->groups[index]));
        }
        const std::int64_t row = m_first + lane;
        kernels::packCodes(
            codes, m_plan.scheme.bits,
            std::span(m_tensor.codes)
                .subspan(static_cast<std::size_t>(row) * m_tensor.bytesPerRow(), m_tensor.bytesPerRow()));
        for (std::int64_t group = 0; group < m_groups; ++group) {
            const auto index = static_cast<std::size_t>(row * m_groups + group);
            m_tensor.scales[index] = m_scales[static_cast<std::size_t>(group * kLanes + lane)];
            if (!m_tensor.zeros.empty()) {
                m_tensor.zeros[index] = static_cast<std::uint8_t>(zeroOf(group));
            }
            coarse += m_coarse[static_cast<std::size_t>(group)][static_cast<std::size_t>(lane)] ? 1 : 0;
        }
    }
    return coarse;
}

} // namespace

std::int64_t sweepPanel(const SweepPlan& plan, std::span<const float> weights, std::int64_t first,
                        QuantizedTensor& tensor, const WorkContext& work)
{
    PanelSweep panel(plan, weights, first, tensor);
    panel.sweep(work);
    if (plan.coupling != nullptr) {
        panel.refine(work);
    }
    return work.stopRequested() ? 0 : panel.store();
}

} // namespace bitlathe::quant
