// SPDX-License-Identifier: GPL-3.0-or-later
// AdvicePage: which method, bits, format, KV cache and program suit a device, and why.
#pragma once

#include "core/plan/advice.h"
#include "ui/bridge/latesttask.h"
#include "ui/pages/page.h"

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QSpinBox;
class QSplitter;
class QTableView;

namespace bitlathe::ui
{

class AdviceModel;

/// Left the device and what it is for, right the ways to run the open model there with the reasons of the selected one. The
/// answer follows every change.
class AdvicePage : public Page
{
    Q_OBJECT

public:
    explicit AdvicePage(Session& session, QWidget* parent = nullptr);

    QString id() const override { return QStringLiteral("advice"); }
    QString title() const override { return tr("Advice"); }
    QAction* primaryAction() override { return m_use; }
    QString commandLine() const override;
    void saveState(QSettings& settings) const override;
    void restoreState(const QSettings& settings) override;
    bool isBusy() const override { return m_answer.busy(); }

private:
    QWidget* makeControls();
    void addDeviceRows(QFormLayout* form);
    QWidget* makeResults();
    plan::AdviceRequest request() const;
    void ask();
    void showAdvice(const Result<plan::Advice>& advice);
    void showReasons();
    const plan::AdviceOption* selected() const;
    void use();

    QAction* m_use;
    QSplitter* m_splitter;
    QCheckBox* m_gpu = nullptr;
    QDoubleSpinBox* m_vram = nullptr;
    QDoubleSpinBox* m_ram = nullptr;
    QComboBox* m_usage = nullptr;
    QComboBox* m_wish = nullptr;
    QSpinBox* m_context = nullptr;
    QSpinBox* m_batch = nullptr;
    QComboBox* m_runtime = nullptr;
    QLabel* m_summary = nullptr;
    QLabel* m_reasons = nullptr;
    QTableView* m_table = nullptr;
    AdviceModel* m_model;
    LatestTask m_answer{this};
};

} // namespace bitlathe::ui
