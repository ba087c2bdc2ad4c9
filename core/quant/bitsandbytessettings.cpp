// SPDX-License-Identifier: Apache-2.0
// Settings that the methods of bitsandbytes share.
#include "core/quant/bitsandbytessettings.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>

namespace bitlathe::quant
{

namespace
{

using checkpoint::DType;
using Kind = MethodSetting::Kind;

constexpr std::array kTypes{DType::U8, DType::BF16, DType::F16, DType::F32};
constexpr std::array kMaps{BookKind::Dynamic, BookKind::DynamicUnsigned, BookKind::Linear, BookKind::Quantile};

double placeOf(DType type)
{
    return static_cast<double>(std::ranges::find(kTypes, type) - kTypes.begin());
}

} // namespace

std::optional<DType> torchTypeFrom(std::string_view name)
{
    const auto found = std::ranges::find(kTypes, name, torchTypeName);
    return found == kTypes.end() ? std::nullopt : std::optional(*found);
}

MethodSetting doubleQuantSetting()
{
    return {.kind = Kind::Flag,
            .key = "double_quant",
            .title = BITLATHE_TEXT("Double quantization"),
            .help = BITLATHE_TEXT("Scales become 8-bit codes too: 0.37 bits less for each weight in blocks of 64, and "
                                  "hardly any more error"),
            .get = [](const MethodOptions& o) { return o.bitsAndBytes.doubleQuant ? 1.0 : 0.0; },
            .set = [](MethodOptions& o, double value) { o.bitsAndBytes.doubleQuant = value != 0; }};
}

MethodSetting mapSetting()
{
    return {.kind = Kind::Choice,
            .key = "map",
            .title = BITLATHE_TEXT("Code book"),
            .help = BITLATHE_TEXT("The values of the codes: closer near zero, equally spaced, or spaced so that the "
                                  "layer's weights take each equally often"),
            .get =
                [](const MethodOptions& o) {
                    return static_cast<double>(std::ranges::find(kMaps, o.bitsAndBytes.map) - kMaps.begin());
                },
            .set = [](MethodOptions& o, double value) { o.bitsAndBytes.map = kMaps[static_cast<std::size_t>(value)]; },
            .choices = {"dynamic", "dynamic-unsigned", "linear", "quantile"}};
}

MethodSetting storageSetting()
{
    return {.kind = Kind::Choice,
            .key = "quant_storage",
            .title = BITLATHE_TEXT("Stored as"),
            .help = BITLATHE_TEXT("The type under which files name the packed codes; the bytes are the same. Another "
                                  "than uint8 lets training tools cut layers among machines"),
            .get = [](const MethodOptions& o) { return placeOf(o.bitsAndBytes.notes.storage); },
            .set = [](MethodOptions& o,
                      double value) { o.bitsAndBytes.notes.storage = kTypes[static_cast<std::size_t>(value)]; },
            .choices = {"uint8", "bfloat16", "float16", "float32"}};
}

MethodSetting computeSetting()
{
    return {.kind = Kind::Choice,
            .key = "compute_dtype",
            .title = BITLATHE_TEXT("Compute in"),
            .help = BITLATHE_TEXT("The type in which users of the files multiply; auto: that of the model"),
            .get =
                [](const MethodOptions& o) {
                    const auto& type = o.bitsAndBytes.notes.compute;
                    return type ? placeOf(*type) : 0.0;
                },
            .set =
                [](MethodOptions& o, double value) {
                    const auto place = static_cast<std::size_t>(value);
                    o.bitsAndBytes.notes.compute = place == 0 ? std::nullopt : std::optional(kTypes[place]);
                },
            .choices = {"auto", "bfloat16", "float16", "float32"}};
}

MethodSetting thresholdSetting()
{
    return {.kind = Kind::Share,
            .key = "threshold",
            .title = BITLATHE_TEXT("Threshold"),
            .help =
                BITLATHE_TEXT("Input channels that reach it are multiplied in half precision, the others in 8 bits; "
                              "0: all in 8 bits"),
            .get = [](const MethodOptions& o) { return o.bitsAndBytes.threshold; },
            .set = [](MethodOptions& o, double value) { o.bitsAndBytes.threshold = value; },
            .low = 0,
            .high = 20,
            .step = 0.5};
}

MethodSetting halfWeightsSetting()
{
    return {.kind = Kind::Flag,
            .key = "has_fp16_weight",
            .title = BITLATHE_TEXT("Weights stay in half precision"),
            .help =
                BITLATHE_TEXT("Tells bitsandbytes to keep a half precision copy of the weights, as for training; the "
                              "files hold 8-bit codes all the same"),
            .get = [](const MethodOptions& o) { return o.bitsAndBytes.notes.halfWeights ? 1.0 : 0.0; },
            .set = [](MethodOptions& o, double value) { o.bitsAndBytes.notes.halfWeights = value != 0; }};
}

MethodSetting cpuOffloadSetting()
{
    return {.kind = Kind::Flag,
            .key = "cpu_offload",
            .title = BITLATHE_TEXT("CPU offload"),
            .help =
                BITLATHE_TEXT("Tells transformers that layers which do not fit on the GPU may stay on the CPU, in f32"),
            .get = [](const MethodOptions& o) { return o.bitsAndBytes.notes.cpuOffload ? 1.0 : 0.0; },
            .set = [](MethodOptions& o, double value) { o.bitsAndBytes.notes.cpuOffload = value != 0; }};
}

} // namespace bitlathe::quant
