// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli kv-params: scales and zero points of a quantized KV cache, as an engine reads them.
#include "app/cli/calibration.h"
#include "core/calibrate/keyvalueranges.h"
#include "core/quant/kvparamfiles.h"
#include "core/report/numbers.h"

namespace bitlathe::cli
{

namespace
{

struct KvParamsOptions
{
    RecipeOptions calibration; ///< Its model may be a folder of statistics.
    std::string consumer = "turbomind";
    bool perHead = false;
    std::int64_t tensorParallel = 1;
};

Result<calibrate::KeyValueRanges> rangesOf(Session& session, const KvParamsOptions& options)
{
    const std::filesystem::path folder = options.calibration.model;
    if (calibrate::holdsKeyValueRanges(folder)) {
        return calibrate::readKeyValueRanges(folder);
    }
    BITLATHE_TRY(const auto opened, format::openModel(folder));
    if (options.calibration.data.empty()) {
        return fail(ErrorCode::SettingInvalid, "data", Text(BITLATHE_TEXT("a text to calibrate the model on")),
                    Text(BITLATHE_TEXT("none")), Text(BITLATHE_TEXT("Add --data, or name a folder of statistics")));
    }
    BITLATHE_TRY(const auto samples, samplesOf(*opened, options.calibration));
    BITLATHE_TRY(run::RunDevice device, openedDevice(session, options.calibration.compute));
    BITLATHE_TRY(const auto store, calibrateModel(session, *opened, device, samples));
    return calibrate::keyValueRanges(*store, opened->spec);
}

quant::KvScheme schemeOf(const KvParamsOptions& options, quant::KvConsumer consumer)
{
    quant::KvScheme scheme{quant::KvKind::Int, 8, quant::KvGranularity::Layer, options.calibration.symmetric};
    if (consumer == quant::KvConsumer::Vllm) {
        scheme = {quant::KvKind::Fp8, 8, quant::KvGranularity::Layer, false};
    }
    scheme.granularity = options.perHead ? quant::KvGranularity::Head : scheme.granularity;
    return scheme;
}

/// What lmdeploy prints, or the same numbers as a document.
Json showParams(Console& console, const quant::KvParams& params)
{
    Json layers = Json::array();
    for (std::size_t layer = 0; layer < params.layers.size(); ++layer) {
        const quant::KvLayerGrids& grids = params.layers[layer];
        for (std::size_t part = 0; part < grids.keys.size(); ++part) {
            console.print(
                quant::kvParamsLine(params, static_cast<std::int64_t>(layer), static_cast<std::int64_t>(part)) + '\n');
            layers.push_back({{"layer", layer},
                              {"part", part},
                              {"k_scale", grids.keys[part].scale},
                              {"k_zero", grids.keys[part].zero},
                              {"v_scale", grids.values[part].scale},
                              {"v_zero", grids.values[part].zero}});
        }
    }
    return layers;
}

Result<void> makeParams(Session& session, const KvParamsOptions& options)
{
    BITLATHE_TRY(const quant::KvConsumer consumer, quant::findKvConsumer(options.consumer));
    const quant::KvScheme scheme = schemeOf(options, consumer);
    BITLATHE_TRY(const auto ranges, rangesOf(session, options));
    BITLATHE_TRY(const auto params, quant::kvParamsOf(ranges, scheme, options.tensorParallel));
    BITLATHE_CHECK(quant::writeKvParams(params, consumer, options.calibration.out));
    const Json layers = showParams(session.console, params);
    if (consumer == quant::KvConsumer::Lmdeploy && scheme.symmetric) {
        session.console.note(
            "TurboMind loads no symmetric files of this form; --for turbomind writes those that it does");
    }
    session.console.print(fmt::format("written to {}\n", options.calibration.out));
    session.console.document({{"out", options.calibration.out},
                              {"for", quant::kvConsumerName(consumer)},
                              {"kv", scheme.name()},
                              {"parts", params.parts()},
                              {"layers", layers}});
    return {};
}

} // namespace

void addKvParamsCommand(CLI::App& app, Session& session)
{
    auto* command =
        addCommand(app, session, "kv-params", "Scales and zero points of a quantized KV cache, for an engine");
    auto options = std::make_shared<KvParamsOptions>();
    RecipeOptions& calibration = options->calibration;
    command
        ->add_option(
            "MODEL", calibration.model,
            "A model folder, or statistics: what calibrate writes, or lmdeploy's key_stats.pth, value_stats.pth")
        ->required();
    command->add_option("--out", calibration.out, "Folder for the parameters")->required();
    command
        ->add_option("--for", options->consumer,
                     "Who reads them: turbomind, lmdeploy (as its kv_qparams writes them), vllm (fp8)")
        ->capture_default_str();
    command->add_flag("--symmetric", calibration.symmetric, "The middle of the range is 0");
    command->add_option("--tensor-parallel", options->tensorParallel, "Ranks that the key heads are split over")
        ->capture_default_str();
    command->add_flag("--per-head", options->perHead, "With --for vllm: a scale for each key head");
    addCalibrationOptions(*command, calibration);
    addDeviceOptions(*command, calibration.compute, "auto");
    command->callback(
        [&session, options] { session.action = [&session, options] { return makeParams(session, *options); }; });
}

} // namespace bitlathe::cli
