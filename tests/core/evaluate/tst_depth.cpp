// SPDX-License-Identifier: Apache-2.0
// Drift of hidden states through depth: none for the same model, what plain sums give for another one, bad input.
#include "core/checkpoint/checkpoint.h"
#include "core/evaluate/depth.h"
#include "support/tempfolder.h"

#include <QTest>

#include <cmath>
#include <fstream>

namespace bitlathe::evaluate
{

namespace
{

namespace fs = std::filesystem;

const fs::path kDemo = fs::path(BITLATHE_SOURCE_DIR) / "resources/demo/model";
const std::vector<model::TokenId> kIds = {1, 20, 300, 401, 5, 77, 8, 900};

/// A copy of the demo model with a quarter of one linear's weights set to 0.
void damage(const fs::path& folder, const std::string& tensor)
{
    fs::copy(kDemo, folder);
    const auto opened = checkpoint::Checkpoint::open(folder);
    const checkpoint::TensorEntry entry = *(*opened)->find(tensor);
    std::fstream file((*opened)->files()[entry.file], std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(entry.offset));
    const std::string zeros(entry.bytes / 4, '\0');
    file.write(zeros.data(), static_cast<std::streamsize>(zeros.size()));
}

} // namespace

class TestDepth : public QObject
{
    Q_OBJECT

    tests::TempFolder m_folder;
    std::shared_ptr<const format::OpenedModel> m_base;

private slots:
    void initTestCase()
    {
        auto opened = format::openModel(kDemo);
        BITLATHE_VERIFY_OK(opened);
        m_base = *opened;
    }

    void sameModelDoesNotDrift()
    {
        const auto errors = depthErrors(*m_base, *m_base, kIds, model::Compute::F32);
        BITLATHE_VERIFY_OK(errors);
        QCOMPARE(errors->tokens, std::int64_t{8});
        QCOMPARE(std::ssize(errors->relative), m_base->spec.blockCount());
        for (std::size_t block = 0; block < errors->relative.size(); ++block) {
            QCOMPARE(errors->relative[block], 0.0);
            QVERIFY(std::abs(errors->cosine[block] - 1.0) < 1e-12);
        }
    }

    void driftBeginsWhereTheModelChanges()
    {
        const fs::path folder = m_folder / "changed";
        damage(folder, "model.layers.3.mlp.up_proj.weight");
        const auto changed = format::openModel(folder);
        BITLATHE_VERIFY_OK(changed);
        const auto errors = depthErrors(*m_base, **changed, kIds, model::Compute::F32);
        BITLATHE_VERIFY_OK(errors);
        for (std::size_t block = 0; block < 3; ++block) {
            QCOMPARE(errors->relative[block], 0.0);
        }
        for (std::size_t block = 3; block < errors->relative.size(); ++block) {
            QVERIFY(errors->relative[block] > 0);
            QVERIFY(errors->cosine[block] < 1);
        }
    }

    void equalsPlainSumsOverWholeForwardPasses()
    {
        const fs::path folder = m_folder / "first";
        damage(folder, "model.layers.0.mlp.down_proj.weight");
        const auto changed = format::openModel(folder);
        BITLATHE_VERIFY_OK(changed);
        const auto errors = depthErrors(*m_base, **changed, kIds, model::Compute::F32);
        BITLATHE_VERIFY_OK(errors);

        const auto last = [](const format::OpenedModel& opened) {
            const auto model = format::runnable(opened, {model::Compute::F32, model::Residency::Resident});
            auto hidden = (*model)->embed(kIds);
            for (std::int64_t block = 0; block < opened.spec.blockCount(); ++block) {
                (*(*model)->block(block))->forward(*hidden, nullptr, nullptr);
            }
            return *hidden;
        };
        const model::Activations a = last(*m_base);
        const model::Activations b = last(**changed);
        double expected = 0;
        for (std::int64_t row = 0; row < a.rows; ++row) {
            double difference = 0;
            double length = 0;
            for (std::size_t i = 0; i < a.row(row).size(); ++i) {
                difference += std::pow(static_cast<double>(b.row(row)[i]) - static_cast<double>(a.row(row)[i]), 2);
                length += std::pow(static_cast<double>(a.row(row)[i]), 2);
            }
            expected += difference / length / static_cast<double>(a.rows);
        }
        QVERIFY(expected > 0);
        QVERIFY(std::abs(errors->relative.back() - expected) < 1e-9 * expected);
    }

    void refusesWhatCannotBeCompared()
    {
        const auto none = depthErrors(*m_base, *m_base, {}, model::Compute::F32);
        QVERIFY(!none);
        QCOMPARE(none.error().code, ErrorCode::TextInvalid);

        format::OpenedModel shorter = *m_base;
        shorter.spec.blocks.pop_back();
        const auto shapes = depthErrors(*m_base, shorter, kIds, model::Compute::F32);
        QVERIFY(!shapes);
        QVERIFY(shapes.error().sentence().find("7 blocks") != std::string::npos);
    }

    void stops()
    {
        std::stop_source stop;
        stop.request_stop();
        const auto stopped = depthErrors(*m_base, *m_base, kIds, model::Compute::F32, {{}, stop.get_token()});
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().code, ErrorCode::Cancelled);
    }
};

} // namespace bitlathe::evaluate

QTEST_GUILESS_MAIN(bitlathe::evaluate::TestDepth)
#include "tst_depth.moc"
