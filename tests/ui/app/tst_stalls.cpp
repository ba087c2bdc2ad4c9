// SPDX-License-Identifier: Apache-2.0
// The window never freezes: no event keeps its thread for long, with a large model open and with one that lies on a
// slow file system, while every page and tab is looked at.
#include "core/model/modelspec.h"
#include "core/model/requiredtensors.h"
#include "slowfolder.h"
#include "tests/support/pagetest.h"
#include "tests/support/safetensorsfile.h"
#include "tests/support/watchedapplication.h"
#include "ui/bridge/language.h"
#include "ui/mainwindow.h"
#include "ui/pages/page.h"
#include "ui/theme/theme.h"

#include <QFile>
#include <QSettings>
#include <QTabWidget>
#include <QTest>
#include <QTimer>

#include <filesystem>

using namespace bitlathe;
using namespace bitlathe::tests;
using namespace bitlathe::ui;

namespace
{

WatchedApplication* app()
{
    return static_cast<WatchedApplication*>(QCoreApplication::instance());
}

/// A LLaMA model of 4 GB in bf16 whose weights are a hole in the file: all 0.
void writeLargeModel(const std::filesystem::path& folder)
{
    const Json config = {{"model_type", "llama"},
                         {"architectures", {"LlamaForCausalLM"}},
                         {"hidden_size", 4096},
                         {"intermediate_size", 11008},
                         {"num_hidden_layers", 10},
                         {"num_attention_heads", 32},
                         {"num_key_value_heads", 32},
                         {"vocab_size", 32000},
                         {"max_position_embeddings", 2048},
                         {"hidden_act", "silu"},
                         {"rms_norm_eps", 1e-5},
                         {"torch_dtype", "bfloat16"},
                         {"tie_word_embeddings", false}};
    std::filesystem::create_directories(folder);
    writeBytes(folder / "config.json", config.dump());
    const auto spec = model::readModelSpec(config, Json::object(), "config.json");
    BITLATHE_VERIFY_OK(spec);
    Json header = Json::object();
    std::uint64_t end = 0;
    std::vector<model::RequiredTensor> tensors = model::requiredTensors(*spec);
    for (const model::LinearSpec& linear : spec->linears) {
        tensors.push_back({linear.weightName(), {linear.outFeatures, linear.inFeatures}});
    }
    for (const model::RequiredTensor& tensor : tensors) {
        std::uint64_t bytes = 2;
        for (const std::int64_t extent : tensor.shape) {
            bytes *= static_cast<std::uint64_t>(extent);
        }
        header[tensor.name] = {{"dtype", "BF16"}, {"shape", tensor.shape}, {"data_offsets", {end, end + bytes}}};
        end += bytes;
    }
    QVERIFY(end > 4'000'000'000);
    const std::string beginning = safetensorsBytes(header.dump(), 0);
    writeBytes(folder / "model.safetensors", beginning);
    std::filesystem::resize_file(folder / "model.safetensors", beginning.size() + end);
}

} // namespace

class TestStalls : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void aLargeModel();
    void aSlowFolder();

private:
    template <typename Action>
    static void act(const QString& doing, const Action& action)
    {
        app()->act(doing, action);
        QTest::qWait(60); // Layout, painting, first answers.
    }
    void visitAllPages();

    TempFolder m_folder;
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<MainWindow> m_window;
};

void TestStalls::initTestCase()
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    QSKIP("times mean nothing under a sanitizer");
#endif
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, fromPath(m_folder.path()));
    setLanguage(QStringLiteral("en"));
    m_theme = std::make_unique<Theme>();
}

void TestStalls::init()
{
    m_session = sessionWithDemo(m_folder);
    QVERIFY(m_session != nullptr);
    m_window = std::make_unique<MainWindow>(*m_session);
    m_window->resize(1280, 832);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    visitAllPages(); // Fonts, icons, first layouts.
    app()->forget();
}

void TestStalls::cleanup()
{
    setSlowFolder({});
    m_window.reset();
    m_session.reset();
}

void TestStalls::visitAllPages()
{
    for (const Page* page : m_window->pages()) {
        act(QStringLiteral("show %1").arg(page->id()), [&] { m_window->showPage(page->id()); });
        for (QTabWidget* tabs : page->findChildren<QTabWidget*>()) {
            for (int i = 0; i < tabs->count(); ++i) {
                act(QStringLiteral("%1, tab %2").arg(page->id(), tabs->tabText(i)), [&] { tabs->setCurrentIndex(i); });
            }
        }
    }
}

void TestStalls::aLargeModel()
{
    writeLargeModel(m_folder / "large");
    act(QStringLiteral("open"), [&] { m_window->openPaths({fromPath(m_folder / "large")}); });
    QTRY_VERIFY_WITH_TIMEOUT(m_session->model() && m_session->model()->folder().filename() == "large", kJobMs);
    visitAllPages();
    for (const auto& linear : m_session->model()->spec.linears) {
        if (linear.block == 1) {
            act(QString::fromStdString(linear.name), [&] { m_session->selectLayer(linear.id); });
        }
    }
    visitAllPages();
    qInfo("longest: %.1f ms", 1e3 * app()->longest());
    QVERIFY2(app()->stalls().empty(), qPrintable(WatchedApplication::wordsOf(app()->stalls())));
}

void TestStalls::aSlowFolder()
{
    const std::filesystem::path folder = m_folder / "slow";
    std::filesystem::copy(*resource("demo/model"), folder, std::filesystem::copy_options::recursive);
    setSlowFolder(folder.string());
    act(QStringLiteral("open"), [&] { m_window->openPaths({fromPath(folder)}); });
    QTRY_VERIFY_WITH_TIMEOUT(m_session->model() && m_session->model()->folder().filename() == "slow", kJobMs);
    visitAllPages();
    act(QStringLiteral("select"), [&] { m_session->selectLayer(m_session->model()->spec.linears.back().id); });
    visitAllPages();
    QVERIFY(slowCalls() > 5); // The folder was read, by somebody else.
    qInfo("longest: %.1f ms, %d slow calls", 1e3 * app()->longest(), slowCalls());
    QVERIFY2(app()->stalls().empty(), qPrintable(WatchedApplication::wordsOf(app()->stalls())));
}

int main(int argc, char** argv)
{
    WatchedApplication application(argc, argv);
    application.setSlowCalls(slowCallsOfThread);
    TestStalls test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_stalls.moc"
