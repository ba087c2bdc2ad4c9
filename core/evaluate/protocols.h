// SPDX-License-Identifier: Apache-2.0
// Protocols of perplexity: which tokens a window holds, which of them are scored, and how windows count.
#pragma once

#include "core/base/finding.h"
#include "core/base/text.h"
#include "core/model/model.h"
#include "core/text/textset.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bitlathe::evaluate
{

struct PerplexityOptions;

enum class ProtocolKind {
    Windows,  ///< Windows without overlap, the first token of each not scored, exp(mean of window means).
    Gptq,     ///< The same on rows joined by empty lines and tokenized as one text, as GPTQ's evaluation does it.
    MiniCpm,  ///< What quantize_eval.py of the MiniCPM repository does: GPTQ's rule.
    LlamaCpp, ///< llama-perplexity: windows without overlap that begin with bos, the second half of each scored.
    Strided,  ///< Hugging Face's guide: windows that overlap, of each the tokens that none before it held.
};

std::vector<ProtocolKind> protocolKinds();
/// "windows", "gptq", "minicpm", "llama.cpp" or "strided".
std::string_view protocolName(ProtocolKind kind);
/// Errors: UnknownName.
Result<ProtocolKind> protocolFrom(std::string_view name);
/// Tokens of a window unless told otherwise.
std::int64_t usualLength(ProtocolKind kind);

/// What a protocol's windows are where a length or stride of 0 stands for the usual one. Errors: SettingInvalid (a
/// stride for windows that don't overlap).
Result<PerplexityOptions> settledProtocol(ProtocolKind kind, std::int64_t length, std::int64_t windows,
                                          std::int64_t stride);

/// How a number was got. Two numbers compare only where protocols are equal.
struct Protocol
{
    ProtocolKind kind = ProtocolKind::Windows;
    std::int64_t length = 2048; ///< Tokens of a window.
    std::int64_t stride = 0;    ///< Of Strided: tokens from one window's beginning to the next one's; else 0.
    std::int64_t windows = 0;   ///< Windows scored.
    std::string data;           ///< The text set's SPEC.
    std::string dataHash;
    std::string tokenizer; ///< Its fingerprint.
    std::string compute;   ///< "f32" or "bf16".
    std::string device;    ///< The GPU that computed, as its driver names it; empty: the processor.

    Text sentence() const; ///< All of it, for people.
    bool operator==(const Protocol&) const = default;
};

/// Tokens that go through a model at once.
struct ScoredWindow
{
    std::vector<model::TokenId> ids;
    std::int64_t firstScored = 1; ///< Scored are the tokens from here on.
    double weight = 1;            ///< Of their mean among those of all windows.
};

/// The tokens of a text set as a protocol sees them. Errors: those of evaluationStream().
Result<std::vector<model::TokenId>> protocolStream(const text::TextSet& set, const text::Tokenizer* tokenizer,
                                                   ProtocolKind kind);

/// The token that the model's own tokenizer puts before a text; nothing where it puts none, or tokenizer is null.
std::optional<model::TokenId> leadingToken(const text::Tokenizer* tokenizer);

/// Tokens of a stream, from its beginning, that a protocol's windows hold.
std::size_t tokensCovered(const Protocol& protocol, const std::vector<model::TokenId>& stream);

/// The windows of a stream. Errors: SettingInvalid (length, stride), TextInvalid (too few tokens).
Result<std::vector<ScoredWindow>> protocolWindows(const std::vector<model::TokenId>& stream,
                                                  const PerplexityOptions& options);

/// A finding where windows are longer than the model was trained for; subject: its folder.
std::optional<Finding> lengthFinding(const model::ModelSpec& spec, std::int64_t length, const std::string& subject);

} // namespace bitlathe::evaluate
