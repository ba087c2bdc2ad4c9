// SPDX-License-Identifier: Apache-2.0
// MethodOptions: settings that only one method has, as data.
#pragma once

#include "core/quant/scheme.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace bitlathe::quant
{

/// How long a method may look for a better result; each level takes a small multiple of the time of the one before.
enum class Effort { Fast, Normal, Best };

/// "fast", "normal", "best".
constexpr std::string_view effortName(Effort effort)
{
    switch (effort) {
    case Effort::Fast: return "fast";
    case Effort::Normal: return "normal";
    case Effort::Best: return "best";
    }
    return "";
}

/// How the scales of a block are found before its layers are rounded.
enum class Smoothing {
    None,
    Awq,         ///< Protects weights of channels with large inputs (arXiv 2306.00978, section 3.2).
    SmoothQuant, ///< Makes inputs as easy to round as weights (arXiv 2211.10438, section 4).
};

/// "none", "awq", "smoothquant".
constexpr std::string_view smoothingName(Smoothing smoothing)
{
    switch (smoothing) {
    case Smoothing::None: return "none";
    case Smoothing::Awq: return "awq";
    case Smoothing::SmoothQuant: return "smoothquant";
    }
    return "";
}

struct GptqOptions
{
    double damping = 0.01;        ///< Added to the Hessian's diagonal, as a share of its mean. 0 ... 1, not 0.
    double dampingStep = 0.01;    ///< Added to damping where the factorization fails, twice as much each time again.
    bool staticGroups = false;    ///< Scales from the original weights, so that any column order keeps groups in place.
    std::int64_t blockSize = 128; ///< Columns swept before the others learn of their errors. Changes nothing but speed.
    Effort effort = Effort::Normal;

    bool operator==(const GptqOptions&) const = default;
};

/// How AWQ finds its scales and rounds.
enum class AwqRule {
    Search,     ///< Scales by a search over the output error, then rounding with clipped ranges.
    Lmdeploy,   ///< Scales by the rule of lmdeploy's auto_awq, then rounding to nearest.
    Lmdeploy02, ///< The same with codes as its version 0.2 computes them: shifted by up to half a step.
};

/// "search", "lmdeploy", "lmdeploy-0.2".
constexpr std::string_view awqRuleName(AwqRule rule)
{
    switch (rule) {
    case AwqRule::Search: return "search";
    case AwqRule::Lmdeploy: return "lmdeploy";
    case AwqRule::Lmdeploy02: return "lmdeploy-0.2";
    }
    return "";
}

struct AwqOptions
{
    AwqRule rule = AwqRule::Search; ///< But for Search, the other members mean nothing.
    int grid = 20;                  ///< Steps of the ratio between 0 and 1. 1 ... 1000.
    bool duoScaling = true;         ///< Scales look at weights too, not at inputs alone.
    bool clip = true;               ///< Ranges of groups are shrunk where that lowers the output error.
    Effort effort = Effort::Normal;

    bool operator==(const AwqOptions&) const = default;
};

struct SmoothQuantOptions
{
    /// 0: all difficulty stays with the inputs, 1: all goes to the weights. Nothing: searched for each group.
    std::optional<double> alpha;

    bool operator==(const SmoothQuantOptions&) const = default;
};

/// Of the methods nf4, fp4, int8-blockwise and llm-int8, which are those of bitsandbytes.
struct BitsAndBytesOptions
{
    bool doubleQuant = false;         ///< Scales become 8-bit codes too.
    BookKind map = BookKind::Dynamic; ///< Of int8-blockwise: the values of its codes; not Nf4, Fp4.
    double threshold = 6.0;           ///< Of llm-int8: inputs of this size and above stay in half precision. 0: none.
    BitsAndBytesNotes notes;

    bool operator==(const BitsAndBytesOptions&) const = default;
};

struct MethodOptions
{
    GptqOptions gptq;
    std::optional<Smoothing> smoothing; ///< Nothing: that of the method.
    AwqOptions awq;
    SmoothQuantOptions smoothQuant;
    BitsAndBytesOptions bitsAndBytes;

    bool operator==(const MethodOptions&) const = default;
};

} // namespace bitlathe::quant
