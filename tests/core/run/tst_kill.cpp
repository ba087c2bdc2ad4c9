// SPDX-License-Identifier: Apache-2.0
// kill -9 in the middle of a run: nothing half-written under the final name, and a resume that ends with the same
// bytes.
#include "core/run/runfixtures.h"
#include "core/run/runner.h"
#include "support/tempfolder.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QProcess>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <thread>

namespace bitlathe::run
{

namespace
{

namespace fs = std::filesystem;

/// What the child does: a run or the resume of one, slow enough to be hit anywhere.
int runChild(const char* file, bool resume)
{
    const auto recipe = plan::readRecipe(file);
    const auto plan = recipe ? plan::makePlan(*recipe, nullptr, plan::Timing::Usual) : Failure(recipe.error());
    if (!plan) {
        return 2;
    }
    RunObserver observer;
    observer.onLayer = [](const LayerRecord&) { std::this_thread::sleep_for(std::chrono::milliseconds(5)); };
    return runPlan(*plan, {resume, false}, observer, {}) ? 0 : 1;
}

/// Finished blocks in the journal: its lines but the header.
std::int64_t blocksIn(const fs::path& journal)
{
    const auto content = readFile(journal);
    return content ? std::count(content->begin(), content->end(), '\n') - 1 : -1;
}

/// A result's files. The journal goes only after the change of names, so that a kill in between leaves a whole result
/// that still holds it, hidden.
std::map<std::string, std::string> resultIn(const fs::path& folder)
{
    auto files = tests::filesOf(folder);
    std::erase_if(files, [](const auto& entry) { return entry.first.starts_with(".bitlathe-"); });
    return files;
}

} // namespace

class TestKill : public QObject
{
    Q_OBJECT

    tests::TempFolder m_folder;
    std::map<std::string, std::string> m_reference;

    void start(QProcess& child, const fs::path& recipe, bool resume)
    {
        child.start(QCoreApplication::applicationFilePath(),
                    {resume ? "--resume" : "--run", QString::fromStdString(recipe.string())});
    }

    fs::path write(const plan::Recipe& recipe, const std::string& name)
    {
        const fs::path file = m_folder / name;
        std::ofstream(file) << plan::recipeToYaml(recipe);
        return file;
    }

    /// Kills a child when done says so, or after the time. False where it ended before.
    template <typename Done>
    bool killWhen(QProcess& child, const Done& done, qint64 msMax = 30'000)
    {
        QElapsedTimer timer;
        timer.start();
        while (!done() && timer.elapsed() < msMax) {
            if (child.waitForFinished(1)) {
                return false;
            }
        }
        child.kill();
        child.waitForFinished();
        return true;
    }

private slots:
    void initTestCase()
    {
        tests::useOwnFolders(m_folder.path());
        const plan::Recipe recipe = tests::demoRecipe(m_folder / "reference");
        const auto plan = plan::makePlan(recipe);
        BITLATHE_VERIFY_OK(plan);
        BITLATHE_VERIFY_OK(runPlan(*plan, {false, false}, {}, {}));
        m_reference = tests::filesOf(recipe.exportTo.out);
    }

    void killedAtABlock_data()
    {
        QTest::addColumn<int>("blocks");
        for (const int blocks : {0, 1, 4, 7, 8}) {
            QTest::addRow("%d blocks done", blocks) << blocks;
        }
    }
    void killedAtABlock()
    {
        QFETCH(const int, blocks);
        const std::string name = "block" + std::to_string(blocks);
        const plan::Recipe recipe = tests::demoRecipe(m_folder / name);
        const fs::path file = write(recipe, name + ".yaml");
        const fs::path journal = m_folder / (name + ".partial/.bitlathe-journal.jsonl");
        QProcess child;
        start(child, file, false);
        const bool killed = killWhen(child, [&] { return blocksIn(journal) >= blocks; });
        if (!killed || fs::exists(recipe.exportTo.out)) {
            QVERIFY(blocks == 8); // Only the very end can be over before the signal comes; then all is there.
            QVERIFY(resultIn(recipe.exportTo.out) == m_reference);
            return;
        }
        QProcess second;
        start(second, file, true);
        QVERIFY(second.waitForFinished(60'000));
        QCOMPARE(second.exitCode(), 0);
        QVERIFY(tests::filesOf(recipe.exportTo.out) == m_reference);
        QVERIFY(!fs::exists(m_folder / (name + ".partial")));
    }

    void killedAgainAndAgain()
    {
        const plan::Recipe recipe = tests::demoRecipe(m_folder / "again");
        const fs::path file = write(recipe, "again.yaml");
        const fs::path journal = m_folder / "again.partial/.bitlathe-journal.jsonl";
        int kills = 0;
        for (int attempt = 0; attempt < 40 && !fs::exists(recipe.exportTo.out); ++attempt) {
            QProcess child;
            start(child, file, blocksIn(journal) >= 0);
            // Later each time, at no moment in particular, until it is late enough on any machine.
            const int wait = static_cast<int>(40 * std::pow(1.2, attempt));
            kills += killWhen(
                         child, [] { return false; }, wait)
                         ? 1
                         : 0;
            if (fs::exists(recipe.exportTo.out)) {
                break;
            }
        }
        QVERIFY(kills > 0);
        QVERIFY(resultIn(recipe.exportTo.out) == m_reference);
    }

    void killedInTheEvaluation()
    {
        plan::Recipe recipe = tests::demoRecipe(m_folder / "evaluated");
        recipe.evaluation = {tests::kDemoTexts / "evaluation.txt", 512, 0};
        const fs::path file = write(recipe, "evaluated.yaml");
        QProcess child;
        start(child, file, false);
        QVERIFY(killWhen(child, [&] { return fs::exists(recipe.exportTo.out); }));
        QVERIFY(resultIn(recipe.exportTo.out) == m_reference);
        const auto kept = interruptedRecipe(recipe.exportTo.out);
        BITLATHE_VERIFY_OK(kept);
        plan::Recipe other = *kept;
        other.evaluation.windows = 1; // Not the recipe that was begun.
        const auto plan = plan::makePlan(other);
        BITLATHE_VERIFY_OK(plan);
        QCOMPARE(runPlan(*plan, {true, false}, {}, {}).error().code, ErrorCode::RunInvalid);
    }

    void twoProcessesDoNotShareAFolder()
    {
        const plan::Recipe recipe = tests::demoRecipe(m_folder / "shared");
        const fs::path file = write(recipe, "shared.yaml");
        QProcess child;
        start(child, file, false);
        const fs::path journal = m_folder / "shared.partial/.bitlathe-journal.jsonl";
        QTRY_VERIFY_WITH_TIMEOUT(blocksIn(journal) >= 1, 30'000);
        const auto plan = plan::makePlan(recipe);
        BITLATHE_VERIFY_OK(plan);
        const auto second = runPlan(*plan, {false, false}, {}, {});
        const bool wasRunning = child.state() == QProcess::Running && !fs::exists(recipe.exportTo.out);
        QVERIFY(child.waitForFinished(60'000));
        QVERIFY(wasRunning);
        QVERIFY(!second);
        QCOMPARE(second.error().code, ErrorCode::OutputExists);
        QCOMPARE(child.exitCode(), 0);
        QVERIFY(tests::filesOf(recipe.exportTo.out) == m_reference);
    }
};

} // namespace bitlathe::run

int main(int argc, char** argv)
{
    using namespace bitlathe::run;
    if (argc == 3 && (std::string_view(argv[1]) == "--run" || std::string_view(argv[1]) == "--resume")) {
        return runChild(argv[2], std::string_view(argv[1]) == "--resume");
    }
    QCoreApplication app(argc, argv);
    TestKill test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_kill.moc"
