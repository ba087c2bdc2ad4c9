// SPDX-License-Identifier: Apache-2.0
// Grids of keys and values that travel with a model: those that an export takes along, those that a folder holds.
#include "core/format/kvgrids.h"

#include "core/calibrate/keyvalueranges.h"
#include "core/format/workspacereader.h"

namespace bitlathe::format
{

namespace
{

/// Grids of one part for each rank, which stand for those to come.
quant::KvParams placeholders(const model::ModelSpec& spec, const quant::KvScheme& scheme, std::int64_t ranks)
{
    const std::vector<quant::KvGrid> grids(static_cast<std::size_t>(ranks), quant::KvGrid{1.0F, 0.0F});
    return {scheme, std::vector<quant::KvLayerGrids>(static_cast<std::size_t>(spec.blockCount()), {grids, grids, {}})};
}

} // namespace

Result<std::optional<quant::KvParams>> kvForExport(const model::ModelSpec& spec, const Format& format,
                                                   const std::filesystem::path& folder,
                                                   const WorkspaceOptions& workspace)
{
    if (folder.empty()) {
        return std::optional<quant::KvParams>();
    }
    quant::KvParams params;
    if (folder == kKvParamsAuto) {
        const std::int64_t ranks = format.storesAsNamed() ? 1 : workspace.tensorParallel;
        params = placeholders(spec, format.kvScheme().value_or(quant::KvScheme{}), ranks);
    } else {
        BITLATHE_TRY(params, quant::readKvParams(folder));
        BITLATHE_CHECK(quant::checkKvParams(params, spec, folder.string()));
    }
    for (std::size_t block = 0; block < params.layers.size(); ++block) {
        params.layers[block].name = calibrate::blockName(spec, static_cast<std::int64_t>(block));
    }
    BITLATHE_CHECK(format.storeKv(spec, params, workspace));
    return std::optional(std::move(params));
}

Result<quant::KvCache> ownKvCache(const OpenedModel& opened)
{
    std::optional<quant::KvParams> params;
    if (const auto weights = workspaceWeights(opened.folder())) {
        BITLATHE_TRY(const TurbomindConfig config, workspaceConfig(*weights));
        // Without a quant_policy the engine leaves the files alone, too; policies above 4 need none.
        if (config.quantPolicy != 0 && quant::holdsKvParams(*weights)) {
            BITLATHE_TRY(params, quant::readKvParams(*weights));
        }
    } else if (opened.format != nullptr) {
        BITLATHE_TRY(params, opened.format->kvParams(*opened.checkpoint));
    }
    if (!params) {
        return quant::KvCache();
    }
    BITLATHE_CHECK(quant::checkKvParams(*params, opened.spec, opened.folder().string()));
    const quant::KvScheme scheme = params->scheme;
    return quant::KvCache{scheme, std::make_shared<const quant::KvParams>(*std::move(params))};
}

} // namespace bitlathe::format
