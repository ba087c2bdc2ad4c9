// SPDX-License-Identifier: Apache-2.0
// Calibration: the walk of all samples through the blocks.
#include "core/calibrate/calibrate.h"

#include "core/base/cache.h"
#include "core/base/hash.h"
#include "core/base/log.h"
#include "core/calibrate/hiddenstates.h"
#include "core/calibrate/observer.h"
#include "kernels/quantize.h"

#include <algorithm>

namespace bitlathe::calibrate
{

namespace
{

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

Failure notFinite(std::int64_t block)
{
    return fail(ErrorCode::WeightsNotFinite, fmt::format("block {}", block), Text(BITLATHE_TEXT("finite activations")),
                Text(BITLATHE_TEXT("NaN or infinity while samples passed")),
                Text(BITLATHE_TEXT("Get an intact copy of the model, or compute in f32")));
}

/// What a walk needs.
struct Walk
{
    const model::Model& model;
    const Samples& samples;
    const CalibrationOptions& options;
    const WorkContext& work;
    StatsStore& store;
};

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

Result<HiddenStates> embedAll(const Walk& walk)
{
    std::vector<std::int64_t> tokens;
    std::ranges::transform(walk.samples, std::back_inserter(tokens),
                           [](const auto& sample) { return static_cast<std::int64_t>(sample.size()); });
    BITLATHE_TRY(HiddenStates states, HiddenStates::create(std::move(tokens), walk.model.spec().hidden,
                                                           walk.options.bytesActivationsMax, walk.store.folder()));
    for (std::size_t sample = 0; sample < walk.samples.size(); ++sample) {
        if (walk.work.stopRequested()) {
            return cancelled();
        }
        BITLATHE_TRY(const model::Activations hidden, walk.model.embed(walk.samples[sample]));
        BITLATHE_CHECK(states.store(sample, hidden));
    }
    return states;
}

/// All samples through one block; its statistics go to the store where they are wanted.
Result<void> passBlock(const Walk& walk, std::int64_t index, bool wanted, HiddenStates& states, const WorkContext& work)
{
    BITLATHE_TRY(const auto block, walk.model.block(index));
    StatsObserver observer(walk.model.spec(), index, walk.options.hessian, walk.model.compute());
    for (std::size_t sample = 0; sample < states.samples();) {
        if (work.stopRequested()) {
            return cancelled();
        }
        const std::size_t count = states.together(sample);
        BITLATHE_TRY(model::Activations hidden, states.load(sample, count));
        block->forward(hidden, nullptr, wanted ? &observer : nullptr);
        if (!kernels::valueRange(hidden.values).finite || !observer.finite()) {
            return notFinite(index);
        }
        BITLATHE_CHECK(states.store(sample, hidden));
        sample += count;
        work.progress.set(static_cast<double>(sample) / static_cast<double>(states.samples()));
    }
    return wanted ? walk.store.writeBlock(observer.take()) : Result<void>{};
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
    const std::int64_t blocks = model.spec().blockCount();
    BITLATHE_TRY(auto store, StatsStore::open(root, key, blocks));
    const std::vector<bool> needed = neededBlocks(*store);
    // Blocks behind the last needed one are not entered at all; those before it must be, for their outputs.
    const auto last = std::find(needed.rbegin(), needed.rend(), true);
    const auto walkEnd = static_cast<std::int64_t>(needed.rend() - last);

    const Walk walk{model, samples, options, work, *store};
    std::optional<HiddenStates> states;
    if (walkEnd > 0) {
        BITLATHE_TRY(states, embedAll(walk));
    }
    for (std::int64_t block = 0; block < blocks; ++block) {
        if (block < walkEnd) {
            const double from = static_cast<double>(block) / static_cast<double>(walkEnd);
            const double to = static_cast<double>(block + 1) / static_cast<double>(walkEnd);
            const Text title(BITLATHE_TEXT("Calibrating block %1 of %2"), block + 1, blocks);
            BITLATHE_CHECK(
                passBlock(walk, block, needed[static_cast<std::size_t>(block)], *states, work.child(from, to, title)));
        }
        if (onBlock) {
            onBlock(block);
        }
    }
    return store;
}

} // namespace bitlathe::calibrate
