// SPDX-License-Identifier: Apache-2.0
// Pickles: what is read of them, and that nothing in them is run or grows without bounds.
#include "core/checkpoint/pickle.h"
#include "core/checkpoint/torchnames.h"
#include "support/tempfolder.h"
#include "support/torchpickle.h"

#include <QTest>

using namespace bitlathe;
using namespace bitlathe::checkpoint;

namespace
{

Result<Pickle> read(const std::string& bytes)
{
    return readPickle(std::as_bytes(std::span(bytes)), "file.bin: data.pkl", isTorchName);
}

QString errorOf(const std::string& bytes)
{
    const auto pickle = read(bytes);
    return pickle ? QString("none") : QString::fromStdString(pickle.error().sentence());
}

std::string repeated(std::size_t times, const std::string& text)
{
    std::string all;
    for (std::size_t i = 0; i < times; ++i) {
        all += text;
    }
    return all;
}

} // namespace

class TestPickle : public QObject
{
    Q_OBJECT

private slots:
    void readsNumbers_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<qlonglong>("value");
        const auto row = [](const char* name, const std::string& bytes, qlonglong value) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << value;
        };
        using namespace std::string_literals;
        row("one byte", "K\xff.", 255);
        row("two bytes", "M\xff\xff.", 65535);
        row("four bytes", "J\xfe\xff\xff\xff.", -2);
        row("long of none", "\x8a\0."s, 0);
        row("long of one", "\x8a\1\xff."s, -1);
        row("long of two", "\x8a\2\xff\0."s, 255);
        row("long of eight", "\x8a\x08\0\0\0\0\0\0\0\x80."s, INT64_MIN);
        row("long with a wide length", "\x8b\1\0\0\0\5."s, 5);
        row("digits", "I-17\n.", -17);
        row("long digits", "L42L\n.", 42);
        row("truth in digits", "I01\n.", 1);
        row("truth", "\x88.", 1);
    }
    void readsNumbers()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(qlonglong, value);
        const auto pickle = read(bytes.toStdString());
        BITLATHE_VERIFY_OK(pickle);
        QCOMPARE(static_cast<qlonglong>(pickle->root->integer), value);
        QCOMPARE(pickle->bytes, static_cast<std::size_t>(bytes.size()));
    }

    void readsContainers()
    {
        // {"a": (1, [2, 3]), "b": the same list}
        const auto pickle = read("\x80\x02}q\x01(X\x01" + std::string(3, '\0') + "aK\x01]q\x02(K\x02K\x03" +
                                 "e\x86X\x01" + std::string(3, '\0') + "bh\x02u.rest");
        BITLATHE_VERIFY_OK(pickle);
        const PickleValue& root = *pickle->root;
        QCOMPARE(root.kind, PickleKind::Dict);
        QCOMPARE(root.items.size(), std::size_t{4});
        QCOMPARE(root.items[2]->text, std::string("b"));
        QCOMPARE(root.items[1]->items[1], root.items[3]);
        QCOMPARE(root.items[3]->items.size(), std::size_t{2});
    }

    void aListInItselfIsNoTrouble()
    {
        const auto pickle = read("]q\x01h\x01"
                                 "a.");
        BITLATHE_VERIFY_OK(pickle);
        QCOMPARE(pickle->root->items.front(), pickle->root);
    }

    void refusesByName_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const std::string& bytes, const char* says) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << says;
        };
        row("os.system",
            "\x80\x02"
            "cos\nsystem\nX\x04" +
                std::string(3, '\0') + "true\x85R.",
            "the name os.system");
        row("posix.system", "cposix\nsystem\n(S'true'\ntR.", "the name posix.system");
        row("builtins.eval",
            "\x80\x04\x8c\x08"
            "builtins\x8c\x04"
            "eval\x93)R.",
            "the name builtins.eval");
        row("nested in arguments",
            "\x80\x02"
            "ctorch._utils\n_rebuild_parameter\n(cos\npopen\n)RtR.",
            "the name os.popen");
        row("an attribute", "ctorch\nSize.__reduce__\n.", "the name torch.Size.__reduce__");
        row("a pickle inside", "ctorch.storage\n_load_from_bytes\n.", "the name torch.storage._load_from_bytes");
        row("an instance", "(ios\nsystem\n.", "the opcode 0x69");
        row("an object", "(cos\nsystem\no.", "the name os.system");
        row("an extension", "\x82\x01.", "the opcode 0x82");
        row("commands for a terminal", "cos\nsys\x1b[2Jtem\n.", "the name os.sys?[2Jtem");
    }
    void refusesByName()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        QVERIFY2(errorOf(bytes.toStdString()).contains(says), qPrintable(errorOf(bytes.toStdString())));
        QVERIFY(errorOf(bytes.toStdString()).startsWith("file.bin: data.pkl: byte "));
    }

    void refusesBombs_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const std::string& bytes, const char* says) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << says;
        };
        using namespace std::string_literals;
        row("deep stack", repeated(200'000, "N"), "a stack of at most 100000");
        row("many marks", repeated(200'000, "("), "at most 100000 marks");
        row("many values", repeated(2'100'000, "N0"), "at most 2000000 values");
        row("endless text", "X\xff\xff\xff\xff", "strings of at most 1000000 bytes, found one of 4294967295");
        row("endless text of eight bytes", "\x8d" + std::string(8, '\xff'), "strings of at most");
        row("lying length", "X\x10\0\0\0abc."s, "the end after 9 bytes");
        row("no end", "}", "a pickle with its end mark");
        row("nothing", "", "a pickle with its end mark");
        row("end of nothing", ".", "a value on the stack");
        row("below a mark", "N(a.", "a value on the stack");
        row("no mark", "Nt.", "a mark on the stack");
        row("no memo", "h\x05.", "a value number 5 in the memo");
        row("protocol", "\x80\x63N.", "a pickle of protocol 5 or lower");
        row("items for a number", "K\1(NNu."s, "a dictionary and pairs for it");
        row("half a pair", "}(Nu.", "a dictionary and pairs for it");
        row("a call of a number", "K\1)R."s, "a name and a tuple to call it with");
        // One list of pairs, turned into dictionaries over and over.
        row("copies",
            "](" + repeated(50'000, "N\x88\x86") + "e\x85q\1"s + repeated(100, "ccollections\nOrderedDict\nh\1R0"s) +
                "N.",
            "at most 2000000 pairs");
    }
    void refusesBombs()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        QVERIFY2(errorOf(bytes.toStdString()).contains(says), qPrintable(errorOf(bytes.toStdString())));
    }
};

QTEST_GUILESS_MAIN(TestPickle)
#include "tst_pickle.moc"
