// SPDX-License-Identifier: Apache-2.0
// A report with every part in it, whose names are those of somebody who means harm.
#pragma once

#include "core/report/report.h"

#include <limits>
#include <string>

namespace bitlathe::tests
{

inline const std::string kScript = "<script>alert('x')</script>";
inline const std::string kAttribute = "\"><img src=x onerror=alert(1)>";
inline const std::string kMustache = "{{title}}{{{recipe}}}";
inline const std::string kBroken = "bad\xFF\xC3(utf8\x01";

inline run::RunResult sampleRun()
{
    run::RunResult run;
    run.recipe.model = "/models/" + kScript;
    run.recipe.exportTo.out = "/out/" + kAttribute;
    run.out = run.recipe.exportTo.out;
    run.format = "compressed-tensors";
    run.bitsPerWeight = 4.125;
    run.bytes = 9'000'000;
    run.seconds = 1.5;
    run.bytesPeakRss = 80'000'000;
    run.program = "Bitlathe 0.1.0";
    run.modelFingerprint = "0123456789abcdef";
    for (int block = 0; block < 3; ++block) {
        for (const char* name : {"q_proj", "down_proj"}) {
            run::LayerRecord layer;
            layer.layer = LayerId(static_cast<std::int64_t>(run.layers.size()));
            layer.name = "model.layers." + std::to_string(block) + '.' + name;
            layer.block = block;
            layer.scheme = quant::Scheme();
            layer.quality = {0.25, 0.004 * (block + 1), 0.01, 0.125, true};
            layer.seconds = 0.01;
            run.layers.push_back(layer);
        }
    }
    run.layers[0].name = kMustache;
    run.layers[1].name = "a,b\"c\nd" + kBroken;
    run.layers[2].name = "=cmd|' /C calc'!A0";
    run.layers[3].scheme.reset();
    run.layers[4].quality.loss = std::numeric_limits<double>::quiet_NaN();
    run.layers[5].quality = {0, 0.2, 0.2, 0, false};
    return run;
}

inline evaluate::Comparison sampleComparison()
{
    evaluate::Comparison comparison;
    comparison.protocol.windows = 3;
    comparison.protocol.data = "text.txt" + kScript;
    comparison.protocol.compute = "f32";
    comparison.choiceProtocol.emplace().data = "questions.jsonl" + kScript;
    comparison.generationProtocol.emplace().data = "prompts.txt" + kScript;
    for (int i = 0; i < 3; ++i) {
        evaluate::ComparedModel model;
        model.path = "/models/" + std::to_string(i);
        model.name = i == 0 ? kScript : i == 1 ? "=1+2," + kAttribute : kBroken;
        model.schemeLabel = "4-bit, groups of 128, symmetric";
        model.bitsPerWeight = 16.0 / (1 << i);
        model.memory = {16'000'000U >> i, 17'000'000U >> i, 4096, 90'000'000};
        model.perplexity.perplexity = 9.3291 + i;
        model.perplexity.standardError = 0.31;
        model.perplexity.windowMeans = {2.1, 2.3, 2.2};
        model.perplexity.tokensScored = 6141;
        model.delta = i;
        model.deltaError = i == 0 ? 0 : 0.0213;
        model.tokensPerSecond = 6800.4;
        if (i > 0) {
            model.kl = evaluate::KlFacts{0.0869, 0.0011, 0.02, 0.3, 0.9, 2.5, 7.1, 0.8571, 0.002};
            model.tokens =
                evaluate::TokenFacts{{{1, 17, "two\nlines" + kScript, " a\tb", kBroken, kMustache, 0.5, 0.015, 7.1},
                                      {0, 3, "\u202E\u009B", "\n", "", kAttribute, 0.25, 0.125, 1.5}},
                                     {1, 2, {2.5, 2.25, 0}, {2.75, 2.5, 0}, {0.25, 0.125, 0}, {2, 1, 0}},
                                     {{-1, 1}, {0, 2, 1}}};
        }
        model.choice.emplace().all = {"", 200, 150 - 20 * i};
        model.choice->interval = {0.5, 0.8};
        if (i > 0) {
            model.choice->difference = evaluate::ChoiceDifference{200, 25, 5, -0.1, 0.0003};
        }
        model.generation = evaluate::GenerationFacts{8, 60.5, 2, 0.125, 1, {}};
        if (i > 0) {
            model.generation->agreement = evaluate::GenerationAgreement{
                8, 3, 20.5, 17, 9, 0.31, {{"Say" + kScript, "It is" + kAttribute, "It was" + kBroken, 1, 3}}};
        }
        comparison.models.push_back(model);
    }
    return comparison;
}

inline report::Report sampleReport()
{
    report::Report report;
    report.title = Text("%1", "Title " + kScript);
    report.environment = {"Bitlathe 0.1.0", "CPU " + kAttribute,   "System", "avx512", 2,
                          16ULL << 30,      "2026-03-01T12:34:56Z"};
    report.runs = {sampleRun()};
    report.comparison = sampleComparison();
    report.histograms = {{"layer " + kScript,
                          "4-bit, groups of 128, symmetric",
                          -0.5,
                          0.5,
                          {0, 1, 100, 5000, 90, 2},
                          {0, 0, 200, 4800, 190, 3}}};
    report::HeatMap map = {Text("outliers " + kAttribute),
                           Text("block"),
                           Text("input channel"),
                           Text("largest |x|"),
                           3,
                           300,
                           {"0", kScript, kBroken},
                           {}};
    for (int i = 0; i < 900; ++i) {
        map.values.push_back(i == 450 ? 1000.0F : 0.5F + static_cast<float>(i % 7));
    }
    report.heatMaps = {map};
    report.findings = {{Severity::Warning, "layer-not-quantized", kScript, Text("kept, because of %1", kAttribute),
                        Text("Look at it")}};
    return report;
}

} // namespace bitlathe::tests
