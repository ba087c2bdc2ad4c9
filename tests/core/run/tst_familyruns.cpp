// SPDX-License-Identifier: Apache-2.0
// The whole way for every family and method: calibrate, quantize, export, read back; and for a family that nobody
// knows.
#include "core/format/openmodel.h"
#include "core/model/goldenmodel.h"
#include "core/quant/quantizer.h"
#include "core/run/runfixtures.h"
#include "core/run/runner.h"
#include "support/tempfolder.h"

#include <QTest>

#include <algorithm>
#include <cmath>

namespace bitlathe::run
{

namespace
{

namespace fs = std::filesystem;
using tests::runRecipe;

const fs::path kModels = fs::path(BITLATHE_SHARED) / "models/arch";

/// Names of folders for tests::familyModel.
std::vector<std::string> familyNames()
{
    std::vector<std::string> names{"qwen"};
    for (const auto& folder : fs::directory_iterator(kModels)) {
        names.push_back(folder.path().filename());
    }
    return names;
}

std::vector<model::TokenId> idsOf(const fs::path& folder)
{
    return readJson(folder / "golden.json")->at("input_ids").get<std::vector<model::TokenId>>();
}

/// Logits of the first ids of a folder's golden run.
Result<std::vector<float>> logitsOf(const fs::path& folder, const std::vector<model::TokenId>& ids)
{
    BITLATHE_TRY(const auto opened, format::openModel(folder));
    BITLATHE_TRY(const auto model, format::runnable(*opened, {model::Compute::F32, model::Residency::Resident}));
    BITLATHE_TRY(const auto normed, model->forward(ids));
    std::vector<float> logits(static_cast<std::size_t>(normed.rows * model->spec().vocabulary));
    model->logits(normed, 0, normed.rows, logits);
    return logits;
}

/// |a - b| relative to |a|, over all elements.
double relativeDistance(const std::vector<float>& a, const std::vector<float>& b)
{
    double difference = 0;
    double size = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2);
        size += std::pow(static_cast<double>(a[i]), 2);
    }
    return a.size() == b.size() ? std::sqrt(difference / size) : HUGE_VAL;
}

} // namespace

class TestFamilyRuns : public QObject
{
    Q_OBJECT

    tests::TempFolder m_folder;

private slots:
    void initTestCase() { tests::useOwnFolders(m_folder.path()); }

    void quantizesEveryFamily_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("method");
        if (!fs::exists(kModels)) {
            QSKIP("the shared golden folder is not there");
        }
        for (const std::string& name : familyNames()) {
            for (const quant::Quantizer* method : quant::quantizers()) {
                if (method->usualScheme().kind != quant::SchemeKind::UniformInt) {
                    continue; // typesOfBitsAndBytes()
                }
                const std::string row = name + ", " + std::string(method->name());
                QTest::newRow(row.c_str())
                    << QString::fromStdString(name) << QString::fromStdString(std::string(method->name()));
            }
        }
    }

    void quantizesEveryFamily()
    {
        QFETCH(const QString, name);
        QFETCH(const QString, method);
        const fs::path folder = tests::familyModel(name.toStdString());
        const auto ids = idsOf(folder);
        const fs::path idsFile = m_folder / "ids.json";
        std::ofstream(idsFile) << Json(ids).dump();
        plan::Recipe recipe;
        recipe.model = folder;
        recipe.method = method.toStdString();
        recipe.scheme.bits = 8;
        recipe.scheme.groupSize = 32;
        recipe.calibration.data = "ids:" + idsFile.string();
        recipe.calibration.samples = {1, static_cast<std::int64_t>(ids.size()), 0};
        recipe.compute = model::Compute::F32;
        recipe.exportTo.out = m_folder / (name + "-" + method + "-packed").toStdString();
        const auto packed = runRecipe(recipe);
        BITLATHE_VERIFY_OK(packed);
        const auto opened = format::openModel(folder);
        BITLATHE_VERIFY_OK(opened);
        QCOMPARE(packed->layers.size(), (*opened)->spec.linears.size());
        for (const LayerRecord& layer : packed->layers) {
            QVERIFY2(layer.quality.relativeError < 1e-3, layer.name.c_str());
        }
        const auto isIn = [](const Findings& findings, const char* code) {
            return std::ranges::find(findings, code, &Finding::code) != findings.end();
        };
        // So few tokens do not feed all experts.
        QCOMPARE(isIn(packed->findings, "experts-starved"), (*opened)->spec.experts > 0);
        const auto reopened = format::openModel(packed->out);
        BITLATHE_VERIFY_OK(reopened);
        QCOMPARE(isIn((*reopened)->findings, "transposed-layers"), name == "gpt2");
        recipe.exportTo.format = "dense";
        recipe.exportTo.out = m_folder / (name + "-" + method + "-dense").toStdString();
        BITLATHE_VERIFY_OK(runRecipe(recipe));
        const auto original = logitsOf(folder, ids);
        const auto ofPacked = logitsOf(packed->out, ids);
        const auto ofDense = logitsOf(recipe.exportTo.out, ids);
        BITLATHE_VERIFY_OK(original);
        BITLATHE_VERIFY_OK(ofPacked);
        BITLATHE_VERIFY_OK(ofDense);
        // A token whose choice of experts was close may be sent to another one.
        const double allowed = (*opened)->spec.experts > 0 ? 0.2 : 0.05;
        QVERIFY2(relativeDistance(*original, *ofPacked) < allowed,
                 qPrintable(QString::number(relativeDistance(*original, *ofPacked))));
        QVERIFY(relativeDistance(*original, *ofPacked) > 1e-5);
        QVERIFY(relativeDistance(*ofPacked, *ofDense) < 1e-5);
    }

    void typesOfBitsAndBytes_data()
    {
        QTest::addColumn<QString>("name");
        if (!fs::exists(kModels)) {
            QSKIP("the shared golden folder is not there");
        }
        for (const std::string& name : familyNames()) {
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
        }
    }

    /// Every family in bitsandbytes' own format: what is read again runs as what was made.
    void typesOfBitsAndBytes()
    {
        QFETCH(const QString, name);
        const fs::path folder = tests::familyModel(name.toStdString());
        const auto ids = idsOf(folder);
        const auto original = logitsOf(folder, ids);
        BITLATHE_VERIFY_OK(original);
        for (const auto& [method, most] : {std::pair{"nf4", 0.5}, std::pair{"llm-int8", 0.3}}) {
            plan::Recipe recipe;
            recipe.model = folder;
            recipe.method = method;
            recipe.scheme = (*quant::findQuantizer(method))->usualScheme();
            recipe.options.bitsAndBytes.doubleQuant = true;
            recipe.compute = model::Compute::F32;
            recipe.exportTo = {"bitsandbytes", m_folder / (name.toStdString() + '-' + method), false};
            const auto packed = runRecipe(recipe);
            BITLATHE_VERIFY_OK(packed);
            const auto ofPacked = logitsOf(packed->out, ids);
            BITLATHE_VERIFY_OK(ofPacked);
            const double distance = relativeDistance(*original, *ofPacked);
            QVERIFY2(distance < most && distance > 1e-5, qPrintable(QString::number(distance)));
            if (recipe.method == "nf4") { // Weights of an F32 model are exact in both.
                recipe.exportTo = {"dense", m_folder / (name.toStdString() + "-nf4-dense"), false};
                BITLATHE_VERIFY_OK(runRecipe(recipe));
                const auto ofDense = logitsOf(recipe.exportTo.out, ids);
                BITLATHE_VERIFY_OK(ofDense);
                QVERIFY(relativeDistance(*ofPacked, *ofDense) < 1e-5);
            }
        }
    }

    void keptFusedLayersAreWrittenAsTheyLay()
    {
        const fs::path folder = kModels / "gpt2"; // Holds its weights the other way round.
        if (!fs::exists(folder)) {
            QSKIP("the shared golden folder is not there");
        }
        const auto ids = idsOf(folder);
        const fs::path idsFile = m_folder / "kept.json";
        std::ofstream(idsFile) << Json(ids).dump();
        plan::Recipe recipe;
        recipe.model = folder;
        recipe.method = "awq";
        recipe.scheme.groupSize = 32;
        recipe.overrides = {{"*.c_attn", std::nullopt}};
        recipe.calibration.data = "ids:" + idsFile.string();
        recipe.calibration.samples = {1, static_cast<std::int64_t>(ids.size()), 0};
        recipe.compute = model::Compute::F32;
        recipe.exportTo.format = "dense";
        recipe.exportTo.out = m_folder / "kept";
        BITLATHE_VERIFY_OK(runRecipe(recipe));
        const auto before = format::openModel(folder);
        const auto after = format::openModel(recipe.exportTo.out);
        BITLATHE_VERIFY_OK(after);
        const model::LinearSpec& fused = (*before)->spec.linears.front();
        QVERIFY(fused.name.ends_with("c_attn"));
        const std::vector<float> a = *(*before)->source->weights(fused);
        const std::vector<float> b = *(*after)->source->weights(fused);
        QVERIFY(a != b); // The rows of values were divided.
        const auto queriesAndKeys = static_cast<std::ptrdiff_t>(a.size() / 3 * 2);
        QVERIFY(std::equal(a.begin(), a.begin() + queriesAndKeys, b.begin()));
        for (std::size_t i = 0; i < a.size(); ++i) {
            const float ratio = a[i] == 0 ? 1.0F : b[i] / a[i];
            QCOMPARE(std::exp2(std::nearbyint(std::log2(ratio))), ratio);
        }
    }

    void samplesLongerThanTheModelAreRefusedAtOnce()
    {
        const fs::path folder = kModels / "gpt2"; // Of 512 positions.
        if (!fs::exists(folder)) {
            QSKIP("the shared golden folder is not there");
        }
        const fs::path idsFile = m_folder / "long.json";
        std::ofstream(idsFile) << Json(std::vector<int>(2000, 3)).dump();
        plan::Recipe recipe;
        recipe.model = folder;
        recipe.scheme.groupSize = 32;
        recipe.exportTo.out = m_folder / "long";
        recipe.calibration.data = "ids:" + idsFile.string();
        recipe.calibration.samples = {1, 513, 0};
        const auto calibration = plan::makePlan(recipe);
        QVERIFY(!calibration);
        QCOMPARE(calibration.error().code, ErrorCode::SettingInvalid);
        QCOMPARE(calibration.error().subject, std::string("calibration.length"));
        recipe.calibration.samples.length = 512;
        BITLATHE_VERIFY_OK(plan::makePlan(recipe));
        recipe.evaluation.data = recipe.calibration.data;
        recipe.evaluation.length = 1024;
        const auto evaluation = plan::makePlan(recipe);
        QVERIFY(!evaluation);
        QCOMPARE(evaluation.error().subject, std::string("evaluation.length"));
    }

    void unknownFamilyRoundsToTheSameBytes()
    {
        const fs::path unknown = m_folder / "unknown";
        fs::copy(tests::kDemoModel, unknown);
        auto config = readJson(unknown / "config.json");
        BITLATHE_VERIFY_OK(config);
        (*config)["model_type"] = "something-new";
        fs::remove(unknown / "config.json");
        std::ofstream(unknown / "config.json") << config->dump();

        const auto opened = format::openModel(unknown);
        BITLATHE_VERIFY_OK(opened);
        QVERIFY(!(*opened)->spec.canRun);
        QCOMPARE((*opened)->spec.linears.size(), std::size_t{56});

        plan::Recipe recipe = tests::demoRecipe(m_folder / "from-known");
        recipe.calibration.data.clear();
        BITLATHE_VERIFY_OK(runRecipe(recipe));
        recipe.model = unknown;
        recipe.exportTo.out = m_folder / "from-unknown";
        BITLATHE_VERIFY_OK(runRecipe(recipe));
        const auto weights = [&](const char* folder) {
            return tests::filesOf(m_folder / folder).at("model.safetensors");
        };
        QVERIFY(weights("from-known") == weights("from-unknown"));

        recipe = tests::demoRecipe(m_folder / "calibrated");
        recipe.model = unknown;
        const auto refused = runRecipe(recipe);
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::NotSupported);
        const std::string sentence = refused.error().sentence();
        for (const char* word : {"something-new", "llama", "gpt_neox", "internlm2"}) {
            QVERIFY2(sentence.find(word) != std::string::npos, sentence.c_str());
        }
        QVERIFY(!fs::exists(m_folder / "calibrated"));
    }
};

} // namespace bitlathe::run

QTEST_GUILESS_MAIN(bitlathe::run::TestFamilyRuns)
#include "tst_familyruns.moc"
