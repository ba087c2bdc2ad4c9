// SPDX-License-Identifier: GPL-3.0-or-later
// ModelPage: what an opened model is made of: facts, layers, weight histograms, activation outliers, memory.
#pragma once

#include "ui/bridge/latesttask.h"
#include "ui/pages/page.h"

class QComboBox;
class QLabel;
class QSpinBox;
class QSplitter;
class QStackedWidget;
class QTabWidget;

namespace bitlathe::ui
{

class HistogramPlot;
class InputView;
class LayerPicker;
class MemoryView;

class ModelPage : public Page
{
    Q_OBJECT

public:
    explicit ModelPage(Session& session, QWidget* parent = nullptr);

    QString id() const override { return QStringLiteral("model"); }
    QString title() const override { return tr("Model"); }
    QAction* primaryAction() override { return m_quantize; }
    QList<QAction*> actions() const override { return {m_calibrate}; }
    void focusFilter() override;
    void saveState(QSettings& settings) const override;
    void restoreState(const QSettings& settings) override;
    void prepareScreenshot() override;
    QStringList screenshotStates() const override { return {QStringLiteral("inputs"), QStringLiteral("memory")}; }
    void prepareState(const QString& state) override;
    bool isBusy() const override;

private:
    /// Weights of a layer that follow each other.
    struct WeightPart
    {
        std::int64_t first = 0;
        std::int64_t count = 0;
    };

    void addView(QWidget* view, const char* name, const QString& title); ///< Settings know it by its name.
    QWidget* makeWeightsView();
    WeightPart partOf(const model::LinearSpec& linear);
    void showModel();
    void showFacts();
    void showLayer();

    QAction* m_quantize;
    QAction* m_calibrate;
    QSplitter* m_splitter;
    LayerPicker* m_layers;
    QTabWidget* m_views;
    QLabel* m_facts;
    HistogramPlot* m_histogram;
    QComboBox* m_part; ///< Of the weight, that the histogram counts.
    QSpinBox* m_row;
    QSpinBox* m_group;
    InputView* m_inputs;
    MemoryView* m_memory;
    LatestTask m_histogramTask{this};
};

} // namespace bitlathe::ui
