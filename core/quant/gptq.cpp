// SPDX-License-Identifier: Apache-2.0
// GPTQ.
#include "core/quant/gptq.h"

#include "core/quant/gptqdevice.h"
#include "core/quant/gptqfactor.h"
#include "core/quant/rtn.h"

#include <atomic>
#include <chrono>
#include <numeric>
#include <optional>

namespace bitlathe::quant
{

namespace
{

class Gptq final : public Quantizer
{
public:
    std::string_view name() const override { return "gptq"; }
    std::string_view title() const override { return BITLATHE_TEXT("GPTQ"); }
    std::string_view summary() const override
    {
        return BITLATHE_TEXT(
            "Column by column, the weights that are left make good for the error of those already rounded. "
            "Loses least below 8 bits; needs a calibration text.");
    }
    bool needsStatistics() const override { return true; }
    bool ordersColumns() const override { return true; }
    Scheme completed(const Scheme& scheme, const MethodOptions& options) const override
    {
        Scheme whole = scheme;
        whole.staticGroups = options.gptq.staticGroups;
        return whole;
    }
    std::vector<MethodSetting> settings() const override;
    Result<void> check(const Scheme& scheme) const override;
    Result<LayerResult> quantize(const LayerInput& input, const WorkContext& work) const override;

private:
    Result<LayerResult> round(const LayerInput& input, const WorkContext& work) const;
};

/// Passes of Effort::Best over scales and codes after the sweep.
constexpr int kPasses = 4;

Result<void> Gptq::check(const Scheme& scheme) const
{
    BITLATHE_CHECK(checkUniformScheme(scheme));
    if (scheme.groupSize == kPerTensor) {
        return fail(ErrorCode::SettingInvalid, "group size", Text(BITLATHE_TEXT("a number or \"channel\", for gptq")),
                    Text(BITLATHE_TEXT("\"tensor\"")), Text(BITLATHE_TEXT("Try 128")));
    }
    return {};
}

/// What linears of one input share.
struct SharedFactor
{
    const calibrate::InputStats* stats = nullptr;
    const kernels::Backend* backend = nullptr; ///< In whose memory factor and coupling lie.
    GptqOptions options;
    ColumnOrder order;
    ColumnOrder grouped;
    std::shared_ptr<const HessianFactor> factor;  ///< Null: none could be made.
    std::shared_ptr<const Coupling> coupling;     ///< Only under Effort::Best.
    std::shared_ptr<const DeviceHessian> hessian; ///< Only on a device.
};

std::shared_ptr<const SharedFactor> makeShared(const LayerInput& input, ColumnOrder order,
                                               const kernels::Backend& backend, const WorkContext& work)
{
    auto shared = std::make_shared<SharedFactor>();
    shared->stats = input.stats;
    shared->backend = &backend;
    shared->options = input.options.gptq;
    shared->grouped = groupedOrder(order, input.scheme);
    shared->order = std::move(order);
    PlacedHessian hessian{input.stats->hessian, input.stats->hessian};
    if (!backend.memory().isHost()) {
        shared->hessian = deviceHessian(input, backend);
        hessian.here = shared->hessian->span();
    }
    shared->factor = factorHessian(hessian, shared->order, shared->options, backend, work);
    if (shared->factor && shared->options.effort == Effort::Best) {
        shared->coupling = std::make_shared<const Coupling>(
            couplingOf(input.stats->hessian, shared->grouped, shared->factor->damping, backend.memory()));
    }
    return shared;
}

/// The factor, from the linear before where that had the same input and order.
std::shared_ptr<const SharedFactor> sharedFor(const LayerInput& input, const kernels::Backend& backend,
                                              const WorkContext& work)
{
    const auto cols = input.linear.inFeatures;
    std::vector<float> energy(static_cast<std::size_t>(cols));
    for (std::int64_t i = 0; i < cols; ++i) {
        energy[static_cast<std::size_t>(i)] = input.stats->hessian[static_cast<std::size_t>(i * cols + i)];
    }
    ColumnOrder order = columnOrder(energy, input.scheme, input.options.gptq);
    std::any unused;
    std::any& kept = input.shared != nullptr ? input.shared->value : unused;
    if (const auto* known = std::any_cast<std::shared_ptr<const SharedFactor>>(&kept)) {
        const SharedFactor& shared = **known;
        if (shared.stats == input.stats && shared.backend == &backend && shared.options == input.options.gptq &&
            shared.order == order) {
            return *known;
        }
    }
    kept.reset(); // Before the next one is made: each may be as large as the Hessian.
    auto made = makeShared(input, std::move(order), backend, work);
    kept = made;
    return made;
}

QuantizedTensor emptyTensor(const LayerInput& input, const ColumnOrder& order)
{
    QuantizedTensor tensor;
    tensor.scheme = input.scheme;
    tensor.rows = input.linear.outFeatures;
    tensor.cols = input.linear.inFeatures;
    tensor.codes.resize(static_cast<std::size_t>(tensor.rows) * tensor.bytesPerRow());
    tensor.scales.resize(static_cast<std::size_t>(tensor.rows * tensor.groups()));
    tensor.zeros.resize(input.scheme.symmetric ? 0 : tensor.scales.size());
    if (order.movesGroups) {
        tensor.groupIndex.resize(static_cast<std::size_t>(tensor.cols));
        for (std::size_t place = 0; place < order.columns.size(); ++place) {
            tensor.groupIndex[static_cast<std::size_t>(order.columns[place])] = order.groups[place];
        }
    }
    return tensor;
}

/// How all rows are rounded, into tensor. coarse: [rows].
kernels::ColumnRounding roundingOf(const LayerInput& input, const SharedFactor& shared, QuantizedTensor& tensor,
                                   std::span<std::int32_t> coarse)
{
    kernels::ColumnRounding task;
    task.rows = tensor.rows;
    task.cols = tensor.cols;
    task.groups = tensor.groups();
    task.weights = input.weights;
    task.order = shared.order.view();
    task.factor = shared.factor->factor.span();
    task.weight = shared.factor->weight.span();
    task.rule = gridRule(input.scheme);
    task.search = shared.options.effort != Effort::Fast || task.rule.searchRange;
    task.moveRounds = shared.options.effort == Effort::Best ? 3 : 1;
    if (shared.coupling) {
        task.passes = kPasses;
        task.grouped = shared.grouped.view();
        task.coupling = shared.coupling->rows.span();
        task.couplingWeight = shared.coupling->weight.span();
    }
    task.codes = tensor.codes;
    task.scales = tensor.scales;
    task.zeros = tensor.zeros;
    task.coarse = coarse;
    task.blockCols = shared.options.blockSize;
    return task;
}

/// What became of the rows of a layer.
struct Rounded
{
    std::int64_t coarse = 0;             ///< Scales that their type holds only coarsely.
    std::optional<RowEnergies> energies; ///< Where a device found them on the way.
};

Rounded roundAll(const LayerInput& input, const SharedFactor& shared, QuantizedTensor& tensor, const WorkContext& work)
{
    std::vector<std::int32_t> coarse(static_cast<std::size_t>(tensor.rows));
    kernels::ColumnRounding task = roundingOf(input, shared, tensor, coarse);
    std::atomic<std::int64_t> done = 0;
    task.stop = [&work] { return work.stopRequested(); };
    task.rowsDone = [&](std::int64_t rows) {
        work.progress.set(static_cast<double>(done += rows) / static_cast<double>(task.rows));
    };
    Rounded rounded;
    if (shared.backend->memory().isHost()) {
        shared.backend->roundColumns(task);
    } else {
        rounded.energies = roundOnDevice(task, *shared.hessian, work);
    }
    rounded.coarse = std::accumulate(coarse.begin(), coarse.end(), std::int64_t{0});
    return rounded;
}

Result<LayerResult> roundToNearestInstead(const LayerInput& input, Text reason, const WorkContext& work)
{
    BITLATHE_TRY(LayerResult result, roundToNearest().quantize(input, work));
    // The export was planned for the scheme as it was given.
    auto tensor = std::make_shared<QuantizedTensor>(*result.tensor);
    tensor->scheme.actOrder = input.scheme.actOrder;
    result.tensor = std::move(tensor);
    result.findings.insert(result.findings.begin(),
                           Finding{Severity::Warning, "rounded-to-nearest", input.linear.name, std::move(reason),
                                   Text(BITLATHE_TEXT("Use more calibration text, or give this layer more bits"))});
    return result;
}

Findings findingsOf(const LayerInput& input, const HessianFactor& factor, const QuantizedTensor& tensor,
                    std::int64_t coarse)
{
    Findings findings;
    if (factor.damping > input.options.gptq.damping) {
        findings.push_back({Severity::Warning, "damping-raised", input.linear.name,
                            Text(BITLATHE_TEXT("damping was raised from %1 to %2: the Hessian could not be factored"),
                                 input.options.gptq.damping, factor.damping),
                            Text(BITLATHE_TEXT("Use more calibration text"))});
    }
    if (coarse > 0) {
        findings.push_back(
            {Severity::Warning, "scale-coarse", input.linear.name,
             Text(BITLATHE_TEXT("%1 of %2 scales are too large or too small for %3 and changed by more than 1 %"),
                  coarse, tensor.scales.size(), checkpoint::dtypeName(input.scheme.scaleDType)),
             Text(BITLATHE_TEXT("Store scales as BF16 or F32"))});
    }
    return findings;
}

std::vector<MethodSetting> Gptq::settings() const
{
    using Kind = MethodSetting::Kind;
    return {
        {.kind = Kind::Choice,
         .key = "effort",
         .title = BITLATHE_TEXT("Effort"),
         .help = BITLATHE_TEXT("How long to look for a better result; the files stay the same kind"),
         .get = [](const MethodOptions& o) { return static_cast<double>(o.gptq.effort); },
         .set = [](MethodOptions& o, double value) { o.gptq.effort = static_cast<Effort>(static_cast<int>(value)); },
         .choices = {BITLATHE_TEXT("fast"), BITLATHE_TEXT("normal"), BITLATHE_TEXT("best")}},
        {.kind = Kind::Flag,
         .key = "static_groups",
         .title = BITLATHE_TEXT("Static groups"),
         .help = BITLATHE_TEXT("Scales from the original weights, so that act-order leaves groups in place"),
         .get = [](const MethodOptions& o) { return o.gptq.staticGroups ? 1.0 : 0.0; },
         .set = [](MethodOptions& o, double value) { o.gptq.staticGroups = value != 0; }},
        {.kind = Kind::Share,
         .key = "damp_percent",
         .title = BITLATHE_TEXT("Damping"),
         .help =
             BITLATHE_TEXT("Added to the diagonal of the Hessian, as a share of its mean: steadier with little text"),
         .get = [](const MethodOptions& o) { return o.gptq.damping; },
         .set = [](MethodOptions& o, double value) { o.gptq.damping = value; },
         .low = 0.0001,
         .high = 1,
         .step = 0.01},
    };
}

Result<LayerResult> Gptq::quantize(const LayerInput& input, const WorkContext& work) const
{
    return model::withDeviceErrors([&] { return round(input, work); });
}

Result<LayerResult> Gptq::round(const LayerInput& input, const WorkContext& work) const
{
    const auto start = std::chrono::steady_clock::now();
    BITLATHE_CHECK(check(input.scheme));
    BITLATHE_CHECK(checkGptqOptions(input.options.gptq));
    BITLATHE_CHECK(checkWeightsFinite(input.weights, input.linear.inFeatures, input.linear.name));
    if (input.stats == nullptr || input.stats->tokens == 0 || input.stats->hessian.empty()) {
        return roundToNearestInstead(
            input, Text(BITLATHE_TEXT("was rounded to nearest: no token of the calibration text reached it")), work);
    }
    const auto shared = sharedFor(input, backendOf(input.device), work);
    if (work.stopRequested()) {
        return cancelled();
    }
    if (!shared->factor) {
        return roundToNearestInstead(
            input, Text(BITLATHE_TEXT("was rounded to nearest: the Hessian of its inputs cannot be factored")), work);
    }
    QuantizedTensor tensor = emptyTensor(input, shared->order);
    const Rounded rounded = roundAll(input, *shared, tensor, work);
    if (work.stopRequested()) {
        return cancelled();
    }
    LayerResult result;
    result.layer = input.linear.id;
    result.findings = findingsOf(input, *shared->factor, tensor, rounded.coarse);
    setInputScale(input, tensor);
    result.tensor = std::make_shared<const QuantizedTensor>(std::move(tensor));
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (rounded.energies) {
        result.quality = qualityFrom(input, *result.tensor, *rounded.energies);
    } else {
        BITLATHE_TRY(result.quality, measureQuality(input, *result.tensor, work));
    }
    if (work.stopRequested()) {
        return cancelled();
    }
    return result;
}

} // namespace

Result<void> checkGptqOptions(const GptqOptions& options)
{
    const auto share = [](const char* name, double value) -> Result<void> {
        if (!(value > 0 && value <= 1)) {
            return fail(ErrorCode::SettingInvalid, name, Text(BITLATHE_TEXT("a number above 0 and at most 1")),
                        Text(BITLATHE_TEXT("%1"), value), Text(BITLATHE_TEXT("Try 0.01")));
        }
        return {};
    };
    BITLATHE_CHECK(share("gptq.damp_percent", options.damping));
    BITLATHE_CHECK(share("gptq.damp_auto_increment", options.dampingStep));
    constexpr std::int64_t kBlockMin = 16;
    constexpr std::int64_t kBlockMax = 4096;
    if (options.blockSize < kBlockMin || options.blockSize > kBlockMax) {
        return fail(ErrorCode::SettingInvalid, "gptq.block_size",
                    Text(BITLATHE_TEXT("a whole number from %1 to %2"), kBlockMin, kBlockMax),
                    Text(BITLATHE_TEXT("%1"), options.blockSize), Text(BITLATHE_TEXT("Try 128")));
    }
    return {};
}

const Quantizer& gptq()
{
    static const Gptq method;
    return method;
}

} // namespace bitlathe::quant
