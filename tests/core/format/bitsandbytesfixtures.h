// SPDX-License-Identifier: Apache-2.0
// Layers in the types of bitsandbytes, for the tests of its format.
#pragma once

#include "core/format/bitsandbytes.h"
#include "core/quant/blockwise.h"
#include "core/quant/llm_int8.h"
#include "layerfolder.h"

namespace bitlathe::tests
{

using checkpoint::DType;
using quant::QuantizedTensor;
using quant::Scheme;

inline std::vector<float> normalWeights(std::int64_t count, unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.0F, 0.02F);
    std::vector<float> weights(static_cast<std::size_t>(count));
    std::ranges::generate(weights, [&] { return normal(random); });
    return weights;
}

inline Scheme fourBits(bool doubleQuant = false, std::int64_t blockSize = 64, DType storage = DType::U8)
{
    quant::MethodOptions options;
    options.bitsAndBytes.doubleQuant = doubleQuant;
    options.bitsAndBytes.notes.storage = storage;
    Scheme scheme = quant::nf4().completed(quant::nf4().usualScheme(), options);
    scheme.groupSize = blockSize;
    return scheme;
}

inline QuantizedTensor encoded(const Scheme& scheme, std::int64_t rows, std::int64_t cols)
{
    const std::vector<float> weights = normalWeights(rows * cols, 1);
    auto tensor = scheme.kind == quant::SchemeKind::CodeBook
                      ? quant::encodeBlockwise(weights, rows, cols, scheme, "layer", {})
                      : quant::encodeInt8Rows(weights, rows, cols, scheme, "layer", {});
    return tensor.value();
}

inline std::string textOf(const format::EncodedTensor& tensor)
{
    return {reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size()};
}

} // namespace bitlathe::tests
