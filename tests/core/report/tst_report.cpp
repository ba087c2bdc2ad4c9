// SPDX-License-Identifier: Apache-2.0
// Reports: escaping, well-formed drawings, columns, schema.
#include "core/base/file.h"
#include "core/report/documents.h"
#include "core/report/drawings.h"
#include "core/report/numbers.h"
#include "core/report/svg.h"
#include "samplereport.h"
#include "support/jsonschema.h"
#include "support/tempfolder.h"

#include <QRegularExpression>
#include <QXmlStreamReader>

using namespace bitlathe;
using namespace bitlathe::tests;

namespace
{

/// Rows of a CSV text as RFC 4180 reads it.
std::vector<std::vector<std::string>> csvRows(const std::string& text)
{
    std::vector<std::vector<std::string>> rows(1, std::vector<std::string>(1));
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
                rows.back().back() += text[++i];
            } else if (c == '"') {
                quoted = false;
            } else {
                rows.back().back() += c;
            }
        } else if (c == '"') {
            quoted = true;
        } else if (c == ',') {
            rows.back().emplace_back();
        } else if (c == '\n') {
            rows.emplace_back(1);
        } else {
            rows.back().back() += c;
        }
    }
    rows.pop_back(); // After the last line end.
    return rows;
}

QString htmlOfSample()
{
    return QString::fromStdString(report::toHtml(sampleReport()));
}

} // namespace

class TestReport : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void htmlEscapesHostileNames()
    {
        const QString html = htmlOfSample();
        QVERIFY(!html.contains("<script"));
        QVERIFY(!html.contains("<img"));
        QVERIFY(html.contains("&lt;script&gt;"));
        QVERIFY2(html.contains("{{title}}"), "a name that looks like the template's places stays as it is");
        QVERIFY2(html.contains(QChar(0xFFFD)), "broken UTF-8 shows as a replacement");
        const std::string raw = report::toHtml(sampleReport());
        QCOMPARE(raw.find('\xFF'), std::string::npos);
        QCOMPARE(raw.find('\x01'), std::string::npos);
    }

    void htmlIsSelfContained()
    {
        const QString html = htmlOfSample();
        for (const char* reference : {" src=\"", " href=", "url(", "@import", "<link", "<script", "http:", "https:"}) {
            QVERIFY2(!html.contains(reference), reference);
        }
        QVERIFY(html.startsWith("<!DOCTYPE html>"));
        QVERIFY(html.contains("prefers-color-scheme:dark"));
        QVERIFY(html.contains("@media print"));
    }

    void htmlHasEveryPart()
    {
        const QString html = htmlOfSample();
        for (const char* heading : {"Comparison</h2>", "Token by token</h2>", "loses most</h3>", "Memory</h2>",
                                    "Findings</h2>", "Error through depth</h2>", "Weights before and after</h2>",
                                    "Activation outliers</h2>", "Recipe</h3>", "Environment</h2>"}) {
            QVERIFY2(html.contains(heading), heading);
        }
        QString sentence = QString::fromStdString(sampleComparison().protocol.sentence().english());
        sentence.truncate(sentence.indexOf('<')); // What follows is escaped.
        QVERIFY(sentence.size() > 20);
        QVERIFY2(html.contains(sentence), qPrintable(sentence));
        QVERIFY(html.contains("+1.000 ± 0.021"));
        for (const char* verdict : {"✓ fine", "▲ watch", "✕ bad"}) {
            QVERIFY2(html.contains(verdict), verdict);
        }
        QVERIFY(html.contains("layer-not-quantized"));
        QVERIFY2(!html.contains(QRegularExpression(R"(\{\{[#/^])")), "no place of the template is left");
        QVERIFY(!html.contains("nan"));
    }

    /// Whatever tokens hold, a table keeps its lines and a terminal its state.
    void tokensAreShownOnOneLine()
    {
        const QString html = htmlOfSample();
        QVERIFY(html.contains("<td>two⏎lines&lt;script&gt;"));
        QVERIFY(html.contains("<td>␣a⇥b</td>"));
        QVERIFY(html.contains("<td>{{title}}{{{recipe}}}</td>"));
        QVERIFY(html.contains("50.0 %") && html.contains("1.50 %"));
        QCOMPARE(report::inOneLine("a\r\nb\rc\td"), std::string("a⏎b⏎c⇥d"));
        QCOMPARE(report::inOneLine("\u202Ex\u009Bm\u2028"), std::string("\uFFFDx\uFFFDm\uFFFD"));
        QCOMPARE(report::inOneLine("\x1B[2J\xC2"), std::string("\uFFFD[2J\uFFFD"));
        QCOMPARE(report::inOneLine("größe 中 ð"), std::string("größe 中 ð"));
        QCOMPARE(report::tokenText(" is"), std::string("␣is"));
        QVERIFY(report::lossByPositionSvg(sampleComparison()).find("1 … 2") != std::string::npos);
        evaluate::Comparison without = sampleComparison();
        std::ranges::for_each(without.models, [](evaluate::ComparedModel& model) { model.tokens.reset(); });
        QVERIFY(report::lossByPositionSvg(without).empty() && report::klByPositionSvg(without).empty());
    }

    void emptyReportIsValid()
    {
        const QString html = QString::fromStdString(report::toHtml({}));
        QVERIFY(html.contains("None."));
        QVERIFY(!html.contains("Comparison</h2>"));
    }

    void drawingsAreWellFormed()
    {
        const QString html = htmlOfSample();
        int drawings = 0;
        for (qsizetype from = html.indexOf("<svg"); from >= 0; from = html.indexOf("<svg", from + 1)) {
            QXmlStreamReader reader(html.mid(from, html.indexOf("</svg>", from) + 6 - from));
            while (!reader.atEnd()) {
                reader.readNext();
            }
            QVERIFY2(!reader.hasError(), qPrintable(reader.errorString()));
            ++drawings;
        }
        QCOMPARE(drawings, 6); // Perplexity over size, loss and divergence by position, depth, histogram, map.
        QVERIFY(!html.contains("NaN") && !html.contains("\"inf") && !html.contains("-nan"));
    }

    void mapIsPooledByItsLargestValue()
    {
        report::HeatMap map{Text("m"), Text("r"), Text("c"), Text("v"), 1, 1000, {}, std::vector<float>(1000, 0.0F)};
        map.values[777] = 1.0F;
        const std::string svg = report::heatMapSvg(map);
        QVERIFY(svg.find(report::magnitudeColour(31.5 / 32)) != std::string::npos);
        QVERIFY(svg.find("largest of several") != std::string::npos);
        QCOMPARE(report::heatMapSvg({Text("m"), Text("r"), Text("c"), Text("v"), 2, 2, {}, {1.0F}}),
                 std::string()); // Lies about its size.
    }

    void magnitudeColoursGetLighter()
    {
        double last = -1;
        for (int i = 0; i <= 100; ++i) {
            const QString colour = QString::fromStdString(report::magnitudeColour(i / 100.0));
            const int rgb = colour.mid(1).toInt(nullptr, 16);
            const double lightness = 0.2126 * (rgb >> 16) + 0.7152 * ((rgb >> 8) & 255) + 0.0722 * (rgb & 255);
            QVERIFY2(lightness >= last, qPrintable(colour));
            last = lightness;
        }
    }

    void csvRowsHaveTheHeadersColumns()
    {
        for (const std::string& csv :
             {report::layersCsv(sampleRun().layers), report::comparisonCsv(sampleComparison())}) {
            const auto rows = csvRows(csv);
            QVERIFY(rows.size() > 3);
            for (const auto& row : rows) {
                QCOMPARE(row.size(), rows.front().size());
            }
        }
    }

    void csvKeepsTextAndNumbers()
    {
        const auto rows = csvRows(report::layersCsv(sampleRun().layers));
        QCOMPARE(rows[2][0].substr(0, 7), std::string("a,b\"c\nd"));
        QCOMPARE(rows[3][0].front(), '\'');  // No formula for a spreadsheet.
        QCOMPARE(rows[4][2], std::string()); // Kept in full precision: no bits.
        QCOMPARE(rows[5][5], std::string()); // Loss is not a number.
        const auto models = csvRows(report::comparisonCsv(sampleComparison()));
        QCOMPARE(QString::fromStdString(models[1][7]).toDouble(), 9.3291);
        QCOMPARE(models[0][27], std::string("worst_token"));
        QCOMPARE(models[2][27].back(), 'b');
        QCOMPARE(models[1][11], std::string()); // The base has no divergence from itself.
    }

    void outlierColumnsOfLlmInt8Only()
    {
        QVERIFY(!htmlOfSample().contains("Outlier columns"));
        report::Report report = sampleReport();
        run::LayerRecord& layer = report.runs[0].layers[0];
        layer.scheme->kind = quant::SchemeKind::Int8Outliers;
        layer.quality.outlierShare = 0.0625;
        const QString html = QString::fromStdString(report::toHtml(report));
        QCOMPARE(html.count("Outlier columns</th>"), 1);
        QCOMPARE(html.count(QString::fromStdString(report::percentText(0.0625)) + "</td>"), 1);
        const auto rows = csvRows(report::layersCsv(report.runs[0].layers));
        QCOMPARE(rows[0][10], std::string("outlier_share"));
        QCOMPARE(QString::fromStdString(rows[1][10]).toDouble(), 0.0625);
        QCOMPARE(rows[2][10], std::string());
        const auto json = parseJson(report::toJson(report), "report");
        BITLATHE_VERIFY_OK(json);
        const Json& layers = (*json)["runs"][0]["layers"];
        QCOMPARE(layers[0]["outlier_share"].get<double>(), 0.0625);
        QVERIFY(layers[1]["outlier_share"].is_null());
    }

    void jsonFollowsTheSchema()
    {
        const auto schema = readJson(BITLATHE_SOURCE_DIR "/resources/schemas/report.schema.json");
        BITLATHE_VERIFY_OK(schema);
        const auto full = parseJson(report::toJson(sampleReport()), "report");
        BITLATHE_VERIFY_OK(full);
        QCOMPARE(schemaViolation(*full, *schema), std::string());
        QCOMPARE((*full)["schemaVersion"].get<int>(), report::Report::kSchemaVersion);
        QVERIFY((*full)["runs"][0]["layers"][4]["loss"].is_null());
        const auto empty = parseJson(report::toJson({}), "report");
        BITLATHE_VERIFY_OK(empty);
        QCOMPARE(schemaViolation(*empty, *schema), std::string());
    }

    void schemaRefusesOtherDocuments()
    {
        const auto schema = readJson(BITLATHE_SOURCE_DIR "/resources/schemas/report.schema.json");
        BITLATHE_VERIFY_OK(schema);
        auto broken = parseJson(report::toJson(sampleReport()), "report");
        (*broken)["findings"][0]["severity"] = "dreadful";
        QVERIFY(schemaViolation(*broken, *schema).find("severity") != std::string::npos);
        broken->erase("findings");
        QVERIFY(!schemaViolation(*broken, *schema).empty());
    }

    void errorDocumentHasTheKeysOfTheContract()
    {
        const Error error{ErrorCode::FileTruncated, "a.safetensors", Text("%1 bytes", 10), Text("%1 bytes", 5),
                          Text("Copy it again")};
        const Json json = report::errorDocument(error);
        QVERIFY(json.is_object() && json.contains("error"));
        QCOMPARE(json["error"]["code"].get<std::string>(), std::string("file-truncated"));
        QCOMPARE(json["error"]["expected"].get<std::string>(), std::string("10 bytes"));
        QCOMPARE(json["error"]["found"].get<std::string>(), std::string("5 bytes"));
        QCOMPARE(json["error"]["advice"].get<std::string>(), std::string("Copy it again"));
    }

    void filesByEnding()
    {
        const TempFolder folder;
        const report::Report report = sampleReport();
        for (const char* name : {"r.html", "new/folder/r.json", "r.csv"}) {
            const auto written = report::writeReport(report, folder / name);
            BITLATHE_VERIFY_OK(written);
            const auto content = readFile(folder / name);
            BITLATHE_VERIFY_OK(content);
            QVERIFY(content->size() > 300);
        }
        QVERIFY(readFile(folder / "r.csv")->starts_with("name,block,bits"));
        report::Report comparison = report;
        comparison.runs.clear();
        BITLATHE_VERIFY_OK(report::writeReport(comparison, folder / "c.csv"));
        QVERIFY(readFile(folder / "c.csv")->starts_with("path,name,scheme"));
    }

    void badFileNames()
    {
        const TempFolder folder;
        const auto unknown = report::writeReport({}, folder / "r.docx");
        QVERIFY(!unknown);
        QVERIFY(unknown.error().sentence().find(".html, .csv or .json") != std::string::npos);
        QVERIFY(!std::filesystem::exists(folder / "r.docx"));
        const auto impossible = report::writeReport({}, "/proc/no/r.html");
        QVERIFY(!impossible);
        QVERIFY(impossible.error().subject.find("/proc/no/r.html") != std::string::npos);
    }

    void runWhoseFoldersAreGoneStillReports()
    {
        run::RunResult run = sampleRun();
        run.recipe.model = "/nowhere/model";
        const auto report = report::makeReport(run);
        BITLATHE_VERIFY_OK(report);
        QVERIFY(report->histograms.empty());
        QCOMPARE(report->findings.size(), std::size_t(1));
        QCOMPARE(report->findings[0].code, std::string("report-part-left-out"));
        QVERIFY(report->findings[0].message.english().find("/nowhere/model") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestReport)
#include "tst_report.moc"
