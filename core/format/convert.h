// SPDX-License-Identifier: Apache-2.0
// Convert: the codes of a quantized folder in another format, as they are.
#pragma once

#include "core/format/exporter.h"

namespace bitlathe::format
{

struct ConvertReport
{
    std::int64_t layers = 0; ///< Quantized ones in the new folder.
    std::uint64_t bytes = 0; ///< Of its tensor files.
    Findings findings;       ///< Where weights are not the same to the bit, and what programs refuse.
};

/// Writes a folder in another format without a change of codes, scales or zero points; to dense: dequantized. Errors:
/// NotSupported naming the first layer that does not fit and why; those of Exporter.
Result<ConvertReport> convert(const std::shared_ptr<const OpenedModel>& model, const Format& to,
                              const ExportOptions& options, const WorkContext& work = {});

} // namespace bitlathe::format
