// SPDX-License-Identifier: Apache-2.0
// Scheme: how a linear's weights are stored after quantization.
#pragma once

#include "core/base/result.h"
#include "core/checkpoint/dtype.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bitlathe::quant
{

enum class SchemeKind { UniformInt, CodeBook, Int8Outliers };
enum class Clipping {
    MinMax, ///< The range of a group is its smallest and largest weight.
    Mse,    ///< The range is shrunk to where the squared rounding error of the group is smallest.
};

/// What the values of a code book are.
enum class BookKind {
    Nf4,             ///< 16 values that a normal distribution takes equally often (arXiv 2305.14314).
    Fp4,             ///< 16 values with a sign and three bits of a floating point number.
    Dynamic,         ///< 256 values of both signs that lie closer the smaller they are (arXiv 2110.02861).
    DynamicUnsigned, ///< The same without negative ones.
    Linear,          ///< 255 equal steps from -1 to 1.
    Quantile,        ///< 256 values that the weights themselves take equally often.
};
constexpr int kBookKinds = 6;

/// "nf4", "fp4", "dynamic", "dynamic-unsigned", "linear", "quantile".
std::string_view bookName(BookKind book);
constexpr int bookBits(BookKind book)
{
    return book == BookKind::Nf4 || book == BookKind::Fp4 ? 4 : 8;
}

/// What files of bitsandbytes say beside codes and scales. Nothing here is computed from it.
struct BitsAndBytesNotes
{
    checkpoint::DType storage = checkpoint::DType::U8; ///< The type under which packed 4-bit codes lie in files.
    std::optional<checkpoint::DType> compute;          ///< In which its users multiply; nothing: the model's type.
    bool halfWeights = false;                          ///< Its users keep weights of 8-bit layers in half precision.
    bool cpuOffload = false;                           ///< Its users may keep layers on the CPU, in f32.
    int offsetDigits = 0; ///< Characters that a file has for the mean of nested scales; 0: kOffsetDigits, with spaces.

    static constexpr int kOffsetDigits = 24; ///< As many as the longest number takes.
    /// How a file spells a number makes no difference.
    bool operator==(const BitsAndBytesNotes& other) const
    {
        return storage == other.storage && compute == other.compute && halfWeights == other.halfWeights &&
               cpuOffload == other.cpuOffload;
    }
};

constexpr std::int64_t kPerChannel = -1;   ///< One group per output row.
constexpr std::int64_t kPerTensor = -2;    ///< One group for the whole weight.
constexpr std::int64_t kNestedBlock = 256; ///< Scales that share a scale of their own under double quantization.

struct Scheme
{
    SchemeKind kind = SchemeKind::UniformInt;
    int bits = 4; ///< 2, 3, 4, 5, 6, 8.
    /// Weights of a row that share scale and zero point; or kPerChannel, kPerTensor. CodeBook: weights of a block,
    /// which go on over the ends of rows.
    std::int64_t groupSize = 128;
    bool symmetric = true;     ///< Zero point fixed at 2^(bits-1).
    int leastZero = 0;         ///< Zero points of asymmetric grids start here; 1: for files that store one less.
    bool actOrder = false;     ///< Columns with the largest inputs first, groups cut from that order.
    bool staticGroups = false; ///< Groups are cut before that order, so that no column leaves its group.
    Clipping clipping = Clipping::MinMax;
    bool ternary = false;   ///< Codes 0, 1, 2 about a zero point of 1: weights are -s, 0 or s. 2 bits, not symmetric.
    int activationBits = 0; ///< 8: while the model runs, each token's input is rounded on its own grid; 0: not.
    bool staticInputs = false; ///< Under activationBits: all tokens on one grid, from the largest input calibrated.
    checkpoint::DType scaleDType = checkpoint::DType::F16; ///< Scales are rounded to this type: F16, BF16 or F32.
    BookKind book = BookKind::Nf4;                         ///< CodeBook only.
    bool doubleQuant = false; ///< CodeBook only: scales are 8-bit codes themselves, in blocks of kNestedBlock.
    float threshold = 6.0F;   ///< Int8Outliers only: inputs of this size and above stay in half precision; 0: none do.
    BitsAndBytesNotes notes = {}; ///< CodeBook and Int8Outliers only.

    bool operator==(const Scheme&) const = default;

    /// Whether a file has to say which group a column belongs to.
    bool movesGroups() const { return actOrder && !staticGroups && groupSize > 0; }
    int maxCode() const { return ternary ? 2 : (1 << bits) - 1; }
    /// Groups in one row of this many weights; 1 for kPerChannel and kPerTensor.
    std::int64_t groupsPerRow(std::int64_t cols) const;
    /// Bits stored per weight of a [rows, cols] weight: codes, scales and zero points.
    double bitsPerWeight(std::int64_t rows, std::int64_t cols) const;
    /// "4-bit, groups of 128, symmetric".
    std::string label() const;
};

/// SettingInvalid unless kind, bits, group size, scale type belong together. UniformInt: bits 2,3,4,5,6,8; group 16 ...
/// 1024, or per channel, per tensor. CodeBook: the book's bits, blocks of 64, 128, ... 4096. Int8Outliers: 8 bits, one
/// scale for a row.
Result<void> checkScheme(const Scheme& scheme);
/// The same, and SettingInvalid unless it is a UniformInt.
Result<void> checkUniformScheme(const Scheme& scheme);

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
