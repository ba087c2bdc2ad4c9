// SPDX-License-Identifier: Apache-2.0
// Tests the session: opening, failing, selecting, undo, statistics, a run, its history.
#include "core/base/resources.h"
#include "tests/support/tempfolder.h"
#include "ui/bridge/latesttask.h"
#include "ui/bridge/session.h"

#include <QSignalSpy>
#include <QTest>

using namespace bitlathe;
using namespace bitlathe::ui;

namespace
{

constexpr int kOpenMs = 60'000;
constexpr int kJobMs = 240'000;

QString demoFolder()
{
    const auto folder = resource("demo/model");
    return folder ? fromPath(*folder) : QString();
}

} // namespace

class TestSession : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void opensTheDemoModel();
    void aMissingFolderFails();
    void theNewestOpeningCounts();
    void selectsLayers();
    void editsAndUndoesTheRecipe();
    void mergesEditsOfOneField();
    void opensRecipes();
    void calibratesAndRuns();

private:
    void open(Session& session);
    tests::TempFolder m_folder;
};

void TestSession::initTestCase()
{
    QVERIFY2(!demoFolder().isEmpty(), "the demo model is part of the source tree");
    qputenv("XDG_CACHE_HOME", QByteArray::fromStdString((m_folder / "cache").string()));
    qputenv("XDG_DATA_HOME", QByteArray::fromStdString((m_folder / "data").string()));
}

void TestSession::open(Session& session)
{
    QSignalSpy opened(&session, &Session::modelOpened);
    session.openModel(demoFolder());
    QVERIFY(!session.model()); // nothing is read on the UI thread
    QVERIFY(opened.wait(kOpenMs));
    QVERIFY(session.model());
}

void TestSession::opensTheDemoModel()
{
    Session session;
    open(session);
    QCOMPARE(session.model()->spec.blockCount(), 8);
    QCOMPARE(session.selectedLayer(), session.model()->spec.linears.front().id);
    QCOMPARE(session.recipe().model, toPath(demoFolder()));
    QVERIFY(!session.undoStack()->canUndo());
    QTRY_VERIFY_WITH_TIMEOUT(session.history().recentModels().value().size() == 1, kOpenMs);
}

void TestSession::aMissingFolderFails()
{
    Session session;
    QSignalSpy failed(&session, &Session::failed);
    QSignalSpy opened(&session, &Session::modelOpened);
    session.openModel(fromPath(m_folder / "nothing here"));
    QVERIFY(failed.wait(kOpenMs));
    const Error error = failed.first().first().value<Error>();
    QCOMPARE(error.code, ErrorCode::FileMissing);
    QVERIFY(translated(error).contains(QStringLiteral("nothing here")));
    QVERIFY(opened.isEmpty());
    QVERIFY(!session.model());
}

void TestSession::theNewestOpeningCounts()
{
    Session session;
    QSignalSpy failed(&session, &Session::failed);
    QSignalSpy opened(&session, &Session::modelOpened);
    session.openModel(fromPath(m_folder / "nothing here"));
    session.openModel(demoFolder());
    QVERIFY(opened.wait(kOpenMs));
    QTRY_VERIFY_WITH_TIMEOUT(!LatestTask::anyRunning(), kOpenMs);
    QCOMPARE(opened.size(), 1);
    QCOMPARE(failed.size(), 0);
}

void TestSession::selectsLayers()
{
    Session session;
    open(session);
    QSignalSpy selected(&session, &Session::layerSelected);
    session.selectLayer(LayerId(3));
    QCOMPARE(selected.size(), 1);
    QCOMPARE(session.selectedLayer(), LayerId(3));
    session.selectLayer(LayerId(3));
    QCOMPARE(selected.size(), 1);
    session.selectLayer(LayerId(100'000)); // not a layer of this model
    QCOMPARE(session.selectedLayer(), LayerId(3));
    QVERIFY(!session.selectedLayerName().isEmpty());
}

void TestSession::editsAndUndoesTheRecipe()
{
    Session session;
    open(session);
    QSignalSpy changed(&session, &Session::recipeChanged);
    const plan::Recipe before = session.recipe();
    plan::Recipe after = before;
    after.scheme.bits = 8;
    session.editRecipe(after, QStringLiteral("bits"));
    QCOMPARE(changed.size(), 1);
    QVERIFY(session.recipe() == after);
    session.editRecipe(after, QStringLiteral("bits")); // no change, no step
    QCOMPARE(session.undoStack()->count(), 1);
    session.undoStack()->undo();
    QVERIFY(session.recipe() == before);
    session.undoStack()->redo();
    QVERIFY(session.recipe() == after);
    QCOMPARE(changed.size(), 3);
}

void TestSession::mergesEditsOfOneField()
{
    Session session;
    open(session);
    const plan::Recipe before = session.recipe();
    for (const int bits : {3, 5, 8}) {
        plan::Recipe recipe = session.recipe();
        recipe.scheme.bits = bits;
        session.editRecipe(recipe, QStringLiteral("bits"), 1);
    }
    QCOMPARE(session.undoStack()->count(), 1);
    session.undoStack()->undo();
    QVERIFY(session.recipe() == before);
}

void TestSession::opensRecipes()
{
    Session session;
    QSignalSpy failed(&session, &Session::failed);
    session.openRecipe(fromPath(m_folder / "none.yaml"));
    QVERIFY(failed.wait(kOpenMs));

    plan::Recipe recipe;
    recipe.model = toPath(demoFolder());
    recipe.scheme.bits = 3;
    recipe.exportTo.out = m_folder / "out";
    QFile file(fromPath(m_folder / "recipe.yaml"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray::fromStdString(plan::recipeToYaml(recipe)));
    file.close();
    QSignalSpy opened(&session, &Session::modelOpened);
    session.openRecipe(file.fileName());
    QVERIFY(opened.wait(kOpenMs)); // its model is opened with it
    QCOMPARE(session.recipe().scheme.bits, 3);
}

void TestSession::calibratesAndRuns()
{
    Session session;
    open(session);
    plan::Recipe recipe = session.recipe();
    recipe.calibration.samples.samples = 2;
    recipe.calibration.samples.length = 32;
    recipe.exportTo.out = m_folder / "demo-int4";
    session.editRecipe(recipe, QStringLiteral("small"));
    QVERIFY(!session.statistics());

    QSignalSpy statistics(&session, &Session::statisticsChanged);
    session.startCalibration();
    QTRY_VERIFY_WITH_TIMEOUT(session.statistics() != nullptr, kJobMs);
    QVERIFY(session.statistics()->complete());

    // Another number of bits keeps them; another text drops them.
    recipe.scheme.bits = 8;
    session.editRecipe(recipe, QStringLiteral("bits"));
    QVERIFY(session.statistics());
    plan::Recipe other = recipe;
    other.calibration.samples.samples = 3;
    session.editRecipe(other, QStringLiteral("samples"));
    QVERIFY(!session.statistics());
    session.undoStack()->undo();
    QTRY_VERIFY_WITH_TIMEOUT(session.statistics() != nullptr, kJobMs); // found in the cache, without a job

    QSignalSpy layers(&session, &Session::runLayer);
    QSignalSpy done(&session, &Session::runChanged);
    const JobId job = session.startRun(recipe);
    QVERIFY2(done.wait(kJobMs), "the run ends");
    QCOMPARE(session.lastRun()->layers.size(), session.model()->spec.linears.size());
    QCOMPARE(static_cast<std::size_t>(layers.size()), session.model()->spec.linears.size());
    QVERIFY(session.jobFacts(job) != nullptr);
    QCOMPARE(session.jobFacts(job)->layers.size(), session.lastRun()->layers.size());
    const auto entries = session.history().entries();
    QVERIFY(entries);
    QCOMPARE(entries->size(), 1U);
}

QTEST_MAIN(TestSession)
#include "tst_session.moc"
