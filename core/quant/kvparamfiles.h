// SPDX-License-Identifier: Apache-2.0
// Files of KvParams, as the engines that use them read them.
#pragma once

#include "core/checkpoint/checkpoint.h"
#include "core/quant/kvparams.h"

#include <filesystem>

namespace bitlathe::quant
{

/// Who reads the files.
enum class KvConsumer {
    Turbomind, ///< layers.0.past_kv_scale.0.weight ...: four f32, scale and zero of keys, scale and zero of values.
    Lmdeploy,  ///< As lmdeploy lite kv_qparams writes them: symmetric ones are two f32, which no TurboMind loads.
    Vllm,      ///< kv_cache_scales.safetensors: "model.layers.0.self_attn.k_scale" and v_scale, F32 [1] or [key heads].
};

/// "turbomind", "lmdeploy", "vllm".
std::string_view kvConsumerName(KvConsumer consumer);
/// UnknownName (with the known names) where there is no such consumer.
Result<KvConsumer> findKvConsumer(std::string_view name);

/// A file: its name and its bytes.
using KvParamFile = std::pair<std::string, std::string>;

/// The files for a consumer. NotSupported where it has no place for these parameters: TurboMind takes int8 by layer,
/// vLLM takes fp8.
Result<std::vector<KvParamFile>> kvParamFiles(const KvParams& params, KvConsumer consumer);
/// Writes them, each atomically, into a folder that is made where missing. Errors: as above, DiskFull, WriteFailed.
Result<void> writeKvParams(const KvParams& params, KvConsumer consumer, const std::filesystem::path& folder);

/// A scale of an fp8 cache as a tensor among a model's: "model.layers.0.self_attn.k_scale", one number or one for each
/// key head.
struct KvScaleTensor
{
    std::string name;
    std::vector<float> scales;
};
/// Those of all layers, keys before values.
std::vector<KvScaleTensor> kvScaleTensors(const KvParams& params);
/// Whether a tensor of this name is one.
bool isKvScale(std::string_view tensor);
/// The grids that such tensors of a file or folder say, layers by their number. TensorInvalid where there are none, or
/// a layer lacks one, or one is no number above 0; subject names the file.
Result<KvParams> storedKvParams(const checkpoint::Checkpoint& checkpoint, const std::string& subject);

/// Whether a folder holds such files.
bool holdsKvParams(const std::filesystem::path& folder);
/// Reads what writeKvParams() or lmdeploy wrote. Errors: FileMissing (none, or a rank of a layer is not there),
/// FileInvalid, TensorInvalid.
Result<KvParams> readKvParams(const std::filesystem::path& folder);
/// One file of past_kv_scale; symmetric where it has two numbers. FileInvalid where it is not 8 or 16 bytes of finite
/// numbers with scales above 0.
Result<std::pair<KvGrid, KvGrid>> parsePastKvScale(std::string_view bytes, const std::string& subject);

} // namespace bitlathe::quant
