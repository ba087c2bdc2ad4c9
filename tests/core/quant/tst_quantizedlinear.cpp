// SPDX-License-Identifier: Apache-2.0
// The packed linear: against the dense one over the same dequantized weights.
#include "core/quant/codebooks.h"
#include "core/quant/quantizedsource.h"
#include "kernels/cpulevel.h"
#include "kernels/threads.h"
#include "kernels/tolerances.h"
#include "samples.h"
#include "support/tempfolder.h"
#include "support/trappeddevice.h"

#include <QTest>

#include <cmath>

using namespace bitlathe;
using namespace bitlathe::quant;
using namespace bitlathe::tests;
using model::Activations;
using model::Compute;

namespace
{

constexpr std::int64_t kRowsSummedOtherwise =
    4;                                ///< Up to so many may be summed in another order than by dense linears.
constexpr double kSumRounding = 2e-5; ///< Two orders of summing in f32, relative to the sum of absolute products.

Activations makeInput(std::int64_t rows, std::int64_t cols, std::mt19937::result_type seed)
{
    Activations x(rows, cols);
    x.values = normalWeights(rows * cols, seed, 1.0F);
    return x;
}

std::unique_ptr<model::Linear> denseOf(const QuantizedTensor& tensor, std::span<const float> bias, Compute compute)
{
    const auto weights = tensor.dequantize();
    return model::makeDenseLinear(
        {"w", checkpoint::DType::F32, {tensor.rows, tensor.cols}, std::as_bytes(std::span(weights))}, bias, compute);
}

/// Whether products of x and the weights are near those that doubles give, where inputs may be this part of their row's
/// largest off.
bool isNearExact(std::span<const float> products, const Activations& x, const QuantizedTensor& tensor,
                 const std::vector<float>& bias, double partOff = 0)
{
    const std::vector<float> weights = tensor.dequantize();
    const auto outs = static_cast<std::size_t>(tensor.rows);
    const auto ins = static_cast<std::size_t>(tensor.cols);
    for (std::size_t i = 0; i < products.size(); ++i) {
        double exact = bias.empty() ? 0.0 : static_cast<double>(bias[i % outs]);
        double magnitude = std::abs(exact);
        const auto [low, high] = std::ranges::minmax(x.row(static_cast<std::int64_t>(i / outs)));
        const auto off = partOff * static_cast<double>(std::max(-low, high));
        double slack = 0;
        for (std::size_t k = 0; k < ins; ++k) {
            const double term =
                static_cast<double>(x.values[i / outs * ins + k]) * static_cast<double>(weights[i % outs * ins + k]);
            exact += term;
            magnitude += std::abs(term);
            slack += off * std::abs(static_cast<double>(weights[i % outs * ins + k]));
        }
        if (!(std::abs(static_cast<double>(products[i]) - exact) <= kSumRounding * magnitude + slack)) {
            return false;
        }
    }
    return true;
}

/// A base with one dense linear and a bias.
class FakeSource final : public model::WeightSource
{
public:
    Result<checkpoint::TensorView> tensor(const std::string& name, const checkpoint::Shape& shape) const override
    {
        return checkpoint::TensorView{name, checkpoint::DType::F32, shape, std::as_bytes(std::span(bias))};
    }
    bool has(const std::string& name) const override { return name == "here"; }
    Result<std::unique_ptr<model::Linear>> linear(const model::LinearSpec& spec, Compute compute) const override
    {
        const std::vector<float> ones(static_cast<std::size_t>(spec.outFeatures * spec.inFeatures), 1.0F);
        return model::makeDenseLinear(
            {"w", checkpoint::DType::F32, {spec.outFeatures, spec.inFeatures}, std::as_bytes(std::span(ones))}, {},
            compute);
    }
    Result<std::vector<float>> weights(const model::LinearSpec& /*spec*/) const override { return std::vector{1.0F}; }
    void release(const model::LinearSpec& /*spec*/) const override {}

    std::vector<float> bias;
};

} // namespace

class TestQuantizedLinear : public QObject
{
    Q_OBJECT

private slots:
    void cleanup();
    void againstDense();
    void againstDenseBf16();
    void scatteredGroups();
    void halfOffsets();
    void blocksAcrossRows();
    void sameForAnyThreadCount();
    void bytesStayPacked();
    void roundedInputs();
    void inputsOnOneGrid();
    void onADevice();
    void source();
    void sourceRefusesOtherShape();
};

/// Codes, and inputs that are rounded on the processor, whose memory the device's is not.
void TestQuantizedLinear::onADevice()
{
    const TrappedDevice device;
    for (const int activationBits : {0, 8}) {
        const Scheme scheme{.bits = 8, .groupSize = kPerChannel, .activationBits = activationBits};
        const auto tensor =
            std::make_shared<const QuantizedTensor>(roundedTensor(normalWeights(70 * 96, 51), 70, 96, scheme));
        const auto bias = normalWeights(70, 52, 1.0F);
        for (const std::int64_t rows : {1, 9}) {
            const Activations x = makeInput(rows, 96, 53);
            std::vector<float> expected(static_cast<std::size_t>(rows * 70));
            makeQuantizedLinear(tensor, bias, Compute::F32)->forward(x, expected);
            model::Activations y(rows, 70, device.memory());
            makeQuantizedLinear(tensor, bias, Compute::F32, device)
                ->forward(Activations(x).movedTo(device.memory()), y.span());
            QCOMPARE(std::move(y).movedTo(kernels::hostMemory()).values, expected);
        }
    }
    QCOMPARE(device.memory().use().bytesUsed, std::uint64_t{0});
}

void TestQuantizedLinear::cleanup()
{
    kernels::setCpuLevel(kernels::detectedCpuLevel());
    kernels::setThreadCount(0);
}

/// Few rows (straight from the codes) and more, over shapes that no tile divides, on every level.
void TestQuantizedLinear::againstDense()
{
    std::mt19937 random(31);
    for (int round = 0; round < 60; ++round) {
        kernels::setCpuLevel(
            std::array{kernels::CpuLevel::Reference, kernels::CpuLevel::Avx2, kernels::CpuLevel::Amx}[random() % 3]);
        const std::int64_t outs = 1 + static_cast<std::int64_t>(random() % 300);
        const std::int64_t ins = 1 + static_cast<std::int64_t>(random() % 300);
        const std::int64_t rows = random() % 2 == 0 ? 1 : 1 + static_cast<std::int64_t>(random() % 40);
        const auto tensor = std::make_shared<const QuantizedTensor>(
            roundedTensor(normalWeights(outs * ins, random()), outs, ins, randomScheme(random)));
        const auto bias = random() % 2 == 0 ? std::vector<float>() : normalWeights(outs, random(), 1.0F);
        const Activations x = makeInput(rows, ins, random());
        std::vector<float> packed(static_cast<std::size_t>(rows * outs));
        std::vector<float> dense(packed.size());
        makeQuantizedLinear(tensor, bias, Compute::F32)->forward(x, packed);
        denseOf(*tensor, bias, Compute::F32)->forward(x, dense);
        QVERIFY(isNearExact(packed, x, *tensor, bias));
        QVERIFY(isNearExact(dense, x, *tensor, bias));
        if (rows > kRowsSummedOtherwise) {
            QCOMPARE(packed, dense);
        }
    }
}

void TestQuantizedLinear::againstDenseBf16()
{
    const auto tensor =
        std::make_shared<const QuantizedTensor>(roundedTensor(normalWeights(130 * 200, 32), 130, 200, {}));
    for (const std::int64_t rows : {1, 3, 9}) {
        const Activations x = makeInput(rows, 200, 33);
        std::vector<float> packed(static_cast<std::size_t>(rows * 130));
        std::vector<float> dense(packed.size());
        makeQuantizedLinear(tensor, {}, Compute::Bf16)->forward(x, packed);
        if (rows <= kRowsSummedOtherwise && kernels::cpuLevel() != kernels::CpuLevel::Reference) {
            QVERIFY(isNearExact(packed, x, *tensor, {}, kernels::kToleranceWord));
            continue;
        }
        denseOf(*tensor, {}, Compute::Bf16)->forward(x, dense);
        for (std::size_t i = 0; i < packed.size(); ++i) {
            // Outputs are sums of 200 products of about 0.02: magnitude 4, products exact in f32.
            QVERIFY(std::abs(packed[i] - dense[i]) <= 4e-5F * 4.0F);
        }
    }
}

void TestQuantizedLinear::scatteredGroups()
{
    Scheme scheme;
    scheme.groupSize = 32;
    QuantizedTensor tensor = roundedTensor(normalWeights(50 * 96, 34), 50, 96, scheme);
    for (std::int32_t col = 0; col < 96; ++col) {
        tensor.groupIndex.push_back(col % 3);
    }
    const auto shared = std::make_shared<const QuantizedTensor>(tensor);
    for (const std::int64_t rows : {1, 3, 9}) {
        const Activations x = makeInput(rows, 96, 35);
        std::vector<float> packed(static_cast<std::size_t>(rows * 50));
        makeQuantizedLinear(shared, {}, Compute::F32)->forward(x, packed);
        QVERIFY(isNearExact(packed, x, tensor, {}));
    }
}

/// Zero points within products that were rounded: weights by the definition, and the same from the packed linear.
void TestQuantizedLinear::halfOffsets()
{
    Scheme scheme;
    scheme.groupSize = 32;
    scheme.symmetric = false;
    QuantizedTensor tensor = roundedTensor(normalWeights(50 * 96, 34), 50, 96, scheme);
    const std::vector<float> plain = tensor.dequantize();
    tensor.halfOffsets = true;
    const std::vector<float> values = tensor.dequantize();
    QVERIFY(values != plain);
    std::vector<std::uint8_t> codes(96);
    for (std::int64_t row = 0; row < 50; ++row) {
        tensor.unpackRow(row, codes);
        for (std::int64_t col = 0; col < 96; ++col) {
            const float scale = tensor.scale(row, col / 32);
            const float offset = kernels::roundToScaleType(static_cast<float>(tensor.zero(row, col / 32)) * scale,
                                                           kernels::ScaleType::F16);
            const float expected = static_cast<float>(codes[static_cast<std::size_t>(col)]) * scale - offset;
            QCOMPARE(values[static_cast<std::size_t>(row * 96 + col)], expected);
        }
    }
    const auto shared = std::make_shared<const QuantizedTensor>(tensor);
    for (const std::int64_t rows : {1, 3, 9}) {
        const Activations x = makeInput(rows, 96, 35);
        std::vector<float> packed(static_cast<std::size_t>(rows * 50));
        makeQuantizedLinear(shared, {}, Compute::F32)->forward(x, packed);
        QVERIFY(isNearExact(packed, x, tensor, {}));
    }
}

/// Blocks that begin and end within rows: of 64 over rows of 96 (cut into groups of 32), 80 (16) and 33 (widened).
void TestQuantizedLinear::blocksAcrossRows()
{
    for (const std::int64_t cols : {96, 80, 33}) {
        QuantizedTensor tensor;
        tensor.scheme = {.kind = SchemeKind::CodeBook, .groupSize = 64, .scaleDType = checkpoint::DType::F32};
        tensor.rows = 50;
        tensor.cols = cols;
        tensor.codeBook = bookValues(BookKind::Nf4);
        tensor.scales = normalWeights((50 * cols + 63) / 64, 40, 1.0F);
        std::mt19937 random(41);
        tensor.codes.resize(50 * tensor.bytesPerRow());
        std::ranges::generate(tensor.codes, [&] { return static_cast<std::uint8_t>(random()); });
        const auto shared = std::make_shared<const QuantizedTensor>(tensor);
        for (const std::int64_t rows : {1, 3, 9}) {
            const Activations x = makeInput(rows, cols, 42);
            std::vector<float> packed(static_cast<std::size_t>(rows * 50));
            makeQuantizedLinear(shared, {}, Compute::F32)->forward(x, packed);
            QVERIFY(isNearExact(packed, x, tensor, {}));
        }
    }
}

void TestQuantizedLinear::sameForAnyThreadCount()
{
    const auto tensor =
        std::make_shared<const QuantizedTensor>(roundedTensor(normalWeights(500 * 700, 36), 500, 700, {}));
    for (const Compute compute : {Compute::F32, Compute::Bf16}) {
        for (const std::int64_t rows : {1, 70}) {
            const Activations x = makeInput(rows, 700, 37);
            const auto linear = makeQuantizedLinear(tensor, {}, compute);
            std::vector<float> one(static_cast<std::size_t>(rows * 500));
            std::vector<float> two(one.size());
            kernels::setThreadCount(1);
            linear->forward(x, one);
            kernels::setThreadCount(2);
            linear->forward(x, two);
            QCOMPARE(one, two);
        }
    }
}

void TestQuantizedLinear::bytesStayPacked()
{
    const auto tensor =
        std::make_shared<const QuantizedTensor>(roundedTensor(normalWeights(128 * 256, 38), 128, 256, {}));
    const auto linear = makeQuantizedLinear(tensor, {}, Compute::F32);
    QCOMPARE(linear->outFeatures(), 128);
    QCOMPARE(linear->inFeatures(), 256);
    // Codes of 4 bits, scales of 2 bytes; tables and alignment take a little. Plain loops widen.
    const std::uint64_t packed = 128 * 256 / 2 + 128 * 2 * 2;
    QVERIFY(kernels::cpuLevel() == kernels::CpuLevel::Reference || linear->bytes() <= packed + 512);
    QVERIFY(linear->bytes() >= packed);
}

/// Against rounding and products written out here.
void TestQuantizedLinear::roundedInputs()
{
    for (const std::int64_t rows : {1, 5}) {
        const std::int64_t cols = 77;
        Activations x = makeInput(rows, cols, 4);
        std::ranges::fill(x.row(rows - 1), rows == 1 ? 0.5F : 0.0F); // A token of zeros must stay one.
        x.values[3] = 40.0F;
        Scheme scheme{.bits = 8, .groupSize = kPerChannel, .activationBits = 8};
        const auto tensor =
            std::make_shared<const QuantizedTensor>(roundedTensor(normalWeights(9 * cols, 8, 0.1F), 9, cols, scheme));
        QCOMPARE(tensor->scheme.activationBits, 8);
        const std::vector<float> weights = tensor->dequantize();
        std::vector<float> y(static_cast<std::size_t>(rows * 9));
        makeQuantizedLinear(tensor, {}, Compute::F32)->forward(x, y);
        for (std::int64_t row = 0; row < rows; ++row) {
            double most = 0;
            for (const float value : x.row(row)) {
                most = std::max(most, std::abs(static_cast<double>(value)));
            }
            const double step = most > 0 ? static_cast<double>(static_cast<float>(most) / 127.0F) : 1.0;
            for (std::int64_t out = 0; out < 9; ++out) {
                double sum = 0;
                double size = 0;
                for (std::int64_t col = 0; col < cols; ++col) {
                    const double code =
                        std::nearbyint(static_cast<double>(x.row(row)[static_cast<std::size_t>(col)]) / step);
                    const double product =
                        code * step * static_cast<double>(weights[static_cast<std::size_t>(out * cols + col)]);
                    sum += product;
                    size += std::abs(product);
                }
                QVERIFY(std::abs(sum - static_cast<double>(y[static_cast<std::size_t>(row * 9 + out)])) <=
                        kSumRounding * size);
            }
        }
    }
}

/// Under a step of 0.5: 0.6 is 0.5, -0.76 is -1, 100 is cut to 127 steps and -100 to 128, whatever else is in the row.
void TestQuantizedLinear::inputsOnOneGrid()
{
    QuantizedTensor tensor = roundedTensor(std::vector<float>{1, 0, 0, 1, 1, 1, -1, 1}, 2, 4,
                                           {.bits = 8,
                                            .groupSize = kPerChannel,
                                            .activationBits = 8,
                                            .staticInputs = true,
                                            .scaleDType = checkpoint::DType::F32});
    tensor.inputScale = 0.5F;
    const std::vector<float> weights = tensor.dequantize();
    const auto linear =
        makeQuantizedLinear(std::make_shared<const QuantizedTensor>(std::move(tensor)), {}, Compute::F32);
    Activations x(2, 4);
    x.values = {0.6F, -0.76F, 100.0F, -100.0F, 0.0F, 0.24F, 0.26F, 3.0F};
    const std::vector<float> seen{0.5F, -1.0F, 63.5F, -64.0F, 0.0F, 0.0F, 0.5F, 3.0F};
    std::vector<float> y(4);
    linear->forward(x, y);
    for (std::size_t row = 0; row < 2; ++row) {
        for (std::size_t out = 0; out < 2; ++out) {
            double sum = 0;
            for (std::size_t i = 0; i < 4; ++i) {
                sum += static_cast<double>(weights[out * 4 + i]) * static_cast<double>(seen[row * 4 + i]);
            }
            QVERIFY(std::abs(static_cast<double>(y[row * 2 + out]) - sum) < 1e-4);
        }
    }
}

void TestQuantizedLinear::source()
{
    const auto base = std::make_shared<FakeSource>();
    base->bias = {1.0F, 2.0F, 3.0F};
    auto spec = linearSpec(3, 40);
    spec.hasBias = true;
    const auto tensor = std::make_shared<const QuantizedTensor>(roundedTensor(normalWeights(3 * 40, 39), 3, 40, {}));
    const auto quantized = makeQuantizedSource(
        base, [&](const model::LinearSpec& wanted) -> Result<std::shared_ptr<const QuantizedTensor>> {
            return wanted.name == spec.name ? tensor : nullptr;
        });
    QVERIFY(quantized->has("here") && !quantized->has("there"));
    const Activations zero(1, 40);
    std::vector<float> y(3);
    (*quantized->linear(spec, Compute::F32))->forward(zero, y);
    QCOMPARE(y, base->bias);
    QCOMPARE(*quantized->weights(spec), tensor->dequantize());
    auto other = spec;
    other.name = "other";
    QCOMPARE(*quantized->weights(other), std::vector{1.0F});
    Activations ones(1, 40);
    std::ranges::fill(ones.values, 1.0F);
    (*quantized->linear(other, Compute::F32))->forward(ones, y);
    QCOMPARE(y, std::vector<float>(3, 40.0F));
}

void TestQuantizedLinear::sourceRefusesOtherShape()
{
    const auto tensor = std::make_shared<const QuantizedTensor>(roundedTensor(normalWeights(3 * 40, 39), 3, 40, {}));
    const auto source = makeQuantizedSource(
        std::make_shared<FakeSource>(),
        [&](const model::LinearSpec&) -> Result<std::shared_ptr<const QuantizedTensor>> { return tensor; });
    const auto result = source->linear(linearSpec(40, 3), Compute::F32);
    QVERIFY(!result);
    QCOMPARE(result.error().code, ErrorCode::TensorInvalid);
    QVERIFY(result.error().sentence().find("expected a quantized weight of 40 x 3, found one of 3 x 40") !=
            std::string::npos);
}

QTEST_GUILESS_MAIN(TestQuantizedLinear)
#include "tst_quantizedlinear.moc"
