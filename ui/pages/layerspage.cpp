// SPDX-License-Identifier: GPL-3.0-or-later
// LayersPage: what a run made of each layer: errors through depth, scales, zero points, saturation.
#include "ui/pages/layerspage.h"

#include "core/quant/histogram.h"
#include "ui/bridge/numbers.h"
#include "ui/models/runlayermodel.h"
#include "ui/plots/lineplot.h"
#include "ui/plots/mapplot.h"
#include "ui/plots/plotpanel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/tables.h"

#include <QHeaderView>
#include <QLabel>
#include <QMap>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <limits>


namespace bitlathe::ui
{

namespace
{

/// Small pictures of one layer's quantization parameters.
struct LayerMaps
{
    quant::ValueMap scales, zeros, saturation;
};

MapPlot::Data plotData(const quant::ValueMap& map, const QString& colTitle, const QString& valueTitle)
{
    MapPlot::Data shown;
    shown.rows = map.rows;
    shown.cols = map.cols;
    shown.values = map.values;
    shown.rowTitle = LayersPage::tr("Output row");
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

} // namespace

LayersPage::LayersPage(Session& session, QWidget* parent)
    : Page(session, parent), m_raise(new QAction(tr("Raise bits of bad layers"), this)), m_model(new RunLayerModel(this)),
      m_proxy(new QSortFilterProxyModel(this)), m_table(new QTableView), m_splitter(new QSplitter(Qt::Horizontal, this)),
      m_views(new QTabWidget), m_depth(new LinePlot), m_scales(new MapPlot), m_zeros(new MapPlot), m_saturation(new MapPlot),
      m_empty(new QLabel(this))
{
    m_raise->setIcon(Theme::instance().icon(QStringLiteral("up")));
    m_raise->setToolTip(tr("Adds overrides with 8 bits for the layers whose output error is 5 % or more"));
    connect(m_raise, &QAction::triggered, this, &LayersPage::raiseWorst);

    m_proxy->setSourceModel(m_model);
    m_proxy->setSortRole(Qt::UserRole);
    m_table->setModel(m_proxy);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(-1, Qt::AscendingOrder);
    setUpTable(m_table);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setAccessibleName(tr("Layers of the run"));
    m_table->setTextElideMode(Qt::ElideMiddle);

    m_depth->setTitle(tr("Output error through depth"));
    m_depth->setAxisTitles(tr("Block"), tr("Output error (%)"));
    m_scales->setTitle(tr("Scales of the selected layer, row by group"));
    m_zeros->setTitle(tr("Zero points of the selected layer, row by group"));
    m_saturation->setTitle(tr("Share of codes at the ends of their range"));
    for (MapPlot* plot : {m_scales, m_zeros, m_saturation}) {
        plot->setEmptyText(tr("Select a quantized layer in the table."));
    }
    m_views->setDocumentMode(true);
    m_views->addTab(new PlotPanel(m_depth), tr("Depth"));
    m_views->addTab(new PlotPanel(m_scales), tr("Scales"));
    m_views->addTab(new PlotPanel(m_zeros), tr("Zero points"));
    m_views->addTab(new PlotPanel(m_saturation), tr("Saturation"));
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(m_table);
    m_splitter->addWidget(m_views);
    m_splitter->setSizes({620, 560});
    m_empty->setText(tr("The layers of the newest run appear here. Quantize a model, or open a run from the history."));
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setForegroundRole(QPalette::PlaceholderText);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, 2 * kGrid);
    layout->addWidget(m_splitter, 1);
    layout->addWidget(m_empty, 1);

    connect(&session, &Session::runChanged, this, &LayersPage::showRun);
    connect(&session, &Session::layerSelected, this, &LayersPage::showLayer);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& current) {
        if (current.isValid()) {
            this->session().selectLayer(LayerId(current.data(RunLayerModel::LayerRole).toLongLong()));
        }
    });
    connect(m_depth, &LinePlot::placeActivated, this, [this](int block) {
        for (const run::LayerRecord& layer : m_model->layers()) {
            if (layer.block == block) {
                this->session().selectLayer(layer.layer);
                return;
            }
        }
    });
    showRun();
}

QString LayersPage::subtitle() const
{
    const RunResultPtr run = session().lastRun();
    return run ? tr("%1: %2 bits per weight, %3")
                     .arg(fromPath(run->out.filename()), formatNumber(run->bitsPerWeight, 3), formatBytes(run->bytes))
               : QString();
}

void LayersPage::showRun()
{
    const RunResultPtr run = session().lastRun();
    m_splitter->setVisible(run != nullptr);
    m_empty->setVisible(run == nullptr);
    m_model->setLayers(run ? run->layers : std::vector<run::LayerRecord>());
    m_table->resizeColumnsToContents();
    m_result.reset();
    const bool anyBad = std::any_of(m_model->layers().begin(), m_model->layers().end(), [](const run::LayerRecord& layer) {
        return layer.scheme && quant::verdict(layer.quality.relativeError) == quant::Verdict::Bad;
    });
    m_raise->setEnabled(anyBad);
    showDepth();
    openResult();
    Q_EMIT titleChanged();
}

void LayersPage::showDepth()
{
    // One line for each kind of linear, in the order of a block.
    QMap<int, LinePlot::Series> byRole;
    const OpenedModelPtr opened = session().model();
    for (const run::LayerRecord& layer : m_model->layers()) {
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

void LayersPage::openResult()
{
    const RunResultPtr run = session().lastRun();
    if (!run) {
        return;
    }
    m_open.start([out = run->out](std::stop_token) { return format::openModel(out); },
        [this](const Result<OpenedModelPtr>& opened) {
            // A folder that is gone leaves the table and the errors; only the maps stay empty.
            m_result = opened ? *opened : nullptr;
            showLayer(session().selectedLayer());
        });
}

void LayersPage::showLayer(LayerId layer)
{
    const QModelIndex index = m_proxy->mapFromSource(m_model->indexOf(layer));
    if (index.isValid() && m_table->currentIndex().row() != index.row()) {
        m_table->setCurrentIndex(index);
    }
    const auto& layers = m_model->layers();
    const QModelIndex source = m_model->indexOf(layer);
    m_depth->markPlace(source.isValid() ? static_cast<double>(layers[static_cast<std::size_t>(source.row())].block)
                                        : std::numeric_limits<double>::quiet_NaN());
    if (!m_result || m_result->format == nullptr || !layer.isValid() || !m_result->schemes[layer.index()]) {
        for (MapPlot* plot : {m_scales, m_zeros, m_saturation}) {
            plot->setData({});
        }
        return;
    }
    m_maps.start(
        [opened = m_result, layer](std::stop_token) -> Result<LayerMaps> {
            BITLATHE_TRY(const quant::QuantizedTensor tensor,
                opened->format->decode(*opened->checkpoint, opened->spec.linear(layer), *opened->schemes[layer.index()]));
            return LayerMaps{quant::scaleMap(tensor), quant::zeroMap(tensor), quant::saturationMap(tensor)};
        },
        [this](const Result<LayerMaps>& maps) {
            if (!maps) {
                session().report(maps.error());
                return;
            }
            m_scales->setData(plotData(maps->scales, tr("Group"), tr("Scale")));
            m_zeros->setData(plotData(maps->zeros, tr("Group"), tr("Zero point (code)")));
            m_saturation->setData(plotData(maps->saturation, tr("Input column"), tr("Share of saturated codes")));
        });
}

void LayersPage::raiseWorst()
{
    plan::Recipe recipe = session().recipe();
    for (const run::LayerRecord& layer : m_model->layers()) {
        if (layer.scheme && quant::verdict(layer.quality.relativeError) == quant::Verdict::Bad) {
            quant::Scheme raised = *layer.scheme;
            raised.bits = 8;
            recipe.overrides.push_back({layer.name, raised});
        }
    }
    session().editRecipe(recipe, tr("Raise bits of bad layers"));
    Q_EMIT message(tr("Overrides added to the recipe. Run it again to see what they bring; Ctrl+Z takes them back."));
}

void LayersPage::saveState(QSettings& settings) const
{
    settings.setValue(QStringLiteral("splitter"), m_splitter->saveState());
    settings.setValue(QStringLiteral("view"), m_views->currentIndex());
}

void LayersPage::restoreState(const QSettings& settings)
{
    m_splitter->restoreState(settings.value(QStringLiteral("splitter")).toByteArray());
    m_views->setCurrentIndex(settings.value(QStringLiteral("view"), 0).toInt());
}

} // namespace bitlathe::ui
