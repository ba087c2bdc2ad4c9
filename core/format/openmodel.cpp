// SPDX-License-Identifier: Apache-2.0
// openModel: the one door through which any folder, quantized or not, becomes a runnable model.
#include "core/format/openmodel.h"

#include "core/base/size.h"
#include "core/format/quantizationconfig.h"
#include "core/format/unusedtensors.h"
#include "core/format/workspacereader.h"
#include "core/model/densesource.h"
#include "core/model/fitspec.h"
#include "core/model/requiredtensors.h"
#include "core/quant/quantizedsource.h"
#include "core/text/chattemplate.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

namespace bitlathe::format
{

namespace fs = std::filesystem;

using checkpoint::Checkpoint;
using checkpoint::DType;
using checkpoint::TensorEntry;

namespace
{

Failure unknownQuantization(const std::string& subject, const std::string& method)
{
    std::vector<std::string_view> known;
    for (const Format* format : readableFormats()) {
        if (format->name() != "dense") {
            known.push_back(format->name());
        }
    }
    return fail(
        ErrorCode::NotSupported, subject,
        Text(BITLATHE_TEXT("an unquantized model or one quantized as %1"), fmt::format("{}", fmt::join(known, ", "))),
        Text(BITLATHE_TEXT("the quantization method %1"), method),
        Text(BITLATHE_TEXT("Open the unquantized model, or convert this one with the tool that wrote it")));
}

Result<const Format*> formatOf(const Checkpoint& checkpoint, const std::optional<StoredQuantization>& stored)
{
    for (const Format* format : readableFormats()) {
        if (format->recognizes(checkpoint)) {
            return format;
        }
    }
    const bool isNamed = stored && stored->config.is_object() && stored->config.contains("quant_method");
    const Json method = isNamed ? stored->config["quant_method"] : Json("of no name");
    return unknownQuantization(stored ? stored->subject : checkpoint.folder().string(),
                               method.is_string() ? method.get<std::string>() : method.dump());
}

Result<model::ModelSpec> readSpec(const Checkpoint& checkpoint)
{
    const fs::path& file = checkpoint.configFile();
    std::error_code error;
    if (!fs::exists(file, error)) {
        return fail(ErrorCode::FileMissing, file.string(), Text(BITLATHE_TEXT("the model's configuration")),
                    Text(BITLATHE_TEXT("no such file")),
                    Text(BITLATHE_TEXT("Copy config.json from the model's original folder")));
    }
    Json generation = Json::object();
    const fs::path generationFile = checkpoint.companionFolder() / "generation_config.json";
    if (fs::exists(generationFile, error)) {
        BITLATHE_TRY(generation, readJson(generationFile));
    }
    return model::readModelSpec(checkpoint.config(), generation, file.string());
}

/// Tensors that the model needs beside those that its format checks.
std::vector<model::RequiredTensor> expectedTensors(const model::ModelSpec& spec, const LinearSchemes& schemes)
{
    std::vector<model::RequiredTensor> all = model::requiredTensors(spec);
    for (const model::LinearSpec& linear : spec.linears) {
        if (!schemes[linear.id.index()]) {
            all.push_back({linear.weightName(), linear.fileShape()});
        }
        if (linear.hasBias) {
            all.push_back({linear.biasName(), {linear.outFeatures}});
        }
    }
    return all;
}

Result<void> checkTensors(const Checkpoint& checkpoint, const model::ModelSpec& spec, const LinearSchemes& schemes)
{
    if (!spec.canRun) {
        return {};
    }
    std::vector<std::string> missing;
    for (const model::RequiredTensor& expected : expectedTensors(spec, schemes)) {
        if (checkpoint.find(expected.name) == nullptr) {
            missing.push_back(expected.name);
        } else {
            BITLATHE_CHECK(checkpoint.entry(expected.name, expected.shape));
        }
    }
    if (missing.empty()) {
        return {};
    }
    constexpr std::size_t kShown = 3;
    const std::span shown(missing.data(), std::min(kShown, missing.size()));
    const Text advice(BITLATHE_TEXT("Check that config.json and the tensor files belong together and are complete"));
    return fail(ErrorCode::TensorMissing, checkpoint.folder().string(),
                Text(BITLATHE_TEXT("the tensors of config.json")),
                Text(BITLATHE_TEXT("%1 missing: %2%3"), missing.size(), fmt::format("{}", fmt::join(shown, ", ")),
                     missing.size() > kShown ? ", ..." : ""),
                advice);
}

void releaseLayer(const Checkpoint& checkpoint, const model::LinearSpec& linear)
{
    const std::string prefix = linear.name + '.';
    for (const TensorEntry& entry : checkpoint.entries()) {
        if (entry.name.starts_with(prefix)) {
            checkpoint.release(entry);
        }
    }
}

/// The source of a quantized folder: layers are decoded when they are asked for.
std::shared_ptr<const model::WeightSource> quantizedSource(std::shared_ptr<const Checkpoint> checkpoint,
                                                           const Format* format, LinearSchemes schemes)
{
    auto base = model::makeDenseSource(checkpoint);
    auto lookup = [checkpoint = std::move(checkpoint), format, schemes = std::move(schemes)](
                      const model::LinearSpec& linear) -> Result<std::shared_ptr<const quant::QuantizedTensor>> {
        const auto& scheme = schemes[linear.id.index()];
        if (!scheme) {
            return nullptr;
        }
        BITLATHE_TRY(quant::QuantizedTensor tensor, format->decode(*checkpoint, linear, *scheme));
        releaseLayer(*checkpoint, linear); // The tensor is a copy of its own.
        return std::make_shared<const quant::QuantizedTensor>(std::move(tensor));
    };
    return quant::makeQuantizedSource(std::move(base), std::move(lookup));
}

/// A quantized layer's weight is in several tensors: all whose names begin with its own, but the bias.
void findOwners(OpenedModel& opened)
{
    constexpr int kSuffixPartsMax = 3; // "weight.quant_state.bitsandbytes__nf4"
    std::unordered_map<std::string_view, LayerId> layers;
    for (const model::LinearSpec& linear : opened.spec.linears) {
        layers.emplace(linear.name, linear.id);
    }
    for (const TensorEntry& entry : opened.checkpoint->entries()) {
        const std::string_view name = entry.name;
        std::size_t dot = name.rfind('.');
        auto layer = layers.end();
        // "q_proj.weight.absmax" belongs to q_proj.
        for (int parts = 0; parts < kSuffixPartsMax && dot != std::string_view::npos && layer == layers.end();
             ++parts) {
            layer = layers.find(name.substr(0, dot));
            dot = layer == layers.end() && dot > 0 ? name.rfind('.', dot - 1) : dot;
        }
        LayerId owner;
        if (layer != layers.end()) {
            const std::string_view suffix = name.substr(dot + 1);
            const bool isPart = opened.schemes[layer->second.index()] ? suffix != "bias" : suffix == "weight";
            owner = isPart ? layer->second : LayerId();
        }
        opened.owners.push_back(owner);
    }
}

void countParameters(OpenedModel& opened)
{
    std::map<DType, std::int64_t> byType;
    for (const model::LinearSpec& linear : opened.spec.linears) {
        if (opened.schemes[linear.id.index()]) {
            opened.parameters += linear.outFeatures * linear.inFeatures;
        }
    }
    const auto& entries = opened.checkpoint->entries();
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const TensorEntry& entry = entries[i];
        const LayerId owner = opened.owners[i];
        if ((owner.isValid() && opened.schemes[owner.index()]) || !checkpoint::isFloat(entry.dtype) ||
            quant::isKvScale(entry.name)) {
            continue;
        }
        const auto count = static_cast<std::int64_t>(elementCount(entry.shape).value_or(0));
        opened.parameters += count;
        byType[entry.dtype] += count;
    }
    const auto most = std::ranges::max_element(byType, {}, [](const auto& item) { return item.second; });
    opened.dtype = most == byType.end() ? DType::F32 : most->first;
}

Result<void> openTokenizerOf(OpenedModel& opened)
{
    const auto tokenizer = text::openTokenizer(opened.checkpoint->companionFolder());
    if (!tokenizer) {
        opened.tokenizerError = tokenizer.error();
        return {};
    }
    const auto fits =
        opened.spec.canRun ? text::checkFits(**tokenizer, opened.spec.vocabulary, opened.folder()) : Result<void>();
    if (!fits) {
        opened.tokenizerError = fits.error();
        return {};
    }
    opened.tokenizer = *tokenizer;
    BITLATHE_TRY(const auto ends, text::chatMlEnds(opened.checkpoint->companionFolder(), **tokenizer));
    for (const text::TokenId end : ends) {
        if (std::ranges::find(opened.spec.eosIds, end) == opened.spec.eosIds.end()) {
            opened.spec.eosIds.push_back(end);
        }
    }
    return {};
}

} // namespace

std::string OpenedModel::name() const
{
    const fs::path plain = fs::absolute(folder()).lexically_normal();
    return (plain.has_filename() ? plain : plain.parent_path()).filename().string();
}

void OpenedModel::release(const model::LinearSpec& linear) const
{
    releaseLayer(*checkpoint, linear);
}

double OpenedModel::bitsPerWeight() const
{
    double bits = 0;
    double weights = 0;
    for (const model::LinearSpec& linear : spec.linears) {
        const double count = static_cast<double>(linear.outFeatures) * static_cast<double>(linear.inFeatures);
        const auto& scheme = schemes[linear.id.index()];
        const TensorEntry* dense = checkpoint->find(linear.weightName());
        const auto denseBits =
            8.0 * static_cast<double>(checkpoint::dtypeBytes(dense == nullptr ? dtype : dense->dtype));
        bits += count * (scheme ? scheme->bitsPerWeight(linear.outFeatures, linear.inFeatures) : denseBits);
        weights += count;
    }
    return weights > 0 ? bits / weights : 8.0 * static_cast<double>(checkpoint::dtypeBytes(dtype));
}

std::uint64_t OpenedModel::bytesLinears() const
{
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < owners.size(); ++i) {
        bytes += owners[i].isValid() ? checkpoint->entries()[i].bytes : 0;
    }
    return bytes;
}

std::uint64_t OpenedModel::bytesFiles() const
{
    std::uint64_t sum = 0;
    for (const auto& file : checkpoint->files()) {
        std::error_code error;
        const auto bytes = fs::file_size(file, error);
        sum += error ? 0 : bytes;
    }
    return sum;
}

Result<std::shared_ptr<const OpenedModel>> openModel(const fs::path& folder)
{
    auto opened = std::make_shared<OpenedModel>();
    BITLATHE_TRY(opened->checkpoint, workspaceWeights(folder) ? openWorkspace(folder) : Checkpoint::open(folder));
    const Checkpoint& checkpoint = *opened->checkpoint;
    BITLATHE_TRY(opened->spec, readSpec(checkpoint));
    const Findings fitted = model::fitToFile(checkpoint, opened->spec);
    BITLATHE_TRY(const auto stored, storedQuantization(checkpoint));
    BITLATHE_TRY(const Format* format, formatOf(checkpoint, stored));
    BITLATHE_TRY(opened->schemes, format->schemes(checkpoint, opened->spec));
    opened->findings = checkpoint.findings();
    opened->findings.insert(opened->findings.end(), fitted.begin(), fitted.end());
    const auto isQuantized = [](const auto& scheme) { return scheme.has_value(); };
    if (!stored) {
        opened->source = model::makeDenseSource(opened->checkpoint);
    } else {
        // A configuration that quantizes nothing leaves a model in full precision.
        opened->format = std::ranges::any_of(opened->schemes, isQuantized) ? format : nullptr;
        opened->source = quantizedSource(opened->checkpoint, format, opened->schemes);
        const Findings more = format->findings(checkpoint, opened->spec, opened->schemes);
        opened->findings.insert(opened->findings.end(), more.begin(), more.end());
    }
    BITLATHE_CHECK(checkTensors(checkpoint, opened->spec, opened->schemes));
    findOwners(*opened);
    const Findings unused = unusedTensors(*opened);
    opened->findings.insert(opened->findings.end(), unused.begin(), unused.end());
    countParameters(*opened);
    BITLATHE_CHECK(openTokenizerOf(*opened));
    return opened;
}

Result<std::shared_ptr<const model::Model>> runnable(const OpenedModel& opened, const model::Model::Options& options,
                                                     const WorkContext& work)
{
    return model::Model::create(opened.spec, opened.source, options, work);
}

} // namespace bitlathe::format
