// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli tune: what one layer would look like under other settings.
#include "app/cli/calibration.h"
#include "app/cli/comparisontable.h"
#include "app/cli/suggest.h"
#include "app/cli/table.h"
#include "core/quant/whatif.h"
#include "core/report/documents.h"
#include "core/report/numbers.h"

namespace bitlathe::cli
{

namespace
{

struct TuneOptions : RecipeOptions
{
    std::string layer;
    std::vector<int> bitsList = {4};
    std::vector<std::string> groupSizes = {"128"};
};

Result<const model::LinearSpec*> findLayer(const format::OpenedModel& opened, const std::string& name)
{
    if (const model::LinearSpec* linear = opened.spec.findLinear(name)) {
        return linear;
    }
    std::vector<std::string> names;
    for (const model::LinearSpec& linear : opened.spec.linears) {
        names.push_back(linear.name);
    }
    const std::vector<std::string> near = nearNames(name, names);
    return fail(ErrorCode::UnknownName, "--layer", Text(BITLATHE_TEXT("a layer of the model")),
                Text(BITLATHE_TEXT("\"%1\""), name),
                near.empty() ? Text(BITLATHE_TEXT("See bitlathe-cli inspect %1"), opened.folder().string())
                             : Text(BITLATHE_TEXT("Perhaps \"%1\" was meant"), near.front()));
}

Json histogramDocument(const quant::WhatIf& tried)
{
    return {{"low", tried.before.low},
            {"high", tried.before.high},
            {"before", tried.before.counts},
            {"after", tried.after.counts}};
}

Json settingDocument(const quant::Scheme& scheme, const quant::WhatIf& tried)
{
    const quant::LayerQuality& quality = tried.result.quality;
    return {{"bits", scheme.bits},
            {"group_size", scheme.groupSize},
            {"symmetric", scheme.symmetric},
            {"clipping", scheme.clipping == quant::Clipping::Mse ? "mse" : "minmax"},
            {"activation_bits", scheme.activationBits},
            {"loss", quality.loss},
            {"relative_error", quality.relativeError},
            {"weight_error", quality.weightError},
            {"from_statistics", quality.fromStatistics},
            {"saturated", quality.saturated},
            {"bits_per_weight", tried.bitsPerWeight},
            {"bytes", tried.bytes},
            {"seconds", tried.seconds},
            {"histogram", histogramDocument(tried)},
            {"grid_lines", tried.gridLines}};
}

std::vector<std::string> settingRow(const quant::Scheme& scheme, const quant::WhatIf& tried)
{
    const quant::LayerQuality& quality = tried.result.quality;
    return {scheme.label(),
            report::numberText(tried.bitsPerWeight),
            report::bytesText(tried.bytes),
            quality.fromStatistics ? report::numberText(quality.loss, 3) : "",
            report::percentText(quality.relativeError),
            verdictText(quant::verdict(quality.relativeError)),
            report::percentText(quality.weightError),
            report::percentText(quality.saturated, 2),
            report::durationText(tried.seconds)};
}

/// All schemes asked for, checked.
Result<std::vector<quant::Scheme>> schemesOf(const TuneOptions& options, const quant::Quantizer& method,
                                             checkpoint::DType scaleDType)
{
    std::vector<quant::Scheme> schemes;
    for (const int bits : options.bitsList) {
        for (const std::string& groupSize : options.groupSizes) {
            RecipeOptions one = options;
            one.bits = std::to_string(bits);
            one.groupSize = groupSize;
            BITLATHE_TRY(quant::Scheme scheme, schemeFrom(one));
            if (options.scaleDType == "auto" && scheme.kind == quant::SchemeKind::UniformInt) {
                scheme.scaleDType = scaleDType;
            }
            BITLATHE_TRY(const quant::MethodOptions methodOptions, methodOptionsFrom(options));
            scheme = method.completed(scheme, methodOptions);
            BITLATHE_CHECK(method.check(scheme));
            schemes.push_back(scheme);
        }
    }
    return schemes;
}

Result<void> tune(Session& session, const TuneOptions& options)
{
    BITLATHE_TRY(const quant::Quantizer* method, quant::findQuantizer(options.method));
    BITLATHE_TRY(run::RunDevice device, openedDevice(session, options.compute));
    BITLATHE_TRY(const auto opened, format::openModel(options.model));
    BITLATHE_TRY(const model::LinearSpec* linear, findLayer(*opened, options.layer));
    BITLATHE_TRY(const auto schemes, schemesOf(options, *method, opened->dtype));
    std::shared_ptr<const calibrate::BlockStats> stats;
    if (!options.data.empty()) {
        BITLATHE_TRY(const auto samples, samplesOf(*opened, options));
        BITLATHE_TRY(const auto store, calibrateModel(session, *opened, device, samples));
        BITLATHE_TRY(stats, store->block(linear->block));
    }
    BITLATHE_TRY(const std::vector<float> weights, opened->source->weights(*linear));
    Table table({{"Setting"},
                 {"Bits/weight", true},
                 {"Size", true},
                 {"Loss/token", true},
                 {"Error", true},
                 {"Verdict"},
                 {"Weight error", true},
                 {"Saturated", true},
                 {"Time", true}});
    Json results = Json::array();
    BITLATHE_TRY(const quant::MethodOptions methodOptions, methodOptionsFrom(options));
    const quant::LayerSurroundings surroundings{opened->spec, *opened->source, stats.get()};
    quant::SharedWork shared;
    quant::SharedWork sharedOnDevice;
    for (const quant::Scheme& scheme : schemes) {
        BITLATHE_TRY(const quant::WhatIf tried, device.tried([&](const model::Device& on) {
            const quant::LayerInput input{.linear = *linear,
                                          .weights = weights,
                                          .stats = stats ? stats->forLinear(linear->id) : nullptr,
                                          .scheme = scheme,
                                          .seed = options.seed,
                                          .options = methodOptions,
                                          .shared = on.isProcessor() ? &shared : &sharedOnDevice,
                                          .device = on.backend.get()};
            return quant::whatIf(*method, input, surroundings, {}, WorkContext{{}, session.stop});
        }));
        results.push_back(settingDocument(scheme, tried));
        table.add(settingRow(scheme, tried));
    }
    session.console.document({{"layer", linear->name},
                              {"shape", {linear->outFeatures, linear->inFeatures}},
                              {"method", options.method},
                              {"results", results}});
    session.console.print(
        fmt::format("{}, {} × {}\n\n{}", linear->name, linear->outFeatures, linear->inFeatures, table.text()));
    if (!stats) {
        session.console.note("Errors are of the weights alone; with --data they are of the layer's output.");
    }
    return {};
}

} // namespace

void addTuneCommand(CLI::App& app, Session& session)
{
    auto* command =
        addCommand(app, session, "tune", "Error, size and histogram of one layer under one or more settings");
    auto options = std::make_shared<TuneOptions>();
    command->add_option("MODEL", options->model, "A model folder")->required();
    command->add_option("--layer", options->layer, "Name of the layer, as inspect shows it")->required();
    command
        ->add_option("--method", options->method,
                     "Method: rtn, gptq, awq, smoothquant, nf4, fp4, int8-blockwise or llm-int8")
        ->capture_default_str()
        ->group("Scheme");
    command->add_option("--bits", options->bitsList, "Bits of a weight; several: 3,4,8")
        ->delimiter(',')
        ->capture_default_str()
        ->group("Scheme");
    command
        ->add_option("--group-size", options->groupSizes, "Group sizes: 16 ... 4096, channel, tensor; several: 32,128")
        ->delimiter(',')
        ->capture_default_str()
        ->group("Scheme");
    addSchemeOptions(*command, *options);
    addGptqOptions(*command, *options);
    addSmoothingOptions(*command, *options);
    addBitsAndBytesOptions(*command, *options);
    addCalibrationOptions(*command, *options);
    command->add_option("--seed", options->seed, "Seed of the method")->capture_default_str()->group("Computing");
    addDeviceOptions(*command, options->compute, "auto");
    command->parse_complete_callback([command, options] {
        if (const auto method = quant::findQuantizer(options->method)) {
            const quant::Scheme usual = (*method)->usualScheme();
            if (usual.kind != quant::SchemeKind::UniformInt && command->get_option("--bits")->count() == 0) {
                options->bitsList = {usual.bits};
            }
            if (usual.kind != quant::SchemeKind::UniformInt && command->get_option("--group-size")->count() == 0) {
                options->groupSizes = {quant::groupSizeText(usual.groupSize)};
            }
        }
    });
    command->callback(
        [&session, options] { session.action = [&session, options] { return tune(session, *options); }; });
}

} // namespace bitlathe::cli
