// SPDX-License-Identifier: Apache-2.0
// The cache: settings, what goes first when room is short, and that nothing in use goes.
#include "core/base/cache.h"
#include "core/base/file.h"
#include "support/tempfolder.h"

#include <QtTest>

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

namespace bitlathe
{

namespace fs = std::filesystem;

class TestCache : public QObject
{
    Q_OBJECT

    std::optional<tests::TempFolder> m_folder;

    fs::path root() const { return *m_folder / "cache/bitlathe"; }

    /// An entry of so many bytes that was used so many hours ago.
    fs::path add(const std::string& name, std::size_t bytes, int hours) const
    {
        const fs::path folder = root() / "statistics" / name;
        fs::create_directories(folder);
        std::ofstream(folder / "block") << std::string(bytes, 'x');
        fs::last_write_time(folder, fs::file_time_type::clock::now() - std::chrono::hours(hours));
        return folder;
    }

private Q_SLOTS:
    void init()
    {
        m_folder.emplace();
        qputenv("XDG_CACHE_HOME", (*m_folder / "cache").c_str());
        qputenv("XDG_CONFIG_HOME", (*m_folder / "config").c_str());
    }

    void settingsAreKept()
    {
        QVERIFY(cacheSettings() == CacheSettings{});
        QCOMPARE(cacheFolder(), root());
        const CacheSettings other{*m_folder / "elsewhere", 1000};
        BITLATHE_VERIFY_OK(saveCacheSettings(other));
        QVERIFY(cacheSettings() == other);
        QCOMPARE(cacheFolder(), *m_folder / "elsewhere");
        const auto relative = saveCacheSettings({"here", 0});
        QVERIFY(!relative);
        QCOMPARE(relative.error().code, ErrorCode::SettingInvalid);
        QVERIFY(cacheSettings() == other);
        for (const char* damaged : {"", "[1]", "{\"folder\": 3, \"bytes_max\": -1}", "{\"folder\": \"here\"}"}) {
            std::ofstream(configFolder() / "cache.json") << damaged;
            QVERIFY(cacheSettings() == CacheSettings{});
        }
    }

    void oldestGoFirst()
    {
        const fs::path oldest = add("a", 100, 3);
        const fs::path newest = add("b", 100, 1);
        const fs::path middle = add("c", 100, 2);
        const fs::path mine = root() / "mine.txt";
        std::ofstream(mine) << "not of the cache";
        QCOMPARE(cacheKinds()[0].bytes, std::uint64_t{300});
        QCOMPARE(cacheKinds()[0].entries, std::int64_t{3});
        QCOMPARE(trimCache(300).bytesFreed, std::uint64_t{0});
        const CacheTrim trim = trimCache(299);
        QCOMPARE(trim.bytesFreed, std::uint64_t{100});
        QCOMPARE(trim.bytesLeft, std::uint64_t{200});
        QVERIFY(!fs::exists(oldest) && fs::exists(newest) && fs::exists(middle));
        BITLATHE_VERIFY_OK(CacheEntry::open(middle)); // Used just now.
        QCOMPARE(trimCache(150).bytesLeft, std::uint64_t{100});
        QVERIFY(!fs::exists(newest) && fs::exists(middle));
        QCOMPARE(trimCache(0).bytesLeft, std::uint64_t{0});
        QVERIFY(fs::is_empty(root() / "statistics") && fs::exists(mine));
    }

    void whatIsUsedStays()
    {
        const fs::path used = add("used", 100, 9);
        add("free", 100, 1);
        {
            const auto entry = CacheEntry::open(used);
            BITLATHE_VERIFY_OK(entry);
            const CacheTrim trim = trimCache(0);
            QCOMPARE(trim.inUse, std::int64_t{1});
            QCOMPARE(trim.bytesLeft, std::uint64_t{100});
            QVERIFY(fs::exists(used / "block"));
            // Another process is held off, too.
            const pid_t child = ::fork();
            if (child == 0) {
                ::_exit(trimCache(0).inUse == 1 ? 0 : 1);
            }
            int status = -1;
            ::waitpid(child, &status, 0);
            QCOMPARE(status, 0);
        }
        QCOMPARE(trimCache(0).inUse, std::int64_t{0});
        QVERIFY(!fs::exists(used));
    }

    void newEntriesMakeRoom()
    {
        BITLATHE_VERIFY_OK(saveCacheSettings({{}, 150}));
        const fs::path old = add("old", 100, 2);
        const fs::path recent = add("recent", 100, 1);
        BITLATHE_VERIFY_OK(CacheEntry::open(recent)); // Not new: all stays.
        QVERIFY(fs::exists(old));
        BITLATHE_VERIFY_OK(CacheEntry::open(root() / "evaluations/new"));
        QVERIFY(!fs::exists(old) && fs::exists(recent) && fs::exists(root() / "evaluations/new"));
        BITLATHE_VERIFY_OK(saveCacheSettings({{}, 0})); // No limit.
        BITLATHE_VERIFY_OK(CacheEntry::open(root() / "evaluations/newer"));
        QVERIFY(fs::exists(recent));
    }

    void whatAnEndedProgramLeftGoes()
    {
        const fs::path left = add(".gone-x", 100, 0);
        QCOMPARE(trimCache(1).bytesFreed, std::uint64_t{100});
        QVERIFY(!fs::exists(left));
    }

    void linksAreNotFollowed()
    {
        const fs::path outside = *m_folder / "outside";
        fs::create_directories(outside);
        std::ofstream(outside / "file") << "mine";
        fs::create_directories(root() / "statistics");
        fs::create_directory_symlink(outside, root() / "statistics/link");
        trimCache(0);
        QVERIFY(fs::exists(outside / "file"));
    }

    void aPlaceThatCannotBeWrittenIsAnError()
    {
        const fs::path file = *m_folder / "file";
        std::ofstream(file) << "x";
        const auto entry = CacheEntry::open(file / "below");
        QVERIFY(!entry);
        QCOMPARE(entry.error().code, ErrorCode::WriteFailed);
    }
};

} // namespace bitlathe

QTEST_GUILESS_MAIN(bitlathe::TestCache)

#include "tst_cache.moc"
