// SPDX-License-Identifier: Apache-2.0
// The fields of the cache: what they show, save and remove.
#include "core/base/file.h"
#include "support/tempfolder.h"
#include "ui/bridge/session.h"
#include "ui/widgets/cachefields.h"

#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QtTest>

#include <fstream>

namespace bitlathe::ui
{

class TestCacheFields : public QObject
{
    Q_OBJECT

    tests::TempFolder m_folder;

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("XDG_CACHE_HOME", (m_folder / "cache").c_str());
        qputenv("XDG_CONFIG_HOME", (m_folder / "config").c_str());
    }

    void showSaveAndRemove()
    {
        const auto entry = usualCacheFolder() / "statistics" / "one";
        std::filesystem::create_directories(entry);
        std::ofstream(entry / "block") << std::string(2'000'000, 'x');
        QWidget owner;
        CacheFields fields(&owner);
        QVERIFY(!fields.clearButton()->isEnabled());
        QTRY_VERIFY(fields.clearButton()->isEnabled());
        QCOMPARE(fields.limitField()->value(), 50);
        QVERIFY(fields.folderField()->text().isEmpty());
        QVERIFY2(fields.useLabel()->text().contains(QStringLiteral("1.91")), qPrintable(fields.useLabel()->text()));
        fields.limitField()->setValue(7);
        QTRY_COMPARE(cacheSettings().bytesMax, std::uint64_t{7'000'000'000});
        QVERIFY(std::filesystem::exists(entry));
        fields.clearButton()->click();
        QTRY_VERIFY(!std::filesystem::exists(entry));
        QTRY_VERIFY(!fields.clearButton()->isEnabled());
        QVERIFY(fields.useLabel()->text().startsWith(QStringLiteral("0")));
        // A folder that is no path from the root is refused in a sentence, and the setting stays.
        fields.folderField()->setText(QStringLiteral("here"));
        QTest::keyClick(fields.folderField(), Qt::Key_Return);
        QTRY_VERIFY2(fields.useLabel()->text().contains(QStringLiteral("here")), qPrintable(fields.useLabel()->text()));
        QVERIFY(cacheSettings().folder.empty());
        fields.folderField()->setText(fromPath(m_folder / "elsewhere"));
        QTest::keyClick(fields.folderField(), Qt::Key_Return);
        QTRY_COMPARE(cacheSettings().folder, m_folder / "elsewhere");
        QCOMPARE(cacheSettings().bytesMax, std::uint64_t{7'000'000'000});
    }

    void limitsBelowAGigabyteAreNoLackOfOne()
    {
        BITLATHE_VERIFY_OK(saveCacheSettings({{}, 1000}));
        QWidget owner;
        CacheFields fields(&owner);
        QTRY_COMPARE(fields.limitField()->value(), 1);
        BITLATHE_VERIFY_OK(saveCacheSettings({{}, 0}));
        CacheFields none(&owner);
        QTRY_COMPARE(none.limitField()->value(), 0);
        QVERIFY(!none.limitField()->specialValueText().isEmpty());
    }
};

} // namespace bitlathe::ui

QTEST_MAIN(bitlathe::ui::TestCacheFields)

#include "tst_cachefields.moc"
