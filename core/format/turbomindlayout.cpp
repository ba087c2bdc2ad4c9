// SPDX-License-Identifier: Apache-2.0
// TurbomindLayout: how the matrices of a TurboMind workspace are made of those of a LLaMA, and the way back.
#include "core/format/turbomindlayout.h"

#include "kernels/threads.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace bitlathe::format
{

namespace
{

constexpr std::int64_t kPerWord = 8;
constexpr std::int64_t kWordsPerTile = kTurbomindTile * kTurbomindTile / kPerWord;
/// The nibble of an AWQ word in which each of its eight columns lies.
constexpr std::array<unsigned, kPerWord> kNibbleOfColumn{0, 4, 1, 5, 2, 6, 3, 7};
/// 64 in half precision, and what one more adds to its bits.
constexpr std::uint16_t kHalf64 = 0x5400;
constexpr std::uint16_t kHalfStep = 16;
constexpr std::uint16_t kHalfNan = 0x7e00;

template <typename T>
T valueAt(std::span<const std::byte> bytes, std::int64_t index)
{
    T value{};
    std::memcpy(&value, bytes.data() + index * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
    return value;
}

template <typename T>
void setValue(std::vector<std::byte>& bytes, std::int64_t index, T value)
{
    std::memcpy(bytes.data() + index * static_cast<std::int64_t>(sizeof(T)), &value, sizeof(T));
}

template <typename T>
std::vector<std::byte> room(std::int64_t values)
{
    return std::vector<std::byte>(static_cast<std::size_t>(values) * sizeof(T));
}

/// The word of its 32 x 32 tile in which an element lies.
constexpr std::int64_t wordInTile(std::int64_t input, std::int64_t output)
{
    const std::int64_t lane = ((output >> 1 & 3) * 2 + (output & 1)) * 4 + (input >> 1 & 3);
    return (lane * 2 + (input >> 4 & 1)) * 2 + (output >> 4 & 1);
}

constexpr unsigned nibbleInWord(std::int64_t input, std::int64_t output)
{
    return static_cast<unsigned>(4 * (input & 1) + 2 * (input >> 3 & 1) + (output >> 3 & 1));
}

/// The code of a column in a row of AWQ words.
unsigned awqCode(std::span<const std::byte> words, std::int64_t wordsPerRow, std::int64_t row, std::int64_t column)
{
    const auto word = valueAt<std::uint32_t>(words, row * wordsPerRow + column / kPerWord);
    return word >> (4 * kNibbleOfColumn[static_cast<std::size_t>(column % kPerWord)]) & 15U;
}

/// The columns of one rank.
std::span<const MatrixLayout::Column> columnsOfRank(const MatrixLayout& matrix, std::int64_t rank)
{
    const auto count = static_cast<std::size_t>(matrix.outputsOfRank());
    return std::span(matrix.columns).subspan(matrix.splitInputs ? 0 : static_cast<std::size_t>(rank) * count, count);
}

/// Where an element of a layer lies.
struct Place
{
    std::int64_t rank = 0;
    std::int64_t output = 0; ///< In the rank's file.
};

/// The place of every output of a layer; rank is 0 where inputs are split.
std::vector<Place> placesOf(const MatrixLayout& matrix, std::size_t source)
{
    std::vector<Place> places(static_cast<std::size_t>(matrix.outputsOf(source)));
    const std::int64_t perRank = matrix.outputsOfRank();
    for (std::int64_t i = 0; i < std::ssize(matrix.columns); ++i) {
        const MatrixLayout::Column& column = matrix.columns[static_cast<std::size_t>(i)];
        if (static_cast<std::size_t>(column.source) == source) {
            places[static_cast<std::size_t>(column.column)] = {i / perRank, i % perRank};
        }
    }
    return places;
}

/// The file and the row in it of a row (an input or a group) of a layer's column.
struct Row
{
    std::size_t rank = 0;
    std::int64_t row = 0;
};

Row rowAt(const MatrixLayout& matrix, const Place& place, std::int64_t row, std::int64_t rowsOfRank)
{
    return matrix.splitInputs ? Row{static_cast<std::size_t>(row / rowsOfRank), row % rowsOfRank}
                              : Row{static_cast<std::size_t>(place.rank), row};
}

void addQueriesKeysValues(const TurbomindConfig& config, std::int64_t rank, MatrixLayout& matrix)
{
    const std::int64_t half = config.headDim / 2;
    const std::array<std::int64_t, 3> heads{config.heads, config.kvHeads, config.kvHeads};
    for (std::int32_t source = 0; source < 3; ++source) {
        const std::int64_t count = heads[static_cast<std::size_t>(source)] / config.ranks;
        for (std::int64_t head = rank * count; head < (rank + 1) * count; ++head) {
            for (std::int64_t i = 0; i < config.headDim; ++i) {
                const std::int64_t within = source < 2 ? i / 2 + i % 2 * half : i;
                matrix.columns.push_back({source, static_cast<std::int32_t>(head * config.headDim + within)});
            }
        }
    }
}

/// The columns of layers one by one: the first of each, the second of each, ...
MatrixLayout outputsSplit(const TurbomindConfig& config, std::string name, std::vector<std::string> sources)
{
    MatrixLayout matrix{std::move(name), std::move(sources), config.hidden(), false, false, {}, config.ranks};
    for (std::int64_t column = 0; column < config.intermediate; ++column) {
        for (std::int32_t source = 0; source < std::ssize(matrix.sources); ++source) {
            matrix.columns.push_back({source, static_cast<std::int32_t>(column)});
        }
    }
    return matrix;
}

MatrixLayout inputsSplit(const TurbomindConfig& config, std::string name, std::string source, std::int64_t inputs)
{
    MatrixLayout matrix{std::move(name), {std::move(source)}, inputs, true, false, {}, config.ranks};
    for (std::int64_t column = 0; column < config.hidden(); ++column) {
        matrix.columns.push_back({0, static_cast<std::int32_t>(column)});
    }
    return matrix;
}

} // namespace

std::int64_t MatrixLayout::outputsOf(std::size_t source) const
{
    return std::ranges::count_if(
        columns, [source](const Column& column) { return static_cast<std::size_t>(column.source) == source; });
}

std::vector<MatrixLayout> matrixLayouts(const TurbomindConfig& config)
{
    MatrixLayout qkv{"attention.w_qkv",    {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"},
                     config.hidden(),      false,
                     config.attentionBias, {},
                     config.ranks};
    for (std::int64_t rank = 0; rank < config.ranks; ++rank) {
        addQueriesKeysValues(config, rank, qkv);
    }
    std::vector<MatrixLayout> matrices{std::move(qkv),
                                       inputsSplit(config, "attention.wo", "self_attn.o_proj", config.hidden())};
    matrices.back().hasBias = config.attentionBias;
    if (config.isInt4()) {
        matrices.push_back(outputsSplit(config, "feed_forward.w13", {"mlp.gate_proj", "mlp.up_proj"}));
    } else {
        matrices.push_back(outputsSplit(config, "feed_forward.w1", {"mlp.gate_proj"}));
        matrices.push_back(outputsSplit(config, "feed_forward.w3", {"mlp.up_proj"}));
    }
    matrices.push_back(inputsSplit(config, "feed_forward.w2", "mlp.down_proj", config.intermediate));
    return matrices;
}

std::vector<std::byte> rankWeights(const MatrixLayout& matrix, std::int64_t rank, const Sources& weights)
{
    const auto columns = columnsOfRank(matrix, rank);
    const std::int64_t rows = matrix.inputsOfRank();
    const std::int64_t first = matrix.splitInputs ? rank * rows : 0;
    std::vector<std::byte> out = room<std::uint16_t>(rows * std::ssize(columns));
    kernels::parallelFor((rows + kTurbomindTile - 1) / kTurbomindTile, 1, [&](std::int64_t tile, std::int64_t) {
        const std::int64_t last = std::min(rows, (tile + 1) * kTurbomindTile);
        for (std::int64_t output = 0; output < std::ssize(columns); ++output) {
            const auto& [source, column] = columns[static_cast<std::size_t>(output)];
            const auto from = weights[static_cast<std::size_t>(source)];
            for (std::int64_t row = tile * kTurbomindTile; row < last; ++row) {
                setValue(out, row * std::ssize(columns) + output,
                         valueAt<std::uint16_t>(from, column * matrix.inputs + first + row));
            }
        }
    });
    return out;
}

std::vector<std::byte> rankBias(const MatrixLayout& matrix, std::int64_t rank, const Sources& biases)
{
    const auto columns = columnsOfRank(matrix, rank);
    std::vector<std::byte> out = room<std::uint16_t>(std::ssize(columns));
    for (std::int64_t output = 0; output < std::ssize(columns); ++output) {
        const auto& [source, column] = columns[static_cast<std::size_t>(output)];
        setValue(out, output, valueAt<std::uint16_t>(biases[static_cast<std::size_t>(source)], column));
    }
    return out;
}

std::vector<std::byte> rankCodes(const MatrixLayout& matrix, std::int64_t rank, const Sources& codes)
{
    const auto columns = columnsOfRank(matrix, rank);
    const std::int64_t outputs = std::ssize(columns);
    const std::int64_t first = matrix.splitInputs ? rank * matrix.inputsOfRank() : 0;
    std::vector<std::int64_t> wordsPerRow;
    for (std::size_t source = 0; source < matrix.sources.size(); ++source) {
        wordsPerRow.push_back(matrix.outputsOf(source) / kPerWord);
    }
    std::vector<std::byte> out = room<std::uint32_t>(matrix.inputsOfRank() * outputs / kPerWord);
    kernels::parallelFor(matrix.inputsOfRank() / kTurbomindTile, 1, [&](std::int64_t tileRow, std::int64_t) {
        std::array<std::uint32_t, kWordsPerTile> tile{};
        for (std::int64_t tileColumn = 0; tileColumn < outputs / kTurbomindTile; ++tileColumn) {
            tile.fill(0);
            for (std::int64_t i = 0; i < kTurbomindTile * kTurbomindTile; ++i) {
                const std::int64_t input = i / kTurbomindTile;
                const std::int64_t output = i % kTurbomindTile;
                const auto& [source, column] = columns[static_cast<std::size_t>(tileColumn * kTurbomindTile + output)];
                const auto index = static_cast<std::size_t>(source);
                const unsigned code =
                    awqCode(codes[index], wordsPerRow[index], first + tileRow * kTurbomindTile + input, column);
                tile[static_cast<std::size_t>(wordInTile(input, output))] |= code << (4 * nibbleInWord(input, output));
            }
            const std::int64_t word = (tileRow * (outputs / kTurbomindTile) + tileColumn) * kWordsPerTile;
            std::memcpy(out.data() + 4 * word, tile.data(), sizeof tile);
        }
    });
    return out;
}

std::vector<std::byte> rankScales(const MatrixLayout& matrix, std::int64_t rank, std::int64_t groupSize,
                                  const Sources& zeros, const Sources& scales)
{
    const auto columns = columnsOfRank(matrix, rank);
    const std::int64_t groups = matrix.inputsOfRank() / groupSize;
    const std::int64_t first = matrix.splitInputs ? rank * groups : 0;
    std::vector<std::int64_t> widths;
    for (std::size_t source = 0; source < matrix.sources.size(); ++source) {
        widths.push_back(matrix.outputsOf(source));
    }
    std::vector<std::byte> out = room<std::uint32_t>(groups * std::ssize(columns));
    for (std::int64_t i = 0; i < groups * std::ssize(columns); ++i) {
        const std::int64_t group = first + i / std::ssize(columns);
        const auto& [source, column] = columns[static_cast<std::size_t>(i % std::ssize(columns))];
        const auto index = static_cast<std::size_t>(source);
        const unsigned zero = awqCode(zeros[index], widths[index] / kPerWord, group, column);
        setValue(out, 2 * i, static_cast<std::uint16_t>(kHalf64 + kHalfStep * zero));
        setValue(out, 2 * i + 1, valueAt<std::uint16_t>(scales[index], group * widths[index] + column));
    }
    return out;
}

std::vector<std::byte> layerWeights(const MatrixLayout& matrix, std::size_t source, const RankFiles& files)
{
    const std::vector<Place> places = placesOf(matrix, source);
    const std::int64_t rowsOfRank = matrix.inputsOfRank();
    const std::int64_t width = matrix.outputsOfRank();
    std::vector<std::byte> out = room<std::uint16_t>(std::ssize(places) * matrix.inputs);
    kernels::parallelFor((std::ssize(places) + kTurbomindTile - 1) / kTurbomindTile, 1, [&](std::int64_t tile, std::int64_t) {
        const std::int64_t last = std::min(std::ssize(places), (tile + 1) * kTurbomindTile);
        for (std::int64_t input = 0; input < matrix.inputs; ++input) {
            for (std::int64_t output = tile * kTurbomindTile; output < last; ++output) {
                const Place& place = places[static_cast<std::size_t>(output)];
                const Row row = rowAt(matrix, place, input, rowsOfRank);
                setValue(out, output * matrix.inputs + input,
                         valueAt<std::uint16_t>(files[row.rank], row.row * width + place.output));
            }
        }
    });
    return out;
}

std::vector<std::byte> layerBias(const MatrixLayout& matrix, std::size_t source, const RankFiles& files)
{
    const std::vector<Place> places = placesOf(matrix, source);
    std::vector<std::byte> out = room<std::uint16_t>(std::ssize(places));
    for (std::int64_t output = 0; output < std::ssize(places); ++output) {
        const Place& place = places[static_cast<std::size_t>(output)];
        setValue(out, output, valueAt<std::uint16_t>(files[static_cast<std::size_t>(place.rank)], place.output));
    }
    return out;
}

std::vector<std::byte> layerCodes(const MatrixLayout& matrix, std::size_t source, const RankFiles& files)
{
    const std::vector<Place> places = placesOf(matrix, source);
    const std::int64_t wordsPerRow = std::ssize(places) / kPerWord;
    const std::int64_t tilesPerRow = matrix.outputsOfRank() / kTurbomindTile;
    std::vector<std::byte> out = room<std::uint32_t>(matrix.inputs * wordsPerRow);
    kernels::parallelFor(matrix.inputs, kTurbomindTile, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin * wordsPerRow; i < end * wordsPerRow; ++i) {
            std::uint32_t word = 0;
            for (std::int64_t column = 0; column < kPerWord; ++column) {
                const Place& place = places[static_cast<std::size_t>(i % wordsPerRow * kPerWord + column)];
                const Row row = rowAt(matrix, place, i / wordsPerRow, matrix.inputsOfRank());
                const std::int64_t tile = row.row / kTurbomindTile * tilesPerRow + place.output / kTurbomindTile;
                const auto tiled =
                    valueAt<std::uint32_t>(files[row.rank], tile * kWordsPerTile + wordInTile(row.row, place.output));
                const std::uint32_t code = tiled >> (4 * nibbleInWord(row.row, place.output)) & 15U;
                word |= code << (4 * kNibbleOfColumn[static_cast<std::size_t>(column)]);
            }
            setValue(out, i, word);
        }
    });
    return out;
}

namespace
{

/// Calls take(group, output, half of 64 + zero point, half of scale) for all of a layer.
template <typename Take>
void eachScale(const MatrixLayout& matrix, std::size_t source, std::int64_t groupSize, const RankFiles& files,
               const Take& take)
{
    const std::vector<Place> places = placesOf(matrix, source);
    const std::int64_t groupsOfRank = matrix.inputsOfRank() / groupSize;
    for (std::int64_t group = 0; group < matrix.inputs / groupSize; ++group) {
        for (std::int64_t output = 0; output < std::ssize(places); ++output) {
            const Place& place = places[static_cast<std::size_t>(output)];
            const Row row = rowAt(matrix, place, group, groupsOfRank);
            const std::int64_t pair = row.row * matrix.outputsOfRank() + place.output;
            take(group, output, valueAt<std::uint16_t>(files[row.rank], 2 * pair),
                 valueAt<std::uint16_t>(files[row.rank], 2 * pair + 1));
        }
    }
}

bool isZeroPoint(std::uint16_t half)
{
    return half >= kHalf64 && half < kHalf64 + 16 * kHalfStep && (half - kHalf64) % kHalfStep == 0;
}

} // namespace

std::vector<std::byte> layerZeros(const MatrixLayout& matrix, std::size_t source, std::int64_t groupSize,
                                  const RankFiles& files)
{
    const std::int64_t wordsPerRow = matrix.outputsOf(source) / kPerWord;
    std::vector<std::byte> out = room<std::uint32_t>(matrix.inputs / groupSize * wordsPerRow);
    eachScale(matrix, source, groupSize, files,
              [&](std::int64_t group, std::int64_t output, std::uint16_t zero, std::uint16_t) {
                  const std::int64_t index = group * wordsPerRow + output / kPerWord;
                  const auto code = isZeroPoint(zero) ? static_cast<std::uint32_t>((zero - kHalf64) / kHalfStep) : 0U;
                  const unsigned nibble = kNibbleOfColumn[static_cast<std::size_t>(output % kPerWord)];
                  setValue(out, index, valueAt<std::uint32_t>(out, index) | code << (4 * nibble));
              });
    return out;
}

std::vector<std::byte> layerScales(const MatrixLayout& matrix, std::size_t source, std::int64_t groupSize,
                                   const RankFiles& files)
{
    const std::int64_t width = matrix.outputsOf(source);
    std::vector<std::byte> out = room<std::uint16_t>(matrix.inputs / groupSize * width);
    eachScale(matrix, source, groupSize, files,
              [&](std::int64_t group, std::int64_t output, std::uint16_t zero, std::uint16_t scale) {
                  setValue(out, group * width + output, isZeroPoint(zero) ? scale : kHalfNan);
              });
    return out;
}

} // namespace bitlathe::format
