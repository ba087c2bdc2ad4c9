// SPDX-License-Identifier: Apache-2.0
// TurbomindConfig: config.ini of a TurboMind workspace, as lmdeploy 0.1 to 0.5 writes and its engine reads it.
#pragma once

#include "core/base/json.h"

#include <cstdint>
#include <string>

namespace bitlathe::format
{

/// What the engine's 4-bit tiles need of the sides of a layer, of each rank.
constexpr std::int64_t kTurbomindTile = 32;

/// The one section [llama]. Keys that only tune the engine are written with lmdeploy's values and not read.
struct TurbomindConfig
{
    std::string modelName;             ///< Of the chat template.
    std::int64_t ranks = 1;            ///< tensor_para_size: files of a split matrix.
    std::int64_t heads = 0;            ///< head_num
    std::int64_t kvHeads = 0;          ///< kv_head_num
    std::int64_t headDim = 128;        ///< size_per_head, rotary_embedding
    std::int64_t vocabulary = 0;       ///< vocab_size: rows of the embedding, without those that pad it.
    std::int64_t blocks = 0;           ///< num_layer
    std::int64_t intermediate = 0;     ///< inter_size
    double normEpsilon = 1e-6;         ///< norm_eps
    bool attentionBias = false;        ///< attn_bias
    std::int64_t startId = 1;          ///< start_id
    std::int64_t endId = 2;            ///< end_id
    std::int64_t sessionTokens = 2056; ///< session_len
    std::string weightType = "fp16";   ///< fp16, bf16 or int4
    double ropeTheta = 10000.0;        ///< rope_theta
    std::int64_t groupSize = 0;        ///< group_size; 0 but for int4.
    bool contextFmha = true;           ///< use_context_fmha
    std::int64_t quantPolicy = 0;      ///< 4: keys and values in int8, with the scales of past_kv_scale files.
    std::int64_t maxPositions = 0;     ///< max_position_embeddings
    double ropeScalingFactor = 0.0;    ///< 0: none; else dynamic scaling by this factor.
    bool scalesLongQueries = false;    ///< use_logn_attn

    std::int64_t hidden() const { return heads * headDim; }
    bool isInt4() const { return weightType == "int4"; }
};

/// The file's text, byte for byte as lmdeploy 0.2 writes it.
std::string writeTurbomindConfig(const TurbomindConfig& config);

/// Errors: ConfigInvalid naming file and key; NotSupported (fp32 or int8 weights, a layout of another version).
Result<TurbomindConfig> readTurbomindConfig(const std::string& text, const std::string& subject);

/// The config.json of a LLaMA that is the same model.
Json llamaConfig(const TurbomindConfig& config);

} // namespace bitlathe::format
