// SPDX-License-Identifier: Apache-2.0
// Which files of a folder are read, and what is said of the others.
#include "core/checkpoint/folderfiles.h"
#include "core/checkpoint/tensorfilename.h"
#include "support/safetensorsfile.h"
#include "support/tempfolder.h"

#include <QTest>

using namespace bitlathe;
using namespace bitlathe::checkpoint;

namespace
{

QString namesOf(const FolderFiles& found)
{
    QStringList names;
    for (const auto& file : found.files) {
        names.append(QString::fromStdString(file.filename().string()));
    }
    return names.join(' ');
}

QString findingsOf(const FolderFiles& found)
{
    QStringList lines;
    for (const Finding& finding : found.findings) {
        lines.append(QString::fromStdString(finding.code + ": " + finding.message.english()));
    }
    return lines.join('\n');
}

} // namespace

class TestFolderFiles : public QObject
{
    Q_OBJECT

private slots:
    void names_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("facts");
        const auto row = [](const char* name, const char* facts) { QTest::newRow(name) << name << facts; };
        row("model.safetensors", "safetensors model.safetensors");
        row("model-00002-of-00005.safetensors", "safetensors model.safetensors of 5");
        row("model.fp16.safetensors", "safetensors model.safetensors fp16");
        row("model.fp16-00001-of-00002.safetensors", "safetensors model.safetensors fp16 of 2");
        row("model-00001-of-00002.fp16.safetensors", "safetensors model.safetensors fp16 of 2");
        row("model.safetensors.index.json", "safetensors model.safetensors index");
        row("model.safetensors.index.fp16.json", "safetensors model.safetensors fp16 index");
        row("pytorch_model.bin", "torch pytorch_model.bin");
        row("pytorch_model-00001-of-00003.bin", "torch pytorch_model.bin of 3");
        row("pytorch_model.bin.index.json", "torch pytorch_model.bin index");
        row("consolidated.00.pth", "torch consolidated.00.pth");
        row("training_args.bin", "");
        row("optimizer.pt", "");
        row("rng_state_0.pth", "");
        row("config.json", "");
        row("model.gguf", "");
        row(".safetensors", "");
    }
    void names()
    {
        QFETCH(QString, name);
        QFETCH(QString, facts);
        const auto parsed = parseTensorFileName(name.toStdString());
        QStringList found;
        if (parsed) {
            found << (parsed->container == Container::Torch ? "torch" : "safetensors")
                  << QString::fromStdString(parsed->stem + parsed->ending);
            if (!parsed->precision.empty()) {
                found << QString::fromStdString(parsed->precision);
            }
            if (parsed->shards) {
                found << QString("of %1").arg(*parsed->shards);
            }
            if (parsed->isIndex) {
                found << "index";
            }
        }
        QCOMPARE(found.join(' '), facts);
    }

    void chooses_data()
    {
        QTest::addColumn<QString>("files");
        QTest::addColumn<QString>("read");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* files, const char* read, const char* says) {
            QTest::newRow(files) << files << read << says;
        };
        row("model.safetensors", "model.safetensors", "");
        row("model.safetensors model.fp16.safetensors", "model.safetensors",
            "other-precision: model.safetensors is read; files of other precisions are left aside: "
            "model.fp16.safetensors");
        row("model.fp16.safetensors model.bf16.safetensors", "model.bf16.safetensors",
            "other-precision: model.bf16.safetensors is read; files of other precisions are left aside: "
            "model.fp16.safetensors");
        row("model.safetensors pytorch_model.bin training_args.bin", "model.safetensors",
            "other-container: model.safetensors is read; files of PyTorch beside it are left aside: pytorch_model.bin");
        row("model.safetensors consolidated.safetensors logits.safetensors", "model.safetensors",
            "other-files: model.safetensors is read; more tensor files are left aside: consolidated.safetensors");
        row("pytorch_model.bin training_args.bin optimizer.pt", "pytorch_model.bin", "");
        row("pytorch_model-00001-of-00002.bin pytorch_model-00002-of-00002.bin",
            "pytorch_model-00001-of-00002.bin pytorch_model-00002-of-00002.bin", "");
        row("weights.pt scheduler.pt", "weights.pt", "");
        row("consolidated.00.pth", "consolidated.00.pth", "");
        row("a.safetensors b.safetensors", "a.safetensors b.safetensors", "");
    }
    void chooses()
    {
        QFETCH(QString, files);
        QFETCH(QString, read);
        QFETCH(QString, says);
        const tests::TempFolder folder;
        for (const QString& name : files.split(' ')) {
            tests::writeBytes(folder / name.toStdString(), "x");
        }
        const auto found = findTensorFiles(folder.path());
        BITLATHE_VERIFY_OK(found);
        QCOMPARE(namesOf(*found), read);
        QCOMPARE(findingsOf(*found), says);
    }

    void readsTheIndexOfPyTorch()
    {
        const tests::TempFolder folder;
        tests::writeBytes(folder / "pytorch_model-00001-of-00001.bin", "x");
        tests::writeBytes(folder / "pytorch_model.bin.index.json",
                          R"({"weight_map":{"a":"pytorch_model-00001-of-00001.bin"}})");
        for (const auto& path :
             {folder.path(), folder / "pytorch_model.bin.index.json", folder / "pytorch_model-00001-of-00001.bin"}) {
            const auto found = findTensorFiles(path);
            BITLATHE_VERIFY_OK(found);
            QVERIFY(found->hasIndex);
            QCOMPARE(found->files.size(), std::size_t{1});
        }
        std::filesystem::remove(folder / "pytorch_model-00001-of-00001.bin");
        const auto missing = findTensorFiles(folder.path());
        QVERIFY(!missing);
        QCOMPARE(missing.error().code, ErrorCode::FileMissing);
        QVERIFY(missing.error().sentence().find("pytorch_model-00001-of-00001.bin") != std::string::npos);
    }

    void severalFilesAreNoModel()
    {
        const tests::TempFolder folder;
        tests::writeBytes(folder / "first.pt", "x");
        tests::writeBytes(folder / "second.pt", "x");
        const auto found = findTensorFiles(folder.path());
        QVERIFY(!found);
        QCOMPARE(found.error().code, ErrorCode::NotSupported);
        QVERIFY(found.error().sentence().find("2 files: first.pt, second.pt") != std::string::npos);
        QCOMPARE(namesOf(findTensorFiles(folder / "second.pt").value()), QString("second.pt"));
        tests::writeBytes(folder / "pytorch_model-00001-of-00003.bin", "x");
        const auto half = findTensorFiles(folder.path());
        QVERIFY(!half && half.error().code == ErrorCode::FileMissing);
    }
};

QTEST_GUILESS_MAIN(TestFolderFiles)
#include "tst_folderfiles.moc"
