// SPDX-License-Identifier: Apache-2.0
// Fuzz target: qwen.tiktoken. What is opened must give any text back, in ids of the vocabulary.
#include "core/text/tokenizerfiles.h"
#include "scratchfolder.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace bitlathe;
    const auto file = fuzz::scratchFolder("tiktoken") / "qwen.tiktoken";
    std::ofstream(file, std::ios::binary) << std::string(reinterpret_cast<const char*>(data), size);
    const auto tokenizer = text::openQwenTiktoken(file);
    if (!tokenizer) {
        if (!tokenizer.error().subject.starts_with(file.string()) || tokenizer.error().found.empty()) {
            std::abort();
        }
        return 0;
    }
    const std::string words = "Hello  world, 12 <|im_end|>\xC3\xA4\xF0\x9F\x98\x80\n";
    const std::vector<text::TokenId> ids = (*tokenizer)->encodeWithSpecial(words);
    const bool areIds = std::all_of(ids.begin(), ids.end(),
                                    [&](text::TokenId id) { return id >= 0 && id < (*tokenizer)->vocabularySize(); });
    if (!areIds || (*tokenizer)->decode(ids, false) != words) {
        std::abort();
    }
    return 0;
}
