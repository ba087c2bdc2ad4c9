// SPDX-License-Identifier: GPL-3.0-or-later
// Session: its jobs, runs and comparisons.
#include "core/base/log.h"
#include "core/calibrate/calibrate.h"
#include "core/run/rundevice.h"
#include "core/text/textset.h"
#include "ui/bridge/sessiondata.h"

namespace bitlathe::ui
{

namespace
{

std::vector<std::filesystem::path> toPaths(const QStringList& folders)
{
    std::vector<std::filesystem::path> paths;
    for (const QString& folder : folders) {
        paths.push_back(toPath(folder));
    }
    return paths;
}

/// A model in tables, with the way in which its keys and values are kept.
std::string rowName(const std::filesystem::path& folder, const quant::KvScheme& kv)
{
    const QString name = folderName(folder);
    return (kv.isQuantized() ? name + QStringLiteral(" + ") + kvText(kv) : name).toStdString();
}

Result<OpenedModelPtr> openedModel(const OpenedModelPtr& opened, const plan::Recipe& recipe)
{
    return opened ? opened : format::openModel(recipe.model);
}

/// Of a job that can pause and takes about as much memory as a run of the recipe.
run::JobNeeds needsOfRun(const plan::Recipe& recipe, const OpenedModelPtr& opened)
{
    return {true, false, [recipe, opened]() -> std::uint64_t {
                const auto planned = plan::makePlan(recipe, opened, plan::Timing::Usual);
                return planned ? planned->estimate.bytesPeakRam : 0; // The job itself says what is wrong.
            }};
}

/// Of a job that measures time and memory, or of whose memory nothing is known.
run::JobNeeds needsOfMeasuring()
{
    return {false, true, {}};
}

void logLayer(const run::LayerRecord& record)
{
    if (record.scheme) {
        log().info("{}: {}, output error {:.3g} %, {:.2f} s", record.name, record.scheme->label(),
                   100 * record.quality.relativeError, record.seconds);
    } else {
        log().info("{}: kept", record.name);
    }
}

} // namespace

Result<std::vector<std::vector<model::TokenId>>> calibrationSamples(const format::OpenedModel& model,
                                                                    const plan::CalibrationRecipe& calibration)
{
    BITLATHE_TRY(const text::TextSet set, text::openTextSet(calibration.data, model.folder()));
    return text::calibrationSamples(set, model.tokenizer.get(), calibration.samples);
}

Result<StatsStorePtr> calibrateModel(const OpenedModelPtr& model, const plan::Recipe& recipe,
                                     std::optional<model::Compute> compute, bool onlyThere, const WorkContext& work,
                                     const std::function<void(const model::Device&)>& opened)
{
    BITLATHE_TRY(const auto samples, calibrationSamples(*model, recipe.calibration));
    WorkContext rest = work.child(0.02, 1.0);
    const auto tell = [](const Finding& finding) {
        log().warn("{} {}", finding.subject, finding.message.english());
        return Result<void>();
    };
    run::RunDevice device({}, compute.value_or(model::fastestComputeOf(recipe.device)), recipe.onDeviceFailure, tell);
    std::stop_source stopped;
    if (onlyThere) {
        // A calibration that is stopped from the start returns what is complete already, and makes nothing.
        stopped.request_stop();
        rest.stop = stopped.get_token();
    } else {
        plan::Recipe chosen = recipe;
        chosen.compute = compute;
        BITLATHE_TRY(device, run::RunDevice::open(chosen, tell));
        if (opened) {
            opened(device.device());
        }
    }
    return device.tried([&](const model::Device& on) -> Result<StatsStorePtr> {
        const model::Model::Options options{device.compute(), model::Residency::Streamed, on.backend};
        BITLATHE_TRY(const auto runnable, format::runnable(*model, options, work.child(0.0, 0.02)));
        Findings findings;
        auto store = calibrate::calibrate(*runnable, model->checkpoint->fingerprint(), samples, {.findings = &findings}, rest);
        for (const Finding& finding : findings) {
            BITLATHE_CHECK(tell(finding));
        }
        return store.map([](auto made) { return StatsStorePtr(std::move(made)); });
    });
}

/// Lets the queue ask how much of a device's memory a job has in use. Any thread.
void Session::watchDevice(const std::shared_ptr<JobId>& id, const model::Device& device)
{
    if (device.isProcessor()) {
        return;
    }
    // Not the owner: the memory goes with the job.
    const auto use = [backend = std::weak_ptr(device.backend)] {
        const auto alive = backend.lock();
        return alive ? alive->memory().use() : kernels::MemoryUse();
    };
    QMetaObject::invokeMethod(
        this, [this, id, use] { m_data->jobs.watchDevice(*id, use); }, Qt::QueuedConnection);
}

JobId Session::startCalibration()
{
    return m_data->model ? addCalibration(m_data->recipe, m_data->model) : JobId();
}

JobId Session::addCalibration(const plan::Recipe& recipe, const OpenedModelPtr& opened)
{
    const auto compute = computeSetting();
    Text title(BITLATHE_TEXT("Calibrate %1"), folderName(recipe.model).toStdString());
    const auto id = std::make_shared<JobId>(); // As in addRun().
    *id = m_data->jobs.add(
        std::move(title), needsOfRun(recipe, opened),
        [this, id, recipe, opened, compute](const WorkContext& work, bool /*resume*/) -> Result<void> {
            BITLATHE_TRY(const OpenedModelPtr model, openedModel(opened, recipe));
            const auto watch = [this, id](const model::Device& device) { watchDevice(id, device); };
            BITLATHE_TRY(StatsStorePtr store, calibrateModel(model, recipe, compute, false, work, watch));
            QMetaObject::invokeMethod(
                this, [this, store, recipe, model] { setStatistics(store, recipe.calibration, model->folder()); },
                Qt::QueuedConnection);
            return {};
        });
    m_data->facts[*id] = JobFacts{JobFacts::Kind::Calibration, recipe, {}, {}, 0,
                                  [this, recipe] { return addCalibration(recipe, nullptr); }};
    return *id;
}

JobId Session::startRun(const plan::Recipe& recipe)
{
    return addRun(recipe, Resume::No);
}

JobId Session::resumeRun(const QString& out)
{
    auto recipe = run::interruptedRecipe(toPath(out));
    if (!recipe) {
        report(recipe.error());
        return {};
    }
    return addRun(*recipe, Resume::Yes);
}

JobId Session::addRun(const plan::Recipe& recipe, Resume resume)
{
    const bool isOpen = m_data->model && m_data->model->folder() == recipe.model;
    const OpenedModelPtr opened = isOpen ? m_data->model : nullptr;
    // Method, bits, group size, model: "RTN, 4 bit, groups: 128 · llama-2-7b"
    Text title(BITLATHE_TEXT("%1, %2 bit, groups: %3 · %4"), QString::fromStdString(recipe.method).toUpper().toStdString(),
               recipe.scheme.bits, quant::groupSizeText(recipe.scheme.groupSize), folderName(recipe.model).toStdString());
    // The listener's thread learns the id of its own job only after add() has returned.
    const auto id = std::make_shared<JobId>();
    *id = m_data->jobs.add(
        std::move(title), needsOfRun(recipe, opened),
        [this, id, recipe, opened, resume](const WorkContext& work, bool again) -> Result<void> {
            BITLATHE_TRY(const plan::Plan plan, plan::makePlan(recipe, opened, plan::Timing::Usual));
            run::RunObserver observer;
            observer.onLayer = [this, id](const run::LayerRecord& record) {
                logLayer(record);
                QMetaObject::invokeMethod(
                    this,
                    [this, id, record] {
                        m_data->facts[*id].layers.push_back(record);
                        Q_EMIT runLayer(*id, record);
                    },
                    Qt::QueuedConnection);
            };
            observer.onFinding = [this, id](const Finding& finding) {
                QMetaObject::invokeMethod(
                    this,
                    [this, id, finding] {
                        m_data->facts[*id].findings.push_back(finding);
                        Q_EMIT runFinding(*id, finding);
                    },
                    Qt::QueuedConnection);
            };
            observer.onDevice = [this, id](const model::Device& device) { watchDevice(id, device); };
            run::RunOptions options;
            options.resume = again || resume == Resume::Yes ||
                             (resume == Resume::WherePossible && run::interruptedRecipe(recipe.exportTo.out));
            BITLATHE_TRY(run::RunResult result, run::runPlan(plan, options, observer, work));
            auto published = std::make_shared<const run::RunResult>(std::move(result));
            QMetaObject::invokeMethod(
                this, [this, id, published] { onRunDone(*id, published); }, Qt::QueuedConnection);
            return {};
        });
    m_data->facts[*id] = JobFacts{JobFacts::Kind::Run, recipe, {}, {}, opened ? opened->spec.linears.size() : 0,
                                  [this, recipe] { return addRun(recipe, Resume::WherePossible); }};
    return *id;
}

void Session::onRunDone(JobId job, RunResultPtr result)
{
    JobFacts& facts = m_data->facts[job];
    facts.layers = result->layers;
    facts.findings = result->findings;
    m_data->lastRun = std::move(result);
    Q_EMIT runChanged();
    if (m_data->lastRun->comparison) {
        showComparison(std::make_shared<const evaluate::Comparison>(*m_data->lastRun->comparison));
    }
    Q_EMIT historyChanged();
    findStatistics();
}

JobId Session::startComparison(const QStringList& folders, const evaluate::CompareOptions& options, bool keepsScores)
{
    const std::vector<std::filesystem::path> paths = toPaths(folders);
    Text title(BITLATHE_TEXT("Compare %1 models"), folders.size());
    const JobId id = m_data->jobs.add(
        std::move(title), needsOfMeasuring(), [this, paths, options, keepsScores](const WorkContext& work, bool) -> Result<void> {
            evaluate::CompareOptions settings = options;
            settings.cacheRoot = keepsScores ? evaluate::keptScoresFolder() : std::filesystem::path();
            const auto publish = [this](const evaluate::Comparison& value) {
                evaluate::Comparison named = value;
                for (evaluate::ComparedModel& compared : named.models) {
                    compared.name = rowName(compared.path, compared.perplexity.kv);
                }
                auto published = std::make_shared<const evaluate::Comparison>(std::move(named));
                QMetaObject::invokeMethod(
                    this, [this, published] { showComparison(published); }, Qt::QueuedConnection);
            };
            BITLATHE_TRY(const evaluate::Comparison comparison, evaluate::compare(paths, settings, work, publish));
            publish(comparison);
            return {};
        });
    JobFacts facts;
    facts.kind = JobFacts::Kind::Comparison;
    facts.again = [this, folders, options, keepsScores] { return startComparison(folders, options, keepsScores); };
    m_data->facts[id] = std::move(facts);
    return id;
}

JobId Session::startSpeed(const QStringList& folders, const evaluate::SpeedOptions& options)
{
    const std::vector<std::filesystem::path> paths = toPaths(folders);
    Text title(BITLATHE_TEXT("Measure the speed of %1 models"), folders.size());
    const JobId id = m_data->jobs.add(
        std::move(title), needsOfMeasuring(), [this, paths, options](const WorkContext& work, bool) -> Result<void> {
            BITLATHE_TRY(auto speeds, evaluate::measureSpeed(paths, options, work));
            for (evaluate::MeasuredSpeed& speed : speeds) {
                speed.throughput.name = rowName(speed.path, speed.kv);
            }
            auto published = std::make_shared<const std::vector<evaluate::MeasuredSpeed>>(std::move(speeds));
            QMetaObject::invokeMethod(
                this,
                [this, published] {
                    m_data->speeds = published;
                    Q_EMIT speedsChanged();
                },
                Qt::QueuedConnection);
            return {};
        });
    JobFacts facts;
    facts.kind = JobFacts::Kind::Speed;
    facts.again = [this, folders, options] { return startSpeed(folders, options); };
    m_data->facts[id] = std::move(facts);
    return id;
}

JobId Session::startDifferences(const QString& first, const QString& second)
{
    Text title(BITLATHE_TEXT("Compare the tensors of %1 and %2"), folderName(toPath(first)).toStdString(),
               folderName(toPath(second)).toStdString());
    const JobId id = m_data->jobs.add(
        std::move(title), false,
        [this, first = toPath(first), second = toPath(second)](const WorkContext& work, bool) -> Result<void> {
            BITLATHE_TRY(const auto a, format::openModel(first));
            BITLATHE_TRY(const auto b, format::openModel(second));
            BITLATHE_TRY(auto found, format::tensorDifferences(*a, *b, work));
            auto published =
                std::make_shared<const FolderDifferences>(FolderDifferences{a->folder(), b->folder(), std::move(found)});
            QMetaObject::invokeMethod(
                this,
                [this, published] {
                    m_data->differences = published;
                    Q_EMIT differencesChanged();
                },
                Qt::QueuedConnection);
            return {};
        });
    JobFacts facts;
    facts.kind = JobFacts::Kind::Differences;
    m_data->facts[id] = std::move(facts);
    return id;
}

DifferencesPtr Session::differences() const
{
    return m_data->differences;
}

SpeedsPtr Session::speeds() const
{
    return m_data->speeds;
}

JobId Session::startSearch(const plan::SearchSpace& space)
{
    return m_data->model ? addSearch(m_data->recipe, m_data->model, space) : JobId();
}

JobId Session::addSearch(const plan::Recipe& recipe, const OpenedModelPtr& opened, const plan::SearchSpace& space)
{
    const auto compute = computeSetting();
    Text title(BITLATHE_TEXT("Measure the layers of %1"), folderName(recipe.model).toStdString());
    const JobId id = m_data->jobs.add(
        std::move(title), needsOfMeasuring(),
        [this, recipe, opened, compute, space](const WorkContext& work, bool) -> Result<void> {
            constexpr double kCalibrationShare = 0.2;
            BITLATHE_TRY(const OpenedModelPtr model, openedModel(opened, recipe));
            BITLATHE_TRY(const auto options, plan::sensitivityOptions(recipe, *model, space));
            BITLATHE_TRY(const quant::Quantizer* method, quant::findQuantizer(recipe.method));
            BITLATHE_TRY(const StatsStorePtr store,
                         calibrateModel(model, recipe, compute, false, work.child(0, kCalibrationShare)));
            BITLATHE_TRY(const auto samples, calibrationSamples(*model, recipe.calibration));
            BITLATHE_TRY(evaluate::Sensitivity sensitivity,
                         evaluate::measureSensitivity(*model, *store, samples, *method, options,
                                                      work.child(kCalibrationShare, 1)));
            BITLATHE_TRY(plan::BudgetSearch search,
                         plan::BudgetSearch::create(recipe, model, std::move(sensitivity), space));
            auto published = std::make_shared<const plan::BudgetSearch>(std::move(search));
            QMetaObject::invokeMethod(
                this, [this, published, folder = model->folder()] { setSearch(published, folder); },
                Qt::QueuedConnection);
            return {};
        });
    m_data->facts[id] = JobFacts{JobFacts::Kind::Search, recipe, {}, {}, 0,
                                 [this, recipe, space] { return addSearch(recipe, nullptr, space); }};
    return id;
}

BudgetSearchPtr Session::search() const
{
    return m_data->search;
}

JobId Session::retry(JobId id)
{
    const JobFacts* facts = jobFacts(id);
    return facts != nullptr && facts->again ? facts->again() : JobId();
}

void Session::setSearch(BudgetSearchPtr search, const std::filesystem::path& model)
{
    if (search && (!m_data->model || m_data->model->folder() != model)) {
        return; // Another model was opened meanwhile.
    }
    m_data->search = std::move(search);
    Q_EMIT searchChanged();
}

void Session::onJobChanged(const run::JobStatus& status)
{
    const run::JobState before = std::exchange(m_data->states[status.id], status.state);
    Q_EMIT jobChanged(status);
    if (status.state == before) {
        return;
    }
    const LogOrigin origin(status.id.value());
    if (status.error) {
        log().warn("{}: {}", status.title.english(), status.error->sentence());
    } else if (status.state == run::JobState::Done) {
        log().info("{}: done in {:.1f} s", status.title.english(), status.secondsElapsed);
    }
    if (status.state == run::JobState::Failed && status.error) {
        report(*status.error);
    }
    m_data->sleep.setWanted(m_data->jobs.busy());
    if (status.state == run::JobState::Failed || status.state == run::JobState::Cancelled) {
        Q_EMIT historyChanged();
    }
}

run::JobQueue& Session::jobs()
{
    return m_data->jobs;
}

const JobFacts* Session::jobFacts(JobId id) const
{
    const auto found = m_data->facts.find(id);
    return found == m_data->facts.end() ? nullptr : &found->second;
}

run::History& Session::history()
{
    return m_data->history;
}

RunResultPtr Session::lastRun() const
{
    return m_data->lastRun;
}

void Session::showRun(RunResultPtr result)
{
    m_data->lastRun = std::move(result);
    Q_EMIT runChanged();
}

void Session::openRunFolder(const QString& folder)
{
    m_data->loading.start([path = toPath(folder)](const std::stop_token&) { return run::readRunResult(path); },
                          [this](Result<run::RunResult> result) {
                              if (!result) {
                                  report(result.error());
                                  return;
                              }
                              showRun(std::make_shared<const run::RunResult>(std::move(*result)));
                          });
}

void Session::openHistoryRun(RunId id)
{
    m_data->loading.start([history = m_data->history, id](const std::stop_token&) { return history.result(id); },
                          [this](Result<run::RunResult> result) {
                              if (!result) {
                                  report(result.error());
                                  return;
                              }
                              showRun(std::make_shared<const run::RunResult>(std::move(*result)));
                          });
}

ComparisonPtr Session::comparison() const
{
    return m_data->comparison;
}

void Session::showComparison(ComparisonPtr comparison)
{
    m_data->comparison = std::move(comparison);
    Q_EMIT comparisonChanged();
}

} // namespace bitlathe::ui
