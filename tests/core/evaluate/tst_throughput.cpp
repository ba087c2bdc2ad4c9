// SPDX-License-Identifier: Apache-2.0
// Throughput: what is measured, what is left out, and how bytes that a token reads are counted.
#include "core/evaluate/throughput.h"

#include "core/format/openmodel.h"
#include "support/tempfolder.h"

#include <stop_token>

namespace bitlathe::evaluate
{

namespace fs = std::filesystem;

namespace
{

const fs::path kDemo = fs::path(BITLATHE_SOURCE_DIR) / "resources/demo/model";

ThroughputOptions quick()
{
    ThroughputOptions options;
    options.prompts = {8, 16};
    options.contexts = {32};
    options.batches = {1, 3};
    options.newTokens = 4;
    options.repeats = 3;
    return options;
}

} // namespace

class TestThroughput : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        m_opened = *format::openModel(kDemo);
        m_model = *format::runnable(*m_opened, {model::Compute::F32, model::Residency::Resident});
    }

    void everyNumberIsMeasuredForEveryModel()
    {
        quant::KvCache int8;
        int8.scheme = *quant::findKvScheme("int8-token");
        const std::vector<ThroughputSubject> subjects{{"plain", m_model.get(), {}}, {"int8", m_model.get(), int8}};
        double fraction = 0;
        const WorkContext work{ProgressSink([&](double value, const Text&) { fraction = value; }), {}};
        const auto all = measureThroughput(subjects, quick(), work);
        BITLATHE_VERIFY_OK(all);
        QCOMPARE(fraction, 1.0);
        QCOMPARE(all->size(), std::size_t{2});
        QCOMPARE((*all)[1].kv, std::string("int8-token"));
        for (const Throughput& one : *all) {
            QCOMPARE(one.prefill.size(), std::size_t{2});
            QCOMPARE(one.decode.size(), std::size_t{2});
            QCOMPARE(one.decode[1].batch, std::int64_t{3});
            for (const PrefillRate& rate : one.prefill) {
                QCOMPARE(rate.perSecond.values.size(), std::size_t{3});
                QVERIFY(rate.perSecond.low() > 0 && rate.perSecond.low() <= rate.perSecond.median());
                // The first token comes after the prompt.
                QVERIFY(rate.firstToken.median() >= static_cast<double>(rate.tokens) / rate.perSecond.high());
            }
            QCOMPARE(one.firstTokenSeconds, one.prefill[1].firstToken.median());
            for (const DecodeRate& rate : one.decode) {
                QCOMPARE(rate.perSecond.values.size(), std::size_t{3});
                QCOMPARE(rate.bytesPerSecond, static_cast<double>(rate.bytesPerStep) * rate.perSecond.median() /
                                                  static_cast<double>(rate.batch));
            }
            QVERIFY(one.noEnergy.has_value() != one.prefill[0].joulesPerToken.has_value());
            QVERIFY(one.findings.empty());
        }
        QVERIFY((*all)[1].decode[0].bytesPerStep < (*all)[0].decode[0].bytesPerStep);
        // Weights once for all sequences of a batch.
        const auto kv = kvBytesRead(m_model->spec(), {}, 34);
        QCOMPARE((*all)[0].decode[1].bytesPerStep - (*all)[0].decode[0].bytesPerStep, 2 * kv);
    }

    void ratiosAreOfNeighbours()
    {
        const Repeats base{{10, 100, 20}};
        const Repeats twice{{20, 200, 60}};
        QCOMPARE(twice.ratioTo(base), 2.0);
        QCOMPARE(base.median(), 20.0);
        QCOMPARE(base.low(), 10.0);
        QCOMPARE(base.high(), 100.0);
    }

    /// Weights of the demo model stay in the 16 bits in which they are stored; keys and values are f32.
    void bytesReadAreThoseOfTheShape()
    {
        const model::ModelSpec& spec = m_model->spec();
        const std::int64_t plain = 2 * spec.kvHeads * spec.headDim * 4 * spec.blockCount();
        QCOMPARE(kvBytesRead(spec, {}, 10), static_cast<std::uint64_t>(10 * plain));
        model::ModelSpec sliding = spec;
        sliding.slidingWindow = 4;
        QCOMPARE(kvBytesRead(sliding, {}, 10), static_cast<std::uint64_t>(4 * plain));
        std::int64_t weights = spec.vocabulary * spec.hidden;
        for (const model::LinearSpec& linear : spec.linears) {
            weights += linear.inFeatures * linear.outFeatures;
        }
        const auto read = static_cast<double>(weightBytesRead(*m_model, 1));
        QVERIFY2(std::abs(read / (2.0 * static_cast<double>(weights)) - 1) < 0.02, std::to_string(read).c_str());
    }

    void lengthsBeyondThePositionsAreLeftOut()
    {
        BITLATHE_NEED_SHARED();
        const fs::path folder = tests::sharedFolder() / "models/arch/gpt2";
        const auto opened = *format::openModel(folder);
        const auto model = *format::runnable(*opened, {});
        const std::int64_t limit = *model->spec().positionLimit();
        ThroughputOptions options = quick();
        options.prompts = {4, limit};
        options.contexts = {4, limit - options.newTokens + 1};
        const auto some = measureThroughput(*model, options);
        BITLATHE_VERIFY_OK(some);
        QCOMPARE(some->prefill.size(), std::size_t{1});
        QCOMPARE(some->decode.size(), std::size_t{2});
        QCOMPARE(some->findings.size(), std::size_t{2});
        options.contexts = {limit};
        const auto none = measureThroughput(*model, options);
        QVERIFY(!none);
        QCOMPARE(none.error().code, ErrorCode::SettingInvalid);
    }

    void badNumbersAndStopsEndIt()
    {
        for (const int change : {0, 1, 2, 3}) {
            ThroughputOptions options = quick();
            options.prompts = change == 0 ? std::vector<std::int64_t>{} : options.prompts;
            options.batches = change == 1 ? std::vector<std::int64_t>{0} : options.batches;
            options.repeats = change == 2 ? 0 : options.repeats;
            options.newTokens = change == 3 ? 1LL << 40 : options.newTokens;
            const auto measured = measureThroughput(*m_model, options);
            QVERIFY(!measured);
            QCOMPARE(measured.error().code, ErrorCode::SettingInvalid);
        }
        std::stop_source stop;
        stop.request_stop();
        const auto stopped = measureThroughput(*m_model, quick(), {{}, stop.get_token()});
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().code, ErrorCode::Cancelled);
    }

private:
    std::shared_ptr<const format::OpenedModel> m_opened;
    std::shared_ptr<const model::Model> m_model;
};

} // namespace bitlathe::evaluate

QTEST_GUILESS_MAIN(bitlathe::evaluate::TestThroughput)
#include "tst_throughput.moc"
