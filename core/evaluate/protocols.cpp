// SPDX-License-Identifier: Apache-2.0
// Protocols of perplexity.
#include "core/evaluate/protocols.h"

#include "core/evaluate/perplexity.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace bitlathe::evaluate
{

namespace
{

using Stream = std::vector<model::TokenId>;

std::vector<model::TokenId> piece(const Stream& stream, std::int64_t begin, std::int64_t end)
{
    return {stream.begin() + begin, stream.begin() + end};
}

/// Windows without overlap, all but the first token of each scored.
std::vector<ScoredWindow> plainWindows(const Stream& stream, const PerplexityOptions& options)
{
    std::vector<ScoredWindow> windows;
    for (Stream& ids : windowsOf(stream, options)) {
        windows.push_back({std::move(ids), 1, 1});
    }
    return windows;
}

/// The first token of a window is replaced by bos, where the tokenizer puts one before a text, and the second half is
/// scored: of n tokens those from n / 2 + 1 on.
std::vector<ScoredWindow> halfWindows(const Stream& stream, const PerplexityOptions& options)
{
    std::vector<ScoredWindow> windows = plainWindows(stream, options);
    for (ScoredWindow& window : windows) {
        window.firstScored = static_cast<std::int64_t>(window.ids.size()) / 2 + 1;
        window.ids.front() = options.bos.value_or(window.ids.front());
    }
    return windows;
}

/// A window at every stride, up to the first that reaches the end; of each the tokens that none before it held. As the
/// guide does it, a window counts as many times as it has such tokens, less one.
std::vector<ScoredWindow> stridedWindows(const Stream& stream, const PerplexityOptions& options)
{
    const auto tokens = static_cast<std::int64_t>(stream.size());
    std::vector<ScoredWindow> windows;
    std::int64_t before = 0;
    for (std::int64_t begin = 0; before < tokens; begin += options.stride) {
        if (options.maxWindows > 0 && static_cast<std::int64_t>(windows.size()) >= options.maxWindows) {
            break;
        }
        const std::int64_t end = std::min(begin + options.length, tokens);
        const std::int64_t fresh = end - before;
        if (fresh > 1) {
            windows.push_back({piece(stream, begin, end), std::max<std::int64_t>(end - begin - fresh, 1),
                               static_cast<double>(fresh - 1)});
        }
        before = end;
    }
    return windows;
}

/// Tokens that a protocol needs at least.
std::int64_t fewestTokens(const PerplexityOptions& options)
{
    switch (options.protocol) {
    case ProtocolKind::Windows:
    case ProtocolKind::Strided: return 2;
    case ProtocolKind::Gptq:
    case ProtocolKind::MiniCpm: return options.length;
    case ProtocolKind::LlamaCpp: return 2 * options.length;
    }
    return 2;
}

Result<void> checkProtocol(const Stream& stream, const PerplexityOptions& options)
{
    const std::int64_t shortest = options.protocol == ProtocolKind::LlamaCpp ? 4 : 2;
    if (options.length < shortest) {
        return fail(ErrorCode::SettingInvalid, "length", Text(BITLATHE_TEXT("windows of at least %1 tokens"), shortest),
                    Text("%1", options.length));
    }
    if (options.protocol == ProtocolKind::Strided && (options.stride < 1 || options.stride > options.length)) {
        return fail(ErrorCode::SettingInvalid, "stride",
                    Text(BITLATHE_TEXT("1 to %1 tokens, the length of a window"), options.length),
                    Text("%1", options.stride));
    }
    const std::int64_t fewest = fewestTokens(options);
    if (static_cast<std::int64_t>(stream.size()) < fewest) {
        return fail(ErrorCode::TextInvalid, "evaluation text", Text(BITLATHE_TEXT("at least %1 tokens"), fewest),
                    Text("%1", stream.size()), Text(BITLATHE_TEXT("Choose a longer text")));
    }
    return {};
}

} // namespace

std::vector<ProtocolKind> protocolKinds()
{
    return {ProtocolKind::Windows, ProtocolKind::Gptq, ProtocolKind::MiniCpm, ProtocolKind::LlamaCpp,
            ProtocolKind::Strided};
}

std::string_view protocolName(ProtocolKind kind)
{
    switch (kind) {
    case ProtocolKind::Windows: return "windows";
    case ProtocolKind::Gptq: return "gptq";
    case ProtocolKind::MiniCpm: return "minicpm";
    case ProtocolKind::LlamaCpp: return "llama.cpp";
    case ProtocolKind::Strided: return "strided";
    }
    return {};
}

Result<ProtocolKind> protocolFrom(std::string_view name)
{
    const std::vector<ProtocolKind> all = protocolKinds();
    const auto found = std::ranges::find(all, name, protocolName);
    if (found == all.end()) {
        std::vector<std::string_view> names;
        std::ranges::transform(all, std::back_inserter(names), protocolName);
        return fail(ErrorCode::UnknownName, "protocol", Text(BITLATHE_TEXT("one of %1"), fmt::join(names, ", ")),
                    Text(BITLATHE_TEXT("\"%1\""), name));
    }
    return *found;
}

std::int64_t usualLength(ProtocolKind kind)
{
    return kind == ProtocolKind::LlamaCpp ? 512 : 2048;
}

Result<PerplexityOptions> settledProtocol(ProtocolKind kind, std::int64_t length, std::int64_t windows,
                                          std::int64_t stride)
{
    if (stride > 0 && kind != ProtocolKind::Strided) {
        return fail(ErrorCode::SettingInvalid, "stride", Text(BITLATHE_TEXT("the protocol \"strided\"")),
                    Text(BITLATHE_TEXT("\"%1\", whose windows don't overlap"), protocolName(kind)));
    }
    PerplexityOptions settled;
    settled.protocol = kind;
    settled.length = length > 0 ? length : usualLength(kind);
    settled.maxWindows = windows;
    settled.stride = stride > 0 ? stride : std::min(settled.stride, settled.length);
    return settled;
}

Text Protocol::sentence() const
{
    const std::string from = data.empty() ? "-" : data;
    const std::string arithmetic = (compute.empty() ? "-" : compute) + (device.empty() ? "" : ", " + device);
    switch (kind) {
    case ProtocolKind::Windows:
        return Text(BITLATHE_TEXT("Perplexity over windows of %1 tokens without overlap, %2 of them from %3; the first "
                                  "token of each is not scored; exp(mean of window means); arithmetic %4."),
                    length, windows, from, arithmetic);
    case ProtocolKind::Gptq:
        return Text(BITLATHE_TEXT("Perplexity as GPTQ's evaluation takes it: rows joined by empty lines and tokenized "
                                  "as one text, windows of %1 tokens without overlap, %2 of them from %3; the first "
                                  "token of each is not scored; exp(mean of window means); arithmetic %4."),
                    length, windows, from, arithmetic);
    case ProtocolKind::MiniCpm:
        return Text(BITLATHE_TEXT("Perplexity as MiniCPM's quantize_eval.py takes it, by GPTQ's rule: rows joined by "
                                  "empty lines and tokenized as one text, windows of %1 tokens without overlap, %2 of "
                                  "them from %3; the first token of each is not scored; exp(mean of window means); "
                                  "arithmetic %4."),
                    length, windows, from, arithmetic);
    case ProtocolKind::LlamaCpp:
        return Text(
            BITLATHE_TEXT("Perplexity as llama.cpp takes it: windows of %1 tokens without overlap, %2 of them "
                          "from %3, each begun with the token that begins a text; the tokens of its second half "
                          "are scored, all equally; arithmetic %4."),
            length, windows, from, arithmetic);
    case ProtocolKind::Strided:
        return Text(
            BITLATHE_TEXT("Perplexity as Hugging Face's guide takes it: windows of %1 tokens at every %5 tokens, "
                          "%2 of them from %3; of each the tokens are scored that none before it held; "
                          "arithmetic %4."),
            length, windows, from, arithmetic, stride);
    }
    return {};
}

Result<std::vector<model::TokenId>> protocolStream(const text::TextSet& set, const text::Tokenizer* tokenizer,
                                                   ProtocolKind kind)
{
    return kind == ProtocolKind::Windows ? text::evaluationStream(set, tokenizer) : text::joinedStream(set, tokenizer);
}

std::optional<model::TokenId> leadingToken(const text::Tokenizer* tokenizer)
{
    if (tokenizer == nullptr || !tokenizer->bos()) {
        return std::nullopt;
    }
    const std::vector<model::TokenId> ids = tokenizer->encodeWithSpecial("a");
    return !ids.empty() && ids.front() == *tokenizer->bos() ? tokenizer->bos() : std::nullopt;
}

std::size_t tokensCovered(const Protocol& protocol, const std::vector<model::TokenId>& stream)
{
    const std::int64_t step = protocol.kind == ProtocolKind::Strided ? protocol.stride : protocol.length;
    const std::int64_t tokens = (protocol.windows - 1) * step + protocol.length;
    return std::min(static_cast<std::size_t>(std::max<std::int64_t>(tokens, 0)), stream.size());
}

Result<std::vector<ScoredWindow>> protocolWindows(const std::vector<model::TokenId>& stream,
                                                  const PerplexityOptions& options)
{
    BITLATHE_CHECK(checkProtocol(stream, options));
    switch (options.protocol) {
    case ProtocolKind::Windows:
    case ProtocolKind::Gptq:
    case ProtocolKind::MiniCpm: return plainWindows(stream, options);
    case ProtocolKind::LlamaCpp: return halfWindows(stream, options);
    case ProtocolKind::Strided: return stridedWindows(stream, options);
    }
    return std::vector<ScoredWindow>();
}

std::optional<Finding> lengthFinding(const model::ModelSpec& spec, std::int64_t length, const std::string& subject)
{
    const auto trained = spec.trainedLength();
    if (!trained || length <= *trained) {
        return std::nullopt;
    }
    return Finding{Severity::Warning, "longer-than-trained", subject,
                   Text(BITLATHE_TEXT("windows of %1 tokens are longer than the %2 that the model knows: what it loses "
                                      "behind them is not what quantization costs"),
                        length, *trained),
                   Text(BITLATHE_TEXT("Choose shorter windows"))};
}

} // namespace bitlathe::evaluate
