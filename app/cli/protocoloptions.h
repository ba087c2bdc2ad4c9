// SPDX-License-Identifier: Apache-2.0
// Options that say by which protocol perplexity is taken.
#pragma once

#include "app/cli/command.h"
#include "core/evaluate/perplexity.h"

namespace bitlathe::cli
{

struct ProtocolOptions
{
    std::string name = "windows";
    std::int64_t length = 0; ///< 0: as usual with the protocol.
    std::int64_t windows = 0;
    std::int64_t stride = 0; ///< 0: not given.
};

/// Protocol, length, windows and stride, each behind prefix ("--", "--eval-").
void addProtocolOptions(CLI::App& command, ProtocolOptions& options, const std::string& prefix = "--",
                        const std::string& group = "Options");
/// Errors: UnknownName, SettingInvalid (a stride for windows that don't overlap).
Result<evaluate::PerplexityOptions> settledProtocol(const ProtocolOptions& options);

} // namespace bitlathe::cli
