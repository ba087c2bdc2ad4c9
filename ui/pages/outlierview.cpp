// SPDX-License-Identifier: GPL-3.0-or-later
// OutlierView: the largest magnitude of every channel that linears read, block by block, before and after smoothing.
#include "ui/pages/outlierview.h"

#include "core/quant/llm_int8.h"
#include "ui/bridge/numbers.h"
#include "ui/plots/mapplot.h"
#include "ui/plots/plotpanel.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSlider>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

namespace bitlathe::ui
{

namespace
{

constexpr int kThresholdSteps = 10; ///< Of the slider, for 1.
constexpr int kThresholdMax = 100;
constexpr int kMergeThreshold = 7101; ///< Edits of the recipe that become one step of undo.

/// A map whose rows are those blocks that have the input.
struct OutlierMap
{
    MapPlot::Data map;
    std::vector<std::int64_t> blocks;
};

/// Largest magnitude of each channel of one input of each block: the one that such a linear reads first. run: whose
/// scales the channels are divided by; null: none.
Result<OutlierMap> outlierMap(const calibrate::StatsStore& store, const model::ModelSpec& spec, const model::LinearSpec& like,
    const run::RunResult* run, std::stop_token stop)
{
    OutlierMap outliers;
    MapPlot::Data& map = outliers.map;
    for (std::int64_t block = 0; block < store.blockCount(); ++block) {
        if (stop.stop_requested()) {
            return cancelled();
        }
        BITLATHE_TRY(const auto stats, store.blockSummary(block));
        for (const calibrate::InputStats& input : stats->inputs) {
            const bool known = !input.linears.empty() && input.linears.front().index() < spec.linears.size();
            if (!known || spec.linear(input.linears.front()).role != like.role || spec.linear(input.linears.front()).expert != like.expert) {
                continue;
            }
            const run::ScaleRecord* scaled = run != nullptr ? run->scalesOf(input.linears.front()) : nullptr;
            std::vector<float> row = input.absMax;
            for (std::size_t channel = 0; scaled != nullptr && channel < std::min(row.size(), scaled->scales.size()); ++channel) {
                row[channel] /= static_cast<float>(scaled->scales[channel]);
            }
            if (map.rows == 0) {
                map.cols = static_cast<std::int64_t>(row.size());
            }
            if (static_cast<std::int64_t>(row.size()) == map.cols) {
                map.values.insert(map.values.end(), row.begin(), row.end());
                map.rowNames << formatCount(block);
                outliers.blocks.push_back(block);
                ++map.rows;
            }
        }
    }
    return outliers;
}

/// The linears that read the same input, by their names within the block: "self_attn.q_proj, k_proj, v_proj".
QString readersText(const model::ModelSpec& spec, const model::LinearSpec& first)
{
    QStringList names{QString::fromStdString(first.name).section(QStringLiteral(".%1.").arg(first.block), 1)};
    for (const model::LinearSpec& linear : spec.linears) {
        const bool together = linear.block == first.block && linear.inputGroup == first.inputGroup && linear.expert == first.expert;
        if (together && linear.id != first.id) {
            names << QString::fromStdString(linear.name).section(QLatin1Char('.'), -1);
        }
    }
    return names.join(QStringLiteral(", "));
}

/// The selected layer's answers for any threshold; null where its statistics hold no Hessian.
using WhatIfPtr = std::shared_ptr<const quant::OutlierWhatIf>;

Result<WhatIfPtr> thresholdAnswers(const format::OpenedModel& opened, const calibrate::StatsStore& store, LayerId layer, std::stop_token stop)
{
    const model::LinearSpec& linear = opened.spec.linear(layer);
    BITLATHE_TRY(const auto stats, store.block(linear.block));
    const calibrate::InputStats* input = stats->forLinear(layer);
    if (input == nullptr || input->hessian.empty()) {
        return WhatIfPtr();
    }
    BITLATHE_TRY(const std::vector<float> weights, opened.source->weights(linear));
    const quant::Quantizer& method = quant::llmInt8();
    BITLATHE_TRY(const quant::LayerResult result,
        method.quantize({.linear = linear, .weights = weights, .stats = input, .scheme = method.usualScheme()}, {{}, stop}));
    return std::make_shared<const quant::OutlierWhatIf>(weights, result, *input);
}

} // namespace

OutlierView::OutlierView(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_input(new QComboBox(this)), m_scaled(new QComboBox(this)), m_map(new MapPlot),
      m_threshold(new QSlider(Qt::Horizontal, this)), m_thresholdText(new QLabel(this))
{
    m_input->setObjectName(QStringLiteral("inputs"));
    auto* inputs = new QHBoxLayout;
    const auto add = [this](QHBoxLayout* row, const QString& caption, QWidget* field, const QString& help) {
        auto* label = new QLabel(caption, this);
        label->setBuddy(field);
        field->setToolTip(help);
        row->addWidget(label);
        row->addWidget(field);
    };
    add(inputs, tr("&Input of"), m_input, tr("The linears whose input the map shows"));
    inputs->addSpacing(kGrid);
    add(inputs, tr("Sc&ales"), m_scaled, tr("Whether channels are shown as measured, or divided by the scales that the newest run folded in"));
    inputs->addStretch(1);
    m_map->setTitle(tr("Activation outliers: largest magnitude of each channel, block by block"));
    m_map->setLogColours(true);
    m_map->setEmptyText(
        tr("Which channels carry outliers shows after the calibration text has been run through the model. Press Calibrate."));
    auto* thresholds = new QHBoxLayout;
    m_threshold->setRange(1, kThresholdMax * kThresholdSteps);
    m_threshold->setPageStep(kThresholdSteps);
    m_threshold->setMaximumWidth(30 * kGrid);
    add(thresholds, tr("&Threshold of LLM.int8()"), m_threshold,
        tr("Channels that reach it are multiplied in 16 bits. Drag it here or on the colour bar: the recipe follows."));
    m_thresholdText->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_thresholdText->setWordWrap(true);
    thresholds->addWidget(m_thresholdText, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, kGrid, 0, 0);
    layout->addLayout(inputs);
    layout->addWidget(new PlotPanel(m_map), 1);
    layout->addLayout(thresholds);

    connect(m_input, &QComboBox::currentIndexChanged, this, &OutlierView::ask);
    connect(m_scaled, &QComboBox::currentIndexChanged, this, &OutlierView::ask);
    connect(m_map, &MapPlot::cellActivated, this, [this](qlonglong row) { selectBlock(row); });
    connect(m_map, &MapPlot::thresholdDragged, this, &OutlierView::setThreshold);
    connect(m_threshold, &QSlider::valueChanged, this, [this](int value) { setThreshold(static_cast<double>(value) / kThresholdSteps); });
    connect(&session, &Session::modelOpened, this, &OutlierView::fillInputs);
    connect(&session, &Session::modelClosed, this, &OutlierView::fillInputs);
    connect(&session, &Session::statisticsChanged, this, &OutlierView::ask);
    connect(&session, &Session::statisticsChanged, this, &OutlierView::askAnswers);
    connect(&session, &Session::layerSelected, this, &OutlierView::askAnswers);
    connect(&session, &Session::runChanged, this, &OutlierView::fillScaled);
    connect(&session, &Session::recipeChanged, this, &OutlierView::showThreshold);
    fillScaled();
    fillInputs();
}

void OutlierView::fillInputs()
{
    {
        const QSignalBlocker blocker(m_input);
        m_input->clear();
        m_inputs.clear();
        std::set<std::tuple<std::int64_t, std::int64_t, std::int64_t>> groups; // block, input, expert
        std::set<std::pair<model::LinearRole, std::int64_t>> listed;
        const OpenedModelPtr opened = m_session.model();
        for (const model::LinearSpec& linear : opened ? opened->spec.linears : std::vector<model::LinearSpec>()) {
            if (groups.emplace(linear.block, linear.inputGroup, linear.expert).second && listed.emplace(linear.role, linear.expert).second) {
                m_inputs.push_back(linear.id);
                m_input->addItem(readersText(opened->spec, linear));
            }
        }
    }
    ask();
    askAnswers();
}

void OutlierView::fillScaled()
{
    const RunResultPtr run = m_session.lastRun();
    const bool scaled = run && !run->scales.empty();
    {
        const QSignalBlocker blocker(m_scaled);
        const int before = m_scaled->currentIndex();
        m_scaled->clear();
        m_scaled->addItem(tr("as measured"));
        if (scaled) {
            m_scaled->addItem(tr("after smoothing by %1").arg(fromPath(run->out.filename())));
        }
        m_scaled->setCurrentIndex(scaled ? std::max(before, 0) : 0);
        m_scaled->setEnabled(scaled);
    }
    ask();
}

std::optional<LayerId> OutlierView::shownInput() const
{
    const auto index = static_cast<std::size_t>(m_input->currentIndex());
    return index < m_inputs.size() ? std::optional(m_inputs[index]) : std::nullopt;
}

void OutlierView::ask()
{
    const StatsStorePtr store = m_session.statistics();
    const OpenedModelPtr opened = m_session.model();
    const std::optional<LayerId> input = shownInput();
    if (!store || !opened || !input) {
        m_task.cancel();
        m_values.clear();
        m_map->setData({});
        showThreshold();
        return;
    }
    const RunResultPtr run = m_scaled->currentIndex() > 0 ? m_session.lastRun() : nullptr;
    m_task.start([store, opened, input, run](std::stop_token stop) { return outlierMap(*store, opened->spec, opened->spec.linear(*input), run.get(), stop); },
        [this](Result<OutlierMap> outliers) {
            if (!outliers) {
                m_session.report(outliers.error());
                return;
            }
            MapPlot::Data map = std::move(outliers->map);
            map.rowTitle = tr("Block");
            map.colTitle = tr("Input channel");
            map.valueTitle = tr("Largest magnitude");
            m_blocks = std::move(outliers->blocks);
            m_values = map.values;
            m_map->setData(std::move(map));
            showThreshold();
        });
}

/// The selected layer's part of the answer: its columns and its error.
void OutlierView::askAnswers()
{
    const StatsStorePtr store = m_session.statistics();
    const OpenedModelPtr opened = m_session.model();
    const LayerId layer = m_session.selectedLayer();
    m_answers.reset();
    m_answerTask.cancel();
    showThreshold();
    const bool known = opened && layer.isValid() && layer.index() < opened->spec.linears.size();
    if (!store || !known || !isVisible()) { // A Hessian is read for it: only where somebody looks.
        return;
    }
    m_answerTask.start([store, opened, layer](std::stop_token stop) { return thresholdAnswers(*opened, *store, layer, stop); },
        [this](const Result<WhatIfPtr>& answers) {
            // A layer without statistics has no answer; the map still counts channels.
            m_answers = answers ? *answers : nullptr;
            showThreshold();
        });
}

void OutlierView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    askAnswers();
}

void OutlierView::selectBlock(std::int64_t row)
{
    // The linear of that block that reads this input becomes the selected layer.
    const OpenedModelPtr opened = m_session.model();
    const std::optional<LayerId> like = shownInput();
    if (!opened || !like || row >= std::ssize(m_blocks)) {
        return;
    }
    const model::LinearSpec& shown = opened->spec.linear(*like);
    for (const model::LinearSpec& linear : opened->spec.linears) {
        if (linear.block == m_blocks[static_cast<std::size_t>(row)] && linear.role == shown.role && linear.expert == shown.expert) {
            m_session.selectLayer(linear.id);
            return;
        }
    }
}

void OutlierView::setThreshold(double threshold)
{
    plan::Recipe recipe = m_session.recipe();
    const double rounded = std::round(std::clamp(threshold, 0.1, static_cast<double>(kThresholdMax)) * kThresholdSteps) / kThresholdSteps;
    if (recipe.options.bitsAndBytes.threshold != rounded) {
        recipe.options.bitsAndBytes.threshold = rounded;
        m_session.editRecipe(recipe, tr("Threshold of LLM.int8()"), kMergeThreshold);
    }
}

void OutlierView::showThreshold()
{
    const double threshold = m_session.recipe().options.bitsAndBytes.threshold;
    {
        const QSignalBlocker blocker(m_threshold);
        m_threshold->setValue(static_cast<int>(std::lround(threshold * kThresholdSteps)));
    }
    m_threshold->setEnabled(!m_values.empty());
    m_map->setThreshold(m_values.empty() ? std::nullopt : std::optional(threshold));
    if (m_values.empty()) {
        m_thresholdText->clear();
        return;
    }
    const auto reached = std::count_if(m_values.begin(), m_values.end(), [threshold](float value) { return static_cast<double>(value) >= threshold; });
    QString text = tr("%1: %2 of the channels shown stay in 16 bits.")
                       .arg(formatFixed(threshold, 1), formatPercent(static_cast<double>(reached) / static_cast<double>(m_values.size())));
    if (m_answers) {
        const quant::OutlierEstimate estimate = m_answers->at(threshold);
        text += QLatin1Char(' ')
            + tr("Selected layer: %1 of its columns, output error %2.").arg(formatPercent(estimate.share), formatPercent(estimate.relativeError));
    }
    m_thresholdText->setText(text);
}

} // namespace bitlathe::ui
