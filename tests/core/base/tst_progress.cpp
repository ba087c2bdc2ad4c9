// SPDX-License-Identifier: Apache-2.0
// Nested progress and stop.
#include "core/base/progress.h"

#include <QTest>

#include <vector>

using namespace bitlathe;

class TestProgress : public QObject
{
    Q_OBJECT

private slots:
    void childrenReportInTheParentsRange()
    {
        std::vector<double> fractions;
        std::vector<std::string> titles;
        const ProgressSink sink([&](double fraction, const Text& title) {
            fractions.push_back(fraction);
            titles.push_back(title.english());
        });
        const ProgressSink half = sink.child(0.5, 1.0, Text("half"));
        half.set(0.5);
        const ProgressSink eighth = half.child(0.0, 0.25);
        eighth.set(1.0);
        eighth.set(0.0, Text("own"));
        QCOMPARE(fractions, (std::vector<double>{0.75, 0.625, 0.5}));
        QCOMPARE(titles, (std::vector<std::string>{"half", "half", "own"}));
    }

    void nobodyNeedsToWatch()
    {
        const WorkContext context;
        context.child(0.0, 0.5, Text("x")).progress.set(1.0);
        QVERIFY(!context.stopRequested());
    }

    void childrenShareTheStop()
    {
        std::stop_source source;
        const WorkContext context{ProgressSink(), source.get_token()};
        const WorkContext child = context.child(0.0, 1.0);
        QVERIFY(!child.stopRequested());
        source.request_stop();
        QVERIFY(child.stopRequested());
    }
};

QTEST_GUILESS_MAIN(TestProgress)
#include "tst_progress.moc"
