#include <QTest>
class TestSweep : public QObject { Q_OBJECT };
QTEST_GUILESS_MAIN(TestSweep)
#include "tst_sweep.moc"
