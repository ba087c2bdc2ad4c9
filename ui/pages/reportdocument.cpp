// SPDX-License-Identifier: GPL-3.0-or-later
// The report as a rich text document: what the Report page shows and what becomes a PDF.
#include "ui/pages/reportdocument.h"

#include "core/base/file.h"
#include "core/report/drawings.h"
#include "core/report/explain.h"
#include "ui/bridge/numbers.h"
#include "ui/bridge/session.h"
#include "ui/models/comparisonmodel.h"
#include "ui/models/tokenlossmodel.h"
#include "ui/theme/theme.h"

#include <QCoreApplication>
#include <QImage>
#include <QLocale>
#include <QPageSize>
#include <QPainter>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgRenderer>
#include <QUrl>

#include <algorithm>
#include <cerrno>

namespace bitlathe::ui
{

namespace
{

constexpr int kPictureWidth = 640; ///< Pixels in the document; drawn three times as fine for print.
constexpr int kPictureScale = 3;

/// The words of the document.
class ReportDocument
{
    Q_DECLARE_TR_FUNCTIONS(ReportDocument)
};

QString row(const QStringList& cells, const QString& tag = QStringLiteral("td"))
{
    QString html = QStringLiteral("<tr>");
    for (qsizetype i = 0; i < cells.size(); ++i) {
        const QString align = i == 0 ? QStringLiteral("left") : QStringLiteral("right");
        html += QStringLiteral("<%1 align=\"%2\">%3</%1>").arg(tag, align, cells[i].toHtmlEscaped());
    }
    return html + QStringLiteral("</tr>");
}

/// Builds the HTML subset that QTextDocument knows, and hands over the pictures it names.
class DocumentBuilder
{
public:
    explicit DocumentBuilder(QTextDocument& document) : m_document(document) {}

    void heading(const QString& text, int level = 2)
    {
        m_html += QStringLiteral("<h%1>%2</h%1>").arg(level).arg(text.toHtmlEscaped());
    }
    void paragraph(const QString& text) { m_html += QStringLiteral("<p>%1</p>").arg(text.toHtmlEscaped()); }
    void code(const QString& text) { m_html += QStringLiteral("<pre>%1</pre>").arg(text.toHtmlEscaped()); }
    void table(const QStringList& header, const QList<QStringList>& rows)
    {
        m_html += QStringLiteral("<table cellpadding=\"3\" cellspacing=\"0\" width=\"98%\">") + row(header, QStringLiteral("th"));
        for (const QStringList& cells : rows) {
            m_html += row(cells);
        }
        m_html += QStringLiteral("</table>");
    }
    void picture(const std::string& svg)
    {
        // The drawings take their colours from the page's style sheet; a picture has to bring its own.
        if (svg.empty()) {
            return;
        }
        QByteArray source = QByteArray::fromStdString(svg);
        source.insert(source.indexOf('>') + 1, styleSheet());
        QSvgRenderer renderer(source);
        if (!renderer.isValid()) {
            return;
        }
        const QSize size = renderer.defaultSize().scaled(kPictureWidth, kPictureWidth, Qt::KeepAspectRatio);
        QImage image(size * kPictureScale, QImage::Format_RGB32);
        image.fill(Qt::white);
        QPainter painter(&image);
        renderer.render(&painter);
        painter.end();
        const QString name = QStringLiteral("picture%1").arg(++m_pictures);
        m_document.addResource(QTextDocument::ImageResource, QUrl(name), image);
        m_html += QStringLiteral("<p><img src=\"%1\" width=\"%2\" height=\"%3\"></p>").arg(name).arg(size.width()).arg(size.height());
    }
    void finish() { m_document.setHtml(QString::fromStdString(withoutHome(m_html.toStdString()))); }

private:
    static QByteArray styleSheet()
    {
        const auto name = [](ColorId id) { return Theme::color(id, false).name(); };
        QString css = QStringLiteral("<style type=\"text/css\">text{font-family:sans-serif;font-size:11px}"
                                     ".plot-title{fill:%1;font-size:12px}.tick{fill:%2}.axis{fill:%1}.end{text-anchor:end}"
                                     ".mid{text-anchor:middle}.grid{stroke:%3}.error{stroke:%2}"
                                     ".area{fill-opacity:.3}.line{fill:none;stroke-width:1.8}")
                          .arg(name(ColorId::Text), name(ColorId::TextMuted), name(ColorId::PlotGrid));
        for (int i = 0; i < Theme::kCategories; ++i) {
            css += QStringLiteral(".s%1{fill:%2;stroke:%2}").arg(i).arg(Theme::category(i, false).name());
        }
        return (css + QStringLiteral("</style>")).toUtf8();
    }

    QTextDocument& m_document;
    QString m_html;
    int m_pictures = 0;
};

/// The tokens whose prediction a model changed most.
void addTokens(DocumentBuilder& builder, const evaluate::ComparedModel& compared)
{
    builder.heading(ReportDocument::tr("Tokens that suffer most: %1").arg(QString::fromStdString(compared.name)), 3);
    TokenLossModel model;
    model.setTokens(compared.tokens->worst);
    QStringList header;
    for (int column = 0; column < model.columnCount(); ++column) {
        header << model.headerData(column, Qt::Horizontal).toString();
    }
    QList<QStringList> rows;
    for (int row = 0; row < model.rowCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < model.columnCount(); ++column) {
            cells << model.index(row, column).data().toString();
        }
        rows << cells;
    }
    builder.table(header, rows);
}

void addComparison(DocumentBuilder& builder, const evaluate::Comparison& comparison)
{
    builder.heading(ReportDocument::tr("Comparison"));
    ComparisonModel model;
    model.setComparison(std::make_shared<const evaluate::Comparison>(comparison));
    QStringList header{QString()};
    for (int column = 0; column < model.columnCount(); ++column) {
        header << model.headerData(column, Qt::Horizontal).toString();
    }
    QList<QStringList> rows;
    for (int line = 0; line < model.rowCount(); ++line) {
        if (!model.isAsked(static_cast<ComparisonModel::Row>(line))) {
            continue;
        }
        QStringList cells{model.headerData(line, Qt::Vertical).toString()};
        for (int column = 0; column < model.columnCount(); ++column) {
            cells << model.index(line, column).data().toString();
        }
        rows << cells;
    }
    builder.table(header, rows);
    builder.paragraph(translated(comparison.protocol.sentence()));
    if (comparison.choiceProtocol) {
        builder.paragraph(translated(comparison.choiceProtocol->sentence()));
    }
    if (comparison.generationProtocol) {
        builder.paragraph(translated(comparison.generationProtocol->sentence()));
    }
    for (std::size_t i = 1; i < comparison.models.size(); ++i) {
        builder.paragraph(translated(comparison.verdict(i)));
    }
    for (const evaluate::ComparedModel& compared : comparison.models) {
        if (compared.tokens) {
            addTokens(builder, compared);
        }
    }
}

/// What was lost and where, in plain words.
void addExplanation(DocumentBuilder& builder, const run::RunResult& run, const evaluate::Comparison* comparison)
{
    const report::Explanation explanation = report::explain(run, comparison);
    builder.heading(ReportDocument::tr("What was lost, and where"), 3);
    for (const report::ExplainedLoss& loss : explanation.losses) {
        //: A verdict (fine, watch, bad), a sentence, and what values are usual
        builder.paragraph(ReportDocument::tr("%1: %2 %3").arg(verdictWord(loss.verdict), translated(loss.text), translated(loss.reason)));
    }
    for (const std::vector<Text>* sentences : {&explanation.places, &explanation.remedies}) {
        for (const Text& sentence : *sentences) {
            builder.paragraph(translated(sentence));
        }
    }
}

void addLayers(DocumentBuilder& builder, const run::RunResult& run)
{
    builder.heading(ReportDocument::tr("Layers"), 3);
    QList<QStringList> rows;
    QStringList header{ReportDocument::tr("Layer"), ReportDocument::tr("Bits"), ReportDocument::tr("Output error"), ReportDocument::tr("Loss"), ReportDocument::tr("Saturated")};
    const bool hasOutliers = std::any_of(run.layers.begin(), run.layers.end(), [](const run::LayerRecord& layer) { return layer.hasOutlierShare(); });
    if (hasOutliers) {
        header << ReportDocument::tr("Outlier columns");
    }
    for (const run::LayerRecord& layer : run.layers) {
        rows << QStringList{QString::fromStdString(layer.name),
            layer.scheme ? QLocale().toString(layer.scheme->bits) : ReportDocument::tr("kept"),
            formatPercent(layer.quality.relativeError), formatNumber(layer.quality.loss), formatPercent(layer.quality.saturated)};
        if (hasOutliers) {
            rows.back() << (layer.hasOutlierShare() ? formatPercent(layer.quality.outlierShare) : QString());
        }
    }
    builder.table(header, rows);
}

void addRun(DocumentBuilder& builder, const run::RunResult& run, const report::Report& report)
{
    builder.heading(ReportDocument::tr("Run: %1").arg(fromPath(run.out.filename())));
    QList<QStringList> facts{{ReportDocument::tr("Source model"), fromPath(run.recipe.model)}, {ReportDocument::tr("Format"), QString::fromStdString(run.format)},
        {ReportDocument::tr("Bits per weight"), formatNumber(run.bitsPerWeight, 4)}, {ReportDocument::tr("Size on disk"), formatBytes(run.bytes)},
        {ReportDocument::tr("Time"), formatDuration(run.seconds)}, {ReportDocument::tr("Peak memory"), formatBytes(run.bytesPeakRss)}};
    if (run.bytesPeakVram > 0) {
        facts.append({ReportDocument::tr("Device"), ReportDocument::tr("%1 (peak memory %2)").arg(QString::fromStdString(run.device), formatBytes(run.bytesPeakVram))});
    }
    builder.table({ReportDocument::tr("Fact"), ReportDocument::tr("Value")}, facts);
    addExplanation(builder, run, report.comparison ? &*report.comparison : nullptr);
    if (report.shows(report::Section::Layers)) {
        addLayers(builder, run);
    }
    if (report.shows(report::Section::Recipe)) {
        builder.heading(ReportDocument::tr("Recipe"), 3);
        builder.code(QString::fromStdString(plan::recipeToYaml(run.recipe)));
    }
}

void addDrawings(DocumentBuilder& builder, const report::Report& report)
{
    const report::Words words = [](const Text& text) { return translated(text).toStdString(); };
    if (report.comparison) {
        builder.picture(report::sizeAndQualitySvg(*report.comparison, words));
    }
    builder.picture(report::depthSvg(report.runs, words));
    for (report::Histogram histogram : report.histograms) {
        histogram.schemeLabel = schemeText(histogram.schemeLabel).toStdString();
        builder.picture(report::histogramSvg(histogram, words));
    }
    for (const report::HeatMap& map : report.heatMaps) {
        builder.picture(report::heatMapSvg(map, words));
    }
}

/// Of the calling thread.
std::unique_ptr<QTextDocument> buildDocument(const report::Report& report, const QFont& font)
{
    auto document = std::make_unique<QTextDocument>();
    document->setDefaultFont(font);
    document->setDefaultStyleSheet(QStringLiteral("body{color:#1b1f24}th{color:#57606a;border-bottom:1px solid #d0d7de}"
                                                  "td{border-bottom:1px solid #eaeef2}pre{font-family:monospace}"));
    DocumentBuilder builder(*document);
    builder.heading(translated(report.title), 1);
    const report::Environment& environment = report.environment;
    builder.paragraph(ReportDocument::tr("%1 on %2, %3; CPU level %4, threads %5, %6")
                          .arg(QString::fromStdString(environment.program), QString::fromStdString(environment.processor),
                              QString::fromStdString(environment.system), QString::fromStdString(environment.cpuLevel), QLocale().toString(environment.threads),
                              QString::fromStdString(environment.time)));
    if (report.comparison) {
        addComparison(builder, *report.comparison);
    }
    if (report.shows(report::Section::Findings) && !report.findings.empty()) {
        builder.heading(ReportDocument::tr("Findings"));
        for (const Finding& finding : report.findings) {
            builder.paragraph(QStringLiteral("%1: %2 %3")
                                  .arg(QString::fromStdString(finding.subject), translated(finding.message), translated(finding.advice)));
        }
    }
    if (report.shows(report::Section::Drawings)) {
        addDrawings(builder, report);
    }
    for (const run::RunResult& run : report.runs) {
        addRun(builder, run, report);
    }
    builder.finish();
    return document;
}

} // namespace

std::unique_ptr<QTextDocument> makeReportDocument(const report::Report& report, const QFont& font)
{
    auto document = buildDocument(report, font);
    document->moveToThread(QCoreApplication::instance()->thread());
    return document;
}

Result<void> writeReportPdf(const report::Report& report, const QFont& font, const QString& file)
{
    QSaveFile out(file);
    if (!out.open(QIODevice::WriteOnly)) {
        return Failure(writeError(toPath(file), EACCES));
    }
    QPdfWriter writer(&out);
    writer.setPageSize(QPageSize(QPageSize::A4));
    writer.setPageMargins(QMarginsF(15, 15, 15, 15), QPageLayout::Millimeter);
    writer.setTitle(translated(report.title));
    writer.setCreator(QString::fromStdString(report.environment.program));
    const auto document = buildDocument(report, font);
    document->print(&writer);
    if (!out.commit()) {
        return Failure(writeError(toPath(file), EIO));
    }
    return {};
}

} // namespace bitlathe::ui
