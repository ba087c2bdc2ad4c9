// SPDX-License-Identifier: Apache-2.0
// The operations to time with their shapes, bytes and arithmetic, and the clock.
#include "kernels/opbench.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>
#include <random>

namespace bitlathe::kernels
{

namespace
{

using Clock = std::chrono::steady_clock;

/// Sizes of what is timed.
struct OpSizes
{
    std::int64_t rows = 0;   ///< Of activations.
    std::int64_t hidden = 0; ///< Columns of them.
    std::int64_t inner = 0;  ///< Of the mlp.
    std::int64_t vocabulary = 0;
    std::int64_t prompt = 0; ///< Tokens that attend at once, and rows of products.
    std::int64_t context = 0;
    std::int64_t heads = 0;
    std::int64_t squareF32 = 0; ///< Side of the products that set the limits.
    std::int64_t squareBf16 = 0;
    std::int64_t copied = 0; ///< Floats.
};

constexpr OpSizes kDeviceSizes{8192, 4096, 11008, 32000, 2048, 8192, 32, 4096, 8192, 256 << 20};
constexpr OpSizes kHostSizes{256, 2048, 5632, 32000, 256, 1024, 16, 1024, 2048, 32 << 20};
constexpr std::int64_t kHeadDim = 128;
/// Weights of a product of one row are taken in turns, so that none is still in the cache: so many bytes in all.
constexpr double kRotatedBytes = 400e6;
constexpr std::int64_t kRotatedMost = 16;

/// An operation to time. run is empty where its values did not fit.
struct Timed
{
    OpFigure figure;
    std::function<void()> run;
};

double product(std::initializer_list<std::int64_t> factors)
{
    double value = 1;
    for (const std::int64_t factor : factors) {
        value *= static_cast<double>(factor);
    }
    return value;
}

std::string shapeText(std::initializer_list<std::int64_t> sizes)
{
    std::string text;
    for (const std::int64_t size : sizes) {
        text += (text.empty() ? "[" : ", ") + std::to_string(size);
    }
    return text + "]";
}

/// The operations of one backend, made one at a time, so that memory holds the values of one.
class OpList
{
public:
    OpList(const Backend& backend, const OpSizes& sizes) : m_backend(backend), m_sizes(sizes) {}

    std::vector<std::function<Timed()>> limits() const
    {
        return {[this] { return copy(); },
                [this] { return gemm(Precision::F32, m_sizes.squareF32, m_sizes.squareF32, m_sizes.squareF32); },
                [this] { return gemm(Precision::Bf16, m_sizes.squareBf16, m_sizes.squareBf16, m_sizes.squareBf16); }};
    }

    std::vector<std::function<Timed()>> operations() const
    {
        const OpSizes& s = m_sizes;
        return {[this] { return gemm(Precision::Bf16, m_sizes.prompt, m_sizes.inner, m_sizes.hidden); },
                [this] { return gemm(Precision::Bf16, 16, m_sizes.inner, m_sizes.hidden); },
                [this] { return gemm(Precision::Bf16, 1, m_sizes.inner, m_sizes.hidden); },
                [this] { return gemm(Precision::F32, m_sizes.prompt, m_sizes.inner, m_sizes.hidden); },
                [this] { return packedGemm(1); },
                [this] { return packedGemm(16); },
                [this] { return packedGemm(m_sizes.prompt); },
                [this] { return normedProducts(1); },
                [this] { return normedProducts(m_sizes.prompt); },
                [this] { return norm(false); },
                [this] { return norm(true); },
                [this] { return rope(); },
                [this] { return activate(Activation::Silu, "silu x factor"); },
                [this] { return activate(Activation::GeluTanh, "gelu-tanh x factor"); },
                [this] { return add(); },
                [this] { return softCap(); },
                [this] { return softmax(); },
                [this, s] { return attention(Precision::Bf16, s.prompt, s.prompt, s.heads); },
                [this, s] { return attention(Precision::Bf16, s.prompt, s.prompt, s.heads / 4); },
                [this, s] { return attention(Precision::F32, s.prompt, s.prompt, s.heads); },
                [this, s] { return attention(Precision::Bf16, 1, s.context, s.heads); },
                [this, s] { return attention(Precision::Bf16, 1, s.context, s.heads / 4); },
                [this] { return gram(Precision::Bf16); },
                [this] { return gram(Precision::F32); },
                [this] { return mirror(); },
                [this] { return channels(); },
                [this] { return logs(false); },
                [this] { return logs(true); }};
    }

private:
    using Values = std::shared_ptr<Buffer<float>>;

    /// Normal values; null: no memory.
    Values values(std::int64_t count, float mean = 0.0F, float spread = 1.0F) const
    {
        auto buffer = Buffer<float>::allocated(m_backend.memory(), static_cast<std::size_t>(count));
        if (!buffer) {
            return nullptr;
        }
        // One piece of random values again and again: making them must not take longer than the work.
        constexpr std::size_t kPiece = 1 << 20;
        std::mt19937 random(1);
        std::normal_distribution<float> normal;
        std::vector<float> piece(std::min(kPiece, static_cast<std::size_t>(count)));
        std::ranges::generate(piece, [&] { return mean + spread * normal(random); });
        const auto to = buffer->span();
        for (std::size_t first = 0; first < to.size(); first += kPiece) {
            const std::size_t part = std::min(kPiece, to.size() - first);
            m_backend.memory().upload(std::as_bytes(std::span(piece).first(part)),
                                      std::as_writable_bytes(to.subspan(first, part)));
        }
        return std::make_shared<Buffer<float>>(std::move(*buffer));
    }

    template <class... Parts>
    static bool complete(const Parts&... parts)
    {
        return (... && (parts != nullptr));
    }

    Timed copy() const
    {
        const Values from = values(m_sizes.copied), to = values(m_sizes.copied);
        Timed timed{{"copy", shapeText({m_sizes.copied}), Precision::F32, product({m_sizes.copied, 8}), 0, 0}, {}};
        if (complete(from, to)) {
            timed.run = [this, from, to] {
                m_backend.memory().copy(std::as_bytes(from->span()), std::as_writable_bytes(to->span()));
            };
        }
        return timed;
    }

    Timed gemm(Precision precision, std::int64_t rows, std::int64_t outputs, std::int64_t inputs) const
    {
        const std::int64_t weightBytes = precision == Precision::Bf16 ? 2 : 4;
        Timed timed{{"gemm", shapeText({rows, inputs}) + " x " + shapeText({inputs, outputs}), precision,
                     product({outputs, inputs, weightBytes}) + product({rows, inputs + outputs, 4}),
                     product({2, rows, outputs, inputs}), 0},
                    {}};
        std::mt19937 random(2);
        std::normal_distribution<float> normal(0.0F, 0.02F);
        std::vector<float> piece(1 << 16);
        std::ranges::generate(piece, [&] { return normal(random); });
        std::vector<float> host(static_cast<std::size_t>(outputs * inputs));
        for (std::size_t i = 0; i < host.size(); ++i) {
            host[i] = piece[(i + i / 997) % piece.size()];
        }
        const WeightsView view{ScalarType::F32, outputs, inputs, std::as_bytes(std::span(host))};
        const auto prepare = [&] { return m_backend.prepare(view, precision); };
        const std::int64_t copies = rows <= 16 ? copiesOf(product({outputs, inputs, weightBytes})) : 1;
        timed.run = multiplication(rows, outputs, inputs, copies, prepare);
        return timed;
    }

    /// Codes of 4 bits in groups of 128, with scales that f16 holds.
    Timed packedGemm(std::int64_t rows) const
    {
        const std::int64_t outputs = m_sizes.inner, inputs = m_sizes.hidden;
        Timed timed{{"gemm of 4 bits", shapeText({rows, inputs}) + " x " + shapeText({inputs, outputs}),
                     Precision::Bf16, bytesOfCodes(outputs, inputs) + product({rows, inputs + outputs, 4}),
                     product({2, rows, outputs, inputs}), 0},
                    {}};
        const std::int64_t copies = rows <= 16 ? copiesOf(bytesOfCodes(outputs, inputs)) : 1;
        timed.run = multiplication(rows, outputs, inputs, copies, [&] { return packed(outputs, inputs); });
        return timed;
    }

    /// The queries, keys and values of an rmsNorm: three products of one input.
    Timed normedProducts(std::int64_t rows) const
    {
        const std::int64_t width = m_sizes.hidden;
        constexpr std::int64_t kParts = 3;
        Timed timed{{"rmsNorm and 3 gemm of 4 bits", shapeText({rows, width}) + " x " + shapeText({width, width}),
                     Precision::Bf16,
                     kParts * (bytesOfCodes(width, width) + product({rows, width, 4})) + product({rows, width, 4}),
                     product({2, kParts, rows, width, width}), 0},
                    {}};
        const std::int64_t copies = rows <= 16 ? copiesOf(kParts * bytesOfCodes(width, width)) : 1;
        auto weights = std::make_shared<std::vector<std::unique_ptr<PreparedWeights>>>();
        for (std::int64_t i = 0; i < kParts * copies; ++i) {
            weights->push_back(packed(width, width));
        }
        const Values x = values(rows * width), made = values(rows * width), norm = values(width, 1.0F, 0.0F);
        const std::array<Values, kParts> y{values(rows * width), values(rows * width), values(rows * width)};
        if (complete(x, made, norm, y[0], y[1], y[2]) &&
            std::ranges::none_of(*weights, [](const auto& w) { return w == nullptr; })) {
            timed.run = [this, rows, x, made, norm, y, weights, turn = std::size_t{0}]() mutable {
                std::array<GemmPart, kParts> parts;
                for (std::size_t i = 0; i < parts.size(); ++i) {
                    parts[i] = {(*weights)[turn++ % weights->size()].get(), {}, y[i]->span(), {}};
                }
                m_backend.gemmEach(
                    {.x = x->span(), .rows = rows, .normWeight = norm->span(), .epsilon = 1e-5, .made = made->span()},
                    parts);
            };
        }
        return timed;
    }

    static double bytesOfCodes(std::int64_t outputs, std::int64_t inputs)
    {
        return product({outputs, inputs}) / 2 + product({outputs, inputs / 128, 2});
    }

    std::unique_ptr<PreparedWeights> packed(std::int64_t outputs, std::int64_t inputs) const
    {
        const std::int64_t groups = inputs / 128;
        std::mt19937 random(3);
        std::vector<std::uint8_t> codes(static_cast<std::size_t>(outputs * inputs / 2));
        std::ranges::generate(codes, [&] { return static_cast<std::uint8_t>(random() >> 24); });
        const std::vector<float> scales(static_cast<std::size_t>(outputs * groups), 0x1p-8F);
        PackedWeightsView view;
        view.outputs = outputs;
        view.inputs = inputs;
        view.codes = codes;
        view.groupSize = 128;
        view.groups = groups;
        view.scales = scales;
        view.zero = 8;
        return m_backend.preparePacked(view, Precision::Bf16);
    }

    static std::int64_t copiesOf(double bytes)
    {
        return std::clamp(static_cast<std::int64_t>(kRotatedBytes / bytes), std::int64_t{1}, kRotatedMost);
    }

    /// A product with weights of which there are so many copies; empty: no memory.
    template <class Prepare>
    std::function<void()> multiplication(std::int64_t rows, std::int64_t outputs, std::int64_t inputs,
                                         std::int64_t copies, const Prepare& prepare) const
    {
        auto prepared = std::make_shared<std::vector<std::unique_ptr<PreparedWeights>>>();
        const Values x = values(rows * inputs), y = values(rows * outputs);
        for (std::int64_t i = 0; i < copies; ++i) {
            prepared->push_back(prepare());
        }
        if (!complete(x, y) || std::ranges::any_of(*prepared, [](const auto& w) { return w == nullptr; })) {
            return {};
        }
        return [this, x, y, prepared, rows, turn = std::size_t{0}]() mutable {
            m_backend.gemm(x->span(), rows, *(*prepared)[turn++ % prepared->size()], {}, y->span());
        };
    }

    Timed norm(bool layer) const
    {
        const Values x = values(m_sizes.rows * m_sizes.hidden), out = values(m_sizes.rows * m_sizes.hidden);
        const Values weight = values(m_sizes.hidden);
        Timed timed{{layer ? "layerNorm" : "rmsNorm", shapeText({m_sizes.rows, m_sizes.hidden}), Precision::F32,
                     product({m_sizes.rows, m_sizes.hidden, 8}), 0, 0},
                    {}};
        if (complete(x, out, weight)) {
            timed.run = [this, layer, x, out, weight] {
                if (layer) {
                    m_backend.layerNorm(x->span(), weight->span(), weight->span(), 1e-5, out->span());
                } else {
                    m_backend.rmsNorm(x->span(), weight->span(), 1e-5, out->span());
                }
            };
        }
        return timed;
    }

    Timed rope() const
    {
        const std::int64_t heads = m_sizes.hidden / kHeadDim;
        const Values x = values(m_sizes.rows * m_sizes.hidden);
        // Turns keep lengths, so that values do not vanish in many calls.
        const Values cosine = values(m_sizes.rows * kHeadDim / 2, 0.8F, 0.0F);
        const Values sine = values(m_sizes.rows * kHeadDim / 2, 0.6F, 0.0F);
        Timed timed{{"rope", shapeText({m_sizes.rows, heads, kHeadDim}), Precision::F32,
                     product({m_sizes.rows, m_sizes.hidden, 8}) + product({m_sizes.rows, kHeadDim, 4}), 0, 0},
                    {}};
        if (complete(x, cosine, sine)) {
            timed.run = [this, x, cosine, sine, heads] {
                m_backend.rope(x->span(), m_sizes.rows, heads, kHeadDim, cosine->span(), sine->span());
            };
        }
        return timed;
    }

    Timed activate(Activation activation, const char* name) const
    {
        // Far right of zero they stay as they are, call after call.
        const Values x = values(m_sizes.rows * m_sizes.hidden, 20.0F);
        const Values factor = values(m_sizes.rows * m_sizes.hidden, 1.0F, 0.0F);
        Timed timed{{name, shapeText({m_sizes.rows, m_sizes.hidden}), Precision::F32,
                     product({m_sizes.rows, m_sizes.hidden, 12}), 0, 0},
                    {}};
        if (complete(x, factor)) {
            timed.run = [this, activation, x, factor] { m_backend.activate(activation, x->span(), factor->span()); };
        }
        return timed;
    }

    Timed add() const
    {
        const Values x = values(m_sizes.rows * m_sizes.hidden), y = values(m_sizes.rows * m_sizes.hidden);
        Timed timed{{"add", shapeText({m_sizes.rows, m_sizes.hidden}), Precision::F32,
                     product({m_sizes.rows, m_sizes.hidden, 12}), 0, 0},
                    {}};
        if (complete(x, y)) {
            timed.run = [this, x, y] { m_backend.add(x->span(), y->span()); };
        }
        return timed;
    }

    Timed softCap() const
    {
        const Values x = values(m_sizes.rows * m_sizes.hidden);
        Timed timed{{"softCap", shapeText({m_sizes.rows, m_sizes.hidden}), Precision::F32,
                     product({m_sizes.rows, m_sizes.hidden, 8}), 0, 0},
                    {}};
        if (complete(x)) {
            timed.run = [this, x] { m_backend.softCap(x->span(), 30.0F); };
        }
        return timed;
    }

    std::int64_t logitRows() const { return m_sizes.rows / 8; }

    Timed softmax() const
    {
        const Values x = values(logitRows() * m_sizes.vocabulary);
        Timed timed{{"softmax", shapeText({logitRows(), m_sizes.vocabulary}), Precision::F32,
                     product({logitRows(), m_sizes.vocabulary, 8}), 0, 0},
                    {}};
        if (complete(x)) {
            timed.run = [this, x] { m_backend.softmax(x->span(), m_sizes.vocabulary); };
        }
        return timed;
    }

    Timed attention(Precision precision, std::int64_t queries, std::int64_t keys, std::int64_t kvHeads) const
    {
        const AttentionShape shape{queries, keys, m_sizes.heads, kvHeads, kHeadDim, 0, 1.0F / std::sqrt(128.0F), 0.0F};
        const Values query = values(queries * shape.heads * kHeadDim), out = values(queries * shape.heads * kHeadDim);
        const Values k = values(keys * kvHeads * kHeadDim), v = values(keys * kvHeads * kHeadDim);
        // Of a prompt, half of the square is masked.
        const double scores = product({queries, keys, shape.heads}) / (queries == keys ? 2 : 1);
        Timed timed{{"attention",
                     shapeText({queries, shape.heads, kHeadDim}) + " on " + shapeText({keys, kvHeads, kHeadDim}),
                     precision, product({queries, shape.heads, kHeadDim, 8}) + product({keys, kvHeads, kHeadDim, 8}),
                     scores * 4 * static_cast<double>(kHeadDim), 0},
                    {}};
        if (complete(query, out, k, v)) {
            timed.run = [this, shape, precision, query, k, v, out] {
                m_backend.attention(shape, precision, query->span(), k->span(), v->span(), out->span());
            };
        }
        return timed;
    }

    Timed gram(Precision precision) const
    {
        const std::int64_t rows = precision == Precision::Bf16 ? m_sizes.rows : m_sizes.prompt;
        const Values x = values(rows * m_sizes.hidden), sums = values(m_sizes.hidden * m_sizes.hidden);
        Timed timed{{"accumulateGram", shapeText({rows, m_sizes.hidden}), precision,
                     product({rows, m_sizes.hidden, 4}) + product({m_sizes.hidden, m_sizes.hidden, 8}) / 2,
                     product({rows, m_sizes.hidden, m_sizes.hidden}), 0},
                    {}};
        if (complete(x, sums)) {
            timed.run = [this, rows, precision, x, sums] {
                m_backend.accumulateGram(precision, x->span(), rows, m_sizes.hidden, sums->span());
            };
        }
        return timed;
    }

    Timed mirror() const
    {
        const Values matrix = values(m_sizes.inner * m_sizes.inner);
        Timed timed{{"mirrorLower", shapeText({m_sizes.inner, m_sizes.inner}), Precision::F32,
                     product({m_sizes.inner, m_sizes.inner, 4}), 0, 0},
                    {}};
        if (complete(matrix)) {
            timed.run = [this, matrix] { m_backend.mirrorLower(matrix->span(), m_sizes.inner); };
        }
        return timed;
    }

    Timed channels() const
    {
        const Values x = values(m_sizes.rows * m_sizes.hidden), bounds = values(3 * m_sizes.hidden);
        auto sums = Buffer<double>::allocated(m_backend.memory(), static_cast<std::size_t>(2 * m_sizes.hidden));
        Timed timed{{"accumulateChannels", shapeText({m_sizes.rows, m_sizes.hidden}), Precision::F32,
                     product({m_sizes.rows, m_sizes.hidden, 4}), 0, 0},
                    {}};
        if (complete(x, bounds) && sums && sums->upload(std::vector<double>(sums->span().size(), 0.0))) {
            const auto kept = std::make_shared<Buffer<double>>(std::move(*sums));
            timed.run = [this, x, bounds, kept] {
                const auto cols = static_cast<std::size_t>(m_sizes.hidden);
                const auto floats = bounds->span();
                m_backend.accumulateChannels(x->span(), m_sizes.rows,
                                             {floats.first(cols), floats.subspan(cols, cols), floats.last(cols),
                                              kept->span().first(cols), kept->span().last(cols)});
            };
        }
        return timed;
    }

    Timed logs(bool divergence) const
    {
        const Values p = values(logitRows() * m_sizes.vocabulary), q = values(logitRows() * m_sizes.vocabulary);
        auto out = Buffer<double>::allocated(m_backend.memory(), static_cast<std::size_t>(logitRows()));
        Timed timed{{divergence ? "klDivergence" : "logSumExp", shapeText({logitRows(), m_sizes.vocabulary}),
                     Precision::F32, product({logitRows(), m_sizes.vocabulary, divergence ? 8 : 4}), 0, 0},
                    {}};
        if (complete(p, q) && out) {
            const auto kept = std::make_shared<Buffer<double>>(std::move(*out));
            timed.run = [this, divergence, p, q, kept] {
                if (divergence) {
                    m_backend.klDivergence(p->span(), q->span(), m_sizes.vocabulary, kept->span());
                } else {
                    m_backend.logSumExp(p->span(), m_sizes.vocabulary, kept->span());
                }
            };
        }
        return timed;
    }

    const Backend& m_backend;
    OpSizes m_sizes;
};

double secondsOf(const Backend& backend, const std::function<void()>& run, int calls)
{
    const auto start = Clock::now();
    for (int call = 0; call < calls; ++call) {
        run();
    }
    backend.memory().wait();
    return std::chrono::duration<double>(Clock::now() - start).count() / calls;
}

double medianSeconds(const Backend& backend, const std::function<void()>& run, const OpBenchOptions& options)
{
    secondsOf(backend, run, 2); // What is made once, and cold caches.
    const double once = std::max(1e-7, secondsOf(backend, run, 3));
    const int calls = std::clamp(static_cast<int>(options.secondsEach / once), 1, 20000);
    std::vector<double> stretches;
    for (int repeat = 0; repeat < options.repeats; ++repeat) {
        stretches.push_back(secondsOf(backend, run, calls));
    }
    std::ranges::nth_element(stretches, stretches.begin() + static_cast<std::ptrdiff_t>(stretches.size() / 2));
    return stretches[stretches.size() / 2];
}

} // namespace

double OpFigure::shareOf(const OpLimits& limits) const
{
    const double peak = precision == Precision::Bf16 ? limits.flopsPerSecondBf16 : limits.flopsPerSecondF32;
    if (seconds <= 0 || limits.bytesPerSecond <= 0 || peak <= 0) {
        return 0;
    }
    return std::max(bytes / limits.bytesPerSecond, flops / peak) / seconds;
}

OpBench measureOps(const Backend& backend, const OpBenchOptions& options)
{
    const OpList list(backend, backend.memory().isHost() ? kHostSizes : kDeviceSizes);
    std::vector<std::function<Timed()>> all = list.limits();
    const std::size_t limits = all.size();
    std::ranges::move(list.operations(), std::back_inserter(all));
    OpBench bench;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (options.progress && !options.progress(static_cast<double>(i) / static_cast<double>(all.size()))) {
            break;
        }
        Timed timed = all[i]();
        if (!timed.run) {
            continue;
        }
        OpFigure& figure = timed.figure;
        figure.seconds = medianSeconds(backend, timed.run, options);
        if (i == 0) {
            bench.limits.bytesPerSecond = figure.bytes / figure.seconds;
        } else if (i < limits) {
            double& peak =
                figure.precision == Precision::Bf16 ? bench.limits.flopsPerSecondBf16 : bench.limits.flopsPerSecondF32;
            peak = figure.flops / figure.seconds;
        }
        bench.figures.push_back(figure);
    }
    return bench;
}

} // namespace bitlathe::kernels
