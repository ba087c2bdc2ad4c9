// SPDX-License-Identifier: Apache-2.0
// Differences of folders, tensor by tensor.
#include "core/base/file.h"
#include "core/base/resources.h"
#include "core/format/tensordifferences.h"
#include "kernels/threads.h"
#include "support/tempfolder.h"

#include <QTest>

#include <cmath>
#include <fstream>

namespace bitlathe::format
{

namespace fs = std::filesystem;

class TestTensorDifferences : public QObject
{
    Q_OBJECT

    tests::TempFolder m_folder;
    fs::path m_demo;

    /// A copy of the demo model with other bytes at the beginning of a tensor.
    fs::path changed(const std::string& name, const std::string& tensor, const std::string& bytes) const
    {
        const fs::path copy = m_folder / name;
        fs::copy(m_demo, copy);
        const auto files = checkpoint::Checkpoint::open(copy);
        const checkpoint::TensorEntry entry = *(*files)->find(tensor);
        std::fstream file((*files)->files()[entry.file], std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(entry.offset));
        file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        return copy;
    }

    static Result<TensorDifferences> between(const fs::path& a, const fs::path& b, const WorkContext& work = {})
    {
        BITLATHE_TRY(const auto first, openModel(a));
        BITLATHE_TRY(const auto second, openModel(b));
        return tensorDifferences(*first, *second, work);
    }

private Q_SLOTS:
    void initTestCase() { m_demo = *resource("demo/model"); }

    void aFolderEqualsItself()
    {
        const auto found = between(m_demo, m_demo);
        BITLATHE_VERIFY_OK(found);
        QCOMPARE(found->equal, static_cast<std::int64_t>(found->tensors.size()));
        QCOMPARE(found->tensors.size(), std::size_t{74}); // As the checkpoint has.
        for (const TensorDifference& tensor : found->tensors) {
            QVERIFY(tensor.equal && tensor.relative == 0 && tensor.absMax == 0 && std::abs(tensor.cosine - 1) < 1e-12);
        }
        QVERIFY(found->onlyA.empty() && found->onlyB.empty() && found->otherShape.empty());
    }

    void oneWeightThatChanged()
    {
        const std::string name = "model.layers.3.mlp.up_proj.weight";
        const fs::path other = changed("weight", name, std::string("\x00\x41", 2)); // 8 as bf16.
        const auto found = between(m_demo, other);
        BITLATHE_VERIFY_OK(found);
        QCOMPARE(found->equal, static_cast<std::int64_t>(found->tensors.size()) - 1);
        const auto tensor = std::ranges::find(found->tensors, "model.layers.3.mlp.up_proj", &TensorDifference::name);
        QVERIFY(tensor != found->tensors.end() && !tensor->equal && tensor->layer.isValid());
        const auto opened = openModel(m_demo);
        const std::vector<float> weights = *(*opened)->source->weights((*opened)->spec.linear(tensor->layer));
        double squares = 0;
        for (const float weight : weights) {
            squares += static_cast<double>(weight) * weight;
        }
        const double change = 8.0 - weights[0];
        QVERIFY(std::abs(tensor->absMax - change) < 1e-6);
        QVERIFY(std::abs(tensor->relative - change / std::sqrt(squares)) < 1e-9);
        QVERIFY(tensor->cosine < 1);
        const int all = kernels::threadCount();
        kernels::setThreadCount(1);
        QCOMPARE(between(m_demo, other)->tensors[3].relative, found->tensors[3].relative);
        kernels::setThreadCount(all);
    }

    void aNormThatChanged()
    {
        const auto found = between(m_demo, changed("norm", "model.norm.weight", std::string("\x00\x41", 2)));
        BITLATHE_VERIFY_OK(found);
        const auto tensor = std::ranges::find(found->tensors, "model.norm.weight", &TensorDifference::name);
        QVERIFY(tensor != found->tensors.end() && !tensor->equal && !tensor->layer.isValid());
        QCOMPARE(tensor->typeA, std::string("BF16"));
    }

    void quantizedFolders()
    {
        BITLATHE_NEED_SHARED();
        const auto found = between(m_demo, tests::sharedFolder() / "golden/gptq-w4g128-sym");
        BITLATHE_VERIFY_OK(found);
        std::size_t linears = 0;
        for (const TensorDifference& tensor : found->tensors) {
            if (tensor.layer.isValid()) {
                ++linears;
                QVERIFY2(tensor.relative > 0.02 && tensor.relative < 0.25, tensor.name.c_str());
                QCOMPARE(tensor.typeB.substr(0, 5), std::string("4-bit"));
            }
        }
        QCOMPARE(linears, std::size_t{56});
    }

    void foldersOfOtherModels()
    {
        BITLATHE_NEED_SHARED();
        const auto found = between(m_demo, tests::sharedFolder() / "models/arch/gpt2");
        QVERIFY(!found);
        QCOMPARE(found.error().code, ErrorCode::NotSupported);
        std::stop_source stop;
        stop.request_stop();
        const auto stopped = between(m_demo, m_demo, {{}, stop.get_token()});
        QCOMPARE(stopped.error().code, ErrorCode::Cancelled);
    }
};

} // namespace bitlathe::format

QTEST_GUILESS_MAIN(bitlathe::format::TestTensorDifferences)
#include "tst_tensordifferences.moc"
