// SPDX-License-Identifier: Apache-2.0
// Rounds rows by a sweep: run after run its grids are searched for, its columns rounded block by block, and what comes
// behind a block is corrected by one product.
#include "kernels/columns.h"
#include "kernels/cuda/device.cuh"
#include "kernels/cuda/gridsearch.h"
#include "kernels/cuda/operations.h"
#include "kernels/cuda/roundpanels.h"
#include "kernels/sweep.h"

#include <algorithm>
#include <vector>

namespace bitlathe::cuda
{

inline namespace round_cu
{

/// Columns, at least, after which those behind all of them are corrected by one product: until then only those among
/// them are, so that what lies far behind is read and written seldom.
constexpr std::int64_t kSpreadCols = 512;
static_assert(kSpreadCols % kBlockCols == 0);

/// Pieces of one allocation.
class Pieces
{
public:
    template <typename T>
    T* take(std::int64_t count)
    {
        const std::uint64_t at = m_bytes;
        m_bytes += (static_cast<std::uint64_t>(count) * sizeof(T) + 255) / 256 * 256;
        return reinterpret_cast<T*>(m_base + at);
    }
    void setBase(char* base)
    {
        m_base = base;
        m_bytes = 0;
    }
    std::uint64_t bytes() const { return m_bytes; }

private:
    char* m_base = nullptr;
    std::uint64_t m_bytes = 0;
};

/// An order on the device.
struct PlacedOrder
{
    std::int32_t* columns = nullptr;
    std::int32_t* groups = nullptr;
    std::int32_t* placeOf = nullptr;
};

/// The panels of a layer's rows.
struct Panels
{
    PlacedOrder order;
    PlacedOrder grouped;
    std::int32_t* scattered = nullptr; ///< Places by their group.
    float* strips = nullptr;           ///< Of a factor.
    float* original = nullptr;         ///< Values while passes are made.
    float* state = nullptr;            ///< Gradients while passes are made.
    float* errors = nullptr;           ///< Of columns that are not spread yet; with passes, of all.
    float* targets = nullptr;          ///< Of a run.
    std::uint8_t* codes = nullptr;
    float* scales = nullptr;
    float* zeros = nullptr;
    std::uint8_t* coarse = nullptr;
};

class Rounding
{
public:
    Rounding(Call& call, const BitlatheCudaRounding& task);

    std::uint64_t bytes() const { return m_bytes; }
    void start(char* memory);
    void sweep();
    void refine();
    void store();

private:
    /// Columns that are rounded one after the other, by the rows of a factor.
    struct Swept
    {
        std::int64_t first;      ///< At which state begins.
        std::int64_t firstError; ///< At which errors begin.
        const float* factor;     ///< [cols, m_stride] in the order's places.
        float* state;
        float* errors;
        std::int64_t group; ///< Of all columns; negative: each has its own.
        bool freely;        ///< Nothing is rounded, and states become targets.
    };

    void layOut(Pieces& pieces);
    std::int64_t longestRun() const;
    void place(const BitlatheCudaOrder& host, const PlacedOrder& order);
    void sweepColumns(Swept swept, std::int64_t begin, std::int64_t end, std::int64_t applied);
    void sweepOneBlock(const Swept& swept, std::int64_t begin, std::int64_t end);
    void spread(const Swept& swept, std::int64_t begin, std::int64_t end, std::int64_t applied);
    void sweepRuns(const BitlatheCudaRun* runs, std::int64_t count);
    GridSearchTask searchOf(std::int64_t group) const;
    void chooseScattered();
    void chooseGrids(const BitlatheCudaRun& run);
    void refineRun(const BitlatheCudaRun& run);
    float* at(float* panel, std::int64_t column) const { return panel + column * m_task.rows; }
    bool keepsErrors() const { return m_task.passes > 0; }
    float* errorsFrom(std::int64_t column) const
    {
        return keepsErrors() ? at(m_panels.errors, column) : m_panels.errors;
    }

    Call& m_call;
    const BitlatheCudaRounding& m_task;
    kernels::GridRule m_rule;
    std::int64_t m_stride;
    std::uint64_t m_bytes = 0;
    Panels m_panels;
    PlacedOrder m_order; ///< In which the panels lie.
};

Rounding::Rounding(Call& call, const BitlatheCudaRounding& task)
    : m_call(call), m_task(task), m_rule(ruleOf(task.rule)), m_stride(kernels::paddedStride(task.cols))
{
    Pieces sizes;
    layOut(sizes);
    m_bytes = sizes.bytes();
}

std::int64_t Rounding::longestRun() const
{
    std::int64_t longest = 0;
    for (const BitlatheCudaOrder* order : {&m_task.hostOrder, &m_task.hostGrouped}) {
        for (std::int64_t i = 0; i < order->runCount; ++i) {
            longest = std::max(longest, order->runs[i].end - order->runs[i].begin);
        }
    }
    return longest;
}

void Rounding::layOut(Pieces& pieces)
{
    const std::int64_t panel = m_task.rows * m_task.cols;
    const bool passes = m_task.passes > 0;
    for (PlacedOrder* order : {&m_panels.order, &m_panels.grouped}) {
        order->columns = pieces.take<std::int32_t>(m_task.cols);
        order->groups = pieces.take<std::int32_t>(m_task.cols);
        order->placeOf = pieces.take<std::int32_t>(m_task.cols);
    }
    m_panels.scattered = pieces.take<std::int32_t>(m_task.cols);
    m_panels.strips = pieces.take<float>(stripStart(stripsOf(kernels::kSearchedColumns)));
    m_panels.original = pieces.take<float>(panel);
    m_panels.state = pieces.take<float>(panel);
    m_panels.errors = pieces.take<float>(passes ? panel : std::min(m_task.cols, kSpreadCols) * m_task.rows);
    m_panels.targets = pieces.take<float>(passes ? panel : longestRun() * m_task.rows);
    m_panels.codes = pieces.take<std::uint8_t>(panel);
    m_panels.scales = pieces.take<float>(m_task.groups * m_task.rows);
    m_panels.zeros = pieces.take<float>(m_task.groups * m_task.rows);
    m_panels.coarse = pieces.take<std::uint8_t>(m_task.groups * m_task.rows);
}

void Rounding::place(const BitlatheCudaOrder& host, const PlacedOrder& order)
{
    const auto bytes = static_cast<std::uint64_t>(m_task.cols) * sizeof(std::int32_t);
    std::vector<std::int32_t> placeOf(static_cast<std::size_t>(m_task.cols));
    for (std::int64_t i = 0; i < m_task.cols; ++i) {
        placeOf[static_cast<std::size_t>(host.columns[i])] = static_cast<std::int32_t>(i);
    }
    uploadBytes(m_call, host.columns, order.columns, bytes);
    uploadBytes(m_call, host.groups, order.groups, bytes);
    uploadBytes(m_call, placeOf.data(), order.placeOf, bytes);
}

void Rounding::start(char* memory)
{
    Pieces pieces;
    pieces.setBase(memory);
    layOut(pieces);
    m_order = m_panels.order;
    place(m_task.hostOrder, m_panels.order);
    if (m_task.passes > 0) {
        place(m_task.hostGrouped, m_panels.grouped);
    }
    gatherPanel(m_call, m_task.weights, m_order.columns, m_task.rows, m_task.cols, m_panels.original);
    m_call.check(cudaMemcpyAsync(m_panels.state, m_panels.original,
                                 static_cast<std::size_t>(m_task.rows * m_task.cols) * sizeof(float),
                                 cudaMemcpyDeviceToDevice, m_call.stream()));
}

/// With the grids that are chosen.
void Rounding::sweepOneBlock(const Swept& swept, std::int64_t begin, std::int64_t end)
{
    SweepTask task;
    task.rows = m_task.rows;
    task.cols = static_cast<int>(end - begin);
    task.factor = m_panels.strips;
    task.state = at(swept.state, begin - swept.first);
    task.original = at(m_panels.original, begin);
    task.groups = swept.group < 0 ? m_order.groups + begin : nullptr;
    task.group = std::max<std::int64_t>(0, swept.group);
    task.scales = swept.freely ? nullptr : m_panels.scales;
    task.zeros = m_panels.zeros;
    task.maxCode = static_cast<float>(m_rule.maxCode());
    task.errors = at(swept.errors, begin - swept.firstError);
    task.codes = m_panels.codes + begin * m_task.rows;
    toStrips(m_call, swept.factor + begin * m_stride + begin, m_stride, task.cols, m_panels.strips);
    sweepBlock(m_call, task);
}

/// Corrects columns [end, applied) by the errors of [begin, end).
void Rounding::spread(const Swept& swept, std::int64_t begin, std::int64_t end, std::int64_t applied)
{
    OrderedProduct product;
    product.a = swept.factor + end * m_stride + begin;
    product.strideA = m_stride;
    product.b = at(swept.errors, begin - swept.firstError);
    product.strideB = m_task.rows;
    product.c = at(swept.state, end - swept.first);
    product.strideC = m_task.rows;
    product.rows = applied - end;
    product.cols = m_task.rows;
    product.depth = end - begin;
    addOrdered(m_call, product);
}

/// Columns [begin, end); what is behind them, to applied, is corrected.
void Rounding::sweepColumns(Swept swept, std::int64_t begin, std::int64_t end, std::int64_t applied)
{
    for (std::int64_t first = begin; first < end && m_call.good(); first += kSpreadCols) {
        const std::int64_t last = std::min(end, first + kSpreadCols);
        if (!keepsErrors() && last > swept.firstError + kSpreadCols) {
            swept.firstError = first; // Those before are spread.
        }
        for (std::int64_t block = first; block < last; block += kBlockCols) {
            const std::int64_t blockEnd = std::min<std::int64_t>(last, block + kBlockCols);
            sweepOneBlock(swept, block, blockEnd);
            spread(swept, block, blockEnd, last);
        }
        spread(swept, first, last, applied);
    }
}

GridSearchTask Rounding::searchOf(std::int64_t group) const
{
    GridSearchTask task;
    task.rows = m_task.rows;
    task.rule = m_rule;
    if (m_task.search != 0) {
        task.tries = kernels::rangeTries(m_rule);
        task.moves = kernels::gridMoves(m_rule, m_task.moveRounds);
    }
    task.scales = m_panels.scales + group * m_task.rows;
    task.zeros = m_panels.zeros + group * m_task.rows;
    task.coarse = m_panels.coarse + group * m_task.rows;
    return task;
}

void Rounding::chooseScattered()
{
    std::vector<std::vector<std::int32_t>> placesOf(static_cast<std::size_t>(m_task.groups));
    for (std::int64_t i = 0; i < m_task.cols; ++i) {
        placesOf[static_cast<std::size_t>(m_task.hostOrder.groups[i])].push_back(static_cast<std::int32_t>(i));
    }
    std::vector<std::int32_t> all;
    for (const std::vector<std::int32_t>& places : placesOf) {
        all.insert(all.end(), places.begin(), places.end());
    }
    uploadBytes(m_call, all.data(), m_panels.scattered, all.size() * sizeof(std::int32_t));
    std::int64_t first = 0;
    for (std::int64_t group = 0; group < m_task.groups; ++group) {
        GridSearchTask task = searchOf(group);
        task.cols = static_cast<int>(placesOf[static_cast<std::size_t>(group)].size());
        task.weight = m_task.weight;
        task.state = m_panels.original;
        task.original = m_panels.original;
        task.places = m_panels.scattered + first;
        searchGrids(m_call, task);
        first += task.cols;
    }
}

void Rounding::chooseGrids(const BitlatheCudaRun& run)
{
    const std::int64_t cols = run.end - run.begin;
    GridSearchTask task = searchOf(run.group);
    task.cols = static_cast<int>(cols);
    task.weight = m_task.weight + run.begin;
    task.original = at(m_panels.original, run.begin);
    if (cols <= kernels::kSearchedColumns) {
        toStrips(m_call, m_task.factor + run.begin * m_stride + run.begin, m_stride, task.cols, m_panels.strips);
        task.factor = m_panels.strips;
        task.state = at(m_panels.state, run.begin);
    } else {
        m_call.check(cudaMemcpyAsync(m_panels.targets, at(m_panels.state, run.begin),
                                     static_cast<std::size_t>(cols * m_task.rows) * sizeof(float),
                                     cudaMemcpyDeviceToDevice, m_call.stream()));
        sweepColumns({run.begin, run.begin, m_task.factor, m_panels.targets, errorsFrom(run.begin), run.group, true},
                     run.begin, run.end, run.end);
        task.state = m_panels.targets;
    }
    searchGrids(m_call, task);
}

/// Runs that are spread together.
void Rounding::sweepRuns(const BitlatheCudaRun* runs, std::int64_t count)
{
    const std::int64_t begin = runs[0].begin;
    const std::int64_t end = runs[count - 1].end;
    Swept swept{begin, begin, m_task.factor, at(m_panels.state, begin), errorsFrom(begin), -1, false};
    for (std::int64_t i = 0; i < count; ++i) {
        if (m_task.hostOrder.runCount > 0) {
            chooseGrids(runs[i]);
            swept.group = runs[i].group;
        }
        sweepColumns(swept, runs[i].begin, runs[i].end, count > 1 ? end : m_task.cols);
    }
    if (count > 1) {
        spread(swept, begin, end, m_task.cols);
    }
}

void Rounding::sweep()
{
    if (m_task.hostOrder.runCount == 0) {
        chooseScattered();
        const BitlatheCudaRun all{0, m_task.cols, 0};
        sweepRuns(&all, 1);
    }
    const BitlatheCudaRun* runs = m_task.hostOrder.runs;
    for (std::int64_t first = 0; first < m_task.hostOrder.runCount;) {
        std::int64_t count = 1;
        // Long runs need the room for errors alone.
        while (first + count < m_task.hostOrder.runCount &&
               runs[first + count].end - runs[first].begin <= kSpreadCols &&
               runs[first + count].end - runs[first + count].begin <= kernels::kSearchedColumns) {
            ++count;
        }
        sweepRuns(runs + first, count);
        first += count;
    }
}

/// original: values; state: gradients over the diagonal. As on the processor.
void Rounding::refineRun(const BitlatheCudaRun& run)
{
    const std::int64_t cols = run.end - run.begin;
    const std::int64_t count = cols * m_task.rows;
    m_call.check(cudaMemcpyAsync(m_panels.targets, at(m_panels.original, run.begin),
                                 static_cast<std::size_t>(count) * sizeof(float), cudaMemcpyDeviceToDevice,
                                 m_call.stream()));
    addPanel(m_call, at(m_panels.state, run.begin), 1.0F, count, m_panels.targets);
    if (cols <= kernels::kSearchedColumns) {
        GridSearchTask task = searchOf(run.group);
        task.cols = static_cast<int>(cols);
        task.tries = {};
        task.moves = kernels::gridMoves(m_rule, m_task.moveRounds);
        task.isNear = true;
        task.relativeLoss = true;
        task.weight = m_task.couplingWeight + run.begin;
        task.state = m_panels.targets;
        task.original = at(m_panels.original, run.begin);
        toStrips(m_call, m_task.coupling + run.begin * m_stride + run.begin, m_stride, task.cols, m_panels.strips);
        task.factor = m_panels.strips;
        searchGrids(m_call, task);
    }
    float* changes = m_panels.errors;
    sweepColumns({run.begin, run.begin, m_task.coupling, m_panels.targets, changes, run.group, false}, run.begin,
                 run.end, run.end);
    OrderedProduct product;
    product.a = m_task.coupling + run.begin;
    product.strideA = m_stride;
    product.b = changes;
    product.strideB = m_task.rows;
    product.c = m_panels.state;
    product.strideC = m_task.rows;
    product.rows = m_task.cols;
    product.cols = m_task.rows;
    product.depth = cols;
    addOrdered(m_call, product);
    addPanel(m_call, changes, -1.0F, count, at(m_panels.original, run.begin));
}

void Rounding::refine()
{
    const std::int64_t count = m_task.rows * m_task.cols;
    const auto bytes = static_cast<std::size_t>(count) * sizeof(float);
    const auto movedTo = [&](const void* from, int valueBytes, void* to) {
        movePanel(m_call, from, m_order.columns, m_panels.grouped.placeOf, m_task.rows, m_task.cols, valueBytes, to);
    };
    // The sweep's errors are the differences: original less value.
    addPanel(m_call, m_panels.errors, -1.0F, count, m_panels.original);
    movedTo(m_panels.original, 4, m_panels.targets);
    std::swap(m_panels.original, m_panels.targets);
    movedTo(m_panels.errors, 4, m_panels.targets); // Free since the swap, and read before it is used again.
    m_order = m_panels.grouped;
    m_call.check(cudaMemsetAsync(m_panels.state, 0, bytes, m_call.stream()));
    OrderedProduct product;
    product.a = m_task.coupling;
    product.strideA = m_stride;
    product.b = m_panels.targets;
    product.strideB = m_task.rows;
    product.c = m_panels.state;
    product.strideC = m_task.rows;
    product.rows = m_task.cols;
    product.cols = m_task.rows;
    product.depth = m_task.cols;
    addOrdered(m_call, product);
    for (int pass = 0; pass < m_task.passes; ++pass) {
        for (std::int64_t i = 0; i < m_task.hostGrouped.runCount && m_call.good(); ++i) {
            refineRun(m_task.hostGrouped.runs[i]);
        }
    }
}

void Rounding::store()
{
    const SweptPanels panels{m_task.rows,    m_task.cols,     m_task.groups,  m_panels.codes, m_order.placeOf,
                             m_order.groups, m_panels.scales, m_panels.zeros, m_panels.coarse};
    storeCodes(m_call, panels, m_rule.bits, m_task.codes);
    storeGroups(m_call, panels, m_task.scales, m_task.zeros, m_task.coarse);
    if (m_task.differences != nullptr) {
        storeDifferences(m_call, panels, m_task.weights, m_task.differences);
    }
}

} // namespace round_cu

std::int32_t roundColumns(BitlatheCudaContext* context, const BitlatheCudaRounding* rounding)
{
    Call call(context, "roundColumns");
    if (!call.good() || rounding->rows == 0 || rounding->cols == 0) {
        return call.status();
    }
    Rounding work(call, *rounding);
    void* memory = takeMemory(*context, work.bytes());
    if (memory == nullptr) {
        return BitlatheCudaOutOfMemory;
    }
    work.start(static_cast<char*>(memory));
    work.sweep();
    if (rounding->passes > 0) {
        work.refine();
    }
    work.store();
    giveMemoryBack(*context, memory); // What follows on the queue begins after this.
    return call.status();
}

} // namespace bitlathe::cuda
