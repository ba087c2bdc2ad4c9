// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli sensitivity: what every layer alone loses under several schemes.
#include "app/cli/calibration.h"
#include "app/cli/layersearch.h"
#include "app/cli/table.h"
#include "core/report/numbers.h"

#include <algorithm>
#include <numeric>

namespace bitlathe::cli
{

namespace
{

using evaluate::LayerSensitivity;
using evaluate::SchemeEffect;
using evaluate::Sensitivity;

std::string shortLabel(const quant::Scheme& scheme)
{
    return fmt::format("{}-bit g{}", scheme.bits, quant::groupSizeText(scheme.groupSize));
}

/// Layers by what the first anchor does to them, the most sensitive first.
std::vector<const LayerSensitivity*> mostSensitiveFirst(const Sensitivity& found)
{
    std::vector<const LayerSensitivity*> layers;
    for (const LayerSensitivity& layer : found.layers) {
        layers.push_back(&layer);
    }
    std::ranges::stable_sort(layers, std::greater<>(), [anchor = found.anchors.front()](const LayerSensitivity* layer) {
        return layer->effects[anchor].kl;
    });
    return layers;
}

Json layerDocument(const LayerSensitivity& layer, const Sensitivity& found)
{
    Json schemes = Json::array();
    for (std::size_t i = 0; i < found.schemes.size(); ++i) {
        const SchemeEffect& effect = layer.effects[i];
        Json entry = {{"bits", found.schemes[i].bits},
                      {"group_size", found.schemes[i].groupSize},
                      {"loss", effect.loss},
                      {"relative_error", effect.relativeError},
                      {"kl", effect.kl}};
        entry["measured_kl"] = effect.measuredKl ? Json(*effect.measuredKl) : Json();
        schemes.push_back(std::move(entry));
    }
    return {{"name", layer.name}, {"weights", layer.weights}, {"schemes", schemes}};
}

/// A column for each scheme: the divergence that it causes, and the relative error of the layer's output.
std::string sensitivityTable(const Sensitivity& found)
{
    std::vector<Column> columns{{"Layer"}};
    for (const quant::Scheme& scheme : found.schemes) {
        columns.push_back({shortLabel(scheme), true});
    }
    Table table(columns);
    for (const LayerSensitivity* layer : mostSensitiveFirst(found)) {
        std::vector<std::string> cells{layer->name};
        for (const SchemeEffect& effect : layer->effects) {
            const double kl = effect.measuredKl.value_or(effect.kl);
            cells.push_back(
                fmt::format("{} ({})", report::numberText(kl, 2), report::percentText(effect.relativeError, 2)));
        }
        table.add(cells);
    }
    return table.text();
}

Result<void> showSensitivity(Session& session, const LayerSearchOptions& options)
{
    BITLATHE_TRY(const LayerSearch search, searchLayers(session, options));
    const Sensitivity& found = search.sensitivity;
    Json layers = Json::array();
    for (const LayerSensitivity* layer : mostSensitiveFirst(found)) {
        layers.push_back(layerDocument(*layer, found));
    }
    Json anchors = Json::array();
    for (const std::size_t anchor : found.anchors) {
        anchors.push_back({{"bits", found.schemes[anchor].bits}, {"group_size", found.schemes[anchor].groupSize}});
    }
    const std::optional<double> correlation = found.rankCorrelation();
    Json document = {{"model", options.model},   {"method", options.method},
                     {"tokens", found.tokens},   {"anchors", anchors},
                     {"layers", layers},         {"together_kl", found.togetherMeasured},
                     {"seconds", found.seconds}, {"interaction", found.interaction()}};
    document["rank_correlation"] = correlation ? Json(*correlation) : Json();
    session.console.document(document);
    session.console.print(fmt::format(
        "KL divergence in nats with one layer quantized, and the error of its output\n\n{}", sensitivityTable(found)));
    if (correlation) {
        session.console.print(fmt::format("\nRank correlation of predicted and measured divergences: {}\n",
                                          report::numberText(*correlation, 3)));
    }
    session.console.note(fmt::format("Measured on {} tokens under {}{} in {}.", report::countText(found.tokens),
                                     found.schemes[found.anchors.front()].label(),
                                     correlation ? " and all others" : "; the other schemes follow from the errors",
                                     report::durationText(found.seconds)));
    return {};
}

} // namespace

void addLayerSearchOptions(CLI::App& command, LayerSearchOptions& options)
{
    options.method = "gptq";
    command.add_option("MODEL", options.model, "A model folder")->required();
    command.add_option("--method", options.method, "Method: rtn, gptq or awq")->capture_default_str()->group("Scheme");
    command.add_option("--bits", options.bitsList, "Bits of a weight to choose from: 2,3,4,8")
        ->delimiter(',')
        ->capture_default_str()
        ->group("Scheme");
    command.add_option("--group-size", options.groupSizes, "Group sizes to choose from: 16 ... 1024, channel")
        ->delimiter(',')
        ->capture_default_str()
        ->group("Scheme");
    addSchemeOptions(command, options);
    addGptqOptions(command, options);
    addSmoothingOptions(command, options);
    command
        .add_option("--override", options.overrides, "PATTERN=keep: layers that stay in full precision (repeatable)")
        ->allow_extra_args(false)
        ->group("Scheme");
    command.add_option("--format", options.format, "Format that the model is meant for")
        ->capture_default_str()
        ->group("Export");
    command.add_option("--consumer", options.consumer, "Program that has to load it, such as vLLM")->group("Export");
    addCalibrationOptions(command, options);
    command.get_option("--data")->required();
    command
        .add_option("--kl-tokens", options.tokens, "Tokens of the calibration text on which divergences are measured")
        ->check(CLI::Range(1, 1 << 24))
        ->capture_default_str()
        ->group("Calibration");
    command.add_option("--seed", options.seed, "Seed of the method")->capture_default_str()->group("Computing");
    addDeviceOptions(command, options.compute, "auto");
}

Result<LayerSearch> searchLayers(Session& session, const LayerSearchOptions& options)
{
    LayerSearch search;
    RecipeOptions one = options;
    one.bits = std::to_string(options.bitsList.front());
    one.groupSize = options.groupSizes.front();
    BITLATHE_TRY(search.recipe, recipeFrom(one));
    for (const quant::Override& change : search.recipe.overrides) {
        if (change.scheme) {
            return fail(ErrorCode::SettingInvalid, "--override " + change.pattern, Text(BITLATHE_TEXT("PATTERN=keep")),
                        Text(BITLATHE_TEXT("a scheme, which is what is searched for")),
                        Text(BITLATHE_TEXT("Leave it away, or change the recipe that comes out")));
        }
    }
    search.space = {options.bitsList, {}, options.consumer};
    for (const std::string& text : options.groupSizes) {
        BITLATHE_TRY(const std::int64_t size, quant::groupSizeFromText(text));
        search.space.groupSizes.push_back(size);
    }
    BITLATHE_TRY(const quant::Quantizer* method, quant::findQuantizer(options.method));
    BITLATHE_TRY(search.opened, format::openModel(options.model));
    BITLATHE_TRY(auto settings, plan::sensitivityOptions(search.recipe, *search.opened, search.space));
    settings.everyScheme = options.everyScheme;
    settings.tokens = options.tokens;
    BITLATHE_TRY(const auto samples, samplesOf(*search.opened, options));
    BITLATHE_TRY(run::RunDevice device, openedDevice(session, options.compute));
    BITLATHE_TRY(const auto store, calibrateModel(session, *search.opened, device, samples));
    BITLATHE_TRY(search.sensitivity,
                 evaluate::measureSensitivity(*search.opened, *store, samples, *method, settings, session.work()));
    session.console.progressDone();
    return search;
}

void addSensitivityCommand(CLI::App& app, Session& session)
{
    auto* command =
        addCommand(app, session, "sensitivity", "What every layer alone loses under several bits and group sizes");
    auto options = std::make_shared<LayerSearchOptions>();
    addLayerSearchOptions(*command, *options);
    command
        ->add_flag("--true", options->everyScheme,
                   "Measure the divergence of every layer under every scheme, and how well it is predicted; takes long")
        ->group("Calibration");
    command->callback(
        [&session, options] { session.action = [&session, options] { return showSensitivity(session, *options); }; });
}

} // namespace bitlathe::cli
