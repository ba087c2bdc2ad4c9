// SPDX-License-Identifier: Apache-2.0
// Options that say how keys and values are kept while a model runs.
#pragma once

#include "app/cli/command.h"
#include "core/evaluate/kvcaches.h"

namespace bitlathe::cli
{

struct KvOptions
{
    std::string kv = "none"; ///< Names of schemes, parted by commas where a command takes several.
    evaluate::KvSource source;
};

/// --kv, --kv-params and --kv-data; several: --kv takes a list.
void addKvOptions(CLI::App& command, KvOptions& options, bool several);
/// The one cache of --kv. Errors: those of kvCachesOf(), UnknownName.
Result<quant::KvCache> kvCacheFrom(Session& session, const KvOptions& options, const format::OpenedModel& opened,
                                   model::Compute compute);

} // namespace bitlathe::cli
