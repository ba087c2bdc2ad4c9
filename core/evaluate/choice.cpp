// SPDX-License-Identifier: Apache-2.0
// Choice questions asked of models, one model after the other.
#include "core/evaluate/choice.h"

#include "core/evaluate/choiceprompts.h"
#include "core/evaluate/choicescores.h"
#include "core/format/kvgrids.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

namespace bitlathe::evaluate
{

namespace
{

constexpr double kChoiceLoadShare = 0.1; ///< Of a model's part of the progress.

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
    score.interval = wilsonInterval(score.all.correct, score.all.questions);
    if (base != nullptr) {
        difference.p = mcNemar(difference.onlyBase, difference.onlyModel);
        const auto count = static_cast<double>(std::max<std::int64_t>(difference.questions, 1));
        difference.accuracy = static_cast<double>(difference.onlyModel - difference.onlyBase) / count;
        score.difference = difference;
    }
    return score;
}

/// One round of questions as it goes.
class ChoiceRun
{
public:
    ChoiceRun(const ChoiceOptions& options, const WorkContext& work) : m_options(options), m_work(work) {}

    Result<void> prepare();
    Result<void> ask(const std::filesystem::path& folder, const WorkContext& work);
    const ChoiceResult& result() const { return m_result; }

private:
    struct Asked; ///< One model, ready to be asked.

    Result<void> prepareExamples();
    Result<void> askAll(Asked& asked, const WorkContext& work);
    Result<bool> askOne(const Asked& asked, std::size_t question, ChoiceForm form);
    bool uses(ChoiceForm form) const;
    void noteTooLong(const Asked& asked);

    const ChoiceOptions& m_options;
    const WorkContext& m_work;
    std::vector<ChoiceQuestion> m_examples;
    ChoiceResult m_result;
    std::vector<ChoiceScore> m_scores; ///< Of the model being asked.
};

struct ChoiceRun::Asked
{
    std::string name;
    std::shared_ptr<const format::OpenedModel> opened;
    std::shared_ptr<const model::Model> model;
    model::KvStoreMaker kv;
    ChoicePrompter prompter;
    bool chat = false;
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

Result<void> ChoiceRun::prepare()
{
    if (m_options.rules.empty()) {
        return fail(ErrorCode::SettingInvalid, "rules", Text(BITLATHE_TEXT("at least one rule")),
                    Text(BITLATHE_TEXT("none")));
    }
    BITLATHE_TRY(ChoiceSet set, openChoiceSet(m_options.data));
    if (m_options.limit > 0 && set.questions.size() > static_cast<std::size_t>(m_options.limit)) {
        set.questions.resize(static_cast<std::size_t>(m_options.limit));
    }
    m_result.questions = std::move(set.questions);
    m_result.findings = std::move(set.findings);
    ChoiceProtocol& protocol = m_result.protocol;
    protocol.data = m_options.data.string();
    protocol.dataHash = set.hash;
    protocol.questions = static_cast<std::int64_t>(m_result.questions.size());
    protocol.shots = std::max<std::int64_t>(m_options.shots, 0);
    protocol.chat = m_options.chat;
    protocol.compute = model::computeName(m_options.compute);
    return prepareExamples();
}

bool ChoiceRun::uses(ChoiceForm form) const
{
    return std::ranges::any_of(m_options.rules,
                               [form](ChoiceRule rule) { return isByLetter(rule) == (form == ChoiceForm::Letters); });
}

/// False where the question is longer than the model allows.
Result<bool> ChoiceRun::askOne(const Asked& asked, std::size_t index, ChoiceForm form)
{
    const ChoiceQuestion& question = m_result.questions[index];
    BITLATHE_TRY(const ChoicePrompt prompt, asked.prompter.prompt(question, form));
    const Continuations continuations =
        continuationsOf(*asked.opened->tokenizer, prompt.context, prompt.continuations, !asked.chat);
    const std::int64_t limit = asked.model->spec().maxPositions;
    if (limit > 0 && continuations.longest() > limit) {
        return false;
    }
    auto values = logLikelihoods(*asked.model, continuations, asked.kv, m_work);
    if (!values) {
        if (values.error().code == ErrorCode::WeightsNotFinite) {
            values.error().subject = asked.opened->folder().string() + ", " + question.place;
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
                BITLATHE_TRY(fits, askOne(asked, i, form));
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

void ChoiceRun::noteTooLong(const Asked& asked)
{
    if (asked.tooLong == 0) {
        return;
    }
    m_result.findings.push_back(
        {Severity::Warning, "choice-too-long", asked.opened->folder().string(),
         Text(BITLATHE_TEXT("%1 questions were not asked, which are longer than the %2 tokens of the model: %3"),
              asked.tooLong, asked.model->spec().maxPositions, asked.tooLongPlaces),
         Text(BITLATHE_TEXT("Ask with fewer examples"))});
}

Result<void> ChoiceRun::ask(const std::filesystem::path& folder, const WorkContext& work)
{
    BITLATHE_TRY(const auto opened, format::openModel(folder));
    if (!opened->tokenizer) {
        return Failure(*opened->tokenizerError);
    }
    std::optional<text::ChatTemplate> chat;
    if (m_options.chat) {
        BITLATHE_TRY(chat, text::openChatTemplate(folder));
    }
    BITLATHE_TRY(const quant::KvCache kv, format::ownKvCache(*opened));
    const std::string name = kv.scheme.isQuantized() ? opened->name() + " + " + kv.scheme.label() : opened->name();
    const WorkContext loading = work.child(0, kChoiceLoadShare, Text(BITLATHE_TEXT("Loading %1"), opened->name()));
    BITLATHE_TRY(const auto model, format::runnable(*opened, {m_options.compute, model::Residency::Resident}, loading));
    Asked asked{name,
                opened,
                model,
                kv.maker(),
                ChoicePrompter({m_examples, m_options.shots, chat ? &*chat : nullptr}),
                m_options.chat};
    m_scores.clear();
    for (const ChoiceRule rule : m_options.rules) {
        ChoiceScore score;
        score.rule = rule;
        score.answers.resize(m_result.questions.size());
        m_scores.push_back(std::move(score));
    }
    const auto start = std::chrono::steady_clock::now();
    BITLATHE_CHECK(askAll(asked, work.child(kChoiceLoadShare, 1, Text(BITLATHE_TEXT("Asking %1"), opened->name()))));
    ChoiceModel row;
    row.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    row.path = folder;
    row.name = name;
    const ChoiceModel* base = m_result.models.empty() ? nullptr : &m_result.models.front();
    for (std::size_t i = 0; i < m_scores.size(); ++i) {
        const ChoiceScore* baseScore = base != nullptr ? &base->scores[i] : nullptr;
        row.scores.push_back(summarized(std::move(m_scores[i]), m_result.questions, baseScore));
    }
    if (row.scores.front().all.questions == 0) {
        return fail(ErrorCode::TextInvalid, folder.string(),
                    Text(BITLATHE_TEXT("questions of at most %1 tokens"), asked.model->spec().maxPositions),
                    Text(BITLATHE_TEXT("none in %1"), m_options.data.string()),
                    Text(BITLATHE_TEXT("Ask with fewer examples")));
    }
    noteTooLong(asked);
    m_result.models.push_back(std::move(row));
    return {};
}

} // namespace

Result<ChoiceResult> askChoices(const std::vector<std::filesystem::path>& folders, const ChoiceOptions& options,
                                const WorkContext& work, const std::function<void(const ChoiceResult&)>& onModel)
{
    if (folders.empty()) {
        return fail(ErrorCode::SettingInvalid, "models", Text(BITLATHE_TEXT("at least one model folder")),
                    Text(BITLATHE_TEXT("none")));
    }
    ChoiceRun run(options, work);
    BITLATHE_CHECK(run.prepare());
    const double share = 1.0 / static_cast<double>(folders.size());
    for (std::size_t i = 0; i < folders.size(); ++i) {
        const double from = static_cast<double>(i) * share;
        BITLATHE_CHECK(run.ask(folders[i], work.child(from, from + share)));
        if (onModel) {
            onModel(run.result());
        }
    }
    work.progress.set(1);
    return run.result();
}

} // namespace bitlathe::evaluate
