// SPDX-License-Identifier: Apache-2.0
// The jobs dock driven as a person would: keys, order by dragging, waiting for memory, retry, the log of one job.
#include "tests/support/pagetest.h"
#include "ui/bridge/numbers.h"
#include "ui/models/jobmodel.h"
#include "ui/models/logmodel.h"
#include "ui/models/runlayermodel.h"
#include "ui/pages/machineview.h"
#include "ui/plots/lineplot.h"
#include "ui/theme/theme.h"
#include "ui/widgets/jobsdock.h"

#include <QAction>
#include <QComboBox>
#include <QLineEdit>
#include <QMimeData>
#include <QTableView>
#include <QTabWidget>
#include <QTest>
#include <QTreeView>

#include <atomic>

using namespace bitlathe;
using namespace bitlathe::tests;
using namespace bitlathe::ui;

namespace
{

Result<void> untilStopped(const WorkContext& work, bool)
{
    while (!work.stopRequested()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return cancelled();
}

} // namespace

class TestJobsDock : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<TempFolder>();
        m_session = sessionWithDemo(*m_folder);
        QVERIFY(m_session != nullptr);
        m_dock = std::make_unique<JobsDock>(*m_session);
        m_dock->resize(1200, 300);
        m_dock->show();
        m_list = m_dock->findChild<QTreeView*>();
    }
    void cleanup()
    {
        m_dock.reset();
        m_session.reset();
    }
    void keysPauseAndCancel();
    void draggingChangesTheOrder();
    void waitingForMemoryIsSaidAndCanBeOverruled();
    void failedJobsAreRetried();
    void theLogIsThatOfTheJob();
    void aRunFillsItsViews();
    void machineShowsGpusWhereThereAre();

private:
    run::JobState state(JobId id) const
    {
        for (const run::JobStatus& job : m_session->jobs().jobs()) {
            if (job.id == id) {
                return job.state;
            }
        }
        return run::JobState::Failed;
    }
    QTableView* table(const char* name) const
    {
        for (auto* one : m_dock->findChildren<QTableView*>()) {
            if (one->accessibleName() == QLatin1String(name)) {
                return one;
            }
        }
        return nullptr;
    }
    void select(JobId id) { m_list->setCurrentIndex(m_dock->findChild<JobModel*>()->indexOf(id)); }
    QAction* action(const char* id) const { return m_dock->findChild<QAction*>(QLatin1String(id)); }
    QString cell(JobId id, JobModel::Column column, int role = Qt::DisplayRole) const
    {
        return m_dock->findChild<JobModel*>()->indexOf(id).siblingAtColumn(column).data(role).toString();
    }

    Theme m_theme;
    std::unique_ptr<TempFolder> m_folder;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<JobsDock> m_dock;
    QTreeView* m_list = nullptr;
};

void TestJobsDock::keysPauseAndCancel()
{
    plan::Recipe recipe = m_session->recipe();
    recipe.calibration.samples = {64, 512, 0}; // Long enough to be paused.
    m_session->editRecipe(recipe, {});
    const JobId job = m_session->startCalibration();
    QTRY_COMPARE(state(job), run::JobState::Running);
    QTRY_VERIFY(m_dock->findChild<JobModel*>()->indexOf(job).isValid());
    select(job);
    QTRY_VERIFY(action("toggleJob")->isEnabled());
    QTest::keyClick(m_list, Qt::Key_Space);
    QTRY_COMPARE_WITH_TIMEOUT(state(job), run::JobState::Paused, kJobMs);
    QTRY_COMPARE(action("toggleJob")->text(), QStringLiteral("Go on"));
    QTest::keyClick(m_list, Qt::Key_Space);
    QTRY_COMPARE_WITH_TIMEOUT(state(job), run::JobState::Running, kJobMs);
    QTest::keyClick(m_list, Qt::Key_Escape);
    QTRY_COMPARE_WITH_TIMEOUT(state(job), run::JobState::Cancelled, kJobMs);
}

void TestJobsDock::draggingChangesTheOrder()
{
    run::JobQueue& queue = m_session->jobs();
    const JobId running = queue.add(Text("running"), true, untilStopped);
    const JobId a = queue.add(Text("a"), true, untilStopped);
    const JobId b = queue.add(Text("b"), true, untilStopped);
    auto* model = m_dock->findChild<JobModel*>();
    QTRY_COMPARE(model->rowCount(), 3);
    QTRY_COMPARE(cell(b, JobModel::State), QStringLiteral("Queued"));
    QTRY_COMPARE(cell(running, JobModel::State), QStringLiteral("Running")); // As the list knows it, too.
    const std::unique_ptr<QMimeData> data(model->mimeData({model->indexOf(b)}));
    // As a view's drop: onto the place above the first queued row.
    QVERIFY(m_list->dragDropMode() == QAbstractItemView::InternalMove && m_list->acceptDrops());
    model->dropMimeData(data.get(), Qt::MoveAction, model->indexOf(a).row(), 0, {});
    QTRY_VERIFY(model->indexOf(b).row() < model->indexOf(a).row());
    queue.cancel(running);
    QTRY_COMPARE(state(b), run::JobState::Running);
    queue.cancel(a);
    queue.cancel(b);
}

void TestJobsDock::waitingForMemoryIsSaidAndCanBeOverruled()
{
    run::JobQueue& queue = m_session->jobs();
    queue.setMemory([] { return std::uint64_t{1} << 20; });
    const JobId job =
        queue.add(Text("large"), run::JobNeeds{true, false, [] { return std::uint64_t{3} << 30; }}, untilStopped);
    QTRY_COMPARE(cell(job, JobModel::State), QStringLiteral("Waits for memory"));
    const QString sentence = cell(job, JobModel::State, Qt::ToolTipRole);
    QVERIFY2(sentence.contains(formatBytes(std::uint64_t{3} << 30)), qPrintable(sentence));
    QCOMPARE(cell(job, JobModel::PeakMemory), QStringLiteral("about ") + formatBytes(std::uint64_t{3} << 30));
    select(job);
    QTRY_VERIFY(action("startJobAnyway")->isVisible());
    action("startJobAnyway")->trigger();
    QTRY_COMPARE(state(job), run::JobState::Running);
    QTRY_VERIFY(!action("startJobAnyway")->isVisible());
    queue.cancel(job);
}

void TestJobsDock::failedJobsAreRetried()
{
    plan::Recipe recipe = m_session->recipe();
    recipe.calibration.data = (*m_folder / "text.txt").string(); // Not there yet.
    recipe.calibration.samples = {1, 16, 0};
    m_session->editRecipe(recipe, {});
    const JobId failed = m_session->startCalibration();
    QTRY_COMPARE_WITH_TIMEOUT(state(failed), run::JobState::Failed, kJobMs);
    select(failed);
    QTRY_VERIFY(action("retryJob")->isVisible());
    QFile text(QString::fromStdString(recipe.calibration.data));
    QVERIFY(text.open(QIODevice::WriteOnly));
    text.write(QByteArray("Some words of a text that is long enough to be read. ").repeated(20));
    text.close();
    action("retryJob")->trigger();
    const JobId again = m_dock->selectedJob();
    QVERIFY(again.isValid() && again != failed);
    QTRY_COMPARE_WITH_TIMEOUT(state(again), run::JobState::Done, kJobMs);
    QTRY_VERIFY_WITH_TIMEOUT(m_session->statistics() != nullptr, kJobMs);
    QTRY_VERIFY(!action("retryJob")->isVisible());
}

void TestJobsDock::theLogIsThatOfTheJob()
{
    const auto say = [](const char* words) {
        return [words](const WorkContext&, bool) -> Result<void> {
            log().info("{} first", words);
            log().warn("{} second", words);
            return {};
        };
    };
    const JobId red = m_session->jobs().add(Text("red"), true, say("red"));
    const JobId blue = m_session->jobs().add(Text("blue"), true, say("blue"));
    QTRY_COMPARE(cell(blue, JobModel::State), QStringLiteral("Done"));
    auto* lines = table("Log of the selected job");
    QVERIFY(lines != nullptr);
    auto* tabs = m_dock->findChild<QTabWidget*>();
    tabs->setCurrentWidget(lines->parentWidget());
    const auto texts = [lines] {
        QString all;
        for (int row = 0; row < lines->model()->rowCount(); ++row) {
            all += lines->model()->index(row, LogModel::Message).data().toString() + u'\n';
        }
        return all;
    };
    select(red);
    QTRY_VERIFY(texts().contains(QStringLiteral("red second")));
    QVERIFY(!texts().contains(QStringLiteral("blue")));
    select(blue);
    QTRY_VERIFY(texts().contains(QStringLiteral("blue first")));
    QVERIFY(!texts().contains(QStringLiteral("red")));
    auto* filter = lines->parentWidget()->findChild<QLineEdit*>();
    QTest::keyClicks(filter, QStringLiteral("second"));
    QVERIFY(texts().contains(QStringLiteral("blue second")) && !texts().contains(QStringLiteral("first")));
    filter->clear();
    lines->parentWidget()->findChild<QComboBox*>()->setCurrentIndex(2); // Warnings and problems
    QCOMPARE(texts(), QStringLiteral("blue second\n"));
}

void TestJobsDock::aRunFillsItsViews()
{
    plan::Recipe recipe = m_session->recipe();
    recipe.calibration.data.clear();
    recipe.evaluation.data.clear();
    recipe.exportTo.out = *m_folder / "out";
    const JobId run = m_session->startRun(recipe);
    QTRY_COMPARE_WITH_TIMEOUT(state(run), run::JobState::Done, kJobMs);
    select(run);
    auto* tabs = m_dock->findChild<QTabWidget*>();
    const auto count = m_session->model()->spec.linears.size();
    QTRY_COMPARE(tabs->tabText(0), QStringLiteral("Layers %1 of %1").arg(count));
    QVERIFY(tabs->isTabVisible(0));
    // The verdict's colour is on the figure, its symbol and word beside it.
    const QAbstractItemModel* layers = table("Layers of the selected job")->model();
    QCOMPARE(layers->rowCount(), static_cast<int>(count));
    const QVariant colour = layers->index(0, RunLayerModel::OutputError).data(Qt::ForegroundRole);
    QVERIFY(colour.isValid());
    const QModelIndex verdict = layers->index(0, RunLayerModel::VerdictColumn);
    QCOMPARE(verdict.data(Qt::ForegroundRole), colour);
    QVERIFY(!verdict.data(Qt::DecorationRole).value<QIcon>().isNull());
    QVERIFY(!verdict.data().toString().isEmpty());
    const JobId other = m_session->jobs().add(Text("other"), true, untilStopped);
    QTRY_COMPARE(state(other), run::JobState::Running);
    QTRY_VERIFY(m_dock->findChild<JobModel*>()->indexOf(other).isValid());
    tabs->setCurrentIndex(0);
    select(run);
    QCOMPARE(tabs->currentIndex(), 0);
    m_session->jobs().cancel(other);
}

void TestJobsDock::machineShowsGpusWhereThereAre()
{
    MachineView view(*m_session);
    view.resize(900, 200);
    view.show();
    const auto plotOf = [&view](const char* title) -> LinePlot* {
        for (auto* plot : view.findChildren<LinePlot*>()) {
            if (plot->title() == QLatin1String(title)) {
                return plot;
            }
        }
        return nullptr;
    };
    LinePlot* gpu = plotOf("GPU");
    QVERIFY(gpu != nullptr);
    view.add({machineLoad(), {}});
    QVERIFY(!gpu->isVisible());
    const std::uint64_t total = std::uint64_t{80} << 30;
    view.add({machineLoad(), {{0.5, total / 4, total}, {1.0, total, total}}});
    QTest::qWait(5); // Looks at one moment would be one row.
    view.add({machineLoad(), {{0.75, total / 2, total}, {0.0, 0, total}}});
    QVERIFY(gpu->isVisible());
    const PlotTable table = gpu->table();
    QCOMPARE(table.header.size(), 5); // The moment, and two shares of each GPU.
    QCOMPARE(table.rows.size(), 2);
    QVERIFY(table.header.contains(QStringLiteral("Memory in use, GPU 1")));
}

QTEST_MAIN(TestJobsDock)
#include "tst_jobsdock.moc"
