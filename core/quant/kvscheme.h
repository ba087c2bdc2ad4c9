// SPDX-License-Identifier: Apache-2.0
// KvScheme: how keys and values of past tokens are stored.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bitlathe::quant
{

enum class KvKind {
    Float, ///< As they were computed; counted as 16 bits.
    Int,   ///< Whole numbers on a grid.
    Fp8,   ///< e4m3, times a scale.
};

/// What has a grid of its own.
enum class KvGranularity {
    Layer, ///< Keys and values of a layer, each; found by calibration.
    Head,  ///< Each key head of a layer; found by calibration.
    Token, ///< Each key head of a token; found when the token is stored.
};

struct KvScheme
{
    KvKind kind = KvKind::Float;
    int bits = 16;
    KvGranularity granularity = KvGranularity::Layer;
    bool symmetric = false; ///< Of Int: the middle of the range is 0.
    bool fitted = false;    ///< Of Token: the grid leaves the smallest error, and does not reach over the whole range.

    bool operator==(const KvScheme&) const = default;

    bool isQuantized() const { return kind != KvKind::Float; }
    /// Whether ranges of keys and values have to be known before anything is stored.
    bool needsRanges() const { return isQuantized() && granularity != KvGranularity::Token; }
    /// As on the command line: "int8-head".
    std::string name() const;
    /// Beside a model's name: "KV int8 per head".
    std::string label() const;
    /// Bytes of keys and values of one token in one layer, with the grids that are stored beside them.
    std::int64_t bytesPerToken(std::int64_t kvHeads, std::int64_t headDim) const;
};

/// All schemes, in the order in which a list shows them; the first is the one that is not quantized.
const std::vector<KvScheme>& kvSchemes();
/// UnknownName (with the known names) where there is no such scheme.
Result<KvScheme> findKvScheme(std::string_view name);
/// Several, parted by commas; none for an empty text.
Result<std::vector<KvScheme>> findKvSchemes(std::string_view names);
/// Their names, parted by commas.
std::string kvSchemeNames(const std::vector<KvScheme>& schemes);

} // namespace bitlathe::quant
