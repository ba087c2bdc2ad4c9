// SPDX-License-Identifier: Apache-2.0
// Marlin: checkpoints in the tiles of the Marlin kernel.
#include "core/format/marlin.h"

#include "core/format/awqconfig.h"
#include "core/format/consumers.h"
#include "core/format/gptqconfig.h"
#include "core/format/layertensors.h"
#include "core/format/quantizationconfig.h"
#include "core/format/storedschemes.h"
#include "kernels/threads.h"

#include <array>
#include <cstring>

namespace bitlathe::format
{

using checkpoint::Checkpoint;
using checkpoint::DType;
using checkpoint::TensorPlan;
using checkpoint::TensorView;
using model::LinearSpec;
using model::ModelSpec;
using quant::QuantizedTensor;
using quant::Scheme;

namespace
{

constexpr std::size_t kTile = 16;                 ///< Inputs and outputs of a tile.
constexpr std::size_t kRun = 1024;                ///< Codes that are ordered together: four tiles side by side.
constexpr std::size_t kRunOutputs = kRun / kTile; ///< 64
constexpr std::size_t kPerWord = 8;

/// The place within a run, tile by tile and row by row, of the code at each place of the file.
constexpr std::array<std::uint16_t, kRun> makeOrder()
{
    constexpr std::array<std::size_t, 4> kRows{0, 1, 8, 9};
    constexpr std::array<std::size_t, kPerWord> kNibbles{0, 2, 4, 6, 1, 3, 5, 7};
    std::array<std::uint16_t, kRun> order{};
    std::size_t next = 0;
    for (std::size_t i = 0; i < 32; ++i) {
        for (std::size_t tile = 0; tile < 4; ++tile) {
            std::array<std::size_t, kPerWord> places{};
            for (std::size_t half = 0; half < 2; ++half) {
                for (std::size_t row = 0; row < 4; ++row) {
                    places[4 * half + row] = kTile * (2 * (i % 4) + kRows[row]) + i / 4 + 8 * half + 256 * tile;
                }
            }
            for (const std::size_t nibble : kNibbles) {
                order[next++] = static_cast<std::uint16_t>(places[nibble]);
            }
        }
    }
    return order;
}

constexpr std::array<std::uint16_t, kRun> kOrder = makeOrder();

enum class Writer { AutoGptq, AutoAwq };

class Marlin final : public Format
{
public:
    explicit Marlin(Writer writer) : m_writer(writer) {}

    std::string_view name() const override { return isGptq() ? "gptq-marlin" : "awq-marlin"; }
    std::string_view title() const override
    {
        return isGptq() ? BITLATHE_TEXT("GPTQ in Marlin tiles (only read)")
                        : BITLATHE_TEXT("AWQ in Marlin tiles (only read)");
    }

    Result<void> check(const Scheme&, const LinearSpec& linear) const override { return onlyRead(linear.name); }
    DType scaleDType(DType) const override { return DType::F16; }
    std::vector<TensorPlan> plan(const LinearSpec&, const Scheme&, DType) const override { return {}; }
    Result<std::vector<EncodedTensor>> encode(const LinearSpec& linear, const QuantizedTensor&, DType) const override
    {
        return onlyRead(linear.name);
    }
    Result<Json> quantizationConfig(const ModelSpec&, const LinearSchemes&) const override
    {
        return onlyRead("config.json");
    }

    bool recognizes(const Checkpoint& checkpoint) const override;
    Result<LinearSchemes> schemes(const Checkpoint& checkpoint, const ModelSpec& spec) const override;
    Result<QuantizedTensor> decode(const Checkpoint& checkpoint, const LinearSpec& linear,
                                   const Scheme& scheme) const override;
    Findings findings(const Checkpoint&, const ModelSpec& spec, const LinearSchemes& schemes) const override
    {
        return consumerFindings(*this, spec, schemes);
    }

private:
    struct StoredLayer
    {
        TensorView codes;
        TensorView scales;
    };

    bool isGptq() const { return m_writer == Writer::AutoGptq; }
    Failure onlyRead(std::string subject) const
    {
        return fail(ErrorCode::NotSupported, std::move(subject), Text(BITLATHE_TEXT("a format that is written")),
                    Text(BITLATHE_TEXT("%1, which is only read"), name()),
                    Text(BITLATHE_TEXT("Choose the format gptq or awq: runtimes make the tiles when they load it")));
    }
    Result<StoredLayer> findLayer(const Checkpoint& checkpoint, const LinearSpec& linear, const Scheme& scheme) const;

    Writer m_writer;
};

bool Marlin::recognizes(const Checkpoint& checkpoint) const
{
    const auto stored = storedQuantization(checkpoint);
    if (!stored || !*stored) {
        return false;
    }
    const Json& config = (*stored)->config;
    return isGptq() ? isGptqConfig(config) && gptqLayoutOf(config) == GptqLayout::Marlin
                    : isAwqConfig(config) && awqLayoutOf(config) == AwqLayout::Marlin;
}

Result<LinearSchemes> Marlin::schemes(const Checkpoint& checkpoint, const ModelSpec& spec) const
{
    BITLATHE_TRY(const auto stored, storedQuantization(checkpoint));
    const Json json = stored ? stored->config : Json();
    const std::string subject = stored ? stored->subject : std::string();
    std::function<std::optional<Scheme>(const LinearSpec&)> declared;
    if (isGptq()) {
        BITLATHE_TRY(const GptqConfig config, readGptqConfig(json, subject));
        declared = [config](const LinearSpec& linear) {
            auto scheme = config.schemeOf(linear.name);
            if (scheme) {
                scheme->actOrder = false; // The tiles have no group index; loaders take desc_act as false.
            }
            return scheme;
        };
    } else {
        BITLATHE_TRY(const AwqConfig config, readAwqConfig(json, subject));
        declared = [config](const LinearSpec& linear) { return config.schemeOf(linear.name); };
    }
    return storedSchemes(checkpoint, spec, isGptq() ? ".B" : ".qweight", declared,
                         [&](const LinearSpec& linear, const Scheme& scheme) -> Result<DType> {
                             BITLATHE_TRY(const StoredLayer layer, findLayer(checkpoint, linear, scheme));
                             return layer.scales.dtype;
                         });
}

Result<Marlin::StoredLayer> Marlin::findLayer(const Checkpoint& checkpoint, const LinearSpec& linear,
                                              const Scheme& scheme) const
{
    const std::int64_t in = linear.inFeatures;
    const std::int64_t out = linear.outFeatures;
    const bool fits = in % static_cast<std::int64_t>(kTile) == 0 && out % static_cast<std::int64_t>(kRunOutputs) == 0 &&
                      (scheme.groupSize < 0 || in % scheme.groupSize == 0);
    if (scheme.bits != 4 || !scheme.symmetric || !fits) {
        return fail(ErrorCode::NotSupported, linear.name,
                    Text(BITLATHE_TEXT("symmetric codes of 4 bits, inputs in multiples of 16 and of the group size, "
                                       "outputs in multiples of 64, for Marlin tiles")),
                    Text(BITLATHE_TEXT("%1, [%2, %3]"), scheme.label(), out, in),
                    Text(BITLATHE_TEXT("Check that config.json and the tensor files belong together")));
    }
    const std::int64_t groups = scheme.groupsPerRow(in);
    StoredLayer stored;
    BITLATHE_TRY(stored.codes, findTensor(checkpoint, linear.name + (isGptq() ? ".B" : ".qweight"), DType::I32,
                                          {in / static_cast<std::int64_t>(kTile), 2 * out}));
    BITLATHE_TRY(stored.scales, findFloats(checkpoint, linear.name + (isGptq() ? ".s" : ".scales"), {groups, out}));
    return stored;
}

/// The codes of 64 outputs.
void readRun(const TensorView& stored, std::size_t run, QuantizedTensor& tensor)
{
    const auto cols = static_cast<std::size_t>(tensor.cols);
    const auto wordsPerTileRow = static_cast<std::size_t>(stored.shape[1]);
    std::vector<std::uint8_t> codes(kRunOutputs * cols);
    for (std::size_t tileRow = 0; tileRow < cols / kTile; ++tileRow) {
        for (std::size_t place = 0; place < kRun; place += kPerWord) {
            const std::size_t index = tileRow * wordsPerTileRow + run * (kRun / kPerWord) + place / kPerWord;
            std::uint32_t word = 0;
            std::memcpy(&word, stored.bytes.data() + 4 * index, sizeof word);
            for (std::size_t nibble = 0; nibble < kPerWord; ++nibble) {
                const std::size_t source = kOrder[place + nibble];
                const std::size_t output = source / (kTile * kTile) * kTile + source % kTile;
                const std::size_t input = tileRow * kTile + source % (kTile * kTile) / kTile;
                codes[output * cols + input] = static_cast<std::uint8_t>(word >> (4 * nibble) & 0xfU);
            }
        }
    }
    for (std::size_t output = 0; output < kRunOutputs; ++output) {
        keepRow(tensor, run * kRunOutputs + output, std::span(codes).subspan(output * cols, cols));
    }
}

/// Scales lie in the order in which the kernel's threads take them: by eights where there are groups, else in pairs.
std::vector<float> orderedScales(const std::vector<float>& stored, std::int64_t groups)
{
    constexpr std::array<std::size_t, 8> kPairs{0, 1, 8, 9, 16, 17, 24, 25};
    std::vector<float> scales(stored.size());
    const std::size_t run = groups > 1 ? 64 : 32;
    for (std::size_t first = 0; first < stored.size(); first += run) {
        for (std::size_t place = 0; place < run; ++place) {
            const std::size_t source = groups > 1 ? place / 8 + 8 * (place % 8) : 2 * (place / 8) + kPairs[place % 8];
            scales[first + source] = stored[first + place];
        }
    }
    return scales;
}

Result<QuantizedTensor> Marlin::decode(const Checkpoint& checkpoint, const LinearSpec& linear,
                                       const Scheme& scheme) const
{
    BITLATHE_TRY(const StoredLayer stored, findLayer(checkpoint, linear, scheme));
    BITLATHE_CHECK(checkpoint::checkFinite(stored.scales));
    QuantizedTensor tensor = emptyTensor(linear, scheme);
    tensor.scheme.scaleDType = stored.scales.dtype;
    kernels::parallelFor(tensor.rows / static_cast<std::int64_t>(kRunOutputs), 1,
                         [&](std::int64_t begin, std::int64_t end) {
                             for (std::int64_t run = begin; run < end; ++run) {
                                 readRun(stored.codes, static_cast<std::size_t>(run), tensor);
                             }
                         });
    tensor.scales =
        transposed(orderedScales(checkpoint::toF32(stored.scales), tensor.groups()), tensor.groups(), tensor.rows);
    return tensor;
}

} // namespace

const Format& gptqMarlinFormat()
{
    static const Marlin format(Writer::AutoGptq);
    return format;
}

const Format& awqMarlinFormat()
{
    static const Marlin format(Writer::AutoAwq);
    return format;
}

} // namespace bitlathe::format
