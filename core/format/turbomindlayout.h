// SPDX-License-Identifier: Apache-2.0
// TurbomindLayout: how the matrices of a TurboMind workspace are made of those of a LLaMA, and the way back.
#pragma once

#include "core/format/turbomindconfig.h"

#include <cstddef>
#include <span>
#include <vector>

namespace bitlathe::format
{

/// One matrix [inputs, outputs] of a block, in a file a rank. Its columns are those of one or several layers of a
/// LLaMA, in an order of its own: queries and keys with the two halves of each head interleaved, gate and up side by
/// side.
struct MatrixLayout
{
    struct Column
    {
        std::int32_t source = 0; ///< Index into sources.
        std::int32_t column = 0; ///< Output of that layer.
    };

    std::string name;                 ///< "attention.w_qkv"
    std::vector<std::string> sources; ///< "self_attn.q_proj": names below "model.layers.N.".
    std::int64_t inputs = 0;          ///< Of all ranks.
    bool splitInputs = false;         ///< Ranks share out the inputs; else the outputs.
    bool hasBias = false;
    std::vector<Column> columns; ///< Of all ranks, rank by rank; where inputs are split: of every rank.
    std::int64_t ranks = 1;

    std::int64_t inputsOfRank() const { return splitInputs ? inputs / ranks : inputs; }
    std::int64_t outputsOfRank() const { return std::ssize(columns) / (splitInputs ? 1 : ranks); }
    std::int64_t outputsOf(std::size_t source) const; ///< Of a layer.
};

/// The matrices of a block.
std::vector<MatrixLayout> matrixLayouts(const TurbomindConfig& config);

/// What a rank's files are made of: one span a source, and bytes of the wrong size are the caller's fault.
using Sources = std::vector<std::span<const std::byte>>;
/// The reverse: a file a rank.
using RankFiles = std::vector<std::span<const std::byte>>;

// A rank's file from the layers:
/// Weights [outputs, inputs] of two bytes -> [inputsOfRank, outputsOfRank].
std::vector<std::byte> rankWeights(const MatrixLayout& matrix, std::int64_t rank, const Sources& weights);
/// Biases [outputs] of two bytes -> [outputsOfRank].
std::vector<std::byte> rankBias(const MatrixLayout& matrix, std::int64_t rank, const Sources& biases);
/// Words of AWQ gemm [inputs, outputs / 8] -> the words that the engine's tensor cores take: tiles of 32 x 32.
std::vector<std::byte> rankCodes(const MatrixLayout& matrix, std::int64_t rank, const Sources& codes);
/// Zero points as words of AWQ gemm [groups, outputs / 8] and scales [groups, outputs] in half precision -> pairs
/// [groupsOfRank, outputsOfRank] of 64 + zero point and scale.
std::vector<std::byte> rankScales(const MatrixLayout& matrix, std::int64_t rank, std::int64_t groupSize,
                                  const Sources& zeros, const Sources& scales);

// A layer from the files of all ranks:
std::vector<std::byte> layerWeights(const MatrixLayout& matrix, std::size_t source, const RankFiles& files);
std::vector<std::byte> layerBias(const MatrixLayout& matrix, std::size_t source, const RankFiles& files);
std::vector<std::byte> layerCodes(const MatrixLayout& matrix, std::size_t source, const RankFiles& files);
/// A zero point that is none of 0 ... 15 becomes 0 here and a NaN in layerScales(), which every reader refuses.
std::vector<std::byte> layerZeros(const MatrixLayout& matrix, std::size_t source, std::int64_t groupSize,
                                  const RankFiles& files);
std::vector<std::byte> layerScales(const MatrixLayout& matrix, std::size_t source, std::int64_t groupSize,
                                   const RankFiles& files);

} // namespace bitlathe::format
