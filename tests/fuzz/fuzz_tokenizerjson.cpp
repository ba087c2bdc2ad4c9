// SPDX-License-Identifier: Apache-2.0
// Fuzz target: tokenizer.json. What is opened must tokenize any text, and every id must be one of the vocabulary.
#include "core/text/tokenizerjson/assembly.h"
#include "core/text/utf8.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace bitlathe;
    const std::string input(reinterpret_cast<const char*>(data), size);
    const auto document = text::parseTokenizerDocument(input, "input");
    // A folder that is none: no settings beside the file.
    const auto tokenizer = document ? text::assembleTokenizer(*document, "/dev/null", "input")
                                    : Result<std::shared_ptr<const text::Tokenizer>>(Failure(document.error()));
    if (!tokenizer) {
        if (!tokenizer.error().subject.starts_with("input") || tokenizer.error().found.empty()) {
            std::abort();
        }
        return 0;
    }
    // Some of the input itself is the text most likely to hold its tokens.
    constexpr std::size_t kMaxText = 300;
    const std::string words = "Hello  world, 12 <s>\xE2\x96\x81\xC3\xA4\xF0\x9F\x98\x80\n" + input.substr(0, kMaxText);
    const std::vector<text::TokenId> ids = (*tokenizer)->encodeWithSpecial(words);
    for (const text::TokenId id : ids) {
        if (id < 0) {
            std::abort();
        }
    }
    if (text::firstInvalidByte((*tokenizer)->decode(ids, false))) {
        std::abort();
    }
    return 0;
}
