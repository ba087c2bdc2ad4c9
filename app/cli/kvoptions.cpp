// SPDX-License-Identifier: Apache-2.0
// Options that say how keys and values are kept while a model runs.
#include "app/cli/kvoptions.h"

#include "app/cli/recipeoptions.h"
#include "core/format/kvgrids.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace bitlathe::cli
{

void addKvOptions(CLI::App& command, KvOptions& options, bool several)
{
    const std::string group = "Keys and values";
    std::vector<std::string> names;
    std::ranges::transform(quant::kvSchemes(), std::back_inserter(names), &quant::KvScheme::name);
    auto* kv = command.add_option("--kv", options.kv,
                                  fmt::format("How the cache keeps them{}: {}",
                                              several ? ", each of a list beside the plain one and a folder's own"
                                                      : " (else by the folder's own scales, or plainly)",
                                              fmt::join(names, ", ")));
    kv->group(group);
    auto* folder = command.add_option("--kv-params", options.source.folder,
                                      "Folder of their statistics or parameters (calibrate, kv-params)");
    folder->needs(kv)->group(group);
    command.add_option("--kv-data", options.source.data, "Text to find their ranges on: 16 windows of 2048 tokens")
        ->excludes(folder)
        ->needs(kv)
        ->group(group);
}

Result<quant::KvCache> kvCacheFrom(Session& session, const KvOptions& options, const format::OpenedModel& opened,
                                   model::Compute compute)
{
    if (options.kv.empty()) {
        BITLATHE_TRY(quant::KvCache own, format::ownKvCache(opened));
        if (own.scheme.isQuantized()) {
            session.console.note(
                fmt::format("Keys and values are kept by the folder's own scales, in {} (--kv none: in 16 bits).",
                            own.scheme.name()));
        }
        return own;
    }
    BITLATHE_TRY(const quant::KvScheme scheme, quant::findKvScheme(options.kv));
    BITLATHE_TRY(auto caches, evaluate::kvCachesOf(opened, {scheme}, options.source, compute, session.work()));
    session.console.progressDone();
    return std::move(caches.front());
}

} // namespace bitlathe::cli
