// SPDX-License-Identifier: GPL-3.0-or-later
// ReportPage: the report of the newest run or comparison, and its files.
#include "ui/pages/reportpage.h"

#include "core/base/cache.h"
#include "ui/bridge/filechoice.h"
#include "ui/pages/reportdocument.h"
#include "ui/theme/theme.h"
#include "ui/widgets/tickchoice.h"

#include <QComboBox>
#include <QDesktopServices>
#include <QDir>
#include <QLabel>
#include <QSettings>
#include <QVBoxLayout>

namespace bitlathe::ui
{

namespace
{
enum Subject { OfComparison, OfRun };

/// What settings call a section.
QString keyOf(report::Section section)
{
    return toText(report::sectionName(section));
}

QString nameOf(report::Section section)
{
    switch (section) {
    case report::Section::Findings: return ReportPage::tr("Findings");
    case report::Section::Drawings: return ReportPage::tr("Drawings");
    case report::Section::Layers: return ReportPage::tr("Layers");
    case report::Section::Recipe: return ReportPage::tr("Recipe");
    }
    return {};
}

/// A file of this user's that the browser reads; the next report takes its place.
std::filesystem::path fileForBrowser()
{
    return cacheFolder() / "report" / "bitlathe-report.html";
}
}

ReportPage::ReportPage(Session& session, QWidget* parent)
    : Page(session, parent), m_export(new QAction(this)), m_open(new QAction(this)), m_subject(new QComboBox(this)),
      m_sections(new TickChoice(this)), m_preview(new SteppedBrowser(this))
{
    m_export->setText(tr("Export report…"));
    m_export->setIcon(Theme::instance().icon(QStringLiteral("export")));
    m_export->setToolTip(tr("Save as HTML, PDF, CSV or JSON, by the file's ending"));
    connect(m_export, &QAction::triggered, this, &ReportPage::exportThroughDialog);
    m_open->setText(tr("Open in browser"));
    m_open->setToolTip(tr("Show the report as a web page"));
    connect(m_open, &QAction::triggered, this, &ReportPage::openInBrowser);

    m_subject->addItems({tr("Comparison"), tr("Run")});
    m_subject->setToolTip(tr("What the report is about"));
    auto* label = new QLabel(tr("&Report of"), this);
    label->setBuddy(m_subject);
    auto* row = new QHBoxLayout;
    row->addWidget(label);
    row->addWidget(m_subject);
    row->addSpacing(2 * kGrid);
    for (const report::Section section : report::kSections) {
        m_sections->addChoice(keyOf(section), nameOf(section));
    }
    setLeftOut({});
    m_sections->setToolTip(tr("Sections of the page and of the PDF; CSV and JSON hold everything"));
    auto* sectionsLabel = new QLabel(tr("&Sections"), this);
    sectionsLabel->setBuddy(m_sections);
    row->addWidget(sectionsLabel);
    row->addWidget(m_sections);
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
    connect(m_sections, &TickChoice::changed, this, &ReportPage::rebuild);
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

bool ReportPage::isBusy() const
{
    return m_build.busy() || m_preview->isBusy();
}

void ReportPage::saveState(QSettings& settings) const
{
    QStringList keys;
    for (const report::Section section : leftOut()) {
        keys << keyOf(section);
    }
    settings.setValue("leftOut", keys);
}

void ReportPage::restoreState(const QSettings& settings)
{
    setLeftOut(settings.value("leftOut").toStringList());
    rebuild();
}

void ReportPage::setLeftOut(const QStringList& keys)
{
    QStringList ticked;
    for (const report::Section section : report::kSections) {
        if (!keys.contains(keyOf(section))) {
            ticked << keyOf(section);
        }
    }
    m_sections->setTicked(ticked);
}

std::set<report::Section> ReportPage::leftOut() const
{
    std::set<report::Section> sections;
    const QStringList ticked = m_sections->ticked();
    for (const report::Section section : report::kSections) {
        if (!ticked.contains(keyOf(section))) {
            sections.insert(section);
        }
    }
    return sections;
}

void ReportPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    if (m_isOld) {
        rebuild();
    }
}

void ReportPage::rebuild()
{
    m_isOld = !isVisible();
    if (m_isOld) { // Its drawings take time and memory: only where somebody looks.
        return;
    }
    const ComparisonPtr comparison = session().comparison();
    const RunResultPtr run = session().lastRun();
    const bool ofComparison = m_subject->currentIndex() == OfComparison;
    if ((ofComparison && !comparison) || (!ofComparison && !run)) {
        showReport(fail(ErrorCode::RunInvalid, {}, {}, {}));
        return;
    }
    m_build.start(
        [comparison, run, ofComparison, leftOut = leftOut(),
         font = Theme::instance().font()](std::stop_token stop) -> Result<Built> {
            const WorkContext work{{}, stop};
            BITLATHE_TRY(report::Report report,
                         ofComparison ? report::makeReport(*comparison, work) : report::makeReport(*run, work));
            report.leftOut = leftOut;
            auto text = std::make_shared<SteppedText>(makeReportText(report, font));
            return Built{std::make_shared<const report::Report>(std::move(report)), std::move(text)};
        },
        [this](Result<Built> built) { showReport(std::move(built)); });
}

void ReportPage::showReport(Result<Built> built)
{
    m_export->setEnabled(built.has_value());
    m_open->setEnabled(built.has_value());
    if (!built) {
        m_report.reset();
        const QString reason = built.error().subject.empty() && built.error().found.empty()
            ? tr("A report of the newest run or comparison appears here. Quantize a model or compare two.")
            : translated(built.error());
        m_preview->showSentence(reason);
        return;
    }
    m_report = std::move(built->report);
    m_preview->showText(std::move(*built->text));
}

void ReportPage::exportThroughDialog()
{
    const FileChoice choice{FileChoice::Kind::Save, tr("Export report"), QStringLiteral("bitlathe-report.html"),
                            {tr("Web page (*.html)"), tr("PDF (*.pdf)"), tr("Table (*.csv)"), tr("JSON (*.json)")}};
    chooseFile(this, choice, this, [this](const QString& file) { exportTo(file); });
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

void ReportPage::openInBrowser()
{
    if (!m_report) {
        return;
    }
    m_browse.start(
        [report = m_report](std::stop_token) -> Result<void> {
            const std::filesystem::path file = fileForBrowser();
            std::error_code error; // What is wrong shows when the file is written.
            std::filesystem::create_directories(file.parent_path(), error);
            return report::writeReport(*report, file);
        },
        [this](const Result<void>& written) {
            if (!written) {
                session().report(written.error());
                return;
            }
            QDesktopServices::openUrl(QUrl::fromLocalFile(fromPath(fileForBrowser())));
        });
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
