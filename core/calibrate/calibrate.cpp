// SPDX-License-Identifier: Apache-2.0
// Calibration: the walk of all samples through the blocks.
#include "core/calibrate/calibrate.h"

#include "core/base/cache.h"
#include "core/base/hash.h"
#include "core/base/log.h"
#include "core/calibrate/observer.h"
#include "core/calibrate/samplewalk.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

namespace bitlathe::calibrate
{

namespace
{

using Clock = std::chrono::steady_clock;
using Samples = std::vector<std::vector<model::TokenId>>;

std::string hashOf(const Samples& samples)
{
    FastHash hash;
    for (const auto& sample : samples) {
        hash.add(static_cast<std::int64_t>(sample.size()));
        hash.add(std::as_bytes(std::span(sample)));
    }
    return hash.digest();
}

double secondsBetween(Clock::time_point from, Clock::time_point to)
{
    return std::chrono::duration<double>(to - from).count();
}

Result<void> checkSamples(const Samples& samples)
{
    const auto empty = std::ranges::find_if(samples, [](const auto& sample) { return sample.empty(); });
    if (samples.empty() || empty != samples.end()) {
        return fail(ErrorCode::TextInvalid, "calibration text", Text(BITLATHE_TEXT("samples of at least one token")),
                    samples.empty() ? Text(BITLATHE_TEXT("no samples"))
                                    : Text(BITLATHE_TEXT("sample %1 without tokens"), empty - samples.begin() + 1),
                    Text(BITLATHE_TEXT("Choose a longer text or shorter samples")));
    }
    return {};
}

/// Blocks that must be computed: missing, or with a file that cannot be read. Checks headers and checksums of
/// summaries.
std::vector<bool> neededBlocks(const StatsStore& store)
{
    std::vector<bool> needed(static_cast<std::size_t>(store.blockCount()));
    for (std::int64_t block = 0; block < store.blockCount(); ++block) {
        if (!store.hasBlock(block)) {
            needed[static_cast<std::size_t>(block)] = true;
        } else if (const auto summary = store.blockSummary(block); !summary) {
            log().warn("calibrating block {} again: {}", block, summary.error().sentence());
            needed[static_cast<std::size_t>(block)] = true;
        }
    }
    return needed;
}

/// Writes statistics, those of a device while it goes on with the next block: one block's bytes are written while the
/// disk takes those of the one before.
class BlockWriter
{
public:
    BlockWriter(StatsStore& store, bool meanwhile, const std::function<void(std::int64_t block)>& onBlock)
        : m_store(store), m_launch(meanwhile ? std::launch::async : std::launch::deferred), m_onBlock(onBlock)
    {}

    Result<void> write(BlockStats stats)
    {
        BITLATHE_CHECK(finishWriting());
        m_stats = std::move(stats);
        m_writing = std::async(m_launch, [this] { return m_store.beginBlock(m_stats); });
        return m_launch == std::launch::async ? Result<void>() : finish();
    }
    /// Statistics that were written. New memory of their size would cost a device as much time as their way to the
    /// processor.
    BlockStats spare() { return std::exchange(m_spare, {}); }
    /// A block whose statistics are in the store.
    Result<void> skip(std::int64_t block)
    {
        BITLATHE_CHECK(finish());
        tell(block);
        return {};
    }
    Result<void> finish()
    {
        BITLATHE_CHECK(finishWriting());
        return finishPublishing();
    }

private:
    Result<void> finishWriting()
    {
        if (!m_writing.valid()) {
            return {};
        }
        BITLATHE_TRY(WrittenStats written, m_writing.get());
        BITLATHE_CHECK(finishPublishing());
        m_published = m_stats.block;
        m_publishing = std::async(m_launch, [file = std::move(written)]() mutable { return file.publish(); });
        if (m_launch == std::launch::async) {
            m_spare = std::move(m_stats);
        }
        m_stats = {};
        return {};
    }
    Result<void> finishPublishing()
    {
        if (!m_publishing.valid()) {
            return {};
        }
        BITLATHE_CHECK(m_publishing.get());
        tell(m_published);
        return {};
    }
    void tell(std::int64_t block) const
    {
        if (m_onBlock) {
            m_onBlock(block);
        }
    }

    StatsStore& m_store;
    std::launch m_launch;
    const std::function<void(std::int64_t block)>& m_onBlock;
    BlockStats m_stats; ///< That are being written.
    BlockStats m_spare;
    std::int64_t m_published = 0; ///< Block that the disk is taking.
    std::future<Result<WrittenStats>> m_writing;
    std::future<Result<void>> m_publishing;
};

/// What a calibration needs.
struct Calibration
{
    const model::Model& model;
    const Samples& samples;
    const CalibrationOptions& options;
    const WorkContext& work;
    StatsStore& store;
};

/// All samples through one block; gives its statistics where they are wanted.
Result<std::optional<BlockStats>> passBlock(const Calibration& calibration, SampleWalk& walk, std::int64_t block,
                                            BlockWriter& writer, bool wanted, const WorkContext& work)
{
    if (!wanted) {
        BITLATHE_CHECK(walk.pass(block, nullptr, true, work));
        return std::optional<BlockStats>();
    }
    const model::Model& model = calibration.model;
    const auto start = Clock::now();
    StatsObserver observer(model.spec(), block, calibration.options.hessian, model.compute(), model.backend());
    BITLATHE_CHECK(walk.pass(block, &observer, true, work));
    const auto passed = Clock::now();
    std::optional stats(observer.take(writer.spare()));
    log().debug("calibrating block {}: {:.3f} s for its samples, {:.3f} s to take its statistics", block,
                secondsBetween(start, passed), secondsBetween(passed, Clock::now()));
    return stats;
}

Result<void> passBlocks(const Calibration& calibration, const std::vector<bool>& needed, BlockWriter& writer)
{
    // Blocks behind the last needed one are not entered at all; those before it must be, for their outputs.
    const auto walkEnd = static_cast<std::int64_t>(needed.rend() - std::find(needed.rbegin(), needed.rend(), true));
    const auto blocks = std::ssize(needed);
    std::optional<SampleWalk> walk;
    const auto tellFindings = [&](auto passed) {
        if (walk && calibration.options.findings != nullptr) {
            std::ranges::copy(walk->findings(), std::back_inserter(*calibration.options.findings));
        }
        return passed;
    };
    return tellFindings(model::withDeviceErrors([&]() -> Result<void> {
        if (walkEnd > 0) {
            BITLATHE_TRY(walk, SampleWalk::create(calibration.model, calibration.samples,
                                                  calibration.options.bytesActivationsMax, calibration.store.folder()));
            BITLATHE_CHECK(walk->embed(calibration.samples, calibration.work));
        }
        for (std::int64_t block = 0; block < blocks; ++block) {
            std::optional<BlockStats> stats;
            if (block < walkEnd) {
                const double from = static_cast<double>(block) / static_cast<double>(walkEnd);
                const double to = static_cast<double>(block + 1) / static_cast<double>(walkEnd);
                const Text title(BITLATHE_TEXT("Calibrating block %1 of %2"), block + 1, blocks);
                BITLATHE_TRY(stats,
                             passBlock(calibration, *walk, block, writer, needed[static_cast<std::size_t>(block)],
                                       calibration.work.child(from, to, title)));
            }
            BITLATHE_CHECK(stats ? writer.write(*std::move(stats)) : writer.skip(block));
        }
        return writer.finish();
    }));
}

} // namespace

Result<std::shared_ptr<StatsStore>> calibrate(const model::Model& model, const std::string& modelFingerprint,
                                              const std::vector<std::vector<model::TokenId>>& samples,
                                              const CalibrationOptions& options, const WorkContext& work,
                                              const std::function<void(std::int64_t block)>& onBlock)
{
    BITLATHE_CHECK(checkSamples(samples));
    const auto root = options.cacheRoot.empty() ? cacheFolder() / "statistics" : options.cacheRoot;
    const StatsKey key{modelFingerprint, hashOf(samples), std::string(model::computeName(model.compute())),
                       options.hessian};
    BITLATHE_TRY(auto store, StatsStore::open(root, key, model.spec().blockCount()));
    const Calibration calibration{model, samples, options, work, *store};
    BlockWriter writer(*store, !model.memory().isHost(), onBlock);
    BITLATHE_CHECK(passBlocks(calibration, neededBlocks(*store), writer));
    return store;
}

} // namespace bitlathe::calibrate
