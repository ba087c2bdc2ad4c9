// SPDX-License-Identifier: Apache-2.0
// ReadBack: reads a whole folder as its consumer would, and compares it with what was written.
#pragma once

#include "core/format/exporter.h"
#include "core/format/fingerprints.h"

namespace bitlathe::format
{

/// Reads every tensor of an opened folder. written: fingerprints of tensors by name and of layers by "layer " + name;
/// those it does not know are read but not compared. Null: nothing to compare with.
Result<VerifyReport> readBack(const OpenedModel& opened, const FingerprintFile* written, const WorkContext& work);

/// The name of a layer's fingerprint.
std::string layerKey(const model::LinearSpec& linear);

} // namespace bitlathe::format
