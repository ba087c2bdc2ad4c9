// SPDX-License-Identifier: Apache-2.0
// Block-wise code books.
#include "core/quant/blockwise.h"

#include "core/base/size.h"
#include "core/quant/bitsandbytessettings.h"
#include "core/quant/codebooks.h"
#include "core/quant/rtn.h"
#include "kernels/blockwise.h"
#include "kernels/quantize.h"
#include "kernels/threads.h"

#include <algorithm>
#include <atomic>
#include <chrono>

namespace bitlathe::quant
{

namespace
{

constexpr std::int64_t kWeightsPerPiece = 1 << 16;
/// Scales below it are taken for it while codes are chosen, so that a block of zeros has no infinite factor.
constexpr float kScaleLeast = 1e-38F;

float factorOf(float scale)
{
    return 1.0F / std::max(scale, kScaleLeast);
}

/// The largest weight of each block. False where weights are not finite.
bool findScales(std::span<const float> weights, std::size_t size, std::span<float> scales)
{
    std::atomic<bool> finite = true;
    const auto blocksPerPiece = std::max<std::int64_t>(1, kWeightsPerPiece / static_cast<std::int64_t>(size));
    kernels::parallelFor(
        static_cast<std::int64_t>(scales.size()), blocksPerPiece, [&](std::int64_t begin, std::int64_t end) {
            for (auto block = static_cast<std::size_t>(begin); block < static_cast<std::size_t>(end); ++block) {
                const auto part = weights.subspan(block * size, std::min(size, weights.size() - block * size));
                const kernels::ValueRange range = kernels::valueRange(part);
                scales[block] = std::max(-range.low, range.high);
                if (!range.finite) {
                    finite = false;
                }
            }
        });
    return finite;
}

/// Codes of rows [begin, end), packed in place.
void encodeRows(std::span<const float> weights, std::int64_t begin, std::int64_t end, const kernels::ValueBook& book,
                QuantizedTensor& tensor)
{
    const std::int64_t size = tensor.scheme.groupSize;
    const auto width = static_cast<std::size_t>(tensor.cols);
    std::vector<std::uint8_t> codes(width);
    for (std::int64_t row = begin; row < end; ++row) {
        std::int64_t place = row * tensor.cols;
        const auto values = weights.subspan(static_cast<std::size_t>(place), width);
        for (std::size_t first = 0; first < width;) {
            const std::size_t count = std::min(width - first, static_cast<std::size_t>(size - place % size));
            const float factor = factorOf(tensor.scales[static_cast<std::size_t>(place / size)]);
            kernels::encodeBook(values.subspan(first, count), factor, book, std::span(codes).subspan(first, count));
            first += count;
            place += static_cast<std::int64_t>(count);
        }
        kernels::packCodes(codes, tensor.scheme.bits,
                           std::span(tensor.codes)
                               .subspan(static_cast<std::size_t>(row) * tensor.bytesPerRow(), tensor.bytesPerRow()));
    }
}

} // namespace

NestedScales nestScales(std::span<const float> scales)
{
    NestedScales nested;
    double sum = 0;
    for (const float scale : scales) {
        sum += static_cast<double>(scale);
    }
    nested.offset = scales.empty() ? 0.0F : static_cast<float>(sum / static_cast<double>(scales.size()));
    nested.map = bookValues(BookKind::Dynamic);
    nested.codes.resize(scales.size());
    const kernels::ValueBook book(nested.map);
    std::vector<float> rest;
    for (std::size_t first = 0; first < scales.size(); first += kNestedBlock) {
        const auto part = scales.subspan(first, std::min<std::size_t>(kNestedBlock, scales.size() - first));
        rest.resize(part.size());
        std::ranges::transform(part, rest.begin(), [&](float scale) { return scale - nested.offset; });
        const kernels::ValueRange range = kernels::valueRange(rest);
        nested.scales.push_back(std::max(-range.low, range.high));
        kernels::encodeBook(rest, factorOf(nested.scales.back()), book,
                            std::span(nested.codes).subspan(first, part.size()));
    }
    return nested;
}

std::vector<float> nestedScales(const NestedScales& nested)
{
    std::vector<float> scales(nested.codes.size());
    for (std::size_t i = 0; i < scales.size(); ++i) {
        scales[i] = nested.map[nested.codes[i]] * nested.scales[i / kNestedBlock];
        scales[i] += nested.offset;
    }
    return scales;
}

Result<QuantizedTensor> encodeBlockwise(std::span<const float> weights, std::int64_t rows, std::int64_t cols,
                                        const Scheme& scheme, const std::string& name, const WorkContext& work)
{
    QuantizedTensor tensor;
    tensor.scheme = scheme;
    tensor.rows = rows;
    tensor.cols = cols;
    tensor.codes.resize(static_cast<std::size_t>(rows) * tensor.bytesPerRow());
    tensor.scales.resize(ceilDivide(weights.size(), static_cast<std::size_t>(scheme.groupSize)));
    if (!findScales(weights, static_cast<std::size_t>(scheme.groupSize), tensor.scales)) {
        return checkWeightsFinite(weights, cols, name).map([] { return QuantizedTensor(); });
    }
    tensor.codeBook = scheme.book == BookKind::Quantile ? quantileValues(weights, tensor.scales, scheme.groupSize)
                                                        : bookValues(scheme.book);
    const kernels::ValueBook book(tensor.codeBook);
    const std::int64_t rowsPerPiece = std::max<std::int64_t>(1, kWeightsPerPiece / std::max<std::int64_t>(1, cols));
    kernels::parallelFor(rows, rowsPerPiece, [&](std::int64_t begin, std::int64_t end) {
        if (!work.stopRequested()) {
            encodeRows(weights, begin, end, book, tensor);
        }
    });
    if (work.stopRequested()) {
        return cancelled();
    }
    if (scheme.doubleQuant) {
        tensor.nested = nestScales(tensor.scales);
        tensor.scales = nestedScales(tensor.nested);
    }
    return tensor;
}

namespace
{

/// The three methods differ in their books.
class Blockwise final : public Quantizer
{
public:
    struct Words
    {
        std::string_view name;
        std::string_view title;
        std::string_view summary;
    };

    Blockwise(const Words& words, const Scheme& usual) : m_words(words), m_usual(usual) {}

    std::string_view name() const override { return m_words.name; }
    std::string_view title() const override { return m_words.title; }
    std::string_view summary() const override { return m_words.summary; }
    bool needsStatistics() const override { return false; }
    Scheme usualScheme() const override { return m_usual; }
    Scheme completed(const Scheme& scheme, const MethodOptions& options) const override;
    std::vector<MethodSetting> settings() const override;
    Result<void> check(const Scheme& scheme) const override;
    Result<LayerResult> quantize(const LayerInput& input, const WorkContext& work) const override;

private:
    bool hasFourBits() const { return m_usual.bits == 4; }

    Words m_words;
    Scheme m_usual;
};

Scheme Blockwise::completed(const Scheme& scheme, const MethodOptions& options) const
{
    Scheme whole = scheme;
    whole.kind = SchemeKind::CodeBook;
    whole.book = hasFourBits() ? m_usual.book : options.bitsAndBytes.map;
    whole.scaleDType = checkpoint::DType::F32;
    whole.doubleQuant = options.bitsAndBytes.doubleQuant;
    whole.notes = options.bitsAndBytes.notes;
    return whole;
}

std::vector<MethodSetting> Blockwise::settings() const
{
    if (hasFourBits()) {
        return {doubleQuantSetting(), storageSetting(), computeSetting()};
    }
    return {mapSetting(), doubleQuantSetting()};
}

Result<void> Blockwise::check(const Scheme& scheme) const
{
    const bool isMine = scheme.kind == SchemeKind::CodeBook &&
                        (hasFourBits() ? scheme.book == m_usual.book : bookBits(scheme.book) == 8);
    if (!isMine) {
        return fail(ErrorCode::SettingInvalid, "kind", Text(BITLATHE_TEXT("a code book of the method %1"), name()),
                    Text(BITLATHE_TEXT("another kind of scheme")),
                    Text(BITLATHE_TEXT("Choose a method that knows this kind")));
    }
    return checkScheme(scheme);
}

Result<LayerResult> Blockwise::quantize(const LayerInput& input, const WorkContext& work) const
{
    const auto start = std::chrono::steady_clock::now();
    const Scheme scheme = completed(input.scheme, input.options);
    BITLATHE_CHECK(check(scheme));
    BITLATHE_TRY(QuantizedTensor tensor, encodeBlockwise(input.weights, input.linear.outFeatures,
                                                         input.linear.inFeatures, scheme, input.linear.name, work));
    LayerResult result;
    result.layer = input.linear.id;
    result.tensor = std::make_shared<const QuantizedTensor>(std::move(tensor));
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    BITLATHE_TRY(result.quality, measureQuality(input, *result.tensor, work));
    if (work.stopRequested()) {
        return cancelled();
    }
    return result;
}

Scheme usualOf(BookKind book, std::int64_t blockSize)
{
    return {.kind = SchemeKind::CodeBook,
            .bits = bookBits(book),
            .groupSize = blockSize,
            .scaleDType = checkpoint::DType::F32,
            .book = book};
}

} // namespace

const Quantizer& nf4()
{
    static const Blockwise method(
        {"nf4", BITLATHE_TEXT("NF4 (4-bit NormalFloat)"),
         BITLATHE_TEXT(
             "Codes for values that normally distributed weights take equally often, one scale for a block of "
             "64. Quick, needs no text; loads in transformers by way of bitsandbytes.")},
        usualOf(BookKind::Nf4, 64));
    return method;
}

const Quantizer& fp4()
{
    static const Blockwise method(
        {"fp4", BITLATHE_TEXT("FP4 (4-bit floating point)"),
         BITLATHE_TEXT("Codes for floating point numbers of 4 bits, one scale for a block of 64. Needs no text; NF4 is "
                       "better for nearly every model.")},
        usualOf(BookKind::Fp4, 64));
    return method;
}

const Quantizer& int8Blockwise()
{
    static const Blockwise method(
        {"int8-blockwise", BITLATHE_TEXT("8-bit code books in blocks"),
         BITLATHE_TEXT("Codes of 8 bits for values that lie closer near zero, one scale for a block of 4096. For "
                       "comparisons: no runtime loads such weights, so export them in the format dense.")},
        usualOf(BookKind::Dynamic, 4096));
    return method;
}

} // namespace bitlathe::quant
