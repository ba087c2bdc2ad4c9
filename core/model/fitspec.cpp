// SPDX-License-Identifier: Apache-2.0
// fitToFile: prefixes of known families, linears of unknown ones.
#include "core/model/fitspec.h"

#include "core/model/nameprefix.h"
#include "core/model/tiedhead.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace bitlathe::model
{

namespace
{

using checkpoint::Checkpoint;
using checkpoint::DType;
using checkpoint::TensorEntry;

constexpr std::string_view kWeight = ".weight";
constexpr std::string_view kShape = ".weight_shape";
constexpr std::int64_t kMaxBlocks = 4096;

std::vector<std::string_view> partsOf(std::string_view name)
{
    std::vector<std::string_view> parts;
    while (!name.empty()) {
        const std::size_t dot = std::min(name.find('.'), name.size());
        parts.push_back(name.substr(0, dot));
        name.remove_prefix(std::min(dot + 1, name.size()));
    }
    return parts;
}

/// The first number in a name, or nothing.
std::optional<std::int64_t> blockIn(std::span<const std::string_view> parts)
{
    for (const std::string_view part : parts) {
        std::int64_t number = -1;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
        if (error == std::errc() && end == part.data() + part.size() && number >= 0 && number < kMaxBlocks) {
            return number;
        }
    }
    return std::nullopt;
}

/// A matrix of a file whose family is not known.
struct Matrix
{
    std::string name; ///< Without ".weight".
    std::int64_t block = 0;
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    bool isRouter = false;
};

bool isNamedAside(std::span<const std::string_view> parts)
{
    constexpr std::array<std::string_view, 9> kWords{"embed", "norm",   "ln_",      "wte", "wpe",
                                                     "head",  "rotary", "position", "conv"};
    return std::ranges::any_of(parts, [&](std::string_view part) {
        return std::ranges::any_of(kWords,
                                   [&](std::string_view word) { return part.find(word) != std::string_view::npos; });
    });
}

/// Rows and columns of the matrix that an entry stands for.
std::optional<std::pair<std::int64_t, std::int64_t>> sizeOf(const Checkpoint& checkpoint, const TensorEntry& entry)
{
    if (entry.name.ends_with(kWeight)) {
        const std::string scale = entry.name + "_scale";
        const bool isCodes = entry.dtype == DType::I8 && checkpoint.find(scale) != nullptr;
        if (entry.shape.size() == 2 && (checkpoint::isFloat(entry.dtype) || isCodes)) {
            return std::pair(entry.shape[0], entry.shape[1]);
        }
    } else if (entry.name.ends_with(kShape) && entry.dtype == DType::I64 && entry.shape == checkpoint::Shape{2}) {
        std::array<std::int64_t, 2> shape{};
        const checkpoint::TensorView view = checkpoint.view(entry);
        std::memcpy(shape.data(), view.bytes.data(), std::min(sizeof(shape), view.bytes.size()));
        if (shape[0] > 0 && shape[1] > 0) {
            return std::pair(shape[0], shape[1]);
        }
    }
    return std::nullopt;
}

std::vector<Matrix> matricesOf(const Checkpoint& checkpoint, std::int64_t vocabulary)
{
    std::vector<Matrix> matrices;
    for (const TensorEntry& entry : checkpoint.entries()) {
        const auto size = sizeOf(checkpoint, entry);
        if (!size || size->first < 1 || size->second < 1) {
            continue;
        }
        Matrix matrix{entry.name.substr(0, entry.name.rfind('.')), 0, size->first, size->second, false};
        const auto parts = partsOf(matrix.name);
        const auto block = blockIn(parts);
        if (isNamedAside(parts) || (!block && matrix.rows == vocabulary)) {
            continue;
        }
        matrix.block = block.value_or(0);
        matrix.isRouter = parts.back() == "gate" || parts.back() == "router";
        matrices.push_back(std::move(matrix));
    }
    std::ranges::stable_sort(matrices, {}, &Matrix::block);
    return matrices;
}

void addLinears(const std::vector<Matrix>& matrices, ModelSpec& spec)
{
    for (const Matrix& matrix : matrices) {
        if (matrix.block >= spec.blockCount()) {
            spec.blocks.resize(static_cast<std::size_t>(matrix.block) + 1);
        }
        BlockSpec& block = spec.blocks[static_cast<std::size_t>(matrix.block)];
        if (matrix.isRouter) {
            block.router = matrix.name;
            continue;
        }
        LinearSpec linear;
        linear.id = LayerId(static_cast<std::int64_t>(spec.linears.size()));
        linear.name = matrix.name;
        linear.block = matrix.block;
        linear.role = LinearRole::Other;
        linear.outFeatures = matrix.rows;
        linear.inFeatures = matrix.cols;
        // Nothing is known to share an input.
        linear.inputGroup = static_cast<std::int64_t>(block.linears.size());
        block.linears.push_back(linear.id);
        spec.linears.push_back(std::move(linear));
    }
}

} // namespace

Findings fitToFile(const Checkpoint& checkpoint, ModelSpec& spec)
{
    if (spec.embeddingName.empty()) {
        if (spec.linears.empty()) {
            addLinears(matricesOf(checkpoint, spec.vocabulary), spec);
        }
        return {};
    }
    Findings findings = fitPrefix(checkpoint, spec);
    const Findings more = fitTiedHead(checkpoint, spec);
    findings.insert(findings.end(), more.begin(), more.end());
    return findings;
}

} // namespace bitlathe::model
