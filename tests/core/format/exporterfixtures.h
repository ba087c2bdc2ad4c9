// SPDX-License-Identifier: Apache-2.0
// Exports of the demo model, and damage to them, for the tests of exporter and verify.
#pragma once

#include "core/format/exporter.h"

#include "core/base/resources.h"
#include "core/format/dense.h"
#include "core/model/densesource.h"
#include "core/quant/blockwise.h"
#include "core/quant/quantizedsource.h"
#include "core/quant/rtn.h"
#include "formatfixtures.h"
#include "kernels/scalars.h"
#include "kernels/threads.h"
#include "support/filelimit.h"

namespace bitlathe::tests
{

using namespace bitlathe::format;
using checkpoint::DType;
using quant::QuantizedTensor;
using quant::Scheme;

namespace fs = std::filesystem;

using Tensors = std::vector<std::shared_ptr<const QuantizedTensor>>;

inline const Format& compressed()
{
    return **findFormat("compressed-tensors");
}

inline std::shared_ptr<const OpenedModel> demo()
{
    static const auto opened = openModel(*resource("demo/model"));
    return *opened;
}

inline Scheme makeScheme(int bits, std::int64_t groupSize, bool symmetric)
{
    Scheme scheme;
    scheme.bits = bits;
    scheme.groupSize = groupSize;
    scheme.symmetric = symmetric;
    scheme.scaleDType = DType::BF16;
    return scheme;
}

inline Tensors quantizeAll(const OpenedModel& model, const LinearSchemes& schemes)
{
    Tensors tensors(schemes.size());
    for (const model::LinearSpec& linear : model.spec.linears) {
        if (const auto& scheme = schemes[linear.id.index()]) {
            const std::vector<float> weights = *model.source->weights(linear);
            const bool isBook = scheme->kind == quant::SchemeKind::CodeBook;
            quant::LayerInput input{linear, weights, nullptr, *scheme};
            input.options.bitsAndBytes.doubleQuant = scheme->doubleQuant;
            input.options.bitsAndBytes.notes = scheme->notes;
            tensors[linear.id.index()] = (isBook ? quant::nf4() : quant::roundToNearest()).quantize(input, {})->tensor;
        }
    }
    return tensors;
}

/// 4 bits in groups of 128, but 8 bits for down_proj, 2 bits for one layer and none for another.
inline LinearSchemes mixedSchemes(const OpenedModel& model)
{
    LinearSchemes schemes(model.spec.linears.size(), makeScheme(4, 128, false));
    for (const model::LinearSpec& linear : model.spec.linears) {
        if (linear.name.ends_with("down_proj")) {
            schemes[linear.id.index()] = makeScheme(8, quant::kPerChannel, true);
        }
    }
    schemes[3] = makeScheme(2, 64, true);
    schemes[10].reset();
    return schemes;
}

inline Result<void> writeAll(Exporter& exporter, const Tensors& tensors)
{
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        BITLATHE_CHECK(exporter.writeLinear(LayerId(static_cast<std::int64_t>(i)), tensors[i].get()));
    }
    return exporter.writeOthers();
}

inline Result<void> exportTo(const fs::path& out, std::shared_ptr<const OpenedModel> model, const Format& format,
                             const LinearSchemes& schemes, const Tensors& tensors, ExportOptions options = {})
{
    options.out = out;
    BITLATHE_TRY(const auto exporter, Exporter::create(std::move(model), format, schemes, options));
    BITLATHE_CHECK(writeAll(*exporter, tensors));
    return exporter->finish({{"recipe.yaml", "version: 1\n"}});
}

inline std::string contentOf(const fs::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Inverts a byte of a tensor in a folder.
inline void damage(const fs::path& folder, const std::string& tensor)
{
    const auto checkpoint = *checkpoint::Checkpoint::open(folder);
    const auto* entry = checkpoint->find(tensor);
    std::fstream file(checkpoint->files()[entry->file], std::ios::binary | std::ios::in | std::ios::out);
    const auto place = static_cast<std::streamoff>(entry->offset + entry->bytes / 2);
    file.seekg(place);
    const int byte = file.get();
    file.seekp(place);
    file.put(static_cast<char>(byte ^ 0x01));
}

inline std::uint64_t tensorFileBytes(const fs::path& folder)
{
    std::uint64_t bytes = 0;
    for (const auto& file : fs::directory_iterator(folder)) {
        bytes += file.path().extension() == ".safetensors" ? file.file_size() : 0;
    }
    return bytes;
}

/// A folder with the demo's files and one changed or added tensor.
inline fs::path demoWith(const TempFolder& temp, const EncodedTensor& changed)
{
    std::vector<EncodedTensor> tensors;
    for (const auto& entry : demo()->checkpoint->entries()) {
        const auto view = demo()->checkpoint->view(entry);
        tensors.push_back({{entry.name, entry.dtype, entry.shape}, {view.bytes.begin(), view.bytes.end()}});
    }
    const auto same =
        std::ranges::find(tensors, changed.plan.name, [](const EncodedTensor& tensor) { return tensor.plan.name; });
    same == tensors.end() ? tensors.push_back(changed) : static_cast<void>(*same = changed);
    writeFolder(temp / "changed", tensors, demo()->checkpoint->config());
    return temp / "changed";
}

/// The mixed schemes where a format can tell them, else one that it can.
inline LinearSchemes schemesFor(const Format& format, const OpenedModel& model)
{
    LinearSchemes mixed = mixedSchemes(model);
    const auto fits = [&](const LinearSchemes& schemes) {
        for (const model::LinearSpec& linear : model.spec.linears) {
            const auto& scheme = schemes[linear.id.index()];
            if (scheme && !format.check(*scheme, linear)) {
                return false;
            }
        }
        return format.quantizationConfig(model.spec, schemes).has_value();
    };
    for (auto& scheme : mixed) {
        if (scheme) {
            scheme->scaleDType = format.scaleDType(model.dtype);
        }
    }
    if (fits(mixed)) {
        return mixed;
    }
    Scheme book = quant::nf4().usualScheme();
    book.doubleQuant = true;
    book.notes.storage = DType::BF16; // Of packed codes, which are no numbers.
    for (Scheme scheme : {makeScheme(4, 64, false), makeScheme(8, quant::kPerChannel, true), book}) {
        scheme.scaleDType = format.scaleDType(model.dtype);
        LinearSchemes one(mixed.size(), scheme);
        for (std::size_t i = 6; i < one.size(); i += 7) {
            one[i] = std::nullopt;
        }
        if (fits(one)) {
            return one;
        }
    }
    qFatal("no scheme for %s", std::string(format.name()).c_str());
}

} // namespace bitlathe::tests
