// SPDX-License-Identifier: Apache-2.0
// Files of torch.save: every container against what the package safetensors wrote of the same tensors.
#include "core/checkpoint/checkpoint.h"
#include "core/checkpoint/torchfile.h"
#include "support/tempfolder.h"
#include "support/torchpickle.h"

#include "core/base/file.h"

#include <QTest>

using namespace bitlathe;
using namespace bitlathe::checkpoint;
namespace fs = std::filesystem;

namespace
{

fs::path torchData()
{
    return fs::path(BITLATHE_SOURCE_DIR) / "tests/data/torch";
}

std::string contentOf(const std::string& name)
{
    return readFile(torchData() / name).value_or("");
}

QString errorOf(const std::string& bytes)
{
    const auto header = parseTorch(std::as_bytes(std::span(bytes)), "file.bin");
    return header ? QString("none") : QString::fromStdString(header.error().sentence());
}

/// Puts text where other text of its length stands.
std::string changed(std::string bytes, const std::string& from, const std::string& to)
{
    const std::size_t at = bytes.find(from);
    return at == std::string::npos || from.size() != to.size() ? std::string() : bytes.replace(at, from.size(), to);
}

} // namespace

class TestTorchFile : public QObject
{
    Q_OBJECT

private slots:
    void sameAsSafetensors_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("expected");
        QTest::addColumn<int>("copied");
        QTest::newRow("zip") << "zip.bin"
                             << "zip.safetensors" << 4;
        QTest::newRow("zip, protocol 4") << "zip-protocol4.bin"
                                         << "zip.safetensors" << 4;
        QTest::newRow("sequence of pickles") << "sequence.bin"
                                             << "sequence.safetensors" << 4;
        QTest::newRow("tar") << "tar.bin"
                             << "tar.safetensors" << 1;
    }
    void sameAsSafetensors()
    {
        QFETCH(QString, file);
        QFETCH(QString, expected);
        QFETCH(int, copied);
        const auto opened = Checkpoint::open(torchData() / file.toStdString());
        BITLATHE_VERIFY_OK(opened);
        const auto reference = Checkpoint::open(torchData() / expected.toStdString());
        BITLATHE_VERIFY_OK(reference);
        QVERIFY((*opened)->findings().empty());
        QCOMPARE((*opened)->entries().size(), (*reference)->entries().size());
        for (const TensorEntry& entry : (*reference)->entries()) {
            const auto tensor = (*opened)->tensor(entry.name, entry.shape);
            BITLATHE_VERIFY_OK(tensor);
            QVERIFY2(tensor->dtype == entry.dtype, entry.name.c_str());
            QVERIFY2(std::ranges::equal(tensor->bytes, (*reference)->view(entry).bytes), entry.name.c_str());
            (*opened)->release(*(*opened)->find(entry.name));
            QVERIFY2(std::ranges::equal(tensor->bytes, (*reference)->view(entry).bytes), entry.name.c_str());
        }
        QCOMPARE((*opened)->bytesTensors(), (*reference)->bytesTensors());
        const std::string bytes = contentOf(file.toStdString());
        const auto header = parseTorch(std::as_bytes(std::span(bytes)), "file");
        QCOMPARE(header->strided.size(), static_cast<std::size_t>(copied));
    }

    void viewsAreNotCopied()
    {
        const auto opened = Checkpoint::open(torchData() / "zip.bin").value();
        const TensorView base = opened->tensor("base").value();
        const TensorView part = opened->tensor("base.part").value();
        QCOMPARE(part.bytes.data() - base.bytes.data(), std::ptrdiff_t{16});
        // What lies out of order is copied once.
        QCOMPARE(opened->tensor("base.transposed").value().bytes.data(),
                 opened->tensor("base.transposed").value().bytes.data());
    }

    void fingerprintIsThatOfSafetensors()
    {
        const tests::TempFolder cache;
        qputenv("XDG_CACHE_HOME", cache.path().c_str());
        QCOMPARE(Checkpoint::open(torchData() / "zip.bin").value()->fingerprint(),
                 Checkpoint::open(torchData() / "zip.safetensors").value()->fingerprint());
    }

    void opensAStateDictInside_data()
    {
        QTest::addColumn<QString>("file");
        QTest::newRow("zip") << "inside.bin";
        QTest::newRow("sequence of pickles") << "inside-sequence.bin";
    }
    void opensAStateDictInside()
    {
        QFETCH(QString, file);
        const auto opened = Checkpoint::open(torchData() / file.toStdString());
        BITLATHE_VERIFY_OK(opened);
        QCOMPARE((*opened)->entries().size(), std::size_t{1});
        QCOMPARE(toF32((*opened)->tensor("a").value()), std::vector<float>({1.0F, 1.0F}));
        QCOMPARE((*opened)->findings().size(), std::size_t{1});
        QCOMPARE((*opened)->findings()[0].code, std::string("state-dict-inside"));
    }

    void refusesOtherNumbers()
    {
        QVERIFY2(errorOf(contentOf("complex.bin")).contains("file.bin: z: "),
                 qPrintable(errorOf(contentOf("complex.bin"))));
        QVERIFY(errorOf(contentOf("complex.bin")).contains("found torch.ComplexFloatStorage"));
        QVERIFY2(errorOf(contentOf("quantized.bin")).contains("torch._utils._rebuild_qtensor"),
                 qPrintable(errorOf(contentOf("quantized.bin"))));
    }

    void refusesWhatDoesNotFit_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const std::string& bytes, const char* says) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << says;
        };
        const std::string zip = contentOf("zip.bin");
        const std::string sequence = contentOf("sequence.bin");
        row("empty", "", "an empty file");
        row("page", "<html>404</html>", "something else");
        row("pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n", "Git LFS");
        row("half a zip", zip.substr(0, zip.size() / 2), "no directory");
        row("zip without its begin", "PK\x03\x04" + zip.substr(200), "ZIP");
        row("big endian", changed(zip, "little", "big\x01\x01\x01"), "none");
        row("a lying length", changed(zip, std::string("\x4b\x18\x74\x71", 4), std::string("\x4b\x7f\x74\x71", 4)),
            "an entry with 127 elements");
        row("half a sequence", sequence.substr(0, sequence.size() - 5), "elements of");
        row("another mark", changed(sequence, "\x6c\xfc\x9c", "\x6d\xfc\x9c"), "the mark of torch.save");
        row("no storages", sequence.substr(0, 100), "a pickle with its end mark");
    }
    void refusesWhatDoesNotFit()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        QVERIFY2(errorOf(bytes.toStdString()).contains(says), qPrintable(errorOf(bytes.toStdString())));
    }

    /// A file that ends anywhere gives a sentence, never tensors.
    void survivesEveryCut()
    {
        for (const char* name : {"zip.bin", "sequence.bin", "tar.bin"}) {
            const std::string whole = contentOf(name);
            const std::size_t end = whole.find_last_not_of('\0'); // Tar files are filled up with zeros.
            QVERIFY(end > 1000);
            for (std::size_t size = 0; size <= end; size += 7) {
                QVERIFY2(errorOf(whole.substr(0, size)) != "none", qPrintable(QString("%1: %2").arg(name).arg(size)));
            }
        }
    }

    void refusesTensorsOutsideTheirStorage_data()
    {
        QTest::addColumn<qlonglong>("offset");
        QTest::addColumn<QList<qlonglong>>("shape");
        QTest::addColumn<QList<qlonglong>>("strides");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, qlonglong offset, QList<qlonglong> shape, QList<qlonglong> strides,
                            const char* says) { QTest::newRow(name) << offset << shape << strides << says; };
        row("good", 1, {3}, {1}, "none");
        row("empty at the end", 4, {0}, {1}, "none");
        row("behind", 5, {0}, {1}, "inside the 16 bytes");
        row("one too many", 1, {4}, {1}, "inside the 16 bytes");
        row("strides too wide", 0, {2, 2}, {3, 1}, "inside the 16 bytes");
        row("endless shape", 0, {INT64_MAX, INT64_MAX}, {1, 1}, "inside the 16 bytes");
        row("one number, repeated", 0, {INT64_MAX / 8}, {0}, "out of row-major order");
        row("negative", 0, {-1}, {1}, "offset, sizes and strides");
        row("negative stride", 0, {2}, {-1}, "offset, sizes and strides");
        row("ranks differ", 0, {2, 2}, {1}, "offset, sizes and strides");
    }
    void refusesTensorsOutsideTheirStorage()
    {
        QFETCH(qlonglong, offset);
        QFETCH(QList<qlonglong>, shape);
        QFETCH(QList<qlonglong>, strides);
        QFETCH(QString, says);
        const std::string file = tests::torchSequence(
            tests::pickledTensor("t", 4, offset, {shape.begin(), shape.end()}, {strides.begin(), strides.end()}), 4);
        QVERIFY2(errorOf(file).contains(says), qPrintable(errorOf(file)));
    }
};

QTEST_GUILESS_MAIN(TestTorchFile)
#include "tst_torchfile.moc"
