// SPDX-License-Identifier: GPL-3.0-or-later
// TokenLossView: which tokens a compared model loses, and where in the window.
#include "ui/pages/tokenlossview.h"

#include "ui/models/tokenlossmodel.h"
#include "ui/plots/lineplot.h"
#include "ui/plots/plotpanel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/comparedmodelbox.h"
#include "ui/widgets/tables.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

namespace bitlathe::ui
{

TokenLossView::TokenLossView(QWidget* parent)
    : QWidget(parent), m_models(new ComparedModelBox([](const evaluate::ComparedModel& model) { return model.tokens.has_value(); }, this)), m_tokens(new TokenLossModel(this)), m_table(new QTableView), m_plot(new LinePlot)
{
    auto* label = new QLabel(tr("&Model"), this);
    label->setBuddy(m_models);
    auto* line = new QHBoxLayout;
    line->addWidget(label);
    line->addWidget(m_models);
    line->addStretch(1);
    setUpTable(m_table);
    m_table->setModel(m_tokens);
    m_table->setAccessibleName(tr("Tokens that suffer most"));
    m_table->setTextElideMode(Qt::ElideLeft); // What stands right before the token says most.
    new EmptyState(m_table, tr("Compare models to see which tokens they lose against the base."));
    m_plot->setTitle(tr("Loss by position"));
    m_plot->setAxisTitles(tr("Position in the window"), tr("Loss (nats)"));
    m_plot->setEmptyText(tr("Compare models to see where in the window they lose."));
    auto* splitter = new QSplitter(Qt::Horizontal, this);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(m_table);
    splitter->addWidget(new PlotPanel(m_plot));
    splitter->setSizes({540, 360});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(line);
    layout->addWidget(splitter, 1);
    connect(m_models, &ComparedModelBox::modelChanged, this, &TokenLossView::showModel);
}

void TokenLossView::setComparison(ComparisonPtr comparison)
{
    m_models->setComparison(std::move(comparison));
}

void TokenLossView::showModel()
{
    const evaluate::ComparedModel* shown = m_models->model();
    if (shown == nullptr) {
        m_tokens->setTokens({});
        m_plot->setSeries({});
        return;
    }
    const evaluate::ComparedModel& model = *shown;
    m_tokens->setTokens(model.tokens->worst);
    m_table->resizeColumnsToContents();
    m_table->setColumnWidth(TokenLossModel::Before, std::min(m_table->columnWidth(TokenLossModel::Before), 26 * kGrid));
    const evaluate::LossCurve& curve = model.tokens->byPosition;
    LinePlot::Series base{QString::fromStdString(m_models->comparison()->models.front().name), {}, {}, 0, false};
    LinePlot::Series own{QString::fromStdString(model.name), {}, {}, 1, false};
    LinePlot::Series divergence{tr("KL divergence"), {}, {}, 2, false};
    for (std::size_t bin = 0; bin < curve.tokens.size(); ++bin) {
        if (curve.tokens[bin] == 0) {
            continue;
        }
        const double position = static_cast<double>(curve.first) + (static_cast<double>(bin) + 0.5) * static_cast<double>(curve.step);
        for (LinePlot::Series* series : {&base, &own, &divergence}) {
            series->x << position;
        }
        base.y << curve.baseNll[bin];
        own.y << curve.nll[bin];
        divergence.y << curve.kl[bin];
    }
    m_plot->setSeries({base, own, divergence});
}

} // namespace bitlathe::ui
