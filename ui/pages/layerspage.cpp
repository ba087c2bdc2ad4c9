// SPDX-License-Identifier: GPL-3.0-or-later
// LayersPage: what a run made of each layer: a table of errors, and plots of the selected one.
#include "ui/pages/layerspage.h"

#include "ui/bridge/numbers.h"
#include "ui/models/runlayermodel.h"
#include "ui/pages/runviews.h"
#include "ui/theme/theme.h"
#include "ui/widgets/tables.h"

#include <QHeaderView>
#include <QLabel>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace bitlathe::ui
{

namespace
{

bool isBad(const run::LayerRecord& layer)
{
    return layer.scheme && quant::verdict(layer.quality.relativeError) == quant::Verdict::Bad;
}

/// The output error that bad layers have at least.
QString badFrom()
{
    return formatPercent(quant::threshold(quant::Measure::RelativeError).watch, 1);
}

} // namespace

LayersPage::LayersPage(Session& session, QWidget* parent)
    : Page(session, parent), m_raise(new QAction(tr("Raise bits of bad layers"), this)), m_model(new RunLayerModel(this)),
      m_proxy(new QSortFilterProxyModel(this)), m_table(new QTableView), m_splitter(new QSplitter(Qt::Horizontal, this)),
      m_views(new RunViews(session)), m_firstBad(new QLabel), m_empty(new QLabel(this))
{
    m_raise->setIcon(Theme::instance().icon(QStringLiteral("up")));
    m_raise->setToolTip(tr("Adds overrides with 8 bits for the layers whose output error is %1 or more").arg(badFrom()));
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

    m_firstBad->setTextFormat(Qt::RichText);
    m_firstBad->setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
    m_firstBad->setToolTip(tr("The first layer, in the order of the model, whose output error is %1 or more").arg(badFrom()));
    connect(m_firstBad, &QLabel::linkActivated, this, [this](const QString& layer) { this->session().selectLayer(LayerId(layer.toLongLong())); });
    auto* left = new QWidget;
    auto* column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_firstBad);
    column->addWidget(m_table, 1);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(left);
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
    const auto& shown = m_model->layers();
    const bool outliers = std::any_of(shown.begin(), shown.end(), [](const run::LayerRecord& layer) { return layer.hasOutlierShare(); });
    m_table->setColumnHidden(RunLayerModel::Outliers, !outliers);
    m_table->resizeColumnsToContents();
    showFirstBad();
    m_views->showRun();
    Q_EMIT titleChanged();
}

void LayersPage::showFirstBad()
{
    const auto& layers = m_model->layers();
    const auto bad = std::find_if(layers.begin(), layers.end(), isBad);
    m_raise->setEnabled(bad != layers.end());
    m_firstBad->setText(bad == layers.end()
            ? tr("No bad layer: every output error is below %1.").arg(badFrom())
            : tr("First bad layer: %1, output error %2")
                  .arg(QStringLiteral("<a href=\"%1\">%2</a>").arg(bad->layer.value()).arg(QString::fromStdString(bad->name).toHtmlEscaped()),
                      formatPercent(bad->quality.relativeError)));
    m_firstBad->setFocusPolicy(bad == layers.end() ? Qt::NoFocus : Qt::StrongFocus); // for the link
}

void LayersPage::showLayer(LayerId layer)
{
    const QModelIndex index = m_proxy->mapFromSource(m_model->indexOf(layer));
    if (index.isValid() && m_table->currentIndex().row() != index.row()) {
        m_table->setCurrentIndex(index);
    }
    m_views->showLayer(layer);
}

void LayersPage::raiseWorst()
{
    plan::Recipe recipe = session().recipe();
    for (const run::LayerRecord& layer : m_model->layers()) {
        if (isBad(layer)) {
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
