// SPDX-License-Identifier: Apache-2.0
// Fixtures of the format tests: layers, random quantized tensors, little checkpoints.
#pragma once

#include "core/base/hash.h"
#include "core/checkpoint/checkpointwriter.h"
#include "core/format/format.h"
#include "support/tempfolder.h"

#include <fmt/format.h>

#include <fstream>
#include <random>

namespace bitlathe::tests
{

inline model::LinearSpec layer(std::string name, std::int64_t out, std::int64_t in, std::int64_t id = 0)
{
    model::LinearSpec linear;
    linear.id = LayerId(id);
    linear.name = std::move(name);
    linear.outFeatures = out;
    linear.inFeatures = in;
    return linear;
}

/// The layers of the demo model, by its published sizes.
inline model::ModelSpec demoLayers()
{
    struct Part
    {
        const char* name;
        std::int64_t out;
        std::int64_t in;
    };
    constexpr std::array kParts{Part{"self_attn.q_proj", 256, 256}, Part{"self_attn.k_proj", 128, 256},
                                Part{"self_attn.v_proj", 128, 256}, Part{"self_attn.o_proj", 256, 256},
                                Part{"mlp.gate_proj", 768, 256},    Part{"mlp.up_proj", 768, 256},
                                Part{"mlp.down_proj", 256, 768}};
    model::ModelSpec spec;
    spec.tiedHead = true;
    spec.headName = "model.embed_tokens.weight";
    for (int block = 0; block < 8; ++block) {
        for (const Part& part : kParts) {
            spec.linears.push_back(layer(fmt::format("model.layers.{}.{}", block, part.name), part.out, part.in,
                                         static_cast<std::int64_t>(spec.linears.size())));
            spec.linears.back().block = block;
        }
    }
    return spec;
}

/// Random codes, zeros and scales that are exact in half precision.
inline quant::QuantizedTensor randomTensor(const quant::Scheme& scheme, std::int64_t rows, std::int64_t cols,
                                           unsigned seed)
{
    std::mt19937 random(seed);
    const auto below = [&random](unsigned count) { return static_cast<unsigned>(random() % count); };
    quant::QuantizedTensor tensor;
    tensor.scheme = scheme;
    tensor.rows = rows;
    tensor.cols = cols;
    tensor.codes.resize(static_cast<std::size_t>(rows) * tensor.bytesPerRow());
    for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t bit = 0; bit < cols * scheme.bits; ++bit) {
            auto& byte =
                tensor.codes[static_cast<std::size_t>(row) * tensor.bytesPerRow() + static_cast<std::size_t>(bit / 8)];
            byte = static_cast<std::uint8_t>(byte | below(2) << (bit % 8));
        }
    }
    const std::int64_t count = scheme.groupSize == quant::kPerTensor ? 1 : rows * tensor.groups();
    for (std::int64_t i = 0; i < count; ++i) {
        tensor.scales.push_back(static_cast<float>(1 + below(127)) / 4096.0F);
        if (!scheme.symmetric) {
            tensor.zeros.push_back(static_cast<std::uint8_t>(below(1U << scheme.bits)));
        }
    }
    return tensor;
}

/// Writes a folder of these tensors and this config.json.
inline void writeFolder(const std::filesystem::path& folder, const std::vector<format::EncodedTensor>& tensors,
                        const Json& config)
{
    std::vector<checkpoint::TensorPlan> plan;
    for (const format::EncodedTensor& tensor : tensors) {
        plan.push_back(tensor.plan);
    }
    auto writer = checkpoint::CheckpointWriter::create(folder, std::move(plan), {});
    BITLATHE_VERIFY_OK(writer);
    for (const format::EncodedTensor& tensor : tensors) {
        BITLATHE_VERIFY_OK((*writer)->write(tensor.plan.name, tensor.bytes));
    }
    BITLATHE_VERIFY_OK((*writer)->writeFile("config.json", config.dump()));
    BITLATHE_VERIFY_OK((*writer)->seal());
    BITLATHE_VERIFY_OK((*writer)->finish());
}

/// SHA-256 of the values as golden.json writes it: f32, -0.0 as +0.0.
inline std::string sha256OfValues(std::vector<float> values)
{
    for (float& value : values) {
        value = value == 0.0F ? 0.0F : value;
    }
    return sha256(std::as_bytes(std::span(values)));
}

inline Json readJsonFile(const std::filesystem::path& file)
{
    std::ifstream in(file);
    return Json::parse(in);
}

} // namespace bitlathe::tests

/// QCOMPARE can't print JSON.
#define VERIFY_JSON(found, expected) QVERIFY2((found) == (expected), (found).dump().c_str())
