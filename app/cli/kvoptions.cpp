// SPDX-License-Identifier: Apache-2.0
// Options that say how keys and values are kept while a model runs.
#include "app/cli/kvoptions.h"

#include "app/cli/recipeoptions.h"
#include "core/format/workspacereader.h"
#include "core/quant/kvparamfiles.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace bitlathe::cli
{

void addKvOptions(CLI::App& command, KvOptions& options, bool several)
{
    const std::string group = "Keys and values";
    std::vector<std::string> names;
    std::ranges::transform(quant::kvSchemes(), std::back_inserter(names), &quant::KvScheme::name);
    auto* kv = command.add_option(
        "--kv", options.kv,
        fmt::format("How the cache keeps them{}: {}",
                    several ? ", each of a list beside the plain one"
                            : " (else by the past_kv_scale files of a TurboMind workspace, or plainly)",
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
    evaluate::KvSource source = options.source;
    quant::KvScheme scheme;
    if (!options.kv.empty()) {
        BITLATHE_TRY(scheme, quant::findKvScheme(options.kv));
    } else if (const auto own = format::workspaceWeights(opened.folder()); own && quant::holdsKvParams(*own)) {
        BITLATHE_TRY(const format::TurbomindConfig config, format::workspaceConfig(*own));
        if (config.quantPolicy != 0) { // Else the engine leaves the files alone, too.
            BITLATHE_TRY(const quant::KvParams params, quant::readKvParams(*own));
            scheme = params.scheme;
            source.folder = *own;
            session.console.note("Keys and values are kept by the workspace's own scales (--kv none: in 16 bits).");
        }
    }
    BITLATHE_TRY(auto caches, evaluate::kvCachesOf(opened, {scheme}, source, compute, session.work()));
    session.console.progressDone();
    return std::move(caches.front());
}

} // namespace bitlathe::cli
