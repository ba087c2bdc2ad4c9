// SPDX-License-Identifier: Apache-2.0
// Comparisons that go on where one ended, that take what is kept, and that read models block by block.
#include "core/base/machine.h"
#include "core/checkpoint/safetensors.h"
#include "core/evaluate/comparison.h"
#include "core/evaluate/keptscores.h"
#include "support/tempfolder.h"

#include <QTest>

#include <malloc.h>

#include <cmath>
#include <fstream>

namespace bitlathe::evaluate
{

namespace
{

namespace fs = std::filesystem;

const fs::path kDemo = fs::path(BITLATHE_SOURCE_DIR) / "resources/demo/model";
const fs::path kText = fs::path(BITLATHE_SOURCE_DIR) / "resources/demo/text/evaluation.txt";
constexpr double kKeptTolerance = 1e-4; ///< Of what is computed from the base's packed states.

/// Overwrites part of a tensor of a model, and leaves its file the time that it had.
void overwrite(const fs::path& folder, const std::string& tensor, const std::string& bytes)
{
    const auto opened = checkpoint::Checkpoint::open(folder);
    const checkpoint::TensorEntry entry = *(*opened)->find(tensor);
    const fs::path path = (*opened)->files()[entry.file];
    const auto time = fs::last_write_time(path);
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(entry.offset));
    file.write(bytes.data(), static_cast<std::streamsize>(std::min<std::uint64_t>(bytes.size(), entry.bytes)));
    file.close();
    fs::last_write_time(path, time);
}

/// The demo model with one tensor partly 0.
fs::path writeOther(const fs::path& folder, const std::string& tensor)
{
    fs::copy(kDemo, folder);
    overwrite(folder, tensor, std::string(40'000, '\0'));
    return folder;
}

/// The demo model with its blocks repeated, which is some 14 MB for each repeat.
fs::path writeDeep(const fs::path& folder, int repeats)
{
    fs::copy(kDemo, folder);
    fs::remove(folder / "model.safetensors");
    const auto opened = checkpoint::Checkpoint::open(kDemo);
    std::vector<checkpoint::TensorEntry> entries;
    std::string data;
    const auto add = [&](const checkpoint::TensorEntry& entry, const std::string& name) {
        entries.push_back(entry);
        entries.back().name = name;
        const auto bytes = (*opened)->view(entry).bytes;
        data.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    };
    for (const checkpoint::TensorEntry& entry : (*opened)->entries()) {
        const std::string prefix = "model.layers.";
        if (!entry.name.starts_with(prefix)) {
            add(entry, entry.name);
            continue;
        }
        const auto dot = entry.name.find('.', prefix.size());
        const int layer = std::stoi(entry.name.substr(prefix.size(), dot - prefix.size()));
        for (int i = 0; i < repeats; ++i) {
            add(entry, prefix + std::to_string(layer + 8 * i) + entry.name.substr(dot));
        }
    }
    std::ofstream(folder / "model.safetensors", std::ios::binary) << checkpoint::safetensorsHeader(entries) << data;
    Json config = *readJson(folder / "config.json");
    config["num_hidden_layers"] = 8 * repeats;
    std::ofstream(folder / "config.json") << config.dump(2);
    return folder;
}

CompareOptions optionsIn(const fs::path& cache)
{
    CompareOptions options{kText, {96, 6}, model::Compute::F32};
    options.cacheRoot = cache;
    return options;
}

/// What does not depend on the clock or the memory is equal to the last bit.
bool isSame(const Comparison& a, const Comparison& b)
{
    if (a.models.size() != b.models.size() || a.protocol != b.protocol) {
        return false;
    }
    for (std::size_t i = 0; i < a.models.size(); ++i) {
        const ComparedModel& x = a.models[i];
        const ComparedModel& y = b.models[i];
        if (x.perplexity.perplexity != y.perplexity.perplexity || x.perplexity.nllSum != y.perplexity.nllSum ||
            x.perplexity.windowMeans != y.perplexity.windowMeans || x.delta != y.delta ||
            x.deltaError != y.deltaError || x.tokens != y.tokens || x.kl.has_value() != y.kl.has_value()) {
            return false;
        }
        if (x.kl && (x.kl->mean != y.kl->mean || x.kl->p99 != y.kl->p99 || x.kl->max != y.kl->max ||
                     x.kl->sameTop != y.kl->sameTop || x.kl->standardError != y.kl->standardError)) {
            return false;
        }
    }
    return true;
}

std::vector<fs::path> filesBelow(const fs::path& folder, const std::string& ending)
{
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file() && entry.path().extension() == ending) {
            files.push_back(entry.path());
        }
    }
    std::ranges::sort(files);
    return files;
}

} // namespace

class TestKeptComparison : public QObject
{
    Q_OBJECT

    tests::TempFolder m_folder;
    fs::path m_other, m_third;
    Comparison m_undisturbed; ///< Of the demo model and two others, nothing kept.

private slots:
    void initTestCase()
    {
        qputenv("XDG_CACHE_HOME", QByteArray::fromStdString((m_folder / "cache").string()));
        m_other = writeOther(m_folder / "other", "model.layers.6.mlp.up_proj.weight");
        m_third = writeOther(m_folder / "third", "model.layers.2.self_attn.q_proj.weight");
        auto compared = compare({kDemo, m_other, m_third}, optionsIn({}));
        BITLATHE_VERIFY_OK(compared);
        m_undisturbed = *std::move(compared);
    }

    void keepingChangesNothing()
    {
        const fs::path root = m_folder / "kept";
        const auto first = compare({kDemo, m_other, m_third}, optionsIn(root));
        BITLATHE_VERIFY_OK(first);
        QVERIFY(isSame(*first, m_undisturbed));
        const auto again = compare({kDemo, m_other, m_third}, optionsIn(root));
        BITLATHE_VERIFY_OK(again);
        QVERIFY(isSame(*again, m_undisturbed));
        for (std::size_t i = 0; i < 3; ++i) {
            // What was measured then, not the time of reading it.
            QCOMPARE(again->models[i].perplexity.seconds, first->models[i].perplexity.seconds);
            QCOMPARE(again->models[i].tokensPerSecond, first->models[i].tokensPerSecond);
            QCOMPARE(again->models[i].memory.bytesPeakRss, first->models[i].memory.bytesPeakRss);
            QCOMPARE(again->models[i].memory.bytesWeights, first->models[i].memory.bytesWeights);
        }
        // The base's: 3 bytes a hidden value where f32 logits take 32 KiB a token.
        const auto states = filesBelow(root, ".states");
        QCOMPARE(states.size(), std::size_t{6});
        QVERIFY(fs::file_size(states.front()) * 8 < 95 * 8192 * sizeof(float));
        // Fewer windows are among those that are there; more begin with them.
        CompareOptions more = optionsIn(root);
        more.windows.maxWindows = 8;
        const auto longer = compare({kDemo, m_other, m_third}, more);
        BITLATHE_VERIFY_OK(longer);
        const auto& means = longer->models[2].perplexity.windowMeans;
        QCOMPARE(means.size(), std::size_t{8});
        QCOMPARE(std::vector<double>(means.begin(), means.begin() + 6), m_undisturbed.models[2].perplexity.windowMeans);
    }

    void stoppedGoesOnToTheSameNumbers()
    {
        for (const int last : {4, 6, 8}) {
            const fs::path root = m_folder / ("stopped" + std::to_string(last));
            std::stop_source stop;
            int calls = 0;
            const auto stopped =
                compare({kDemo, m_other, m_third}, optionsIn(root), {{}, stop.get_token()},
                        [&](const Comparison&) { ++calls == last ? void(stop.request_stop()) : void(); });
            QVERIFY(!stopped);
            QCOMPARE(stopped.error().code, ErrorCode::Cancelled);
            QCOMPARE(filesBelow(root, ".states").size(), static_cast<std::size_t>(last - 3));
            const auto resumed = compare({kDemo, m_other, m_third}, optionsIn(root));
            BITLATHE_VERIFY_OK(resumed);
            QVERIFY(isSame(*resumed, m_undisturbed));
        }
    }

    /// Killed between the files of a window.
    void halfKeptWindowsGoOnToTheSameNumbers()
    {
        const fs::path root = m_folder / "half";
        BITLATHE_VERIFY_OK(compare({kDemo, m_other, m_third}, optionsIn(root)));
        const auto scores = filesBelow(root, ".scores");
        QCOMPARE(scores.size(), std::size_t{18});
        std::size_t dropped = 0;
        for (const fs::path& file : scores) {
            const bool isBase = file.parent_path().parent_path() == root;
            const bool isLater = fs::exists(file.parent_path() / "memory.json") && dropped % 2 == 0;
            if (isBase || isLater) {
                fs::remove(file);
            }
            ++dropped;
        }
        const auto resumed = compare({kDemo, m_other, m_third}, optionsIn(root));
        BITLATHE_VERIFY_OK(resumed);
        QVERIFY(isSame(*resumed, m_undisturbed));
    }

    /// With a base that was there before, a new model takes its packed states: its blocks do not run.
    void oneMoreModelRunsAlone()
    {
        const fs::path root = m_folder / "more";
        const fs::path base = m_folder / "base";
        fs::copy(kDemo, base);
        BITLATHE_VERIFY_OK(compare({base, m_other}, optionsIn(root)));
        for (int block = 0; block < 8; ++block) {
            overwrite(base, fmt::format("model.layers.{}.mlp.down_proj.weight", block), std::string(400'000, '\x3f'));
        }
        const auto more = compare({base, m_other, m_third}, optionsIn(root));
        BITLATHE_VERIFY_OK(more);
        QCOMPARE(more->models[0].perplexity.nllSum, m_undisturbed.models[0].perplexity.nllSum);
        QVERIFY(more->models[1].tokens == m_undisturbed.models[1].tokens);
        const ComparedModel& third = more->models[2];
        const ComparedModel& exact = m_undisturbed.models[2];
        QCOMPARE(third.perplexity.nllSum, exact.perplexity.nllSum);
        QCOMPARE(third.delta, exact.delta);
        const auto near = [](double a, double b) { return std::abs(a - b) < kKeptTolerance; };
        QVERIFY(near(third.kl->mean, exact.kl->mean) && near(third.kl->median, exact.kl->median));
        QVERIFY(near(third.kl->p99, exact.kl->p99) && near(third.kl->p999, exact.kl->p999));
        QVERIFY(near(third.kl->max, exact.kl->max));
        // And then it is there as well.
        const auto again = compare({base, m_third}, optionsIn(root));
        BITLATHE_VERIFY_OK(again);
        QCOMPARE(again->models[1].kl->mean, third.kl->mean);
    }

    void damagedFilesCountAsNotKept()
    {
        for (const char* ending : {".scores", ".states", ".json"}) {
            const fs::path root = m_folder / (std::string("damaged") + ending);
            BITLATHE_VERIFY_OK(compare({kDemo, m_other, m_third}, optionsIn(root)));
            int count = 0;
            for (const fs::path& file : filesBelow(root, ending)) {
                const auto size = fs::file_size(file);
                if (count++ % 2 == 0) {
                    fs::resize_file(file, size / 2);
                } else {
                    std::fstream(file, std::ios::in | std::ios::out | std::ios::binary)
                        .seekp(9)
                        .write("\xff\xff\xff", 3);
                }
            }
            QVERIFY(count > 0);
            const auto compared = compare({kDemo, m_other, m_third}, optionsIn(root));
            BITLATHE_VERIFY_OK(compared);
            QVERIFY2(isSame(*compared, m_undisturbed), ending);
        }
    }

    void damagedStatesAreMadeAgain()
    {
        const fs::path root = m_folder / "states";
        BITLATHE_VERIFY_OK(compare({kDemo, m_other}, optionsIn(root)));
        for (const fs::path& file : filesBelow(root, ".states")) {
            fs::resize_file(file, 100);
        }
        const auto compared = compare({kDemo, m_other, m_third}, optionsIn(root));
        BITLATHE_VERIFY_OK(compared);
        QVERIFY(isSame(*compared, m_undisturbed)); // From the model itself, hence exactly.
        QVERIFY(fs::file_size(filesBelow(root, ".states").front()) > 10'000);
    }

    void aCacheThatCannotBeWrittenIsSaid()
    {
        std::ofstream(m_folder / "file") << "no folder";
        const auto compared = compare({kDemo, m_other, m_third}, optionsIn(m_folder / "file"));
        BITLATHE_VERIFY_OK(compared);
        QVERIFY(isSame(*compared, m_undisturbed));
        QCOMPARE(compared->findings.size(), std::size_t{1});
        QCOMPARE(compared->findings[0].code, std::string("scores-not-kept"));
    }

    /// Settings beside the tensors, other arithmetic and other caches of keys and values give other scores.
    void otherSettingsAreOtherScores()
    {
        const fs::path root = m_folder / "settings";
        const auto count = [&] { return std::distance(fs::directory_iterator(root), fs::directory_iterator()); };
        CompareOptions options = optionsIn(root);
        options.windows.maxWindows = 1;
        BITLATHE_VERIFY_OK(compare({m_other, m_third}, options));
        QCOMPARE(count(), 1);
        options.compute = model::Compute::Bf16;
        BITLATHE_VERIFY_OK(compare({m_other, m_third}, options));
        QCOMPARE(count(), 2);
        std::ofstream(m_other / "settings.json") << "{}";
        BITLATHE_VERIFY_OK(compare({m_other, m_third}, options));
        fs::remove(m_other / "settings.json");
        QCOMPARE(count(), 3);
        options.kv = *quant::findKvSchemes("int4-token");
        const auto withKv = compare({m_other, m_third}, options);
        BITLATHE_VERIFY_OK(withKv);
        const auto again = compare({m_other, m_third}, options);
        BITLATHE_VERIFY_OK(again);
        QCOMPARE(again->models.size(), std::size_t{4});
        QVERIFY(isSame(*again, *withKv));
        options.cacheRoot.clear();
        const auto exact = compare({m_other, m_third}, options);
        BITLATHE_VERIFY_OK(exact);
        for (std::size_t i = 0; i < 4; ++i) {
            QCOMPARE(again->models[i].perplexity.nllSum, exact->models[i].perplexity.nllSum);
            QVERIFY(i == 0 || std::abs(again->models[i].kl->max - exact->models[i].kl->max) < kKeptTolerance);
        }
        QVERIFY(again->models[3].kl->mean != again->models[2].kl->mean);
    }

    void modelsLargerThanTheMemoryAreReadBlockByBlock()
    {
        const fs::path deep = writeDeep(m_folder / "deep", 8);
        const fs::path other = writeDeep(m_folder / "deep-other", 8);
        overwrite(other, "model.layers.60.mlp.up_proj.weight", std::string(40'000, '\0'));
        CompareOptions options = optionsIn({});
        options.kv = *quant::findKvSchemes("int8-token");
        std::uint64_t grown = 0; // Of the resident set, at its peak.
        const auto compared = [&] {
            malloc_trim(0);
            const std::uint64_t before = residentBytes();
            resetPeakResidentBytes();
            auto result = compare({deep, other}, options);
            grown = peakResidentBytes() - before;
            return result;
        };
        const auto resident = compared();
        BITLATHE_VERIFY_OK(resident);
        QVERIFY2(grown > 190 << 20, std::to_string(grown).c_str());
        options.bytesMemory = 16 << 20;
        const auto streamed = compared();
        BITLATHE_VERIFY_OK(streamed);
        // Two heads, logits, and what the tensors of these small blocks leave of pages at their edges.
        QVERIFY2(grown < 100 << 20, std::to_string(grown).c_str());
        QVERIFY(isSame(*streamed, *resident));
        QVERIFY(streamed->models[0].memory.bytesWeights > 90'000'000);
        const auto code = [](const Finding& finding) { return finding.code == "models-streamed"; };
        QVERIFY(std::ranges::none_of(resident->findings, code));
        QVERIFY(std::ranges::any_of(streamed->findings, code));
        // Stopped between two batches and taken up again.
        options.cacheRoot = m_folder / "streamed";
        std::stop_source stop;
        int calls = 0;
        const auto stopped = compare({deep, other}, options, {{}, stop.get_token()},
                                     [&](const Comparison&) { ++calls == 6 ? void(stop.request_stop()) : void(); });
        QVERIFY(!stopped);
        const auto resumed = compare({deep, other}, options);
        BITLATHE_VERIFY_OK(resumed);
        QVERIFY(isSame(*resumed, *resident));
    }

    void perplexityReadsAStreamedModelsBlocksOnceForAllWindows()
    {
        const fs::path deep = writeDeep(m_folder / "deep-alone", 8);
        const auto opened = format::openModel(deep);
        BITLATHE_VERIFY_OK(opened);
        const auto stream = text::evaluationStream(*text::openTextSet(optionsIn({}).data), (*opened)->tokenizer.get());
        BITLATHE_VERIFY_OK(stream);
        PerplexityOptions options;
        options.length = 64;
        options.maxWindows = 5;
        const auto measured = [&](model::Residency residency) {
            malloc_trim(0);
            const std::uint64_t before = residentBytes();
            resetPeakResidentBytes();
            auto result = perplexity(**format::runnable(**opened, {model::Compute::F32, residency}), *stream, options);
            result->bytesPeakRss -= before;
            return result;
        };
        const auto resident = measured(model::Residency::Resident);
        BITLATHE_VERIFY_OK(resident);
        // One window at a time, two, and all of them.
        for (const std::uint64_t bytes : {0, 2 * 64 * 256 * 4, 1 << 20}) {
            options.bytesStates = bytes;
            const auto streamed = measured(model::Residency::Streamed);
            BITLATHE_VERIFY_OK(streamed);
            QCOMPARE(streamed->nllSum, resident->nllSum);
            QCOMPARE(streamed->windowMeans, resident->windowMeans);
#if !defined(__SANITIZE_ADDRESS__) // Which keeps freed memory back.
            QVERIFY(streamed->bytesPeakRss < resident->bytesPeakRss / 2);
#endif
        }
        // A stop is seen between two windows of a block.
        std::stop_source stop;
        stop.request_stop();
        const auto model = format::runnable(**opened, {model::Compute::F32, model::Residency::Streamed});
        const auto stopped = perplexity(**model, *stream, options, {{}, stop.get_token()});
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().code, ErrorCode::Cancelled);
    }

    void oneDamagedModelIsLeftOut()
    {
        const fs::path broken = m_folder / "broken";
        fs::copy(kDemo, broken);
        overwrite(broken, "model.norm.weight", "\xc0\x7f"); // A bf16 NaN.
        for (int run = 0; run < 2; ++run) {
            const auto compared = compare({kDemo, m_other, broken, m_third}, optionsIn(m_folder / "left-out"));
            BITLATHE_VERIFY_OK(compared);
            QVERIFY(isSame(*compared, m_undisturbed));
            QCOMPARE(compared->findings.size(), std::size_t{1});
            QCOMPARE(compared->findings[0].code, std::string("model-left-out"));
            QCOMPARE(compared->findings[0].subject, broken.string());
        }
        const auto base = compare({broken, kDemo, m_other}, optionsIn({}));
        QVERIFY(!base);
        QCOMPARE(base.error().code, ErrorCode::WeightsNotFinite);
        QCOMPARE(base.error().subject, broken.string());
    }

    void filesAreReadWholeOrNotAtAll()
    {
        const WindowScores scores{{1, 2.5, 3}, {0, 0.5, 7}, {4, 5, 6}, 0.25};
        const std::string bytes = scoresContent(scores);
        const auto read = scoresFrom(bytes, 3);
        QVERIFY(read && read->nll == scores.nll && read->kl == scores.kl && read->top == scores.top);
        QCOMPARE(read->seconds, 0.25);
        QVERIFY(!scoresFrom(bytes, 4));
        model::Activations states(3, 4);
        for (std::size_t i = 0; i < states.values.size(); ++i) {
            states.values[i] = static_cast<float>(i) - 7.5F;
        }
        const PackedStates packed = packStates(states, 1, 2);
        const std::string packedBytes = statesContent(packed);
        QCOMPARE(statesFrom(packedBytes, 2, 4), std::optional(packed));
        QVERIFY(!statesFrom(packedBytes, 2, 5) && !statesFrom(packedBytes, 3, 4));
        const model::Activations unpacked = unpackStates(packed, 3);
        for (std::int64_t row = 1; row < 3; ++row) {
            for (std::size_t col = 0; col < 4; ++col) {
                QVERIFY(std::abs(unpacked.row(row)[col] - states.row(row)[col]) <=
                        2 * packed.scales[static_cast<std::size_t>(row - 1)]);
            }
        }
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            QVERIFY(!scoresFrom(std::string_view(bytes).substr(0, at), 3));
            std::string other = bytes;
            other[at] = static_cast<char>(other[at] ^ 0x10);
            QVERIFY(!scoresFrom(other, 3));
        }
        for (std::size_t at = 0; at < packedBytes.size(); ++at) {
            QVERIFY(!statesFrom(std::string_view(packedBytes).substr(0, at), 2, 4));
            std::string other = packedBytes;
            other[at] = static_cast<char>(other[at] ^ 0x10);
            QVERIFY(!statesFrom(other, 2, 4));
        }
    }
};

} // namespace bitlathe::evaluate

QTEST_GUILESS_MAIN(bitlathe::evaluate::TestKeptComparison)
#include "tst_keptcomparison.moc"
