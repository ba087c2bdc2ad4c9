// SPDX-License-Identifier: GPL-3.0-or-later
// TunePage: one layer under settings that answer at once.
#pragma once

#include "ui/bridge/latesttask.h"
#include "ui/pages/layermaterial.h"
#include "ui/pages/page.h"

#include <memory>
#include <vector>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QSlider;
class QSplitter;
class QTabWidget;

namespace bitlathe::ui
{

class HistogramPlot;
class LayerPicker;
class MapPlot;
class SweepView;

/// Left the layers, then the settings, right what they do: histogram with grid, error map, bits per weight, output error, size;
/// or what all bits and group sizes would do; or the recipe as text. The newest setting always wins; the last three leave a faint trace in the histogram.
class TunePage : public Page
{
    Q_OBJECT

public:
    explicit TunePage(Session& session, QWidget* parent = nullptr);

    QString id() const override { return QStringLiteral("tune"); }
    QString title() const override { return tr("Tune"); }
    QAction* primaryAction() override { return m_applyAll; }
    QList<QAction*> actions() const override { return {m_applyLayer, m_applyRole, m_keep}; }
    void prepareScreenshot() override;
    QStringList screenshotStates() const override { return {QStringLiteral("sweep"), QStringLiteral("recipe")}; }
    void prepareState(const QString& state) override;
    bool isBusy() const override;
    QString commandLine() const override;
    void focusFilter() override;
    void saveState(QSettings& settings) const override;
    void restoreState(const QSettings& settings) override;

private:
    void makeActions();
    QWidget* makeControls();
    QWidget* makePattern();
    QWidget* makeAnswers();
    QWidget* makePlots();
    QWidget* makeRecipe();
    void takeFromRecipe();
    void loadLayer();
    void ask();
    void showAnswer(const quant::WhatIf& answer);
    quant::Scheme scheme() const;
    checkpoint::DType scaleDType() const;
    void showSchemeLabels();
    void choose(int bits, std::int64_t groupSize);
    void countMatches();
    void apply(const std::string& pattern, std::optional<quant::Scheme> scheme, const QString& what);
    void updateActions();

    QAction* m_applyAll;
    QAction* m_applyLayer;
    QAction* m_applyRole;
    QAction* m_applyPattern;
    QAction* m_keep;
    LayerPicker* m_layers;
    QSplitter* m_splitter;
    QComboBox* m_method = nullptr;
    QSlider* m_bits = nullptr;
    QLabel* m_bitsLabel = nullptr;
    QSlider* m_group = nullptr;
    QLabel* m_groupLabel = nullptr;
    QCheckBox* m_symmetric = nullptr;
    QComboBox* m_clipping = nullptr;
    QLabel* m_statistics = nullptr;
    QLineEdit* m_pattern = nullptr;
    QLabel* m_patternNote = nullptr;
    QLabel* m_bitsPerWeight = nullptr;
    QLabel* m_error = nullptr;
    QLabel* m_size = nullptr;
    QLabel* m_time = nullptr;
    HistogramPlot* m_histogram = nullptr;
    MapPlot* m_errorMap = nullptr;
    QTabWidget* m_views = nullptr;
    SweepView* m_sweep = nullptr;
    LayerMaterialPtr m_material;
    std::vector<std::vector<std::int64_t>> m_traces; ///< Newest first.
    std::vector<std::int64_t> m_shown;               ///< What the histogram shows now.
    bool m_filling = false;                          ///< Controls follow the recipe, not the user.
    LatestTask m_load{this};
    LatestTask m_answer{this};
};

} // namespace bitlathe::ui
