// SPDX-License-Identifier: Apache-2.0
// The schema of an Arrow stream, as far as reading its string columns needs it.
#pragma once

#include "core/base/result.h"
#include "core/text/flatbuffer.h"

#include <string>
#include <vector>

namespace bitlathe::text {

/// A column of the table.
struct ArrowColumn
{
    std::string name;
    std::string type;            ///< For errors, such as "list".
    bool isString = false;       ///< Utf8 or LargeUtf8, not dictionary-encoded.
    bool hasWideOffsets = false; ///< 64-bit offsets.
    std::size_t node = 0;        ///< Its first place among the field nodes of a record batch.
    std::size_t buffer = 0;      ///< Its first place among the buffers of a record batch.
};

/// Reads a Schema table. metadataVersion: of the message around it. Errors: FileInvalid, NotSupported.
Result<std::vector<ArrowColumn>> readArrowSchema(FlatBuffer& buffer, const FlatTable& schema, int metadataVersion,
                                                 const std::string& file);

} // namespace bitlathe::text
