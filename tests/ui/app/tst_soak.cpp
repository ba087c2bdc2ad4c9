// SPDX-License-Identifier: Apache-2.0
// A long day at the window: mixed jobs that are paused, cancelled and gone on with, languages and themes that change,
// and a monkey on all pages. Nothing crashes, no event keeps the window, memory does not grow, results verify.
// BITLATHE_SOAK_MINUTES (a short while without it) and BITLATHE_SOAK_SEED make it longer and another one.
#include "core/base/machine.h"
#include "core/format/exporter.h"
#include "monkey.h"
#include "tests/support/pagetest.h"
#include "tests/support/watchedapplication.h"
#include "ui/bridge/language.h"
#include "ui/bridge/latesttask.h"
#include "ui/mainwindow.h"
#include "ui/pages/page.h"
#include "ui/theme/theme.h"

#include <QDesktopServices>
#include <QDir>
#include <QElapsedTimer>
#include <QSettings>
#include <QTest>
#include <QTimer>

#include <array>
#include <fstream>
#include <map>
#include <numeric>

#include <unistd.h>

using namespace bitlathe;
using namespace bitlathe::tests;
using namespace bitlathe::ui;

namespace
{

constexpr double kMinutesShort = 0.5;
constexpr int kRounds = 8; ///< Memory is looked at between them, everything at rest.
constexpr int kRoundsAlike = 3;
constexpr int kJobsLong = 40;
constexpr int kJobsShort = 8;
constexpr int kActionMs = 25;
constexpr int kJobsActionMs = 400;
constexpr double kGrowthMost = 1.05; ///< Of memory, once all there is has been shown and used; means of rounds alike.
/// In the short form, which runs beside other tests: for a change of language, which exchanges pages and docks, 25 ms
/// where nothing else runs.
constexpr double kExchangeSeconds = 0.150;
constexpr int kRestMs = 600'000;

double minutes()
{
    const QByteArray set = qgetenv("BITLATHE_SOAK_MINUTES");
    return set.isEmpty() ? kMinutesShort : set.toDouble();
}

bool isLong()
{
    return minutes() > kMinutesShort;
}

/// Of the memory in use, what libraries, fonts and models in files take.
double bytesOfFiles()
{
    double pages[3] = {};
    std::ifstream("/proc/self/statm") >> pages[0] >> pages[1] >> pages[2];
    return pages[2] * static_cast<double>(sysconf(_SC_PAGESIZE));
}

bool isAtEnd(run::JobState state)
{
    return state == run::JobState::Done || state == run::JobState::Failed || state == run::JobState::Cancelled;
}

WatchedApplication* app()
{
    return static_cast<WatchedApplication*>(QCoreApplication::instance());
}

/// Opening things in other programs is not for a test.
class NoPrograms : public QObject
{
    Q_OBJECT

public Q_SLOTS:
    void open(const QUrl& /*url*/) {}
};

} // namespace

class TestSoak : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void staysWell();
    void cleanupTestCase();

private:
    void passRound(int round);
    void startJob();
    void changeSomething();
    void changeJobs();
    void comeToRest();
    void checkJobs();
    plan::Recipe recipeOf(const std::string& method, int number) const;

    TempFolder m_folder;
    NoPrograms m_noPrograms;
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<MainWindow> m_window;
    std::unique_ptr<Monkey> m_monkey;
    int m_jobsStarted = 0;
    std::map<JobId, std::filesystem::path> m_outs; ///< Of runs that this test started.
    std::vector<std::filesystem::path> m_verified;
    std::map<run::JobState, int> m_ends;
    std::vector<std::uint64_t> m_bytesAtRest; ///< After each round.
};

void TestSoak::initTestCase()
{
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, fromPath(m_folder.path()));
    qputenv("HOME", QByteArray::fromStdString(m_folder.path().string()));
    QVERIFY(QDir::setCurrent(fromPath(m_folder.path()))); // Where a name without a folder leads to.
    for (const char* scheme : {"file", "http", "https", "mailto"}) {
        QDesktopServices::setUrlHandler(QLatin1String(scheme), &m_noPrograms, "open");
    }
    QGuiApplication::setQuitOnLastWindowClosed(false);
    setLanguage(QStringLiteral("en"));
    m_theme = std::make_unique<Theme>();
    m_session = sessionWithDemo(m_folder);
    QVERIFY(m_session != nullptr);
    m_window = std::make_unique<MainWindow>(*m_session);
    m_window->setCloseQuestion([](int) { return MainWindow::CloseChoice::KeepWorking; });
    m_window->resize(1280, 832);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    const QByteArray seed = qgetenv("BITLATHE_SOAK_SEED");
    m_monkey = std::make_unique<Monkey>(seed.isEmpty() ? 1 : seed.toULongLong(),
                                        [](const QString& what) { app()->setDoing(what); });
    app()->setTester(m_monkey.get());
}

plan::Recipe TestSoak::recipeOf(const std::string& method, int number) const
{
    plan::Recipe recipe;
    recipe.model = *resource("demo/model");
    recipe.method = method;
    if (const auto quantizer = quant::findQuantizer(method)) {
        recipe.scheme = (*quantizer)->usualScheme();
        recipe.exportTo.format =
            recipe.scheme.kind == quant::SchemeKind::UniformInt ? "compressed-tensors" : "bitsandbytes";
        if ((*quantizer)->needsStatistics()) {
            recipe.calibration.data = resource("demo/text/calibration.jsonl")->string();
            recipe.calibration.samples.samples = 8;
            recipe.calibration.samples.length = 128;
        }
    }
    recipe.exportTo.out = m_folder / ("out-" + std::to_string(number));
    return recipe;
}

void TestSoak::startJob()
{
    const int number = m_jobsStarted++;
    const QStringList folders{fromPath(*resource("demo/model")),
                              m_verified.empty() ? fromPath(*resource("demo/model")) : fromPath(m_verified.back())};
    const auto run = [&](const std::string& method) {
        const plan::Recipe recipe = recipeOf(method, number);
        m_outs[m_session->startRun(recipe)] = recipe.exportTo.out;
    };
    switch (number % 8) {
    case 0: return run("rtn");
    case 1: return run("gptq");
    case 2: return run("awq");
    case 3: return run("nf4");
    case 4: {
        evaluate::CompareOptions options;
        options.data = resource("demo/text/evaluation.txt")->string();
        options.windows.length = 128;
        options.windows.maxWindows = 4;
        m_session->startComparison(folders, options, number % 16 < 8);
        return;
    }
    case 5:
        if (m_session->model()) {
            plan::Recipe recipe = m_session->recipe();
            recipe.calibration = recipeOf("gptq", number).calibration;
            m_session->editRecipe(recipe, QStringLiteral("calibration"));
            m_session->startCalibration();
        }
        return;
    case 6: m_session->startDifferences(folders.front(), folders.back()); return;
    default: return run("gptq");
    }
}

/// What somebody does to jobs while they run.
void TestSoak::changeJobs()
{
    const std::vector<run::JobStatus> jobs = m_session->jobs().jobs();
    for (const run::JobStatus& job : jobs) {
        if (job.state == run::JobState::Running && m_monkey->below(4) == 0) {
            m_session->jobs().pause(job.id);
        } else if (job.state == run::JobState::Paused) {
            m_session->jobs().resume(job.id);
        } else if (!isAtEnd(job.state) && m_monkey->below(60) == 0) {
            m_session->jobs().cancel(job.id);
        }
    }
}

void TestSoak::changeSomething()
{
    static constexpr std::array kModes{Theme::Mode::Light, Theme::Mode::Dark, Theme::Mode::HighContrast,
                                       Theme::Mode::System};
    const QString language = m_monkey->below(2) == 0 ? QStringLiteral("zh_CN") : QStringLiteral("en");
    switch (m_monkey->below(12)) {
    case 0: app()->setDoing(QStringLiteral("change language")); return setLanguage(language);
    case 1:
        app()->setDoing(QStringLiteral("change theme"));
        return m_theme->setMode(kModes[static_cast<std::size_t>(m_monkey->below(kModes.size()))]);
    case 2: return m_session->jobs().setAtOnce(1 + m_monkey->below(3));
    case 3:
        app()->setDoing(QStringLiteral("resize"));
        return m_window->resize(900 + m_monkey->below(900), 600 + m_monkey->below(500));
    default: {
        const auto& pages = m_window->pages();
        const QString id = pages[static_cast<std::size_t>(m_monkey->below(static_cast<int>(pages.size())))]->id();
        app()->setDoing(QStringLiteral("show %1").arg(id));
        m_window->showPage(id);
    }
    }
}

/// A share of the time and of the jobs.
void TestSoak::passRound(int round)
{
    const int jobs = (isLong() ? kJobsLong : kJobsShort) / kRounds;
    const auto roundMs = static_cast<qint64>(minutes() * 60'000 / kRounds);
    QTimer jobTimer;
    connect(&jobTimer, &QTimer::timeout, this, [this, round, jobs, &jobTimer] {
        app()->setDoing(QStringLiteral("start a job"));
        startJob();
        if (m_jobsStarted >= (round + 1) * jobs) {
            jobTimer.stop();
        }
    });
    jobTimer.start(static_cast<int>(roundMs / (2 * jobs)));
    QTimer changeTimer;
    connect(&changeTimer, &QTimer::timeout, this, [this] {
        app()->setDoing(QStringLiteral("change jobs"));
        changeJobs();
        if (QApplication::activeModalWidget() == nullptr && QApplication::activePopupWidget() == nullptr) {
            changeSomething();
        }
        if (!m_window->isVisible()) {
            m_window->show();
        }
    });
    changeTimer.start(kJobsActionMs);
    m_monkey->start(kActionMs);
    QElapsedTimer clock;
    clock.start();
    while (clock.elapsed() < roundMs || m_jobsStarted < (round + 1) * jobs) {
        QTest::qWait(100);
    }
    m_monkey->stop();
}

/// Nothing runs, nothing is open but what was at the beginning.
void TestSoak::comeToRest()
{
    app()->setDoing(QStringLiteral("come to rest"));
    QElapsedTimer clock;
    clock.start();
    const auto waiting = [&] {
        const std::vector<run::JobStatus> jobs = m_session->jobs().jobs();
        bool any = LatestTask::anyRunning();
        for (const run::JobStatus& job : jobs) {
            if (!m_outs.contains(job.id) && !isAtEnd(job.state)) {
                m_session->jobs().cancel(job.id); // Started by the monkey, of any length.
            } else if (job.state == run::JobState::Paused) {
                m_session->jobs().resume(job.id);
            } else if (job.state == run::JobState::Queued && job.wait == run::JobWait::Memory) {
                m_session->jobs().startAnyway(job.id);
            }
            any |= !isAtEnd(job.state);
        }
        return any;
    };
    while (waiting() && clock.elapsed() < kRestMs) {
        closeDialogs();
        QTest::qWait(100);
    }
    QVERIFY2(!waiting(), "jobs end when nobody touches them");
    checkJobs();
    setLanguage(QStringLiteral("zh_CN")); // Pages are made anew, without what they have loaded.
    QTest::qWait(2000);
    setLanguage(QStringLiteral("en"));
    m_theme->setMode(Theme::Mode::Light);
    m_window->resize(1280, 832);
    m_window->openDemo();
    m_window->showPage(QStringLiteral("start"));
    QTest::qWait(1000);
    QTRY_VERIFY_WITH_TIMEOUT(!LatestTask::anyRunning(), kRestMs);
    returnFreeMemory();
    m_bytesAtRest.push_back(residentBytes());
}

/// What this test started ended well, and what it left is whole.
void TestSoak::checkJobs()
{
    for (const run::JobStatus& job : m_session->jobs().jobs()) {
        const auto out = m_outs.find(job.id);
        if (out == m_outs.end()) {
            continue;
        }
        ++m_ends[job.state];
        QVERIFY2(job.state != run::JobState::Failed, job.error ? job.error->sentence().c_str() : "without a word");
        // One that is cancelled while its end is written down has its result already.
        if (job.state == run::JobState::Done || std::filesystem::exists(out->second)) {
            BITLATHE_VERIFY_OK(format::verify(out->second));
            m_verified.push_back(out->second);
        }
        m_outs.erase(out);
    }
    QVERIFY(m_outs.empty());
}

void TestSoak::staysWell()
{
    for (int round = 0; round < kRounds; ++round) {
        passRound(round);
        comeToRest();
        if (QTest::currentTestFailed()) {
            return;
        }
        qInfo("round %d: %lld actions, %d jobs, %zu results verified, %d cancelled, %.1f MB at rest, %.1f of them of "
              "files, longest event %.1f ms",
              round + 1, static_cast<long long>(m_monkey->actions()), m_jobsStarted, m_verified.size(),
              m_ends[run::JobState::Cancelled], 1e-6 * static_cast<double>(m_bytesAtRest.back()), 1e-6 * bytesOfFiles(),
              1e3 * app()->longest());
    }
    QVERIFY(m_monkey->actions() > 100 && !m_verified.empty());
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return; // Memory and time are not the program's own.
#endif
    std::vector<Stall> stalls = app()->stalls();
    std::erase_if(stalls, [](const Stall& stall) {
        return !isLong() && stall.receiver == MainWindow::staticMetaObject.className() &&
               stall.computing < kExchangeSeconds;
    });
    QVERIFY2(stalls.empty(), qPrintable(WatchedApplication::wordsOf(stalls)));
    if (isLong()) { // In a short time not everything has been seen once.
        const auto mean = [](auto begin) { return std::accumulate(begin, begin + kRoundsAlike, 0.0) / kRoundsAlike; };
        const double early = mean(m_bytesAtRest.begin() + 2);
        const double late = mean(m_bytesAtRest.end() - kRoundsAlike);
        qInfo("memory at rest: %.1f MB, then %.1f MB", 1e-6 * early, 1e-6 * late);
        QVERIFY(late <= kGrowthMost * early);
    }
}

void TestSoak::cleanupTestCase()
{
    m_window.reset();
    m_session.reset();
    QTRY_VERIFY_WITH_TIMEOUT(!LatestTask::anyRunning(), kJobMs);
}

int main(int argc, char** argv)
{
    // Of the one long test: as long as it is to take, and the rest between rounds.
    qputenv("QTEST_FUNCTION_TIMEOUT", QByteArray::number(static_cast<int>(minutes() * 60'000) + kRounds * kRestMs));
    keepHeapCompact(); // As the program does.
    WatchedApplication application(argc, argv);
    TestSoak test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_soak.moc"
