// SPDX-License-Identifier: Apache-2.0
// Whole reads, atomic writes, and what they say when they fail.
#include "core/base/file.h"

#include "core/base/descriptor.h"
#include "support/filelimit.h"
#include "support/tempfolder.h"

#include <QTest>

#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>

using namespace bitlathe;
namespace fs = std::filesystem;

class TestFile : public QObject
{
    Q_OBJECT

private slots:
    void readsWhatWasWritten()
    {
        const tests::TempFolder folder;
        std::string content(3'000'000, '\0');
        for (std::size_t i = 0; i < content.size(); ++i) {
            content[i] = static_cast<char>(i * 31 % 251);
        }
        BITLATHE_VERIFY_OK(writeFileAtomically(folder / "a", content));
        QVERIFY(readFile(folder / "a").value() == content);
        BITLATHE_VERIFY_OK(writeFileAtomically(folder / "a", "new"));
        QCOMPARE(readFile(folder / "a").value(), std::string("new"));
        BITLATHE_VERIFY_OK(writeFileAtomically(folder / "a", ""));
        QCOMPARE(readFile(folder / "a").value(), std::string());
        QCOMPARE(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), std::ptrdiff_t{1});
    }

    void badReads()
    {
        const tests::TempFolder folder;
        QCOMPARE(readFile(folder / "absent").error().code, ErrorCode::FileMissing);
        QCOMPARE(readFile(folder.path()).error().code, ErrorCode::FileUnreadable);
        std::ofstream(folder / "ten") << "0123456789";
        QCOMPARE(readFile(folder / "ten", 9).error().code, ErrorCode::FileInvalid);
        QVERIFY(readFile(folder / "ten", 10).has_value());
        QCOMPARE(readFile(folder / "ten" / "below").error().code, ErrorCode::FileMissing);
    }

    void badWrites()
    {
        const tests::TempFolder folder;
        QCOMPARE(writeFileAtomically(folder / "absent" / "a", "x").error().code, ErrorCode::WriteFailed);
        std::ofstream(folder / "file") << "x";
        QCOMPARE(writeFileAtomically(folder / "file" / "a", "x").error().code, ErrorCode::WriteFailed);
        fs::create_directories(folder / "full" / "inner");
        QCOMPARE(writeFileAtomically(folder / "full", "x").error().code, ErrorCode::WriteFailed);
    }

    void failedWriteLeavesTheOldContent()
    {
        const tests::TempFolder folder;
        BITLATHE_VERIFY_OK(writeFileAtomically(folder / "a", "old"));
        {
            const tests::FileLimit limit(4096);
            QCOMPARE(writeFileAtomically(folder / "a", std::string(10'000, 'x')).error().code, ErrorCode::WriteFailed);
        }
        QCOMPARE(readFile(folder / "a").value(), std::string("old"));
        QCOMPARE(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), std::ptrdiff_t{1});
    }

    void errorsNameTheirKind()
    {
        QCOMPARE(writeError("x", ENOSPC).code, ErrorCode::DiskFull);
        QCOMPARE(writeError("x", EDQUOT).code, ErrorCode::DiskFull);
        QCOMPARE(writeError("x", EROFS).code, ErrorCode::WriteFailed);
        QCOMPARE(readError("x", ENOENT).code, ErrorCode::FileMissing);
        QCOMPARE(readError("x", EACCES).code, ErrorCode::FileUnreadable);
    }

    void freeBytesOfAFolderThatWillBe()
    {
        const tests::TempFolder folder;
        QVERIFY(freeBytes(folder.path()) > 0);
        QVERIFY(freeBytes(folder / "not" / "yet" / "there") > 0);
    }

    void foldersFollowTheEnvironment()
    {
        qputenv("XDG_CACHE_HOME", "/somewhere/cache");
        QCOMPARE(usualCacheFolder(), fs::path("/somewhere/cache/bitlathe"));
        qputenv("XDG_CACHE_HOME", "relative");
        qputenv("HOME", "/home/u");
        QCOMPARE(usualCacheFolder(), fs::path("/home/u/.cache/bitlathe"));
        qunsetenv("XDG_DATA_HOME");
        QCOMPARE(dataFolder(), fs::path("/home/u/.local/share/bitlathe"));
        qunsetenv("HOME");
        QVERIFY(dataFolder().is_absolute());
    }

    void homeIsNotNamed()
    {
        qputenv("HOME", "/home/ann/");
        QCOMPARE(withoutHome("model: \"/home/ann/models/x\", ids:/home/ann"), std::string("model: \"~/models/x\", ids:~"));
        QCOMPARE(withoutHome("/home/anna/x /mnt/home/ann/x a/home/ann"), std::string("/home/anna/x /mnt/home/ann/x a/home/ann"));
        QCOMPARE(withHome("~/models/x"), std::string("/home/ann/models/x"));
        QCOMPARE(withHome("ids:~/ids.json"), std::string("ids:/home/ann/ids.json"));
        QCOMPARE(withHome("~other/x"), std::string("~other/x"));
        qputenv("HOME", "/");
        QCOMPARE(withoutHome("/models/x"), std::string("/models/x"));
        qunsetenv("HOME");
        QCOMPARE(withoutHome("/models/x"), std::string("/models/x"));
        QCOMPARE(withHome("~/x"), std::string("~/x"));
    }

    void pipesAreNoFiles()
    {
        const tests::TempFolder folder;
        QCOMPARE(::mkfifo((folder / "config.json").c_str(), 0600), 0);
        const auto read = readFile(folder / "config.json"); // Opening it would wait for a writer.
        QVERIFY(!read);
        QCOMPARE(read.error().code, ErrorCode::FileUnreadable);
        fs::create_symlink("/dev/null", folder / "link");
        QCOMPARE(readFile(folder / "link").error().code, ErrorCode::FileUnreadable);
        QCOMPARE(readFile("/dev/null").value(), std::string());
    }

    void descriptorsCloseThemselves()
    {
        int number = -1;
        {
            Descriptor first(::open("/dev/null", O_RDONLY | O_CLOEXEC));
            number = first.get();
            QVERIFY(first.isOpen());
            const Descriptor second = std::move(first);
            QVERIFY(!first.isOpen()); // NOLINT(bugprone-use-after-move)
            QCOMPARE(second.get(), number);
        }
        QCOMPARE(::fcntl(number, F_GETFD), -1);
    }
};

QTEST_GUILESS_MAIN(TestFile)
#include "tst_file.moc"
