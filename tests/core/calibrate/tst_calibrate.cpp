// SPDX-License-Identifier: Apache-2.0
// Calibration: against sums over inputs computed here in double, the trained model's golden ranges, and interruptions.
#include "core/base/file.h"
#include "core/calibrate/calibrate.h"
#include "core/calibrate/experts.h"
#include "core/calibrate/layerinput.h"
#include "core/model/goldenmodel.h"
#include "core/model/randommodel.h"
#include "core/text/textset.h"
#include "kernels/cpulevel.h"
#include "kernels/threads.h"
#include "support/tempfolder.h"

#include <QElapsedTimer>
#include <QTest>

#include <cmath>
#include <fstream>
#include <map>
#include <random>
#include <thread>

using namespace bitlathe;
using namespace bitlathe::calibrate;
using bitlathe::tests::TempFolder;
using Samples = std::vector<std::vector<model::TokenId>>;

namespace
{

/// Hessians are summed in f32, here in double: relative to the geometric mean of the diagonal entries.
constexpr double kHessianTolerance = 1e-5;
/// The golden ranges were not taken in pure f32: transformers in f32 differs from them by up to 1e-3 as well (and from
/// us by less than 1e-5).
constexpr double kGoldenTolerance = 2e-3;

constexpr model::RandomShape kTiny{
    .vocabulary = 64, .hidden = 32, .blocks = 3, .intermediate = 56, .heads = 4, .kvHeads = 2, .maxPositions = 64};

Samples makeSamples()
{
    std::mt19937 random(5);
    Samples samples;
    for (const std::size_t length : {17U, 1U, 40U, 33U}) {
        auto& sample = samples.emplace_back(length);
        std::ranges::generate(sample, [&] { return static_cast<model::TokenId>(random() % 64); });
    }
    return samples;
}

std::map<std::string, std::string> contentOf(const std::filesystem::path& folder)
{
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) {
            files[entry.path().filename().string()] = *readFile(entry.path());
        }
    }
    return files;
}

/// Keeps every input, and keys and values.
class KeepAll final : public model::BlockObserver
{
public:
    struct Rows
    {
        std::vector<float> values;
        std::int64_t cols = 0;
    };
    void onInput(std::span<const LayerId> linears, const model::Activations& input) override
    {
        for (const LayerId linear : linears) {
            auto& rows = inputs[linear.value()];
            rows.cols = input.cols;
            rows.values.insert(rows.values.end(), input.values.begin(), input.values.end());
        }
    }
    void onKeyValue(std::int64_t /*block*/, std::span<const float> k, std::span<const float> v) override
    {
        keys.insert(keys.end(), k.begin(), k.end());
        values.insert(values.end(), v.begin(), v.end());
    }
    std::map<std::int64_t, Rows> inputs;
    std::vector<float> keys;
    std::vector<float> values;
};

void compareInput(const InputStats& stats, const KeepAll::Rows& rows)
{
    const auto cols = static_cast<std::size_t>(rows.cols);
    const std::size_t count = rows.values.size() / cols;
    QCOMPARE(stats.tokens, static_cast<std::int64_t>(count));
    QCOMPARE(stats.features, rows.cols);
    const auto at = [&](std::size_t row, std::size_t col) {
        return static_cast<double>(rows.values[row * cols + col]);
    };
    std::vector<double> hessian(cols * cols);
    for (std::size_t i = 0; i < cols; ++i) {
        double low = INFINITY;
        double high = -INFINITY;
        double sum = 0;
        double absSum = 0;
        for (std::size_t row = 0; row < count; ++row) {
            low = std::min(low, at(row, i));
            high = std::max(high, at(row, i));
            sum += at(row, i);
            absSum += std::abs(at(row, i));
            for (std::size_t j = 0; j < cols; ++j) {
                hessian[i * cols + j] += at(row, i) * at(row, j);
            }
        }
        const auto tokens = static_cast<double>(count);
        QCOMPARE(static_cast<double>(stats.min[i]), low);
        QCOMPARE(static_cast<double>(stats.max[i]), high);
        QCOMPARE(static_cast<double>(stats.absMax[i]), std::max(std::abs(low), std::abs(high)));
        QVERIFY(std::abs(static_cast<double>(stats.mean[i]) - sum / tokens) <= 1e-6 * absSum / tokens);
        QVERIFY(std::abs(static_cast<double>(stats.absMean[i]) - absSum / tokens) <= 1e-6 * absSum / tokens);
    }
    for (std::size_t i = 0; i < cols; ++i) {
        for (std::size_t j = 0; j < cols; ++j) {
            const double scale = std::sqrt(hessian[i * cols + i] * hessian[j * cols + j]);
            QVERIFY(std::abs(static_cast<double>(stats.hessian[i * cols + j]) - hessian[i * cols + j]) <=
                    kHessianTolerance * scale);
            QCOMPARE(stats.hessian[i * cols + j], stats.hessian[j * cols + i]);
        }
    }
}

void compareRanges(const std::vector<float>& rows, const std::vector<float>& min, const std::vector<float>& max,
                   const std::vector<float>& absMax)
{
    QCOMPARE(min.size(), static_cast<std::size_t>(kTiny.kvHeads * kTiny.hidden / kTiny.heads));
    for (std::size_t col = 0; col < min.size(); ++col) {
        float low = INFINITY;
        float high = -INFINITY;
        for (std::size_t place = col; place < rows.size(); place += min.size()) {
            low = std::min(low, rows[place]);
            high = std::max(high, rows[place]);
        }
        QCOMPARE(min[col], low);
        QCOMPARE(max[col], high);
        QCOMPARE(absMax[col], std::max(-low, high));
    }
}

} // namespace

class TestCalibrate : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void cleanup() { kernels::setThreadCount(0); }
    void againstDirectSums();
    void oneSampleOfALayer();
    void sameForThreadsAndMemory();
    void cached();
    void resumes();
    void damagedFileIsComputedAgain();
    void withoutHessian();
    void notFinite();
    void badInput();
    void noPlace();
    void goldenRanges();
    void stopsSoon();

private:
    std::shared_ptr<const model::Model> openTiny() const { return tests::openGolden(m_folder / "tiny"); }

    TempFolder m_folder;

    void expertsSeeTheTokensRoutedToThem()
    {
        const auto folder = tests::sharedModel("arch/qwen3-moe");
        if (!std::filesystem::exists(folder)) {
            QSKIP("the shared golden folder is not there");
        }
        const auto model = tests::openGolden(folder);
        const model::ModelSpec& spec = model->spec();
        const auto ids = tests::goldenRun(folder).ids;
        const TempFolder temp;
        CalibrationOptions options;
        options.cacheRoot = temp.path();
        const auto perToken = spec.expertsPerToken;
        for (const std::size_t copies : {1U, 8U}) {
            const Samples samples(copies, ids);
            const auto store = tests::valueOf(calibrate::calibrate(*model, "moe", samples, options));
            const auto stats = tests::valueOf(store->block(1));
            const auto experts = tokensOfExperts(spec, *stats);
            QCOMPARE(experts.size(), static_cast<std::size_t>(spec.experts));
            std::int64_t tokens = 0;
            bool isStarved = false;
            for (const ExpertTokens& seen : experts) {
                QCOMPARE(seen.width, std::int64_t{64});
                tokens += seen.tokens;
                isStarved = isStarved || seen.tokens < 64;
            }
            QCOMPARE(tokens, static_cast<std::int64_t>(copies * ids.size()) * perToken);
            QCOMPARE(expertFindings(spec, *stats).empty(), !isStarved);
            QCOMPARE(isStarved, copies == 1);
        }
        // One token reaches as many experts as it is sent to; the others are there with nothing.
        const auto store = tests::valueOf(calibrate::calibrate(*model, "moe", Samples{{5}}, options));
        const auto stats = tests::valueOf(store->block(0));
        QCOMPARE(stats->inputs.size(), static_cast<std::size_t>(2 + 2 * spec.experts));
        KeepAll keep;
        auto hidden = tests::valueOf(model->embed(Samples{{5}}.front()));
        tests::valueOf(model->block(0))->forward(hidden, nullptr, &keep);
        std::int64_t unreached = 0;
        for (const InputStats& input : stats->inputs) {
            const LayerId first = input.linears.front();
            QCOMPARE(stats->forLinear(spec.blocks[0].linears[first.index()]), &input);
            if (input.tokens > 0) {
                compareInput(input, keep.inputs.at(first.value()));
            } else {
                ++unreached;
                QVERIFY(!keep.inputs.contains(first.value()));
                QVERIFY(input.hessian.empty());
                QCOMPARE(input.absMax, std::vector<float>(static_cast<std::size_t>(input.features)));
            }
        }
        QCOMPARE(unreached, 2 * (spec.experts - perToken));
        const auto findings = expertFindings(spec, *stats);
        QCOMPARE(findings.size(), std::size_t{1});
        QCOMPARE(findings.front().severity, Severity::Warning);
        QCOMPARE(findings.front().subject, std::string("block 0"));
    }
};

void TestCalibrate::initTestCase()
{
    BITLATHE_VERIFY_OK(model::writeRandomModel(kTiny, 1, m_folder / "tiny"));
}

void TestCalibrate::againstDirectSums()
{
    const TempFolder cache;
    const auto model = openTiny();
    const Samples samples = makeSamples();
    const auto store = calibrate::calibrate(*model, "tiny", samples, {.cacheRoot = cache.path()});
    BITLATHE_VERIFY_OK(store);
    QVERIFY((*store)->complete());
    std::vector<model::Activations> hidden;
    for (const auto& sample : samples) {
        hidden.push_back(*model->embed(sample));
    }
    for (std::int64_t index = 0; index < kTiny.blocks; ++index) {
        KeepAll kept;
        for (auto& states : hidden) {
            (*model->block(index))->forward(states, nullptr, &kept);
        }
        const auto stats = (*store)->block(index);
        BITLATHE_VERIFY_OK(stats);
        QCOMPARE((*stats)->block, index);
        QCOMPARE((*stats)->inputs.size(), std::size_t{4}); // attention, its output, MLP, its output
        QCOMPARE(kept.inputs.size(), std::size_t{7});
        for (const auto& [linear, rows] : kept.inputs) {
            const InputStats* input = (*stats)->forLinear(LayerId(linear));
            QVERIFY(input != nullptr);
            compareInput(*input, rows);
        }
        const KeyValueStats& kv = (*stats)->keyValue;
        compareRanges(kept.keys, kv.keyMin, kv.keyMax, kv.keyAbsMax);
        compareRanges(kept.values, kv.valueMin, kv.valueMax, kv.valueAbsMax);
    }
}

void TestCalibrate::oneSampleOfALayer()
{
    const auto model = openTiny();
    const auto sample = makeSamples().front();
    model::Activations hidden = *model->embed(sample);
    for (std::int64_t index = 0; index < kTiny.blocks; ++index) {
        KeepAll kept;
        (*model->block(index))->forward(hidden, nullptr, &kept);
        for (const auto& [linear, rows] : kept.inputs) {
            const auto input = layerInput(*model, LayerId(linear), sample, {});
            BITLATHE_VERIFY_OK(input);
            QCOMPARE(input->rows, std::ssize(sample));
            QCOMPARE(input->cols, rows.cols);
            QVERIFY(input->values == rows.values);
        }
    }
    std::stop_source stop;
    stop.request_stop();
    QCOMPARE(layerInput(*model, LayerId(0), sample, {{}, stop.get_token()}).error().code, ErrorCode::Cancelled);
}

void TestCalibrate::sameForThreadsAndMemory()
{
    const auto model = openTiny();
    std::vector<std::map<std::string, std::string>> results;
    for (const auto& [threads, bytes] :
         std::vector<std::pair<int, std::uint64_t>>{{1, 1 << 20}, {2, 1 << 20}, {2, 0}}) {
        const TempFolder cache;
        kernels::setThreadCount(threads);
        BITLATHE_VERIFY_OK(calibrate::calibrate(*model, "tiny", makeSamples(),
                                                {.cacheRoot = cache.path(), .bytesActivationsMax = bytes}));
        results.push_back(contentOf(cache.path()));
    }
    QCOMPARE(results[0].size(), std::size_t{4}); // three blocks and key.json
    QVERIFY(results[0] == results[1]);
    QVERIFY(results[0] == results[2]);
}

void TestCalibrate::cached()
{
    const TempFolder cache;
    const auto model = openTiny();
    const CalibrationOptions options{.cacheRoot = cache.path()};
    const auto first = *calibrate::calibrate(*model, "tiny", makeSamples(), options);
    const auto file = first->folder() / "block-00002.safetensors";
    const auto written = std::filesystem::last_write_time(file);
    std::vector<std::int64_t> seen;
    const auto second = calibrate::calibrate(*model, "tiny", makeSamples(), options, {},
                                             [&](std::int64_t block) { seen.push_back(block); });
    BITLATHE_VERIFY_OK(second);
    QCOMPARE((*second)->folder(), first->folder());
    QCOMPARE(std::filesystem::last_write_time(file), written);
    QCOMPARE(seen, (std::vector<std::int64_t>{0, 1, 2}));
    Samples other = makeSamples();
    other[0][0] ^= 1;
    QVERIFY((*calibrate::calibrate(*model, "tiny", other, options))->folder() != first->folder());
    QVERIFY((*calibrate::calibrate(*model, "other", makeSamples(), options))->folder() != first->folder());
}

void TestCalibrate::resumes()
{
    const TempFolder whole;
    const TempFolder parts;
    const auto model = openTiny();
    BITLATHE_VERIFY_OK(calibrate::calibrate(*model, "tiny", makeSamples(), {.cacheRoot = whole.path()}));
    std::stop_source stop;
    const auto interrupted = calibrate::calibrate(*model, "tiny", makeSamples(), {.cacheRoot = parts.path()},
                                                  {{}, stop.get_token()}, [&](std::int64_t) { stop.request_stop(); });
    QVERIFY(!interrupted);
    QCOMPARE(interrupted.error().code, ErrorCode::Cancelled);
    auto files = contentOf(parts.path());
    QVERIFY(files.contains("block-00000.safetensors") && !files.contains("block-00001.safetensors"));
    BITLATHE_VERIFY_OK(calibrate::calibrate(*model, "tiny", makeSamples(), {.cacheRoot = parts.path()}));
    QVERIFY(contentOf(parts.path()) == contentOf(whole.path()));
}

void TestCalibrate::damagedFileIsComputedAgain()
{
    const TempFolder cache;
    const auto model = openTiny();
    const CalibrationOptions options{.cacheRoot = cache.path()};
    const auto store = *calibrate::calibrate(*model, "tiny", makeSamples(), options);
    const auto good = contentOf(cache.path());
    std::filesystem::resize_file(store->folder() / "block-00001.safetensors", 1000);
    QVERIFY(!store->block(1));
    BITLATHE_VERIFY_OK(calibrate::calibrate(*model, "tiny", makeSamples(), options));
    QVERIFY(contentOf(cache.path()) == good);
}

void TestCalibrate::withoutHessian()
{
    const TempFolder cache;
    const auto store =
        *calibrate::calibrate(*openTiny(), "tiny", makeSamples(), {.hessian = false, .cacheRoot = cache.path()});
    const auto stats = store->block(0);
    BITLATHE_VERIFY_OK(stats);
    QVERIFY((*stats)->inputs[0].hessian.empty());
    QCOMPARE((*stats)->inputs[0].absMax.size(), std::size_t{32});
}

void TestCalibrate::notFinite()
{
    const TempFolder folder;
    std::filesystem::copy(m_folder / "tiny", folder / "broken", std::filesystem::copy_options::recursive);
    const auto checkpoint = *checkpoint::Checkpoint::open(folder / "broken");
    const auto* entry = checkpoint->find("model.layers.1.mlp.up_proj.weight");
    QVERIFY(entry != nullptr);
    std::fstream file(checkpoint->files()[entry->file], std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(entry->offset));
    file.write("\xC0\x7F", 2); // NaN
    file.close();
    const auto result = calibrate::calibrate(*tests::openGolden(folder / "broken"), "broken", makeSamples(),
                                             {.cacheRoot = folder / "cache"});
    QVERIFY(!result);
    QCOMPARE(result.error().code, ErrorCode::WeightsNotFinite);
    QCOMPARE(result.error().subject, std::string("block 1"));
}

void TestCalibrate::badInput()
{
    const TempFolder cache;
    const auto model = openTiny();
    for (const Samples& samples : {Samples{}, Samples{{1, 2}, {}}, Samples{{1, 64}}, Samples{{-1}}}) {
        const auto result = calibrate::calibrate(*model, "tiny", samples, {.cacheRoot = cache.path()});
        QVERIFY(!result);
        QCOMPARE(result.error().code, ErrorCode::TextInvalid);
    }
}

void TestCalibrate::noPlace()
{
    const TempFolder folder;
    BITLATHE_VERIFY_OK(writeFileAtomically(folder / "file", "x"));
    const auto result = calibrate::calibrate(*openTiny(), "tiny", makeSamples(), {.cacheRoot = folder / "file"});
    QVERIFY(!result);
    QCOMPARE(result.error().code, ErrorCode::WriteFailed);
}

/// The largest |input| of every linear of the trained model over the first 2048 tokens of the held-out text.
void TestCalibrate::goldenRanges()
{
    BITLATHE_NEED_SHARED();
    const auto folder = tests::sharedModel("demo-llama");
    auto texts = tests::valueOf(text::openTextSet((tests::sharedFolder() / "data/heldout-docs.jsonl").string()));
    texts.rows.resize(std::min<std::size_t>(texts.rows.size(), 20));
    const auto tokenizer = tests::valueOf(text::openTokenizer(folder));
    auto stream = tests::valueOf(text::evaluationStream(texts, tokenizer.get()));
    QVERIFY(stream.size() >= 2048);
    stream.resize(2048);
    const TempFolder cache;
    const auto model = tests::openGolden(folder);
    const auto store = calibrate::calibrate(*model, "demo", {stream}, {.hessian = false, .cacheRoot = cache.path()});
    BITLATHE_VERIFY_OK(store);
    const Json reference = tests::valueOf(readJson(folder / "reference.json"));
    const Json& golden = reference.at("input_absmax_per_linear_first_2048_tokens_of_heldout");
    double worst = 0;
    for (const auto& linear : model->spec().linears) {
        const auto stats = *(*store)->blockSummary(linear.block);
        const double found = static_cast<double>(std::ranges::max(stats->forLinear(linear.id)->absMax));
        const double expected = golden.at(linear.name).get<double>();
        worst = std::max(worst, std::abs(found - expected) / expected);
        QVERIFY2(std::abs(found - expected) <= kGoldenTolerance * expected, linear.name.c_str());
    }
    QCOMPARE(model->spec().linears.size(), std::size_t{56});
    qInfo("largest difference %.2g", worst);
}

void TestCalibrate::stopsSoon()
{
    BITLATHE_NEED_SHARED();
    if (kernels::cpuLevel() == kernels::CpuLevel::Reference) {
        QSKIP("a stop is seen between samples, and the reference level is not made for speed");
    }
    const auto model = tests::openGolden(tests::sharedModel("demo-llama"));
    const Samples samples(128, std::vector<model::TokenId>(512, 7));
    const TempFolder cache;
    std::stop_source stop;
    QElapsedTimer sinceStop;
    const std::jthread stopper([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
        sinceStop.start();
        stop.request_stop();
    });
    const auto result =
        calibrate::calibrate(*model, "demo", samples, {.cacheRoot = cache.path()}, {{}, stop.get_token()});
    QVERIFY(!result);
    QCOMPARE(result.error().code, ErrorCode::Cancelled);
    qInfo("stopped after %lld ms", sinceStop.elapsed());
    QVERIFY(sinceStop.elapsed() < 1000);
}

QTEST_GUILESS_MAIN(TestCalibrate)
#include "tst_calibrate.moc"
