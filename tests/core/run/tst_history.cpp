// SPDX-License-Identifier: Apache-2.0
// History: entries, results, interrupted runs, two processes at once, damaged and newer databases.
#include "core/run/history.h"

#include "core/base/file.h"
#include "core/run/resultjson.h"
#include "support/tempfolder.h"

#include <QCoreApplication>
#include <QProcess>
#include <QTest>

#include <SQLiteCpp/SQLiteCpp.h>

#include <fstream>

namespace bitlathe::run
{

namespace
{

namespace fs = std::filesystem;

constexpr int kEntriesPerProcess = 40;

plan::Recipe someRecipe()
{
    plan::Recipe recipe;
    recipe.model = "/models/m";
    recipe.exportTo.out = "/out";
    return recipe;
}

RunResult someResult()
{
    RunResult result;
    result.recipe = someRecipe();
    result.out = "/out";
    result.format = "compressed-tensors";
    result.program = "0.1.0";
    result.bitsPerWeight = 4.125;
    result.bytes = 12345678901ULL;
    result.seconds = 1.5;
    result.bytesPeakRss = 99;
    result.modelFingerprint = "abc";
    result.statistics = "/cache/s";
    result.calibrationHash = "hash";
    result.calibrationTokens = 7;
    LayerRecord layer;
    layer.layer = LayerId(3);
    layer.name = "model.layers.0.mlp.up_proj";
    layer.scheme = quant::Scheme{};
    layer.quality = {0.25, 0.0625, 0.125, 0.5, true};
    layer.seconds = 0.75;
    LayerRecord kept;
    kept.name = "kept";
    result.layers = {layer, kept};
    result.findings = {{Severity::Warning, "code", "subject", Text("%1 of %2", 1, "two"), Text("Do it")}};
    evaluate::Comparison comparison;
    comparison.protocol.data = "d";
    comparison.protocol.kind = evaluate::ProtocolKind::Strided;
    comparison.protocol.stride = 64;
    comparison.models.resize(2);
    comparison.models[1].perplexity.perplexity = 9.5;
    comparison.models[1].perplexity.windowMeans = {1.25, 2.5};
    comparison.models[1].kl = evaluate::KlFacts{0.5, 0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9};
    comparison.models[1].tokens = evaluate::TokenFacts{{{2, 7, "it\n", " is", "\x01", "was", 0.5, 0.25, 1.5}},
                                                       {1, 2, {0.5}, {0.75}, {0.125}, {2}},
                                                       {{-1, 1}, {0, 2, 0}}};
    comparison.models[1].delta = 0.125;
    comparison.choiceProtocol = evaluate::ChoiceProtocol{"q.csv", "h", 200, 2, "q_dev.csv", true, "bf16"};
    comparison.models[0].choice = evaluate::choiceFacts(evaluate::ChoiceRule::Text, {"", 200, 150}, {});
    comparison.models[1].choice =
        evaluate::choiceFacts(evaluate::ChoiceRule::Text, {"", 200, 130}, evaluate::ChoiceDifference{200, 25, 5});
    comparison.generationProtocol = evaluate::GenerationProtocol{"p.txt", "h", 2, 16, true, 0.5, 7, "bf16"};
    comparison.models[0].generation = evaluate::GenerationFacts{2, 12.5, 1, 0.25, 1, {}};
    comparison.models[1].generation = evaluate::GenerationFacts{
        2, 16, 0, 0.5, 2, evaluate::GenerationAgreement{2, 1, 9, 8.5, 6, 0.125, {{"The", " ümlaut", " üben", 1, 3}}}};
    result.comparison = comparison;
    return result;
}

/// What a child process of this test does: writes entries as fast as it can.
int writeEntries(const char* file)
{
    History history{fs::path(file)};
    for (int i = 0; i < kEntriesPerProcess; ++i) {
        const auto id = history.begin(someRecipe());
        if (!id || !history.end(*id, RunState::Done, nullptr, "") || !history.touchModel("/m")) {
            return 1;
        }
    }
    return 0;
}

/// Another child: begins a run and ends without a word.
int leaveRunning(const char* file)
{
    return History{fs::path(file)}.begin(someRecipe()) ? 0 : 1;
}

int runChild(const QString& what, const fs::path& file)
{
    QProcess child;
    child.start(QCoreApplication::applicationFilePath(), {what, QString::fromStdString(file.string())});
    child.waitForFinished(60'000);
    return child.exitCode();
}

} // namespace

class TestHistory : public QObject
{
    Q_OBJECT

private slots:
    void keepsRuns()
    {
        const tests::TempFolder folder;
        History history(folder / "deep/er/h.sqlite");
        const auto first = history.begin(someRecipe());
        BITLATHE_VERIFY_OK(first);
        const auto second = history.begin(someRecipe());
        BITLATHE_VERIFY_OK(second);
        QVERIFY(*first < *second);
        const RunResult result = someResult();
        BITLATHE_VERIFY_OK(history.end(*second, RunState::DoneWithFindings, &result, ""));
        BITLATHE_VERIFY_OK(history.setNote(*second, "a 'note'"));
        const auto entries = history.entries();
        BITLATHE_VERIFY_OK(entries);
        QCOMPARE(entries->size(), std::size_t{2});
        const HistoryEntry& newest = entries->front();
        QVERIFY(newest.id == *second);
        QCOMPARE(newest.state, RunState::DoneWithFindings);
        QCOMPARE(newest.model, std::string("/models/m"));
        QCOMPARE(newest.seconds, 1.5);
        QCOMPARE(newest.bitsPerWeight, 4.125);
        QCOMPARE(newest.perplexity, 9.5);
        QCOMPARE(newest.klMean, 0.5);
        QCOMPARE(newest.findings, 1);
        QCOMPARE(newest.note, std::string("a 'note'"));
        QCOMPARE(entries->back().state, RunState::Running);
        QCOMPARE(history.entries(1)->size(), std::size_t{1});
        const auto age = std::chrono::system_clock::now() - newest.started;
        QVERIFY(age >= std::chrono::seconds(-1) && age < std::chrono::minutes(1));
    }

    void resultsComeBackWhole()
    {
        const tests::TempFolder folder;
        History history(folder / "h.sqlite");
        const auto id = history.begin(someRecipe());
        BITLATHE_VERIFY_OK(id);
        QVERIFY(!history.result(*id)); // Not finished yet.
        const RunResult result = someResult();
        BITLATHE_VERIFY_OK(history.end(*id, RunState::Done, &result, ""));
        const auto read = history.result(*id);
        BITLATHE_VERIFY_OK(read);
        QVERIFY(read->recipe == result.recipe);
        QCOMPARE(read->bytes, result.bytes);
        QCOMPARE(read->layers.size(), std::size_t{2});
        QVERIFY(read->layers[0].scheme == result.layers[0].scheme);
        QCOMPARE(read->layers[0].quality.relativeError, 0.0625);
        QVERIFY(read->layers[0].quality.fromStatistics);
        QVERIFY(!read->layers[1].scheme);
        QVERIFY(read->findings == result.findings);
        QCOMPARE(read->calibrationHash, std::string("hash"));
        QCOMPARE(read->comparison->models[1].perplexity.windowMeans, (std::vector<double>{1.25, 2.5}));
        QCOMPARE(read->comparison->models[1].kl->p999, 0.6);
        QVERIFY(read->comparison->models[1].tokens == result.comparison->models[1].tokens);
        QVERIFY(read->comparison->choiceProtocol == result.comparison->choiceProtocol);
        QVERIFY(!read->comparison->models[0].choice->difference);
        const evaluate::ChoiceFacts& choice = *read->comparison->models[1].choice;
        QVERIFY(choice.rule == evaluate::ChoiceRule::Text);
        QCOMPARE(choice.all.correct, std::int64_t{130});
        QCOMPARE(choice.interval.low, result.comparison->models[1].choice->interval.low);
        QCOMPARE(choice.difference->onlyBase, std::int64_t{25});
        QCOMPARE(choice.difference->accuracy, -0.1);
        QCOMPARE(choice.difference->p, result.comparison->models[1].choice->difference->p);
        QVERIFY(!read->comparison->models[0].kl && !read->comparison->models[0].tokens);
        QVERIFY(read->comparison->generationProtocol == result.comparison->generationProtocol);
        QVERIFY(!read->comparison->models[0].generation->agreement);
        QVERIFY(read->comparison->models[1].generation == result.comparison->models[1].generation);
        const auto yaml = history.recipeYaml(*id);
        BITLATHE_VERIFY_OK(yaml);
        QCOMPARE(*yaml, plan::recipeToYaml(result.recipe));
        Json damaged = toJson(result);
        damaged["comparison"]["models"][1]["generation"]["against_base"]["examples"][0]["agreed_bytes"] = 7;
        const auto refused = resultFromJson(damaged, "record");
        QVERIFY(!refused);
        QVERIFY(refused.error().sentence().find("agreed_bytes") != std::string::npos);
    }

    void removedAndUnknownRunsAreErrors()
    {
        const tests::TempFolder folder;
        History history(folder / "h.sqlite");
        const auto id = history.begin(someRecipe());
        BITLATHE_VERIFY_OK(history.remove({*id}));
        const RunId unknown(77);
        for (const auto& result :
             {history.remove({*id}), history.restore({unknown}), history.setNote(unknown, "x"),
              history.setTags(unknown, "x"), history.end(unknown, RunState::Done, nullptr, ""),
              history.acknowledge(unknown)}) {
            QVERIFY(!result);
            QCOMPARE(result.error().code, ErrorCode::RunInvalid);
        }
        QCOMPARE(history.recipeYaml(RunId(77)).error().code, ErrorCode::RunInvalid);
    }

    void removedRunsComeBack()
    {
        const tests::TempFolder folder;
        History history(folder / "h.sqlite");
        std::vector<RunId> ids;
        for (int i = 0; i < 3; ++i) {
            ids.push_back(*history.begin(someRecipe()));
            BITLATHE_VERIFY_OK(history.end(ids.back(), RunState::Done, nullptr, ""));
        }
        BITLATHE_VERIFY_OK(history.setTags(ids[1], "small, keep"));
        QVERIFY(history.remove({ids[0], ids[1]}).has_value());
        QCOMPARE(history.entries()->size(), std::size_t{1});
        QVERIFY(!history.remove({ids[2], ids[1]})); // All or none.
        QCOMPARE(history.entries()->size(), std::size_t{1});
        const auto later = history.begin(someRecipe()); // Which forgets what was removed long ago, not these.
        BITLATHE_VERIFY_OK(later);
        QVERIFY(history.restore({ids[0], ids[1]}).has_value());
        const auto entries = history.entries();
        QCOMPARE(entries->size(), std::size_t{4});
        QCOMPARE(entries->at(2).tags, std::string("small, keep"));
        QVERIFY(history.remove({ids[0]}).has_value());
        {
            SQLite::Database database((folder / "h.sqlite").string(), SQLite::OPEN_READWRITE);
            database.exec("UPDATE runs SET removed_ms = 1 WHERE removed_ms > 0"); // In 1970.
        }
        QVERIFY(history.begin(someRecipe()).has_value());
        QVERIFY(!history.restore({ids[0]}));
    }

    void earlierHistoriesAreTakenOver()
    {
        const tests::TempFolder folder;
        {
            SQLite::Database database((folder / "h.sqlite").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
            database.exec("CREATE TABLE runs (id INTEGER PRIMARY KEY AUTOINCREMENT, state INTEGER NOT NULL, "
                          "started_ms INTEGER NOT NULL, seconds REAL NOT NULL DEFAULT 0, model TEXT NOT NULL, "
                          "method TEXT NOT NULL, scheme TEXT NOT NULL, out TEXT NOT NULL, bits REAL NOT NULL DEFAULT 0, "
                          "perplexity REAL NOT NULL DEFAULT 0, kl REAL NOT NULL DEFAULT 0, findings INTEGER NOT NULL "
                          "DEFAULT 0, error TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '', recipe TEXT NOT NULL, "
                          "result TEXT NOT NULL DEFAULT '', process INTEGER NOT NULL, process_start TEXT NOT NULL)");
            database.exec("CREATE TABLE models (folder TEXT PRIMARY KEY, opened INTEGER NOT NULL)");
            database.exec("INSERT INTO runs (state, started_ms, model, method, scheme, out, note, recipe, process, "
                          "process_start) VALUES (1, 5, '/m', 'rtn', 's', '/o', 'mine', 'r', 1, '')");
            database.exec("PRAGMA user_version = 1");
        }
        const auto entries = History(folder / "h.sqlite").entries();
        BITLATHE_VERIFY_OK(entries);
        QCOMPARE(entries->size(), std::size_t{1});
        QCOMPARE(entries->front().note, std::string("mine"));
        QCOMPARE(entries->front().tags, std::string());
    }

    void runsOfEndedProcessesAreInterrupted()
    {
        const tests::TempFolder folder;
        const fs::path file = folder / "h.sqlite";
        QCOMPARE(runChild("--leave", file), 0);
        History history(file);
        const auto entries = history.entries();
        BITLATHE_VERIFY_OK(entries);
        QCOMPARE(entries->front().state, RunState::Failed);
        QCOMPARE(entries->front().error, std::string("interrupted"));
        QVERIFY(entries->front().interrupted);
        BITLATHE_VERIFY_OK(history.acknowledge(entries->front().id));
        QVERIFY(!history.acknowledge(entries->front().id)); // It is no longer.
        const auto known = history.entries();
        QVERIFY(!known->front().interrupted);
        QCOMPARE(known->front().state, RunState::Failed);
        QCOMPARE(known->front().error, std::string("interrupted"));
        const auto again = history.beginAgain(entries->front().id, someRecipe());
        BITLATHE_VERIFY_OK(again);
        QVERIFY(*again == entries->front().id);
        QCOMPARE(history.entries()->front().state, RunState::Running);
        plan::Recipe other = someRecipe();
        other.seed = 9;
        QVERIFY(*history.beginAgain(entries->front().id, other) != entries->front().id);
    }

    void twoProcessesWriteAtOnce()
    {
        const tests::TempFolder folder;
        const fs::path file = folder / "h.sqlite"; // Not made yet: both also want to make the tables.
        const QStringList arguments = {"--write", QString::fromStdString(file.string())};
        QProcess a;
        QProcess b;
        a.start(QCoreApplication::applicationFilePath(), arguments);
        b.start(QCoreApplication::applicationFilePath(), arguments);
        QVERIFY(a.waitForFinished(60'000) && b.waitForFinished(60'000));
        QCOMPARE(a.exitCode(), 0);
        QCOMPARE(b.exitCode(), 0);
        const auto entries = History(file).entries();
        BITLATHE_VERIFY_OK(entries);
        QCOMPARE(entries->size(), std::size_t{2 * kEntriesPerProcess});
        QVERIFY(std::all_of(entries->begin(), entries->end(),
                            [](const HistoryEntry& each) { return each.state == RunState::Done; }));
    }

    void recentModelsAreNewestFirst()
    {
        const tests::TempFolder folder;
        History history(folder / "h.sqlite");
        for (const char* model : {"/a", "/b", "/c", "/a"}) {
            BITLATHE_VERIFY_OK(history.touchModel(model));
        }
        const auto recent = history.recentModels();
        BITLATHE_VERIFY_OK(recent);
        QVERIFY((*recent == std::vector<fs::path>{"/a", "/c", "/b"}));
        QCOMPARE(history.recentModels(2)->size(), std::size_t{2});
    }

    void badDatabasesAreErrors()
    {
        const tests::TempFolder folder;
        std::ofstream(folder / "text.sqlite") << "this is no database, and long enough to be looked at as a header "
                                                 "of one hundred bytes or more, which it does not have";
        const auto entries = History(folder / "text.sqlite").entries();
        QVERIFY(!entries);
        QVERIFY(entries.error().sentence().find("text.sqlite") != std::string::npos);
        {
            SQLite::Database newer((folder / "newer.sqlite").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
            newer.exec("PRAGMA user_version = 99");
        }
        const auto untouched = readFile(folder / "newer.sqlite");
        const auto fromFuture = History(folder / "newer.sqlite").begin(someRecipe());
        QVERIFY(!fromFuture);
        QCOMPARE(*readFile(folder / "newer.sqlite"), *untouched);
        QVERIFY(fromFuture.error().sentence().find("99") != std::string::npos);
        QVERIFY(!History("/proc/nowhere/h.sqlite").entries());
    }
};

} // namespace bitlathe::run

int main(int argc, char** argv)
{
    using namespace bitlathe::run;
    if (argc == 3 && std::string_view(argv[1]) == "--write") {
        return writeEntries(argv[2]);
    }
    if (argc == 3 && std::string_view(argv[1]) == "--leave") {
        return leaveRunning(argv[2]);
    }
    QCoreApplication app(argc, argv);
    TestHistory test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_history.moc"
