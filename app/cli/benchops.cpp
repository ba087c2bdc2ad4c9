// SPDX-License-Identifier: Apache-2.0
// bench --ops: opens the device, times its operations, and shows them beside its limits.
#include "app/cli/benchops.h"

#include "app/cli/table.h"
#include "core/base/json.h"
#include "core/report/numbers.h"
#include "kernels/cpulevel.h"
#include "kernels/opbench.h"

namespace bitlathe::cli
{

namespace
{

const char* precisionName(kernels::Precision precision)
{
    return precision == kernels::Precision::Bf16 ? "bf16" : "f32";
}

std::string tableOf(const kernels::OpBench& bench)
{
    Table table({{"Operation"},
                 {"Shape"},
                 {"Arithmetic"},
                 {"Time", true},
                 {"GB/s", true},
                 {"TFLOP/s", true},
                 {"Of the limit", true}});
    for (const kernels::OpFigure& figure : bench.figures) {
        table.add({figure.name, figure.shape, precisionName(figure.precision), report::durationText(figure.seconds),
                   report::numberText(figure.bytes / figure.seconds * 1e-9, 3),
                   figure.flops > 0 ? report::numberText(figure.flops / figure.seconds * 1e-12, 3) : std::string(),
                   fmt::format("{:.0f} %", 100 * figure.shareOf(bench.limits))});
    }
    return table.text();
}

Json documentOf(const std::string& device, const kernels::OpBench& bench, std::uint64_t bytesPeak)
{
    Json operations = Json::array();
    for (const kernels::OpFigure& figure : bench.figures) {
        operations.push_back({{"name", figure.name},
                              {"shape", figure.shape},
                              {"arithmetic", precisionName(figure.precision)},
                              {"seconds", figure.seconds},
                              {"bytes", figure.bytes},
                              {"flops", figure.flops},
                              {"share_of_limit", figure.shareOf(bench.limits)}});
    }
    return {{"device", device},
            {"limits",
             {{"copy_bytes_per_second", bench.limits.bytesPerSecond},
              {"f32_flops_per_second", bench.limits.flopsPerSecondF32},
              {"bf16_flops_per_second", bench.limits.flopsPerSecondBf16}}},
            {"operations", std::move(operations)},
            {"peak_vram_bytes", bytesPeak}};
}

Result<void> measureAndShow(Session& session, const kernels::Backend& backend, const std::string& device, int repeats)
{
    const WorkContext work = session.work().child(0, 1, Text(BITLATHE_TEXT("Timing operations")));
    kernels::OpBenchOptions options;
    options.repeats = repeats;
    options.progress = [&](double done) {
        work.progress.set(done);
        return !work.stopRequested();
    };
    const kernels::OpBench bench = kernels::measureOps(backend, options);
    session.console.progressDone();
    if (work.stopRequested()) {
        return cancelled();
    }
    if (!backend.memory().wait()) {
        return fail(ErrorCode::Internal, device, Text(BITLATHE_TEXT("operations that end")),
                    Text(BITLATHE_TEXT("%1"), backend.memory().failure()));
    }
    session.console.print(tableOf(bench));
    session.console.print(fmt::format("\n{}: copies {} GB/s, products {} TFLOP/s in f32 and {} TFLOP/s in bf16\n",
                                      device, report::numberText(bench.limits.bytesPerSecond * 1e-9, 3),
                                      report::numberText(bench.limits.flopsPerSecondF32 * 1e-12, 3),
                                      report::numberText(bench.limits.flopsPerSecondBf16 * 1e-12, 3)));
    session.console.document(documentOf(device, bench, backend.memory().use().bytesPeak));
    return {};
}

} // namespace

Result<void> benchOperations(Session& session, const ComputeOptions& compute, int repeats)
{
    BITLATHE_TRY(const Computing computing, settledComputing(compute));
    if (computing.device.isProcessor()) {
        return measureAndShow(session, kernels::cpuBackend(), std::string(kernels::cpuLevelName(kernels::cpuLevel())),
                              repeats);
    }
    return measureAndShow(session, *computing.device.backend, computing.device.name, repeats);
}

} // namespace bitlathe::cli
