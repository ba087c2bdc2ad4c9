// SPDX-License-Identifier: Apache-2.0
// StatsStore: the folder of one calibration.
#include "core/calibrate/statsstore.h"

#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/base/json.h"

namespace bitlathe::calibrate
{

namespace fs = std::filesystem;

namespace
{

/// Goes up whenever the meaning of the stored numbers changes, so that older files are not taken for new ones.
constexpr std::int64_t kVersion = 1;

fs::path blockFile(const fs::path& folder, std::int64_t block)
{
    return folder / fmt::format("block-{:05}.safetensors", block);
}

} // namespace

std::string StatsKey::digest() const
{
    FastHash hash;
    hash.add("bitlathe-statistics").add(kVersion);
    hash.add(modelFingerprint).add(samplesHash).add(compute).add(std::int64_t{hessian ? 1 : 0});
    return hash.digest();
}

Result<std::shared_ptr<StatsStore>> StatsStore::open(const fs::path& root, const StatsKey& key, std::int64_t blocks)
{
    const fs::path folder = root / key.digest();
    BITLATHE_TRY(CacheEntry entry, CacheEntry::open(folder));
    const fs::path keyFile = folder / "key.json";
    std::error_code error;
    if (!fs::exists(keyFile, error)) {
        const Json json{{"version", kVersion},    {"model", key.modelFingerprint}, {"samples", key.samplesHash},
                        {"compute", key.compute}, {"hessian", key.hessian},        {"blocks", blocks}};
        BITLATHE_CHECK(writeFileAtomically(keyFile, json.dump(2) + "\n"));
    }
    return std::shared_ptr<StatsStore>(new StatsStore(folder, std::move(entry), blocks));
}

Result<std::shared_ptr<StatsStore>> StatsStore::openFolder(const fs::path& folder)
{
    const fs::path keyFile = folder / "key.json";
    BITLATHE_TRY(const Json key, readJson(keyFile));
    constexpr std::int64_t kBlocksMax = 100'000;
    BITLATHE_TRY(const std::int64_t blocks, JsonObject(key, keyFile.string()).integerIn("blocks", 1, kBlocksMax));
    BITLATHE_TRY(CacheEntry entry, CacheEntry::open(folder));
    std::shared_ptr<StatsStore> store(new StatsStore(folder, std::move(entry), blocks));
    std::int64_t first = 0;
    while (first < blocks && !store->hasBlock(first)) {
        ++first;
    }
    if (first == blocks) {
        return fail(ErrorCode::FileMissing, folder.string(), Text(BITLATHE_TEXT("statistics of a calibration")),
                    Text(BITLATHE_TEXT("no such file")), Text(BITLATHE_TEXT("Calibrate again")));
    }
    return store;
}

bool StatsStore::hasBlock(std::int64_t block) const
{
    std::error_code ignored;
    return block >= 0 && block < m_blocks && fs::exists(blockFile(m_folder, block), ignored);
}

bool StatsStore::complete() const
{
    for (std::int64_t block = 0; block < m_blocks; ++block) {
        if (!hasBlock(block)) {
            return false;
        }
    }
    return true;
}

Result<std::shared_ptr<BlockStats>> StatsStore::block(std::int64_t block) const
{
    BITLATHE_TRY(BlockStats stats, readStatsFile(blockFile(m_folder, block), block, StatsPart::All));
    return std::make_shared<BlockStats>(std::move(stats));
}

Result<std::shared_ptr<const BlockStats>> StatsStore::blockSummary(std::int64_t block) const
{
    BITLATHE_TRY(BlockStats stats, readStatsFile(blockFile(m_folder, block), block, StatsPart::WithoutHessians));
    return std::make_shared<const BlockStats>(std::move(stats));
}

Result<WrittenStats> StatsStore::beginBlock(const BlockStats& stats)
{
    return WrittenStats::write(blockFile(m_folder, stats.block), stats);
}

Result<void> StatsStore::writeBlock(const BlockStats& stats)
{
    BITLATHE_TRY(WrittenStats written, beginBlock(stats));
    return written.publish();
}

} // namespace bitlathe::calibrate
