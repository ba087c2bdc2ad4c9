// SPDX-License-Identifier: Apache-2.0
// lmdeploy's auto_awq from its own statistics: its scales, norms, codes and zero points.
#include "core/base/json.h"
#include "core/checkpoint/checkpoint.h"
#include "core/model/densesource.h"
#include "core/quant/awq.h"
#include "core/quant/awqlmdeploy.h"
#include "kernels/scalars.h"
#include "support/tempfolder.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

using namespace bitlathe;
using namespace bitlathe::quant;
using namespace bitlathe::tests;
namespace fs = std::filesystem;

namespace
{

fs::path golden(const char* name)
{
    return sharedFolder() / "golden/lmdeploy" / name;
}

/// The demo model as lmdeploy loads it: every weight in half precision.
class HalfSource final : public model::WeightSource
{
public:
    explicit HalfSource(std::shared_ptr<const model::WeightSource> source) : m_source(std::move(source)) {}

    Result<checkpoint::TensorView> tensor(const std::string& name, const checkpoint::Shape& shape) const override
    {
        return m_source->tensor(name, shape);
    }
    bool has(const std::string& name) const override { return m_source->has(name); }
    Result<std::unique_ptr<model::Linear>> linear(const model::LinearSpec& spec, model::Compute compute) const override
    {
        return m_source->linear(spec, compute);
    }
    Result<std::vector<float>> weights(const model::LinearSpec& spec) const override
    {
        BITLATHE_TRY(std::vector<float> values, m_source->weights(spec));
        for (float& value : values) {
            value = static_cast<float>(static_cast<kernels::F16>(value));
        }
        return values;
    }
    void release(const model::LinearSpec& spec) const override { m_source->release(spec); }

private:
    std::shared_ptr<const model::WeightSource> m_source;
};

/// The model, lmdeploy's statistics of its inputs, and what it made.
struct Demo
{
    std::shared_ptr<const checkpoint::Checkpoint> files;
    std::shared_ptr<const checkpoint::Checkpoint> statistics;
    std::shared_ptr<const checkpoint::Checkpoint> scales;
    std::shared_ptr<const checkpoint::Checkpoint> quantized;
    model::ModelSpec spec;
    std::shared_ptr<const model::WeightSource> source;
    std::vector<std::optional<Scheme>> schemes;
};

Result<Demo> openDemo()
{
    Demo demo;
    BITLATHE_TRY(demo.files, checkpoint::Checkpoint::open(sharedFolder() / "models/demo-llama"));
    BITLATHE_TRY(demo.statistics, checkpoint::Checkpoint::open(golden("calibrate/inputs_stats.safetensors")));
    BITLATHE_TRY(demo.scales, checkpoint::Checkpoint::open(golden("auto_awq-smoothing-scales.safetensors")));
    BITLATHE_TRY(demo.quantized, checkpoint::Checkpoint::open(golden("auto_awq-w4a16-g128/model.safetensors")));
    BITLATHE_TRY(demo.spec, model::readModelSpec(demo.files->config(), Json::object(), "demo"));
    demo.source = std::make_shared<HalfSource>(model::makeDenseSource(demo.files));
    Scheme scheme;
    scheme.symmetric = false;
    scheme.scaleDType = checkpoint::DType::F32;
    demo.schemes.assign(demo.spec.linears.size(), scheme);
    return demo;
}

calibrate::BlockStats statsOf(const Demo& demo, std::int64_t block)
{
    calibrate::BlockStats stats;
    stats.block = block;
    for (const LayerId layer : demo.spec.blocks[static_cast<std::size_t>(block)].linears) {
        const model::LinearSpec& linear = demo.spec.linear(layer);
        calibrate::InputStats input;
        input.block = block;
        input.linears = {layer};
        input.features = linear.inFeatures;
        input.tokens = 1;
        const auto view = demo.statistics->tensor("absmax/" + linear.name);
        input.absMax = view ? checkpoint::toF32(*view) : std::vector<float>();
        stats.inputs.push_back(std::move(input));
    }
    return stats;
}

MethodOptions optionsOf(AwqRule rule)
{
    MethodOptions options;
    options.awq.rule = rule;
    return options;
}

/// The place of a column's code in the words of AWQ.
unsigned codeOf(std::span<const std::byte> words, std::size_t wordsPerRow, std::size_t row, std::size_t column)
{
    constexpr std::array<unsigned, 8> kNibbles{0, 4, 1, 5, 2, 6, 3, 7};
    std::uint32_t word = 0;
    std::memcpy(&word, words.data() + 4 * (row * wordsPerRow + column / 8), sizeof word);
    return word >> (4 * kNibbles[column % 8]) & 15U;
}

} // namespace

class TestAwqLmdeploy : public QObject
{
    Q_OBJECT

private slots:
    void scalesAndCodes();
    void workedGroup_data();
    void workedGroup();
};

void TestAwqLmdeploy::scalesAndCodes()
{
    BITLATHE_NEED_SHARED();
    const auto demo = openDemo();
    BITLATHE_VERIFY_OK(demo);
    const MethodOptions options = optionsOf(AwqRule::Lmdeploy02);
    int different = 0;
    int compared = 0;
    int layers = 0;
    for (std::int64_t block = 0; block < demo->spec.blockCount(); ++block) {
        const calibrate::BlockStats stats = statsOf(*demo, block);
        const BlockInput input{demo->spec, block, *demo->source, demo->schemes, &stats};
        auto scales = smoothBlock(input, Smoothing::Awq, options);
        BITLATHE_VERIFY_OK(scales);
        QCOMPARE(scales->groups.size(), 3U);
        for (GroupScales& group : scales->groups) {
            const model::ScaleGroup& of = demo->spec.scaleGroups[group.group];
            const auto expected =
                demo->scales->tensor(of.precedingIsNorm ? of.precedingName : of.precedingName + ">down_proj");
            BITLATHE_VERIFY_OK(expected);
            const std::vector<float> values = checkpoint::toF32(*expected);
            for (std::size_t i = 0; i < values.size(); ++i) {
                different += group.scales[i] != values[i] ? 1 : 0;
                ++compared;
            }
            group.scales = values; // So that one rounding of a scale does not hide what comes after.
        }
        const auto folded = foldedTensors(demo->spec, *scales, *demo->source);
        BITLATHE_VERIFY_OK(folded);
        for (const FoldedTensor& tensor : *folded) {
            const auto expected = demo->quantized->tensor(tensor.name);
            BITLATHE_VERIFY_OK(expected);
            std::vector<float> rounded = tensor.values;
            for (float& value : rounded) {
                value = static_cast<float>(static_cast<kernels::F16>(value));
            }
            QCOMPARE(rounded, checkpoint::toF32(*expected));
        }
        for (const LayerId layer : demo->spec.blocks[static_cast<std::size_t>(block)].linears) {
            const model::LinearSpec& linear = demo->spec.linear(layer);
            auto weights = demo->source->weights(linear);
            BITLATHE_VERIFY_OK(weights);
            foldWeights(demo->spec, *scales, linear, *weights);
            const LayerInput what{
                .linear = linear, .weights = *weights, .scheme = *demo->schemes.front(), .options = options};
            const auto result = activationAware().quantize(what, {});
            BITLATHE_VERIFY_OK(result);
            const QuantizedTensor& tensor = *result->tensor;
            const auto codes = demo->quantized->tensor(linear.name + ".qweight");
            const auto zeros = demo->quantized->tensor(linear.name + ".qzeros");
            const auto steps = checkpoint::toF32(*demo->quantized->tensor(linear.name + ".scales"));
            const auto rows = static_cast<std::size_t>(linear.outFeatures);
            const auto cols = static_cast<std::size_t>(linear.inFeatures);
            const auto groups = static_cast<std::size_t>(tensor.groups());
            std::vector<std::uint8_t> row(cols);
            for (std::size_t out = 0; out < rows; ++out) {
                tensor.unpackRow(static_cast<std::int64_t>(out), row);
                for (std::size_t in = 0; in < cols; ++in) {
                    QVERIFY2(row[in] == codeOf(codes->bytes, rows / 8, in, out), linear.name.c_str());
                }
                for (std::size_t group = 0; group < groups; ++group) {
                    QVERIFY(tensor.zeros[out * groups + group] == codeOf(zeros->bytes, rows / 8, group, out));
                    QVERIFY(tensor.scales[out * groups + group] == steps[group * rows + out]);
                }
            }
            ++layers;
        }
    }
    QCOMPARE(layers, 56);
    QCOMPARE(compared, 10240);
    QVERIFY2(different <= 1, fmt::format("{}", different).c_str()); // As plain arithmetic in half precision gives.
}

void TestAwqLmdeploy::workedGroup_data()
{
    QTest::addColumn<int>("rule");
    QTest::addColumn<int>("second");
    QTest::newRow("corrected") << static_cast<int>(AwqRule::Lmdeploy) << 8;
    QTest::newRow("as 0.2 does it") << static_cast<int>(AwqRule::Lmdeploy02) << 9;
}

void TestAwqLmdeploy::workedGroup()
{
    QFETCH(int, rule);
    QFETCH(int, second);
    const std::vector<float> weights{-0.31F, 0.12F, 0.05F, 0.44F, -0.2F, 0.33F, -0.07F, 0.0F};
    model::LinearSpec linear;
    linear.name = "l";
    linear.id = LayerId(0);
    linear.outFeatures = 1;
    linear.inFeatures = 8;
    Scheme scheme;
    scheme.symmetric = false;
    scheme.groupSize = kPerChannel;
    scheme.scaleDType = checkpoint::DType::F32;
    const LayerInput input{
        .linear = linear, .weights = weights, .scheme = scheme, .options = optionsOf(static_cast<AwqRule>(rule))};
    const auto outcome = encodeLmdeploy(input, {});
    BITLATHE_VERIFY_OK(outcome);
    std::vector<std::uint8_t> codes(8);
    outcome->tensor.unpackRow(0, codes);
    const auto middle = static_cast<std::uint8_t>(second);
    QCOMPARE(codes, (std::vector<std::uint8_t>{0, middle, 7, 15, 2, 13, 5, 6}));
    QCOMPARE(outcome->tensor.zeros.front(), 6);
    QVERIFY(std::abs(outcome->tensor.scales.front() - 0.05F) < 1e-7F);
}

QTEST_GUILESS_MAIN(TestAwqLmdeploy)
#include "tst_awqlmdeploy.moc"
