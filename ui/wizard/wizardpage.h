// SPDX-License-Identifier: GPL-3.0-or-later
// WizardPage: a new run in seven steps, with what it will cost always in sight.
#pragma once

#include "ui/pages/page.h"

#include <vector>

class QPushButton;
class QStackedWidget;

namespace bitlathe::ui
{

class EstimatePanel;
class StepList;
class WizardStep;

class WizardPage : public Page
{
    Q_OBJECT

public:
    explicit WizardPage(Session& session, QWidget* parent = nullptr);
    ~WizardPage() override;

    QString id() const override;
    QString title() const override;
    QString helpTopic() const override; ///< Of the step in front.
    QAction* primaryAction() override { return m_start; }
    void saveState(QSettings& settings) const override;
    void restoreState(const QSettings& settings) override;
    void prepareScreenshot() override;
    QStringList screenshotStates() const override;
    void prepareState(const QString& state) override;

    int stepCount() const;
    int currentStep() const;
    void setCurrentStep(int step);
    WizardStep* step(int index) const { return m_steps[static_cast<std::size_t>(index)]; }

private:
    void check();
    void start();

    std::vector<WizardStep*> m_steps;
    std::vector<bool> m_seen; ///< Steps that have been in front: only those are ticked off.
    StepList* m_list;
    QStackedWidget* m_stack;
    EstimatePanel* m_estimate;
    QPushButton* m_back;
    QPushButton* m_next;
    QAction* m_start;
};

} // namespace bitlathe::ui
