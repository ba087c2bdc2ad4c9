// SPDX-License-Identifier: Apache-2.0
// Random models: named shapes, and normally distributed bf16 through a table of quantiles.
#include "core/model/randommodel.h"

#include "core/base/json.h"
#include "core/checkpoint/checkpointwriter.h"
#include "core/model/modelspec.h"
#include "kernels/scalars.h"
#include "kernels/threads.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace bitlathe::model
{

namespace
{

using kernels::Bf16;

struct NamedShape
{
    std::string_view name;
    RandomShape shape;
};

// Vocabulary, hidden, blocks, intermediate, heads, key heads, positions, tied head, theta.
constexpr std::array kShapes{
    NamedShape{"8m", {8192, 256, 8, 768, 4, 2, 2048, true, 10000.0}},
    NamedShape{"82m", {8192, 768, 12, 2048, 12, 4, 2048, true, 10000.0}},
    NamedShape{"1.1b", {32000, 2048, 22, 5632, 32, 4, 2048, false, 10000.0}},
    NamedShape{"llama-3.2-1b", {128256, 2048, 16, 8192, 32, 8, 131072, true, 500000.0}},
    NamedShape{"llama-3.2-3b", {128256, 3072, 28, 8192, 24, 8, 131072, true, 500000.0}},
    NamedShape{"llama-2-7b", {32000, 4096, 32, 11008, 32, 32, 4096, false, 10000.0}},
    NamedShape{"llama-2-13b", {32000, 5120, 40, 13824, 40, 40, 4096, false, 10000.0}},
    NamedShape{"llama-3-8b", {128256, 4096, 32, 14336, 32, 8, 8192, false, 500000.0}},
    NamedShape{"llama-2-70b", {32000, 8192, 80, 28672, 64, 8, 4096, false, 10000.0}},
};

constexpr std::size_t kQuantiles = 65536;

/// The normal distribution cut into slices of equal probability: the middle of each.
std::vector<float> normalQuantiles()
{
    std::vector<float> quantiles(kQuantiles);
    double x = 0;
    for (std::size_t i = 0; i < kQuantiles / 2; ++i) {
        // Newton's method from the neighbour's value; the upper half mirrors the lower.
        const double wanted = 0.5 + (static_cast<double>(i) + 0.5) / static_cast<double>(kQuantiles);
        for (int step = 0; step < 30; ++step) {
            const double off = 0.5 * std::erfc(-x / std::numbers::sqrt2) - wanted;
            const double slope = std::exp(-0.5 * x * x) / std::sqrt(2.0 * std::numbers::pi);
            x -= off / slope;
            if (std::abs(off) < 1e-14) {
                break;
            }
        }
        quantiles[kQuantiles / 2 + i] = static_cast<float>(x);
        quantiles[kQuantiles / 2 - 1 - i] = static_cast<float>(-x);
    }
    return quantiles;
}

/// SplitMix64: a counter in, 64 random bits out; so any part of a tensor can be made by any thread.
std::uint64_t mixed(std::uint64_t counter)
{
    std::uint64_t z = counter * 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
}

/// values = mean + deviation * normal.
void fillNormal(const std::vector<float>& quantiles, float mean, float deviation, std::uint64_t stream,
                std::span<Bf16> values)
{
    std::vector<float> scaled(quantiles.size());
    std::ranges::transform(quantiles, scaled.begin(), [&](float q) { return mean + deviation * q; });
    std::vector<Bf16> table(scaled.size());
    kernels::convert(scaled, table);
    constexpr std::int64_t kPerDraw = 4;
    const auto count = static_cast<std::int64_t>(values.size());
    const std::uint64_t start = mixed(stream) & 0xFFFFFF0000000000ULL;
    kernels::parallelFor((count + kPerDraw - 1) / kPerDraw, 1 << 16, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t draw = begin; draw < end; ++draw) {
            const std::uint64_t bits = mixed(start + static_cast<std::uint64_t>(draw) + 1);
            for (std::int64_t i = 0; i < std::min(kPerDraw, count - draw * kPerDraw); ++i) {
                values[static_cast<std::size_t>(draw * kPerDraw + i)] = table[(bits >> (16 * i)) & 0xFFFFU];
            }
        }
    });
}

Json configOf(const RandomShape& shape)
{
    return Json{
        {"architectures", {"LlamaForCausalLM"}},
        {"attention_bias", false},
        {"bos_token_id", 1},
        {"eos_token_id", 2},
        {"hidden_act", "silu"},
        {"hidden_size", shape.hidden},
        {"initializer_range", 0.02},
        {"intermediate_size", shape.intermediate},
        {"max_position_embeddings", shape.maxPositions},
        {"mlp_bias", false},
        {"model_type", "llama"},
        {"num_attention_heads", shape.heads},
        {"num_hidden_layers", shape.blocks},
        {"num_key_value_heads", shape.kvHeads},
        {"rms_norm_eps", 1e-5},
        {"rope_scaling", nullptr},
        {"rope_theta", shape.ropeTheta},
        {"tie_word_embeddings", shape.tiedHead},
        {"torch_dtype", "bfloat16"},
        {"vocab_size", shape.vocabulary},
    };
}

/// A tensor to write, and how its values are spread.
struct RandomTensor
{
    checkpoint::TensorPlan plan;
    float mean = 0;
    float deviation = 0;
};

std::vector<RandomTensor> tensorsOf(const ModelSpec& spec)
{
    constexpr float kSpread = 0.02F;
    constexpr float kSpreadNorm = 0.05F;
    std::vector<RandomTensor> tensors;
    const auto add = [&](const std::string& name, checkpoint::Shape shape, float mean, float deviation) {
        tensors.push_back({{name, checkpoint::DType::BF16, std::move(shape)}, mean, deviation});
    };
    add(spec.embeddingName, {spec.vocabulary, spec.hidden}, 0.0F, kSpread);
    for (const BlockSpec& block : spec.blocks) {
        add(block.inputNorm + ".weight", {spec.hidden}, 1.0F, kSpreadNorm);
        for (const LayerId id : block.linears) {
            const LinearSpec& linear = spec.linear(id);
            // Rows of unit length on average keep activations in range through any number of blocks.
            add(linear.weightName(), {linear.outFeatures, linear.inFeatures}, 0.0F,
                1.0F / std::sqrt(static_cast<float>(linear.inFeatures)));
        }
        add(block.postAttentionNorm + ".weight", {spec.hidden}, 1.0F, kSpreadNorm);
    }
    add(spec.finalNormName, {spec.hidden}, 1.0F, kSpreadNorm);
    if (!spec.tiedHead) {
        add(spec.headName, {spec.vocabulary, spec.hidden}, 0.0F, kSpread);
    }
    return tensors;
}

} // namespace

std::int64_t RandomShape::parameters() const
{
    const std::int64_t headDim = hidden / std::max<std::int64_t>(1, heads);
    const std::int64_t attention = 2 * hidden * hidden + 2 * hidden * kvHeads * headDim;
    const std::int64_t block = attention + 3 * hidden * intermediate + 2 * hidden;
    return vocabulary * hidden * (tiedHead ? 1 : 2) + blocks * block + hidden;
}

std::vector<std::string> randomShapeNames()
{
    std::vector<std::string> names;
    for (const NamedShape& named : kShapes) {
        names.emplace_back(named.name);
    }
    return names;
}

Result<RandomShape> randomShape(const std::string& name)
{
    const auto* const found = std::ranges::find(kShapes, name, &NamedShape::name);
    if (found != kShapes.end()) {
        return found->shape;
    }
    std::string known;
    for (const NamedShape& named : kShapes) {
        known += (known.empty() ? "" : ", ") + std::string(named.name);
    }
    return fail(ErrorCode::UnknownName, "shape", Text(BITLATHE_TEXT("one of %1"), known),
                Text(BITLATHE_TEXT("%1"), name), Text(BITLATHE_TEXT("Choose one of these shapes")));
}

Result<void> writeRandomModel(const RandomShape& shape, std::uint64_t seed, const std::filesystem::path& out,
                              const WorkContext& work)
{
    const Json config = configOf(shape);
    auto spec = readModelSpec(config, Json::object(), "shape");
    if (!spec) {
        Error error = std::move(spec).error();
        error.code = ErrorCode::SettingInvalid;
        error.advice = Text(BITLATHE_TEXT("Correct the dimensions of the shape"));
        return Failure(std::move(error));
    }
    const std::vector<RandomTensor> tensors = tensorsOf(*spec);
    std::vector<checkpoint::TensorPlan> plan;
    std::ranges::transform(tensors, std::back_inserter(plan), &RandomTensor::plan);
    BITLATHE_TRY(const auto writer, checkpoint::CheckpointWriter::create(out, std::move(plan), {}));
    const std::vector<float> quantiles = normalQuantiles();
    std::vector<Bf16> values;
    std::uint64_t bytesDone = 0;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        if (work.stopRequested()) {
            writer->discard();
            return cancelled();
        }
        const RandomTensor& tensor = tensors[i];
        std::size_t count = 1;
        for (const std::int64_t dimension : tensor.plan.shape) {
            count *= static_cast<std::size_t>(dimension);
        }
        values.resize(count);
        fillNormal(quantiles, tensor.mean, tensor.deviation, mixed(seed) + i, values);
        BITLATHE_CHECK(writer->write(tensor.plan.name, std::as_bytes(std::span(values))));
        bytesDone += count * sizeof(Bf16);
        work.progress.set(static_cast<double>(bytesDone) / static_cast<double>(writer->bytesTotal()));
    }
    BITLATHE_CHECK(writer->writeFile("config.json", config.dump(2) + "\n"));
    BITLATHE_CHECK(writer->seal());
    return writer->finish();
}

} // namespace bitlathe::model
