// SPDX-License-Identifier: Apache-2.0
// Writing model folders: layout, resume, and every way in which a disk or a folder says no.
#include "core/checkpoint/checkpointwriter.h"

#include "core/base/file.h"
#include "core/checkpoint/checkpoint.h"
#include "support/filelimit.h"
#include "support/safetensorsfile.h"
#include "support/tempfolder.h"

#include <QTest>

#include <sys/mount.h>
#include <sys/stat.h>

#include <map>

using namespace bitlathe;
using namespace bitlathe::checkpoint;
namespace fs = std::filesystem;

namespace
{

using Options = CheckpointWriter::Options;

std::vector<TensorPlan> smallPlan()
{
    return {{"a", DType::BF16, {4, 3}}, {"b", DType::U8, {5}},  {"c", DType::F32, {}},
            {"d", DType::I32, {0, 2}},  {"e", DType::F64, {2}}, {"f", DType::F8E5M2, {7}}};
}

/// Bytes that differ from tensor to tensor.
std::vector<std::byte> bytesFor(const TensorPlan& tensor)
{
    std::size_t count = dtypeBytes(tensor.dtype);
    for (const std::int64_t dimension : tensor.shape) {
        count *= static_cast<std::size_t>(dimension);
    }
    std::vector<std::byte> bytes(count);
    for (std::size_t i = 0; i < count; ++i) {
        bytes[i] = static_cast<std::byte>((i * 37 + static_cast<unsigned char>(tensor.name.front())) & 0x3fU);
    }
    return bytes;
}

std::map<std::string, std::string> contentOf(const fs::path& folder)
{
    std::map<std::string, std::string> content;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        content[fs::relative(entry.path(), folder)] = entry.is_regular_file() ? *readFile(entry.path()) : "<folder>";
    }
    return content;
}

Result<void> writeAll(CheckpointWriter& writer, const std::vector<TensorPlan>& plan)
{
    for (const TensorPlan& tensor : plan) {
        BITLATHE_CHECK(writer.write(tensor.name, bytesFor(tensor)));
    }
    BITLATHE_CHECK(writer.writeFile("config.json", "{}"));
    BITLATHE_CHECK(writer.seal());
    return writer.finish();
}

Result<void> writeWhole(const fs::path& out, const std::vector<TensorPlan>& plan, const Options& options = {})
{
    BITLATHE_TRY(const auto writer, CheckpointWriter::create(out, plan, options));
    return writeAll(*writer, plan);
}

ErrorCode codeOf(const Result<std::unique_ptr<CheckpointWriter>>& made)
{
    return made ? ErrorCode::Internal : made.error().code;
}

/// A file system of a few blocks, where this process may mount one.
class SmallDisk
{
public:
    SmallDisk()
    {
        fs::create_directories(path());
        m_isMounted = ::mount("tmpfs", path().c_str(), "tmpfs", 0, "size=256k") == 0;
    }
    ~SmallDisk()
    {
        if (m_isMounted) {
            ::umount2(path().c_str(), MNT_DETACH);
        }
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    fs::path path() const { return m_folder / "disk"; }
    bool isMounted() const { return m_isMounted; }
    void makeReadOnly() const { ::mount("tmpfs", path().c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "size=256k"); }

private:
    tests::TempFolder m_folder;
    bool m_isMounted = false;
};

} // namespace

class TestCheckpointWriter : public QObject
{
    Q_OBJECT

private slots:
    void writesOneFile()
    {
        const tests::TempFolder folder;
        const fs::path out = folder / "new" / "out";
        BITLATHE_VERIFY_OK(writeWhole(out, smallPlan()));
        QVERIFY(!fs::exists(folder / "new" / "out.partial"));
        const auto content = contentOf(out);
        QCOMPARE(content.size(), std::size_t{2});
        QVERIFY(content.contains("model.safetensors") && content.contains("config.json"));
        const auto checkpoint = Checkpoint::open(out);
        BITLATHE_VERIFY_OK(checkpoint);
        for (const TensorPlan& tensor : smallPlan()) {
            const TensorView view = (*checkpoint)->tensor(tensor.name, tensor.shape).value();
            QCOMPARE(view.dtype, tensor.dtype);
            QVERIFY(std::ranges::equal(view.bytes, bytesFor(tensor)));
            QCOMPARE((*checkpoint)->find(tensor.name)->offset % dtypeBytes(tensor.dtype), std::uint64_t{0});
        }
    }

    void everyDtypeRoundTrips()
    {
        const tests::TempFolder folder;
        std::vector<TensorPlan> plan;
        for (int i = 0; i <= static_cast<int>(DType::F8E5M2); ++i) {
            plan.push_back({"t" + std::to_string(i), static_cast<DType>(i), {3, 5}});
        }
        BITLATHE_VERIFY_OK(writeWhole(folder / "out", plan));
        const auto checkpoint = *Checkpoint::open(folder / "out");
        for (const TensorPlan& tensor : plan) {
            QCOMPARE(checkpoint->find(tensor.name)->dtype, tensor.dtype);
            QVERIFY(std::ranges::equal(checkpoint->tensor(tensor.name)->bytes, bytesFor(tensor)));
        }
    }

    void shards()
    {
        const tests::TempFolder folder;
        const std::vector<TensorPlan> plan{
            {"z", DType::U8, {60}}, {"a", DType::U8, {40}}, {"big", DType::U8, {500}}, {"last", DType::U8, {1}}};
        Options options;
        options.bytesShardMax = 100;
        BITLATHE_VERIFY_OK(writeWhole(folder / "out", plan, options));
        const auto checkpoint = Checkpoint::open(folder / "out");
        BITLATHE_VERIFY_OK(checkpoint);
        QCOMPARE((*checkpoint)->files().size(), std::size_t{3});
        QCOMPARE((*checkpoint)->find("a")->file, std::size_t{0});
        QCOMPARE((*checkpoint)->find("big")->file, std::size_t{1});
        QVERIFY(fs::exists(folder / "out" / "model-00003-of-00003.safetensors"));
        QCOMPARE(readFile(folder / "out" / "model.safetensors.index.json").value(), std::string(R"({
  "metadata": {
    "total_size": 601
  },
  "weight_map": {
    "a": "model-00001-of-00003.safetensors",
    "big": "model-00002-of-00003.safetensors",
    "last": "model-00003-of-00003.safetensors",
    "z": "model-00001-of-00003.safetensors"
  }
}
)"));
    }

    void orderOfWritesDoesNotMatter()
    {
        const tests::TempFolder folder;
        std::vector<TensorPlan> plan = smallPlan();
        Options options;
        options.bytesShardMax = 30;
        BITLATHE_VERIFY_OK(writeWhole(folder / "one", plan, options));
        auto writer = *CheckpointWriter::create(folder / "two", plan, options);
        std::ranges::reverse(plan);
        BITLATHE_VERIFY_OK(writeAll(*writer, plan));
        QVERIFY(contentOf(folder / "one") == contentOf(folder / "two"));
    }

    void resumeGivesTheSameBytes()
    {
        const tests::TempFolder folder;
        const std::vector<TensorPlan> plan = smallPlan();
        Options options;
        options.bytesShardMax = 30;
        BITLATHE_VERIFY_OK(writeWhole(folder / "straight", plan, options));
        {
            auto writer = *CheckpointWriter::create(folder / "out", plan, options);
            BITLATHE_VERIFY_OK(writer->write("a", bytesFor(plan[0])));
            BITLATHE_VERIFY_OK(writer->write("b", bytesFor(plan[1])));
            BITLATHE_VERIFY_OK(writer->sync());
            tests::writeBytes(writer->partialFolder() / ".bitlathe-journal", "a b");
        }
        options.resume = true;
        auto writer = CheckpointWriter::create(folder / "out", plan, options);
        BITLATHE_VERIFY_OK(writer);
        QCOMPARE(readFile((*writer)->partialFolder() / ".bitlathe-journal").value(), std::string("a b"));
        (*writer)->markWritten("a");
        (*writer)->markWritten("b");
        (*writer)->markWritten("no such tensor");
        for (std::size_t i = 2; i < plan.size(); ++i) {
            BITLATHE_VERIFY_OK((*writer)->write(plan[i].name, bytesFor(plan[i])));
        }
        BITLATHE_VERIFY_OK((*writer)->writeFile("config.json", "{}"));
        BITLATHE_VERIFY_OK((*writer)->seal());
        BITLATHE_VERIFY_OK(Checkpoint::open((*writer)->partialFolder()));
        BITLATHE_VERIFY_OK((*writer)->finish());
        QVERIFY(contentOf(folder / "out") == contentOf(folder / "straight"));
    }

    void resumeNeedsTheSamePlan()
    {
        const tests::TempFolder folder;
        {
            QVERIFY(CheckpointWriter::create(folder / "out", smallPlan(), {}));
        }
        auto plan = smallPlan();
        plan[0].shape = {3, 4};
        Options options;
        options.resume = true;
        const auto other = CheckpointWriter::create(folder / "out", plan, options);
        QCOMPARE(codeOf(other), ErrorCode::RunInvalid);
        QVERIFY(fs::exists(folder / "out.partial" / "model.safetensors"));
        QVERIFY(CheckpointWriter::create(folder / "out", smallPlan(), options));
        fs::resize_file(folder / "out.partial" / "model.safetensors", 50);
        QCOMPARE(codeOf(CheckpointWriter::create(folder / "out", smallPlan(), options)), ErrorCode::RunInvalid);
    }

    void resumeDoesNotBelieveInALostShard()
    {
        const tests::TempFolder folder;
        {
            auto writer = *CheckpointWriter::create(folder / "out", smallPlan(), {});
            BITLATHE_VERIFY_OK(writer->write("a", bytesFor(smallPlan()[0])));
        }
        fs::remove(folder / "out.partial" / "model.safetensors");
        Options options;
        options.resume = true;
        auto writer = *CheckpointWriter::create(folder / "out", smallPlan(), options);
        writer->markWritten("a");
        for (const TensorPlan& tensor : smallPlan()) {
            if (tensor.name != "a") {
                BITLATHE_VERIFY_OK(writer->write(tensor.name, bytesFor(tensor)));
            }
        }
        const auto sealed = writer->seal();
        QCOMPARE(sealed.error().code, ErrorCode::TensorMissing);
        QCOMPARE(sealed.error().expected.english(), std::string("the tensor a"));
    }

    void newStartClearsTheOldPartial()
    {
        const tests::TempFolder folder;
        fs::create_directories(folder / "out.partial" / "sub");
        tests::writeBytes(folder / "out.partial" / "stray.json", "x");
        BITLATHE_VERIFY_OK(writeWhole(folder / "out", smallPlan()));
        QVERIFY(!fs::exists(folder / "out" / "stray.json"));
        QVERIFY(!fs::exists(folder / "out" / "sub"));
    }

    void existingOutput()
    {
        const tests::TempFolder folder;
        fs::create_directories(folder / "empty");
        BITLATHE_VERIFY_OK(writeWhole(folder / "empty", smallPlan()));
        const auto again = CheckpointWriter::create(folder / "empty", smallPlan(), {});
        QCOMPARE(codeOf(again), ErrorCode::OutputExists);
        QCOMPARE(again.error().subject, (folder / "empty").string());
        QVERIFY(!fs::exists(folder / "empty.partial"));
        tests::writeBytes(folder / "file", "x");
        QCOMPARE(codeOf(CheckpointWriter::create(folder / "file", smallPlan(), {})), ErrorCode::OutputExists);
        QCOMPARE(codeOf(CheckpointWriter::create("/", smallPlan(), {})), ErrorCode::OutputExists);
    }

    void overwrites()
    {
        const tests::TempFolder folder;
        BITLATHE_VERIFY_OK(writeWhole(folder / "out", smallPlan()));
        tests::writeBytes(folder / "out" / "old.txt", "x");
        Options options;
        options.overwrite = true;
        const std::vector<TensorPlan> plan{{"new", DType::U8, {3}}};
        {
            auto writer = CheckpointWriter::create(folder / "out" / "", plan, options);
            BITLATHE_VERIFY_OK(writer);
            QVERIFY(Checkpoint::open(folder / "out").value()->find("a") != nullptr);
            BITLATHE_VERIFY_OK(writeAll(**writer, plan));
        }
        QVERIFY(Checkpoint::open(folder / "out").value()->find("new") != nullptr);
        QVERIFY(!fs::exists(folder / "out" / "old.txt"));
        QCOMPARE(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), std::ptrdiff_t{1});
    }

    void overwritesModelsOnly()
    {
        const tests::TempFolder folder;
        fs::create_directories(folder / "home");
        tests::writeBytes(folder / "home" / "thesis.txt", "years of work");
        Options options;
        options.overwrite = true;
        QCOMPARE(codeOf(CheckpointWriter::create(folder / "home", smallPlan(), options)), ErrorCode::OutputExists);
        QVERIFY(fs::exists(folder / "home" / "thesis.txt"));
    }

    void outputThatAppearsMeanwhileStays()
    {
        const tests::TempFolder folder;
        auto writer = *CheckpointWriter::create(folder / "out", smallPlan(), {});
        BITLATHE_VERIFY_OK(writer->writeFile(".bitlathe-journal.jsonl", "how to go on"));
        fs::create_directories(folder / "out");
        tests::writeBytes(folder / "out" / "config.json", "of somebody else");
        const auto finished = writeAll(*writer, smallPlan());
        QCOMPARE(finished.error().code, ErrorCode::OutputExists);
        QCOMPARE(readFile(folder / "out" / "config.json").value(), std::string("of somebody else"));
        QVERIFY(fs::exists(folder / "out.partial" / ".bitlathe-journal.jsonl")); // The run can still go on.
        fs::remove_all(folder / "out");
        BITLATHE_VERIFY_OK(writer->finish());
        BITLATHE_VERIFY_OK(Checkpoint::open(folder / "out"));
        QVERIFY(!fs::exists(folder / "out" / ".bitlathe-journal.jsonl"));
    }

    void oneWriterAtATime()
    {
        const tests::TempFolder folder;
        auto first = *CheckpointWriter::create(folder / "out", smallPlan(), {});
        const auto second = CheckpointWriter::create(folder / "out", smallPlan(), {});
        QCOMPARE(codeOf(second), ErrorCode::OutputExists);
        QVERIFY(second.error().found.english().find("out.partial") != std::string::npos);
        QVERIFY(fs::exists(first->partialFolder() / "model.safetensors"));
        first.reset();
        QVERIFY(CheckpointWriter::create(folder / "out", smallPlan(), {}));
    }

    void discards()
    {
        const tests::TempFolder folder;
        auto writer = *CheckpointWriter::create(folder / "out", smallPlan(), {});
        QVERIFY(writer->bytesTotal() > 24 + 5 + 4 + 16 + 7);
        writer->discard();
        QVERIFY(fs::is_empty(folder.path()));
    }

    void badPlans()
    {
        const tests::TempFolder folder;
        const auto made = [&](std::vector<TensorPlan> plan) {
            return codeOf(CheckpointWriter::create(folder / "out", std::move(plan), {}));
        };
        QCOMPARE(made({{"a", DType::U8, {1}}, {"a", DType::U8, {1}}}), ErrorCode::TensorInvalid);
        QCOMPARE(made({{"a", DType::U8, {-1}}}), ErrorCode::TensorInvalid);
        QCOMPARE(made({{"a", DType::F64, {INT64_MAX, 3}}}), ErrorCode::TensorInvalid);
        QCOMPARE(made({{"a", DType::U8, {INT64_MAX}}, {"b", DType::U8, {INT64_MAX}}}), ErrorCode::TensorInvalid);
        QVERIFY(fs::is_empty(folder.path()));
        BITLATHE_VERIFY_OK(writeWhole(folder / "out", {}));
        QVERIFY(Checkpoint::open(folder / "out").value()->entries().empty());
    }

    void badCalls()
    {
        const tests::TempFolder folder;
        auto writer = *CheckpointWriter::create(folder / "out", smallPlan(), {});
        QCOMPARE(writer->write("x", {}).error().code, ErrorCode::Internal);
        QCOMPARE(writer->write("a", {}).error().code, ErrorCode::Internal);
        QCOMPARE(writer->finish().error().code, ErrorCode::Internal);
        QCOMPARE(writer->seal().error().code, ErrorCode::TensorMissing);
        QCOMPARE(writer->writeFile("../escape", "x").error().code, ErrorCode::WriteFailed);
        QCOMPARE(writer->writeFile("", "x").error().code, ErrorCode::WriteFailed);
        QCOMPARE(writer->copyFile(folder / "absent").error().code, ErrorCode::FileMissing);
        tests::writeBytes(folder / "tokenizer.json", "{}");
        BITLATHE_VERIFY_OK(writer->copyFile(folder / "tokenizer.json"));
        BITLATHE_VERIFY_OK(writeAll(*writer, smallPlan()));
        QCOMPARE(readFile(folder / "out" / "tokenizer.json").value(), std::string("{}"));
    }

    void moreThanTheDiskHolds()
    {
        const tests::TempFolder folder;
        const auto made = CheckpointWriter::create(folder / "out", {{"a", DType::U8, {std::int64_t{1} << 60}}}, {});
        QCOMPARE(codeOf(made), ErrorCode::DiskFull);
        QVERIFY2(made.error().expected.english().find("11529215046068") != std::string::npos,
                 made.error().sentence().c_str());
        QVERIFY(fs::is_empty(folder.path()));
    }

    void fileGrowsNoFurther()
    {
        const tests::TempFolder folder;
        const tests::FileLimit limit(64 * 1024);
        const auto made = CheckpointWriter::create(folder / "out", {{"a", DType::U8, {1 << 20}}}, {});
        QCOMPARE(codeOf(made), ErrorCode::WriteFailed);
        QVERIFY(fs::is_empty(folder.path()));
    }

    void diskFillsUp()
    {
        const SmallDisk disk;
        if (!disk.isMounted()) {
            QSKIP("needs the right to mount a small file system");
        }
        const fs::path out = disk.path() / "out";
        QCOMPARE(codeOf(CheckpointWriter::create(out, {{"a", DType::U8, {300'000}}}, {})), ErrorCode::DiskFull);
        auto writer = CheckpointWriter::create(out, {{"a", DType::U8, {100'000}}}, {});
        BITLATHE_VERIFY_OK(writer);
        BITLATHE_VERIFY_OK((*writer)->write("a", std::vector<std::byte>(100'000)));
        QCOMPARE((*writer)->writeFile("config.json", std::string(200'000, ' ')).error().code, ErrorCode::DiskFull);
        BITLATHE_VERIFY_OK((*writer)->writeFile("config.json", "{}"));
        BITLATHE_VERIFY_OK((*writer)->seal());
        BITLATHE_VERIFY_OK((*writer)->finish());
        BITLATHE_VERIFY_OK(Checkpoint::open(out));
    }

    void readOnlyDisk()
    {
        const SmallDisk disk;
        if (!disk.isMounted()) {
            QSKIP("needs the right to mount a small file system");
        }
        disk.makeReadOnly();
        const auto made = CheckpointWriter::create(disk.path() / "out", smallPlan(), {});
        QCOMPARE(codeOf(made), ErrorCode::WriteFailed);
        QVERIFY(made.error().sentence().find("Read-only file system. Check permissions") != std::string::npos);
    }

    void noFolderCanBeThere()
    {
        const tests::TempFolder folder;
        tests::writeBytes(folder / "file", "x");
        const auto made = CheckpointWriter::create(folder / "file" / "out", smallPlan(), {});
        QCOMPARE(codeOf(made), ErrorCode::WriteFailed);
        QVERIFY(made.error().subject.find("file/out") != std::string::npos);
        QCOMPARE(codeOf(CheckpointWriter::create("/proc/self/out", smallPlan(), {})), ErrorCode::WriteFailed);
    }
};

QTEST_GUILESS_MAIN(TestCheckpointWriter)
#include "tst_checkpointwriter.moc"
