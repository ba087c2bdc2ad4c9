// SPDX-License-Identifier: Apache-2.0
// Tests the models of jobs, log, findings, history and entries as any view would use them.
#include "ui/models/entrymodel.h"
#include "ui/models/findingmodel.h"
#include "ui/models/historymodel.h"
#include "ui/bridge/numbers.h"
#include "ui/models/jobmodel.h"
#include "ui/models/logmodel.h"
#include "ui/theme/theme.h"

#include <QAbstractItemModelTester>
#include <QMimeData>
#include <QSignalSpy>
#include <QTest>

using namespace bitlathe;
using namespace bitlathe::ui;

using Tester = QAbstractItemModelTester;

class TestModels : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void jobs();
    void jobsAreReordered();
    void log();
    void findings();
    void history();
    void entries();

private:
    static run::JobStatus job(std::int64_t id, run::JobState state);
    Theme m_theme;
};

run::JobStatus TestModels::job(std::int64_t id, run::JobState state)
{
    run::JobStatus status;
    status.id = JobId(id);
    status.title = Text("job %1", id);
    status.state = state;
    return status;
}

void TestModels::jobs()
{
    JobModel model;
    const Tester tester(&model, Tester::FailureReportingMode::QtTest);
    model.update(job(1, run::JobState::Running));
    model.update(job(2, run::JobState::Queued));
    QCOMPARE(model.rowCount(), 2);
    run::JobStatus changed = job(1, run::JobState::Running);
    changed.fraction = 0.5;
    changed.secondsLeftLow = 100;
    changed.secondsLeftHigh = 300;
    QSignalSpy spy(&model, &QAbstractItemModel::dataChanged);
    model.update(changed);
    QCOMPARE(spy.size(), 1);
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.index(0, JobModel::Progress).data(Qt::UserRole).toDouble(), 0.5);
    QVERIFY(model.index(0, JobModel::TimeLeft).data().toString().contains(QStringLiteral("min")));
    QVERIFY(!model.flags(model.index(0, 0)).testFlag(Qt::ItemIsDragEnabled));
    QVERIFY(model.flags(model.index(1, 0)).testFlag(Qt::ItemIsDragEnabled));
    QVERIFY(!model.indexOf(JobId(9)).isValid());
    QCOMPARE(model.index(0, JobModel::DeviceMemory).data().toString(), QString());
    changed.bytesVram = 2'000'000'000;
    changed.bytesPeakVram = 3'000'000'000;
    model.update(changed);
    QCOMPARE(model.index(0, JobModel::DeviceMemory).data().toString(), formatBytes(changed.bytesVram));
    QVERIFY(model.index(0, JobModel::DeviceMemory).data(Qt::ToolTipRole).toString().contains(formatBytes(changed.bytesPeakVram)));
    changed.state = run::JobState::Done;
    changed.bytesVram = 0;
    model.update(changed);
    QCOMPARE(model.index(0, JobModel::DeviceMemory).data().toString(), formatBytes(changed.bytesPeakVram));
}

void TestModels::jobsAreReordered()
{
    JobModel model;
    model.setJobs({job(1, run::JobState::Running), job(2, run::JobState::Queued), job(3, run::JobState::Queued),
                   job(4, run::JobState::Queued)});
    QSignalSpy moved(&model, &JobModel::moveRequested);
    const std::unique_ptr<QMimeData> data(model.mimeData({model.index(3, 0)}));
    QVERIFY(!model.dropMimeData(data.get(), Qt::MoveAction, 1, 0, {})); // the view must not take the row out itself
    QCOMPARE(moved.size(), 1);
    QCOMPARE(moved.first().at(0).value<JobId>(), JobId(4));
    QCOMPARE(moved.first().at(1).toInt(), 0); // before the first queued one
    model.dropMimeData(data.get(), Qt::MoveAction, -1, -1, {});
    QCOMPARE(moved.last().at(1).toInt(), 2); // after the last
    QMimeData other;
    other.setText(QStringLiteral("something else"));
    QVERIFY(!model.dropMimeData(&other, Qt::MoveAction, 0, 0, {}));
    QCOMPARE(moved.size(), 2);
}

void TestModels::log()
{
    LogModel model;
    const Tester tester(&model, Tester::FailureReportingMode::QtTest);
    bitlathe::log().info("first line");
    model.pull();
    const int before = model.rowCount();
    QVERIFY(before >= 1);
    bitlathe::log().warn("second line");
    model.pull();
    model.pull(); // nothing new: nothing twice
    QCOMPARE(model.rowCount(), before + 1);
    QCOMPARE(model.index(before, LogModel::Message).data().toString(), QStringLiteral("second line"));
    for (std::size_t i = 0; i < LogModel::kKept + 10; ++i) {
        bitlathe::log().info("line {}", i);
    }
    model.pull();
    QCOMPARE(model.lines().size(), LogModel::kKept);
}

void TestModels::findings()
{
    FindingModel model;
    const Tester tester(&model, Tester::FailureReportingMode::QtTest);
    Finding finding;
    finding.severity = Severity::Warning;
    finding.subject = "model.layers.0";
    finding.message = Text("%1 of %2 groups are zero", 1, 3);
    model.append(finding);
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(model.index(0, FindingModel::Message).data().toString(), QStringLiteral("1 of 3 groups are zero"));
    QVERIFY(!model.index(0, FindingModel::SeverityColumn).data(Qt::DecorationRole).value<QIcon>().isNull());
    model.setFindings({});
    QCOMPARE(model.rowCount(), 0);
}

void TestModels::history()
{
    HistoryModel model;
    const Tester tester(&model, Tester::FailureReportingMode::QtTest);
    run::HistoryEntry entry;
    entry.id = RunId(7);
    entry.model = "/models/small";
    entry.state = run::RunState::Failed;
    entry.error = "disk full";
    model.setEntries({entry});
    QCOMPARE(model.index(0, HistoryModel::Model).data().toString(), QStringLiteral("small"));
    QCOMPARE(model.index(0, HistoryModel::State).data(Qt::ToolTipRole).toString(), QStringLiteral("disk full"));
    QCOMPARE(model.index(0, HistoryModel::Perplexity).data().toString(), QString()); // not measured is not zero
    QSignalSpy noted(&model, &HistoryModel::noteEdited);
    QVERIFY(model.setData(model.index(0, HistoryModel::Note), QStringLiteral("try again")));
    QVERIFY(!model.setData(model.index(0, HistoryModel::Model), QStringLiteral("no")));
    QCOMPARE(noted.size(), 1);
    QCOMPARE(noted.first().first().value<RunId>(), RunId(7));
}

void TestModels::entries()
{
    EntryModel model;
    const Tester tester(&model, Tester::FailureReportingMode::QtTest);
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    Entry entry;
    entry.title = QStringLiteral("title");
    entry.facts = QStringLiteral("facts");
    model.setEntries({entry});
    model.setEntries({entry}); // the same: selection stays
    QCOMPARE(reset.size(), 1);
    QCOMPARE(model.index(0).data(Qt::AccessibleTextRole).toString(), QStringLiteral("title, facts"));
}

QTEST_MAIN(TestModels)
#include "tst_models.moc"
