// SPDX-License-Identifier: Apache-2.0
// PreTokenizer: how tokenizer.json cuts a normalized text into the words that its model tokenizes one by one.
#pragma once

#include "core/base/json.h"
#include "core/text/tokenizerjson/piecesink.h"

#include <functional>
#include <vector>

namespace bitlathe::text
{

/// Immutable; any thread.
class PreTokenizer
{
public:
    /// Reads the section "pre_tokenizer"; null leaves a text whole. A model that takes the bytes of words itself
    /// (modelTakesBytes) is spared the writing of bytes as letters where that comes last.
    /// Errors: NotSupported, TokenizerInvalid, ConfigInvalid.
    static Result<PreTokenizer> parse(const Json& json, bool modelTakesBytes, const std::string& subject);

    /// The words stand for bytes: letters of bytes, or, for a model that takes bytes, the bytes themselves.
    bool isByteLevel() const { return m_isByteLevel; }
    /// The words are bytes that the model has to take as letters.
    bool leavesBytes() const { return m_leavesBytes; }
    /// White space is written as U+2581.
    bool marksSpaces() const { return m_marksSpaces; }

    /// Hands on the words of a well-formed text in order; none is empty.
    void run(const Piece& piece, const PieceSink& words) const { run(0, piece, words); }

private:
    using Step = std::function<void(const Piece&, const PieceSink&)>;

    Result<void> add(const Json& json, const std::string& subject);
    Result<void> addByteLevel(const Json& json, const std::string& subject);
    void run(std::size_t step, const Piece& piece, const PieceSink& words) const;

    std::vector<Step> m_steps;
    bool m_isByteLevel = false;
    bool m_leavesBytes = false;
    bool m_marksSpaces = false;
    bool m_endsInLetters = false; ///< The last step writes bytes as letters.
};

} // namespace bitlathe::text
