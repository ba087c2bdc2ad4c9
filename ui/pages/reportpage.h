// SPDX-License-Identifier: GPL-3.0-or-later
// ReportPage: the report of the newest run or comparison, and its files.
#pragma once

#include "core/report/report.h"
#include "ui/bridge/latesttask.h"
#include "ui/pages/page.h"

class QComboBox;

namespace bitlathe::ui
{

class SteppedBrowser;
struct SteppedText;
class TickChoice;

/// A preview of the report with the sections that are ticked, saved as HTML, PDF, CSV or JSON from the same value, or
/// opened in the browser.
class ReportPage : public Page
{
    Q_OBJECT

public:
    explicit ReportPage(Session& session, QWidget* parent = nullptr);

    QString id() const override { return QStringLiteral("report"); }
    QString title() const override { return tr("Report"); }
    QAction* primaryAction() override { return m_export; }
    QList<QAction*> actions() const override { return {m_open}; }
    void saveState(QSettings& settings) const override;
    void restoreState(const QSettings& settings) override;
    void refresh() override { rebuild(); }
    bool isBusy() const override;

protected:
    void showEvent(QShowEvent* event) override;

private:
    struct Built
    {
        std::shared_ptr<const report::Report> report;
        std::shared_ptr<SteppedText> text;
    };

    void rebuild();
    void showReport(Result<Built> built);
    void setLeftOut(const QStringList& keys);
    std::set<report::Section> leftOut() const;
    void openInBrowser();
    void exportThroughDialog();
    void exportTo(const QString& file);
    void reportWritten(const Result<void>& written, const QString& file);

    QAction* m_export;
    QAction* m_open;
    QComboBox* m_subject;
    TickChoice* m_sections;
    SteppedBrowser* m_preview;
    bool m_isOld = true; ///< There is something newer to show.
    LatestTask m_build{this};
    LatestTask m_write{this};
    LatestTask m_browse{this}; ///< Of its own: it must not stop an export.
    std::shared_ptr<const report::Report> m_report;
};

} // namespace bitlathe::ui
