// SPDX-License-Identifier: Apache-2.0
// Generator: completions off the UI thread, with the cache that a folder brings along, and what stopping leaves.
#include "ui/bridge/generator.h"

#include "core/format/convert.h"
#include "core/format/kvgrids.h"
#include "core/format/turbomind.h"
#include "support/tempfolder.h"
#include "ui/bridge/session.h"

#include <QSignalSpy>
#include <QTest>

using namespace bitlathe;
using namespace bitlathe::ui;
using namespace bitlathe::tests;

class TestGenerator : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// The same prompt over the model and over its workspace with scales: the second keeps keys and values in int8.
    void keepsKeysAsTheFolderSays()
    {
        BITLATHE_NEED_SHARED();
        const TempFolder temp;
        const std::filesystem::path model = sharedFolder() / "models/demo-llama";
        const auto opened = format::openModel(model);
        BITLATHE_VERIFY_OK(opened);
        auto kv = format::kvForExport((*opened)->spec, format::turbomindFormat(), sharedFolder() / "golden/lmdeploy/kv_qparams/asym-tp1", {});
        BITLATHE_VERIFY_OK(kv);
        BITLATHE_VERIFY_OK(format::convert(*opened, format::turbomindFormat(), {.out = temp / "workspace", .kv = *kv}));
        QCOMPARE(complete(temp / "workspace").name(), std::string("int8"));
        QVERIFY(!complete(model).isQuantized());
    }

    void failsWithASentence()
    {
        const TempFolder temp;
        QSignalSpy failed(&m_generator, &Generator::failed);
        m_generator.start(fromPath(temp / "none"), QStringLiteral("Once"), {}, model::Compute::F32);
        QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 1, kMs);
        QVERIFY(!m_generator.busy());
    }

    void stoppedOnesSayNothing()
    {
        BITLATHE_NEED_SHARED();
        QSignalSpy finished(&m_generator, &Generator::finished);
        model::GenerationOptions options;
        options.maxNewTokens = 4000;
        m_generator.start(fromPath(sharedFolder() / "models/demo-llama"), QStringLiteral("Once"), options, model::Compute::F32);
        QVERIFY(m_generator.busy());
        m_generator.stop();
        QVERIFY(!m_generator.busy());
        complete(sharedFolder() / "models/demo-llama"); // Joins the one before.
        QCOMPARE(finished.count(), 1);
    }

private:
    quant::KvScheme complete(const std::filesystem::path& folder)
    {
        QSignalSpy finished(&m_generator, &Generator::finished);
        model::GenerationOptions options;
        options.maxNewTokens = 4;
        m_generator.start(fromPath(folder), QStringLiteral("Once"), options, model::Compute::F32);
        [&] { QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, kMs); }();
        return m_generator.kvScheme();
    }

    static constexpr int kMs = 60000;
    Generator m_generator;
};

QTEST_MAIN(TestGenerator)
#include "tst_generator.moc"
