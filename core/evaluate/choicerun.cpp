// SPDX-License-Identifier: Apache-2.0
// ChoiceRun: the choice questions of an evaluation, asked of one loaded model after the other.
#include "core/evaluate/choicerun.h"

#include "core/evaluate/choiceprompts.h"
#include "core/evaluate/choicescores.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

namespace bitlathe::evaluate
{

namespace
{

/// The place of the highest value; the first of equal ones.
std::size_t highest(const std::vector<double>& values)
{
    return static_cast<std::size_t>(std::ranges::max_element(values) - values.begin());
}

bool isByLetter(ChoiceRule rule)
{
    return rule == ChoiceRule::Letter;
}

/// The score of answers that are all in.
ChoiceScore summarized(ChoiceScore score, const std::vector<ChoiceQuestion>& questions, const ChoiceScore* base)
{
    std::map<std::string, std::size_t> places;
    ChoiceDifference difference;
    for (std::size_t i = 0; i < questions.size(); ++i) {
        const ChoiceAnswer& answer = score.answers[i];
        if (answer.values.empty()) {
            continue;
        }
        const auto [it, isNew] = places.try_emplace(questions[i].subject, score.subjects.size());
        if (isNew) {
            score.subjects.push_back({questions[i].subject, 0, 0});
        }
        for (ChoiceCount* count : {&score.all, &score.subjects[it->second]}) {
            ++count->questions;
            count->correct += answer.correct ? 1 : 0;
        }
        if (base != nullptr && !base->answers[i].values.empty()) {
            const bool baseIsRight = base->answers[i].correct;
            ++difference.questions;
            difference.onlyBase += baseIsRight && !answer.correct ? 1 : 0;
            difference.onlyModel += answer.correct && !baseIsRight ? 1 : 0;
        }
    }
    if (places.size() == 1 && places.contains("")) {
        score.subjects.clear();
    }
    static_cast<ChoiceFacts&>(score) =
        choiceFacts(score.rule, score.all, base != nullptr ? std::optional(difference) : std::nullopt);
    return score;
}

} // namespace

Result<void> checkChoiceOptions(const ChoiceOptions& options)
{
    if (options.rules.empty()) {
        return fail(ErrorCode::SettingInvalid, "rules", Text(BITLATHE_TEXT("at least one rule")),
                    Text(BITLATHE_TEXT("none")));
    }
    if (options.shots < 0 || options.limit < 0) {
        return fail(ErrorCode::SettingInvalid, options.shots < 0 ? "shots" : "limit",
                    Text(BITLATHE_TEXT("a whole number of 0 or more")),
                    Text("%1", options.shots < 0 ? options.shots : options.limit));
    }
    if (options.shots == 0 && !options.shotsData.empty()) {
        return fail(ErrorCode::SettingInvalid, "shots",
                    Text(BITLATHE_TEXT("a number of examples to take from %1"), options.shotsData.string()),
                    Text(BITLATHE_TEXT("none")), Text(BITLATHE_TEXT("Say how many, or leave their file away")));
    }
    return {};
}

/// What is needed while one model is asked.
struct ChoiceRun::Asked
{
    const ChoiceTaker& taker;
    ChoicePrompter prompter;
    ContinuationScorer letters; ///< One of its own for each form, whose examples differ.
    ContinuationScorer texts;
    std::int64_t tooLong = 0;
    std::string tooLongPlaces = {}; ///< The first of them.
};

Result<void> ChoiceRun::prepareExamples()
{
    if (m_options.shots <= 0) {
        return {};
    }
    const std::filesystem::path path = m_options.shotsData.empty() ? devSplitOf(m_options.data) : m_options.shotsData;
    if (path.empty()) {
        return fail(ErrorCode::SettingInvalid, m_options.data.string(),
                    Text(BITLATHE_TEXT("questions to take %1 examples from"), m_options.shots),
                    Text(BITLATHE_TEXT("no file of the same name with _dev beside it, nor in a folder dev")),
                    Text(BITLATHE_TEXT("Name a file of examples")));
    }
    BITLATHE_TRY(ChoiceSet set, openChoiceSet(path));
    m_examples = std::move(set.questions);
    std::ranges::move(set.findings, std::back_inserter(m_result.findings));
    m_result.protocol.shotsData = path.string();
    const ChoicePrompter prompter({m_examples, m_options.shots, nullptr});
    std::int64_t fewer = 0;
    for (const ChoiceQuestion& question : m_result.questions) {
        fewer += static_cast<std::int64_t>(prompter.examplesOf(question).size()) < m_options.shots ? 1 : 0;
    }
    if (fewer > 0) {
        m_result.findings.push_back(
            {Severity::Warning, "choice-few-examples", path.string(),
             Text(BITLATHE_TEXT("%1 of %2 questions are asked with fewer than %3 examples, for there are no more of "
                                "their subjects"),
                  fewer, m_result.questions.size(), m_options.shots),
             Text(BITLATHE_TEXT("Ask for fewer examples or name a file that has them"))});
    }
    return {};
}

Result<ChoiceRun> ChoiceRun::create(const ChoiceOptions& options)
{
    BITLATHE_CHECK(checkChoiceOptions(options));
    BITLATHE_TRY(ChoiceSet set, openChoiceSet(options.data));
    if (options.limit > 0 && set.questions.size() > static_cast<std::size_t>(options.limit)) {
        set.questions.resize(static_cast<std::size_t>(options.limit));
    }
    ChoiceRun run(options);
    run.m_result.questions = std::move(set.questions);
    run.m_result.findings = std::move(set.findings);
    ChoiceProtocol& protocol = run.m_result.protocol;
    protocol.data = options.data.string();
    protocol.dataHash = set.hash;
    protocol.questions = static_cast<std::int64_t>(run.m_result.questions.size());
    protocol.shots = std::max<std::int64_t>(options.shots, 0);
    protocol.chat = options.chat;
    protocol.compute = model::computeName(options.compute);
    BITLATHE_CHECK(run.prepareExamples());
    return run;
}

bool ChoiceRun::uses(ChoiceForm form) const
{
    return std::ranges::any_of(m_options.rules,
                               [form](ChoiceRule rule) { return isByLetter(rule) == (form == ChoiceForm::Letters); });
}

/// False where the question is longer than the model allows.
Result<bool> ChoiceRun::askOne(Asked& asked, std::size_t index, ChoiceForm form, const WorkContext& work)
{
    const ChoiceQuestion& question = m_result.questions[index];
    BITLATHE_TRY(const ChoicePrompt prompt, asked.prompter.prompt(question, form));
    const Continuations continuations =
        continuationsOf(*asked.taker.opened->tokenizer, prompt.context, prompt.continuations, !m_options.chat);
    const std::int64_t limit = asked.taker.model->spec().maxPositions;
    if (limit > 0 && continuations.longest() > limit) {
        return false;
    }
    auto values = (form == ChoiceForm::Letters ? asked.letters : asked.texts).logLikelihoods(continuations, work);
    if (!values) {
        if (values.error().code == ErrorCode::WeightsNotFinite) {
            values.error().subject = asked.taker.opened->folder().string() + ", " + question.place;
        }
        return Failure(std::move(values).error());
    }
    for (ChoiceScore& score : m_scores) {
        if (isByLetter(score.rule) != (form == ChoiceForm::Letters)) {
            continue;
        }
        ChoiceAnswer& answer = score.answers[index];
        answer.values = *values;
        for (std::size_t i = 0; score.rule == ChoiceRule::TextPerByte && i < answer.values.size(); ++i) {
            answer.values[i] /= static_cast<double>(prompt.continuations[i].size());
        }
        answer.chosen = highest(answer.values);
        answer.correct = answer.chosen == question.answer;
    }
    return true;
}

Result<void> ChoiceRun::askAll(Asked& asked, const WorkContext& work)
{
    constexpr std::int64_t kNamed = 5;
    for (std::size_t i = 0; i < m_result.questions.size(); ++i) {
        bool fits = true;
        for (const ChoiceForm form : {ChoiceForm::Letters, ChoiceForm::Texts}) {
            if (work.stopRequested()) {
                return cancelled();
            }
            if (fits && uses(form)) {
                BITLATHE_TRY(fits, askOne(asked, i, form, work));
            }
        }
        if (!fits) {
            // Its rules are compared over the same questions.
            std::ranges::for_each(m_scores, [i](ChoiceScore& score) { score.answers[i] = {}; });
            if (asked.tooLong < kNamed) {
                asked.tooLongPlaces += (asked.tooLong == 0 ? "" : ", ") + m_result.questions[i].place;
            }
            ++asked.tooLong;
        }
        work.progress.set(static_cast<double>(i + 1) / static_cast<double>(m_result.questions.size()));
    }
    return {};
}

Result<void> ChoiceRun::ask(const ChoiceTaker& taker, const WorkContext& work)
{
    std::optional<text::ChatTemplate> chat;
    if (m_options.chat) {
        BITLATHE_TRY(chat, text::openChatTemplate(taker.opened->folder()));
    }
    Asked asked{taker, ChoicePrompter({m_examples, m_options.shots, chat ? &*chat : nullptr}),
                ContinuationScorer(*taker.model, taker.kv), ContinuationScorer(*taker.model, taker.kv)};
    m_scores.clear();
    for (const ChoiceRule rule : m_options.rules) {
        m_scores.emplace_back().rule = rule;
        m_scores.back().answers.resize(m_result.questions.size());
    }
    const auto start = std::chrono::steady_clock::now();
    BITLATHE_CHECK(askAll(asked, work));
    ChoiceModel row;
    row.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    row.path = taker.opened->folder();
    row.name = taker.name;
    const ChoiceModel* base = m_result.models.empty() ? nullptr : &m_result.models.front();
    for (std::size_t i = 0; i < m_scores.size(); ++i) {
        const ChoiceScore* baseScore = base != nullptr ? &base->scores[i] : nullptr;
        row.scores.push_back(summarized(std::move(m_scores[i]), m_result.questions, baseScore));
    }
    const std::int64_t limit = taker.model->spec().maxPositions;
    if (row.scores.front().all.questions == 0) {
        return fail(
            ErrorCode::TextInvalid, row.path.string(), Text(BITLATHE_TEXT("questions of at most %1 tokens"), limit),
            Text(BITLATHE_TEXT("none in %1"), m_options.data.string()), Text(BITLATHE_TEXT("Ask with fewer examples")));
    }
    if (asked.tooLong > 0) {
        m_result.findings.push_back(
            {Severity::Warning, "choice-too-long", row.path.string(),
             Text(BITLATHE_TEXT("%1 questions were not asked, which are longer than the %2 tokens of the model: %3"),
                  asked.tooLong, limit, asked.tooLongPlaces),
             Text(BITLATHE_TEXT("Ask with fewer examples"))});
    }
    m_result.models.push_back(std::move(row));
    return {};
}

} // namespace bitlathe::evaluate
