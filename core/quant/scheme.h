// SPDX-License-Identifier: Apache-2.0
// Scheme: how a linear's weights are stored after quantization.
#pragma once

#include "core/base/result.h"
#include "core/checkpoint/dtype.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bitlathe::quant
{

enum class SchemeKind { UniformInt, CodeBook, Int8Outliers };
enum class Clipping {
    MinMax, ///< The range of a group is its smallest and largest weight.
    Mse,    ///< The range is shrunk to where the squared rounding error of the group is smallest.
};

constexpr std::int64_t kPerChannel = -1; ///< One group per output row.
constexpr std::int64_t kPerTensor = -2;  ///< One group for the whole weight.

struct Scheme
{
    SchemeKind kind = SchemeKind::UniformInt;
    int bits = 4;                 ///< 2, 3, 4, 5, 6, 8.
    std::int64_t groupSize = 128; ///< Weights of a row that share scale and zero point; or kPerChannel, kPerTensor.
    bool symmetric = true;        ///< Zero point fixed at 2^(bits-1).
    int leastZero = 0;            ///< Zero points of asymmetric grids start here; 1: for files that store one less.
    bool actOrder = false;
    Clipping clipping = Clipping::MinMax;
    bool ternary = false;   ///< Codes 0, 1, 2 about a zero point of 1: weights are -s, 0 or s. 2 bits, not symmetric.
    int activationBits = 0; ///< 8: while the model runs, each token's input is rounded on its own grid; 0: not.
    bool staticInputs = false; ///< Under activationBits: all tokens on one grid, from the largest input calibrated.
    checkpoint::DType scaleDType = checkpoint::DType::F16; ///< Scales are rounded to this type: F16, BF16 or F32.

    bool operator==(const Scheme&) const = default;

    int maxCode() const { return ternary ? 2 : (1 << bits) - 1; }
    /// Groups in one row of this many weights; 1 for kPerChannel and kPerTensor.
    std::int64_t groupsPerRow(std::int64_t cols) const;
    /// Bits stored per weight of a [rows, cols] weight: codes, scales and zero points.
    double bitsPerWeight(std::int64_t rows, std::int64_t cols) const;
    /// "4-bit, groups of 128, symmetric".
    std::string label() const;
};

/// SettingInvalid unless bits, group size, scale type are ones that round-to-nearest knows (bits 2,3,4,5,6,8; group 16
/// ... 1024, or per channel, per tensor).
Result<void> checkScheme(const Scheme& scheme);

/// Bits as written by users: a number, "ternary" or 1.58, which also settle bits and symmetric. SettingInvalid: another
/// word; whether the number is a known one is checkScheme's to say.
Result<void> setBits(Scheme& scheme, const std::string& text);
/// "4", "ternary".
std::string bitsText(const Scheme& scheme);

/// Group size as written by users: a number, "channel", "tensor" or -1.
Result<std::int64_t> groupSizeFromText(const std::string& text);
std::string groupSizeText(std::int64_t groupSize);

/// The scheme for layers whose name matches. No scheme: the layer stays in full precision.
struct Override
{
    std::string pattern; ///< Shell pattern (* ?) over the layer's name; "re:" before a regular expression.
    std::optional<Scheme> scheme;

    bool operator==(const Override&) const = default;
};

/// Whether a pattern matches a layer's name; SettingInvalid for a broken regular expression.
Result<bool> matches(const std::string& pattern, const std::string& layer);

/// The scheme of a layer: the last override that matches, else the base scheme.
Result<std::optional<Scheme>> schemeFor(const std::string& layer, const Scheme& base,
                                        const std::vector<Override>& overrides);

} // namespace bitlathe::quant
