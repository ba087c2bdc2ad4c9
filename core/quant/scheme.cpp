// SPDX-License-Identifier: Apache-2.0
// Scheme: sizes, checks, spelling, and the choice of a layer's scheme by name.
#include "core/quant/scheme.h"

#include "core/base/patterns.h"
#include "core/base/size.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <regex>
#include <span>

namespace bitlathe::quant
{

namespace
{

constexpr std::array kBits{2, 3, 4, 5, 6, 8};
constexpr std::int64_t kGroupMin = 16;
constexpr std::int64_t kGroupMax = 1024;
constexpr std::int64_t kBlockMin = 64; ///< Of code books, as kBlockMax.
constexpr std::int64_t kBlockMax = 4096;
constexpr std::string_view kRegexMark = "re:";

/// Shell pattern with * and ? over the whole text, in time proportional to pattern x text at worst.
bool globMatches(std::string_view pattern, std::string_view text)
{
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t starText = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            starText = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++starText;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

Failure brokenPattern(const std::string& pattern, const char* reason)
{
    return fail(ErrorCode::SettingInvalid, pattern, Text(BITLATHE_TEXT("a regular expression after \"re:\"")),
                Text(BITLATHE_TEXT("one that cannot be read (%1)"), reason),
                Text(BITLATHE_TEXT("Correct the pattern, or use * and ? without \"re:\"")));
}

} // namespace

std::string_view bookName(BookKind book)
{
    switch (book) {
    case BookKind::Nf4: return "nf4";
    case BookKind::Fp4: return "fp4";
    case BookKind::Dynamic: return "dynamic";
    case BookKind::DynamicUnsigned: return "dynamic-unsigned";
    case BookKind::Linear: return "linear";
    case BookKind::Quantile: return "quantile";
    }
    return "";
}

std::int64_t Scheme::groupsPerRow(std::int64_t cols) const
{
    return groupSize > 0 ? ceilDivide(cols, groupSize) : 1;
}

double Scheme::bitsPerWeight(std::int64_t rows, std::int64_t cols) const
{
    const auto weights = static_cast<double>(rows) * static_cast<double>(cols);
    if (weights <= 0) {
        return 0;
    }
    if (kind == SchemeKind::CodeBook) {
        const std::int64_t blocks = ceilDivide(rows * cols, groupSize);
        const std::int64_t scaleBytes = doubleQuant ? blocks + 4 * ceilDivide(blocks, kNestedBlock) + 4 : 4 * blocks;
        return 8.0 * static_cast<double>(rows * ceilDivide(cols * bits, std::int64_t{8}) + scaleBytes) / weights;
    }
    const auto grids = groupSize == kPerTensor ? 1.0 : static_cast<double>(rows * groupsPerRow(cols));
    const auto codeBits =
        8.0 * static_cast<double>(rows) * static_cast<double>(ceilDivide(cols * bits, std::int64_t{8}));
    const auto scaleBits = 8.0 * static_cast<double>(checkpoint::dtypeBytes(scaleDType));
    return (codeBits + grids * (scaleBits + (symmetric ? 0.0 : bits))) / weights;
}

std::string Scheme::label() const
{
    if (kind == SchemeKind::CodeBook) {
        return fmt::format("{}, blocks of {}{}", bookName(book), groupSize, doubleQuant ? ", scales of 8 bits" : "");
    }
    if (kind == SchemeKind::Int8Outliers) {
        return fmt::format("LLM.int8(), threshold {}", threshold);
    }
    const std::string groups = groupSize == kPerChannel  ? "per channel"
                               : groupSize == kPerTensor ? "per tensor"
                                                         : fmt::format("groups of {}", groupSize);
    const std::string inputs =
        activationBits > 0 ? fmt::format(", {}{}-bit inputs", staticInputs ? "static " : "", activationBits) : "";
    if (ternary) {
        return fmt::format("ternary, {}{}", groups, inputs);
    }
    return fmt::format("{}-bit, {}, {}{}", bits, groups, symmetric ? "symmetric" : "asymmetric", inputs);
}

namespace
{

Result<void> checkBits(int bits, std::span<const int> known)
{
    if (std::ranges::find(known, bits) != known.end()) {
        return {};
    }
    return fail(ErrorCode::SettingInvalid, "bits",
                known.size() == 1 ? Text(BITLATHE_TEXT("%1"), known.front())
                                  : Text(BITLATHE_TEXT("one of %1"), fmt::format("{}", fmt::join(known, ", "))),
                Text(BITLATHE_TEXT("%1"), bits), Text(BITLATHE_TEXT("Choose one of these widths")));
}

Failure wrongScaleType(const Scheme& scheme, Text expected)
{
    return fail(ErrorCode::SettingInvalid, "scale type", std::move(expected),
                Text(BITLATHE_TEXT("%1"), checkpoint::dtypeName(scheme.scaleDType)),
                Text(BITLATHE_TEXT("Choose one of these types")));
}

/// What code books and LLM.int8() have in common: nothing that only integer grids have.
Result<void> checkPlain(const Scheme& scheme)
{
    if (!scheme.symmetric || scheme.actOrder || scheme.clipping != Clipping::MinMax || scheme.activationBits != 0 ||
        scheme.ternary || scheme.staticInputs) {
        return fail(ErrorCode::SettingInvalid, "scheme",
                    Text(BITLATHE_TEXT("symmetric, whole ranges, columns as they come, inputs in full precision")),
                    Text(BITLATHE_TEXT("a setting of integer grids")),
                    Text(BITLATHE_TEXT("Leave these settings away, or choose the method rtn")));
    }
    return scheme.scaleDType == checkpoint::DType::F32
               ? Result<void>()
               : wrongScaleType(scheme, Text(BITLATHE_TEXT("F32, in which bitsandbytes stores scales")));
}

Result<void> checkCodeBook(const Scheme& scheme)
{
    const std::array bits{bookBits(scheme.book)};
    BITLATHE_CHECK(checkBits(scheme.bits, bits));
    const auto size = static_cast<std::uint64_t>(scheme.groupSize);
    if (scheme.groupSize < kBlockMin || scheme.groupSize > kBlockMax || !std::has_single_bit(size)) {
        return fail(ErrorCode::SettingInvalid, "group size",
                    Text(BITLATHE_TEXT("64, 128, 256, 512, 1024, 2048 or 4096 weights in a block")),
                    Text(BITLATHE_TEXT("%1"), groupSizeText(scheme.groupSize)), Text(BITLATHE_TEXT("Try 64")));
    }
    return checkPlain(scheme);
}

Result<void> checkInt8Outliers(const Scheme& scheme)
{
    BITLATHE_CHECK(checkBits(scheme.bits, std::array{8}));
    if (scheme.groupSize != kPerChannel) {
        return fail(ErrorCode::SettingInvalid, "group size", Text(BITLATHE_TEXT("\"channel\": one scale for a row")),
                    Text(BITLATHE_TEXT("%1"), groupSizeText(scheme.groupSize)),
                    Text(BITLATHE_TEXT("Leave the group size away")));
    }
    if (!(scheme.threshold >= 0) || !std::isfinite(scheme.threshold)) {
        return fail(ErrorCode::SettingInvalid, "threshold", Text(BITLATHE_TEXT("a number of at least 0")),
                    Text(BITLATHE_TEXT("%1"), scheme.threshold), Text(BITLATHE_TEXT("Try 6")));
    }
    return checkPlain(scheme);
}

} // namespace

Result<void> checkUniformScheme(const Scheme& scheme)
{
    if (scheme.kind != SchemeKind::UniformInt) {
        return fail(ErrorCode::SettingInvalid, "kind", Text(BITLATHE_TEXT("a uniform integer grid")),
                    Text(BITLATHE_TEXT("another kind of scheme")),
                    Text(BITLATHE_TEXT("Choose a method that knows this kind")));
    }
    BITLATHE_CHECK(checkBits(scheme.bits, kBits));
    if (scheme.ternary && (scheme.bits != 2 || scheme.symmetric)) {
        return fail(ErrorCode::SettingInvalid, "bits",
                    Text(BITLATHE_TEXT("2 bits and zero points for ternary weights, as files hold them")),
                    Text(BITLATHE_TEXT("%1 bits, %2"), scheme.bits, scheme.symmetric ? "symmetric" : "asymmetric"),
                    Text(BITLATHE_TEXT("Leave both settings away")));
    }
    const bool named = scheme.groupSize == kPerChannel || scheme.groupSize == kPerTensor;
    if (!named && (scheme.groupSize < kGroupMin || scheme.groupSize > kGroupMax)) {
        return fail(ErrorCode::SettingInvalid, "group size",
                    Text(BITLATHE_TEXT("a number from %1 to %2, \"channel\" or \"tensor\""), kGroupMin, kGroupMax),
                    Text(BITLATHE_TEXT("%1"), scheme.groupSize), Text(BITLATHE_TEXT("Try 128")));
    }
    if (scheme.activationBits != 0 && scheme.activationBits != 8) {
        return fail(
            ErrorCode::SettingInvalid, "activation bits", Text(BITLATHE_TEXT("8, or 0 for inputs in full precision")),
            Text(BITLATHE_TEXT("%1"), scheme.activationBits), Text(BITLATHE_TEXT("Choose one of these widths")));
    }
    if (scheme.staticInputs && scheme.activationBits == 0) {
        return fail(ErrorCode::SettingInvalid, "activation scales",
                    Text(BITLATHE_TEXT("inputs of 8 bits, for scales of inputs that stay the same")),
                    Text(BITLATHE_TEXT("inputs in full precision")),
                    Text(BITLATHE_TEXT("Choose 8 activation bits, or scales for each token")));
    }
    using checkpoint::DType;
    if (scheme.scaleDType != DType::F16 && scheme.scaleDType != DType::BF16 && scheme.scaleDType != DType::F32) {
        return wrongScaleType(scheme, Text(BITLATHE_TEXT("F16, BF16 or F32")));
    }
    return {};
}

Result<void> checkScheme(const Scheme& scheme)
{
    switch (scheme.kind) {
    case SchemeKind::UniformInt: return checkUniformScheme(scheme);
    case SchemeKind::CodeBook: return checkCodeBook(scheme);
    case SchemeKind::Int8Outliers: return checkInt8Outliers(scheme);
    }
    return {};
}

Result<void> setBits(Scheme& scheme, const std::string& text)
{
    if (text == "ternary" || text == "1.58") {
        scheme.ternary = true;
        scheme.bits = 2;
        scheme.symmetric = false;
        return {};
    }
    int bits = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
    if (error != std::errc() || end != text.data() + text.size()) {
        return fail(ErrorCode::SettingInvalid, "bits",
                    Text(BITLATHE_TEXT("one of %1, or ternary"), fmt::format("{}", fmt::join(kBits, ", "))),
                    Text(BITLATHE_TEXT("\"%1\""), text), Text(BITLATHE_TEXT("Choose one of these widths")));
    }
    scheme.bits = bits;
    scheme.ternary = false;
    return {};
}

std::string bitsText(const Scheme& scheme)
{
    return scheme.ternary ? "ternary" : std::to_string(scheme.bits);
}

Result<std::int64_t> groupSizeFromText(const std::string& text)
{
    if (text == "channel" || text == "-1") {
        return kPerChannel;
    }
    if (text == "tensor") {
        return kPerTensor;
    }
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < kGroupMin || value > kBlockMax) {
        return fail(ErrorCode::SettingInvalid, "group size",
                    Text(BITLATHE_TEXT("a number from %1 to %2, \"channel\" or \"tensor\""), kGroupMin, kBlockMax),
                    Text(BITLATHE_TEXT("\"%1\""), text), Text(BITLATHE_TEXT("Try 128")));
    }
    return value;
}

std::string groupSizeText(std::int64_t groupSize)
{
    return groupSize == kPerChannel ? "channel" : groupSize == kPerTensor ? "tensor" : std::to_string(groupSize);
}

Result<bool> matches(const std::string& pattern, const std::string& layer)
{
    if (!pattern.starts_with(kRegexMark)) {
        return globMatches(pattern, layer);
    }
    if (hasHugeNumber(pattern)) {
        return brokenPattern(pattern, "a number in it is too large");
    }
    // The only library here that throws on a user's text.
    try {
        const std::regex expression(pattern.substr(kRegexMark.size()));
        // Like the tools that know this spelling: the name must match from its start, not to its end.
        return std::regex_search(layer, expression, std::regex_constants::match_continuous);
    } catch (const std::regex_error& error) {
        return brokenPattern(pattern, error.what());
    }
}

Result<std::optional<Scheme>> schemeFor(const std::string& layer, const Scheme& base,
                                        const std::vector<Override>& overrides)
{
    std::optional<Scheme> chosen = base;
    for (const Override& entry : overrides) {
        BITLATHE_TRY(const bool applies, matches(entry.pattern, layer));
        if (applies) {
            chosen = entry.scheme;
        }
    }
    return chosen;
}

} // namespace bitlathe::quant
