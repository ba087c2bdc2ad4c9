// SPDX-License-Identifier: Apache-2.0
// Test helpers: folders of golden tokenizers, and comparing a tokenizer with vectors of the original libraries.
#pragma once

#include "core/base/json.h"
#include "core/text/tokenizer.h"
#include "support/tempfolder.h"

#include <algorithm>
#include <fstream>

namespace bitlathe::tests
{

inline std::filesystem::path golden(const std::string& name)
{
    return sharedFolder() / "golden" / "tokenizers" / name;
}

inline std::filesystem::path demoModel()
{
    return sharedFolder() / "models" / "demo-llama";
}

/// A folder that holds only the named file of another one.
inline void copyAlone(const std::filesystem::path& file, const std::filesystem::path& folder)
{
    std::filesystem::create_directories(folder);
    std::filesystem::copy_file(file, folder / file.filename(), std::filesystem::copy_options::overwrite_existing);
}

inline void write(const std::filesystem::path& file, std::string_view content)
{
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
}

/// How the ids differ, for the message of a failed comparison; empty where they don't.
inline std::string difference(const std::vector<text::TokenId>& actual, const Json& expected, const std::string& what)
{
    if (actual == expected.get<std::vector<text::TokenId>>()) {
        return {};
    }
    return what + ": " + Json(actual).dump() + ", expected " + expected.dump();
}

inline std::string difference(const std::string& actual, const Json& expected, const std::string& what)
{
    return Json(actual) == expected ? std::string()
                                    : what + ": " + Json(actual).dump() + ", expected " + expected.dump();
}

/// True where the ids are the same ones in another order.
inline bool isPermutation(std::vector<text::TokenId> actual, const Json& ids)
{
    auto expected = ids.get<std::vector<text::TokenId>>();
    std::sort(actual.begin(), actual.end());
    std::sort(expected.begin(), expected.end());
    return actual == expected;
}

/// The first difference between a tokenizer and a case, as far as the case says what it expects.
inline std::string checkCase(const text::Tokenizer& tokenizer, const Json& item)
{
    const std::string text = item["text"].get<std::string>();
    std::string found = difference(tokenizer.encode(text), item["ids"], "ids of " + item["text"].dump());
    const auto withSpecial = item["ids_special"].get<std::vector<text::TokenId>>();
    if (found.empty()) {
        found =
            difference(tokenizer.encodeWithSpecial(text), item["ids_special"], "ids_special of " + item["text"].dump());
    }
    if (found.empty() && item.contains("decoded")) {
        found = difference(tokenizer.decode(withSpecial, false), item["decoded"], "decoded");
    }
    if (found.empty() && item.contains("decoded_skip")) {
        found = difference(tokenizer.decode(withSpecial, true), item["decoded_skip"], "decoded_skip");
    }
    if (found.empty() && item.contains("pieces")) {
        std::vector<std::string> pieces;
        for (const text::TokenId id : tokenizer.encode(text)) {
            pieces.push_back(tokenizer.piece(id));
        }
        // A character without a piece stands in the original's list as itself.
        for (std::size_t i = 0; i < pieces.size() && pieces.size() == item["pieces"].size(); ++i) {
            if (pieces[i] != "<unk>" && found.empty()) {
                found = difference(pieces[i], item["pieces"][i], "piece");
            }
        }
    }
    return found;
}

inline std::string checkDecodeCase(const text::Tokenizer& tokenizer, const Json& item)
{
    const auto ids = item["ids"].get<std::vector<text::TokenId>>();
    std::string found =
        difference(tokenizer.decode(ids, true), item["decoded_skip"], "decoded_skip of " + item["ids"].dump());
    if (found.empty() && item.contains("decoded")) {
        found = difference(tokenizer.decode(ids, false), item["decoded"], "decoded of " + item["ids"].dump());
    }
    return found;
}

/// The first difference between a tokenizer and a file of vectors; empty where there is none.
inline std::string checkVectors(const text::Tokenizer& tokenizer, const Json& vectors)
{
    for (const Json& item : vectors["cases"]) {
        if (std::string found = checkCase(tokenizer, item); !found.empty()) {
            return found;
        }
    }
    for (const Json& item : vectors.value("decode_cases", Json::array())) {
        if (std::string found = checkDecodeCase(tokenizer, item); !found.empty()) {
            return found;
        }
    }
    for (const Json& item : vectors.value("chat", Json::array())) {
        const std::string text = item["text"].get<std::string>();
        if (std::string found = difference(tokenizer.encode(text), item["ids"], "chat " + text); !found.empty()) {
            return found;
        }
    }
    return {};
}

} // namespace bitlathe::tests
