// SPDX-License-Identifier: Apache-2.0
// Settings that the methods of bitsandbytes share, as a form shows them.
#pragma once

#include "core/quant/methodsettings.h"

namespace bitlathe::quant
{

MethodSetting doubleQuantSetting();
MethodSetting mapSetting();
MethodSetting storageSetting();
MethodSetting computeSetting();
MethodSetting thresholdSetting();
MethodSetting halfWeightsSetting();
MethodSetting cpuOffloadSetting();

/// The types under which packed 4-bit codes lie in files, and those in which users of the files multiply, as
/// bitsandbytes spells them: "uint8", "bfloat16", "float16", "float32".
constexpr std::string_view torchTypeName(checkpoint::DType type)
{
    switch (type) {
    case checkpoint::DType::U8: return "uint8";
    case checkpoint::DType::BF16: return "bfloat16";
    case checkpoint::DType::F16: return "float16";
    case checkpoint::DType::F32: return "float32";
    default: return "";
    }
}
/// Nothing where there is no such name among these four.
std::optional<checkpoint::DType> torchTypeFrom(std::string_view name);

} // namespace bitlathe::quant
