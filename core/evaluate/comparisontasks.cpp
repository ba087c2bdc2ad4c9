// SPDX-License-Identifier: Apache-2.0
// ComparisonRun: what follows the windows, for each row's model: choice questions and texts that go on from prompts.
#include "core/evaluate/comparisonrun.h"

#include <algorithm>

namespace bitlathe::evaluate
{

namespace
{

/// Share of a row's part of the progress that loading takes.
constexpr double kTaskLoadShare = 0.2;

} // namespace

/// Something that every row's model does, and what is said of it.
struct ComparisonRun::Task
{
    std::string_view code; ///< Of the finding where a row fails.
    std::function<Text(const std::string& name)> title;
    std::function<Text(const std::string& name, const std::string& why)> failed;
    std::function<Result<void>(const ChoiceTaker& taker, const WorkContext& work)> run;
    std::function<void(ComparedModel& row)> take; ///< What run() added.
};

Result<void> ComparisonRun::prepareTasks()
{
    if (m_options.choice) {
        ChoiceOptions questions = *m_options.choice;
        questions.compute = m_options.compute;
        questions.rules.resize(std::min<std::size_t>(questions.rules.size(), 1));
        BITLATHE_TRY(m_choice, ChoiceRun::create(questions));
        m_comparison.choiceProtocol = m_choice->result().protocol;
    }
    if (m_options.generation) {
        GenerationCheckOptions prompts = *m_options.generation;
        prompts.compute = m_options.compute;
        BITLATHE_TRY(m_generation, GenerationRun::create(prompts));
        m_comparison.generationProtocol = m_generation->result().protocol;
    }
    return {};
}

Result<void> ComparisonRun::runTasks(const WorkContext& work)
{
    const double half = m_choice && m_generation ? 0.5 : m_choice ? 1 : 0;
    if (m_choice) {
        BITLATHE_CHECK(askChoices(work.child(0, half)));
        tell();
    }
    if (m_generation) {
        BITLATHE_CHECK(writeTexts(work.child(half, 1)));
        tell();
    }
    return {};
}

/// Asks every row the questions.
Result<void> ComparisonRun::askChoices(const WorkContext& work)
{
    const Task task{
        .code = "choice-not-asked",
        .title = [](const std::string& name) { return Text(BITLATHE_TEXT("Asking %1"), name); },
        .failed =
            [](const std::string& name, const std::string& why) {
                return Text(BITLATHE_TEXT("%1 has no answers to the questions: %2"), name, why);
            },
        .run = [this](const ChoiceTaker& taker, const WorkContext& part) { return m_choice->ask(taker, part); },
        .take = [this](ComparedModel& row) { row.choice = m_choice->result().models.back().scores.front(); },
    };
    BITLATHE_TRY(const bool hasBase, doForRows(task, work));
    if (!hasBase) {
        m_comparison.choiceProtocol.reset();
    }
    std::ranges::copy(m_choice->result().findings, std::back_inserter(m_comparison.findings));
    return {};
}

/// Lets every row go on from the prompts.
Result<void> ComparisonRun::writeTexts(const WorkContext& work)
{
    const Task task{
        .code = "generation-not-written",
        .title = [](const std::string& name) { return Text(BITLATHE_TEXT("Letting %1 write"), name); },
        .failed = [](const std::string& name,
                     const std::string& why) { return Text(BITLATHE_TEXT("%1 has written nothing: %2"), name, why); },
        .run = [this](const ChoiceTaker& taker, const WorkContext& part) { return m_generation->write(taker, part); },
        .take = [this](ComparedModel& row) { row.generation = m_generation->result().models.back().facts; },
    };
    BITLATHE_TRY(const bool hasBase, doForRows(task, work));
    if (!hasBase) {
        m_comparison.generationProtocol.reset();
    }
    std::ranges::copy(m_generation->result().findings, std::back_inserter(m_comparison.findings));
    return {};
}

/// What the windows gave stays, whatever comes of a task. False where the base fails, for then there is nothing to
/// compare with.
Result<bool> ComparisonRun::doForRows(const Task& task, const WorkContext& work)
{
    const double share = 1.0 / static_cast<double>(m_rows.size());
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        ComparedModel& row = m_comparison.models[i];
        const double from = static_cast<double>(i) * share;
        const auto done = doForRow(task, i, work.child(from, from + share, task.title(row.name)));
        if (done) {
            task.take(row);
            continue;
        }
        if (done.error().code == ErrorCode::Cancelled) {
            return Failure(done.error());
        }
        m_comparison.findings.push_back({Severity::Warning,
                                         std::string(task.code),
                                         row.path.string(),
                                         task.failed(row.name, done.error().sentence()),
                                         {}});
        if (i == 0) {
            return false;
        }
    }
    return true;
}

Result<void> ComparisonRun::doForRow(const Task& task, std::size_t index, const WorkContext& work)
{
    const ComparisonRow& row = m_rows[index];
    const ComparedModel& shown = m_comparison.models[index];
    std::shared_ptr<const model::Model> model = row.model;
    if (!row.isResident) {
        const auto residency =
            shown.memory.bytesDisk > m_bytesMemory ? model::Residency::Streamed : model::Residency::Resident;
        BITLATHE_TRY(model, format::runnable(*row.opened, {m_options.compute, residency, m_options.device.backend},
                                             work.child(0, kTaskLoadShare)));
    }
    return task.run({shown.name, row.opened, model, row.kv.maker()},
                    work.child(row.isResident ? 0 : kTaskLoadShare, 1));
}

} // namespace bitlathe::evaluate
