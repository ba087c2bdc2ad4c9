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

/// All families whose forward pass is known, in the order of a list.
std::span<const Family> families();

// What each file of families gives; their parameters are those of Family::read.
Result<void> readGemma2(const JsonObject& config, ModelSpec& spec);
Result<void> readGemma3(const JsonObject& config, ModelSpec& spec);
Result<void> readGemma3Parts(const JsonObject& config, ModelSpec& spec); ///< The text model of one with vision.
Result<void> readGpt2(const JsonObject& config, ModelSpec& spec);
Result<void> readGptNeoX(const JsonObject& config, ModelSpec& spec);
Result<void> readInternLm(const JsonObject& config, ModelSpec& spec);
Result<void> readInternLm2(const JsonObject& config, ModelSpec& spec);
Result<void> readLlama(const JsonObject& config, ModelSpec& spec);
Result<void> readMiniCpm(const JsonObject& config, ModelSpec& spec);
Result<void> readMistral(const JsonObject& config, ModelSpec& spec);
Result<void> readMixtral(const JsonObject& config, ModelSpec& spec);
Result<void> readOpt(const JsonObject& config, ModelSpec& spec);
Result<void> readPhi3(const JsonObject& config, ModelSpec& spec);
Result<void> readQwen(const JsonObject& config, ModelSpec& spec);
Result<void> readQwen2(const JsonObject& config, ModelSpec& spec);
Result<void> readQwen3(const JsonObject& config, ModelSpec& spec);
Result<void> readQwen3Moe(const JsonObject& config, ModelSpec& spec);

} // namespace bitlathe::model
