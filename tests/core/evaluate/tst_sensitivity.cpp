// SPDX-License-Identifier: Apache-2.0
// Layers swapped into the demo model, against whole models with those layers; what follows from the measured points.
#include "core/evaluate/sensitivity.h"

#include "core/calibrate/calibrate.h"
#include "core/evaluate/swapwalk.h"
#include "core/quant/quantizedsource.h"
#include "kernels/backend.h"
#include "support/tempfolder.h"

#include <QTest>

#include <cmath>
#include <numeric>

namespace bitlathe::evaluate
{

namespace
{

namespace fs = std::filesystem;
using Windows = std::vector<std::vector<model::TokenId>>;

const fs::path kDemo = fs::path(BITLATHE_SOURCE_DIR) / "resources/demo/model";

/// Windows of different lengths, of tokens that a rule gives.
Windows someWindows(std::size_t count, std::size_t length)
{
    Windows windows(count);
    for (std::size_t i = 0; i < count; ++i) {
        windows[i].resize(length + i);
        for (std::size_t j = 0; j < windows[i].size(); ++j) {
            windows[i][j] = static_cast<model::TokenId>(1 + (j * 37 + i * 101 + j * j) % 4000);
        }
    }
    return windows;
}

quant::Scheme schemeOf(int bits, std::int64_t groupSize = 64)
{
    quant::Scheme scheme;
    scheme.bits = bits;
    scheme.groupSize = groupSize;
    return scheme;
}

/// The linear rounded to nearest.
std::shared_ptr<const quant::QuantizedTensor> rounded(const format::OpenedModel& opened,
                                                      const model::LinearSpec& linear)
{
    const std::vector<float> weights = *opened.source->weights(linear);
    return (*quant::findQuantizer("rtn"))->quantize({linear, weights, nullptr, schemeOf(3)}, {})->tensor;
}

std::vector<float> logitsOf(const model::Model& model, const std::vector<model::TokenId>& ids)
{
    const auto normed = model.forward(ids);
    std::vector<float> logits(static_cast<std::size_t>(normed->rows * model.spec().vocabulary));
    model.logits(*normed, 0, normed->rows, logits);
    return logits;
}

/// Mean over all tokens, of two whole models.
double divergence(const model::Model& base, const model::Model& other, const Windows& windows)
{
    double sum = 0;
    double tokens = 0;
    for (const auto& window : windows) {
        std::vector<double> values(window.size());
        kernels::referenceBackend().klDivergence(logitsOf(base, window), logitsOf(other, window),
                                                 base.spec().vocabulary, values);
        sum = std::accumulate(values.begin(), values.end(), sum);
        tokens += static_cast<double>(window.size());
    }
    return sum / tokens;
}

bool areClose(double a, double b)
{
    return std::abs(a - b) <= 1e-3 * std::abs(b);
}

} // namespace

class TestSensitivity : public QObject
{
    Q_OBJECT

    tests::TempFolder m_folder;
    std::shared_ptr<const format::OpenedModel> m_opened;
    Windows m_samples;
    std::shared_ptr<calibrate::StatsStore> m_store;

    Result<Sensitivity> measure(const std::string& method, const SensitivityOptions& options,
                                const WorkContext& work = {}) const
    {
        return measureSensitivity(*m_opened, *m_store, m_samples, **quant::findQuantizer(method), options, work);
    }

private slots:
    void initTestCase()
    {
        m_opened = *format::openModel(kDemo);
        m_samples = someWindows(4, 60);
        const auto model = format::runnable(*m_opened, {model::Compute::F32, model::Residency::Streamed});
        BITLATHE_VERIFY_OK(model);
        calibrate::CalibrationOptions options;
        options.cacheRoot = m_folder.path();
        const auto store = calibrate::calibrate(**model, "demo", m_samples, options);
        BITLATHE_VERIFY_OK(store);
        m_store = *store;
    }

    void swapsAreWhatWholeModelsPredict()
    {
        const Windows windows = someWindows(3, 20);
        const auto base = format::runnable(*m_opened, {});
        BITLATHE_VERIFY_OK(base);
        const std::vector<std::string> names = {"model.layers.0.mlp.down_proj", "model.layers.3.self_attn.q_proj",
                                                "model.layers.7.mlp.up_proj"};
        std::vector<double> expected;
        for (const std::string& name : names) {
            const auto source = quant::makeQuantizedSource(
                m_opened->source, [&](const auto& linear) -> Result<std::shared_ptr<const quant::QuantizedTensor>> {
                    return linear.name == name ? rounded(*m_opened, linear) : nullptr;
                });
            const auto changed = model::Model::create(m_opened->spec, source, {});
            BITLATHE_VERIFY_OK(changed);
            expected.push_back(divergence(**base, **changed, windows));
        }
        const auto all = model::Model::create(
            m_opened->spec,
            quant::makeQuantizedSource(
                m_opened->source,
                [&](const auto& linear) -> Result<std::shared_ptr<const quant::QuantizedTensor>> {
                    return std::ranges::find(names, linear.name) != names.end() ? rounded(*m_opened, linear) : nullptr;
                }),
            {});
        BITLATHE_VERIFY_OK(all);
        auto walk = SwapWalk::create(*m_opened, windows, names.size() + 1, m_folder.path());
        BITLATHE_VERIFY_OK(walk);
        const model::LinearSpec& same = *m_opened->spec.findLinear("model.layers.0.self_attn.k_proj");
        QVERIFY((*walk)->swap({{same.id, *m_opened->source->weights(same)}}).has_value());
        for (std::int64_t block = 0; block < m_opened->spec.blockCount(); ++block) {
            SwappedWeights ofBlock;
            for (const std::string& name : names) {
                const model::LinearSpec& linear = *m_opened->spec.findLinear(name);
                if (linear.block == block) {
                    ofBlock[linear.id] = rounded(*m_opened, linear)->dequantize();
                    QVERIFY((*walk)->swap(ofBlock).has_value());
                }
            }
            QVERIFY((*walk)->swapWhole(ofBlock).has_value());
            QVERIFY((*walk)->passBlock().has_value());
        }
        const auto found = (*walk)->divergences();
        BITLATHE_VERIFY_OK(found);
        QCOMPARE(found->ofSwaps.size(), names.size() + 1);
        QVERIFY(found->ofSwaps[0] < 1e-12);
        for (std::size_t i = 0; i < names.size(); ++i) {
            QVERIFY2(expected[i] > 1e-6 && areClose(found->ofSwaps[i + 1], expected[i]),
                     qPrintable(QString("%1 for %2").arg(found->ofSwaps[i + 1]).arg(expected[i])));
        }
        QVERIFY(areClose(found->whole, divergence(**base, **all, windows)));
    }

    void pointsBetweenAndBeyond()
    {
        QCOMPARE(divergenceAt(0.5, {}), 0.0);
        QCOMPARE(divergenceAt(0.5, {{0.1, 0}}), 0.0);
        QVERIFY(areClose(divergenceAt(0.02, {{0.01, 1}}), 2));
        QVERIFY(areClose(divergenceAt(0.005, {{0.01, 1}}), 0.5));
        // Straight lines of logarithms: halfway between 1 and 100 is 10.
        const std::vector<MeasuredPoint> two = {{0.16, 100}, {0.01, 1}};
        QVERIFY(areClose(divergenceAt(0.04, two), 10));
        QVERIFY(areClose(divergenceAt(0.01, two), 1));
        QVERIFY(areClose(divergenceAt(0.005, two), 0.5));
        QVERIFY(areClose(divergenceAt(0.32, two), 200));
    }

    void anchors()
    {
        const auto bitsOf = [](std::initializer_list<int> bits) {
            std::vector<quant::Scheme> schemes;
            for (const int each : bits) {
                schemes.push_back(schemeOf(each));
            }
            return anchorsAmong(schemes);
        };
        QCOMPARE(bitsOf({2, 3, 4, 8}), (std::vector<std::size_t>{2, 0}));
        QCOMPARE(bitsOf({8, 4, 4}), (std::vector<std::size_t>{1}));
        QCOMPARE(bitsOf({8}), (std::vector<std::size_t>{0}));
        QCOMPARE(bitsOf({3}), (std::vector<std::size_t>{0}));
    }

    void everySchemeHasItsEffect_data()
    {
        QTest::addColumn<QString>("method");
        QTest::newRow("rtn") << "rtn";
        QTest::newRow("gptq") << "gptq";
        QTest::newRow("awq") << "awq";
    }
    /// Of awq, too: its scales are not left in the weights that are swapped in.
    void everySchemeHasItsEffect()
    {
        QFETCH(QString, method);
        SensitivityOptions options;
        options.schemes = {schemeOf(3), schemeOf(8)};
        options.everyScheme = true;
        options.tokens = 256;
        for (std::size_t layer = 0; layer < m_opened->spec.linears.size(); ++layer) {
            options.leftOut.push_back(layer % 5 != 0);
        }
        const auto found = measure(method.toStdString(), options);
        BITLATHE_VERIFY_OK(found);
        QCOMPARE(found->layers.size(), std::size_t{12});
        for (const LayerSensitivity& layer : found->layers) {
            QCOMPARE(layer.effects.size(), std::size_t{2});
            const SchemeEffect& coarse = layer.effects[0];
            const SchemeEffect& fine = layer.effects[1]; // No anchor.
            QVERIFY(coarse.kl > 0 && coarse.measuredKl);
            QVERIFY(fine.measuredKl && *fine.measuredKl < 1e-3);
            QVERIFY(coarse.loss > 100 * fine.loss && coarse.relativeError > 100 * fine.relativeError);
            QVERIFY(coarse.kl > 20 * fine.kl && fine.kl > 0);
        }
        QVERIFY(found->rankCorrelation() > 0.8);
        QVERIFY(found->togetherMeasured > 0.001);
        QVERIFY(found->interaction() > 0.5 && found->interaction() < 2);
        const auto again = measure(method.toStdString(), options);
        BITLATHE_VERIFY_OK(again);
        for (std::size_t i = 0; i < found->layers.size(); ++i) {
            QVERIFY(again->layers[i].effects[0].kl == found->layers[i].effects[0].kl);
        }
    }

    void leftOutLayersAreNotLookedAt()
    {
        SensitivityOptions options;
        options.schemes = {schemeOf(4)};
        options.tokens = 64;
        options.leftOut.assign(m_opened->spec.linears.size(), true);
        options.leftOut[9] = false;
        const auto found = measure("rtn", options);
        BITLATHE_VERIFY_OK(found);
        QCOMPARE(found->layers.size(), std::size_t{1});
        QCOMPARE(found->layers[0].name, m_opened->spec.linears[9].name);
        QVERIFY(areClose(found->interaction(), 1));
    }

    /// All experts of a block that do the same get one scheme.
    void expertsAreOneLayer()
    {
        BITLATHE_NEED_SHARED();
        const auto opened = format::openModel(tests::sharedFolder() / "models/arch/mixtral");
        BITLATHE_VERIFY_OK(opened);
        const Windows samples = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}};
        const auto model = format::runnable(**opened, {model::Compute::F32, model::Residency::Streamed});
        BITLATHE_VERIFY_OK(model);
        calibrate::CalibrationOptions settings;
        settings.cacheRoot = m_folder.path();
        const auto store = calibrate::calibrate(**model, "mixtral", samples, settings);
        BITLATHE_VERIFY_OK(store);
        SensitivityOptions options;
        options.schemes = {schemeOf(3, 32)};
        const auto found = measureSensitivity(**opened, **store, samples, **quant::findQuantizer("rtn"), options);
        BITLATHE_VERIFY_OK(found);
        const auto experts = std::ranges::count_if(found->layers, [](const LayerSensitivity& layer) {
            return layer.name.find(".experts.*.") != std::string::npos;
        });
        QCOMPARE(experts, 3 * (*opened)->spec.blockCount());
        for (const LayerSensitivity& layer : found->layers) {
            const bool isExpert = layer.name.find('*') != std::string::npos;
            QCOMPARE(std::ssize(layer.layers), isExpert ? (*opened)->spec.experts : 1);
        }
    }

    void whatCannotBeMeasured()
    {
        SensitivityOptions options;
        QCOMPARE(measure("rtn", options).error().code, ErrorCode::SettingInvalid);
        options.schemes = {schemeOf(4)};
        options.schemes[0].activationBits = 8;
        QCOMPARE(measure("rtn", options).error().code, ErrorCode::SettingInvalid);
        options.schemes = {schemeOf(4)};
        const auto none = measureSensitivity(*m_opened, *m_store, {}, **quant::findQuantizer("rtn"), options);
        QCOMPARE(none.error().code, ErrorCode::TextInvalid);
        std::stop_source stop;
        stop.request_stop();
        QCOMPARE(measure("rtn", options, {{}, stop.get_token()}).error().code, ErrorCode::Cancelled);
    }
};

} // namespace bitlathe::evaluate

QTEST_GUILESS_MAIN(bitlathe::evaluate::TestSensitivity)
#include "tst_sensitivity.moc"
