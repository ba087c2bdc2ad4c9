// SPDX-License-Identifier: Apache-2.0
// How the readers of tables hand out rows.
#pragma once

#include "core/base/json.h"

#include <functional>

namespace bitlathe::text {

/// Where a row stands, for errors.
struct RowPlace
{
    const std::string& file;
    std::int64_t number = 0; ///< Line from 1, or row from 0.
    bool isLine = true;

    /// "file:12" for a line, "file[12]" for a row.
    std::string name() const
    {
        return isLine ? fmt::format("{}:{}", file, number) : fmt::format("{}[{}]", file, number);
    }
};

/// Takes one row, an object or a string. An error ends the reading and is what the reader returns.
using RowSink = std::function<Result<void>(const Json& row, const RowPlace& place)>;

} // namespace bitlathe::text
