// SPDX-License-Identifier: Apache-2.0
// ChoiceRun: the choice questions of an evaluation, asked of one loaded model after the other.
#pragma once

#include "core/base/progress.h"
#include "core/evaluate/choiceprompts.h"
#include "core/evaluate/choiceresult.h"
#include "core/format/openmodel.h"

#include <filesystem>

namespace bitlathe::evaluate
{

struct ChoiceOptions
{
    std::filesystem::path data;
    std::vector<ChoiceRule> rules = {ChoiceRule::Letter};
    std::int64_t shots = 0;          ///< Examples with answers before each question.
    std::filesystem::path shotsData; ///< Where they come from; empty: devSplitOf(data).
    bool chat = false;               ///< As a conversation, through each model's own template.
    std::int64_t limit = 0;          ///< Questions at most, the first ones; 0: all.
    model::Compute compute = model::Compute::F32;

    bool operator==(const ChoiceOptions&) const = default;
};

/// Errors: SettingInvalid (no rule, numbers below zero, a file of examples none of which are asked with).
Result<void> checkChoiceOptions(const ChoiceOptions& options);

/// A loaded model to ask.
struct ChoiceTaker
{
    std::string name;
    std::shared_ptr<const format::OpenedModel> opened; ///< With a tokenizer.
    std::shared_ptr<const model::Model> model;
    model::KvStoreMaker kv; ///< How keys and values are kept; empty: in f32.
};

class ChoiceRun
{
public:
    /// Reads questions and examples. Errors: those of checkChoiceOptions() and openChoiceSet(), SettingInvalid (no
    /// examples to be found).
    static Result<ChoiceRun> create(const ChoiceOptions& options);

    /// Adds a model to the result; the first is the base. Errors: FileMissing (no chat template), TextInvalid (every
    /// question is too long), WeightsNotFinite, Cancelled.
    Result<void> ask(const ChoiceTaker& taker, const WorkContext& work = {});
    const ChoiceResult& result() const { return m_result; }

private:
    struct Asked;

    explicit ChoiceRun(const ChoiceOptions& options) : m_options(options) {}
    Result<void> prepareExamples();
    Result<void> askAll(Asked& asked, const WorkContext& work);
    Result<bool> askOne(Asked& asked, std::size_t question, ChoiceForm form, const WorkContext& work);
    bool uses(ChoiceForm form) const;

    ChoiceOptions m_options;
    std::vector<ChoiceQuestion> m_examples;
    ChoiceResult m_result;
    std::vector<ChoiceScore> m_scores; ///< Of the model being asked.
};

} // namespace bitlathe::evaluate
