// SPDX-License-Identifier: Apache-2.0
// Text sets: rows of text from a user's files, and the token sequences made of them.
#pragma once

#include "core/base/progress.h"
#include "core/text/tokenizer.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace bitlathe::text
{

/// What a --data SPEC names, opened. SPEC: a .txt, .jsonl, .json, .csv or .arrow file (each also .gz or .zst) or a
/// folder of them; "SPEC#field" picks the field of a row; "ids:FILE.json" holds token ids; a name such as wikitext
/// stands for a file of the data folder (datafolder.h).
struct TextSet
{
    std::string spec;               ///< As given.
    std::vector<std::string> rows;  ///< Documents; a .txt file is one row.
    std::vector<TokenId> ids;       ///< Of an "ids:" set, then rows is empty.
    bool rowsAreDocuments = false;  ///< True for .jsonl, .json, .csv: [bos] + tokens + [eos] of each row.
    bool rowsAreLines = false;      ///< True for .arrow (WikiText): rows are joined by two newlines into one text.
    std::int64_t chats = 0;         ///< Rows that are conversations.
    bool chatsAreRendered = false;  ///< By the model's chat template; else their messages are joined by line breaks.
    std::string hash;               ///< Of the rows' or ids' content.

    bool isIds() const { return !ids.empty(); }
};

/// Errors: FileMissing, FileInvalid (naming file, line and reason), TextInvalid (no text in it; the fields there are,
/// where the field is not found). modelFolder: whose chat template renders rows that are conversations, and beside
/// which names are looked for; may be empty.
Result<TextSet> openTextSet(const std::string& spec, const std::filesystem::path& modelFolder = {});

/// The first rows as calibration will see them, for a preview.
std::vector<std::string> previewRows(const TextSet& set, std::size_t count);

/// The token stream of perplexity and compare: [bos] + tokens of the whole text; a set of documents: [bos] + tokens + [eos]
/// of each row, concatenated; lines: joined by "\n\n", one [bos]; ids as they are. tokenizer may be null for ids only.
/// Tokenizes rows on all cores.
Result<std::vector<TokenId>> evaluationStream(const TextSet& set, const Tokenizer* tokenizer);

/// All rows joined by "\n\n", as one text with the special tokens that the model's own tokenizer puts around it: what
/// other tools' evaluations read. ids as they are; tokenizer may be null for them. Errors: those of evaluationStream().
Result<std::vector<TokenId>> joinedStream(const TextSet& set, const Tokenizer* tokenizer);

/// How calibration samples are chosen. Rows is ours; the others follow the tools of their names, with the numbers of
/// Python's random module, so that the same text gives the same samples there and here.
enum class SampleRule {
    Rows,     ///< As SampleOptions::seed says.
    Gptq,     ///< Windows anywhere in the joined text.
    Awq,      ///< The first rows of at most length tokens, stripped, joined and cut into blocks of length.
    Lmdeploy, ///< Of documents: drawn ones that are long enough, a window anywhere in each; of other text as Gptq.
};

std::string_view sampleRuleName(SampleRule rule);
/// Errors: SettingInvalid, naming the rules.
Result<SampleRule> sampleRuleFrom(std::string_view name);

struct SampleOptions
{
    std::int64_t samples = 128;
    std::int64_t length = 512; ///< Tokens of a sample at most.
    std::uint64_t seed = 0;    ///< 0: rows in file order (the first ones); else a seeded choice of rows.
    SampleRule rule = SampleRule::Rows;
};

/// Calibration samples: a set of documents gives one sample a row, [bos] + tokens cut to length; other sets give
/// windows of the evaluation stream; another rule goes its own way. Fewer rows than samples: all there are. Errors:
/// TextInvalid where no sample has a token.
Result<std::vector<std::vector<TokenId>>> calibrationSamples(
    const TextSet& set, const Tokenizer* tokenizer, const SampleOptions& options);

} // namespace bitlathe::text
