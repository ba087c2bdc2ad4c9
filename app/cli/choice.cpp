// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli choice: accuracy of models on multiple-choice questions.
#include "core/evaluate/choice.h"
#include "app/cli/choiceoptions.h"
#include "app/cli/kvoptions.h"
#include "app/cli/table.h"
#include "core/report/documents.h"
#include "core/report/numbers.h"

namespace bitlathe::cli
{

namespace
{

struct AskOptions
{
    std::vector<std::string> models;
    QuestionOptions questions;
    KvOptions kv;
    ComputeOptions compute;
};

std::string accuracyText(const evaluate::ChoiceCount& count)
{
    return report::percentText(count.accuracy());
}

/// "-1.2 points, 5 : 9"
std::string againstBaseText(const std::optional<evaluate::ChoiceDifference>& difference)
{
    return difference ? fmt::format("{:+.1f} points, {} : {}", 100 * difference->accuracy, difference->onlyModel,
                                    difference->onlyBase)
                      : std::string();
}

std::string accuracyTable(const evaluate::ChoiceResult& result)
{
    Table table({{"Model"},
                 {"By"},
                 {"Questions", true},
                 {"Right", true},
                 {"95 % interval", true},
                 {"Against the base, right alone", true},
                 {"p", true},
                 {"Time", true}});
    for (const evaluate::ChoiceModel& model : result.models) {
        for (const evaluate::ChoiceScore& score : model.scores) {
            table.add({model.name, choiceRuleTitle(score.rule).english(), report::countText(score.all.questions),
                       accuracyText(score.all), report::percentRangeText(score.interval.low, score.interval.high),
                       againstBaseText(score.difference),
                       score.difference ? report::numberText(score.difference->p, 2) : std::string(),
                       report::durationText(model.seconds)});
        }
    }
    return table.text();
}

/// A row for each subject, a column for each model; the same subjects for all, but for questions that were too long.
std::string subjectTable(const evaluate::ChoiceResult& result, std::size_t rule)
{
    std::vector<Column> columns{{"By subject, " + choiceRuleTitle(result.models.front().scores[rule].rule).english()},
                                {"Questions", true}};
    for (const evaluate::ChoiceModel& model : result.models) {
        columns.push_back({model.name, true});
    }
    Table table(std::move(columns));
    for (const evaluate::ChoiceCount& subject : result.models.front().scores[rule].subjects) {
        std::vector<std::string> cells{subject.subject, report::countText(subject.questions)};
        for (const evaluate::ChoiceModel& model : result.models) {
            const auto& subjects = model.scores[rule].subjects;
            const auto own = std::ranges::find(subjects, subject.subject, &evaluate::ChoiceCount::subject);
            cells.push_back(own == subjects.end() ? std::string() : accuracyText(*own));
        }
        table.add(std::move(cells));
    }
    return table.text();
}

std::string choiceText(const evaluate::ChoiceResult& result)
{
    std::string text = accuracyTable(result);
    const auto& scores = result.models.front().scores;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        text += scores[i].subjects.empty() ? std::string() : '\n' + subjectTable(result, i);
    }
    text += '\n' + result.protocol.sentence().english() + '\n';
    for (std::size_t model = 1; model < result.models.size(); ++model) {
        for (std::size_t score = 0; score < scores.size(); ++score) {
            text += (scores.size() > 1 ? choiceRuleTitle(scores[score].rule).english() + ": " : std::string()) +
                    result.models[model]
                        .scores[score]
                        .verdict(result.models[model].name, result.models.front().name)
                        .english() +
                    '\n';
        }
    }
    return text;
}

Result<void> askModels(Session& session, const AskOptions& options)
{
    BITLATHE_TRY(evaluate::ChoiceOptions choice, settledChoice(options.questions));
    BITLATHE_TRY(choice.compute, settledCompute(options.compute));
    evaluate::ChoiceKv kv;
    kv.source = options.kv.source;
    if (!options.kv.kv.empty()) {
        BITLATHE_TRY(kv.scheme, quant::findKvScheme(options.kv.kv));
    }
    const std::vector<std::filesystem::path> folders(options.models.begin(), options.models.end());
    BITLATHE_TRY(const evaluate::ChoiceResult result, evaluate::askChoices(folders, choice, kv, session.work()));
    session.console.progressDone();
    session.console.print(choiceText(result));
    noteFindings(session.console, result.findings);
    session.console.document(report::choiceDocument(result));
    return {};
}

} // namespace

void addChoiceCommand(CLI::App& app, Session& session)
{
    auto* command =
        addCommand(app, session, "choice", "Accuracy of models on multiple-choice questions; the first is the base");
    auto options = std::make_shared<AskOptions>();
    command->add_option("MODEL", options->models, "Model folders, the base first")->required();
    auto* questions =
        command
            ->add_option("--data", options->questions.choice.data,
                         "Questions: .jsonl, .json, .csv, .arrow or a folder of them, shaped as MMLU, C-Eval or ARC")
            ->required();
    addQuestionOptions(*command, options->questions, "--", questions);
    addKvOptions(*command, options->kv, false);
    addComputeOptions(*command, options->compute, "f32");
    command->callback(
        [&session, options] { session.action = [&session, options] { return askModels(session, *options); }; });
}

} // namespace bitlathe::cli
