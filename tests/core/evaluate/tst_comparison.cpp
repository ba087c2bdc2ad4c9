// SPDX-License-Identifier: Apache-2.0
// Perplexity and comparison of the demo model: against plain sums, for any number of threads, stopped, and with bad
// input.
#include "core/base/file.h"
#include "core/base/machine.h"
#include "core/evaluate/comparison.h"
#include "core/evaluate/windowscores.h"
#include "core/text/textset.h"
#include "kernels/threads.h"
#include "support/tempfolder.h"

#include <QTest>

#include <chrono>
#include <cmath>
#include <fstream>
#include <numeric>
#include <thread>

namespace bitlathe::evaluate
{

namespace
{

namespace fs = std::filesystem;

const fs::path kDemo = fs::path(BITLATHE_SOURCE_DIR) / "resources/demo/model";
const fs::path kText = fs::path(BITLATHE_SOURCE_DIR) / "resources/demo/text/evaluation.txt";

/// log softmax of a row in f64.
std::vector<double> logSoftmax(std::span<const float> row)
{
    double sum = 0;
    const double top = *std::max_element(row.begin(), row.end());
    for (const float value : row) {
        sum += std::exp(static_cast<double>(value) - top);
    }
    std::vector<double> result;
    for (const float value : row) {
        result.push_back(static_cast<double>(value) - top - std::log(sum));
    }
    return result;
}

/// A copy of the demo model whose tensor bytes of the last blocks were shifted a little: another model, of one
/// tokenizer.
void writeOtherModel(const fs::path& folder)
{
    fs::copy(kDemo, folder);
    const auto opened = checkpoint::Checkpoint::open(folder);
    const checkpoint::TensorEntry entry = *(*opened)->find("model.layers.6.mlp.up_proj.weight");
    std::fstream file((*opened)->files()[entry.file], std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(entry.offset));
    const std::string zeros(entry.bytes / 4, '\0');
    file.write(zeros.data(), static_cast<std::streamsize>(zeros.size()));
}

} // namespace

class TestComparison : public QObject
{
    Q_OBJECT

    tests::TempFolder m_folder;
    std::shared_ptr<const format::OpenedModel> m_opened;
    std::shared_ptr<const model::Model> m_model;
    std::vector<model::TokenId> m_stream;

private slots:
    void initTestCase()
    {
        auto opened = format::openModel(kDemo);
        BITLATHE_VERIFY_OK(opened);
        m_opened = *opened;
        auto loaded = format::runnable(*m_opened, {});
        BITLATHE_VERIFY_OK(loaded);
        m_model = *loaded;
        const auto set = text::openTextSet(kText);
        BITLATHE_VERIFY_OK(set);
        const auto stream = text::evaluationStream(*set, m_opened->tokenizer.get());
        BITLATHE_VERIFY_OK(stream);
        m_stream = *stream;
        writeOtherModel(m_folder / "other");
    }

    void agreesWithPlainSums()
    {
        const auto result = perplexity(*m_model, m_stream, {96, 3});
        BITLATHE_VERIFY_OK(result);
        double total = 0;
        for (int w = 0; w < 3; ++w) {
            const std::vector<model::TokenId> window(m_stream.begin() + w * 96, m_stream.begin() + (w + 1) * 96);
            const auto rows = logits(*m_model, window);
            BITLATHE_VERIFY_OK(rows);
            double sum = 0;
            for (int t = 1; t < 96; ++t) {
                const auto logs = logSoftmax(rows->row(t - 1));
                sum -= logs[static_cast<std::size_t>(window[static_cast<std::size_t>(t)])];
            }
            QVERIFY(std::abs(result->windowMeans[static_cast<std::size_t>(w)] - sum / 95) < 1e-6);
            total += sum / 95;
        }
        QVERIFY(std::abs(result->perplexity / std::exp(total / 3) - 1) < 1e-6);
        QCOMPARE(result->tokensScored, std::int64_t{3 * 95});
        QVERIFY(result->standardError > 0 && result->tokensPerSecond > 0 && result->bytesPeakRss > 0);
    }

    void threadsDoNotChangeTheNumber()
    {
        kernels::setThreadCount(1);
        const auto one = perplexity(*m_model, m_stream, {256, 2});
        kernels::setThreadCount(3);
        const auto three = perplexity(*m_model, m_stream, {256, 2});
        kernels::setThreadCount(0);
        BITLATHE_VERIFY_OK(one);
        BITLATHE_VERIFY_OK(three);
        QCOMPARE(one->nllSum, three->nllSum); // To the last bit.
    }

    void klIsThatOfTheDistributions()
    {
        const auto opened = format::openModel(m_folder / "other");
        BITLATHE_VERIFY_OK(opened);
        const auto other = format::runnable(**opened, {});
        BITLATHE_VERIFY_OK(other);
        const std::vector<model::TokenId> window(m_stream.begin(), m_stream.begin() + 64);
        const model::Model* const models[] = {m_model.get(), other->get()};
        const auto scores = scoreWindow(models, {window}, {});
        BITLATHE_VERIFY_OK(scores);
        QCOMPARE((*scores)[1].kl.size(), std::size_t{63});
        const auto base = logits(*m_model, window);
        const auto shifted = logits(**other, window);
        double largest = 0;
        for (std::int64_t t = 0; t < 63; ++t) {
            const auto p = logSoftmax(base->row(t));
            const auto q = logSoftmax(shifted->row(t));
            double kl = 0;
            for (std::size_t i = 0; i < p.size(); ++i) {
                kl += std::exp(p[i]) * (p[i] - q[i]);
            }
            largest = std::max(largest, kl);
            const auto index = static_cast<std::size_t>(t);
            QVERIFY(std::abs((*scores)[1].kl[index] - kl) < 1e-5 + 1e-4 * kl);
            const auto topOf = [](const std::vector<double>& row) {
                return static_cast<model::TokenId>(std::max_element(row.begin(), row.end()) - row.begin());
            };
            QCOMPARE((*scores)[0].top[index], topOf(p));
            QCOMPARE((*scores)[1].top[index], topOf(q));
        }
        QVERIFY(largest > 0.01);
    }

    void rowsAreFilled()
    {
        int calls = 0;
        const auto compared = compare({kDemo, kDemo, m_folder / "other"}, {kText, {128, 4}, model::Compute::F32}, {},
                                      [&calls](const Comparison&) { ++calls; });
        BITLATHE_VERIFY_OK(compared);
        QVERIFY(calls >= 3);
        QCOMPARE(compared->models.size(), std::size_t{3});
        QCOMPARE(compared->protocol.windows, std::int64_t{4});
        QCOMPARE(compared->protocol.compute, std::string("f32"));
        QVERIFY(!compared->protocol.dataHash.empty() && !compared->protocol.tokenizer.empty());
        const ComparedModel& base = compared->models[0];
        QVERIFY(!base.kl);
        QCOMPARE(base.schemeLabel, std::string("bf16"));
        QCOMPARE(base.bitsPerWeight, 16.0);
        QCOMPARE(base.memory.bytesDisk, static_cast<std::uint64_t>(fs::file_size(kDemo / "model.safetensors")));
        // Alone in memory it takes at least its weights; not what another model takes.
        for (const ComparedModel& row : compared->models) {
            QVERIFY(row.memory.bytesWeights > 8'000'000);
            QVERIFY(row.memory.bytesPeakRss > row.memory.bytesWeights / 2);
            QVERIFY(row.memory.bytesPeakRss < row.memory.bytesWeights + 200'000'000);
            QVERIFY(row.tokensPerSecond > 0);
        }
        const ComparedModel& same = compared->models[1];
        QCOMPARE(same.delta, 0.0);
        QCOMPARE(same.deltaError, 0.0);
        QVERIFY(same.kl->max < 1e-9);
        QCOMPARE(same.kl->sameTop, 1.0);
        const ComparedModel& other = compared->models[2];
        QVERIFY(other.delta != 0);
        // Paired: the error of the difference is smaller than that of either number.
        QVERIFY(other.deltaError > 0 && other.deltaError < other.perplexity.standardError);
        const KlFacts& kl = *other.kl;
        QVERIFY(0 <= kl.median && kl.median <= kl.p90 && kl.p90 <= kl.p99 && kl.p99 <= kl.p999 && kl.p999 <= kl.max);
        QVERIFY(kl.mean > kl.median && kl.standardError > 0 && kl.sameTop < 1 && kl.sameTop > 0.3);
    }

    /// Token by token the same numbers as in the row.
    void tokensAddUpToTheRow()
    {
        const auto compared = compare({kDemo, m_folder / "other"}, {kText, {128, 4}, model::Compute::F32});
        BITLATHE_VERIFY_OK(compared);
        QVERIFY(!compared->models[0].tokens);
        const ComparedModel& row = compared->models[1];
        QVERIFY(row.tokens);
        const LossCurve& curve = row.tokens->byPosition;
        QCOMPARE(curve.first, std::int64_t{1});
        QCOMPARE(curve.step, std::int64_t{2});
        QCOMPARE(curve.tokens.size(), std::size_t{64}); // 127 positions.
        double nll = 0;
        double kl = 0;
        std::int64_t tokens = 0;
        for (std::size_t bin = 0; bin < curve.tokens.size(); ++bin) {
            const auto count = static_cast<double>(curve.tokens[bin]);
            nll += count * (curve.nll[bin] - curve.baseNll[bin]);
            kl += count * curve.kl[bin];
            tokens += curve.tokens[bin];
        }
        QCOMPARE(tokens, row.perplexity.tokensScored);
        QVERIFY(std::abs(nll - (row.perplexity.nllSum - compared->models[0].perplexity.nllSum)) < 1e-9);
        QVERIFY(std::abs(kl / static_cast<double>(tokens) - row.kl->mean) < 1e-12);
        const LossDifferences& differences = row.tokens->differences;
        QCOMPARE(differences.counts.size(), differences.edges.size() + 1);
        QCOMPARE(std::accumulate(differences.counts.begin(), differences.counts.end(), std::int64_t{0}), tokens);
        const std::vector<TokenLoss>& worst = row.tokens->worst;
        QCOMPARE(worst.size(), kWorstTokens);
        QCOMPARE(worst.front().kl, row.kl->max);
        QVERIFY(std::ranges::is_sorted(worst, std::ranges::greater(), &TokenLoss::kl));
        // The place leads to the token: its text stands where it says.
        const TokenLoss& first = worst.front();
        const auto at = m_stream.begin() + first.window * 128 + first.position;
        const auto begin = at - std::min(first.position, kTokensBefore);
        QCOMPARE(first.before + first.token,
                 m_opened->tokenizer->decode(std::vector<model::TokenId>(begin, at + 1), false));
    }

    void calibrationTextIsNoEvaluationText()
    {
        const auto set = text::openTextSet(kText);
        fs::copy(kDemo, m_folder / "calibrated");
        std::ofstream(m_folder / "calibrated/bitlathe-run.json") << "{\"calibration_hash\": \"" + set->hash + "\"}";
        const auto compared = compare({kDemo, m_folder / "calibrated"}, {kText, {64, 1}, model::Compute::F32});
        BITLATHE_VERIFY_OK(compared);
        QCOMPARE(compared->findings.size(), std::size_t{1});
        QCOMPARE(compared->findings[0].code, std::string("text-overlaps"));
    }

    /// The same text calibrated and evaluated: all runs of tokens are shared, of whichever rows.
    void calibrationTextIsComparedByTokens()
    {
        fs::copy(kDemo, m_folder / "calibrated-too");
        std::ofstream(m_folder / "calibrated-too/bitlathe-run.json")
            << Json{{"calibration",
                     {{"data", kText.string()}, {"samples", 4}, {"length", 64}, {"seed", 0}, {"select", "rows"}}}};
        const auto compared = compare({kDemo, m_folder / "calibrated-too"}, {kText, {64, 1}, model::Compute::F32});
        BITLATHE_VERIFY_OK(compared);
        QVERIFY(!compared->models[0].perplexity.calibrationOverlap);
        QCOMPARE(compared->models[1].perplexity.calibrationOverlap.value(), 1.0);
        QCOMPARE(compared->findings.size(), std::size_t{1});
        QCOMPARE(compared->findings[0].code, std::string("calibration-overlap"));
    }

    void otherTokenizersAreRefused()
    {
        fs::copy(kDemo, m_folder / "untokenized");
        for (const char* file :
             {"tokenizer.model", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"}) {
            fs::remove(m_folder / "untokenized" / file);
        }
        const auto compared = compare({kDemo, m_folder / "untokenized"}, {kText, {64, 1}, model::Compute::F32});
        QVERIFY(!compared);
        QVERIFY2(compared.error().sentence().find("untokenized") != std::string::npos,
                 compared.error().sentence().c_str());
        // Ids need none.
        std::ofstream(m_folder / "ids.json") << "[1, 5, 9, 13, 17, 21]";
        BITLATHE_VERIFY_OK(compare({kDemo, m_folder / "untokenized"},
                                   {"ids:" + (m_folder / "ids.json").string(), {64, 0}, model::Compute::F32}));
    }

    void tokenizersThatDifferAreRefused()
    {
        const fs::path other = m_folder / "retokenized";
        fs::copy(kDemo, other);
        fs::remove(other / "tokenizer.model");
        // Two words change their ids.
        std::string json = *readFile(other / "tokenizer.json");
        const auto rename = [&json](const std::string& from, const std::string& to) {
            const std::size_t at = json.find(from);
            QVERIFY2(at != std::string::npos, from.c_str());
            json.replace(at, from.size(), to);
        };
        rename("\"\u2581the\"", "\"<swapped>\"");
        rename("\"\u2581of\"", "\"\u2581the\"");
        rename("\"<swapped>\"", "\"\u2581of\"");
        std::ofstream(other / "tokenizer.json") << json;
        const auto compared = compare({kDemo, other}, {kText, {64, 1}, model::Compute::F32});
        QVERIFY(!compared);
        const std::string sentence = compared.error().sentence();
        QVERIFY2(sentence.find("retokenized") != std::string::npos, sentence.c_str());
    }

    void windowsBeyondTheTrainedLengthAreSaid()
    {
        const auto isLength = [](const Finding& finding) { return finding.code == "longer-than-trained"; };
        const fs::path brief = m_folder / "brief";
        fs::copy(kDemo, brief);
        std::string config = *readFile(brief / "config.json");
        const std::string was = "\"max_position_embeddings\": 2048";
        QVERIFY(config.find(was) != std::string::npos);
        config.replace(config.find(was), was.size(), "\"max_position_embeddings\": 63");
        std::ofstream(brief / "config.json") << config;
        const auto compared = compare({kDemo, brief}, {kText, {64, 1}, model::Compute::F32});
        BITLATHE_VERIFY_OK(compared);
        QCOMPARE(std::ranges::count_if(compared->findings, isLength), std::ptrdiff_t{1});
        QCOMPARE(std::ranges::find_if(compared->findings, isLength)->subject, brief.string());
        const auto shorter = compare({kDemo, brief}, {kText, {63, 1}, model::Compute::F32});
        BITLATHE_VERIFY_OK(shorter);
        QVERIFY(std::ranges::none_of(shorter->findings, isLength));
    }

    void badInputIsNamed()
    {
        QVERIFY(!compare({}, {kText, {64, 1}, model::Compute::F32}));
        const auto missing = compare({kDemo, m_folder / "none"}, {kText, {64, 1}, model::Compute::F32});
        QVERIFY(!missing);
        QCOMPARE(missing.error().code, ErrorCode::FileMissing);
        std::ofstream(m_folder / "big.json") << "[1, 999999]";
        const auto outside =
            compare({kDemo}, {"ids:" + (m_folder / "big.json").string(), {64, 1}, model::Compute::F32});
        QVERIFY(!outside);
        QCOMPARE(outside.error().code, ErrorCode::TextInvalid);
        QCOMPARE(perplexity(*m_model, {1}, {}).error().code, ErrorCode::TextInvalid);
    }

    void notANumberIsNoPerplexity()
    {
        fs::copy(kDemo, m_folder / "nan");
        const auto files = checkpoint::Checkpoint::open(m_folder / "nan");
        const checkpoint::TensorEntry entry = *(*files)->find("model.norm.weight");
        std::fstream file((*files)->files()[entry.file], std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(entry.offset));
        file.write("\xc0\x7f", 2); // A bf16 NaN.
        file.close();
        const auto compared = compare({kDemo, m_folder / "nan"}, {kText, {64, 1}, model::Compute::F32});
        QVERIFY(!compared);
        QCOMPARE(compared.error().code, ErrorCode::WeightsNotFinite);
    }

    void stopComesSoon()
    {
        std::stop_source stop;
        std::chrono::steady_clock::time_point asked;
        std::jthread later([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(300));
            asked = std::chrono::steady_clock::now();
            stop.request_stop();
        });
        const auto result = perplexity(*m_model, m_stream, {2048, 0}, {{}, stop.get_token()});
        later.join();
        QVERIFY(!result);
        QCOMPARE(result.error().code, ErrorCode::Cancelled);
        QVERIFY(std::chrono::steady_clock::now() - asked < std::chrono::seconds(1));
    }
};

} // namespace bitlathe::evaluate

QTEST_GUILESS_MAIN(bitlathe::evaluate::TestComparison)
#include "tst_comparison.moc"
