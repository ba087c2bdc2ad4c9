// SPDX-License-Identifier: Apache-2.0
// SchemePatterns: the schemes of a whole model as a recipe tells them: one for most layers, and overrides.
#pragma once

#include "core/model/modelspec.h"
#include "core/quant/scheme.h"

#include <optional>
#include <vector>

namespace bitlathe::plan
{

/// Schemes of all linears, in few patterns.
struct SchemePatterns
{
    quant::Scheme base;
    std::vector<quant::Override> overrides;
};

/// schemes: one per linear, nothing where it stays in full precision; at least one is something. Layers of one name but
/// for the number of their block are told together: the scheme of most of them by a shell pattern, the blocks that
/// differ by a list of their numbers.
SchemePatterns schemePatterns(const model::ModelSpec& spec, const std::vector<std::optional<quant::Scheme>>& schemes);

} // namespace bitlathe::plan
