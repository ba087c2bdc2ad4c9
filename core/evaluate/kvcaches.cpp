// SPDX-License-Identifier: Apache-2.0
// KV caches for an evaluation: their grids from files, or from a calibration.
#include "core/evaluate/kvcaches.h"

#include "core/calibrate/calibrate.h"
#include "core/evaluate/perplexity.h"
#include "core/format/kvgrids.h"
#include "core/quant/kvparamfiles.h"
#include "core/text/textset.h"

#include <algorithm>

namespace bitlathe::evaluate
{

namespace
{

Failure noSource(const quant::KvScheme& scheme)
{
    return fail(ErrorCode::SettingInvalid, "kv",
                Text(BITLATHE_TEXT("ranges of keys and values for \"%1\""), scheme.name()),
                Text(BITLATHE_TEXT("neither KV parameters nor a text to calibrate on")),
                Text(BITLATHE_TEXT("Name one of them, or choose int8-token, which needs none")));
}

/// The cache of a folder of parameters.
Result<quant::KvCache> cacheOfParams(const quant::KvScheme& scheme, const std::filesystem::path& folder,
                                     const model::ModelSpec& spec)
{
    BITLATHE_TRY(quant::KvParams params, quant::readKvParams(folder));
    BITLATHE_CHECK(quant::checkKvParams(params, spec, folder.string()));
    if (params.scheme.kind != scheme.kind || params.scheme.granularity != scheme.granularity) {
        return fail(ErrorCode::SettingInvalid, folder.string(),
                    Text(BITLATHE_TEXT("KV parameters for \"%1\""), scheme.name()),
                    Text(BITLATHE_TEXT("those for \"%1\""), params.scheme.name()),
                    Text(BITLATHE_TEXT("Choose that cache, or name a folder of statistics")));
    }
    params.scheme = scheme;
    return quant::KvCache{scheme, std::make_shared<const quant::KvParams>(std::move(params))};
}

Result<calibrate::KeyValueRanges> rangesOf(const format::OpenedModel& opened, const quant::KvScheme& scheme,
                                           const KvSource& source, model::Compute compute, const WorkContext& work)
{
    if (!source.folder.empty()) {
        return calibrate::readKeyValueRanges(source.folder);
    }
    if (source.data.empty()) {
        return noSource(scheme);
    }
    return measureKeyValueRanges(opened, source, compute, work);
}

} // namespace

Result<std::vector<quant::KvCache>> kvCachesOf(const format::OpenedModel& opened,
                                               const std::vector<quant::KvScheme>& schemes, const KvSource& source,
                                               model::Compute compute, const WorkContext& work)
{
    std::vector<quant::KvCache> caches;
    std::optional<calibrate::KeyValueRanges> ranges;
    // Looked for once it could be needed: with other caches, a folder whose grids are damaged still runs.
    std::optional<quant::KvCache> own;
    for (const quant::KvScheme& scheme : schemes) {
        if (!scheme.needsRanges()) {
            caches.push_back({scheme, nullptr});
            continue;
        }
        if (source.folder.empty() && !own) {
            BITLATHE_TRY(own, format::ownKvCache(opened));
        }
        if (!source.folder.empty() && !calibrate::holdsKeyValueRanges(source.folder)) {
            BITLATHE_TRY(caches.emplace_back(), cacheOfParams(scheme, source.folder, opened.spec));
        } else if (own && own->scheme == scheme) {
            caches.push_back(*own);
        } else {
            if (!ranges) {
                BITLATHE_TRY(ranges, rangesOf(opened, scheme, source, compute, work));
            }
            const std::string subject = source.folder.empty() ? opened.folder().string() : source.folder.string();
            BITLATHE_TRY(caches.emplace_back(), quant::kvCacheOf(scheme, *ranges, opened.spec, subject));
        }
    }
    return caches;
}

Result<calibrate::KeyValueRanges> measureKeyValueRanges(const format::OpenedModel& opened, const KvSource& source,
                                                        model::Compute compute, const WorkContext& work)
{
    BITLATHE_TRY(const text::TextSet set, text::openTextSet(source.data, opened.folder()));
    if (!set.isIds() && !opened.tokenizer) {
        return Failure(*opened.tokenizerError);
    }
    BITLATHE_TRY(const auto stream, text::evaluationStream(set, opened.tokenizer.get()));
    const std::int64_t length = std::min(source.length, opened.spec.maxPositions);
    const auto windows = windowsOf(stream, {length, source.windows, {}});
    BITLATHE_TRY(const auto runnable, format::runnable(opened, {compute, model::Residency::Streamed}));
    calibrate::CalibrationOptions options;
    options.hessian = false;
    BITLATHE_TRY(const auto store,
                 calibrate::calibrate(*runnable, opened.checkpoint->fingerprint(), windows, options, work));
    return calibrate::keyValueRanges(*store, opened.spec);
}

} // namespace bitlathe::evaluate
