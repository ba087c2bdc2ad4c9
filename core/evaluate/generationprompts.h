// SPDX-License-Identifier: Apache-2.0
// Prompts that models are given to go on from, out of a user's file.
#pragma once

#include "core/base/finding.h"
#include "core/base/json.h"
#include "core/base/result.h"

#include <string>
#include <vector>

namespace bitlathe::evaluate
{

struct GenerationPrompt
{
    std::string text;        ///< For people, and to go on from.
    Json messages = nullptr; ///< Of a conversation that ends before the model's turn; null: text alone.
};

struct GenerationPrompts
{
    std::string spec; ///< As given.
    std::vector<GenerationPrompt> prompts;
    std::string hash;  ///< Of their content.
    Findings findings; ///< Rows that hold no prompt: how many, and the first of them.
};

/// SPEC: a .txt file, of which each line is a prompt (blank ones are passed over), or rows of a .jsonl, .json, .csv or
/// .arrow file or of a folder of such: of a row the field that is named behind "#"; else prompt, question or
/// instruction; else a conversation up to the last turn of its user; or a row that is a text. Errors: those of
/// findTextFiles() and readFileRows(), TextInvalid (no prompt in it).
Result<GenerationPrompts> openGenerationPrompts(const std::string& spec);

} // namespace bitlathe::evaluate
