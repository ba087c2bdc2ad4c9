// SPDX-License-Identifier: Apache-2.0
// Options that say by which protocol perplexity is taken.
#include "app/cli/protocoloptions.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace bitlathe::cli
{

void addProtocolOptions(CLI::App& command, ProtocolOptions& options)
{
    std::vector<std::string_view> names;
    std::ranges::transform(evaluate::protocolKinds(), std::back_inserter(names), evaluate::protocolName);
    command
        .add_option("--protocol", options.name,
                    fmt::format("How windows are cut and scored: {} (docs/evaluation.md)", fmt::join(names, ", ")))
        ->capture_default_str();
    command.add_option("--length", options.length, "Tokens of a window (else 2048; with llama.cpp 512)")
        ->check(CLI::Range(2, 1 << 24));
    command.add_option("--windows", options.windows, "Windows at most; 0: all")
        ->check(CLI::Range(0, 1 << 30))
        ->capture_default_str();
    command.add_option("--stride", options.stride, "With strided: tokens between beginnings of windows (else 512)")
        ->check(CLI::Range(1, 1 << 24));
}

Result<evaluate::PerplexityOptions> settledProtocol(const ProtocolOptions& options)
{
    evaluate::PerplexityOptions settled;
    BITLATHE_TRY(settled.protocol, evaluate::protocolFrom(options.name));
    const bool overlaps = settled.protocol == evaluate::ProtocolKind::Strided;
    if (options.stride > 0 && !overlaps) {
        return fail(ErrorCode::SettingInvalid, "--stride", Text(BITLATHE_TEXT("the protocol \"strided\"")),
                    Text(BITLATHE_TEXT("\"%1\", whose windows don't overlap"), options.name));
    }
    settled.length = options.length > 0 ? options.length : evaluate::usualLength(settled.protocol);
    settled.maxWindows = options.windows;
    settled.stride = options.stride > 0 ? options.stride : std::min(settled.stride, settled.length);
    return settled;
}

} // namespace bitlathe::cli
