// SPDX-License-Identifier: Apache-2.0
// Generator: completions off the UI thread, with the cache that a folder brings along, and what finishing early leaves.
#include "ui/bridge/generator.h"

#include "core/base/resources.h"
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
        auto kv = format::kvForExport((*opened)->spec, format::turbomindFormat(),
                                      sharedFolder() / "golden/lmdeploy/kv_qparams/asym-tp1", {});
        BITLATHE_VERIFY_OK(kv);
        BITLATHE_VERIFY_OK(format::convert(*opened, format::turbomindFormat(), {.out = temp / "workspace", .kv = *kv}));
        QCOMPARE(complete(temp / "workspace").name(), std::string("int8"));
        QVERIFY(!complete(model).isQuantized());
    }

    void failsWithASentence()
    {
        const TempFolder temp;
        QSignalSpy failed(&m_generator, &Generator::failed);
        m_generator.start(fromPath(temp / "none"), QStringLiteral("Once"), false, {}, model::Compute::F32);
        QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 1, kMs);
        QVERIFY(!m_generator.busy());
    }

    void replacedOnesSayNothing()
    {
        const std::filesystem::path demo = *resource("demo/model");
        QSignalSpy finished(&m_generator, &Generator::finished);
        model::GenerationOptions options;
        options.maxNewTokens = 4000;
        m_generator.start(fromPath(demo), QStringLiteral("Once"), false, options, model::Compute::F32);
        QVERIFY(m_generator.busy());
        complete(demo); // The one before is stopped first.
        QCOMPARE(finished.count(), 1);
        m_generator.start(fromPath(demo), QStringLiteral("Once"), false, options, model::Compute::F32);
        m_generator.forget();
        QVERIFY(!m_generator.busy());
        complete(demo);
        QCOMPARE(finished.count(), 2);
    }

    void finishedEarlyKeepsWhatIsThere()
    {
        const std::filesystem::path demo = *resource("demo/model");
        QSignalSpy finished(&m_generator, &Generator::finished);
        QList<WrittenToken> tokens;
        const auto grown = connect(&m_generator, &Generator::grown, this,
                                   [&tokens](const QList<WrittenToken>& more) { tokens.append(more); });
        model::GenerationOptions options;
        options.maxNewTokens = 4000;
        m_generator.start(fromPath(demo), QStringLiteral("Once"), false, options, model::Compute::F32);
        QTRY_VERIFY_WITH_TIMEOUT(!tokens.isEmpty(), kMs);
        m_generator.finish();
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, kMs);
        const auto completion = finished[0][0].value<model::Completion>();
        QCOMPARE(static_cast<std::size_t>(tokens.size()), completion.ids.size());
        QVERIFY(completion.ids.size() < 4000);
        for (const WrittenToken& token : tokens) {
            QVERIFY(token.probability > 0 && token.probability <= 1);
            QCOMPARE(token.likely.size(), qsizetype{5});
        }
        QVERIFY(m_generator.facts().bytesWeights > 0 && m_generator.facts().bytesCache > 0);
        // Before there is anything nothing is kept.
        QSignalSpy failed(&m_generator, &Generator::failed);
        m_generator.start(fromPath(demo), QStringLiteral("Once "), false, options, model::Compute::Bf16);
        m_generator.finish();
        QTRY_VERIFY_WITH_TIMEOUT(!failed.isEmpty() || finished.count() == 2, kMs);
        QVERIFY(!m_generator.busy());
        disconnect(grown);
    }

private:
    quant::KvScheme complete(const std::filesystem::path& folder)
    {
        QSignalSpy finished(&m_generator, &Generator::finished);
        model::GenerationOptions options;
        options.maxNewTokens = 4;
        m_generator.start(fromPath(folder), QStringLiteral("Once"), false, options, model::Compute::F32);
        [&] { QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, kMs); }();
        return m_generator.facts().kv;
    }

    static constexpr int kMs = 60000;
    Generator m_generator;
};

QTEST_MAIN(TestGenerator)
#include "tst_generator.moc"
