// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli inspect: what is in a model folder.
#include "app/cli/command.h"
#include "app/cli/table.h"
#include "core/report/documents.h"
#include "core/report/numbers.h"

#include <fmt/ranges.h>

namespace bitlathe::cli
{

namespace
{

struct LayerFacts
{
    std::string name;
    checkpoint::Shape shape;
    std::string dtype;
    std::optional<quant::Scheme> scheme;
};

std::string quantizedTypeName(const quant::Scheme& scheme)
{
    switch (scheme.kind) {
    case quant::SchemeKind::UniformInt: return fmt::format("int{}", scheme.bits);
    case quant::SchemeKind::CodeBook: return std::string(quant::bookName(scheme.book));
    case quant::SchemeKind::Int8Outliers: return "int8 and outliers";
    }
    return {};
}

/// The linears of the model, or every matrix of a folder whose family is not known.
std::vector<LayerFacts> layersOf(const format::OpenedModel& opened)
{
    std::vector<LayerFacts> layers;
    for (const model::LinearSpec& linear : opened.spec.linears) {
        LayerFacts facts{linear.name, {linear.outFeatures, linear.inFeatures}, {}, opened.schemes[linear.id.index()]};
        const checkpoint::TensorEntry* stored = opened.checkpoint->find(linear.weightName());
        facts.dtype = facts.scheme ? quantizedTypeName(*facts.scheme)
                                   : std::string(checkpoint::dtypeName(stored ? stored->dtype : opened.dtype));
        layers.push_back(std::move(facts));
    }
    if (layers.empty()) {
        for (const checkpoint::TensorEntry& entry : opened.checkpoint->entries()) {
            if (entry.shape.size() == 2) {
                layers.push_back({entry.name, entry.shape, std::string(checkpoint::dtypeName(entry.dtype)), {}});
            }
        }
    }
    return layers;
}

Json quantizationDocument(const format::OpenedModel& opened)
{
    if (!opened.isQuantized()) {
        return nullptr;
    }
    std::int64_t quantized = 0;
    const quant::Scheme* first = nullptr;
    for (const auto& scheme : opened.schemes) {
        if (scheme) {
            first = first != nullptr ? first : &*scheme;
            ++quantized;
        }
    }
    Json json = {{"format", opened.format->name()},
                 {"quantized_layers", quantized},
                 {"bits_per_weight", opened.bitsPerWeight()}};
    if (first != nullptr) {
        json["scheme"] = first->label();
        json["bits"] = first->bits;
        json["group_size"] = first->groupSize;
        json["symmetric"] = first->symmetric;
    }
    return json;
}

Json tokenizerDocument(const format::OpenedModel& opened)
{
    if (!opened.tokenizer) {
        return nullptr;
    }
    Json json = {{"kind", opened.tokenizer->kind()},
                 {"vocabulary", opened.tokenizer->vocabularySize()},
                 {"bos", nullptr},
                 {"eos", nullptr}};
    if (const auto bos = opened.tokenizer->bos()) {
        json["bos"] = *bos;
    }
    if (const auto eos = opened.tokenizer->eos()) {
        json["eos"] = *eos;
    }
    return json;
}

Json inspectDocument(const format::OpenedModel& opened, const std::vector<LayerFacts>& layers)
{
    const model::ModelSpec& spec = opened.spec;
    Json json = {{"path", opened.folder().string()}, {"architecture", spec.architecture},
                 {"model_type", spec.modelType},     {"can_run", spec.canRun},
                 {"parameters", opened.parameters},  {"dtype", checkpoint::dtypeName(opened.dtype)}};
    json["layers"] = Json::array();
    for (const LayerFacts& layer : layers) {
        json["layers"].push_back({{"name", layer.name},
                                  {"shape", layer.shape},
                                  {"dtype", layer.dtype},
                                  {"bits", layer.scheme ? Json(layer.scheme->bits) : Json(nullptr)},
                                  {"group_size", report::groupSizeDocument(layer.scheme)}});
    }
    json["bytes"] = opened.checkpoint->bytesTensors();
    json["files"] = opened.checkpoint->files().size();
    json["quantization"] = quantizationDocument(opened);
    json["tokenizer"] = tokenizerDocument(opened);
    if (opened.tokenizerError) {
        json["tokenizer_error"] = opened.tokenizerError->sentence();
    }
    json["vocabulary"] = spec.vocabulary;
    json["hidden"] = spec.hidden;
    json["intermediate"] = spec.intermediate;
    json["blocks"] = spec.blockCount();
    json["heads"] = spec.heads;
    json["kv_heads"] = spec.kvHeads;
    json["head_dim"] = spec.headDim;
    json["max_positions"] = spec.maxPositions;
    json["tied_head"] = spec.tiedHead;
    json["kv_bytes_per_token"] = spec.kvBytesPerToken(2);
    json["findings"] = report::findingsDocument(opened.findings);
    return json;
}

std::string factsText(const format::OpenedModel& opened)
{
    const model::ModelSpec& spec = opened.spec;
    std::string text = fmt::format("{}\n\n", opened.folder().string());
    const auto line = [&text](std::string_view name, const std::string& value) {
        text += fmt::format("  {:<17}{}\n", name, value);
    };
    line("architecture", fmt::format("{}{}", spec.architecture, spec.canRun ? "" : " (can be looked at, not run)"));
    line("parameters", report::countText(opened.parameters));
    line("stored as",
         fmt::format("{}, {} in {} file{}", checkpoint::dtypeName(opened.dtype),
                     report::bytesText(opened.checkpoint->bytesTensors()), opened.checkpoint->files().size(),
                     opened.checkpoint->files().size() == 1 ? "" : "s"));
    if (opened.isQuantized()) {
        line("quantized",
             fmt::format("{}, {} bits per weight", opened.format->title(), report::numberText(opened.bitsPerWeight())));
    }
    if (spec.blockCount() > 0) {
        line("blocks", std::to_string(spec.blockCount()));
        line("hidden", fmt::format("{}, {} in the MLP", spec.hidden, spec.intermediate));
        line("heads", fmt::format("{} of {} channels, {} for keys and values", spec.heads, spec.headDim, spec.kvHeads));
        line("vocabulary", fmt::format("{}{}", report::countText(spec.vocabulary),
                                       spec.tiedHead ? ", head tied to the embedding" : ""));
        line("context", fmt::format("{} tokens", report::countText(spec.maxPositions)));
        line("KV cache", fmt::format("{} per token as f16",
                                     report::bytesText(static_cast<std::uint64_t>(spec.kvBytesPerToken(2)))));
    }
    if (opened.tokenizer) {
        line("tokenizer", fmt::format("{}, {} tokens", opened.tokenizer->kind(),
                                      report::countText(opened.tokenizer->vocabularySize())));
    } else {
        line("tokenizer", opened.tokenizerError ? "not usable, see below" : "none");
    }
    return text + '\n';
}

std::string layersText(const std::vector<LayerFacts>& layers)
{
    Table table({{"Layer"}, {"Shape", true}, {"Stored as"}, {"Bits", true}, {"Group", true}});
    for (const LayerFacts& layer : layers) {
        table.add({layer.name, fmt::format("{}", fmt::join(layer.shape, " × ")), layer.dtype,
                   layer.scheme ? std::to_string(layer.scheme->bits) : "",
                   layer.scheme ? quant::groupSizeText(layer.scheme->groupSize) : ""});
    }
    return table.text();
}

Result<void> inspect(Session& session, const std::string& folder)
{
    BITLATHE_TRY(const auto opened, format::openModel(folder));
    const std::vector<LayerFacts> layers = layersOf(*opened);
    session.console.document(inspectDocument(*opened, layers));
    session.console.print(factsText(*opened) + layersText(layers));
    noteFindings(session.console, opened->findings);
    if (opened->tokenizerError) {
        session.console.note("note: " + opened->tokenizerError->sentence());
    }
    return {};
}

} // namespace

void addInspectCommand(CLI::App& app, Session& session)
{
    CLI::App* command =
        addCommand(app, session, "inspect", "Facts, layers, types, sizes and existing quantization of a model");
    auto folder = std::make_shared<std::string>();
    command->add_option("MODEL", *folder, "A model folder")->required();
    command->callback(
        [&session, folder] { session.action = [&session, folder] { return inspect(session, *folder); }; });
}

} // namespace bitlathe::cli
