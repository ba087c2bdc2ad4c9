// SPDX-License-Identifier: Apache-2.0
// Session: calibrate, then block by block quantize and write, then publish, then evaluate.
#include "core/run/session.h"

#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/machine.h"
#include "core/base/version.h"
#include "core/format/kvgrids.h"
#include "core/format/layertensors.h"
#include "core/run/foldedkv.h"
#include "core/run/modelcard.h"
#include "core/run/resultjson.h"
#include "kernels/threads.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace bitlathe::run
{

namespace
{

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kPartial = ".partial";
/// Of a block's work: the search for scales rounds it some twenty times.
constexpr double kShareOfSmoothing = 0.6;

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The scales of a block for people: four digits, more than a plot shows.
std::vector<ScaleRecord> scaleRecords(const model::ModelSpec& spec, const quant::BlockScales& scales)
{
    std::vector<ScaleRecord> records;
    for (const quant::GroupScales& group : scales.groups) {
        ScaleRecord record{spec.scaleGroups[group.group].linears, {}};
        for (const float scale : group.scales) {
            const double magnitude = std::pow(10.0, 3 - std::floor(std::log10(static_cast<double>(scale))));
            record.scales.push_back(std::round(static_cast<double>(scale) * magnitude) / magnitude);
        }
        records.push_back(std::move(record));
    }
    return records;
}

} // namespace

fs::path partialFolderOf(const fs::path& out)
{
    return outFolderOf(out).string() + std::string(kPartial);
}

fs::path outFolderOf(const fs::path& folder)
{
    const fs::path named = folder.has_filename() ? folder : folder.parent_path();
    return named.extension() == kPartial ? fs::path(named).replace_extension() : named;
}

bool givesSameFiles(const plan::Recipe& a, const plan::Recipe& b)
{
    const auto essence = [](plan::Recipe recipe) {
        recipe.threads = 0;
        recipe.device = {};
        recipe.onDeviceFailure = {};
        recipe.strict = false;
        recipe.exportTo.overwrite = false;
        return plan::recipeToYaml(recipe);
    };
    return essence(a) == essence(b);
}

Session::Session(const plan::Plan& plan, const RunObserver& observer, const WorkContext& work)
    : m_plan(plan), m_observer(observer), m_work(work), m_spec(plan.model->spec)
{
    m_result.recipe = plan.recipe;
    m_result.out = plan.recipe.exportTo.out;
    m_result.format = plan.format->name();
    m_result.bitsPerWeight = plan.estimate.bitsPerWeight;
    m_result.program = programVersion();
    m_result.device.clear();
}

Result<void> Session::run(const RunOptions& options, RunId history)
{
    const auto start = Clock::now();
    resetPeakResidentBytes();
    for (const Finding& finding : m_plan.findings) {
        BITLATHE_CHECK(add(finding));
    }
    BITLATHE_CHECK(openDevice(options));
    BITLATHE_CHECK(begin(options.resume, history));
    if (m_exporter) {
        addDevice(m_device.device().name);
        BITLATHE_CHECK(calibrate());
        BITLATHE_CHECK(quantize());
        m_result.bytesPeakRss = std::max(m_result.bytesPeakRss, peakResidentBytes());
        m_result.bytesPeakVram = std::max(m_result.bytesPeakVram, m_device.bytesPeak());
        addDevice(m_device.device().name);
        m_result.seconds += secondsSince(start);
        BITLATHE_CHECK(publish());
    }
    const auto evaluationStart = m_exporter ? Clock::now() : start;
    m_exporter.reset();
    BITLATHE_CHECK(evaluate());
    m_result.seconds += secondsSince(evaluationStart);
    m_work.progress.set(1);
    return {};
}

/// The part of the run's progress that a kind of step has.
WorkContext Session::stepWork(plan::StepKind kind, Text title) const
{
    double from = 0;
    for (const plan::Step& step : m_plan.steps) {
        if (step.kind == kind) {
            WorkContext part = m_work.child(from, from + step.weight, std::move(title));
            part.progress.set(0);
            return part;
        }
        from += step.weight;
    }
    return m_work.child(from, from, std::move(title));
}

Result<void> Session::add(const Finding& finding)
{
    // A plan's finding and the evaluation's may be one and the same.
    if (std::find(m_result.findings.begin(), m_result.findings.end(), finding) != m_result.findings.end()) {
        return {};
    }
    m_result.findings.push_back(finding);
    log().warn("{}: {}", finding.subject, finding.message.english());
    if (m_observer.onFinding) {
        m_observer.onFinding(finding);
    }
    if (m_plan.recipe.strict && finding.severity != Severity::Note) {
        return fail(ErrorCode::FindingsFatal, finding.subject, {}, finding.message, finding.advice);
    }
    return {};
}

/// Claims OUT.partial and begins or opens the journal there. No exporter afterwards: all but the evaluation is done.
Result<void> Session::begin(bool resume, RunId history)
{
    const fs::path& out = m_plan.recipe.exportTo.out;
    if (resume && !fs::exists(Journal::fileIn(partialFolderOf(out)))) {
        BITLATHE_TRY(RunResult exported, readRunResult(out));
        if (!givesSameFiles(exported.recipe, m_plan.recipe) || exported.comparison) {
            return fail(ErrorCode::RunInvalid, out.string(), Text(BITLATHE_TEXT("an interrupted run of this recipe")),
                        Text(BITLATHE_TEXT("a finished one or one of another recipe")),
                        Text(BITLATHE_TEXT("Start the run anew")));
        }
        m_result = std::move(exported);
        for (const LayerRecord& layer : m_result.layers) {
            if (m_observer.onLayer) {
                m_observer.onLayer(layer);
            }
        }
        return {};
    }
    if (resume) {
        BITLATHE_TRY(m_journal, Journal::open(partialFolderOf(out)));
        BITLATHE_CHECK(checkJournal(*m_journal, m_plan.model->checkpoint->fingerprint()));
    }
    const format::ExportOptions options{.out = out,
                                        .overwrite = m_plan.recipe.exportTo.overwrite,
                                        .resume = resume,
                                        .workspace = m_plan.recipe.exportTo.workspace,
                                        .kv = m_plan.kv};
    BITLATHE_TRY(m_exporter, format::Exporter::create(m_plan.model, *m_plan.format, m_plan.schemes, options));
    m_result.modelFingerprint = m_plan.model->checkpoint->fingerprint();
    if (resume) {
        return takeJournaled();
    }
    JournalHeader header{m_result.program, plan::recipeToYaml(m_plan.recipe), m_result.modelFingerprint, history};
    BITLATHE_TRY(m_journal, Journal::start(m_exporter->partialFolder(), std::move(header)));
    return {};
}

Result<void> Session::checkJournal(const Journal& journal, const std::string& fingerprint) const
{
    const JournalHeader& header = journal.header();
    const std::string subject = partialFolderOf(m_plan.recipe.exportTo.out).string();
    const Text advice(BITLATHE_TEXT("Start the run anew"));
    if (header.program != programVersion()) {
        return fail(ErrorCode::RunInvalid, subject, Text(BITLATHE_TEXT("a run begun by version %1"), programVersion()),
                    Text(BITLATHE_TEXT("one by version %1"), header.program), advice);
    }
    BITLATHE_TRY(const plan::Recipe begun, plan::recipeFromYaml(header.recipe, subject));
    if (!givesSameFiles(begun, m_plan.recipe)) {
        return fail(ErrorCode::RunInvalid, subject, Text(BITLATHE_TEXT("a run of this recipe")),
                    Text(BITLATHE_TEXT("one of another recipe")), advice);
    }
    if (header.modelFingerprint != fingerprint) {
        return fail(ErrorCode::RunInvalid, subject, Text(BITLATHE_TEXT("a run of this model")),
                    Text(BITLATHE_TEXT("the model has changed since it was begun")), advice);
    }
    return {};
}

/// What an earlier process finished counts as done, and is told to the observer as if it were done now.
Result<void> Session::takeJournaled()
{
    for (const JournalBlock& block : m_journal->blocks()) {
        for (const LayerRecord& layer : block.layers) {
            if (layer.layer.value() < 0 || layer.layer.index() >= m_spec.linears.size()) {
                return fail(ErrorCode::RunInvalid, m_exporter->partialFolder().string(),
                            Text(BITLATHE_TEXT("layers of this model in the journal")), Text(BITLATHE_TEXT("another")),
                            Text(BITLATHE_TEXT("Start the run anew")));
            }
            m_exporter->markWritten(layer.layer);
            m_result.layers.push_back(layer);
            if (m_observer.onLayer) {
                m_observer.onLayer(layer);
            }
        }
        for (const std::string& tensor : block.tensors) {
            if (m_plan.model->checkpoint->find(tensor) == nullptr) {
                return fail(ErrorCode::RunInvalid, m_exporter->partialFolder().string(),
                            Text(BITLATHE_TEXT("tensors of this model in the journal")), Text("%1", tensor),
                            Text(BITLATHE_TEXT("Start the run anew")));
            }
            m_exporter->markWritten(tensor);
        }
        m_result.scales.insert(m_result.scales.end(), block.scales.begin(), block.scales.end());
        for (const Finding& finding : block.findings) {
            BITLATHE_CHECK(add(finding));
        }
        m_result.seconds += block.seconds;
        m_result.bytesPeakRss = std::max(m_result.bytesPeakRss, block.bytesPeakRss);
        m_result.bytesPeakVram = std::max(m_result.bytesPeakVram, block.bytesPeakVram);
        addDevice(block.device);
    }
    return {};
}

Result<void> Session::quantize()
{
    const WorkContext work = stepWork(plan::StepKind::Quantize, Text(BITLATHE_TEXT("Quantizing")));
    // Where the processor computes, writing beside it takes from it what it gives.
    m_writing = std::make_unique<WriteBehind>(!m_device.device().isProcessor() && kernels::threadCount() > 1);
    const Result<void> computed = quantizeBlocks(work);
    const Result<void> written = m_writing->wait();
    return computed ? written : computed;
}

Result<void> Session::quantizeBlocks(const WorkContext& work)
{
    const std::int64_t blocks = m_spec.blockCount();
    std::vector<std::int64_t> missing; // Before the first is written: then the journal grows beside this thread.
    for (std::int64_t block = 0; block < blocks; ++block) {
        if (!m_journal->hasBlock(block)) {
            missing.push_back(block);
        }
    }
    for (const std::int64_t block : missing) {
        const double share = 1.0 / static_cast<double>(blocks);
        const double from = static_cast<double>(block) * share;
        Text title(BITLATHE_TEXT("Quantizing block %1 of %2"), block + 1, blocks);
        const auto done = quantizeBlock(block, work.child(from, from + share, std::move(title)));
        m_blockFindings = nullptr;
        BITLATHE_CHECK(done);
    }
    return {};
}

Result<void> Session::quantizeBlock(std::int64_t block, const WorkContext& work)
{
    const auto start = Clock::now();
    JournalBlock done;
    done.block = block;
    m_blockFindings = &done.findings;
    m_shared = {}; // Statistics of another block may lie where those of the last one lay.
    std::shared_ptr<calibrate::BlockStats> stats;
    if (m_statistics) {
        BITLATHE_TRY(stats, statisticsOf(block));
        BITLATHE_CHECK(addExpertFindings(*stats, done));
    }
    const double smoothed = plan::smoothingOf(m_plan.recipe) == quant::Smoothing::None ? 0 : kShareOfSmoothing;
    BITLATHE_TRY(const quant::BlockScales scales, smooth(done, stats.get(), work.child(0, smoothed)));
    if (m_sequential) {
        BITLATHE_CHECK(doSteps(done, work));
    } else {
        const std::vector<LayerId>& layers = m_spec.blocks[static_cast<std::size_t>(block)].linears;
        BITLATHE_CHECK(doLayers(layers, stats.get(), scales, done, work.child(smoothed, 1)));
    }
    if (m_device.device().isProcessor()) {
        m_weights = {}; // Hessians take its place; where a device computes there is room for both.
    }
    returnFreeMemory();
    done.seconds = secondsSince(start);
    done.bytesPeakRss = peakResidentBytes();
    done.device = m_device.device().name;
    done.bytesPeakVram = m_device.bytesPeak();
    BITLATHE_CHECK(m_writing->add([this, done = std::move(done)]() mutable -> Result<void> {
        BITLATHE_CHECK(m_exporter->sync());
        return m_journal->add(std::move(done));
    }));
    if (m_sequential) {
        BITLATHE_CHECK(m_writing->wait());
        m_sequential->dropEarlier();
    }
    return {};
}

Result<void> Session::doLayers(const std::vector<LayerId>& layers, const calibrate::BlockStats* stats,
                               const quant::BlockScales& scales, JournalBlock& done, const WorkContext& work)
{
    const double share = 1.0 / static_cast<double>(layers.size());
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const double from = static_cast<double>(i) * share;
        const auto part = work.child(from, from + share);
        BITLATHE_TRY(LayerRecord record, doLayer(layers[i], stats, scales, done.findings, part));
        m_result.layers.push_back(record);
        if (m_observer.onLayer) {
            m_observer.onLayer(record);
        }
        done.layers.push_back(std::move(record));
        part.progress.set(1);
    }
    return {};
}

/// Finds the block's scales, folds them into its statistics and writes the norms, biases and routers that they change.
Result<quant::BlockScales> Session::smooth(JournalBlock& done, calibrate::BlockStats* stats, const WorkContext& work)
{
    BITLATHE_TRY(quant::BlockScales scales, m_device.tried([&](const model::Device& device) {
        const quant::BlockInput input{.spec = m_spec,
                                      .block = done.block,
                                      .source = *m_plan.model->source,
                                      .schemes = m_plan.schemes,
                                      .stats = stats,
                                      .device = device.backend.get()};
        return quant::smoothBlock(input, plan::smoothingOf(m_plan.recipe), m_plan.recipe.options, work);
    }));
    for (const Finding& finding : scales.findings) {
        done.findings.push_back(finding);
        BITLATHE_CHECK(add(finding));
    }
    if (scales.groups.empty()) {
        return scales;
    }
    done.scales = scaleRecords(m_spec, scales);
    m_result.scales.insert(m_result.scales.end(), done.scales.begin(), done.scales.end());
    quant::foldStats(m_spec, scales, *stats);
    BITLATHE_TRY(const auto tensors, quant::foldedTensors(m_spec, scales, *m_plan.model->source));
    BITLATHE_CHECK(m_writing->wait());
    for (const quant::FoldedTensor& tensor : tensors) {
        BITLATHE_CHECK(m_exporter->writeValues(tensor.name, tensor.values));
        done.tensors.push_back(tensor.name);
    }
    return scales;
}

/// A linear that stays in full precision, with the scales of its neighbours.
Result<void> Session::keepLayer(const model::LinearSpec& linear, const quant::BlockScales& scales)
{
    BITLATHE_CHECK(m_writing->wait());
    if (scales.ofInputs(m_spec, linear).empty() && scales.ofOutputs(m_spec, linear).empty()) {
        return m_exporter->writeLinear(linear.id, nullptr);
    }
    BITLATHE_TRY(std::vector<float> weights, m_plan.model->source->weights(linear));
    m_plan.model->source->release(linear);
    quant::foldWeights(m_spec, scales, linear, weights);
    if (linear.transposed) {
        weights = format::transposed(weights, linear.outFeatures, linear.inFeatures);
    }
    return m_exporter->writeValues(linear.weightName(), weights);
}

Result<LayerRecord> Session::doLayer(LayerId layer, const calibrate::BlockStats* stats,
                                     const quant::BlockScales& scales, Findings& findings, const WorkContext& work)
{
    if (work.stopRequested()) {
        return cancelled();
    }
    const auto start = Clock::now();
    const model::LinearSpec& linear = m_spec.linear(layer);
    LayerRecord record{layer, linear.name, linear.block, m_plan.schemes[layer.index()], {}, 0};
    if (!record.scheme) {
        BITLATHE_CHECK(keepLayer(linear, scales));
        record.seconds = secondsSince(start);
        return record;
    }
    const calibrate::InputStats* input = stats != nullptr ? stats->forLinear(layer) : nullptr;
    if (stats != nullptr && (input == nullptr || input->tokens == 0)) {
        const Finding unseen{Severity::Warning, "layer-without-statistics", linear.name,
                             Text(BITLATHE_TEXT("no token of the calibration text reached this layer")),
                             Text(BITLATHE_TEXT("Use more samples"))};
        findings.push_back(unseen);
        BITLATHE_CHECK(add(unseen));
        input = nullptr;
    }
    const model::WeightSource& source = *m_plan.model->source;
    const auto count = static_cast<std::size_t>(linear.outFeatures * linear.inFeatures);
    if (m_weights.size() < count) {
        m_weights = {}; // Not beside the new ones.
        m_weights.resize(count);
    }
    const std::span<float> weights = std::span(m_weights).first(count);
    BITLATHE_CHECK(source.readWeights(linear, weights));
    source.release(linear);
    quant::foldWeights(m_spec, scales, linear, weights);
    const std::vector<float> outputScales = scales.ofOutputs(m_spec, linear);
    const quant::LayerInput what{.linear = linear,
                                 .weights = weights,
                                 .stats = input,
                                 .scheme = *record.scheme,
                                 .seed = m_plan.recipe.seed,
                                 .options = m_plan.recipe.options,
                                 .shared = &m_shared,
                                 .outputScales = outputScales};
    BITLATHE_TRY(const quant::LayerResult quantized, quantizeLayer(what, work));
    BITLATHE_CHECK(m_writing->add(
        [this, layer, tensor = quantized.tensor] { return m_exporter->writeLinear(layer, tensor.get()); }));
    if (m_sequential) {
        m_sequential->keep(layer, quantized.tensor);
    }
    for (const Finding& finding : quantized.findings) {
        findings.push_back(finding);
        BITLATHE_CHECK(add(finding));
    }
    record.quality = quantized.quality;
    record.seconds = secondsSince(start);
    return record;
}

Result<void> Session::publish()
{
    const WorkContext work = stepWork(plan::StepKind::Export, Text(BITLATHE_TEXT("Writing and verifying")));
    m_result.bytes = m_exporter->bytesTotal();
    const plan::ExportRecipe& recipe = m_plan.recipe.exportTo;
    if (recipe.kvParams == format::kKvParamsAuto) {
        BITLATHE_TRY(auto params,
                     foldedKvParams(*m_statistics, m_spec, m_result.scales, m_plan.kv->scheme, m_plan.kv->parts()));
        m_exporter->setKv(std::move(params));
    }
    BITLATHE_CHECK(m_exporter->writeOthers(work.child(0, 0.3)));
    return m_exporter->finish(
        {{kResultFile, withoutHome(jsonText(toJson(m_result), 2))}, {kModelCardFile, modelCard(m_result)}},
        work.child(0.3, 1));
}

void Session::afterError(const Error& error)
{
    switch (error.code) {
    case ErrorCode::Cancelled:
    case ErrorCode::DiskFull:
    case ErrorCode::WriteFailed:
    case ErrorCode::FileMissing:
    case ErrorCode::FileUnreadable:
    case ErrorCode::VerifyFailed:
    case ErrorCode::DeviceMemoryShort:
    case ErrorCode::DeviceFailed:
    case ErrorCode::Internal: return; // Another time or another place may do better.
    case ErrorCode::FileTruncated:
    case ErrorCode::FileInvalid:
    case ErrorCode::ConfigInvalid:
    case ErrorCode::TensorMissing:
    case ErrorCode::TensorInvalid:
    case ErrorCode::WeightsNotFinite:
    case ErrorCode::TokenizerInvalid:
    case ErrorCode::TextInvalid:
    case ErrorCode::SettingInvalid:
    case ErrorCode::UnknownName:
    case ErrorCode::NotSupported:
    case ErrorCode::OutputExists:
    case ErrorCode::RunInvalid:
    case ErrorCode::FindingsFatal:
        if (m_exporter) {
            m_exporter->discard();
        }
        return;
    }
}

} // namespace bitlathe::run
