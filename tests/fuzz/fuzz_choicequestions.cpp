// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as a file of choice questions.
#include "core/evaluate/choicequestions.h"
#include "scratchfolder.h"

#include <cstdint>
#include <cstdlib>
#include <fstream>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace bitlathe;
    for (const char* name : {"questions.jsonl", "questions.json", "questions.csv"}) {
        const auto file = fuzz::scratchFolder("choice") / name;
        std::ofstream(file, std::ios::binary)
            .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
        const auto set = evaluate::openChoiceSet(file);
        if (!set) {
            if (!set.error().subject.starts_with(file.string()) || set.error().found.empty()) {
                std::abort();
            }
            continue;
        }
        for (const evaluate::ChoiceQuestion& question : set->questions) {
            if (question.question.empty() || question.options.size() < 2 || question.options.size() > 26 ||
                question.answer >= question.options.size()) {
                std::abort();
            }
        }
    }
    return 0;
}
