// SPDX-License-Identifier: GPL-3.0-or-later
// TunePage: one layer under settings that answer at once.
#pragma once

#include "core/quant/whatif.h"
#include "ui/bridge/latesttask.h"
#include "ui/pages/page.h"

#include <memory>

class QCheckBox;
class QComboBox;
class QLabel;
class QSlider;
class QSplitter;

namespace bitlathe::ui
{

class HistogramPlot;
class LayerPicker;
class MapPlot;

/// Left the layers, then the settings, right what they do: histogram with grid, error map, bits per weight, output error, size.
/// The newest setting always wins; the last three leave a faint trace in the histogram.
class TunePage : public Page
{
    Q_OBJECT

public:
    explicit TunePage(Session& session, QWidget* parent = nullptr);

    QString id() const override { return QStringLiteral("tune"); }
    QString title() const override { return tr("Tune"); }
    QAction* primaryAction() override { return m_applyAll; }
    QList<QAction*> actions() const override { return {m_applyLayer, m_applyRole, m_keep}; }
    QString commandLine() const override;
    void focusFilter() override;
    void saveState(QSettings& settings) const override;
    void restoreState(const QSettings& settings) override;

private:
    /// A layer's weights and statistics, loaded once per selection.
    struct Material
    {
        OpenedModelPtr opened;
        LayerId layer;
        std::vector<float> weights;
        std::shared_ptr<const calibrate::BlockStats> stats; ///< Null: none yet.
    };

    void makeActions();
    QWidget* makeControls();
    QWidget* makeAnswers();
    void takeFromRecipe();
    void loadLayer();
    void ask();
    void showAnswer(const quant::WhatIf& answer);
    quant::Scheme scheme() const;
    checkpoint::DType scaleDType() const;
    void showSchemeLabels();
    void apply(const std::string& pattern, std::optional<quant::Scheme> scheme, const QString& what);
    void updateActions();

    QAction* m_applyAll;
    QAction* m_applyLayer;
    QAction* m_applyRole;
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
    QLabel* m_bitsPerWeight = nullptr;
    QLabel* m_error = nullptr;
    QLabel* m_size = nullptr;
    QLabel* m_time = nullptr;
    HistogramPlot* m_histogram = nullptr;
    MapPlot* m_errorMap = nullptr;
    std::shared_ptr<const Material> m_material;
    std::vector<std::vector<std::int64_t>> m_traces; ///< Newest first.
    std::vector<std::int64_t> m_shown;               ///< What the histogram shows now.
    bool m_filling = false;                          ///< Controls follow the recipe, not the user.
    LatestTask m_load{this};
    LatestTask m_answer{this};
};

} // namespace bitlathe::ui
