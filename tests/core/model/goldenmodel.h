// SPDX-License-Identifier: Apache-2.0
// Models of the shared golden folder, opened for tests.
#pragma once

#include "core/checkpoint/checkpoint.h"
#include "core/model/densesource.h"
#include "core/model/model.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <stdexcept>

namespace bitlathe::tests
{

inline std::filesystem::path sharedModel(const std::string& name)
{
    return std::filesystem::path(BITLATHE_SHARED) / "models" / name;
}

/// The small model of a family, with golden.json: of the shared golden folder, or one of our own.
inline std::filesystem::path familyModel(const std::string& name)
{
    const auto own = std::filesystem::path(BITLATHE_SOURCE_DIR) / "tests/data/models" / name;
    return std::filesystem::exists(own / "golden.json") ? own : sharedModel("arch/" + name);
}

/// The value, or a failed test.
template <typename T>
T valueOf(Result<T> result)
{
    if (!result) {
        throw std::runtime_error(result.error().sentence());
    }
    return *std::move(result);
}

inline Json jsonOrEmpty(const std::filesystem::path& file)
{
    return std::filesystem::exists(file) ? valueOf(readJson(file)) : Json::object();
}

inline model::ModelSpec specOf(const std::filesystem::path& folder)
{
    return valueOf(model::readModelSpec(valueOf(readJson(folder / "config.json")),
                                        jsonOrEmpty(folder / "generation_config.json"), "config.json"));
}

inline std::shared_ptr<const model::Model> openGolden(const std::filesystem::path& folder,
                                                      const model::Model::Options& options = {})
{
    const auto checkpoint = valueOf(checkpoint::Checkpoint::open(folder));
    return valueOf(model::Model::create(specOf(folder), model::makeDenseSource(checkpoint), options));
}

/// Infinite where the sizes differ.
inline double largestDifference(const std::vector<float>& a, const std::vector<float>& b)
{
    double largest = a.size() == b.size() ? 0.0 : HUGE_VAL;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        largest = std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
    }
    return largest;
}

/// input_ids and nll_sum of golden.json, logits of golden_logits.safetensors.
struct GoldenRun
{
    std::vector<model::TokenId> ids;
    std::vector<float> logits;
    double nllSum = 0;
};

inline GoldenRun goldenRun(const std::filesystem::path& folder)
{
    GoldenRun run;
    const Json golden = valueOf(readJson(folder / "golden.json"));
    run.ids = golden.at("input_ids").get<std::vector<model::TokenId>>();
    run.nllSum = golden.value("nll_sum", 0.0);
    const auto file = valueOf(checkpoint::Checkpoint::open(folder / "golden_logits.safetensors"));
    run.logits = checkpoint::toF32(valueOf(file->tensor("logits")));
    return run;
}

} // namespace bitlathe::tests
