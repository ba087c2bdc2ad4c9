// SPDX-License-Identifier: Apache-2.0
// The list of methods.
#include "core/quant/quantizer.h"

#include "core/quant/awq.h"
#include "core/quant/blockwise.h"
#include "core/quant/gptq.h"
#include "core/quant/llm_int8.h"
#include "core/quant/rtn.h"
#include "core/quant/smoothquant.h"

#include <algorithm>

namespace bitlathe::quant
{

const std::vector<const Quantizer*>& quantizers()
{
    static const std::vector<const Quantizer*> methods{
        &roundToNearest(), &gptq(), &activationAware(), &smoothQuant(), &nf4(), &fp4(), &int8Blockwise(), &llmInt8()};
    return methods;
}

Result<const Quantizer*> findQuantizer(std::string_view name)
{
    const auto& methods = quantizers();
    const auto found = std::ranges::find(methods, name, &Quantizer::name);
    if (found != methods.end()) {
        return *found;
    }
    std::vector<std::string_view> known;
    std::ranges::transform(methods, std::back_inserter(known), &Quantizer::name);
    return fail(ErrorCode::UnknownName, "method",
                Text(BITLATHE_TEXT("one of %1"), fmt::format("{}", fmt::join(known, ", "))),
                Text(BITLATHE_TEXT("\"%1\""), name), Text(BITLATHE_TEXT("Choose one of these methods")));
}

} // namespace bitlathe::quant
