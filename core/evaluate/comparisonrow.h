// SPDX-License-Identifier: Apache-2.0
// ComparisonRow: a model, with one way of keeping its keys and values, on its way through a comparison.
#pragma once

#include "core/evaluate/comparison.h"
#include "core/evaluate/keptscores.h"
#include "core/format/openmodel.h"
#include "core/text/textset.h"

#include <memory>

namespace bitlathe::evaluate
{

using OpenedModels = std::vector<std::shared_ptr<const format::OpenedModel>>;

struct ComparisonRow
{
    std::shared_ptr<const format::OpenedModel> opened;
    quant::KvCache kv;
    std::optional<KeptScores> kept;                 ///< Where scores are kept.
    std::vector<std::optional<WindowScores>> known; ///< By window: those that are there already.
    std::vector<WindowScores> scores;               ///< Of the windows that all rows passed.
    std::shared_ptr<const model::Model> model;      ///< Null where it is not needed.
    std::optional<WindowStates> first;              ///< Of the first window that it lacks, once it was loaded.
    bool isResident = false;                        ///< The model has its blocks in memory.
    bool streamed = false;                          ///< Read from disk block by block when it was scored.
    bool isFinite = true;

    bool knows(std::size_t window) const { return known[window].has_value(); }
};

/// The models of a comparison, each plainly, then with every KV cache that was asked for and its own. Errors: those of
/// kvCachesOf().
Result<std::vector<ComparisonRow>> comparisonRows(const OpenedModels& opened, const CompareOptions& options,
                                                  const WorkContext& work);

/// What is known of a row before it runs.
ComparedModel describedRow(const ComparisonRow& row, const Protocol& protocol);

/// A Finding where a folder's run tells that it was calibrated on the text that it is evaluated on.
std::optional<Finding> overlap(const std::filesystem::path& folder, const text::TextSet& set);

/// Names what a row's scores depend on besides the windows: files, KV cache, arithmetic, device.
std::string rowDigest(const ComparisonRow& row, const CompareOptions& options);

/// Opens where scores of rows are kept below root: those of the base, and of every other to it. Errors: DiskFull where
/// windows would take more than half of what is free, those of KeptScores::open().
Result<void> openKept(std::vector<ComparisonRow>& rows, const std::filesystem::path& root,
                      const CompareOptions& options, const std::vector<ScoredWindow>& windows);

} // namespace bitlathe::evaluate
