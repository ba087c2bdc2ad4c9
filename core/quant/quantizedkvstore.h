// SPDX-License-Identifier: Apache-2.0
// KvCache: how a model's keys and values are kept, and the store that keeps them as codes.
#pragma once

#include "core/model/kvstore.h"
#include "core/quant/kvparams.h"

namespace bitlathe::quant
{

/// A scheme with the grids that it needs. A value; any thread.
struct KvCache
{
    KvScheme scheme;
    std::shared_ptr<const KvParams> params; ///< Where scheme.needsRanges(); fits the model (checkKvParams).

    /// A store of this kind. Rows are rounded as they are appended and widened to f32 for one layer at a time, whenever
    /// it is read, by all threads; bytes() counts codes, grids and that room.
    std::unique_ptr<model::KvStore> makeStore(const model::ModelSpec& spec, std::int64_t capacity) const;
    /// makeStore() as a function; empty where nothing is quantized.
    model::KvStoreMaker maker() const;
};

/// A cache whose grids come from ranges of the model's keys and values. Errors: those of kvParamsOf(), SettingInvalid
/// where the ranges are those of another model.
Result<KvCache> kvCacheOf(const KvScheme& scheme, const calibrate::KeyValueRanges& ranges, const model::ModelSpec& spec,
                          const std::string& subject);

} // namespace bitlathe::quant
