// SPDX-License-Identifier: Apache-2.0
// Advice: which method, bits, format, KV cache and program suit a device, and why.
#pragma once

#include "core/evaluate/memory.h"
#include "core/format/runtimes.h"
#include "core/plan/qualitytable.h"
#include "core/plan/recipe.h"

#include <optional>
#include <string>
#include <vector>

namespace bitlathe::plan
{

enum class Usage {
    Server,  ///< Many at once; memory is there to be used.
    Desktop, ///< One user, other programs beside it.
    Edge,    ///< A small device; memory is dear.
};
enum class Wish { Best, Balanced, Small };

/// "server", "desktop", "edge"; "best", "balanced", "small".
std::string_view usageName(Usage usage);
std::string_view wishName(Wish wish);

struct AdviceRequest
{
    std::uint64_t bytesVram = 0; ///< 0: no GPU.
    std::uint64_t bytesRam = 0;
    double gpuCapability = 0; ///< Compute capability of the NVIDIA GPU; 0: as any program needs.
    Usage usage = Usage::Desktop;
    Wish wish = Wish::Balanced;
    std::int64_t context = 4096; ///< Tokens of a sequence.
    std::int64_t batch = 1;      ///< Sequences at once.
    std::string runtime = {};    ///< Runtime::name of the one program that counts; empty: any.
};

/// One way to run the model.
struct AdviceOption
{
    std::string method;                  ///< Quantizer::name(); empty: the model as it is, in 16 bits.
    std::optional<quant::Scheme> scheme; ///< Nothing: 16 bits.
    std::string format;                  ///< Format::name(); empty without a scheme.
    std::string runtime;                 ///< Runtime::name.
    bool onGpu = false;
    evaluate::MemoryUse memory;     ///< For the context and batch of the request; its kv is the KV cache.
    std::uint64_t bytesRuntime = 0; ///< Taken by the program beside that.
    std::uint64_t bytesUsable = 0;  ///< Of the device, what the program may fill.
    std::int64_t contextMax = 0;    ///< Longest that fits with the batch of the request.
    std::int64_t batchMax = 0;      ///< Largest that fits with the context of the request.
    QualityFigure weightsFigure;    ///< Excess 0 without a scheme.
    QualityFigure cacheFigure;      ///< Excess 0 for a cache of 16 bits.
    std::vector<Text> reasons;      ///< One sentence each, the most important first.
    std::optional<Recipe>
        recipe; ///< Makes it; without a model folder, output folder and calibration text. Nothing: as it is.

    std::uint64_t bytes() const { return memory.bytes() + bytesRuntime; }
    bool fits() const { return bytes() <= bytesUsable; }
    double excess() const { return weightsFigure.excess + cacheFigure.excess; }
    /// "GPTQ, 4-bit, groups of 128, symmetric", "16 bits, as it is".
    std::string title() const;
};

/// Where nothing fits: what comes nearest, and what would help.
struct Shortfall
{
    AdviceOption nearest;
    std::uint64_t bytesMissing = 0;
    std::vector<Text> ways; ///< One sentence each.
};

struct Advice
{
    std::vector<AdviceOption> options; ///< Best first, at most five; empty where nothing fits.
    std::optional<Shortfall> shortfall;
    std::vector<Text> notes; ///< About all of them.
};

/// Errors: SettingInvalid (a request that contradicts itself), UnknownName (the program), NotSupported (the program
/// does not run on this device, loads no scheme of this model, or the model has nothing to quantize).
Result<Advice> advise(const AdviceRequest& request, const evaluate::MemoryModel& model,
                      const format::RuntimeTable& table = format::runtimeTable(),
                      const QualityTable& quality = qualityTable());

} // namespace bitlathe::plan
