// SPDX-License-Identifier: Apache-2.0
// Choice questions asked of model folders.
#include "core/evaluate/choice.h"

#include "core/format/kvgrids.h"

namespace bitlathe::evaluate
{

namespace
{

constexpr double kChoiceLoadShare = 0.1; ///< Of a model's part of the progress.

Result<quant::KvCache> cacheOf(const format::OpenedModel& opened, const ChoiceKv& kv, model::Compute compute,
                               const WorkContext& work)
{
    if (!kv.scheme) {
        return format::ownKvCache(opened);
    }
    BITLATHE_TRY(auto caches, kvCachesOf(opened, {*kv.scheme}, kv.source, compute, work));
    return std::move(caches.front());
}

Result<void> askFolder(ChoiceRun& run, const std::filesystem::path& folder, const ChoiceKv& kv, model::Compute compute,
                       const WorkContext& work)
{
    ChoiceTaker taker;
    BITLATHE_TRY(taker.opened, format::openModel(folder));
    if (!taker.opened->tokenizer) {
        return Failure(*taker.opened->tokenizerError);
    }
    taker.name = taker.opened->name();
    BITLATHE_TRY(const quant::KvCache cache, cacheOf(*taker.opened, kv, compute, work.child(0, 0)));
    if (cache.scheme.isQuantized()) {
        taker.name += " + " + cache.scheme.label();
    }
    taker.kv = cache.maker();
    const WorkContext loading = work.child(0, kChoiceLoadShare, Text(BITLATHE_TEXT("Loading %1"), taker.name));
    BITLATHE_TRY(taker.model, format::runnable(*taker.opened, {compute, model::Residency::Resident}, loading));
    return run.ask(taker, work.child(kChoiceLoadShare, 1, Text(BITLATHE_TEXT("Asking %1"), taker.name)));
}

} // namespace

Result<ChoiceResult> askChoices(const std::vector<std::filesystem::path>& folders, const ChoiceOptions& options,
                                const ChoiceKv& kv, const WorkContext& work,
                                const std::function<void(const ChoiceResult&)>& onModel)
{
    if (folders.empty()) {
        return fail(ErrorCode::SettingInvalid, "models", Text(BITLATHE_TEXT("at least one model folder")),
                    Text(BITLATHE_TEXT("none")));
    }
    BITLATHE_TRY(ChoiceRun run, ChoiceRun::create(options));
    const double share = 1.0 / static_cast<double>(folders.size());
    for (std::size_t i = 0; i < folders.size(); ++i) {
        const double from = static_cast<double>(i) * share;
        BITLATHE_CHECK(askFolder(run, folders[i], kv, options.compute, work.child(from, from + share)));
        if (onModel) {
            onModel(run.result());
        }
    }
    work.progress.set(1);
    return run.result();
}

} // namespace bitlathe::evaluate
