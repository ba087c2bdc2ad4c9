// SPDX-License-Identifier: Apache-2.0
// ExportPlan: which tensors an export has, in which order, and where each comes from.
#pragma once

#include "core/format/openmodel.h"

#include <vector>

namespace bitlathe::format
{

struct ExportPlan
{
    std::vector<checkpoint::TensorPlan> tensors;             ///< In the order of the source.
    std::vector<std::vector<checkpoint::TensorPlan>> layers; ///< One per linear: its part of tensors.
    std::vector<std::size_t> others;                         ///< Entries of the source that are copied.
    checkpoint::DType dtype = checkpoint::DType::F16;        ///< Of what is in full precision.
};

/// kv: tensors of a KV cache (StoredKv), which stand last; those of the source are left out. Errors: NotSupported,
/// naming the layer that the format can't hold.
Result<ExportPlan> planExport(const OpenedModel& model, const Format& format, const LinearSchemes& schemes,
                              const std::vector<EncodedTensor>& kv = {});

} // namespace bitlathe::format
