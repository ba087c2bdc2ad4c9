// SPDX-License-Identifier: Apache-2.0
// A choice question from one row of a file.
#pragma once

#include "core/base/json.h"
#include "core/evaluate/choicequestions.h"

namespace bitlathe::evaluate
{

/// Why a row is no question.
enum class RowProblem {
    Fields,     ///< Not as many as the file's other rows have, or too few for a question.
    Question,   ///< None.
    Options,    ///< Fewer than two, too many for letters, or an empty one.
    Answer,     ///< None, or one that is not among the options.
    RepeatedId, ///< Its id was given before.
};

/// The question of a row, an object; place is left empty.
tl::expected<ChoiceQuestion, RowProblem> choiceQuestionOf(const Json& row);

/// The row that fields of a file without a header stand for: question, options, answer.
tl::expected<Json, RowProblem> choiceRowOf(std::vector<std::string> fields);

} // namespace bitlathe::evaluate
