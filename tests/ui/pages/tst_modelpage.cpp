// SPDX-License-Identifier: Apache-2.0
// The Model page with every family of models: layers, facts, histogram and the inputs that have an outlier map.
#include "tests/support/tempfolder.h"
#include "ui/bridge/session.h"
#include "ui/pages/modelpage.h"
#include "ui/plots/histogramplot.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QDir>
#include <QLabel>
#include <QSignalSpy>
#include <QTest>
#include <QTreeView>

#include <set>

using namespace bitlathe;
using namespace bitlathe::ui;

namespace
{

constexpr int kOpenMs = 60'000;

int rowsBelow(const QAbstractItemModel& model, const QModelIndex& parent = {})
{
    int rows = 0;
    for (int row = 0; row < model.rowCount(parent); ++row) {
        rows += 1 + rowsBelow(model, model.index(row, 0, parent));
    }
    return rows;
}

} // namespace

class TestModelPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("XDG_CACHE_HOME", QByteArray::fromStdString((m_folder / "cache").string()));
        qputenv("XDG_DATA_HOME", QByteArray::fromStdString((m_folder / "data").string()));
    }

    void showsEveryFamily_data()
    {
        QTest::addColumn<QString>("folder");
        const QDir models(QStringLiteral(BITLATHE_SHARED "/models/arch"));
        for (const QString& name : models.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
            QTest::newRow(qPrintable(name)) << models.filePath(name);
        }
        if (!models.exists()) {
            QTest::newRow("none") << QString();
        }
    }

    void showsEveryFamily()
    {
        QFETCH(const QString, folder);
        if (folder.isEmpty()) {
            QSKIP("the shared models are not there");
        }
        Session session;
        ModelPage page(session);
        page.resize(1200, 800);
        page.show();
        QSignalSpy opened(&session, &Session::modelOpened);
        QSignalSpy failed(&session, &Session::failed);
        session.openModel(folder);
        QVERIFY(opened.wait(kOpenMs));
        const model::ModelSpec& spec = session.model()->spec;

        const auto* tree = page.findChild<QTreeView*>();
        QVERIFY(rowsBelow(*tree->model()) >= static_cast<int>(spec.linears.size()) + static_cast<int>(spec.blockCount()));
        const auto* facts = page.findChild<QLabel*>(QStringLiteral("facts"));
        QVERIFY2(facts->text().contains(QString::fromStdString(spec.architecture)), qPrintable(facts->text()));
        QCOMPARE(facts->text().contains(QStringLiteral("Experts")), spec.experts > 0);

        const auto* histogram = page.findChild<HistogramPlot*>();
        QTRY_VERIFY_WITH_TIMEOUT(!histogram->table().rows.isEmpty(), kOpenMs);
        QVERIFY2(histogram->title().startsWith(session.selectedLayerName()), qPrintable(histogram->title()));

        // Every input of a block once, and every linear of the model belongs to one of them.
        const auto* inputs = page.findChild<QComboBox*>(QStringLiteral("inputs"));
        std::set<std::pair<std::int64_t, std::int64_t>> groups;
        for (const model::LinearSpec& linear : spec.linears) {
            groups.emplace(linear.inputGroup, linear.expert);
        }
        QCOMPARE(inputs->count(), static_cast<int>(groups.size()));
        QStringList names;
        for (int i = 0; i < inputs->count(); ++i) {
            names << inputs->itemText(i);
        }
        QCOMPARE(QSet<QString>(names.begin(), names.end()).size(), names.size());
        const QString first = QString::fromStdString(spec.linears.front().name).section(QLatin1Char('.'), -1);
        QVERIFY2(names.front().contains(first), qPrintable(names.front()));
        QVERIFY2(failed.isEmpty(), "no error was reported");
    }

private:
    Theme m_theme;
    tests::TempFolder m_folder;
};

QTEST_MAIN(TestModelPage)
#include "tst_modelpage.moc"
