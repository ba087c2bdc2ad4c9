// SPDX-License-Identifier: Apache-2.0
// A folder of one layer in some format: written, changed, read.
#pragma once

#include "formatfixtures.h"

#include <cstring>
#include <functional>
#include <zlib.h>

namespace bitlathe::tests
{

inline quant::Scheme makeScheme(int bits, std::int64_t groupSize, bool symmetric,
                                checkpoint::DType scaleDType = checkpoint::DType::F16)
{
    quant::Scheme scheme;
    scheme.bits = bits;
    scheme.groupSize = groupSize;
    scheme.symmetric = symmetric;
    scheme.scaleDType = scaleDType;
    return scheme;
}

/// A model of one layer.
inline model::ModelSpec oneLayer(std::int64_t out, std::int64_t in)
{
    model::ModelSpec spec;
    spec.headName = "lm_head.weight";
    spec.linears.push_back(layer("model.layers.0.mlp.up_proj", out, in));
    return spec;
}

inline Json configOf(const format::Format& format, const model::ModelSpec& spec, const quant::Scheme& scheme)
{
    const auto config = format.quantizationConfig(spec, {scheme});
    return {{"quantization_config", config ? *config : Json("error")}};
}

inline const format::EncodedTensor* findEncoded(const std::vector<format::EncodedTensor>& tensors,
                                                const std::string& suffix)
{
    const auto it = std::ranges::find_if(
        tensors, [&suffix](const format::EncodedTensor& tensor) { return tensor.plan.name.ends_with(suffix); });
    return it == tensors.end() ? nullptr : &*it;
}

/// Opens a folder of one layer: its scheme by the configuration, then its codes.
inline Result<quant::QuantizedTensor> readLayer(const format::Format& format, const std::filesystem::path& folder,
                                                const model::ModelSpec& spec)
{
    BITLATHE_TRY(const auto opened, checkpoint::Checkpoint::open(folder));
    BITLATHE_TRY(const format::LinearSchemes schemes, format.schemes(*opened, spec));
    if (!schemes.front()) {
        return fail(ErrorCode::Internal, "layer", Text("a quantized layer"), Text("one in full precision"));
    }
    return format.decode(*opened, spec.linears[0], *schemes.front());
}

using Change = std::function<void(std::vector<format::EncodedTensor>&, Json&)>;

/// Encodes a layer, changes what would be written, and reads that.
inline Result<quant::QuantizedTensor> readChanged(const format::Format& format, const quant::QuantizedTensor& tensor,
                                                  const Change& change)
{
    const model::ModelSpec spec = oneLayer(tensor.rows, tensor.cols);
    BITLATHE_TRY(auto encoded, format.encode(spec.linears[0], tensor, checkpoint::DType::F16));
    Json config = configOf(format, spec, tensor.scheme);
    change(encoded, config["quantization_config"]);
    const TempFolder temp;
    [&] { writeFolder(temp / "model", encoded, config); }();
    return readLayer(format, temp / "model", spec);
}

inline std::uint32_t wordAt(const format::EncodedTensor& tensor, std::size_t index)
{
    std::uint32_t word = 0;
    std::memcpy(&word, tensor.bytes.data() + 4 * index, 4);
    return word;
}

inline std::uint32_t crc(const std::vector<std::byte>& bytes)
{
    return static_cast<std::uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

/// The published pattern: q[k][n] = (5k + 3n + kn) mod 2^bits for 128 inputs and 256 outputs.
inline quant::QuantizedTensor patternTensor(const quant::Scheme& scheme, std::int64_t out = 256, std::int64_t in = 128)
{
    quant::QuantizedTensor tensor = randomTensor(scheme, out, in, 1);
    std::ranges::fill(tensor.codes, std::uint8_t{0});
    for (std::int64_t n = 0; n < out; ++n) {
        for (std::int64_t k = 0; k < in; ++k) {
            const auto code = static_cast<unsigned>((5 * k + 3 * n + k * n) & ((1 << scheme.bits) - 1));
            for (int bit = 0; bit < scheme.bits; ++bit) {
                const auto place = static_cast<std::size_t>(k * scheme.bits + bit);
                auto& byte = tensor.codes[static_cast<std::size_t>(n) * tensor.bytesPerRow() + place / 8];
                byte = static_cast<std::uint8_t>(byte | ((code >> bit & 1U) << (place % 8)));
            }
        }
    }
    return tensor;
}

} // namespace bitlathe::tests
