// SPDX-License-Identifier: Apache-2.0
// Finds the tokenizer of a folder.
#include "core/text/tokenizer.h"

#include "core/base/json.h"
#include "core/text/sentencepiecetokenizer.h"
#include "core/text/tokenizerfiles.h"

namespace bitlathe::text
{

namespace fs = std::filesystem;

namespace
{

/// A kind of tokenizer file and what opens it. A new kind is one more line.
struct Opener
{
    std::string_view fileName;
    Result<std::shared_ptr<const Tokenizer>> (*open)(const fs::path& file);
};

/// The first one there wins. tokenizer.json goes first as in transformers: its ids are those the model was trained with
/// where the two differ.
constexpr Opener kOpeners[] = {
    {"tokenizer.json", openTokenizerJson},        {"tokenizer.model", openSentencePieceTokenizer},
    {"spiece.model", openSentencePieceTokenizer}, {"tokenizer.tiktoken", openTiktoken},
    {"qwen.tiktoken", openQwenTiktoken},          {"vocab.json", openVocabularyAndMerges},
};

/// Files that hold a tokenizer of a kind without an opener.
constexpr std::string_view kOtherFiles[] = {"merges.txt", "vocab.txt", "source.spm", "sentencepiece.bpe.model"};

/// The class that tokenizer_config.json names, for an error; empty without one.
std::string classOf(const fs::path& folder)
{
    const Result<Json> config = readJson(folder / "tokenizer_config.json");
    return config ? JsonObject(*config, folder.string()).string("tokenizer_class", "").value_or("") : std::string();
}

Failure noTokenizer(const fs::path& folder)
{
    std::string found = classOf(folder);
    std::error_code ignored;
    if (found == "QWenTokenizer") {
        return fail(ErrorCode::FileMissing, (folder / "qwen.tiktoken").string(),
                    Text(BITLATHE_TEXT("the vocabulary of the class %1"), found), Text(BITLATHE_TEXT("no such file")),
                    Text(BITLATHE_TEXT("Copy the tokenizer's files from the model's original folder")));
    }
    for (const std::string_view name : kOtherFiles) {
        if (fs::exists(folder / name, ignored)) {
            found += found.empty() ? "" : ", ";
            found += name;
        }
    }
    if (!found.empty()) {
        return fail(ErrorCode::NotSupported, folder.string(),
                    Text(BITLATHE_TEXT("a tokenizer file such as tokenizer.json or tokenizer.model")),
                    Text(BITLATHE_TEXT("a tokenizer of another kind (%1)"), found),
                    Text(BITLATHE_TEXT("Give token ids instead of text (ids:FILE.json)")));
    }
    return fail(ErrorCode::FileMissing, folder.string(),
                Text(BITLATHE_TEXT("a tokenizer file such as tokenizer.json or tokenizer.model")),
                fs::is_directory(folder, ignored) ? Text(BITLATHE_TEXT("none in the folder"))
                                                  : Text(BITLATHE_TEXT("no folder of that name")),
                Text(BITLATHE_TEXT("Copy the tokenizer's files from the model's original folder")));
}

} // namespace

fs::path tokenizerFolder(const fs::path& folder)
{
    const fs::path inside = folder / "triton_models" / "tokenizer";
    std::error_code ignored;
    return fs::is_directory(inside, ignored) ? inside : folder;
}

Result<std::shared_ptr<const Tokenizer>> openTokenizer(const fs::path& modelFolder)
{
    const fs::path folder = tokenizerFolder(modelFolder);
    for (const Opener& opener : kOpeners) {
        std::error_code ignored;
        if (const fs::path file = folder / opener.fileName; fs::exists(file, ignored)) {
            return opener.open(file);
        }
    }
    return noTokenizer(folder);
}

Result<void> checkFits(const Tokenizer& tokenizer, std::int64_t vocabularyRows, const fs::path& folder)
{
    if (tokenizer.vocabularySize() <= vocabularyRows) {
        return {};
    }
    return fail(
        ErrorCode::TokenizerInvalid, folder.string(),
        Text(BITLATHE_TEXT("a tokenizer of at most %1 tokens, the rows of the model's embedding"), vocabularyRows),
        Text(BITLATHE_TEXT("one of %1 (%2)"), tokenizer.vocabularySize(), tokenizer.kind()),
        Text(BITLATHE_TEXT("Use the tokenizer that belongs to this model")));
}

} // namespace bitlathe::text
