// SPDX-License-Identifier: Apache-2.0
// Quantizer: the interface every method implements, and the list of methods.
#pragma once

#include "core/base/finding.h"
#include "core/base/progress.h"
#include "core/calibrate/layerstats.h"
#include "core/model/modelspec.h"
#include "core/quant/methodsettings.h"
#include "core/quant/quantizedtensor.h"
#include "core/quant/verdicts.h"

#include <any>
#include <memory>
#include <string_view>
#include <vector>

namespace bitlathe::kernels
{
class Backend;
}

namespace bitlathe::quant
{

/// How much worse a layer's output became.
struct LayerQuality
{
    double loss = 0; ///< tr(D H D') / tokens with D = W - W' and H = X'X: squared output error per token.
    double relativeError =
        0;                  ///< loss relative to the output's energy tr(W H W') / tokens; from weights alone without H.
    double weightError = 0; ///< |D|^2 / |W|^2.
    double saturated = 0;   ///< Share of codes at the ends of the range.
    bool fromStatistics = false; ///< False: no Hessian; relativeError = weightError.
    /// LLM.int8() with statistics: share of input channels that reach the threshold in the calibration text.
    double outlierShare = 0;
};

/// What a method keeps from one linear to the next where both have the same input, such as a factor of the Hessian.
/// Empty at first; the caller only passes it on, and takes a new one where statistics are not the same objects any
/// more. One thread at a time.
struct SharedWork
{
    std::any value;
    std::any hessian; ///< That of the input, on a device.
};

struct LayerInput
{
    const model::LinearSpec& linear;
    std::span<const float> weights;               ///< [outFeatures, inFeatures].
    const calibrate::InputStats* stats = nullptr; ///< May be null where needsStatistics() is false.
    Scheme scheme;
    std::uint64_t seed = 0;
    MethodOptions options = {};
    SharedWork* shared = nullptr;             ///< May be null.
    std::span<const float> outputScales = {}; ///< What the rows were divided by; empty: nothing. For the quality only.
    /// What computes where a method has a form for it; null: the processor. weights and stats are the processor's.
    const kernels::Backend* device = nullptr;
};

struct LayerResult
{
    LayerId layer;
    std::shared_ptr<const QuantizedTensor> tensor;
    LayerQuality quality;
    double seconds = 0;
    Findings findings;
};

/// A method. Stateless; any thread.
class Quantizer
{
public:
    virtual ~Quantizer() = default;
    virtual std::string_view name() const = 0;    ///< As on the command line: "rtn".
    virtual std::string_view title() const = 0;   ///< "Round to nearest".
    virtual std::string_view summary() const = 0; ///< What it looks at and what that brings, in a sentence or two.
    virtual bool needsStatistics() const = 0;
    /// The scheme that it is for, unless told otherwise.
    virtual Scheme usualScheme() const { return {}; }
    /// The scheme with what only this method decides: its kind, and what its settings say of how weights are stored.
    virtual Scheme completed(const Scheme& scheme, const MethodOptions& /*options*/) const { return scheme; }
    /// What can be set of it beside the scheme, in the order of a form.
    virtual std::vector<MethodSetting> settings() const { return {}; }
    /// Whether Scheme::actOrder means something to it; others take columns as they come.
    virtual bool ordersColumns() const { return false; }
    /// How scales are found and folded into the weights before quantize() sees them.
    virtual Smoothing smoothing() const { return Smoothing::None; }
    /// SettingInvalid where the method does not know the scheme.
    virtual Result<void> check(const Scheme& scheme) const = 0;
    /// Quantizes one layer. Errors: WeightsNotFinite, SettingInvalid, Cancelled; DeviceMemoryShort and DeviceFailed
    /// where it has a device, whose codes are those of the processor.
    virtual Result<LayerResult> quantize(const LayerInput& input, const WorkContext& work) const = 0;
};

/// All methods, in the order in which a list shows them.
const std::vector<const Quantizer*>& quantizers();
/// UnknownName (with the known names) where there is no such method.
Result<const Quantizer*> findQuantizer(std::string_view name);

/// Quality of a result against the weights it came from; stats may be null, their Hessian empty. outputScales: as in
/// LayerInput; loss and errors are those of the outputs before the division. Deterministic, on all threads. After a
/// stop the numbers mean nothing: the caller looks at work and gives up.
LayerQuality measureQuality(std::span<const float> weights, const QuantizedTensor& tensor,
                            const calibrate::InputStats* stats, const WorkContext& work = {},
                            std::span<const float> outputScales = {});
/// The same of a layer, on its device where it has one: energies may differ by a few units in the sixth digit then.
/// Errors: DeviceMemoryShort, DeviceFailed.
Result<LayerQuality> measureQuality(const LayerInput& input, const QuantizedTensor& tensor,
                                    const WorkContext& work = {});

} // namespace bitlathe::quant
