#include <QTest>
class TestGptq : public QObject { Q_OBJECT };
QTEST_GUILESS_MAIN(TestGptq)
#include "tst_gptq.moc"
