// SPDX-License-Identifier: Apache-2.0
// Files of KvParams: past_kv_scale files and scales of an fp8 cache.
#include "core/quant/kvparamfiles.h"

#include "core/base/file.h"
#include "core/checkpoint/safetensors.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <map>

namespace bitlathe::quant
{

namespace fs = std::filesystem;
using checkpoint::TensorEntry;

namespace
{

constexpr std::string_view kScalesFile = "kv_cache_scales.safetensors";
constexpr std::array kConsumers{KvConsumer::Turbomind, KvConsumer::Lmdeploy, KvConsumer::Vllm};
constexpr std::uint64_t kBytesPastKvMax = 4 * sizeof(float);
/// Of tensors that are scales, behind their layer's name.
constexpr std::string_view kKeyEnding = ".self_attn.k_scale";
constexpr std::string_view kValueEnding = ".self_attn.v_scale";

void appendFloat(std::string& bytes, float value)
{
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

Failure noPlace(KvConsumer consumer, std::string_view wanted, const KvScheme& scheme)
{
    return fail(ErrorCode::NotSupported, std::string(kvConsumerName(consumer)), Text(BITLATHE_TEXT("%1"), wanted),
                Text(BITLATHE_TEXT("\"%1\""), scheme.name()), Text(BITLATHE_TEXT("Choose another KV cache")));
}

std::vector<KvParamFile> pastKvScaleFiles(const KvParams& params, bool withZeros)
{
    std::vector<KvParamFile> files;
    for (std::size_t layer = 0; layer < params.layers.size(); ++layer) {
        const KvLayerGrids& grids = params.layers[layer];
        for (std::size_t part = 0; part < grids.keys.size(); ++part) {
            std::string bytes;
            for (const KvGrid& grid : {grids.keys[part], grids.values[part]}) {
                appendFloat(bytes, grid.scale);
                if (withZeros) {
                    appendFloat(bytes, grid.zero);
                }
            }
            files.emplace_back(fmt::format("layers.{}.past_kv_scale.{}.weight", layer, part), std::move(bytes));
        }
    }
    return files;
}

KvParamFile scalesFile(const KvParams& params)
{
    std::vector<TensorEntry> entries;
    std::string content;
    for (const auto& [name, scales] : kvScaleTensors(params)) {
        entries.push_back({name, checkpoint::DType::F32, {std::ssize(scales)}, 0, 0, scales.size() * sizeof(float)});
        for (const float scale : scales) {
            appendFloat(content, scale);
        }
    }
    return {std::string(kScalesFile), checkpoint::safetensorsHeader(entries) + content};
}

/// Layer and rank of "layers.3.past_kv_scale.0.weight".
std::optional<std::pair<std::int64_t, std::int64_t>> placeOf(std::string_view name)
{
    constexpr std::string_view kBefore = "layers.";
    constexpr std::string_view kBetween = ".past_kv_scale.";
    std::int64_t layer = 0;
    std::int64_t rank = 0;
    const char* const end = name.data() + name.size();
    if (!name.starts_with(kBefore)) {
        return std::nullopt;
    }
    const auto [afterLayer, layerError] = std::from_chars(name.data() + kBefore.size(), end, layer);
    if (layerError != std::errc() || !std::string_view(afterLayer, end).starts_with(kBetween)) {
        return std::nullopt;
    }
    const auto [afterRank, rankError] = std::from_chars(afterLayer + kBetween.size(), end, rank);
    if (rankError != std::errc() || std::string_view(afterRank, end) != ".weight" || layer < 0 || rank < 0) {
        return std::nullopt;
    }
    return std::pair(layer, rank);
}

/// The past_kv_scale files of a folder by layer and rank.
std::map<std::pair<std::int64_t, std::int64_t>, fs::path> pastKvScales(const fs::path& folder)
{
    std::map<std::pair<std::int64_t, std::int64_t>, fs::path> files;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        if (const auto place = placeOf(entry->path().filename().string())) {
            files.emplace(*place, entry->path());
        }
    }
    return files;
}

Result<KvParams> readPastKvScales(const fs::path& folder)
{
    const auto files = pastKvScales(folder);
    const std::int64_t layers = files.rbegin()->first.first + 1;
    const std::int64_t ranks =
        1 + std::ranges::max_element(files, {}, [](const auto& file) { return file.first.second; })->first.second;
    KvParams params{{KvKind::Int, 8, KvGranularity::Layer, true}, {}};
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        KvLayerGrids& grids = params.layers.emplace_back();
        grids.name = fmt::format("layers.{}", layer);
        for (std::int64_t rank = 0; rank < ranks; ++rank) {
            const auto found = files.find({layer, rank});
            if (found == files.end()) {
                return Failure(
                    readError(folder / fmt::format("layers.{}.past_kv_scale.{}.weight", layer, rank), ENOENT));
            }
            BITLATHE_TRY(const std::string bytes, readFile(found->second, kBytesPastKvMax));
            BITLATHE_TRY(const auto pair, parsePastKvScale(bytes, found->second.string()));
            grids.keys.push_back(pair.first);
            grids.values.push_back(pair.second);
            params.scheme.symmetric = params.scheme.symmetric && pair.first.zero == 0 && pair.second.zero == 0;
        }
    }
    return params;
}

Failure badScales(const std::string& subject, Text found)
{
    return fail(
        ErrorCode::TensorInvalid, subject,
        Text(BITLATHE_TEXT("k_scale and v_scale of every layer, of one number or one for each key head, above 0")),
        std::move(found), Text(BITLATHE_TEXT("Make the KV parameters again")));
}

Result<std::vector<KvGrid>> scalesOf(const checkpoint::Checkpoint& checkpoint, const std::string& subject,
                                     const TensorEntry& entry)
{
    const std::vector<float> values = checkpoint::toF32(checkpoint.view(entry));
    std::vector<KvGrid> grids;
    for (const float value : values) {
        if (!std::isfinite(value) || value <= 0) {
            return badScales(subject, Text(BITLATHE_TEXT("%1 in \"%2\""), value, entry.name));
        }
        grids.push_back({value, 0.0F});
    }
    return grids;
}

std::vector<float> scalesOf(const std::vector<KvGrid>& grids)
{
    std::vector<float> scales;
    std::ranges::transform(grids, std::back_inserter(scales), &KvGrid::scale);
    return scales;
}

} // namespace

std::string_view kvConsumerName(KvConsumer consumer)
{
    switch (consumer) {
    case KvConsumer::Turbomind: return "turbomind";
    case KvConsumer::Lmdeploy: return "lmdeploy";
    case KvConsumer::Vllm: return "vllm";
    }
    return "";
}

Result<KvConsumer> findKvConsumer(std::string_view name)
{
    const auto found = std::ranges::find(kConsumers, name, kvConsumerName);
    if (found != kConsumers.end()) {
        return *found;
    }
    return fail(ErrorCode::UnknownName, "for", Text(BITLATHE_TEXT("turbomind, lmdeploy or vllm")),
                Text(BITLATHE_TEXT("\"%1\""), name), Text(BITLATHE_TEXT("Correct the setting")));
}

Result<std::vector<KvParamFile>> kvParamFiles(const KvParams& params, KvConsumer consumer)
{
    const KvScheme& scheme = params.scheme;
    if (consumer == KvConsumer::Vllm) {
        if (scheme.kind != KvKind::Fp8) {
            return noPlace(consumer, "fp8 or fp8-head", scheme);
        }
        return std::vector{scalesFile(params)};
    }
    if (scheme.kind != KvKind::Int || scheme.granularity != KvGranularity::Layer) {
        return noPlace(consumer, "int8 or int8-sym", scheme);
    }
    return pastKvScaleFiles(params, consumer == KvConsumer::Turbomind || !scheme.symmetric);
}

Result<void> writeKvParams(const KvParams& params, KvConsumer consumer, const fs::path& folder)
{
    BITLATHE_TRY(const auto files, kvParamFiles(params, consumer));
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) {
        return Failure(writeError(folder, error.value()));
    }
    for (const auto& [name, content] : files) {
        BITLATHE_CHECK(writeFileAtomically(folder / name, content));
    }
    return {};
}

std::vector<KvScaleTensor> kvScaleTensors(const KvParams& params)
{
    std::vector<KvScaleTensor> tensors;
    for (const KvLayerGrids& layer : params.layers) {
        tensors.push_back({layer.name + std::string(kKeyEnding), scalesOf(layer.keys)});
        tensors.push_back({layer.name + std::string(kValueEnding), scalesOf(layer.values)});
    }
    return tensors;
}

bool isKvScale(std::string_view tensor)
{
    return tensor.ends_with(kKeyEnding) || tensor.ends_with(kValueEnding);
}

Result<KvParams> storedKvParams(const checkpoint::Checkpoint& checkpoint, const std::string& subject)
{
    KvParams params{{KvKind::Fp8, 8, KvGranularity::Layer, false}, {}};
    for (const TensorEntry& entry : checkpoint.entries()) {
        if (!entry.name.ends_with(kKeyEnding)) {
            continue;
        }
        KvLayerGrids layer;
        layer.name = entry.name.substr(0, entry.name.size() - kKeyEnding.size());
        const TensorEntry* values = checkpoint.find(layer.name + std::string(kValueEnding));
        if (values == nullptr || values->shape != entry.shape || entry.shape.size() > 1) {
            return badScales(subject, Text(BITLATHE_TEXT("\"%1\" without a fitting v_scale"), entry.name));
        }
        BITLATHE_TRY(layer.keys, scalesOf(checkpoint, subject, entry));
        BITLATHE_TRY(layer.values, scalesOf(checkpoint, subject, *values));
        if (!params.layers.empty() && layer.keys.size() != params.layers.front().keys.size()) {
            return badScales(subject, Text(BITLATHE_TEXT("\"%1\" of another shape"), entry.name));
        }
        params.layers.push_back(std::move(layer));
    }
    if (params.parts() == 0) {
        return badScales(subject, Text(BITLATHE_TEXT("none")));
    }
    // Names differ in their layer's number alone: 2 comes before 10.
    std::ranges::sort(params.layers, {},
                      [](const KvLayerGrids& layer) { return std::pair(layer.name.size(), layer.name); });
    params.scheme.granularity = params.parts() > 1 ? KvGranularity::Head : KvGranularity::Layer;
    return params;
}

bool holdsKvParams(const fs::path& folder)
{
    std::error_code ignored;
    return fs::exists(folder / kScalesFile, ignored) || !pastKvScales(folder).empty();
}

Result<KvParams> readKvParams(const fs::path& folder)
{
    std::error_code ignored;
    if (fs::exists(folder / kScalesFile, ignored)) {
        BITLATHE_TRY(const auto file, checkpoint::Checkpoint::open(folder / kScalesFile));
        return storedKvParams(*file, (folder / kScalesFile).string());
    }
    if (pastKvScales(folder).empty()) {
        return fail(ErrorCode::FileMissing, folder.string(), Text(BITLATHE_TEXT("KV parameters of every layer")),
                    Text(BITLATHE_TEXT("no such file")), Text(BITLATHE_TEXT("Make them with kv-params")));
    }
    return readPastKvScales(folder);
}

Result<std::pair<KvGrid, KvGrid>> parsePastKvScale(std::string_view bytes, const std::string& subject)
{
    std::array<float, 4> numbers{};
    const bool isWhole = bytes.size() == sizeof numbers || bytes.size() == sizeof numbers / 2;
    std::memcpy(numbers.data(), bytes.data(), std::min(bytes.size(), sizeof numbers));
    const bool isFinite = std::ranges::all_of(numbers, [](float number) { return std::isfinite(number); });
    std::pair<KvGrid, KvGrid> grids{{numbers[0], numbers[1]}, {numbers[2], numbers[3]}};
    if (bytes.size() != sizeof numbers) {
        grids = {{numbers[0], 0.0F}, {numbers[1], 0.0F}};
    }
    if (!isWhole || !isFinite || grids.first.scale <= 0 || grids.second.scale <= 0) {
        return fail(ErrorCode::FileInvalid, subject, Text(BITLATHE_TEXT("two or four f32 numbers with scales above 0")),
                    isWhole ? Text(BITLATHE_TEXT("other numbers")) : Text(BITLATHE_TEXT("%1 bytes"), bytes.size()),
                    Text(BITLATHE_TEXT("Make the KV parameters again")));
    }
    return grids;
}

} // namespace bitlathe::quant
