// SPDX-License-Identifier: Apache-2.0
// What only tensors say: the linears of families that nobody knows, and names without their first part.
#include "core/checkpoint/checkpointwriter.h"
#include "core/model/fitspec.h"
#include "core/model/goldenmodel.h"
#include "support/tempfolder.h"

#include <QTest>

#include <cstring>

using namespace bitlathe;
using namespace bitlathe::model;
using checkpoint::DType;
using tests::TempFolder;

namespace
{

struct Stored
{
    checkpoint::TensorPlan plan;
    std::vector<std::byte> bytes; ///< Empty: zeros.
};

Stored zeros(std::string name, checkpoint::Shape shape, DType dtype = DType::BF16)
{
    return {{std::move(name), dtype, std::move(shape)}, {}};
}

/// The two sizes as compressed-tensors stores them beside packed codes.
Stored packedShape(std::string name, std::int64_t rows, std::int64_t cols)
{
    Stored stored = zeros(std::move(name), {2}, DType::I64);
    const std::int64_t values[2] = {rows, cols};
    stored.bytes.resize(sizeof(values));
    std::memcpy(stored.bytes.data(), values, sizeof(values));
    return stored;
}

std::shared_ptr<const checkpoint::Checkpoint> write(const std::filesystem::path& folder,
                                                    const std::vector<Stored>& tensors)
{
    std::vector<checkpoint::TensorPlan> plan;
    for (const Stored& stored : tensors) {
        plan.push_back(stored.plan);
    }
    const auto writer = tests::valueOf(checkpoint::CheckpointWriter::create(folder, plan, {}));
    for (const Stored& stored : tensors) {
        std::size_t size = checkpoint::dtypeBytes(stored.plan.dtype);
        for (const std::int64_t dimension : stored.plan.shape) {
            size *= static_cast<std::size_t>(dimension);
        }
        const std::vector<std::byte> none(size);
        if (!writer->write(stored.plan.name, stored.bytes.empty() ? none : stored.bytes)) {
            qFatal("can't write a tensor");
        }
    }
    if (!writer->writeFile("config.json", "{}") || !writer->seal() || !writer->finish()) {
        qFatal("can't write a folder");
    }
    return tests::valueOf(checkpoint::Checkpoint::open(folder));
}

ModelSpec unknownSpec(const checkpoint::Checkpoint& file)
{
    auto spec = tests::valueOf(
        readModelSpec(Json{{"model_type", "something-new"}, {"vocab_size", 100}}, Json::object(), "config.json"));
    fitToFile(file, spec);
    return spec;
}

} // namespace

class TestFitSpec : public QObject
{
    Q_OBJECT

private slots:
    void matricesOfUnknownFamiliesAreLinears()
    {
        const TempFolder temp;
        const auto file = write(temp / "model", {
                                                    zeros("backbone.layers.1.mixer.in_proj.weight", {24, 8}),
                                                    zeros("backbone.layers.0.mixer.out_proj.weight", {8, 16}),
                                                    zeros("backbone.layers.0.mixer.in_proj.weight", {24, 8}),
                                                    zeros("backbone.layers.0.mixer.in_proj.bias", {24}),
                                                    zeros("backbone.layers.0.mixer.conv1d.weight", {24, 1, 4}),
                                                    zeros("backbone.layers.0.mixer.A_log", {24, 8}),
                                                    zeros("backbone.layers.0.mlp.gate.weight", {4, 8}),
                                                    zeros("backbone.layers.0.norm.weight", {8}),
                                                    zeros("backbone.layers.0.counts.weight", {8, 8}, DType::I32),
                                                    zeros("backbone.embeddings.weight", {100, 8}),
                                                    zeros("backbone.tokens.weight", {100, 8}),
                                                    zeros("lm_head.weight", {100, 8}),
                                                    zeros("adapter.weight", {8, 12}),
                                                });
        const ModelSpec spec = unknownSpec(*file);
        QVERIFY(!spec.canRun);
        std::vector<std::string> names;
        for (const LinearSpec& linear : spec.linears) {
            names.push_back(linear.name);
            QCOMPARE(spec.linear(linear.id).name, linear.name);
            QCOMPARE(linear.role, LinearRole::Other);
        }
        QCOMPARE(names.size(), std::size_t{4});
        QCOMPARE(spec.blockCount(), std::int64_t{2});
        QCOMPARE(spec.blocks[1].linears.size(), std::size_t{1});
        QCOMPARE(spec.blocks[0].router, std::string("backbone.layers.0.mlp.gate"));
        const LinearSpec* in = spec.findLinear("backbone.layers.0.mixer.in_proj");
        QVERIFY(in != nullptr);
        QCOMPARE(in->outFeatures, std::int64_t{24});
        QCOMPARE(in->inFeatures, std::int64_t{8});
        QCOMPARE(spec.findLinear("backbone.layers.1.mixer.in_proj")->block, std::int64_t{1});
        QCOMPARE(spec.findLinear("adapter")->block, std::int64_t{0});
    }

    void packedMatricesCountByTheirShape()
    {
        const TempFolder temp;
        const auto file = write(temp / "model", {
                                                    zeros("h.0.a.weight_packed", {8, 4}, DType::I32),
                                                    packedShape("h.0.a.weight_shape", 8, 32),
                                                    packedShape("h.0.negative.weight_shape", -8, 32),
                                                    packedShape("h.0.zero.weight_shape", 8, 0),
                                                    zeros("h.0.b.weight", {8, 8}, DType::I8),
                                                    zeros("h.0.b.weight_scale", {8, 1}),
                                                    zeros("h.0.c.weight", {8, 8}, DType::I8),
                                                    zeros("h.99999999999999999999.d.weight", {8, 8}),
                                                });
        const ModelSpec spec = unknownSpec(*file);
        QCOMPARE(spec.linears.size(), std::size_t{3});
        QCOMPARE(spec.findLinear("h.0.a")->inFeatures, std::int64_t{32});
        QVERIFY(spec.findLinear("h.0.b") != nullptr);
        QCOMPARE(spec.findLinear("h.99999999999999999999.d")->block, std::int64_t{0});
    }

    void namesWithoutTheirFirstPart()
    {
        const auto golden = tests::sharedModel("arch/gpt2");
        if (!std::filesystem::exists(golden)) {
            QSKIP("the shared golden folder is not there");
        }
        const auto full = tests::valueOf(checkpoint::Checkpoint::open(golden));
        std::vector<Stored> tensors;
        for (const auto& entry : full->entries()) {
            const auto bytes = full->view(entry).bytes;
            tensors.push_back({{entry.name.substr(std::string("transformer.").size()), entry.dtype, entry.shape},
                               {bytes.begin(), bytes.end()}});
        }
        const TempFolder temp;
        const auto file = write(temp / "model", tensors);
        auto spec = tests::specOf(golden);
        fitToFile(*full, spec);
        QCOMPARE(spec.linears.front().name, std::string("transformer.h.0.attn.c_attn"));
        fitToFile(*file, spec);
        QCOMPARE(spec.linears.front().name, std::string("h.0.attn.c_attn"));
        QCOMPARE(spec.scaleGroups.front().precedingName, std::string("h.0.ln_1"));
        const auto ids = tests::goldenRun(golden).ids;
        const auto model = tests::valueOf(Model::create(spec, makeDenseSource(file), {}));
        QCOMPARE(tests::valueOf(model->forward(ids)).values,
                 tests::valueOf(tests::openGolden(golden)->forward(ids)).values);
    }
};

QTEST_GUILESS_MAIN(TestFitSpec)
#include "tst_fitspec.moc"
