// SPDX-License-Identifier: GPL-3.0-or-later
// RunViews: plots of a run: errors through depth, and scales, zero points and saturation of its selected layer.
#include "ui/pages/runviews.h"

#include "core/base/resources.h"
#include "core/evaluate/depth.h"
#include "core/quant/histogram.h"
#include "core/text/textset.h"
#include "ui/models/groupmodel.h"
#include "ui/plots/lineplot.h"
#include "ui/plots/mapplot.h"
#include "ui/plots/plotpanel.h"
#include "ui/widgets/tables.h"

#include <QMap>
#include <QTableView>

#include <limits>

namespace bitlathe::ui
{

namespace
{

constexpr std::size_t kDriftTokens = 512;

/// One layer's quantization parameters, as small pictures and each by itself.
struct LayerMaps
{
    quant::ValueMap scales, zeros, saturation;
    GroupsPtr groups;
};

MapPlot::Data plotData(const quant::ValueMap& map, const QString& colTitle, const QString& valueTitle)
{
    MapPlot::Data shown;
    shown.rows = map.rows;
    shown.cols = map.cols;
    shown.values = map.values;
    shown.rowTitle = RunViews::tr("Output row");
    shown.colTitle = colTitle;
    shown.valueTitle = valueTitle;
    shown.rowScale = static_cast<double>(map.rowsPerCell);
    shown.colScale = static_cast<double>(map.colsPerCell);
    return shown;
}

QString roleTitle(model::LinearRole role)
{
    switch (role) {
    case model::LinearRole::Query: return QStringLiteral("q");
    case model::LinearRole::Key: return QStringLiteral("k");
    case model::LinearRole::Value: return QStringLiteral("v");
    case model::LinearRole::Output: return QStringLiteral("o");
    case model::LinearRole::Gate: return QStringLiteral("gate");
    case model::LinearRole::Up: return QStringLiteral("up");
    case model::LinearRole::Down: return QStringLiteral("down");
    case model::LinearRole::QueryKeyValue: return QStringLiteral("qkv");
    case model::LinearRole::GateUp: return QStringLiteral("gate up");
    case model::LinearRole::Other: return {};
    }
    return {};
}

/// The run's model and its result on the first tokens of the text that it was evaluated or calibrated on.
Result<evaluate::DepthErrors> measureDrift(const run::RunResult& run, std::stop_token stop)
{
    BITLATHE_TRY(const auto base, format::openModel(run.recipe.model));
    BITLATHE_TRY(const auto changed, format::openModel(run.out));
    std::string data = !run.recipe.evaluation.data.empty() ? run.recipe.evaluation.data : run.recipe.calibration.data;
    if (data.empty()) {
        BITLATHE_TRY(const auto bundled, resource("demo/text/evaluation.txt"));
        data = bundled.string();
    }
    BITLATHE_TRY(const text::TextSet set, text::openTextSet(data, run.recipe.model));
    BITLATHE_TRY(std::vector<text::TokenId> ids, text::evaluationStream(set, base->tokenizer.get()));
    ids.resize(std::min(ids.size(), kDriftTokens));
    const model::Compute compute = run.recipe.compute.value_or(model::fastestCompute());
    return evaluate::depthErrors(*base, *changed, ids, compute, {{}, stop});
}

} // namespace

RunViews::RunViews(Session& session, QWidget* parent)
    : QTabWidget(parent), m_session(session), m_depth(new LinePlot), m_drift(new LinePlot), m_inputScales(new LinePlot),
      m_scales(new MapPlot), m_zeros(new MapPlot), m_saturation(new MapPlot), m_groups(new GroupModel(this))
{
    m_depth->setTitle(tr("Output error of each layer, through depth"));
    m_depth->setAxisTitles(tr("Block"), tr("Output error (%)"));
    m_drift->setTitle(tr("Error growth: hidden states against the original"));
    m_drift->setAxisTitles(tr("Block"), tr("Error of the hidden states (%)"));
    m_drift->setEmptyText(tr("Needs the original model and the run's output, each in the folder that the run knows."));
    m_inputScales->setTitle(tr("What the selected layer's input channels are multiplied by"));
    m_inputScales->setAxisTitles(tr("Input channel"), tr("Scale"));
    m_inputScales->setEmptyText(
        tr("AWQ and SmoothQuant multiply input channels by scales. The selected layer has none: select another, or a run of these methods."));
    m_scales->setTitle(tr("Scales of the selected layer, row by group"));
    m_zeros->setTitle(tr("Zero points of the selected layer, row by group"));
    m_saturation->setTitle(tr("Share of codes at the ends of their range"));
    for (MapPlot* plot : {m_scales, m_zeros, m_saturation}) {
        plot->setEmptyText(tr("Select a quantized layer in the table."));
    }
    setDocumentMode(true);
    setUsesScrollButtons(true);
    addTab(new PlotPanel(m_depth), tr("Depth"));
    addTab(new PlotPanel(m_drift), tr("Growth"));
    addTab(new PlotPanel(m_scales), tr("Scales"));
    addTab(new PlotPanel(m_zeros), tr("Zero points"));
    addTab(new PlotPanel(m_saturation), tr("Saturation"));
    addTab(new PlotPanel(m_inputScales), tr("Input scales"));
    addTab(makeGroupTable(), tr("Groups"));
    for (LinePlot* plot : {m_depth, m_drift}) {
        connect(plot, &LinePlot::placeActivated, this, [this](int block) {
            for (const run::LayerRecord& layer : m_run ? m_run->layers : std::vector<run::LayerRecord>()) {
                if (layer.block == block) {
                    m_session.selectLayer(layer.layer);
                    return;
                }
            }
        });
    }
    connect(this, &QTabWidget::currentChanged, this, &RunViews::askDrift);
}

QWidget* RunViews::makeGroupTable()
{
    auto* table = new QTableView(this);
    setUpTable(table);
    table->setModel(m_groups);
    table->sortByColumn(GroupModel::Row, Qt::AscendingOrder);
    table->setSortingEnabled(true);
    table->setAccessibleName(tr("Scales and zero points of the selected layer"));
    new EmptyState(table, tr("Select a quantized layer in the table."));
    return table;
}

void RunViews::showRun()
{
    m_run = m_session.lastRun();
    m_result.reset();
    m_drift->setSeries({});
    m_driftAsked = false;
    m_measure.cancel();
    showDepth();
    showLayer(m_session.selectedLayer());
    openResult();
    askDrift();
}

void RunViews::showDepth()
{
    // One line for each kind of linear, in the order of a block.
    QMap<int, LinePlot::Series> byRole;
    const OpenedModelPtr opened = m_session.model();
    for (const run::LayerRecord& layer : m_run ? m_run->layers : std::vector<run::LayerRecord>()) {
        if (!layer.scheme) {
            continue;
        }
        const auto role = opened && layer.layer.index() < opened->spec.linears.size()
            ? opened->spec.linear(layer.layer).role
            : model::LinearRole::Query;
        LinePlot::Series& series = byRole[static_cast<int>(role)];
        series.name = roleTitle(role);
        series.category = static_cast<int>(role);
        series.x << static_cast<double>(layer.block);
        series.y << layer.quality.relativeError * 100;
    }
    m_depth->setSeries(byRole.values());
}

void RunViews::openResult()
{
    if (!m_run) {
        return;
    }
    m_open.start([out = m_run->out](std::stop_token) { return format::openModel(out); },
        [this](const Result<OpenedModelPtr>& opened) {
            // A folder that is gone leaves the errors; only the maps stay empty.
            m_result = opened ? *opened : nullptr;
            showLayer(m_session.selectedLayer());
        });
}

/// Runs both models over a piece of text, once for a run, when somebody looks.
void RunViews::askDrift()
{
    const bool looked = currentWidget() != nullptr && currentWidget()->isAncestorOf(m_drift);
    if (!m_run || m_driftAsked || !looked) {
        return;
    }
    m_driftAsked = true;
    m_measure.start([run = m_run](std::stop_token stop) { return measureDrift(*run, stop); },
        [this](const Result<evaluate::DepthErrors>& errors) {
            if (!errors) {
                m_drift->setEmptyText(translated(errors.error()));
                return;
            }
            LinePlot::Series relative{.name = tr("error"), .x = {}, .y = {}};
            for (std::size_t block = 0; block < errors->relative.size(); ++block) {
                relative.x << static_cast<double>(block);
                relative.y << errors->relative[block] * 100;
            }
            m_drift->setTitle(tr("Error growth: hidden states against the original, over %n token(s)", nullptr, static_cast<int>(errors->tokens)));
            m_drift->setSeries({relative});
        });
}

void RunViews::showLayer(LayerId layer)
{
    double place = std::numeric_limits<double>::quiet_NaN();
    for (const run::LayerRecord& record : m_run ? m_run->layers : std::vector<run::LayerRecord>()) {
        if (record.layer == layer) {
            place = static_cast<double>(record.block);
        }
    }
    m_depth->markPlace(place);
    m_drift->markPlace(place);
    showInputScales(layer);
    showMaps(layer);
}

void RunViews::showInputScales(LayerId layer)
{
    const run::ScaleRecord* record = m_run ? m_run->scalesOf(layer) : nullptr;
    if (record == nullptr) {
        m_inputScales->setSeries({});
        return;
    }
    LinePlot::Series series{.name = tr("scale"), .x = {}, .y = {}, .points = false};
    for (std::size_t channel = 0; channel < record->scales.size(); ++channel) {
        series.x << static_cast<double>(channel);
        series.y << record->scales[channel];
    }
    m_inputScales->setSeries({series});
    m_inputScales->setLogY(true);
}

void RunViews::showMaps(LayerId layer)
{
    const bool quantized = m_result && m_result->format != nullptr && layer.isValid() && layer.index() < m_result->schemes.size()
        && m_result->schemes[layer.index()];
    if (!quantized) {
        m_maps.cancel();
        for (MapPlot* plot : {m_scales, m_zeros, m_saturation}) {
            plot->setData({});
        }
        m_groups->setGroups(nullptr);
        return;
    }
    m_maps.start(
        [opened = m_result, layer](std::stop_token stop) -> Result<LayerMaps> {
            BITLATHE_TRY(const quant::QuantizedTensor tensor,
                opened->format->decode(*opened->checkpoint, opened->spec.linear(layer), *opened->schemes[layer.index()]));
            auto groups = std::make_shared<const std::vector<quant::GroupParameters>>(quant::groupParameters(tensor, {{}, stop}));
            return LayerMaps{quant::scaleMap(tensor), quant::zeroMap(tensor), quant::saturationMap(tensor), std::move(groups)};
        },
        [this](const Result<LayerMaps>& maps) {
            if (!maps) {
                m_session.report(maps.error());
                return;
            }
            m_scales->setData(plotData(maps->scales, tr("Group"), tr("Scale")));
            m_zeros->setData(plotData(maps->zeros, tr("Group"), tr("Zero point (code)")));
            m_saturation->setData(plotData(maps->saturation, tr("Input column"), tr("Share of saturated codes")));
            m_groups->setGroups(maps->groups);
        });
}

} // namespace bitlathe::ui
