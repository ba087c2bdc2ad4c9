// SPDX-License-Identifier: Apache-2.0
// KV caches for an evaluation: their grids from files, or from a calibration.
#pragma once

#include "core/format/openmodel.h"
#include "core/quant/quantizedkvstore.h"

namespace bitlathe::evaluate
{

/// Where the grids of caches come from that need ranges of keys and values.
struct KvSource
{
    std::filesystem::path folder; ///< Statistics (key_stats, value_stats) or KV parameters; empty: none.
    std::string data;             ///< Else the SPEC of a text to calibrate on; empty: none.
    std::int64_t length =
        2048;                  ///< Tokens of a window of it. Keys turn with their position: short ones show too little.
    std::int64_t windows = 16; ///< The first ones of the text.
};

/// A cache for each scheme. Schemes that need ranges take them from the source's folder, else from the grids that the
/// model's own folder holds for that scheme, else from the source's text, once for all; a folder of parameters gives
/// the cache that it was made for. The model runs over the text in compute, where it has to. Errors: SettingInvalid (no
/// source, parameters of another scheme or model), those of readKeyValueRanges(), readKvParams(), ownKvCache() and
/// calibrate().
Result<std::vector<quant::KvCache>> kvCachesOf(const format::OpenedModel& opened,
                                               const std::vector<quant::KvScheme>& schemes, const KvSource& source,
                                               model::Compute compute, const WorkContext& work = {});

/// Ranges of the model's keys and values on the source's text; finished calibrations are kept in the cache folder.
Result<calibrate::KeyValueRanges> measureKeyValueRanges(const format::OpenedModel& opened, const KvSource& source,
                                                        model::Compute compute, const WorkContext& work = {});

} // namespace bitlathe::evaluate
