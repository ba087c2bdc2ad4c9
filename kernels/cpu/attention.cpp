// SPDX-License-Identifier: Apache-2.0
// Attention of the CPU backend: packing of keys and values, and the split into tasks.
#include "kernels/cpu/gemm.h"
#include "kernels/threads.h"

#include <algorithm>
#include <cmath>

namespace bitlathe::kernels::cpu
{

namespace
{

constexpr std::int64_t kQueriesBlocked = 8; ///< From so many queries on, packing keys and values pays.
constexpr std::int64_t kKeysPerRowTask = 256;

struct Scratch
{
    AlignedBuffer keys;
    AlignedBuffer values;
    AlignedBuffer partial;
};

Scratch& callerScratch()
{
    thread_local Scratch scratch;
    return scratch;
}

AlignedBuffer& taskScratch()
{
    thread_local AlignedBuffer scratch;
    return scratch;
}

/// Keys and values of all key heads as panels.
struct PackedCache
{
    PanelKind kind = PanelKind::F32;
    std::int64_t dims = 0;     ///< headDim rounded up to whole panels
    std::int64_t keyBytes = 0; ///< of one head
    std::int64_t valueBytes = 0;
};

PackedCache packCache(const CpuTable& table, const AttentionShape& shape, Precision precision, const float* keys,
                      const float* values, Scratch& scratch)
{
    const std::int64_t width = table.panelWidth;
    const std::int64_t blocks = (shape.keys + kKeyBlock - 1) / kKeyBlock;
    const std::int64_t stride = shape.kvHeads * shape.headDim;
    PackedCache cache;
    const bool hasTile = table.hasBf16Tile && shape.headDim % kDepthStepTile == 0;
    const bool bf16 = precision == Precision::Bf16 && (table.hasBf16Dot || hasTile);
    cache.kind = bf16 ? PanelKind::Bf16Dot : PanelKind::F32; // the layout for tiles, too
    cache.dims = (shape.headDim + width - 1) / width * width;
    const std::int64_t keyPanel = panelBytes(cache.kind, shape.headDim, width);
    const std::int64_t valuePanel = panelBytes(cache.kind, kKeyBlock, width);
    const std::int64_t keyPanels = kKeyBlock / width;
    const std::int64_t valuePanels = cache.dims / width;
    cache.keyBytes = blocks * keyPanels * keyPanel;
    cache.valueBytes = blocks * valuePanels * valuePanel;
    scratch.keys.reserve(static_cast<std::size_t>(shape.kvHeads * cache.keyBytes));
    scratch.values.reserve(static_cast<std::size_t>(shape.kvHeads * cache.valueBytes));
    parallelFor(shape.kvHeads * blocks, 4, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t task = begin; task < end; ++task) {
            const std::int64_t head = task / blocks;
            const std::int64_t block = task % blocks;
            const std::int64_t first = block * kKeyBlock;
            const std::int64_t count = std::min(kKeyBlock, shape.keys - first);
            for (std::int64_t i = 0; i < keyPanels; ++i) {
                const RowsSource source{
                    .type = ScalarType::F32,
                    .rows =
                        reinterpret_cast<const std::byte*>(keys + (first + i * width) * stride + head * shape.headDim),
                    .strideBytes = stride * 4,
                    .cols = std::clamp<std::int64_t>(count - i * width, 0, width),
                };
                packPanel(cache.kind, source, shape.headDim, width,
                          scratch.keys.data() + head * cache.keyBytes + (block * keyPanels + i) * keyPanel);
            }
            for (std::int64_t i = 0; i < valuePanels; ++i) {
                const ColumnsSource source{values + first * stride + head * shape.headDim + i * width, stride, count,
                                           std::min(width, shape.headDim - i * width)};
                packPanel(cache.kind, source, kKeyBlock, width,
                          scratch.values.data() + head * cache.valueBytes + (block * valuePanels + i) * valuePanel);
            }
        }
    });
    return cache;
}

void attentionBlocked(const CpuTable& table, const AttentionShape& shape, Precision precision, const float* query,
                      const float* keys, const float* values, float* out)
{
    Scratch& scratch = callerScratch();
    const PackedCache cache = packCache(table, shape, precision, keys, values, scratch);
    const std::int64_t queryBlocks = (shape.queries + table.queryBlock - 1) / table.queryBlock;
    const std::int64_t stride = shape.heads * shape.headDim;
    const std::int64_t group = shape.heads / shape.kvHeads;
    parallelFor(shape.heads * queryBlocks, 1, [&](std::int64_t task, std::int64_t) {
        const std::int64_t head = task % shape.heads;
        // The last queries see the most keys: they come first, so that no thread is left with them at the end.
        const std::int64_t row = (queryBlocks - 1 - task / shape.heads) * table.queryBlock;
        auto& work = taskScratch();
        work.reserve(static_cast<std::size_t>(attentionScratch(shape.headDim)) * sizeof(float));
        const AttentionArgs args{
            .query = query + row * stride + head * shape.headDim,
            .strideQuery = stride,
            .rows = std::min(table.queryBlock, shape.queries - row),
            .firstPosition = shape.keys - shape.queries + row,
            .keyPanels = scratch.keys.data() + head / group * cache.keyBytes,
            .valuePanels = scratch.values.data() + head / group * cache.valueBytes,
            .keys = shape.keys,
            .headDim = shape.headDim,
            .window = shape.window,
            .scale = shape.scale,
            .softCap = shape.softCap,
            .bf16 = cache.kind == PanelKind::Bf16Dot,
            .out = out + row * stride + head * shape.headDim,
            .strideOut = stride,
            .scratch = reinterpret_cast<float*>(work.data()),
        };
        table.attention(args);
    });
}

/// One query token: stretches of keys are weighed apart and joined in their order.
void attentionOfRow(const CpuTable& table, const AttentionShape& shape, std::int64_t position, const float* query,
                    const float* keys, const float* values, float* out)
{
    const std::int64_t first = shape.window > 0 ? std::max<std::int64_t>(0, position - shape.window + 1) : 0;
    const std::int64_t count = position + 1 - first;
    const std::int64_t stretches = (count + kKeysPerRowTask - 1) / kKeysPerRowTask;
    const std::int64_t stride = shape.kvHeads * shape.headDim;
    const std::int64_t group = shape.heads / shape.kvHeads;
    const std::int64_t floats = group * (shape.headDim + 2); // of one partial result
    auto& partial = callerScratch().partial;
    partial.reserve(static_cast<std::size_t>(stretches * shape.kvHeads * floats) * sizeof(float));
    auto* const results = reinterpret_cast<float*>(partial.data());
    parallelFor(stretches * shape.kvHeads, 1, [&](std::int64_t task, std::int64_t) {
        const std::int64_t kvHead = task / stretches;
        const std::int64_t begin = first + task % stretches * kKeysPerRowTask;
        auto& work = taskScratch();
        work.reserve(static_cast<std::size_t>(group * kKeysPerRowTask) * sizeof(float));
        float* result = results + task * floats;
        const AttentionRowArgs args{
            .query = query + kvHead * group * shape.headDim,
            .heads = group,
            .keys = keys + begin * stride + kvHead * shape.headDim,
            .values = values + begin * stride + kvHead * shape.headDim,
            .stride = stride,
            .count = std::min(kKeysPerRowTask, position + 1 - begin),
            .headDim = shape.headDim,
            .scale = shape.scale,
            .softCap = shape.softCap,
            .scores = reinterpret_cast<float*>(work.data()),
            .maximum = result,
            .sum = result + group,
            .out = result + 2 * group,
        };
        table.attentionRow(args);
    });
    for (std::int64_t head = 0; head < shape.heads; ++head) {
        const float* part = results + head / group * stretches * floats;
        const std::int64_t i = head % group;
        float largest = part[i];
        for (std::int64_t s = 1; s < stretches; ++s) {
            largest = std::max(largest, part[s * floats + i]);
        }
        float* to = out + head * shape.headDim;
        std::fill_n(to, shape.headDim, 0.0F);
        float sum = 0;
        for (std::int64_t s = 0; s < stretches; ++s, part += floats) {
            const float weight = std::exp(part[i] - largest);
            sum += weight * part[group + i];
            for (std::int64_t d = 0; d < shape.headDim; ++d) {
                to[d] += weight * part[2 * group + i * shape.headDim + d];
            }
        }
        for (std::int64_t d = 0; d < shape.headDim; ++d) {
            to[d] /= sum;
        }
    }
}

} // namespace

void attention(const CpuTable& table, const AttentionShape& shape, Precision precision, std::span<const float> query,
               std::span<const float> keys, std::span<const float> values, std::span<float> out)
{
    if (shape.queries >= kQueriesBlocked) {
        attentionBlocked(table, shape, precision, query.data(), keys.data(), values.data(), out.data());
        return;
    }
    const std::int64_t stride = shape.heads * shape.headDim;
    for (std::int64_t row = 0; row < shape.queries; ++row) {
        attentionOfRow(table, shape, shape.keys - shape.queries + row, query.data() + row * stride, keys.data(),
                       values.data(), out.data() + row * stride);
    }
}

} // namespace bitlathe::kernels::cpu
