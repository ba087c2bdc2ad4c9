// SPDX-License-Identifier: Apache-2.0
// Family: how one model family's config.json becomes a ModelSpec. One file per family fills one of these.
#pragma once

#include "core/base/result.h"
#include "core/model/modelspec.h"

#include <span>

namespace bitlathe::model
{

struct Family
{
    std::string_view modelType; ///< As config.json spells it.
    /// Fills everything but architecture, modelType and the token ids, which all families share.
    Result<void> (*read)(const JsonObject& config, ModelSpec& spec);
};

/// LLaMA and those that differ from it only in biases, windows and scales: mistral, qwen2, internlm, minicpm.
std::span<const Family> llamaFamilies();

/// Marks a spec as readable but not runnable.
void markNotRunnable(ModelSpec& spec, Text reason);

/// rope_parameters of today's transformers, or rope_theta and rope_scaling of the classic ones. A scaling that is not
/// known marks the spec as not runnable.
Result<void> readRope(const JsonObject& config, ModelSpec& spec);

} // namespace bitlathe::model
