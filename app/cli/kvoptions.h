// SPDX-License-Identifier: Apache-2.0
// Options that say how keys and values are kept while a model runs.
#pragma once

#include "app/cli/command.h"
#include "core/evaluate/kvcaches.h"

namespace bitlathe::cli
{

struct KvOptions
{
    /// Names of schemes, parted by commas where a command takes several. Empty where it takes one: as the model's own
    /// folder says, else plainly.
    std::string kv;
    evaluate::KvSource source;
};

/// --kv, --kv-params and --kv-data; several: --kv takes a list.
void addKvOptions(CLI::App& command, KvOptions& options, bool several);
/// The one cache of --kv; without it, that of the grids that the folder holds. Errors: those of kvCachesOf(),
/// UnknownName.
Result<quant::KvCache> kvCacheFrom(Session& session, const KvOptions& options, const format::OpenedModel& opened,
                                   model::Compute compute);

} // namespace bitlathe::cli
