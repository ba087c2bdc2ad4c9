// SPDX-License-Identifier: Apache-2.0
// Recipes: what YAML says, what it may not say, and that writing and reading are each other's inverse.
#include "core/base/json.h"
#include "core/plan/recipe.h"
#include "support/tempfolder.h"

#include <QTest>

#include <set>

namespace bitlathe::plan
{

namespace
{

Recipe fullRecipe()
{
    Recipe recipe;
    recipe.model = "/models/a \"quoted\" one\\";
    recipe.scheme.bits = 3;
    recipe.scheme.groupSize = quant::kPerChannel;
    recipe.scheme.symmetric = false;
    recipe.scheme.clipping = quant::Clipping::Mse;
    recipe.scheme.actOrder = true;
    recipe.scheme.scaleDType = checkpoint::DType::BF16;
    recipe.scaleDTypeAuto = false;
    recipe.scheme.activationBits = 8;
    recipe.scheme.staticInputs = true;
    quant::Scheme wide = recipe.scheme;
    wide.bits = 8;
    wide.groupSize = quant::kPerTensor;
    wide.activationBits = 0;
    wide.staticInputs = false;
    recipe.options.smoothing = quant::Smoothing::SmoothQuant;
    recipe.options.awq = {
        .rule = quant::AwqRule::Lmdeploy, .grid = 7, .duoScaling = false, .clip = false, .effort = quant::Effort::Fast};
    recipe.options.smoothQuant.alpha = 0.35;
    recipe.overrides = {{"*.down_proj", wide}, {"re:layers\\.[01]\\.", std::nullopt}};
    recipe.options.bitsAndBytes = {
        true, quant::BookKind::Quantile, 4.5, {checkpoint::DType::BF16, checkpoint::DType::F32, true, true}};
    recipe.options.gptq = {0.05, 0.0025, true, 64, quant::Effort::Best};
    recipe.calibration.data = "text: with # signs.jsonl#field";
    recipe.calibration.samples = {7, 99, UINT64_MAX, text::SampleRule::Gptq};
    recipe.calibration.inputs = CalibrationInputs::Quantized;
    recipe.exportTo = {"dense", "/out/ümläut 目录", true, {2, "internlm2-chat-7b", false}, "/kv params"};
    recipe.evaluation = {"null", 512, 0, *quant::findKvSchemes("int8-head,int4-token-fit")};
    recipe.evaluation.protocol = evaluate::ProtocolKind::Strided;
    recipe.evaluation.stride = 64;
    recipe.evaluation.choice = {"a test.csv",       {evaluate::ChoiceRule::TextPerByte}, 5, "dev.csv", true, 100,
                                model::Compute::F32};
    recipe.evaluation.generation = {
        .data = "p q.jsonl#text", .newTokens = 9, .chat = true, .limit = 3, .temperature = 0.7, .seed = UINT64_MAX};
    recipe.compute = model::Compute::Bf16;
    recipe.device = {"cuda:1", 12'000'000'000};
    recipe.onDeviceFailure = OnDeviceFailure::Stop;
    recipe.threads = 2;
    recipe.seed = 42;
    recipe.strict = true;
    return recipe;
}

/// The sentence of the error that a YAML text gives; empty where it is accepted.
std::string errorOf(const std::string& yaml)
{
    const auto recipe = recipeFromYaml(yaml, "r.yaml");
    return recipe ? std::string() : recipe.error().sentence();
}

std::set<std::string> keysOf(const Json& object)
{
    std::set<std::string> keys;
    for (const auto& [key, value] : object.items()) {
        keys.insert(key);
    }
    return keys;
}

/// The first words of the lines of a YAML mapping at an indentation, below a line; the whole text where below is empty.
std::set<std::string> yamlKeys(const std::string& yaml, const std::string& below, std::size_t indentation)
{
    std::set<std::string> keys;
    bool inside = below.empty();
    for (const QString& line : QString::fromStdString(yaml).split('\n')) {
        const std::string text = line.toStdString();
        const std::size_t begin = text.find_first_not_of(" -");
        if (begin == std::string::npos) {
            continue;
        }
        if (!below.empty() && text.find_first_not_of(' ') == 0) {
            inside = text.starts_with(below + ':');
            continue;
        }
        if (inside && begin == indentation) {
            keys.insert(text.substr(begin, text.find(':') - begin));
        }
    }
    return keys;
}

} // namespace

class TestRecipe : public QObject
{
    Q_OBJECT

private slots:
    void roundTripKeepsEveryValue()
    {
        for (const Recipe& recipe : {Recipe{}, fullRecipe()}) {
            const std::string yaml = recipeToYaml(recipe);
            const auto read = recipeFromYaml(yaml, "r.yaml");
            BITLATHE_VERIFY_OK(read);
            QVERIFY(*read == recipe);
            QCOMPARE(recipeToYaml(*read), yaml);
        }
    }

    /// Options of a method are written where they matter or where somebody changed them.
    void methodOptionsAreWrittenWithTheirMethod()
    {
        Recipe recipe;
        QVERIFY(recipeToYaml(recipe).find("gptq:") == std::string::npos);
        recipe.method = "gptq";
        QVERIFY(recipeToYaml(recipe).find("damp_percent: 0.01") != std::string::npos);
        for (const char* wrong : {"effort: long", "damp_percent: much", "damp_percent: \"0.1\"", "static_groups: 1",
                                  "block_size: 1.5", "damping: 0.1"}) {
            const std::string yaml = std::string("version: 1\ngptq: {") + wrong + "}\n";
            QVERIFY2(errorOf(yaml).find("r.yaml:2") != std::string::npos, errorOf(yaml).c_str());
        }
        recipe.model = "m";
        recipe.exportTo.out = "o";
        recipe.calibration.data = "t";
        QVERIFY(checkRecipe(recipe).has_value());
        recipe.options.gptq.damping = 2;
        QVERIFY(!checkRecipe(recipe).has_value());
    }

    /// A recipe need not say what its method decides anyway.
    void methodsOfBitsAndBytesHaveTheirOwnSchemes()
    {
        const auto read = recipeFromYaml("version: 1\nmodel: m\nmethod: fp4\nbitsandbytes: {double_quant: true}\n"
                                         "export: {format: bitsandbytes, out: o}\n",
                                         "r.yaml");
        BITLATHE_VERIFY_OK(read);
        BITLATHE_VERIFY_OK(checkRecipe(*read));
        QCOMPARE(read->scheme.groupSize, std::int64_t{64});
        const quant::Scheme whole = completedScheme(*read, read->scheme);
        QCOMPARE(whole.label(), std::string("fp4, blocks of 64, scales of 8 bits"));
        const auto again = recipeFromYaml(recipeToYaml(*read), "r.yaml");
        BITLATHE_VERIFY_OK(again);
        QVERIFY(*again == *read);
        QVERIFY(recipeToCommand(*read).find(" --double-quant") != std::string::npos);
        for (const char* wrong : {"map: nf4", "quant_storage: int8", "compute_dtype: uint8", "threshold: high",
                                  "double_quant: 1", "block_size: 64"}) {
            const std::string yaml = std::string("version: 1\nbitsandbytes: {") + wrong + "}\n";
            QVERIFY2(errorOf(yaml).find("r.yaml:2") != std::string::npos, errorOf(yaml).c_str());
        }
        Recipe smoothed = *read;
        smoothed.options.smoothing = quant::Smoothing::Awq;
        QVERIFY(checkRecipe(smoothed).error().sentence().find("smoothing: expected none") == 0);
        Recipe asymmetric = *read;
        asymmetric.scheme.symmetric = false;
        QVERIFY(!checkRecipe(asymmetric));
        Recipe threshold = *read;
        threshold.method = "llm-int8";
        threshold.scheme = quant::Scheme{.bits = 8, .groupSize = quant::kPerChannel};
        BITLATHE_VERIFY_OK(checkRecipe(threshold));
        threshold.options.bitsAndBytes.threshold = -1;
        QVERIFY(checkRecipe(threshold).error().sentence().find("threshold") == 0);
    }

    void absentKeysHaveDefaults()
    {
        const auto read = recipeFromYaml("version: 1\nmodel: m\n", "r.yaml");
        BITLATHE_VERIFY_OK(read);
        Recipe expected;
        expected.model = "m";
        QVERIFY(*read == expected);
    }

    void groupSizeSpellings_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<qint64>("size");
        QTest::newRow("number") << "64" << qint64{64};
        QTest::newRow("channel") << "channel" << static_cast<qint64>(quant::kPerChannel);
        QTest::newRow("minus one") << "-1" << static_cast<qint64>(quant::kPerChannel);
        QTest::newRow("tensor") << "tensor" << static_cast<qint64>(quant::kPerTensor);
    }
    void groupSizeSpellings()
    {
        QFETCH(const QString, text);
        QFETCH(const qint64, size);
        const auto read = recipeFromYaml("version: 1\nscheme: {group_size: " + text.toStdString() + "}\n", "r.yaml");
        BITLATHE_VERIFY_OK(read);
        QCOMPARE(static_cast<qint64>(read->scheme.groupSize), size);
    }

    void overridesStartFromTheScheme()
    {
        const auto read = recipeFromYaml("version: 1\nscheme: {bits: 3, symmetric: false}\n"
                                         "overrides:\n- {pattern: \"a*\", bits: 8}\n- {pattern: b, keep: true}\n",
                                         "r.yaml");
        BITLATHE_VERIFY_OK(read);
        QCOMPARE(read->overrides.size(), std::size_t{2});
        QCOMPARE(read->overrides[0].scheme->bits, 8);
        QCOMPARE(read->overrides[0].scheme->symmetric, false);
        QVERIFY(!read->overrides[1].scheme);
    }

    void badYamlNamesLineAndKey_data()
    {
        QTest::addColumn<QString>("yaml");
        QTest::addColumn<QString>("where");
        QTest::addColumn<QString>("what");
        QTest::newRow("unknown key") << "version: 1\nmodel: m\nscheme:\n  bitts: 4\n"
                                     << "r.yaml:4:"
                                     << "scheme.bitts";
        QTest::newRow("unknown top key") << "version: 1\nmodell: m\n"
                                         << "r.yaml:2:"
                                         << "modell";
        QTest::newRow("twice") << "version: 1\nseed: 1\nseed: 2\n"
                               << "r.yaml:3:"
                               << "seed again";
        QTest::newRow("text for number") << "version: 1\nscheme:\n  bits: four\n"
                                         << "r.yaml:3:"
                                         << "scheme.bits";
        QTest::newRow("quoted number") << "version: 1\nscheme: {bits: \"4\"}\n"
                                       << "r.yaml:2:"
                                       << "scheme.bits";
        QTest::newRow("fraction") << "version: 1\nthreads: 1.5\n"
                                  << "r.yaml:2:"
                                  << "threads";
        QTest::newRow("too large") << "version: 1\nthreads: 99999999999\n"
                                   << "r.yaml:2:"
                                   << "threads";
        QTest::newRow("no size") << "version: 1\nvram: lots\n"
                                 << "r.yaml:2:"
                                 << "12GB";
        QTest::newRow("unknown way on") << "version: 1\non_device_failure: hide\n"
                                        << "r.yaml:2:"
                                        << "continue, stop";
        QTest::newRow("unknown rule") << "version: 1\ncalibration:\n  select: best\n"
                                      << "r.yaml:3:"
                                      << "rows, gptq, awq, lmdeploy";
        QTest::newRow("negative seed") << "version: 1\nseed: -1\n"
                                       << "r.yaml:2:"
                                       << "seed";
        QTest::newRow("yes for true") << "version: 1\nstrict: yes\n"
                                      << "r.yaml:2:"
                                      << "true or false for strict";
        QTest::newRow("list for text") << "version: 1\nmodel: [a]\n"
                                       << "r.yaml:2:"
                                       << "a list";
        QTest::newRow("text for mapping") << "version: 1\nscheme: int4\n"
                                          << "r.yaml:2:"
                                          << "scheme";
        QTest::newRow("mapping for list") << "version: 1\noverrides: {pattern: a}\n"
                                          << "r.yaml:2:"
                                          << "overrides";
        QTest::newRow("no pattern") << "version: 1\noverrides:\n- bits: 4\n"
                                    << "r.yaml"
                                    << "overrides[0].pattern";
        QTest::newRow("clipping") << "version: 1\nscheme: {clipping: best}\n"
                                  << "r.yaml:2:"
                                  << "minmax, mse";
        QTest::newRow("group") << "version: 1\nscheme: {group_size: row}\n"
                               << "r.yaml:2:"
                               << "scheme.group_size";
        QTest::newRow("compute") << "version: 1\ncompute: f16\n"
                                 << "r.yaml:2:"
                                 << "auto, f32, bf16";
        QTest::newRow("scale") << "version: 1\noverrides:\n- {pattern: a, scale_dtype: f32}\n"
                               << "r.yaml:3:"
                               << "scale_dtype";
        QTest::newRow("no version") << "model: m\n"
                                    << "r.yaml"
                                    << "no version";
        QTest::newRow("later version") << "version: 2\n"
                                       << "r.yaml:1:"
                                       << "version 2";
        QTest::newRow("syntax") << "version: 1\nmodel: [a\n"
                                << "r.yaml:"
                                << "YAML";
        QTest::newRow("tab") << "version: 1\n\tmodel: a\n"
                             << "r.yaml:2:"
                             << "YAML";
        QTest::newRow("empty") << ""
                               << "r.yaml"
                               << "none";
        QTest::newRow("two documents") << "version: 1\n---\nversion: 1\n"
                                       << "r.yaml"
                                       << "more than one";
        QTest::newRow("a comma") << ","
                                 << "r.yaml"
                                 << "more than one";
        QTest::newRow("a list") << "- 1\n- 2\n"
                                << "r.yaml:1:"
                                << "a list";
        QTest::newRow("undefined alias") << "version: *a\n"
                                         << "r.yaml:1:"
                                         << "anchor";
    }
    void badYamlNamesLineAndKey()
    {
        QFETCH(const QString, yaml);
        QFETCH(const QString, where);
        QFETCH(const QString, what);
        const std::string sentence = errorOf(yaml.toStdString());
        QVERIFY2(sentence.find(where.toStdString()) == 0, sentence.c_str());
        QVERIFY2(sentence.find(what.toStdString()) != std::string::npos, sentence.c_str());
    }

    void deepNestingIsRefused()
    {
        const std::string deep = "version: 1\nmodel: " + std::string(100'000, '[') + std::string(100'000, ']');
        QVERIFY(errorOf(deep).find("nesting") != std::string::npos || errorOf(deep).find("YAML") != std::string::npos);
    }

    void manyAliasesAreRefused()
    {
        std::string bomb = "version: 1\na: &a [x, x]\n";
        for (char c = 'b'; c < 'z'; ++c) {
            bomb += std::string(1, c) + ": &" + c + " [";
            for (int i = 0; i < 9; ++i) {
                bomb += std::string("*") + static_cast<char>(c - 1) + ", ";
            }
            bomb += "]\n";
        }
        QVERIFY(errorOf(bomb).find("aliases") != std::string::npos);
    }

    void largeFilesAreRefused()
    {
        QVERIFY(errorOf("version: 1\n#" + std::string(2'000'000, 'x')).find("bytes") != std::string::npos);
    }

    void missingFileIsNamed()
    {
        const auto read = readRecipe("/nonexistent/r.yaml");
        QVERIFY(!read);
        QCOMPARE(read.error().code, ErrorCode::FileMissing);
    }

    void checkFindsWhatIsWrong_data()
    {
        QTest::addColumn<int>("change");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("part");
        const auto invalid = static_cast<int>(ErrorCode::SettingInvalid);
        const auto unknown = static_cast<int>(ErrorCode::UnknownName);
        QTest::newRow("no model") << 0 << invalid << "model";
        QTest::newRow("unknown method") << 1 << unknown << "rtn";
        QTest::newRow("unknown format") << 2 << unknown << "compressed-tensors";
        QTest::newRow("bits") << 3 << invalid << "7";
        QTest::newRow("bits 0") << 4 << invalid << "0";
        QTest::newRow("group") << 5 << invalid << "3";
        QTest::newRow("override bits") << 6 << invalid << "*.down_proj";
        QTest::newRow("override pattern") << 7 << invalid << "(";
        QTest::newRow("no out") << 8 << invalid << "export.out";
        QTest::newRow("samples") << 9 << invalid << "calibration.samples";
        QTest::newRow("length") << 10 << invalid << "evaluation.length";
        QTest::newRow("threads") << 11 << invalid << "threads";
        QTest::newRow("activation bits") << 12 << invalid << "7";
        QTest::newRow("grid") << 13 << invalid << "awq.grid";
        QTest::newRow("alpha") << 14 << invalid << "smoothquant.alpha";
        QTest::newRow("smoothing without text") << 15 << invalid << "calibration.data";
        QTest::newRow("ranges without text") << 16 << invalid << "evaluation.kv";
        QTest::newRow("grids without text") << 17 << invalid << "export.kv_params";
        QTest::newRow("grids beside quantized inputs") << 18 << invalid << "--sequential";
        QTest::newRow("stride of plain windows") << 19 << invalid << "evaluation.stride";
        QTest::newRow("stride longer than a window") << 20 << invalid << "evaluation.stride";
        QTest::newRow("questions without text") << 21 << invalid << "evaluation.data";
        QTest::newRow("examples without questions") << 22 << invalid << "evaluation.choice.data";
        QTest::newRow("file of examples without a number") << 23 << invalid << "evaluation.choice.shots";
        QTest::newRow("several rules") << 24 << invalid << "evaluation.choice.by";
        QTest::newRow("prompts without text") << 25 << invalid << "evaluation.data";
        QTest::newRow("length without prompts") << 26 << invalid << "evaluation.generation.data";
        QTest::newRow("no new tokens") << 27 << invalid << "evaluation.generation.new-tokens";
        QTest::newRow("unknown device") << 28 << invalid << "auto, cpu, cuda or cuda:1";
    }
    void checkFindsWhatIsWrong()
    {
        QFETCH(const int, change);
        QFETCH(const int, code);
        QFETCH(const QString, part);
        Recipe recipe;
        recipe.model = "m";
        recipe.exportTo.out = "o";
        BITLATHE_VERIFY_OK(checkRecipe(recipe));
        quant::Scheme wrong;
        wrong.bits = 9;
        switch (change) {
        case 0: recipe.model.clear(); break;
        case 1: recipe.method = "magic"; break;
        case 2: recipe.exportTo.format = "zip"; break;
        case 3: recipe.scheme.bits = 7; break;
        case 4: recipe.scheme.bits = 0; break;
        case 5: recipe.scheme.groupSize = 3; break;
        case 6: recipe.overrides = {{"*.down_proj", wrong}}; break;
        case 7: recipe.overrides = {{"re:(", std::nullopt}}; break;
        case 8: recipe.exportTo.out.clear(); break;
        case 9: recipe.calibration.samples.samples = 0; break;
        case 10: recipe.evaluation.length = 1; break;
        case 11: recipe.threads = -1; break;
        case 28: recipe.device.name = "gpu"; break;
        case 12: recipe.scheme.activationBits = 7; break;
        case 13: recipe.options.awq.grid = 0; break;
        case 14: recipe.options.smoothQuant.alpha = 1.5; break;
        case 15: recipe.options.smoothing = quant::Smoothing::Awq; break;
        case 16: recipe.evaluation.kv = *quant::findKvSchemes("int8"); break;
        case 17: recipe.exportTo.kvParams = "auto"; break;
        case 18:
            recipe.exportTo.kvParams = "auto";
            recipe.method = "gptq";
            recipe.calibration.data = "text.txt";
            recipe.calibration.inputs = CalibrationInputs::Quantized;
            break;
        case 19: recipe.evaluation.stride = 64; break;
        case 20:
            recipe.evaluation.protocol = evaluate::ProtocolKind::Strided;
            recipe.evaluation.stride = recipe.evaluation.length + 1;
            break;
        case 21: recipe.evaluation.choice.data = "q.csv"; break;
        case 22: recipe.evaluation.choice.shots = 5; break;
        case 23:
            recipe.evaluation.data = "text.txt";
            recipe.evaluation.choice.data = "q.csv";
            recipe.evaluation.choice.shotsData = "dev.csv";
            break;
        case 24:
            recipe.evaluation.data = "text.txt";
            recipe.evaluation.choice.data = "q.csv";
            recipe.evaluation.choice.rules = evaluate::choiceRules();
            break;
        case 25: recipe.evaluation.generation.data = "p.txt"; break;
        case 26: recipe.evaluation.generation.newTokens = 9; break;
        case 27:
            recipe.evaluation.data = "text.txt";
            recipe.evaluation.generation = {.data = "p.txt", .newTokens = 0};
            break;
        default: QFAIL("no such change");
        }
        const auto checked = checkRecipe(recipe);
        QVERIFY(!checked);
        const std::string sentence = checked.error().sentence();
        QCOMPARE(static_cast<int>(checked.error().code), code);
        QVERIFY2(sentence.find(part.toStdString()) != std::string::npos, sentence.c_str());
    }

    void commandSaysAll()
    {
        Recipe recipe;
        recipe.model = "m";
        recipe.exportTo.out = "it's out";
        QCOMPARE(recipeToCommand(recipe),
                 std::string("bitlathe-cli quantize m --method rtn --bits 4 --group-size 128 --format "
                             "compressed-tensors --out 'it'\\''s out'"));
        const std::string full = recipeToCommand(fullRecipe());
        for (const char* part : {"--asymmetric",
                                 "--clipping mse",
                                 "--act-order",
                                 "--scale-dtype",
                                 "--effort best",
                                 "--damp-percent 0.05",
                                 "--damp-auto-increment 0.0025",
                                 "--static-groups",
                                 "--block-size 64",
                                 "--override '*.down_proj=bits:8,group_size:tensor",
                                 "=keep'",
                                 "--samples 7",
                                 "--length 99",
                                 "--select gptq",
                                 "--overwrite",
                                 "--compute bf16",
                                 "--device cuda:1",
                                 "--vram 12GB",
                                 "--on-device-failure stop",
                                 "--threads 2",
                                 "--seed 42",
                                 "--strict",
                                 "--eval-data null",
                                 "--eval-kv int8-head,int4-token-fit",
                                 "--eval-protocol strided",
                                 "--eval-stride 64",
                                 "--eval-choice 'a test.csv'",
                                 "--eval-choice-by text-per-byte",
                                 "--eval-choice-shots 5",
                                 "--eval-choice-shots-data dev.csv",
                                 "--eval-choice-chat",
                                 "--eval-choice-limit 100",
                                 "--eval-prompts 'p q.jsonl#text'",
                                 "--eval-new-tokens 9",
                                 "--eval-chat",
                                 "--eval-prompts-limit 3",
                                 "--eval-temperature 0.7",
                                 "--eval-seed 18446744073709551615",
                                 "--activation-bits 8",
                                 "activation_bits:0",
                                 "--activation-scales static",
                                 "activation_scales:dynamic",
                                 "--sequential",
                                 "--smoothing smoothquant",
                                 "--grid 7",
                                 "--no-duo-scaling",
                                 "--no-clip",
                                 "--alpha 0.35"}) {
            QVERIFY2(full.find(part) != std::string::npos, full.c_str());
        }
    }

    /// The word stands where the number does, in schemes and overrides; a number in an override ends it.
    void ternaryIsSaidInsteadOfBits()
    {
        Recipe recipe = fullRecipe();
        BITLATHE_VERIFY_OK(quant::setBits(recipe.scheme, "ternary"));
        quant::Scheme some = recipe.scheme;
        BITLATHE_VERIFY_OK(quant::setBits(some, "4"));
        recipe.overrides = {{"a", some}, {"b", recipe.scheme}};
        const auto read = recipeFromYaml(recipeToYaml(recipe), "r.yaml");
        BITLATHE_VERIFY_OK(read);
        QVERIFY(*read == recipe);
        const std::string command = recipeToCommand(recipe);
        QVERIFY2(command.find("--bits ternary ") != std::string::npos, command.c_str());
        QVERIFY2(command.find("--asymmetric") == std::string::npos, command.c_str());
        QVERIFY2(command.find("b=bits:ternary,") != std::string::npos, command.c_str());
        const auto number = recipeFromYaml("version: 1\nscheme: {bits: 1.58, group_size: 64}\n", "r.yaml");
        BITLATHE_VERIFY_OK(number);
        QVERIFY(number->scheme.ternary && number->scheme.bits == 2 && !number->scheme.symmetric);
        QVERIFY(errorOf("version: 1\nscheme: {bits: 1.5}\n").find("a whole number for scheme.bits") !=
                std::string::npos);
    }

    /// A recipe that names no length has the protocol's; one from before there were protocols reads and writes as ever.
    void evaluationSaysNoMoreThanItMust()
    {
        const auto brief = recipeFromYaml("version: 1\nevaluation: {data: e, protocol: llama.cpp}\n", "r.yaml");
        BITLATHE_VERIFY_OK(brief);
        QCOMPARE(brief->evaluation.length, std::int64_t{512});
        Recipe plain;
        plain.evaluation.data = "e";
        const std::string yaml = recipeToYaml(plain);
        QCOMPARE(yamlKeys(yaml, "evaluation", 2), (std::set<std::string>{"data", "length", "windows", "kv"}));
        QVERIFY(errorOf("version: 1\nevaluation: {protocol: luck}\n").find("llama.cpp") != std::string::npos);
        QVERIFY(errorOf("version: 1\nevaluation: {choice: {by: all}}\n").find("text-per-byte") != std::string::npos);
    }

    void schemaHasTheKeysThatAreWritten()
    {
        const auto schema =
            readJson(std::filesystem::path(BITLATHE_SOURCE_DIR) / "resources/schemas/recipe.schema.json");
        BITLATHE_VERIFY_OK(schema);
        const Json& top = (*schema)["properties"];
        const std::string yaml = recipeToYaml(fullRecipe());
        QCOMPARE(yamlKeys(yaml, "", 0), keysOf(top));
        for (const char* section : {"awq", "smoothquant", "gptq", "calibration", "export", "evaluation"}) {
            QCOMPARE(yamlKeys(yaml, section, 2), keysOf(top[section]["properties"]));
        }
        const Json& evaluation = top["evaluation"]["properties"];
        std::set<std::string> inner = keysOf(evaluation["choice"]["properties"]);
        inner.merge(keysOf(evaluation["generation"]["properties"]));
        QCOMPARE(yamlKeys(yaml, "evaluation", 4), inner);
        std::set<std::string> scheme = keysOf(top["scheme"]["properties"]);
        QVERIFY(scheme.erase("kind") == 1); // Written only where it is not the usual one.
        QCOMPARE(yamlKeys(yaml, "scheme", 2), scheme);
        std::set<std::string> change = keysOf(top["overrides"]["items"]["properties"]);
        QVERIFY(change.erase("kind") == 1);
        QCOMPARE(yamlKeys(yaml, "overrides", 4), change);
    }
};

} // namespace bitlathe::plan

QTEST_GUILESS_MAIN(bitlathe::plan::TestRecipe)
#include "tst_recipe.moc"
