// SPDX-License-Identifier: GPL-3.0-or-later
// ReportPage: the report of the newest run or comparison, and its files.
#include "ui/pages/reportpage.h"

#include "ui/pages/reportdocument.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QDir>
#include <QFileDialog>
#include <QLabel>
#include <QTextBrowser>
#include <QTextDocument>
#include <QVBoxLayout>

namespace bitlathe::ui
{

namespace
{
enum Subject { OfComparison, OfRun };
}

ReportPage::ReportPage(Session& session, QWidget* parent)
    : Page(session, parent), m_export(new QAction(this)), m_subject(new QComboBox(this)), m_preview(new QTextBrowser(this))
{
    m_export->setText(tr("Export report…"));
    m_export->setIcon(Theme::instance().icon(QStringLiteral("export")));
    m_export->setToolTip(tr("Save as HTML, PDF, CSV or JSON, by the file's ending"));
    connect(m_export, &QAction::triggered, this, &ReportPage::exportThroughDialog);

    m_subject->addItems({tr("Comparison"), tr("Run")});
    m_subject->setToolTip(tr("What the report is about"));
    auto* label = new QLabel(tr("&Report of"), this);
    label->setBuddy(m_subject);
    auto* row = new QHBoxLayout;
    row->addWidget(label);
    row->addWidget(m_subject);
    row->addStretch(1);
    m_preview->setAccessibleName(tr("Preview of the report"));
    // The preview is the paper that a PDF prints, so it stays black on white.
    QPalette paper = m_preview->palette();
    paper.setColor(QPalette::Base, Qt::white);
    paper.setColor(QPalette::Text, Theme::color(ColorId::Text, false));
    m_preview->setPalette(paper);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, 2 * kGrid);
    layout->addLayout(row);
    layout->addWidget(m_preview, 1);

    connect(m_subject, &QComboBox::currentIndexChanged, this, &ReportPage::rebuild);
    connect(&session, &Session::runChanged, this, [this] {
        m_subject->setCurrentIndex(OfRun);
        rebuild();
    });
    connect(&session, &Session::comparisonChanged, this, [this] {
        m_subject->setCurrentIndex(OfComparison);
        rebuild();
    });
    rebuild();
}

ReportPage::~ReportPage() = default;

void ReportPage::rebuild()
{
    const ComparisonPtr comparison = session().comparison();
    const RunResultPtr run = session().lastRun();
    const bool ofComparison = m_subject->currentIndex() == OfComparison;
    if ((ofComparison && !comparison) || (!ofComparison && !run)) {
        showReport(fail(ErrorCode::RunInvalid, {}, {}, {}));
        return;
    }
    m_build.start(
        [comparison, run, ofComparison, font = Theme::instance().font()](std::stop_token stop) -> Result<Built> {
            const WorkContext work{{}, stop};
            BITLATHE_TRY(report::Report report,
                         ofComparison ? report::makeReport(*comparison, work) : report::makeReport(*run, work));
            auto document = makeReportDocument(report, font);
            return Built{std::make_shared<const report::Report>(std::move(report)), std::move(document)};
        },
        [this](Result<Built> built) { showReport(std::move(built)); });
}

void ReportPage::showReport(Result<Built> built)
{
    m_export->setEnabled(built.has_value());
    if (!built) {
        m_report.reset();
        const QString reason = built.error().subject.empty() && built.error().found.empty()
            ? tr("A report of the newest run or comparison appears here. Quantize a model or compare two.")
            : translated(built.error());
        m_preview->setPlainText(reason);
        return;
    }
    m_report = std::move(built->report);
    m_preview->setDocument(built->document.get());
    m_document = std::move(built->document);
}

void ReportPage::exportThroughDialog()
{
    auto* dialog = new QFileDialog(this, tr("Export report"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters({tr("Web page (*.html)"), tr("PDF (*.pdf)"), tr("Table (*.csv)"), tr("JSON (*.json)")});
    dialog->setDefaultSuffix(QStringLiteral("html"));
    dialog->selectFile(QStringLiteral("bitlathe-report.html"));
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString& filter) {
        dialog->setDefaultSuffix(filter.mid(filter.indexOf(QLatin1String("*.")) + 2).chopped(1));
    });
    connect(dialog, &QFileDialog::fileSelected, this, &ReportPage::exportTo);
    dialog->open();
}

void ReportPage::exportTo(const QString& file)
{
    if (!m_report) {
        return;
    }
    m_write.start(
        [report = m_report, font = Theme::instance().font(), file](std::stop_token) {
            return file.endsWith(QLatin1String(".pdf"), Qt::CaseInsensitive)
                ? writeReportPdf(*report, font, file)
                : report::writeReport(*report, toPath(file));
        },
        [this, file](const Result<void>& written) { reportWritten(written, file); });
}

void ReportPage::reportWritten(const Result<void>& written, const QString& file)
{
    if (written) {
        Q_EMIT message(tr("Report saved as %1").arg(QDir::toNativeSeparators(file)));
    } else {
        session().report(written.error());
    }
}

} // namespace bitlathe::ui
