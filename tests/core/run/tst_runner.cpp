// SPDX-License-Identifier: Apache-2.0
// Runs of the demo model: the same bytes for any number of threads, stop and resume, and all that can be wrong.
#include "core/format/exporter.h"
#include "core/quant/quantizedsource.h"
#include "core/run/history.h"
#include "core/run/modelcard.h"
#include "core/run/runfixtures.h"
#include "core/run/runner.h"
#include "core/text/textset.h"
#include "kernels/threads.h"
#include "support/tempfolder.h"

#include <QTest>

#include <chrono>
#include <thread>

namespace bitlathe::run
{

namespace
{

namespace fs = std::filesystem;
using tests::runAndStop;
using tests::runRecipe;
using Clock = std::chrono::steady_clock;

const RunOptions kResume{true, false};
#ifdef __SANITIZE_THREAD__
constexpr std::chrono::seconds kSoon(15); // Everything takes that many times as long.
#else
constexpr std::chrono::seconds kSoon(1);
#endif

fs::path partialOf(const fs::path& out)
{
    return out.string() + ".partial";
}

fs::path journalOf(const fs::path& out)
{
    return partialOf(out) / ".bitlathe-journal.jsonl";
}

} // namespace

class TestRunner : public QObject
{
    Q_OBJECT

    tests::TempFolder m_folder;
    std::map<std::string, std::string> m_reference; ///< Files of an uninterrupted run of demoRecipe.
    int m_outs = 0;

    /// An output folder of its own for each test.
    fs::path freshOut() { return m_folder / ("out" + std::to_string(++m_outs)); }

    /// The run of a recipe ends with an error that has these words, and leaves nothing behind.
    void verifyRefused(const plan::Recipe& recipe, ErrorCode code, const std::string& words)
    {
        const auto result = runRecipe(recipe);
        QVERIFY(!result);
        const std::string sentence = result.error().sentence();
        QVERIFY2(result.error().code == code, sentence.c_str());
        QVERIFY2(sentence.find(words) != std::string::npos, sentence.c_str());
        QVERIFY(!fs::exists(partialOf(recipe.exportTo.out)));
    }

    /// Files of the windows that evaluations kept of their bases, and when they were written.
    static std::map<fs::path, fs::file_time_type> keptWindows()
    {
        std::map<fs::path, fs::file_time_type> windows;
        std::error_code error;
        for (const auto& entry : fs::recursive_directory_iterator(evaluate::keptScoresFolder(), error)) {
            if (entry.path().extension() == ".states") {
                windows[entry.path()] = entry.last_write_time();
            }
        }
        return windows;
    }

private slots:
    void initTestCase()
    {
        tests::useOwnFolders(m_folder.path());
        const fs::path out = freshOut();
        BITLATHE_VERIFY_OK(runRecipe(tests::demoRecipe(out)));
        m_reference = tests::filesOf(out);
        QVERIFY(m_reference.contains("model.safetensors") && m_reference.contains("config.json"));
        QVERIFY(m_reference.contains("tokenizer.model"));
    }

    void theModelCardSaysWhatItIs()
    {
        plan::Recipe recipe = tests::demoRecipe(freshOut());
        recipe.threads = 1;
        BITLATHE_VERIFY_OK(runRecipe(recipe));
        const auto card = readFile(recipe.exportTo.out / kModelCardFile);
        BITLATHE_VERIFY_OK(card);
        const auto has = [](const std::string& text, const std::string& part) {
            return text.find(part) != std::string::npos;
        };
        QVERIFY(card->starts_with("---\nbase_model: \"model\"\n"));
        QVERIFY(has(*card, "| weights | 4-bit, groups of 128, symmetric |"));
        QVERIFY(has(*card, "Not measured by this run"));
        QVERIFY(!has(*card, m_folder.path().string()));
        plan::Recipe evaluated = recipe;
        evaluated.exportTo.out = freshOut();
        evaluated.threads = 2;
        evaluated.evaluation = {tests::kDemoTexts / "evaluation.txt", 512, 2};
        const auto result = runRecipe(evaluated);
        BITLATHE_VERIFY_OK(result);
        const auto second = readFile(evaluated.exportTo.out / kModelCardFile);
        BITLATHE_VERIFY_OK(second);
        const double perplexity = result->comparison->models[1].perplexity.perplexity;
        QVERIFY(has(*second, fmt::format("| {:.4f} ± ", perplexity)));
        QVERIFY(has(*second, "Over 2 windows of 512 tokens of `evaluation.txt`"));
        // But for quality and its settings the same, whatever the folder and the number of threads.
        QCOMPARE(second->substr(0, second->find("## Quality")), card->substr(0, card->find("## Quality")));
    }

    void threadsDoNotChangeBytes()
    {
        for (const int threads : {1, 2, 5}) {
            // A cache of its own: the statistics, too, are made with this number of threads.
            tests::useOwnFolders(m_folder / ("threads" + std::to_string(threads)));
            plan::Recipe recipe = tests::demoRecipe(freshOut());
            recipe.threads = threads;
            const int before = kernels::threadCount();
            BITLATHE_VERIFY_OK(runRecipe(recipe));
            QCOMPARE(kernels::threadCount(), before);
            QVERIFY(tests::filesOf(recipe.exportTo.out) == m_reference);
        }
        tests::useOwnFolders(m_folder.path());
    }

    void resultSaysAll()
    {
        plan::Recipe recipe = tests::demoRecipe(freshOut());
        recipe.evaluation = {tests::kDemoTexts / "evaluation.txt", 256, 2};
        std::vector<std::string> seen;
        double fraction = 0;
        bool monotonic = true;
        RunObserver observer;
        observer.onLayer = [&](const LayerRecord& layer) { seen.push_back(layer.name); };
        const WorkContext work{ProgressSink([&](double value, const Text&) {
                                   monotonic = monotonic && value >= fraction - 1e-9;
                                   fraction = value;
                               }),
                               {}};
        const auto plan = plan::makePlan(recipe);
        BITLATHE_VERIFY_OK(plan);
        const auto result = runPlan(*plan, {}, observer, work);
        BITLATHE_VERIFY_OK(result);
        QVERIFY(monotonic);
        QVERIFY(fraction > 0.999);
        QCOMPARE(seen.size(), std::size_t{56});
        std::uint64_t bytes = 0;
        for (const auto& [name, content] : tests::filesOf(recipe.exportTo.out)) {
            bytes += name.ends_with(".safetensors") ? content.size() : 0;
        }
        QCOMPARE(result->bytes, bytes);
        QCOMPARE(plan->estimate.bytesOut, bytes);
        QVERIFY(plan->estimate.bytesPeakRam > result->bytesPeakRss / 3);
        for (const LayerRecord& layer : result->layers) {
            QVERIFY(layer.quality.fromStatistics);
            QVERIFY(layer.quality.relativeError > 0 && layer.quality.relativeError < 0.2);
        }
        QCOMPARE(result->comparison->models.size(), std::size_t{2});
        QVERIFY(result->comparison->models[1].kl->mean > 0);

        const auto read = readRunResult(recipe.exportTo.out);
        BITLATHE_VERIFY_OK(read);
        QVERIFY(read->recipe == plan->recipe);
        QCOMPARE(read->layers.size(), std::size_t{56});
        QCOMPARE(read->comparison->models[1].perplexity.perplexity,
                 result->comparison->models[1].perplexity.perplexity);
        QVERIFY(fs::exists(read->statistics / "key.json"));

        const auto entries = History().entries();
        BITLATHE_VERIFY_OK(entries);
        QCOMPARE(entries->front().state, RunState::Done);
        QCOMPARE(entries->front().out, recipe.exportTo.out.string());
        QVERIFY(entries->front().perplexity > 1);
        BITLATHE_VERIFY_OK(History().result(entries->front().id));
    }

    void exportedModelIsTheOneInMemory()
    {
        const plan::Recipe recipe = tests::demoRecipe(freshOut());
        const auto plan = plan::makePlan(recipe);
        BITLATHE_VERIFY_OK(plan);
        BITLATHE_VERIFY_OK(runPlan(*plan, {false, false}, {}, {}));
        const format::OpenedModel& base = *plan->model;
        const auto method = quant::findQuantizer("rtn");
        const auto source = quant::makeQuantizedSource(
            base.source, [&](const model::LinearSpec& linear) -> Result<std::shared_ptr<const quant::QuantizedTensor>> {
                BITLATHE_TRY(const std::vector<float> weights, base.source->weights(linear));
                const quant::LayerInput input{linear, weights, nullptr, *plan->schemes[linear.id.index()], 0};
                BITLATHE_TRY(const quant::LayerResult result, (*method)->quantize(input, {}));
                return result.tensor;
            });
        const auto reopened = format::openModel(recipe.exportTo.out);
        BITLATHE_VERIFY_OK(reopened);
        const auto set = text::openTextSet(tests::kDemoTexts / "evaluation.txt");
        BITLATHE_VERIFY_OK(set);
        const auto stream = text::evaluationStream(*set, base.tokenizer.get());
        for (const auto compute : {model::Compute::F32, model::Compute::Bf16}) {
            const auto inMemory = model::Model::create(base.spec, source, {compute, model::Residency::Resident});
            const auto fromFile = format::runnable(**reopened, {compute, model::Residency::Resident});
            BITLATHE_VERIFY_OK(inMemory);
            BITLATHE_VERIFY_OK(fromFile);
            const auto a = evaluate::perplexity(**inMemory, *stream, {512, 2});
            const auto b = evaluate::perplexity(**fromFile, *stream, {512, 2});
            BITLATHE_VERIFY_OK(a);
            BITLATHE_VERIFY_OK(b);
            QCOMPARE(a->nllSum, b->nllSum); // To the last bit.
        }
    }

    void stoppedRunsGoOnWithTheSameBytes_data()
    {
        QTest::addColumn<int>("layers");
        QTest::newRow("in the first block") << 3;
        QTest::newRow("at a border") << 14;
        QTest::newRow("in the middle") << 30;
        QTest::newRow("at the last layer") << 56;
    }
    void stoppedRunsGoOnWithTheSameBytes()
    {
        QFETCH(const int, layers);
        const plan::Recipe recipe = tests::demoRecipe(freshOut());
        const auto stopped = runAndStop(recipe, layers);
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().code, ErrorCode::Cancelled);
        QVERIFY(!fs::exists(recipe.exportTo.out));
        const auto kept = interruptedRecipe(recipe.exportTo.out);
        BITLATHE_VERIFY_OK(kept);
        QVERIFY(*interruptedRecipe(partialOf(recipe.exportTo.out)) == *kept);
        int told = 0;
        RunObserver observer;
        observer.onLayer = [&](const LayerRecord&) { ++told; };
        plan::Recipe changed = *kept; // What does not change the files may differ.
        changed.threads = 1;
        changed.strict = true;
        const auto result = runRecipe(changed, kResume, observer);
        BITLATHE_VERIFY_OK(result);
        QCOMPARE(told, 56);
        QCOMPARE(result->layers.size(), std::size_t{56});
        QVERIFY(tests::filesOf(recipe.exportTo.out) == m_reference);
        QVERIFY(!fs::exists(partialOf(recipe.exportTo.out)));
        QVERIFY(!interruptedRecipe(recipe.exportTo.out));
    }

    void gptqGoesOnWithTheSameBytes_data()
    {
        QTest::addColumn<bool>("actOrder");
        QTest::addColumn<int>("effort");
        QTest::newRow("normal") << false << 1;
        QTest::newRow("act order, fast") << true << 0;
        QTest::newRow("act order, best") << true << 2;
    }
    void gptqGoesOnWithTheSameBytes()
    {
        QFETCH(bool, actOrder);
        QFETCH(int, effort);
        plan::Recipe recipe = tests::demoRecipe(freshOut());
        recipe.method = "gptq";
        recipe.scheme.groupSize = 64;
        recipe.scheme.actOrder = actOrder;
        recipe.options.gptq.effort = static_cast<quant::Effort>(effort);
        recipe.threads = 1;
        const auto whole = runRecipe(recipe);
        BITLATHE_VERIFY_OK(whole);
        const auto expected = tests::filesOf(recipe.exportTo.out);

        plan::Recipe nearest = tests::demoRecipe(freshOut());
        nearest.scheme.groupSize = 64;
        const auto rounded = runRecipe(nearest);
        BITLATHE_VERIFY_OK(rounded);
        double loss = 0;
        double lossRounded = 0;
        for (std::size_t i = 0; i < whole->layers.size(); ++i) {
            loss += whole->layers[i].quality.relativeError;
            lossRounded += rounded->layers[i].quality.relativeError;
        }
        QVERIFY(loss < 0.8 * lossRounded);

        recipe.exportTo.out = freshOut();
        recipe.threads = 2;
        QVERIFY(!runAndStop(recipe, 10));
        BITLATHE_VERIFY_OK(runRecipe(recipe, kResume));
        QVERIFY(tests::filesOf(recipe.exportTo.out) == expected);
        const auto verified = format::verify(recipe.exportTo.out);
        BITLATHE_VERIFY_OK(verified);
    }

    /// Programs that load no columns away from their groups load these.
    void staticGroupsKeepColumnsInFiles()
    {
        plan::Recipe recipe = tests::demoRecipe(freshOut());
        recipe.method = "gptq";
        recipe.scheme.groupSize = 64;
        recipe.scheme.actOrder = true;
        recipe.options.gptq.staticGroups = true;
        for (const std::string format : {"compressed-tensors", "gptq", "awq"}) {
            recipe.exportTo.format = format;
            recipe.exportTo.out = freshOut();
            const auto result = runRecipe(recipe);
            BITLATHE_VERIFY_OK(result);
            QVERIFY(result->layers.front().scheme->actOrder && result->layers.front().scheme->staticGroups);
            BITLATHE_VERIFY_OK(format::verify(recipe.exportTo.out));
            const auto opened = format::openModel(recipe.exportTo.out);
            BITLATHE_VERIFY_OK(opened);
            for (const auto& scheme : (*opened)->schemes) {
                QVERIFY2(!scheme || !scheme->actOrder, format.c_str());
            }
            QVERIFY((*opened)->checkpoint->find("model.layers.0.self_attn.q_proj.weight_g_idx") == nullptr);
        }
        plan::Recipe inOrder = recipe;
        inOrder.scheme.actOrder = false;
        inOrder.exportTo.out = freshOut();
        BITLATHE_VERIFY_OK(runRecipe(inOrder));
        QVERIFY(tests::filesOf(inOrder.exportTo.out) != tests::filesOf(recipe.exportTo.out)); // It made a difference.
    }

    void stopComesSoon()
    {
        for (const int delayMs : {0, 30, 80, 150, 250, 400}) {
            tests::useOwnFolders(m_folder / ("stop" + std::to_string(delayMs)));
            plan::Recipe recipe = tests::demoRecipe(freshOut());
            recipe.calibration.samples = {64, 256, 0};
            recipe.evaluation = {tests::kDemoTexts / "evaluation.txt", 512, 4};
            std::stop_source stop;
            Clock::time_point asked;
            std::jthread later([&] {
                std::this_thread::sleep_for(std::chrono::milliseconds(delayMs));
                asked = Clock::now();
                stop.request_stop();
            });
            const auto result = runRecipe(recipe, {false, false}, {}, {{}, stop.get_token()});
            const auto ended = Clock::now();
            later.join();
            QVERIFY(!result);
            QCOMPARE(result.error().code, ErrorCode::Cancelled);
            QVERIFY2(ended - asked < kSoon, qPrintable(QString::number(delayMs)));
        }
        tests::useOwnFolders(m_folder.path());
    }

    void anEvaluationThatWasStoppedIsMadeUpFor()
    {
        plan::Recipe recipe = tests::demoRecipe(freshOut());
        recipe.evaluation = {tests::kDemoTexts / "evaluation.txt", 256, 4};
        fs::remove_all(evaluate::keptScoresFolder());
        std::stop_source stop;
        const WorkContext work{ProgressSink([&](double, const Text& title) {
                                   if (title == Text("Evaluating") && !keptWindows().empty()) {
                                       stop.request_stop();
                                   }
                               }),
                               stop.get_token()};
        const auto stopped = runRecipe(recipe, {false, false}, {}, work);
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().code, ErrorCode::Cancelled);
        QVERIFY(fs::exists(recipe.exportTo.out)); // The export is whole.
        const auto windows = keptWindows();
        QVERIFY(!windows.empty() && windows.size() < 4);
        const auto kept = interruptedRecipe(recipe.exportTo.out);
        BITLATHE_VERIFY_OK(kept);
        const auto result = runRecipe(*kept, kResume);
        BITLATHE_VERIFY_OK(result);
        QVERIFY(result->comparison);
        QCOMPARE(keptWindows().size(), std::size_t{4});
        for (const auto& [file, time] : windows) {
            QVERIFY(fs::last_write_time(file) == time); // Not computed again.
        }
        QVERIFY(tests::filesOf(recipe.exportTo.out) == m_reference);
        QVERIFY(!runRecipe(*kept, kResume)); // Now there is nothing left to do.
    }

    void cutOffJournalLinesAreDropped()
    {
        const plan::Recipe recipe = tests::demoRecipe(freshOut());
        QVERIFY(!runAndStop(recipe, 20));
        std::ofstream(journalOf(recipe.exportTo.out), std::ios::app) << R"({"block":2,"layers":[{"layer":14,)";
        BITLATHE_VERIFY_OK(runRecipe(recipe, kResume));
        QVERIFY(tests::filesOf(recipe.exportTo.out) == m_reference);
    }

    void damagedJournalsAreRefused()
    {
        const plan::Recipe recipe = tests::demoRecipe(freshOut());
        QVERIFY(!runAndStop(recipe, 20));
        const fs::path journal = journalOf(recipe.exportTo.out);
        const std::string content = *readFile(journal);
        for (const std::string& bad : {std::string("not json\n"), std::string("\n"), std::string(), std::string("[]\n"),
                                       std::string("{\"version\": 9}\n"), content + "{\"block\": \"two\"}\n",
                                       content + "{\"block\": 2, \"layers\": [{\"layer\": 9999}]}\n"}) {
            std::ofstream(journal, std::ios::trunc) << bad;
            const auto result = runRecipe(recipe, kResume);
            QVERIFY2(!result, bad.c_str());
            QVERIFY2(result.error().code == ErrorCode::RunInvalid, result.error().sentence().c_str());
        }
    }

    void resumeWantsTheSameRun()
    {
        const plan::Recipe recipe = tests::demoRecipe(freshOut());
        QCOMPARE(runRecipe(recipe, kResume).error().code, ErrorCode::RunInvalid); // Nothing there yet.
        QVERIFY(!runAndStop(recipe, 20));
        plan::Recipe other = recipe;
        other.scheme.bits = 8;
        const auto result = runRecipe(other, kResume);
        QVERIFY(!result);
        QVERIFY2(result.error().sentence().find("another recipe") != std::string::npos,
                 result.error().sentence().c_str());
        BITLATHE_VERIFY_OK(runRecipe(recipe, kResume)); // The failed try did no harm.
        QVERIFY(tests::filesOf(recipe.exportTo.out) == m_reference);
    }

    void resumeWantsTheSameModel()
    {
        fs::copy(tests::kDemoModel, m_folder / "changing");
        plan::Recipe recipe = tests::demoRecipe(freshOut());
        recipe.model = m_folder / "changing";
        QVERIFY(!runAndStop(recipe, 20));
        fs::remove_all(m_folder / "changing");
        tests::writeModelWithNan(m_folder / "changing", "model.norm.weight", 1);
        const auto result = runRecipe(recipe, kResume);
        QVERIFY(!result);
        QVERIFY2(result.error().sentence().find("has changed") != std::string::npos, result.error().sentence().c_str());
    }

    void anewInPlaceOfAnInterruptedRun()
    {
        const plan::Recipe recipe = tests::demoRecipe(freshOut());
        QVERIFY(!runAndStop(recipe, 20));
        BITLATHE_VERIFY_OK(runRecipe(recipe));
        QVERIFY(tests::filesOf(recipe.exportTo.out) == m_reference);
    }

    void existingFoldersAreKept()
    {
        const plan::Recipe recipe = tests::demoRecipe(freshOut());
        fs::create_directory(recipe.exportTo.out);
        std::ofstream(recipe.exportTo.out / "precious.txt") << "mine";
        verifyRefused(recipe, ErrorCode::OutputExists, recipe.exportTo.out.string());
        QCOMPARE(*readFile(recipe.exportTo.out / "precious.txt"), std::string("mine"));
        // Leave to overwrite is for an earlier result, not for whatever else lies there.
        plan::Recipe over = recipe;
        over.exportTo.overwrite = true;
        verifyRefused(over, ErrorCode::OutputExists, recipe.exportTo.out.string());
        QCOMPARE(*readFile(recipe.exportTo.out / "precious.txt"), std::string("mine"));
    }

    void earlierResultsAreReplacedOnlyOnRequest()
    {
        plan::Recipe earlier = tests::demoRecipe(freshOut());
        earlier.scheme.bits = 8;
        earlier.calibration.data.clear();
        BITLATHE_VERIFY_OK(runRecipe(earlier));
        const auto files = tests::filesOf(earlier.exportTo.out);
        plan::Recipe recipe = tests::demoRecipe(earlier.exportTo.out);
        verifyRefused(recipe, ErrorCode::OutputExists, recipe.exportTo.out.string());
        recipe.exportTo.overwrite = true;
        QVERIFY(!runAndStop(recipe, 20)); // Until the new one is whole, the old one stays.
        QVERIFY(tests::filesOf(earlier.exportTo.out) == files);
        BITLATHE_VERIFY_OK(runRecipe(recipe, kResume));
        QVERIFY(tests::filesOf(recipe.exportTo.out) == m_reference);
    }

    void notFiniteWeightsNameTheLayer()
    {
        const std::string layer = "model.layers.5.self_attn.v_proj.weight";
        tests::writeModelWithNan(m_folder / "nan", layer, 77);
        plan::Recipe recipe = tests::demoRecipe(freshOut());
        recipe.model = m_folder / "nan";
        verifyRefused(recipe, ErrorCode::WeightsNotFinite, "model.layers.5.self_attn.v_proj");
        recipe.calibration.data.clear();
        verifyRefused(recipe, ErrorCode::WeightsNotFinite, "model.layers.5.self_attn.v_proj");
        // A layer that is kept is copied, but not with such weights.
        recipe.overrides = {{"*.v_proj", std::nullopt}};
        verifyRefused(recipe, ErrorCode::WeightsNotFinite, "model.layers.5.self_attn.v_proj");
        tests::writeModelWithNan(m_folder / "nannorm", "model.norm.weight", 7);
        recipe = tests::demoRecipe(freshOut());
        recipe.model = m_folder / "nannorm";
        verifyRefused(recipe, ErrorCode::WeightsNotFinite, "model.norm.weight");
        QVERIFY(!fs::exists(recipe.exportTo.out));
    }

    void emptyAndMissingTexts()
    {
        plan::Recipe recipe = tests::demoRecipe(freshOut());
        std::ofstream(m_folder / "empty.txt") << "";
        recipe.calibration.data = m_folder / "empty.txt";
        verifyRefused(recipe, ErrorCode::TextInvalid, "empty.txt");
        recipe.calibration.data = m_folder / "none.txt";
        const auto missing = runRecipe(recipe);
        QVERIFY(!missing);
        QCOMPARE(missing.error().code, ErrorCode::FileMissing);
    }

    void findingsEndStrictRuns()
    {
        plan::Recipe recipe = tests::demoRecipe(freshOut());
        recipe.overrides = {{"*.nowhere", std::nullopt}};
        std::vector<std::string> codes;
        RunObserver observer;
        observer.onFinding = [&](const Finding& finding) { codes.push_back(finding.code); };
        const auto loose = runRecipe(recipe, {false, false}, observer);
        BITLATHE_VERIFY_OK(loose);
        QCOMPARE(codes, std::vector<std::string>{"override-unused"});
        QCOMPARE(loose->findings.size(), std::size_t{1});
        recipe.exportTo.out = freshOut();
        recipe.strict = true;
        verifyRefused(recipe, ErrorCode::FindingsFatal, "*.nowhere");
        QVERIFY(!fs::exists(recipe.exportTo.out));
    }

    void fewSamplesAreNotedAndNotFatal()
    {
        plan::Recipe recipe = tests::demoRecipe(freshOut());
        std::ofstream(m_folder / "short.jsonl") << "{\"text\": \"one\"}\n{\"text\": \"two\"}\n";
        recipe.calibration.data = m_folder / "short.jsonl";
        recipe.strict = true;
        const auto result = runRecipe(recipe);
        BITLATHE_VERIFY_OK(result);
        QCOMPARE(result->findings.front().code, std::string("few-samples"));
    }

    void readingWhatNoRunWrote()
    {
        QCOMPARE(readRunResult(m_folder / "nowhere").error().code, ErrorCode::RunInvalid);
        QCOMPARE(interruptedRecipe(m_folder / "nowhere").error().code, ErrorCode::RunInvalid);
        fs::create_directory(m_folder / "odd");
        for (const char* bad : {"{", "[]", "{\"recipe\": 4}", "{\"recipe\": \"version: 1\", \"layers\": 3}",
                                "{\"recipe\": \"version: 1\", \"layers\": [7]}",
                                "{\"recipe\": \"version: 1\", \"comparison\": {\"models\": []}}",
                                "{\"recipe\": \"version: 1\", \"comparison\": {\"models\": [{\"loss_by_position\": "
                                "{\"tokens\": [1]}}]}}"}) {
            std::ofstream(m_folder / "odd/bitlathe-run.json", std::ios::trunc) << bad;
            QVERIFY2(!readRunResult(m_folder / "odd"), bad);
        }
    }
};

} // namespace bitlathe::run

QTEST_GUILESS_MAIN(bitlathe::run::TestRunner)
#include "tst_runner.moc"
