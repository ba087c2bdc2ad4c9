// SPDX-License-Identifier: Apache-2.0
// Weights to panels, and panels to what a layer stores.
#include "kernels/cuda/device.cuh"
#include "kernels/cuda/roundpanels.h"

namespace bitlathe::cuda
{

inline namespace roundpanels_cu
{

constexpr int kThreads = 256;
constexpr int kTileRows = 8; ///< Threads of a tile that stand for rows; each has four.

__global__ void gatherTile(const float* weights, const std::int32_t* columns, std::int64_t rows, std::int64_t cols,
                           float* panel)
{
    __shared__ float tile[kWarp][kWarp + 1];
    const std::int64_t row0 = std::int64_t{blockIdx.x} * kWarp;
    const std::int64_t place0 = std::int64_t{blockIdx.y} * kWarp;
    const std::int64_t place = place0 + threadIdx.x;
    for (int y = static_cast<int>(threadIdx.y); y < kWarp; y += kTileRows) {
        if (row0 + y < rows && place < cols) {
            tile[y][threadIdx.x] = weights[(row0 + y) * cols + columns[place]];
        }
    }
    __syncthreads();
    const std::int64_t row = row0 + threadIdx.x;
    for (int y = static_cast<int>(threadIdx.y); y < kWarp; y += kTileRows) {
        if (row < rows && place0 + y < cols) {
            panel[(place0 + y) * rows + row] = tile[threadIdx.x][y];
        }
    }
}

template <typename T>
__global__ void movePlaces(const T* from, const std::int32_t* columns, const std::int32_t* placeOf, std::int64_t rows,
                           T* to)
{
    const std::int64_t place = blockIdx.x;
    const std::int64_t goal = placeOf[columns[place]];
    for (std::int64_t row = std::int64_t{blockIdx.y} * kThreads + threadIdx.x; row < rows;
         row += std::int64_t{gridDim.y} * kThreads) {
        to[goal * rows + row] = from[place * rows + row];
    }
}

__global__ void addValues(const float* from, float sign, std::int64_t count, float* to)
{
    const std::int64_t step = std::int64_t{gridDim.x} * kThreads;
    for (std::int64_t i = std::int64_t{blockIdx.x} * kThreads + threadIdx.x; i < count; i += step) {
        to[i] += sign * from[i];
    }
}

/// A thread packs eight codes of a row into as many bytes as a code has bits.
__global__ void packRows(const SweptPanels panels, int bits, std::int64_t bytesPerRow, std::uint8_t* packed)
{
    constexpr int kUnit = 8;
    const std::int64_t row = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
    if (row >= panels.rows) {
        return;
    }
    for (std::int64_t unit = blockIdx.y; unit * kUnit < panels.cols; unit += gridDim.y) {
        std::uint64_t stream = 0;
        for (int i = 0; i < kUnit && unit * kUnit + i < panels.cols; ++i) {
            const std::int64_t place = panels.placeOf[unit * kUnit + i];
            stream |= std::uint64_t{panels.codes[place * panels.rows + row]} << (i * bits);
        }
        std::uint8_t* out = packed + row * bytesPerRow + unit * bits;
        for (int i = 0; i < bits && unit * bits + i < bytesPerRow; ++i) {
            out[i] = static_cast<std::uint8_t>(stream >> (8 * i));
        }
    }
}

__global__ void groupsOfRows(const SweptPanels panels, float* scales, std::uint8_t* zeros, std::int32_t* coarse)
{
    const std::int64_t row = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
    if (row >= panels.rows) {
        return;
    }
    std::int32_t count = 0;
    for (std::int64_t group = 0; group < panels.groups; ++group) {
        const std::int64_t from = group * panels.rows + row;
        const std::int64_t to = row * panels.groups + group;
        scales[to] = panels.scales[from];
        if (zeros != nullptr) {
            zeros[to] = static_cast<std::uint8_t>(panels.zeros[from]);
        }
        count += panels.coarse[from];
    }
    coarse[row] = count;
}

__global__ void differencesTile(const SweptPanels panels, const float* weights, float* differences)
{
    __shared__ float tile[kWarp][kWarp + 1];
    const std::int64_t row0 = std::int64_t{blockIdx.x} * kWarp;
    const std::int64_t col0 = std::int64_t{blockIdx.y} * kWarp;
    const std::int64_t row = row0 + threadIdx.x;
    for (int y = static_cast<int>(threadIdx.y); y < kWarp; y += kTileRows) {
        if (row < panels.rows && col0 + y < panels.cols) {
            const std::int64_t place = panels.placeOf[col0 + y];
            const std::int64_t group = panels.groupOf[place] * panels.rows + row;
            const float step = static_cast<float>(panels.codes[place * panels.rows + row]) - panels.zeros[group];
            tile[y][threadIdx.x] = step * panels.scales[group];
        }
    }
    __syncthreads();
    const std::int64_t col = col0 + threadIdx.x;
    for (int y = static_cast<int>(threadIdx.y); y < kWarp; y += kTileRows) {
        if (row0 + y < panels.rows && col < panels.cols) {
            const std::int64_t at = (row0 + y) * panels.cols + col;
            differences[at] = weights[at] - tile[threadIdx.x][y];
        }
    }
}

unsigned blocksOf(std::int64_t count, int each)
{
    return static_cast<unsigned>((count + each - 1) / each);
}

dim3 tilesOf(std::int64_t rows, std::int64_t cols)
{
    return {blocksOf(rows, kWarp), blocksOf(cols, kWarp)};
}

constexpr unsigned kUnitsMost = 4096; ///< Blocks along the columns of a row; a loop does the rest.

} // namespace roundpanels_cu

void gatherPanel(Call& call, const float* weights, const std::int32_t* columns, std::int64_t rows, std::int64_t cols,
                 float* panel)
{
    gatherTile<<<tilesOf(rows, cols), dim3(kWarp, kTileRows), 0, call.stream()>>>(weights, columns, rows, cols, panel);
    call.checkLaunch();
}

void movePanel(Call& call, const void* from, const std::int32_t* columns, const std::int32_t* placeOf,
               std::int64_t rows, std::int64_t cols, int valueBytes, void* to)
{
    const dim3 grid(static_cast<unsigned>(cols), blocksOf(rows, 16 * kThreads));
    if (valueBytes == 1) {
        movePlaces<<<grid, kThreads, 0, call.stream()>>>(static_cast<const std::uint8_t*>(from), columns, placeOf, rows,
                                                         static_cast<std::uint8_t*>(to));
    } else {
        movePlaces<<<grid, kThreads, 0, call.stream()>>>(static_cast<const float*>(from), columns, placeOf, rows,
                                                         static_cast<float*>(to));
    }
    call.checkLaunch();
}

void addPanel(Call& call, const float* from, float sign, std::int64_t count, float* to)
{
    addValues<<<gridFor(count, kThreads, call.context().multiprocessors), kThreads, 0, call.stream()>>>(from, sign,
                                                                                                        count, to);
    call.checkLaunch();
}

void storeCodes(Call& call, const SweptPanels& panels, int bits, std::uint8_t* packed)
{
    const dim3 grid(blocksOf(panels.rows, kThreads), min(blocksOf(panels.cols, 8), kUnitsMost));
    packRows<<<grid, kThreads, 0, call.stream()>>>(panels, bits, (panels.cols * bits + 7) / 8, packed);
    call.checkLaunch();
}

void storeGroups(Call& call, const SweptPanels& panels, float* scales, std::uint8_t* zeros, std::int32_t* coarse)
{
    groupsOfRows<<<blocksOf(panels.rows, kThreads), kThreads, 0, call.stream()>>>(panels, scales, zeros, coarse);
    call.checkLaunch();
}

void storeDifferences(Call& call, const SweptPanels& panels, const float* weights, float* differences)
{
    differencesTile<<<tilesOf(panels.rows, panels.cols), dim3(kWarp, kTileRows), 0, call.stream()>>>(panels, weights,
                                                                                                     differences);
    call.checkLaunch();
}

} // namespace bitlathe::cuda
