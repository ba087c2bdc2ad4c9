// SPDX-License-Identifier: Apache-2.0
// Folders of lmdeploy's auto_awq and smooth_quant, which open like others.
#include "core/checkpoint/checkpointwriter.h"
#include "core/format/convert.h"
#include "support/tempfolder.h"

#include <QTest>

#include <algorithm>

using namespace bitlathe;
using namespace bitlathe::format;
using namespace bitlathe::tests;
namespace fs = std::filesystem;
using checkpoint::DType;

namespace
{

fs::path golden(const char* name)
{
    return sharedFolder() / "golden/lmdeploy" / name;
}

} // namespace

class TestLmdeployFolders : public QObject
{
    Q_OBJECT

private slots:
    void readsAutoAwq_data();
    void readsAutoAwq();
    void readsSmoothQuant();
};

void TestLmdeployFolders::readsAutoAwq_data()
{
    QTest::addColumn<QString>("file");
    QTest::newRow("torch.save") << "pytorch_model.bin";
    QTest::newRow("safetensors") << "model.safetensors";
}

/// Folders of lmdeploy's auto_awq 0.2 say nowhere that they are quantized. Its zero points lie in 1 ... 14.
void TestLmdeployFolders::readsAutoAwq()
{
    BITLATHE_NEED_SHARED();
    QFETCH(QString, file);
    const auto opened = openModel(golden("auto_awq-w4a16-g128") / file.toStdString());
    BITLATHE_VERIFY_OK(opened);
    QCOMPARE(std::string((*opened)->format->name()), std::string("awq"));
    int least = 15;
    int most = 0;
    for (const model::LinearSpec& linear : (*opened)->spec.linears) {
        const auto& scheme = (*opened)->schemes[linear.id.index()];
        QVERIFY(scheme && scheme->groupSize == 128 && scheme->scaleDType == DType::F32);
        const auto tensor = (*opened)->format->decode(*(*opened)->checkpoint, linear, *scheme);
        BITLATHE_VERIFY_OK(tensor);
        const auto scales = checkpoint::toF32(*(*opened)->checkpoint->tensor(linear.name + ".scales"));
        const auto groups = static_cast<std::size_t>(tensor->groups());
        const auto rows = static_cast<std::size_t>(linear.outFeatures);
        for (std::size_t i = 0; i < tensor->zeros.size(); ++i) {
            least = std::min<int>(least, tensor->zeros[i]);
            most = std::max<int>(most, tensor->zeros[i]);
            QCOMPARE(tensor->scales[i], scales[i % groups * rows + i / groups]);
        }
    }
    QCOMPARE(least, 1);
    QCOMPARE(most, 14);
}

/// The layers of lmdeploy's smooth_quant beside the demo model's embedding.
void TestLmdeployFolders::readsSmoothQuant()
{
    BITLATHE_NEED_SHARED();
    const TempFolder temp;
    const auto layers = checkpoint::Checkpoint::open(golden("smooth_quant-w8a8/layers.safetensors"));
    const auto demo = checkpoint::Checkpoint::open(sharedFolder() / "models/demo-llama");
    BITLATHE_VERIFY_OK(layers);
    BITLATHE_VERIFY_OK(demo);
    constexpr const char* kEmbedding = "model.embed_tokens.weight";
    const checkpoint::TensorView embedding = *(*demo)->tensor(kEmbedding);
    std::vector<checkpoint::TensorPlan> plan{{kEmbedding, embedding.dtype, embedding.shape}};
    for (const checkpoint::TensorEntry& entry : (*layers)->entries()) {
        plan.push_back({entry.name, entry.dtype, entry.shape});
    }
    auto writer = checkpoint::CheckpointWriter::create(temp / "model", plan, {});
    BITLATHE_VERIFY_OK(writer);
    BITLATHE_VERIFY_OK((*writer)->write(kEmbedding, embedding.bytes));
    for (const checkpoint::TensorEntry& entry : (*layers)->entries()) {
        BITLATHE_VERIFY_OK((*writer)->write(entry.name, (*layers)->view(entry).bytes));
    }
    BITLATHE_VERIFY_OK((*writer)->copyFile(golden("smooth_quant-w8a8/config.json")));
    BITLATHE_VERIFY_OK((*writer)->seal());
    BITLATHE_VERIFY_OK((*writer)->finish());
    const auto opened = openModel(temp / "model");
    BITLATHE_VERIFY_OK(opened);
    QCOMPARE(std::string((*opened)->format->name()), std::string("smooth-quant"));
    for (const model::LinearSpec& linear : (*opened)->spec.linears) {
        const auto weights = (*opened)->source->weights(linear);
        BITLATHE_VERIFY_OK(weights);
        const checkpoint::TensorView codes = *(*layers)->tensor(linear.weightName());
        const auto scales = checkpoint::toF32(*(*layers)->tensor(linear.name + ".scale"));
        for (std::size_t i = 0; i < weights->size(); ++i) {
            const auto code = static_cast<float>(static_cast<std::int8_t>(codes.bytes[i]));
            QCOMPARE((*weights)[i], code * scales[i / static_cast<std::size_t>(linear.inFeatures)]);
        }
    }
    BITLATHE_VERIFY_OK(verify(temp / "model"));
}

QTEST_GUILESS_MAIN(TestLmdeployFolders)
#include "tst_lmdeployfolders.moc"
