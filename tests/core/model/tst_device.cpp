// SPDX-License-Identifier: Apache-2.0
// Every reason not to use a GPU has a sentence that names what was found.
#include "core/model/device.h"

#include <QTest>

using namespace bitlathe;
using kernels::GpuAbsence;

Q_DECLARE_METATYPE(GpuAbsence)

class TestDevice : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reasons_data()
    {
        QTest::addColumn<GpuAbsence>("absence");
        QTest::addColumn<QString>("says");
        QTest::newRow("there is one") << GpuAbsence::None
                                      << "Card, but this part of the program computes on the processor only";
        QTest::newRow("no plug-in") << GpuAbsence::NoPlugin << "no CUDA plug-in beside the program";
        QTest::newRow("broken") << GpuAbsence::PluginBroken << "a CUDA plug-in that does not open (detail)";
        QTest::newRow("version") << GpuAbsence::OtherVersion << "a CUDA plug-in of another version of the program";
        QTest::newRow("no driver") << GpuAbsence::NoDevice << "no GPU that can be used (detail)";
        QTest::newRow("old") << GpuAbsence::TooOld << "a GPU that is too old (detail)";
        QTest::newRow("budget") << GpuAbsence::BudgetTooSmall << "too little memory of the GPU (detail)";
        QTest::newRow("library") << GpuAbsence::LibraryMissing << "a CUDA plug-in that misses a library (detail)";
        QTest::newRow("driver") << GpuAbsence::OpenFailed << "a GPU that does not start (detail)";
    }
    void reasons()
    {
        QFETCH(const GpuAbsence, absence);
        QFETCH(const QString, says);
        const kernels::GpuFacts facts{{{.name = "Card"}}, absence, "detail"};
        QCOMPARE(QString::fromStdString(model::whyNoGpu(facts).english()), says);
    }
};

QTEST_GUILESS_MAIN(TestDevice)
#include "tst_device.moc"
