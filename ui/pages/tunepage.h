// SPDX-License-Identifier: GPL-3.0-or-later
// TunePage: one layer under settings that answer at once.
#pragma once

#include "ui/bridge/latesttask.h"
#include "ui/pages/layermaterial.h"
#include "ui/pages/page.h"

#include <memory>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QSlider;
class QSplitter;
class QTabWidget;

namespace bitlathe::ui
{

class LayerPicker;
class SweepView;
class TuneNumbers;
class TunePlots;

/// Left the layers, then the settings, right what they do: histogram with grid, error map, bits per weight, output error, size;
/// or what all bits and group sizes would do; or the recipe as text. The newest setting always wins.
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
    QWidget* makeRecipe();
    void takeFromRecipe();
    void loadLayer();
    void ask();
    /// Of so many rows, then of all; waited: seconds for the first of these answers, 0 where this is it.
    void answer(const quant::Scheme& wanted, std::int64_t rowsMost, double waited = 0);
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
    TuneNumbers* m_numbers = nullptr;
    TunePlots* m_plots = nullptr;
    QTabWidget* m_views = nullptr;
    SweepView* m_sweep = nullptr;
    LayerMaterialPtr m_material;
    bool m_filling = false;                          ///< Controls follow the recipe, not the user.
    LatestTask m_load{this};
    LatestTask m_answer{this};
};

} // namespace bitlathe::ui
