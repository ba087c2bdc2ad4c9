// SPDX-License-Identifier: Apache-2.0
// Options that say by which protocol perplexity is taken.
#include "app/cli/protocoloptions.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace bitlathe::cli
{

void addProtocolOptions(CLI::App& command, ProtocolOptions& options, const std::string& prefix,
                        const std::string& group)
{
    std::vector<std::string_view> names;
    std::ranges::transform(evaluate::protocolKinds(), std::back_inserter(names), evaluate::protocolName);
    command
        .add_option(prefix + "protocol", options.name,
                    fmt::format("How windows are cut and scored: {} (docs/evaluation.md)", fmt::join(names, ", ")))
        ->capture_default_str()
        ->group(group);
    command.add_option(prefix + "length", options.length, "Tokens of a window (else 2048; with llama.cpp 512)")
        ->check(CLI::Range(2, 1 << 24))
        ->group(group);
    const std::string plainWindows = "--windows"; // Which has but one meaning wherever it stands.
    command
        .add_option(prefix == "--" ? plainWindows : plainWindows + ',' + prefix + "windows", options.windows,
                    "Windows at most; 0: all")
        ->check(CLI::Range(0, 1 << 30))
        ->capture_default_str()
        ->group(group);
    command
        .add_option(prefix + "stride", options.stride, "With strided: tokens between beginnings of windows (else 512)")
        ->check(CLI::Range(1, 1 << 24))
        ->group(group);
}

Result<evaluate::PerplexityOptions> settledProtocol(const ProtocolOptions& options)
{
    BITLATHE_TRY(const evaluate::ProtocolKind kind, evaluate::protocolFrom(options.name));
    return evaluate::settledProtocol(kind, options.length, options.windows, options.stride);
}

} // namespace bitlathe::cli
