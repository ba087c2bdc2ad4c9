// SPDX-License-Identifier: Apache-2.0
// Choice questions: a question, its options and which of them is right, from files of several shapes.
#pragma once

#include "core/base/finding.h"
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace bitlathe::evaluate
{

struct ChoiceQuestion
{
    std::string id; ///< Empty where the file gives none.
    std::string subject;
    std::string question;
    std::vector<std::string> options; ///< Two or more, called A, B, C, ... by their places.
    std::size_t answer = 0;           ///< The place of the right one.
    std::string place;                ///< "file:12", for people.

    bool operator==(const ChoiceQuestion&) const = default;
};

/// What a path of choice questions holds.
struct ChoiceSet
{
    std::string spec; ///< As given.
    std::vector<ChoiceQuestion> questions;
    std::string hash;  ///< Of the questions' content.
    Findings findings; ///< Rows that were passed over, for each reason how many and the first of them.
};

/// The letter of an option: A for 0.
std::string choiceLetter(std::size_t option);

/// Reads a .jsonl, .json, .csv or .arrow file (each also .gz or .zst) or a folder of them. Known rows: question with A,
/// B, C, ... and answer; question with a list of choices and the answer's letter, place from 0 or text (MMLU); question
/// with choices as text and label, or as stem and choices, and answerKey (ARC). A .csv file has a header with such
/// names (C-Eval), or none and then question, options, letter (MMLU). A row's subject is what it says, else that of its
/// file's name without _test, _val, _dev or _train where it ends so or is one of a folder. A row that holds no question
/// is passed over with a Finding. Errors: FileMissing, FileInvalid, TextInvalid (no question in it).
Result<ChoiceSet> openChoiceSet(const std::filesystem::path& path);

/// The file or folder of examples that belongs to questions: for X_test.csv or X_val.csv X_dev.csv beside it, else in a
/// folder dev beside theirs; for a folder such a folder beside it; empty: there is none.
std::filesystem::path devSplitOf(const std::filesystem::path& path);

} // namespace bitlathe::evaluate
