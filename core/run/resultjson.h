// SPDX-License-Identifier: Apache-2.0
// Results of runs as JSON: bitlathe-run.json, the journal, the history.
#pragma once

#include "core/base/json.h"
#include "core/run/runner.h"

#include <string>

namespace bitlathe::run
{

constexpr int kResultVersion = 1; ///< Of records; one with more was written by a newer program.

Json toJson(const Finding& finding);
Json toJson(const Findings& findings);
Json toJson(const LayerRecord& layer);
Json toJson(const std::vector<ScaleRecord>& scales);
Json toJson(const RunResult& result);

/// The file may be anybody's: a wrong type is a FileInvalid error that names subject and key; absent keys keep
/// defaults.
Result<Findings> findingsFromJson(const Json& list, const std::string& subject);
Result<LayerRecord> layerFromJson(const Json& json, const std::string& subject);
Result<std::vector<ScaleRecord>> scalesFromJson(const Json& list, const std::string& subject);
Result<RunResult> resultFromJson(const Json& json, const std::string& subject);

/// As written into files: no byte that is not UTF-8 can stop it.
std::string jsonText(const Json& json, int indent);

} // namespace bitlathe::run
