// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as a file of prompts.
#include "core/evaluate/generationprompts.h"
#include "scratchfolder.h"

#include <cstdint>
#include <cstdlib>
#include <fstream>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace bitlathe;
    for (const char* name : {"prompts.txt", "prompts.jsonl", "prompts.json", "prompts.csv"}) {
        const auto file = fuzz::scratchFolder("prompts") / name;
        std::ofstream(file, std::ios::binary)
            .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
        const auto set = evaluate::openGenerationPrompts(file.string());
        if (!set) {
            if (!set.error().subject.starts_with(file.string()) || set.error().found.empty()) {
                std::abort();
            }
            continue;
        }
        for (const evaluate::GenerationPrompt& prompt : set->prompts) {
            if (prompt.text.empty() || !(prompt.messages.is_null() || prompt.messages.is_array())) {
                std::abort();
            }
        }
    }
    return 0;
}
