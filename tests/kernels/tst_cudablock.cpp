// SPDX-License-Identifier: Apache-2.0
// A block of a LLaMA whose activations, keys and values stay in its backend's memory: the same code gives the same on
// the GPU and on the processor, for a prompt and for the tokens after it.
#include "kernels/subjects.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <vector>

using namespace bitlathe::kernels;
using bitlathe::tests::cudaAbsence;
using bitlathe::tests::testedCuda;

namespace
{

constexpr std::int64_t kHidden = 512;
constexpr std::int64_t kHeads = 8;
constexpr std::int64_t kKvHeads = 2;
constexpr std::int64_t kHeadDim = kHidden / kHeads;
constexpr std::int64_t kKvWidth = kKvHeads * kHeadDim;
constexpr std::int64_t kInner = 1376;
constexpr std::int64_t kPrompt = 130;
constexpr std::int64_t kTokens = 140;
/// Of the largest value. Two orders of summing and of rounding scores to bf16, through one block.
constexpr double kToleranceBlock = 2e-2;

std::vector<float> normals(std::int64_t count, unsigned seed, float spread)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.0F, spread);
    std::vector<float> values(static_cast<std::size_t>(count));
    std::ranges::generate(values, [&] { return normal(random); });
    return values;
}

std::size_t sizeOf(std::int64_t count)
{
    return static_cast<std::size_t>(count);
}

/// One block on one backend.
class LlamaBlock
{
public:
    LlamaBlock(const Backend& backend, bool packed)
        : m_backend(backend),
          m_query(linear(kHidden, kHidden, 1, packed)),
          m_key(linear(kKvWidth, kHidden, 2, packed)),
          m_value(linear(kKvWidth, kHidden, 3, packed)),
          m_output(linear(kHidden, kHidden, 4, packed)),
          m_gate(linear(kInner, kHidden, 5, packed)),
          m_up(linear(kInner, kHidden, 6, packed)),
          m_down(linear(kHidden, kInner, 7, packed)),
          m_norm(moved(std::vector<float>(sizeOf(kHidden), 1.1F))),
          m_keys(room(kTokens * kKvWidth)),
          m_values(room(kTokens * kKvWidth))
    {
        std::vector<float> cosine;
        std::vector<float> sine;
        for (std::int64_t position = 0; position < kTokens; ++position) {
            for (std::int64_t pair = 0; pair < kHeadDim / 2; ++pair) {
                const double turn = static_cast<double>(position) *
                                    std::pow(10000.0, -2.0 * static_cast<double>(pair) / static_cast<double>(kHeadDim));
                cosine.push_back(static_cast<float>(std::cos(turn)));
                sine.push_back(static_cast<float>(std::sin(turn)));
            }
        }
        m_cosine = moved(cosine);
        m_sine = moved(sine);
    }

    /// The next tokens, [rows, kHidden]; moved in and out, nothing between.
    std::vector<float> forward(std::vector<float> input)
    {
        const auto rows = static_cast<std::int64_t>(input.size()) / kHidden;
        const Buffer<float> hidden = moved(input);
        const Buffer<float> normed = room(rows * kHidden);
        const Buffer<float> query = room(rows * kHidden);
        const Buffer<float> key = room(rows * kKvWidth);
        const Buffer<float> value = room(rows * kKvWidth);
        const Buffer<float> gate = room(rows * kInner);
        const Buffer<float> up = room(rows * kInner);
        m_backend.rmsNorm(hidden.span(), m_norm.span(), 1e-5, normed.span());
        m_backend.gemm(normed.span(), rows, *m_query, {}, query.span());
        m_backend.gemm(normed.span(), rows, *m_key, {}, key.span());
        m_backend.gemm(normed.span(), rows, *m_value, {}, value.span());
        const auto cosine = m_cosine.span().subspan(sizeOf(m_length * kHeadDim / 2), sizeOf(rows * kHeadDim / 2));
        const auto sine = m_sine.span().subspan(sizeOf(m_length * kHeadDim / 2), sizeOf(rows * kHeadDim / 2));
        m_backend.rope(query.span(), rows, kHeads, kHeadDim, cosine, sine);
        m_backend.rope(key.span(), rows, kKvHeads, kHeadDim, cosine, sine);
        keep(key.span(), m_keys);
        keep(value.span(), m_values);
        m_length += rows;
        const AttentionShape shape{
            rows, m_length, kHeads, kKvHeads, kHeadDim, 0, 1.0F / std::sqrt(static_cast<float>(kHeadDim))};
        m_backend.attention(shape, Precision::Bf16, query.span(), m_keys.span().first(sizeOf(m_length * kKvWidth)),
                            m_values.span().first(sizeOf(m_length * kKvWidth)), normed.span());
        m_backend.gemm(normed.span(), rows, *m_output, {}, query.span());
        m_backend.add(hidden.span(), query.span());
        m_backend.rmsNorm(hidden.span(), m_norm.span(), 1e-5, normed.span());
        m_backend.gemm(normed.span(), rows, *m_gate, {}, gate.span());
        m_backend.gemm(normed.span(), rows, *m_up, {}, up.span());
        m_backend.activate(Activation::Silu, gate.span(), up.span());
        m_backend.gemm(gate.span(), rows, *m_down, {}, query.span());
        m_backend.add(hidden.span(), query.span());
        return hidden.download(input) ? input : std::vector<float>();
    }

private:
    using Weights = std::unique_ptr<PreparedWeights>;

    Weights linear(std::int64_t outputs, std::int64_t inputs, unsigned seed, bool packed) const
    {
        const auto spread = 1.0F / std::sqrt(static_cast<float>(inputs));
        if (!packed) {
            const auto w = normals(outputs * inputs, seed, spread);
            return m_backend.prepare({ScalarType::F32, outputs, inputs, std::as_bytes(std::span(w))}, Precision::Bf16);
        }
        std::mt19937 random(seed);
        std::vector<std::uint8_t> codes(sizeOf(outputs * inputs / 2));
        std::ranges::generate(codes, [&] { return static_cast<std::uint8_t>(random() >> 24); });
        PackedWeightsView view;
        view.outputs = outputs;
        view.inputs = inputs;
        view.codes = codes;
        view.groupSize = 32;
        view.groups = inputs / 32;
        const std::vector<float> scales(sizeOf(outputs * view.groups), 0x1p-7F);
        view.scales = scales;
        view.zero = 8;
        return m_backend.preparePacked(view, Precision::Bf16);
    }

    Buffer<float> moved(const std::vector<float>& values) const
    {
        return std::move(Buffer<float>::of(m_backend.memory(), values)).value();
    }
    Buffer<float> room(std::int64_t count) const
    {
        return std::move(Buffer<float>::allocated(m_backend.memory(), sizeOf(count))).value();
    }
    void keep(std::span<const float> rows, const Buffer<float>& cache) const
    {
        m_backend.memory().copy(std::as_bytes(rows),
                                std::as_writable_bytes(cache.span().subspan(sizeOf(m_length * kKvWidth), rows.size())));
    }

    const Backend& m_backend;
    Weights m_query, m_key, m_value, m_output, m_gate, m_up, m_down;
    Buffer<float> m_norm;
    Buffer<float> m_keys;
    Buffer<float> m_values;
    Buffer<float> m_cosine;
    Buffer<float> m_sine;
    std::int64_t m_length = 0;
};

} // namespace

class TestCudaBlock : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        if (!testedCuda().backend) {
            QSKIP(cudaAbsence().c_str());
        }
    }

    void promptAndTokens_data()
    {
        QTest::addColumn<bool>("packed");
        QTest::newRow("bf16") << false;
        QTest::newRow("4 bits") << true;
    }
    void promptAndTokens()
    {
        QFETCH(const bool, packed);
        const std::uint64_t before = testedCuda().backend->memory().use().bytesUsed;
        {
            LlamaBlock expected(cpuBackend(), packed);
            LlamaBlock tested(*testedCuda().backend, packed);
            for (std::int64_t length = 0; length < kTokens; length += length == 0 ? kPrompt : 1) {
                const auto input =
                    normals((length == 0 ? kPrompt : 1) * kHidden, static_cast<unsigned>(length) + 9, 1.0F);
                const auto a = expected.forward(input);
                const auto b = tested.forward(input);
                QCOMPARE(b.size(), a.size());
                float error = 0;
                float largest = 0;
                for (std::size_t i = 0; i < a.size(); ++i) {
                    QVERIFY(std::isfinite(b[i]));
                    error = std::max(error, std::abs(a[i] - b[i]));
                    largest = std::max(largest, std::abs(a[i]));
                }
                QVERIFY2(static_cast<double>(error / largest) <= kToleranceBlock,
                         qPrintable(QString("%1 of the largest value at %2").arg(error / largest).arg(length)));
            }
        }
        QCOMPARE(testedCuda().backend->memory().use().bytesUsed, before);
    }
};

QTEST_GUILESS_MAIN(TestCudaBlock)
#include "tst_cudablock.moc"
