// SPDX-License-Identifier: Apache-2.0
// Text sets: rows of text from a user's files, and the token sequences made of them.
#pragma once

#include "core/base/progress.h"
#include "core/text/tokenizer.h"

#include <cstdint>
#include <string>
#include <vector>

namespace bitlathe::text
{

/// What a --data SPEC names, opened. SPEC: a .txt, .jsonl, .json, .csv or .arrow file (each also .gz or .zst) or a folder
/// of them; "SPEC#field" picks the field of a row; "ids:FILE.json" holds token ids.
struct TextSet
{
    std::string spec;               ///< As given.
    std::vector<std::string> rows;  ///< Documents; a .txt file is one row.
    std::vector<TokenId> ids;       ///< Of an "ids:" set, then rows is empty.
    bool rowsAreDocuments = false;  ///< True for .jsonl, .json, .csv: [bos] + tokens + [eos] of each row.
    bool rowsAreLines = false;      ///< True for .arrow (WikiText): rows are joined by two newlines into one text.
    std::string hash;               ///< Of the rows' or ids' content.

    bool isIds() const { return !ids.empty(); }
};

/// Errors: FileMissing, FileInvalid (naming file, line and reason), TextInvalid (no text in it; the fields there are, where
/// the field is not found).
Result<TextSet> openTextSet(const std::string& spec);

/// The token stream of perplexity and compare: [bos] + tokens of the whole text; a set of documents: [bos] + tokens + [eos]
/// of each row, concatenated; lines: joined by "\n\n", one [bos]; ids as they are. tokenizer may be null for ids only.
/// Tokenizes rows on all cores.
Result<std::vector<TokenId>> evaluationStream(const TextSet& set, const Tokenizer* tokenizer);

struct SampleOptions
{
    std::int64_t samples = 128;
    std::int64_t length = 512; ///< Tokens of a sample at most.
    std::uint64_t seed = 0;    ///< 0: rows in file order (the first ones); else a seeded choice of rows.
};

/// Calibration samples: a set of documents gives one sample a row, [bos] + tokens cut to length; other sets give windows of
/// the evaluation stream. Fewer rows than samples: all there are. Errors: TextInvalid where no sample has a token.
Result<std::vector<std::vector<TokenId>>> calibrationSamples(
    const TextSet& set, const Tokenizer* tokenizer, const SampleOptions& options);

} // namespace bitlathe::text
