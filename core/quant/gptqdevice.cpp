// SPDX-License-Identifier: Apache-2.0
// Moves rows to a device and what became of them back.
#include "core/quant/gptqdevice.h"

#include <algorithm>

namespace bitlathe::quant
{

namespace
{

/// Rows at once: more gain nothing, and a stop is seen between them.
constexpr std::int64_t kRowsMost = 16384;
constexpr std::int64_t kRowsLeast = 32;

std::uint64_t bytesOf(std::int64_t rows, std::int64_t cols, std::int64_t groups)
{
    // Weights, differences and products with them; codes, scales, zeros.
    const std::int64_t moved = rows * (cols * 3 * 4 + cols + groups * 5 + 16);
    return kernels::roundingBytes(rows, cols, groups) + static_cast<std::uint64_t>(moved);
}

/// As many rows as fit beside what is there.
std::int64_t rowsAtOnce(const kernels::ColumnRounding& task, const kernels::Memory& memory)
{
    const kernels::MemoryUse use = memory.use();
    const std::uint64_t left = use.bytesBudget - std::min(use.bytesUsed, use.bytesBudget);
    std::int64_t rows = std::min(task.rows, kRowsMost);
    while (rows > kRowsLeast && bytesOf(rows, task.cols, task.groups) > left) {
        rows = (rows + 1) / 2;
    }
    return rows;
}

/// Part of a span of [rows, width].
template <class T>
std::span<T> partOf(std::span<T> values, std::int64_t first, std::int64_t count, std::int64_t rows)
{
    const std::size_t width = values.size() / static_cast<std::size_t>(rows);
    return values.subspan(static_cast<std::size_t>(first) * width, static_cast<std::size_t>(count) * width);
}

/// What some rows need on the device.
struct MovedRows
{
    const kernels::Memory& memory;
    std::int64_t rows;
    kernels::Buffer<float> weights;
    kernels::Buffer<float> differences;
    kernels::Buffer<std::uint8_t> codes;
    kernels::Buffer<float> scales;
    kernels::Buffer<std::uint8_t> zeros;
    kernels::Buffer<std::int32_t> coarse;

    MovedRows(const kernels::ColumnRounding& task, std::int64_t first, std::int64_t count, const kernels::Memory& on)
        : memory(on),
          rows(count),
          weights(roomFor<float>(on, static_cast<std::size_t>(count * task.cols))),
          differences(roomFor<float>(on, static_cast<std::size_t>(count * task.cols))),
          codes(roomFor<std::uint8_t>(
              on, static_cast<std::size_t>(count * kernels::packedBytes(task.cols, task.rule.bits)))),
          scales(roomFor<float>(on, static_cast<std::size_t>(count * task.groups))),
          zeros(roomFor<std::uint8_t>(on, task.zeros.empty() ? 0 : scales.span().size())),
          coarse(roomFor<std::int32_t>(on, static_cast<std::size_t>(count)))
    {
        model::uploadTo(on, partOf(task.weights, first, count, task.rows), weights.span());
    }

    kernels::ColumnRounding taskOf(const kernels::ColumnRounding& task) const
    {
        kernels::ColumnRounding moved = task;
        moved.rows = rows;
        moved.weights = weights.span();
        moved.differences = differences.span();
        moved.codes = codes.span();
        moved.scales = scales.span();
        moved.zeros = zeros.span();
        moved.coarse = coarse.span();
        return moved;
    }

    void fetchTo(const kernels::ColumnRounding& task, std::int64_t first) const
    {
        fetch(memory, codes, partOf(task.codes, first, rows, task.rows));
        fetch(memory, scales, partOf(task.scales, first, rows, task.rows));
        fetch(memory, zeros, partOf(task.zeros, first, rows, task.rows));
        fetch(memory, coarse, partOf(task.coarse, first, rows, task.rows));
    }
};

} // namespace

RowEnergies roundOnDevice(const kernels::ColumnRounding& task, const DeviceHessian& hessian, const WorkContext& work)
{
    const kernels::Backend& device = hessian.device();
    RowEnergies energies;
    const std::int64_t most = rowsAtOnce(task, device.memory());
    for (std::int64_t first = 0; first < task.rows && !work.stopRequested(); first += most) {
        const MovedRows moved(task, first, std::min(most, task.rows - first), device.memory());
        if (!device.roundColumns(moved.taskOf(task))) {
            throw model::DeviceError::of(device.memory(), bytesOf(moved.rows, task.cols, task.groups));
        }
        addEnergies(moved.weights.span(), moved.differences.span(), moved.rows, hessian, energies);
        moved.fetchTo(task, first);
    }
    return energies;
}

std::uint64_t deviceBytesForGptq(std::int64_t rows, std::int64_t cols, std::int64_t groups)
{
    return 2 * static_cast<std::uint64_t>(cols * (cols + 32)) * sizeof(float) +
           bytesOf(std::min(rows, kRowsMost), cols, groups);
}

} // namespace bitlathe::quant
