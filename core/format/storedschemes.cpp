// SPDX-License-Identifier: Apache-2.0
// StoredSchemes: which layers of a folder are quantized; and which can be.
#include "core/format/storedschemes.h"

#include <fmt/format.h>

#include <algorithm>

namespace bitlathe::format
{

using checkpoint::DType;
using model::LinearSpec;
using quant::Scheme;

Result<void> checkStorable(const Scheme& scheme, const LinearSpec& linear, const Storable& storable)
{
    if (scheme.kind != quant::SchemeKind::UniformInt) {
        return fail(ErrorCode::NotSupported, linear.name, Text(BITLATHE_TEXT("integer codes for this format")),
                    Text(BITLATHE_TEXT("another kind of code")),
                    Text(BITLATHE_TEXT("Choose another format or another method")));
    }
    if (std::ranges::find(storable.bits, scheme.bits) == storable.bits.end()) {
        return fail(ErrorCode::NotSupported, linear.name,
                    Text(BITLATHE_TEXT("%1 bits for this format"), fmt::format("{}", fmt::join(storable.bits, ", "))),
                    Text(BITLATHE_TEXT("%1 bits"), scheme.bits),
                    Text(BITLATHE_TEXT("Choose another width or another format")));
    }
    if (std::ranges::find(storable.scales, scheme.scaleDType) == storable.scales.end()) {
        return fail(ErrorCode::NotSupported, linear.name,
                    Text(BITLATHE_TEXT("scales as %1 for this format"), checkpoint::dtypeName(storable.scales.front())),
                    Text(BITLATHE_TEXT("%1"), checkpoint::dtypeName(scheme.scaleDType)),
                    Text(BITLATHE_TEXT("Choose the scale type auto")));
    }
    if (scheme.movesGroups() && !storable.actOrder) {
        return fail(ErrorCode::NotSupported, linear.name,
                    Text(BITLATHE_TEXT("columns in the order of their groups for this format")),
                    Text(BITLATHE_TEXT("columns ordered by activation")),
                    Text(BITLATHE_TEXT("Choose the format gptq or compressed-tensors, or set static groups")));
    }
    return {};
}

Result<LinearSchemes> storedSchemes(const checkpoint::Checkpoint& checkpoint, const model::ModelSpec& spec,
                                    const std::string& suffix,
                                    const std::function<std::optional<Scheme>(const LinearSpec&)>& declared,
                                    const std::function<Result<DType>(const LinearSpec&, const Scheme&)>& check)
{
    LinearSchemes schemes(spec.linears.size());
    const LinearSpec* missing = nullptr;
    bool any = false;
    for (const LinearSpec& linear : spec.linears) {
        auto scheme = declared(linear);
        if (!scheme) {
            continue;
        }
        if (checkpoint.find(linear.name + suffix) == nullptr) {
            missing = missing == nullptr ? &linear : missing;
            const checkpoint::TensorEntry* full = checkpoint.find(linear.weightName());
            if (full == nullptr || !checkpoint::isFloat(full->dtype)) {
                return checkpoint.tensor(linear.name + suffix).map([](const auto&) { return LinearSchemes(); });
            }
            continue;
        }
        BITLATHE_TRY(scheme->scaleDType, check(linear, *scheme));
        schemes[linear.id.index()] = scheme;
        any = true;
    }
    if (!any && missing != nullptr) {
        return checkpoint.tensor(missing->name + suffix).map([](const auto&) { return LinearSchemes(); });
    }
    return schemes;
}

void findUndeclared(const model::ModelSpec& spec, const LinearSchemes& schemes,
                    const std::function<bool(const LinearSpec&)>& isDeclared, Findings& findings)
{
    for (const LinearSpec& linear : spec.linears) {
        if (!schemes[linear.id.index()] && isDeclared(linear)) {
            findings.push_back({Severity::Warning, "layer-not-declared", linear.name,
                                Text(BITLATHE_TEXT("is in full precision, but the configuration says quantized; some "
                                                   "runtimes do not load such a folder")),
                                Text(BITLATHE_TEXT("Convert the folder here: the new configuration says what is"))});
            return;
        }
    }
}

} // namespace bitlathe::format
