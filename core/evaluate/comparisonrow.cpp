// SPDX-License-Identifier: Apache-2.0
// ComparisonRow: the rows of a comparison, what is said of each, and where its scores are kept.
#include "core/evaluate/comparisonrow.h"

#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/base/json.h"
#include "core/base/version.h"
#include "core/format/kvgrids.h"
#include "kernels/cpulevel.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <map>

namespace bitlathe::evaluate
{

namespace fs = std::filesystem;

namespace
{

/// Goes up whenever a change gives other scores, so that older ones are not taken for new ones.
constexpr std::int64_t kScoresVersion = 1;

std::string schemeLabel(const format::OpenedModel& opened)
{
    if (!opened.isQuantized()) {
        std::string name(checkpoint::dtypeName(opened.dtype));
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return name;
    }
    std::map<std::string, int> counts;
    for (const auto& scheme : opened.schemes) {
        ++counts[scheme ? scheme->label() : ""];
    }
    const auto most = std::max_element(counts.begin(), counts.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    const std::string label = most->first.empty() ? "full precision" : most->first;
    return counts.size() > 1 ? label + ", some layers otherwise" : label;
}

/// The small files beside the tensors, such as quantize_config.json, tell how these are meant.
void addSettings(FastHash& hash, const fs::path& folder)
{
    constexpr std::uint64_t kLargest = 1 << 20;
    std::map<std::string, std::string> contents;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        const std::string name = entry.path().filename().string();
        const std::string ending = entry.path().extension().string();
        if ((ending == ".json" || ending == ".ini" || ending == ".yaml") && name != "bitlathe-run.json") {
            contents[name] = readFile(entry.path(), kLargest).value_or("");
        }
    }
    for (const auto& [name, content] : contents) {
        hash.add(name).add(content);
    }
}

void addKvCache(FastHash& hash, const quant::KvCache& kv)
{
    hash.add(kv.scheme.name());
    if (kv.params == nullptr) {
        return;
    }
    for (const quant::KvLayerGrids& layer : kv.params->layers) {
        for (const auto* grids : {&layer.keys, &layer.values}) {
            hash.add(std::as_bytes(std::span(*grids)));
        }
    }
}

} // namespace

Result<std::vector<ComparisonRow>> comparisonRows(const OpenedModels& opened, const CompareOptions& options,
                                                  const WorkContext& work)
{
    std::vector<ComparisonRow> rows;
    for (const auto& model : opened) {
        std::vector<quant::KvScheme> schemes{quant::KvScheme{}};
        schemes.insert(schemes.end(), options.kv.begin(), options.kv.end());
        BITLATHE_TRY(auto caches, kvCachesOf(*model, schemes, options.kvSource, options.compute, work));
        BITLATHE_TRY(auto own, format::ownKvCache(*model));
        if (std::ranges::find(schemes, own.scheme) == schemes.end()) {
            caches.push_back(std::move(own));
        }
        for (quant::KvCache& cache : caches) {
            ComparisonRow& row = rows.emplace_back();
            row.opened = model;
            row.kv = std::move(cache);
        }
    }
    return rows;
}

ComparedModel describedRow(const ComparisonRow& row, const Protocol& protocol)
{
    const format::OpenedModel& opened = *row.opened;
    const quant::KvScheme& kv = row.kv.scheme;
    ComparedModel described;
    described.path = opened.folder();
    described.name = kv.isQuantized() ? opened.name() + " + " + kv.label() : opened.name();
    described.schemeLabel = schemeLabel(opened);
    described.bitsPerWeight = opened.bitsPerWeight();
    described.memory.bytesDisk = opened.bytesFiles();
    described.memory.kvBytesPerToken =
        opened.spec.blockCount() * kv.bytesPerToken(opened.spec.kvHeads, opened.spec.headDim);
    described.perplexity.protocol = protocol;
    described.perplexity.kv = kv;
    return described;
}

std::optional<Finding> overlap(const std::filesystem::path& folder, const text::TextSet& set)
{
    const auto result = readJson(folder / "bitlathe-run.json");
    if (!result || !result->is_object()) {
        return std::nullopt;
    }
    const auto hash = JsonObject(*result, "bitlathe-run.json").string("calibration_hash", "");
    if (!hash || hash->empty() || *hash != set.hash) {
        return std::nullopt;
    }
    return Finding{Severity::Warning, "text-overlaps", folder.string(),
                   Text(BITLATHE_TEXT("the model was calibrated on the text that it is evaluated on: %1"), set.spec),
                   Text(BITLATHE_TEXT("Evaluate on another text: this perplexity is too good"))};
}

std::string rowDigest(const ComparisonRow& row, const CompareOptions& options)
{
    FastHash hash;
    hash.add("bitlathe-evaluation").add(kScoresVersion).add(programVersion());
    hash.add(row.opened->checkpoint->fingerprint());
    addSettings(hash, row.opened->folder());
    addKvCache(hash, row.kv);
    hash.add(model::computeName(options.compute)).add(kernels::cpuLevelName(kernels::cpuLevel()));
    if (!options.device.isProcessor()) {
        hash.add(options.device.name);
    }
    return hash.digest();
}

Result<void> openKept(std::vector<ComparisonRow>& rows, const fs::path& root, const CompareOptions& options,
                      const std::vector<ScoredWindow>& windows)
{
    constexpr std::uint64_t kBytesToken = 2 * sizeof(double) + sizeof(model::TokenId);
    const auto hidden = static_cast<std::uint64_t>(rows.front().opened->spec.hidden);
    std::uint64_t bytes = 0;
    for (const ScoredWindow& window : windows) {
        bytes += window.ids.size() * (rows.size() * kBytesToken + hidden * PackedStates::kBytesCode);
    }
    if (bytes > freeBytes(root) / 2) {
        return Failure(writeError(root, ENOSPC));
    }
    const fs::path folder = root / rowDigest(rows.front(), options);
    BITLATHE_TRY(CacheEntry entry, CacheEntry::open(folder));
    const auto shared = std::make_shared<const CacheEntry>(std::move(entry));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        BITLATHE_TRY(rows[i].kept, KeptScores::open(i == 0 ? folder : folder / rowDigest(rows[i], options), shared));
    }
    return {};
}

} // namespace bitlathe::evaluate
