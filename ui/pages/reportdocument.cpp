// SPDX-License-Identifier: GPL-3.0-or-later
// The report as rich text: what the Report page shows and what becomes a PDF.
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
#include <QFontMetricsF>
#include <QImage>
#include <QLocale>
#include <QPageSize>
#include <QPainter>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgRenderer>
#include <QTextDocument>
#include <QUrl>

#include <algorithm>
#include <cerrno>
#include <cmath>

namespace bitlathe::ui
{

namespace
{

constexpr int kPictureWidth = 640; ///< Pixels in the document; drawn three times as fine for print.
constexpr int kPictureScale = 3;
constexpr int kCellPadding = 3;
// What is laid out at once takes a few milliseconds.
constexpr qsizetype kCellsAtOnce = 96;
constexpr qsizetype kLinesAtOnce = 60;

/// The words of the document.
class ReportDocument
{
    Q_DECLARE_TR_FUNCTIONS(ReportDocument)
};

/// The cells of a row around the place of each width.
QStringList sizedRow(const QStringList& cells, const QString& tag)
{
    QStringList parts{QStringLiteral("<tr>")};
    for (qsizetype i = 0; i < cells.size(); ++i) {
        const QString align = i == 0 ? QStringLiteral("left") : QStringLiteral("right");
        parts.back() += QStringLiteral("<%1 align=\"%2\" width=\"").arg(tag, align);
        parts << QStringLiteral("\">%2</%1>").arg(tag, cells[i].toHtmlEscaped());
    }
    parts.back() += QStringLiteral("</tr>");
    return parts;
}

QString row(const QStringList& cells, const QString& tag = QStringLiteral("td"))
{
    QString html = QStringLiteral("<tr>");
    for (qsizetype i = 0; i < cells.size(); ++i) {
        const QString align = i == 0 ? QStringLiteral("left") : QStringLiteral("right");
        html += QStringLiteral("<%1 align=\"%2\">%3</%1>").arg(tag, align, cells[i].toHtmlEscaped());
    }
    return html + QStringLiteral("</tr>");
}

/// What each column of a table is wide at least for no text of it to be broken.
QList<qreal> columnWidths(const QStringList& header, const QList<QStringList>& rows, const QFont& font)
{
    QFont bold = font;
    bold.setBold(true);
    const QFontMetricsF metrics(font);
    const QFontMetricsF headerMetrics(bold);
    QList<qreal> widths;
    for (const QString& cell : header) {
        widths << headerMetrics.horizontalAdvance(cell);
    }
    for (const QStringList& cells : rows) {
        for (qsizetype i = 0; i < std::min(cells.size(), widths.size()); ++i) {
            widths[i] = std::max(widths[i], metrics.horizontalAdvance(cells[i]));
        }
    }
    for (qreal& width : widths) {
        width = std::ceil(width) + 2 * kCellPadding + 2;
    }
    return widths;
}

/// Builds the HTML subset that QTextDocument knows, and hands over the pictures it names. In pieces for the screen, as
/// a whole for paper.
class DocumentBuilder
{
public:
    enum class Use { Screen, Paper };

    DocumentBuilder(const QFont& font, Use use) : m_use(use)
    {
        m_text.font = font;
        m_text.styleSheet = QStringLiteral("body{color:#1b1f24}th{color:#57606a;border-bottom:1px solid #d0d7de}"
                                           "td{border-bottom:1px solid #eaeef2}pre{font-family:monospace}");
    }

    void heading(const QString& text, int level = 2)
    {
        add(QStringLiteral("<h%1>%2</h%1>").arg(level).arg(text.toHtmlEscaped()));
    }
    void paragraph(const QString& text) { add(QStringLiteral("<p>%1</p>").arg(text.toHtmlEscaped())); }
    void code(const QString& text)
    {
        const QStringList lines = text.split(u'\n');
        const qsizetype count = m_use == Use::Paper ? lines.size() : kLinesAtOnce;
        for (qsizetype from = 0; from < lines.size(); from += count) {
            const QString top = from > 0 ? QStringLiteral("margin-top:0px;") : QString();
            const QString bottom = from + count < lines.size() ? QStringLiteral("margin-bottom:0px") : QString();
            add(QStringLiteral("<pre style=\"%1%2\">%3</pre>")
                    .arg(top, bottom, lines.mid(from, count).join(u'\n').toHtmlEscaped()));
        }
    }
    void table(const QStringList& header, const QList<QStringList>& rows)
    {
        const qsizetype count = std::max<qsizetype>(1, kCellsAtOnce / header.size());
        if (m_use == Use::Screen && rows.size() > count) {
            splitTable(header, rows, count);
            return;
        }
        QString html = tableStart(QStringLiteral(" width=\"98%\"")) + row(header, QStringLiteral("th"));
        for (const QStringList& cells : rows) {
            html += row(cells);
        }
        add(html + QStringLiteral("</table>"));
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
        m_text.pictures.insert(name, image);
        add(QStringLiteral("<p><img src=\"%1\" width=\"%2\" height=\"%3\"></p>").arg(name).arg(size.width()).arg(size.height()));
    }
    SteppedText take() { return std::move(m_text); }

private:
    void add(const QString& html) { add(TextPiece{{html}, {}}); }
    void add(TextPiece piece)
    {
        for (QString& part : piece.html) {
            part = QString::fromStdString(withoutHome(part.toStdString()));
        }
        m_text.pieces << piece;
    }
    static QString tableStart(const QString& more)
    {
        return QStringLiteral("<table cellpadding=\"%1\" cellspacing=\"0\"%2>").arg(kCellPadding).arg(more);
    }
    /// Tables of count rows below each other with columns of the same widths.
    void splitTable(const QStringList& header, const QList<QStringList>& rows, qsizetype count)
    {
        const QList<qreal> columns = columnWidths(header, rows, m_text.font);
        for (qsizetype from = -1; from < rows.size(); from += count) { // The header is a row, too.
            TextPiece piece{from < 0 ? sizedRow(header, QStringLiteral("th")) : sizedRow(rows[from], QStringLiteral("td")), columns};
            piece.html.front().prepend(tableStart({}));
            for (qsizetype i = from + 1; i < std::min(from + count, rows.size()); ++i) {
                piece.html.back() += row(rows[i]);
            }
            piece.html.back() += QStringLiteral("</table>");
            add(piece);
        }
    }
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

    Use m_use;
    SteppedText m_text;
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

SteppedText buildText(const report::Report& report, const QFont& font, DocumentBuilder::Use use)
{
    DocumentBuilder builder(font, use);
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
    return builder.take();
}

/// Of the calling thread.
std::unique_ptr<QTextDocument> paperDocument(const report::Report& report, const QFont& font)
{
    const SteppedText text = buildText(report, font, DocumentBuilder::Use::Paper);
    auto document = std::make_unique<QTextDocument>();
    document->setDefaultFont(text.font);
    document->setDefaultStyleSheet(text.styleSheet);
    for (auto it = text.pictures.cbegin(); it != text.pictures.cend(); ++it) {
        document->addResource(QTextDocument::ImageResource, QUrl(it.key()), it.value());
    }
    QString html;
    for (const TextPiece& piece : text.pieces) {
        html += piece.toHtml(0);
    }
    document->setHtml(html);
    return document;
}

} // namespace

SteppedText makeReportText(const report::Report& report, const QFont& font)
{
    return buildText(report, font, DocumentBuilder::Use::Screen);
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
    const auto document = paperDocument(report, font);
    document->print(&writer);
    if (!out.commit()) {
        return Failure(writeError(toPath(file), EIO));
    }
    return {};
}

} // namespace bitlathe::ui
