// SPDX-License-Identifier: Apache-2.0
// KeyValueRanges: from a calibration, from files, and to files.
#include "core/calibrate/keyvalueranges.h"

#include "core/base/file.h"
#include "core/checkpoint/mappedfile.h"
#include "core/checkpoint/safetensors.h"
#include "core/checkpoint/torchfile.h"
#include "kernels/scalars.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>

namespace bitlathe::calibrate
{

namespace fs = std::filesystem;
using checkpoint::DType;
using checkpoint::TensorEntry;

namespace
{

using RangeMember = std::vector<float> KeyValueStats::*;

struct NamedRange
{
    const char* name;
    RangeMember key;
    RangeMember value;
};
constexpr std::array kRanges{NamedRange{"max", &KeyValueStats::keyMax, &KeyValueStats::valueMax},
                             NamedRange{"min", &KeyValueStats::keyMin, &KeyValueStats::valueMin},
                             NamedRange{"absmax", &KeyValueStats::keyAbsMax, &KeyValueStats::valueAbsMax}};

struct NamedVector
{
    const char* name;
    std::vector<float> InputStats::*member;
};
constexpr std::array kInputVectors{NamedVector{"max", &InputStats::max}, NamedVector{"min", &InputStats::min},
                                   NamedVector{"mean", &InputStats::mean}, NamedVector{"absmax", &InputStats::absMax},
                                   NamedVector{"absmean", &InputStats::absMean}};

Failure notFinite(std::string subject)
{
    return fail(ErrorCode::WeightsNotFinite, std::move(subject),
                Text(BITLATHE_TEXT("finite ranges of keys and values")), Text(BITLATHE_TEXT("NaN or infinity")),
                Text(BITLATHE_TEXT("Calibrate again, on an intact model")));
}

bool allFinite(const std::vector<float>& values)
{
    return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

/// The layer's number in "model.layers.10": its last part that is a number.
std::optional<std::int64_t> layerNumber(std::string_view name)
{
    while (!name.empty()) {
        const std::size_t dot = name.rfind('.');
        const std::string_view part = dot == std::string_view::npos ? name : name.substr(dot + 1);
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
        if (error == std::errc() && end == part.data() + part.size() && number >= 0) {
            return number;
        }
        name = dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
    }
    return std::nullopt;
}

/// The ranges of one file by "max", "min", "absmax" and layer.
struct RangeFile
{
    fs::path file;
    checkpoint::Shape shape;
    std::map<std::string, std::map<std::int64_t, std::vector<float>>> ranges;
    std::map<std::int64_t, std::string> names;
};

Failure invalid(const fs::path& file, ErrorCode code, Text found)
{
    return fail(code, file.string(), Text(BITLATHE_TEXT("max, min and absmax of every layer, each [heads, head size]")),
                std::move(found), Text(BITLATHE_TEXT("Calibrate again")));
}

Result<std::vector<TensorEntry>> entriesOf(std::span<const std::byte> bytes, const fs::path& file)
{
    if (file.extension() == ".safetensors") {
        BITLATHE_TRY(auto header, checkpoint::parseSafetensors(bytes, file.string()));
        return std::move(header.entries);
    }
    BITLATHE_TRY(auto header, checkpoint::parseTorch(bytes, file.string()));
    if (!header.strided.empty()) {
        return invalid(file, ErrorCode::TensorInvalid, Text(BITLATHE_TEXT("tensors out of row-major order")));
    }
    return std::move(header.entries);
}

/// The file of this stem in a folder: .pth, which lmdeploy writes, before ours.
fs::path statsFile(const fs::path& folder, const std::string& stem)
{
    std::error_code ignored;
    const fs::path torch = folder / (stem + ".pth");
    return fs::exists(torch, ignored) ? torch : folder / (stem + ".safetensors");
}

Result<RangeFile> readRangeFile(const fs::path& file)
{
    BITLATHE_TRY(const checkpoint::MappedFile map, checkpoint::MappedFile::open(file));
    BITLATHE_TRY(const auto entries, entriesOf(map.bytes(), file));
    RangeFile result;
    result.file = file;
    for (const TensorEntry& entry : entries) {
        const std::size_t slash = entry.name.find('/');
        const auto layer = layerNumber(std::string_view(entry.name).substr(slash == std::string::npos ? 0 : slash + 1));
        if (slash == std::string::npos || !layer) {
            return invalid(file, ErrorCode::FileInvalid, Text(BITLATHE_TEXT("a tensor \"%1\""), entry.name));
        }
        const bool isMatrix = entry.shape.size() == 2 && entry.shape[0] > 0 && entry.shape[1] > 0;
        if (!isMatrix || !checkpoint::isFloat(entry.dtype) || (!result.shape.empty() && entry.shape != result.shape)) {
            return invalid(file, ErrorCode::TensorInvalid,
                           Text(BITLATHE_TEXT("a tensor \"%1\" of another type or shape"), entry.name));
        }
        result.shape = entry.shape;
        std::vector<float> values =
            checkpoint::toF32({entry.name, entry.dtype, entry.shape, map.bytes().subspan(entry.offset, entry.bytes)});
        if (!allFinite(values)) {
            return notFinite(file.string() + ": " + entry.name);
        }
        result.names.insert_or_assign(*layer, entry.name.substr(slash + 1));
        result.ranges[entry.name.substr(0, slash)].insert_or_assign(*layer, std::move(values));
    }
    return result;
}

/// Moves the ranges of a file into layers, which have their number already or get it now.
Result<void> takeRanges(RangeFile& file, RangeMember NamedRange::*side, std::vector<KeyValueStats>& layers)
{
    for (const NamedRange& range : kRanges) {
        auto& byLayer = file.ranges[range.name];
        if (layers.empty()) {
            layers.resize(byLayer.size());
        }
        const auto count = static_cast<std::int64_t>(layers.size());
        if (byLayer.empty() || byLayer.size() != layers.size() || byLayer.rbegin()->first != count - 1) {
            return invalid(file.file, ErrorCode::TensorMissing,
                           Text(BITLATHE_TEXT("\"%1\" of %2 layers, where others have %3"), range.name, byLayer.size(),
                                layers.size()));
        }
        for (auto& [layer, values] : byLayer) {
            layers[static_cast<std::size_t>(layer)].*(range.*side) = std::move(values);
        }
    }
    return {};
}

/// Tensors of a file that is being put together, F16.
class TableWriter
{
public:
    void add(std::string name, checkpoint::Shape shape, const std::vector<float>& values)
    {
        std::vector<kernels::F16> halves(values.size());
        kernels::convert(values, halves);
        const std::size_t bytes = halves.size() * sizeof(kernels::F16);
        m_entries.push_back({std::move(name), DType::F16, std::move(shape), 0, 0, bytes});
        m_content.append(reinterpret_cast<const char*>(halves.data()), bytes);
    }
    Result<void> write(const fs::path& file) const
    {
        return writeFileAtomically(file, checkpoint::safetensorsHeader(m_entries) + m_content);
    }

private:
    std::vector<TensorEntry> m_entries;
    std::string m_content;
};

Result<void> writeRanges(const fs::path& file, RangeMember NamedRange::*side, const KeyValueRanges& ranges)
{
    TableWriter table;
    for (const NamedRange& range : kRanges) {
        for (std::size_t layer = 0; layer < ranges.layers.size(); ++layer) {
            table.add(fmt::format("{}/{}", range.name, ranges.names[layer]), {ranges.kvHeads, ranges.headDim},
                      ranges.layers[layer].*(range.*side));
        }
    }
    return table.write(file);
}

Result<void> writeInputs(const fs::path& file, const StatsStore& store, const model::ModelSpec& spec)
{
    TableWriter table;
    for (std::int64_t block = 0; block < store.blockCount(); ++block) {
        BITLATHE_TRY(const auto stats, store.blockSummary(block));
        for (const InputStats& input : stats->inputs) {
            for (const LayerId linear : input.linears) {
                for (const NamedVector& vector : kInputVectors) {
                    table.add(fmt::format("{}/{}", vector.name, spec.linear(linear).name), {input.features},
                              input.*vector.member);
                }
            }
        }
    }
    return table.write(file);
}

} // namespace

std::string blockName(const model::ModelSpec& spec, std::int64_t block)
{
    const std::string part = fmt::format(".{}.", block);
    for (const model::LinearSpec& linear : spec.linears) {
        const std::size_t place = linear.block == block ? linear.name.find(part) : std::string::npos;
        if (place != std::string::npos) {
            return linear.name.substr(0, place + part.size() - 1);
        }
    }
    return fmt::format("model.layers.{}", block);
}

Result<KeyValueRanges> keyValueRanges(const StatsStore& store, const model::ModelSpec& spec)
{
    KeyValueRanges ranges{spec.kvHeads, spec.headDim, {}, {}};
    for (std::int64_t block = 0; block < store.blockCount(); ++block) {
        BITLATHE_TRY(const auto stats, store.blockSummary(block));
        const std::size_t size = static_cast<std::size_t>(spec.kvHeads * spec.headDim);
        for (const NamedRange& range : kRanges) {
            for (const auto& values : {stats->keyValue.*range.key, stats->keyValue.*range.value}) {
                if (values.size() != size || !allFinite(values)) {
                    return notFinite(fmt::format("{}: block {}", store.folder().string(), block));
                }
            }
        }
        ranges.layers.push_back(stats->keyValue);
        ranges.names.push_back(blockName(spec, block));
    }
    return ranges;
}

bool holdsKeyValueRanges(const fs::path& folder)
{
    std::error_code ignored;
    return fs::exists(statsFile(folder, "key_stats"), ignored);
}

Result<KeyValueRanges> readKeyValueRanges(const fs::path& folder)
{
    BITLATHE_TRY(RangeFile keys, readRangeFile(statsFile(folder, "key_stats")));
    BITLATHE_TRY(RangeFile values, readRangeFile(statsFile(folder, "value_stats")));
    KeyValueRanges ranges;
    BITLATHE_CHECK(takeRanges(keys, &NamedRange::key, ranges.layers));
    BITLATHE_CHECK(takeRanges(values, &NamedRange::value, ranges.layers));
    if (keys.shape != values.shape) {
        return invalid(values.file, ErrorCode::TensorInvalid, Text(BITLATHE_TEXT("another shape than keys have")));
    }
    for (auto& [layer, name] : keys.names) {
        ranges.names.push_back(std::move(name));
    }
    ranges.kvHeads = keys.shape[0];
    ranges.headDim = keys.shape[1];
    return ranges;
}

Result<void> writeStatsTables(const fs::path& folder, const StatsStore& store, const model::ModelSpec& spec)
{
    BITLATHE_TRY(const KeyValueRanges ranges, keyValueRanges(store, spec));
    BITLATHE_CHECK(writeRanges(folder / "key_stats.safetensors", &NamedRange::key, ranges));
    BITLATHE_CHECK(writeRanges(folder / "value_stats.safetensors", &NamedRange::value, ranges));
    return writeInputs(folder / "inputs_stats.safetensors", store, spec);
}

} // namespace bitlathe::calibrate
