// SPDX-License-Identifier: Apache-2.0
// Exporter: what survives an interruption, and damage that is noticed.
#include "exporterfixtures.h"

using namespace bitlathe;
using namespace bitlathe::format;
using namespace bitlathe::tests;

class TestExportResume : public QObject
{
    Q_OBJECT

private slots:
    void resumeGivesTheSameBytes();
    void sameBytesForAnyThreads();
    void damageIsNoticed();
    void damageAfterResumeIsNoticed();
    void forgottenLayer();
    void stops();
};

void TestExportResume::resumeGivesTheSameBytes()
{
    const TempFolder temp;
    const LinearSchemes schemes = mixedSchemes(*demo());
    const Tensors tensors = quantizeAll(*demo(), schemes);
    BITLATHE_VERIFY_OK(exportTo(temp / "whole", demo(), compressed(), schemes, tensors));
    constexpr std::int64_t kDone = 30;
    ExportOptions options;
    options.out = temp / "parts";
    {
        const auto first = Exporter::create(demo(), compressed(), schemes, options);
        BITLATHE_VERIFY_OK(first);
        for (std::int64_t i = 0; i < kDone; ++i) {
            BITLATHE_VERIFY_OK((*first)->writeLinear(LayerId(i), tensors[static_cast<std::size_t>(i)].get()));
        }
        BITLATHE_VERIFY_OK((*first)->sync());
        std::ofstream((*first)->partialFolder() / ".bitlathe-journal") << "30";
    }
    QVERIFY(!fs::exists(temp / "parts"));
    options.resume = true;
    const auto second = Exporter::create(demo(), compressed(), schemes, options);
    BITLATHE_VERIFY_OK(second);
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(tensors.size()); ++i) {
        if (i < kDone) {
            (*second)->markWritten(LayerId(i));
        } else {
            BITLATHE_VERIFY_OK((*second)->writeLinear(LayerId(i), tensors[static_cast<std::size_t>(i)].get()));
        }
    }
    BITLATHE_VERIFY_OK((*second)->writeOthers());
    BITLATHE_VERIFY_OK((*second)->finish({{"recipe.yaml", "version: 1\n"}}));
    std::size_t files = 0;
    for (const auto& file : fs::directory_iterator(temp / "whole")) {
        QVERIFY2(contentOf(temp / "parts" / file.path().filename()) == contentOf(file.path()), file.path().c_str());
        ++files;
    }
    const auto count = std::distance(fs::directory_iterator(temp / "parts"), fs::directory_iterator());
    QCOMPARE(static_cast<std::size_t>(count), files);
}

void TestExportResume::sameBytesForAnyThreads()
{
    const TempFolder temp;
    for (const Format* format : formats()) {
        if (!format->storesAsNamed()) {
            continue; // Workspaces have a test of their own.
        }
        const LinearSchemes schemes = schemesFor(*format, *demo());
        std::vector<std::string> files;
        for (const int threads : {1, 2}) {
            kernels::setThreadCount(threads);
            const fs::path out = temp / (std::string(format->name()) + std::to_string(threads));
            BITLATHE_VERIFY_OK(exportTo(out, demo(), *format, schemes, quantizeAll(*demo(), schemes)));
            files.push_back(contentOf(out / "model.safetensors") + contentOf(out / "config.json"));
        }
        kernels::setThreadCount(0);
        QVERIFY(files[0] == files[1]);
    }
}

void TestExportResume::damageIsNoticed()
{
    const LinearSchemes schemes = mixedSchemes(*demo());
    const Tensors tensors = quantizeAll(*demo(), schemes);
    for (const char* tensor :
         {"model.layers.0.mlp.up_proj.weight_packed", "model.layers.2.self_attn.q_proj.weight_scale",
          "model.layers.4.self_attn.k_proj.weight_zero_point", "model.norm.weight"}) {
        const TempFolder temp;
        ExportOptions options;
        options.out = temp / "out";
        const auto exporter = Exporter::create(demo(), compressed(), schemes, options);
        BITLATHE_VERIFY_OK(exporter);
        BITLATHE_VERIFY_OK(writeAll(**exporter, tensors));
        damage((*exporter)->partialFolder(), tensor);
        const auto finished = (*exporter)->finish({});
        QVERIFY(!finished.has_value());
        QCOMPARE(finished.error().code, ErrorCode::VerifyFailed);
        QCOMPARE(finished.error().subject, std::string(tensor));
        QVERIFY(!fs::exists(temp / "out"));
        (*exporter)->discard();
        QVERIFY(!fs::exists(temp / "out.partial"));
    }
}

void TestExportResume::damageAfterResumeIsNoticed()
{
    const TempFolder temp;
    const LinearSchemes schemes = mixedSchemes(*demo());
    const Tensors tensors = quantizeAll(*demo(), schemes);
    ExportOptions options;
    options.out = temp / "out";
    {
        const auto first = Exporter::create(demo(), compressed(), schemes, options);
        BITLATHE_VERIFY_OK(first);
        BITLATHE_VERIFY_OK(writeAll(**first, tensors));
        BITLATHE_VERIFY_OK((*first)->sync());
    }
    options.resume = true;
    const auto second = Exporter::create(demo(), compressed(), schemes, options);
    BITLATHE_VERIFY_OK(second);
    for (const model::LinearSpec& linear : demo()->spec.linears) {
        (*second)->markWritten(linear.id);
    }
    BITLATHE_VERIFY_OK((*second)->writeOthers());
    damage((*second)->partialFolder(), "model.layers.5.mlp.gate_proj.weight_packed");
    const auto finished = (*second)->finish({});
    QVERIFY(!finished.has_value());
    QCOMPARE(finished.error().subject, std::string("model.layers.5.mlp.gate_proj.weight_packed"));
}

void TestExportResume::forgottenLayer()
{
    const TempFolder temp;
    const LinearSchemes schemes(demo()->spec.linears.size());
    ExportOptions options;
    options.out = temp / "out";
    const auto exporter = Exporter::create(demo(), compressed(), schemes, options);
    BITLATHE_VERIFY_OK(exporter);
    BITLATHE_VERIFY_OK((*exporter)->writeOthers());
    for (std::int64_t i = 1; i < 56; ++i) {
        BITLATHE_VERIFY_OK((*exporter)->writeLinear(LayerId(i), nullptr));
    }
    const auto finished = (*exporter)->finish({});
    QVERIFY(!finished.has_value());
    QCOMPARE(finished.error().code, ErrorCode::TensorMissing);
    QVERIFY(finished.error().sentence().find("model.layers.0.self_attn.q_proj.weight") != std::string::npos);
    QVERIFY(!fs::exists(temp / "out"));
}

void TestExportResume::stops()
{
    const TempFolder temp;
    const LinearSchemes schemes(demo()->spec.linears.size());
    ExportOptions options;
    options.out = temp / "out";
    const auto exporter = Exporter::create(demo(), compressed(), schemes, options);
    BITLATHE_VERIFY_OK(exporter);
    std::stop_source source;
    source.request_stop();
    WorkContext stopped;
    stopped.stop = source.get_token();
    const auto others = (*exporter)->writeOthers(stopped);
    QVERIFY(!others.has_value());
    QCOMPARE(others.error().code, ErrorCode::Cancelled);
    BITLATHE_VERIFY_OK(writeAll(**exporter, Tensors(schemes.size())));
    const auto finished = (*exporter)->finish({}, stopped);
    QVERIFY(!finished.has_value());
    QCOMPARE(finished.error().code, ErrorCode::Cancelled);
    QVERIFY(!fs::exists(temp / "out"));
    BITLATHE_VERIFY_OK((*exporter)->finish({}));
    QVERIFY(fs::exists(temp / "out"));
}

QTEST_GUILESS_MAIN(TestExportResume)
#include "tst_exportresume.moc"
