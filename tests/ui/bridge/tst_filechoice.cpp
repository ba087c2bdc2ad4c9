// SPDX-License-Identifier: Apache-2.0
// Tests that files are asked for beside everything else, and that nobody is told who is gone.
#include "support/tempfolder.h"
#include "ui/bridge/filechoice.h"

#include <QFile>
#include <QFileDialog>
#include <QPointer>
#include <QTest>
#include <QWidget>

#include <memory>

using namespace bitlathe;
using ui::FileChoice;

class TestFileChoice : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        QCoreApplication::setAttribute(Qt::AA_DontUseNativeDialogs);
        m_answers.clear();
        m_parent = std::make_unique<QWidget>();
        m_parent->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_parent.get()));
    }

    void givesTheFile();
    void addsTheEndingOfTheFilter();
    void beginsWhereItIsTold();
    void isNotWaitedFor();
    void endsWithItsParent();
    void tellsNobodyWhoIsGone();

private:
    QFileDialog* ask(const FileChoice& choice, QObject* context)
    {
        ui::chooseFile(m_parent.get(), choice, context, [this](const QString& file) { m_answers << file; });
        return m_parent->findChild<QFileDialog*>();
    }
    static void accept(QFileDialog* dialog) { QMetaObject::invokeMethod(dialog, "accept"); }

    tests::TempFolder m_folder;
    std::unique_ptr<QWidget> m_parent;
    QStringList m_answers;
};

void TestFileChoice::givesTheFile()
{
    const QString name = QString::fromStdString((m_folder.path() / "text.txt").string());
    QVERIFY(QFile(name).open(QIODevice::WriteOnly));
    QFileDialog* dialog = ask(
        {FileChoice::Kind::Open, QStringLiteral("Choose"), name, {QStringLiteral("Texts (*.csv)")}}, m_parent.get());
    QVERIFY(dialog != nullptr);
    QCOMPARE(dialog->nameFilters().size(), 2); // All files, too.
    accept(dialog);
    QCOMPARE(m_answers, QStringList{name});
    QTRY_VERIFY(m_parent->findChild<QFileDialog*>() == nullptr);
}

void TestFileChoice::addsTheEndingOfTheFilter()
{
    const QString folder = QString::fromStdString(m_folder.path().string());
    const FileChoice choice{FileChoice::Kind::Save,
                            QStringLiteral("Save"),
                            folder + QStringLiteral("/report"),
                            {QStringLiteral("Web page (*.html)"), QStringLiteral("Table (*.csv *.txt)")}};
    accept(ask(choice, m_parent.get()));
    QTRY_VERIFY(m_parent->findChild<QFileDialog*>() == nullptr);
    QFileDialog* dialog = ask(choice, m_parent.get());
    dialog->selectNameFilter(choice.filters.at(1));
    Q_EMIT dialog->filterSelected(choice.filters.at(1));
    accept(dialog);
    QCOMPARE(m_answers, QStringList({folder + QStringLiteral("/report.html"), folder + QStringLiteral("/report.csv")}));
}

void TestFileChoice::beginsWhereItIsTold()
{
    const QString folder = QString::fromStdString(m_folder.path().string());
    const QFileDialog* dialog = ask({FileChoice::Kind::Folder, QStringLiteral("Choose"), folder, {}}, m_parent.get());
    QCOMPARE(dialog->directory().absolutePath(), folder);
    QCOMPARE(dialog->fileMode(), QFileDialog::Directory);
    m_parent = std::make_unique<QWidget>();
    dialog =
        ask({FileChoice::Kind::Open, QStringLiteral("Choose"), QStringLiteral("wikitext:test"), {}}, m_parent.get());
    QVERIFY(dialog->selectedFiles().isEmpty() || !dialog->selectedFiles().first().contains(QLatin1String("wikitext")));
}

void TestFileChoice::isNotWaitedFor()
{
    const QFileDialog* dialog = ask({FileChoice::Kind::Open, QStringLiteral("Choose"), {}, {}}, m_parent.get());
    QVERIFY(dialog->isVisible());
    QVERIFY(dialog->isModal());
    QVERIFY(m_answers.isEmpty());
}

void TestFileChoice::endsWithItsParent()
{
    const QPointer<QFileDialog> dialog =
        ask({FileChoice::Kind::Open, QStringLiteral("Choose"), {}, {}}, m_parent.get());
    m_parent.reset();
    QVERIFY(dialog.isNull());
    QVERIFY(m_answers.isEmpty());
}

void TestFileChoice::tellsNobodyWhoIsGone()
{
    const QString name = QString::fromStdString((m_folder.path() / "text.txt").string());
    QVERIFY(QFile(name).open(QIODevice::WriteOnly));
    auto context = std::make_unique<QObject>();
    QFileDialog* dialog = ask({FileChoice::Kind::Open, QStringLiteral("Choose"), name, {}}, context.get());
    context.reset();
    accept(dialog);
    QVERIFY(m_answers.isEmpty());
}

QTEST_MAIN(TestFileChoice)
#include "tst_filechoice.moc"
