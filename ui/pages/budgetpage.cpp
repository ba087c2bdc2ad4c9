// SPDX-License-Identifier: GPL-3.0-or-later
// BudgetPage: bits and group size of every layer for a budget.
#include "ui/pages/budgetpage.h"

#include "core/format/consumers.h"
#include "ui/bridge/numbers.h"
#include "ui/models/budgetmodel.h"
#include "ui/plots/lineplot.h"
#include "ui/plots/plotpanel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/fields.h"
#include "ui/widgets/numberrow.h"
#include "ui/widgets/tables.h"
#include "ui/widgets/tickchoice.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QLabel>
#include <QSortFilterProxyModel>
#include <QSpinBox>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace bitlathe::ui
{

namespace
{

using Kind = plan::BudgetGoal::Kind;

template <typename Number>
std::vector<Number> numbersOf(const QStringList& keys)
{
    std::vector<Number> numbers;
    for (const QString& key : keys) {
        numbers.push_back(static_cast<Number>(key.toLongLong()));
    }
    return numbers;
}

/// Whether a search of one recipe answers for another: all that its measurements depend on is the same.
bool answersFor(const plan::Recipe& searched, const plan::Recipe& recipe)
{
    return searched.method == recipe.method && searched.exportTo.format == recipe.exportTo.format &&
           searched.options == recipe.options && searched.calibration == recipe.calibration;
}

} // namespace

BudgetPage::BudgetPage(Session& session, QWidget* parent)
    : Page(session, parent), m_splitter(new QSplitter(Qt::Horizontal, this)), m_model(new BudgetModel(this)), m_proxy(new QSortFilterProxyModel(this))
{
    m_search = new QAction(Theme::instance().icon(QStringLiteral("run")), tr("Measure layers"), this);
    m_search->setToolTip(tr("Quantizes every layer alone and measures what that does to the model's predictions"));
    connect(m_search, &QAction::triggered, this, [this] { m_job = this->session().startSearch(space()); });
    m_use = new QAction(Theme::instance().icon(QStringLiteral("check")), tr("Use in recipe"), this);
    m_use->setToolTip(tr("The recipe gets these schemes, most as its own and the others as overrides"));
    connect(m_use, &QAction::triggered, this, &BudgetPage::use);

    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(makeControls());
    m_splitter->addWidget(makeResults());
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({280, 900});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_splitter);

    connect(&session, &Session::recipeChanged, this, &BudgetPage::showRecipe);
    connect(&session, &Session::modelClosed, this, &BudgetPage::showSearch);
    connect(&session, &Session::searchChanged, this, &BudgetPage::showSearch);
    connect(&session, &Session::layerSelected, this, [this](LayerId layer) {
        const QModelIndex index = m_proxy->mapFromSource(m_model->indexOf(layer));
        if (index.isValid() && m_table->currentIndex().row() != index.row()) {
            m_table->setCurrentIndex(index);
        }
    });
    showRecipe();
    showSearch();
}

QWidget* BudgetPage::makeControls()
{
    auto* panel = new QWidget(this);
    auto* layout = new QVBoxLayout(panel);
    layout->setContentsMargins(2 * kGrid, kGrid, kGrid, 2 * kGrid);
    m_method = new QLabel(panel);
    m_method->setWordWrap(true);
    m_method->setForegroundRole(QPalette::PlaceholderText);
    layout->addWidget(m_method);
    m_form = new QFormLayout;
    m_form->setRowWrapPolicy(QFormLayout::WrapAllRows);
    addGoalRows(m_form);
    m_bits = new TickChoice(panel);
    for (const int bits : {2, 3, 4, 5, 6, 7, 8}) {
        m_bits->addChoice(QString::number(bits), QLocale().toString(bits));
    }
    m_bits->setToolTip(tr("Bits of one weight's code that a layer may get. Layers have to be measured again after a change."));
    m_groups = new TickChoice(panel);
    for (const std::int64_t size : {std::int64_t{16}, std::int64_t{32}, std::int64_t{64}, std::int64_t{128}, std::int64_t{256}, quant::kPerChannel}) {
        m_groups->addChoice(QString::number(size), groupSizeText(size));
    }
    m_groups->setToolTip(tr("Group sizes (group_size) that a layer may get. Layers have to be measured again after a change."));
    QStringList bits;
    for (const int each : plan::SearchSpace().bits) {
        bits << QString::number(each);
    }
    m_bits->setTicked(bits);
    QStringList groups;
    for (const std::int64_t each : plan::SearchSpace().groupSizes) {
        groups << QString::number(each);
    }
    m_groups->setTicked(groups);
    m_consumer = new QComboBox(panel);
    m_consumer->setToolTip(tr("A program that has to load the result: only what it loads is chosen from."));
    m_form->addRow(tr("B&its to choose from"), m_bits);
    m_form->addRow(tr("&Group sizes to choose from"), m_groups);
    m_form->addRow(tr("Must load &in"), m_consumer);
    layout->addLayout(m_form);
    layout->addStretch(1);
    for (TickChoice* choice : {m_bits, m_groups}) {
        connect(choice, &TickChoice::changed, this, &BudgetPage::updateActions);
    }
    return panel;
}

void BudgetPage::addGoalRows(QFormLayout* form)
{
    m_goal = new QComboBox(this);
    m_goal->addItem(tr("Bits per weight"), static_cast<int>(Kind::Bits));
    m_goal->addItem(tr("Size of the files"), static_cast<int>(Kind::Bytes));
    m_goal->addItem(tr("Memory while it runs"), static_cast<int>(Kind::Memory));
    m_goal->addItem(tr("Rise of perplexity"), static_cast<int>(Kind::Perplexity));
    m_goal->setToolTip(tr("What must not be exceeded."));
    m_targetBits = numberField(this, 1, 16, 4.25, 0.25, 2);
    m_targetBits->setToolTip(tr("Stored bits of one weight of the quantized layers, scales and zero points included."));
    m_targetSize = numberField(this, 0, 1e7, 0, 10, 1);
    m_targetSize->setToolTip(tr("Bytes of the exported tensor files."));
    m_targetMemory = numberField(this, 0, 1e7, 0, 10, 1);
    m_targetMemory->setToolTip(tr("Weights, keys and values, and activations of one step."));
    for (QDoubleSpinBox* box : {m_targetSize, m_targetMemory}) {
        box->setSuffix(QStringLiteral(" MiB"));
    }
    m_context = countField(this, 1, 1 << 24, 4096);
    m_context->setSuffix(tr(" tokens"));
    m_context->setToolTip(tr("Tokens of each sequence whose keys and values are kept."));
    m_batch = countField(this, 1, 4096, 1);
    m_batch->setToolTip(tr("Sequences at once."));
    m_kv = new QComboBox(this);
    for (const quant::KvScheme& scheme : quant::kvSchemes()) {
        m_kv->addItem(kvText(scheme), QString::fromStdString(scheme.name()));
    }
    m_targetRise = numberField(this, 0.01, 1000, 1, 0.5, 2);
    m_targetRise->setSuffix(QStringLiteral(" %"));
    m_targetRise->setToolTip(tr("The smallest mix whose perplexity rises by no more, as far as can be predicted."));
    form->addRow(tr("&Budget"), m_goal);
    form->addRow(tr("At most so &many bits per weight"), m_targetBits);
    form->addRow(tr("Files no larger &than"), m_targetSize);
    form->addRow(tr("&Memory no more than"), m_targetMemory);
    form->addRow(tr("&Context"), m_context);
    form->addRow(tr("&Sequences at once"), m_batch);
    form->addRow(tr("&Keys and values"), m_kv);
    form->addRow(tr("&Perplexity rises by at most"), m_targetRise);
    connect(m_goal, &QComboBox::currentIndexChanged, this, [this] {
        showGoalRows();
        ask();
    });
    for (QDoubleSpinBox* box : {m_targetBits, m_targetSize, m_targetMemory, m_targetRise}) {
        connect(box, &QDoubleSpinBox::valueChanged, this, &BudgetPage::ask);
    }
    for (QSpinBox* box : {m_context, m_batch}) {
        connect(box, &QSpinBox::valueChanged, this, &BudgetPage::ask);
    }
    connect(m_kv, &QComboBox::currentIndexChanged, this, &BudgetPage::ask);
    showGoalRows();
}

QWidget* BudgetPage::makeResults()
{
    auto* panel = new QWidget(this);
    auto* layout = new QVBoxLayout(panel);
    layout->setContentsMargins(kGrid, kGrid, 2 * kGrid, kGrid);
    auto* numbers = new NumberRow(panel);
    m_bitsPerWeight = numbers->add(tr("Bits per weight"), tr("Codes, scales and zero points of the quantized layers, divided by their weights."), QStringLiteral("glossary#bits-per-weight"));
    m_size = numbers->add(tr("Files"), tr("Bytes of the tensor files that the export would write."));
    m_divergence = numbers->add(tr("KL divergence"), tr("To the plain model, in nats for each token, predicted from the layers' own. 0: the same predictions."), QStringLiteral("glossary#kl-divergence"));
    m_rise = numbers->add(tr("Perplexity"), tr("Predicted rise, on text like the calibration text."), QStringLiteral("glossary#perplexity"));
    layout->addWidget(numbers);
    m_sentence = new QLabel(panel);
    m_sentence->setWordWrap(true);
    m_sentence->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    layout->addWidget(m_sentence);

    auto* splitter = new QSplitter(Qt::Vertical, panel);
    splitter->setChildrenCollapsible(false);
    m_plot = new LinePlot;
    m_plot->setTitle(tr("What each size costs"));
    m_plot->setAxisTitles(tr("Files (MiB)"), tr("KL divergence (nats)"));
    m_plot->setEmptyText(tr("Measure the layers once; after that every budget is answered at once."));
    m_plot->setLogY(true);
    splitter->addWidget(new PlotPanel(m_plot));
    m_table = new QTableView;
    m_proxy->setSourceModel(m_model);
    m_proxy->setSortRole(Qt::UserRole);
    m_table->setModel(m_proxy);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(BudgetModel::Divergence, Qt::DescendingOrder);
    setUpTable(m_table);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setAccessibleName(tr("Layers and their schemes"));
    m_table->setTextElideMode(Qt::ElideMiddle);
    new EmptyState(m_table, tr("The layers appear here with the scheme that each gets."));
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& current) {
        if (current.isValid()) {
            this->session().selectLayer(LayerId(current.data(BudgetModel::LayerRole).toLongLong()));
        }
    });
    splitter->addWidget(m_table);
    splitter->setSizes({360, 260});
    layout->addWidget(splitter, 1);
    return panel;
}

plan::SearchSpace BudgetPage::space() const
{
    return {numbersOf<int>(m_bits->ticked()), numbersOf<std::int64_t>(m_groups->ticked()), m_consumer->currentData().toString().toStdString()};
}

plan::BudgetGoal BudgetPage::goal() const
{
    plan::BudgetGoal goal;
    goal.kind = static_cast<Kind>(m_goal->currentData().toInt());
    goal.bits = m_targetBits->value();
    goal.bytes = static_cast<std::uint64_t>(m_targetSize->value() * kMebibyte);
    goal.memory.bytes = static_cast<std::uint64_t>(m_targetMemory->value() * kMebibyte);
    goal.memory.context = m_context->value();
    goal.memory.batch = m_batch->value();
    goal.memory.kv = quant::kvSchemes()[static_cast<std::size_t>(m_kv->currentIndex())];
    goal.perplexityIncrease = m_targetRise->value() / 100;
    return goal;
}

void BudgetPage::showGoalRows()
{
    const auto kind = static_cast<Kind>(m_goal->currentData().toInt());
    m_form->setRowVisible(m_targetBits, kind == Kind::Bits);
    m_form->setRowVisible(m_targetSize, kind == Kind::Bytes);
    for (QWidget* field : std::initializer_list<QWidget*>{m_targetMemory, m_context, m_batch, m_kv}) {
        m_form->setRowVisible(field, kind == Kind::Memory);
    }
    m_form->setRowVisible(m_targetRise, kind == Kind::Perplexity);
}

void BudgetPage::showRecipe()
{
    const plan::Recipe& recipe = session().recipe();
    const auto method = quant::findQuantizer(recipe.method);
    const QString name = method ? translated(Text((*method)->title())) : QString::fromStdString(recipe.method);
    m_method->setText(recipe.calibration.data.empty()
            ? tr("The recipe has no calibration text: choose one in the wizard. Layers are measured on it.")
            : tr("%1, for the format %2, measured on the recipe's calibration text.").arg(name, QString::fromStdString(recipe.exportTo.format)));
    const QString chosen = m_consumer->currentData().toString();
    m_consumer->clear();
    m_consumer->addItem(tr("Any program"), QString());
    for (const std::string& consumer : format::consumersOf(recipe.exportTo.format)) {
        m_consumer->addItem(QString::fromStdString(consumer), QString::fromStdString(consumer));
    }
    m_consumer->setCurrentIndex(std::max(0, m_consumer->findData(chosen)));
    updateActions();
}

void BudgetPage::showSearch()
{
    const BudgetSearchPtr search = session().model() ? session().search() : nullptr;
    m_front.clear();
    m_uniform.clear();
    m_fronts.cancel();
    m_answer.cancel(); // An answer of the search before has other schemes.
    m_choice.reset();
    updateActions();
    if (!search) {
        m_model->setChoice(nullptr, {});
        for (QLabel* number : {m_bitsPerWeight, m_size, m_divergence, m_rise}) {
            number->setText(QStringLiteral("\u2013"));
        }
        m_sentence->clear();
        showFront();
        return;
    }
    struct Points
    {
        std::vector<plan::BudgetPoint> front;
        std::vector<plan::UniformPoint> uniform;
    };
    m_fronts.start([search](const std::stop_token&) { return Points{search->front(), search->uniform()}; },
        [this](Points points) {
            m_front = std::move(points.front);
            m_uniform = std::move(points.uniform);
            // A first question that has an answer.
            const double middle = static_cast<double>(m_front[m_front.size() / 3].bytes) / kMebibyte;
            for (QDoubleSpinBox* box : {m_targetSize, m_targetMemory}) {
                if (box->value() == 0) {
                    box->setValue(middle);
                }
            }
            ask();
        });
}

void BudgetPage::ask()
{
    const BudgetSearchPtr search = session().search();
    if (!search || m_front.empty()) {
        return;
    }
    m_choice.reset(); // What is used answers what is asked.
    updateActions();
    m_answer.start([search, goal = goal()](const std::stop_token&) { return search->choose(goal); },
        [this](const Result<plan::BudgetChoice>& choice) { showChoice(choice); });
}

void BudgetPage::showChoice(const Result<plan::BudgetChoice>& choice)
{
    if (!choice) {
        m_choice.reset();
        m_sentence->setText(translated(choice.error()));
        m_model->setChoice(nullptr, {});
    } else {
        m_choice = *choice;
        const plan::BudgetPoint& point = choice->point;
        m_bitsPerWeight->setText(formatNumber(point.bitsPerWeight, 3));
        m_size->setText(formatBytes(point.bytes));
        m_divergence->setText(formatNumber(point.kl, 3));
        m_rise->setText(QStringLiteral("+") + formatPercent(point.perplexityIncrease()));
        m_sentence->setText(comparedWithOneScheme(point));
        m_model->setChoice(session().search(), choice->schemes);
        m_table->resizeColumnsToContents();
    }
    showFront();
    updateActions();
}

QString BudgetPage::comparedWithOneScheme(const plan::BudgetPoint& point) const
{
    // The best single scheme that is no larger.
    const plan::UniformPoint* best = nullptr;
    for (const plan::UniformPoint& each : m_uniform) {
        if (each.point.bytes <= point.bytes && (best == nullptr || each.point.kl < best->point.kl)) {
            best = &each;
        }
    }
    const bool isOld = !answersFor(session().search()->recipe(), session().recipe());
    const QString old = isOld ? tr("The recipe's method, format or calibration text is another since: measure again.") : QString();
    if (best == nullptr || !(best->point.kl > point.kl)) {
        return old;
    }
    const QString sentence = tr("%1 less divergence than %2 in all layers, the best single scheme that is no larger (%3).")
                                 .arg(formatPercent(1 - point.kl / best->point.kl, 2), schemeText(best->scheme.label()), formatBytes(best->point.bytes));
    return old.isEmpty() ? sentence : sentence + QLatin1Char(' ') + old;
}

void BudgetPage::showFront()
{
    if (m_front.empty()) {
        m_plot->setSeries({});
        return;
    }
    LinePlot::Series mixes{tr("Best mixes"), {}, {}, 0, false};
    for (const plan::BudgetPoint& point : m_front) {
        mixes.x << static_cast<double>(point.bytes) / kMebibyte;
        mixes.y << point.kl;
    }
    LinePlot::Series single{tr("One scheme for all layers"), {}, {}, 1, true, false};
    for (const plan::UniformPoint& each : m_uniform) {
        single.x << static_cast<double>(each.point.bytes) / kMebibyte;
        single.y << each.point.kl;
    }
    QList<LinePlot::Series> series{mixes, single};
    if (m_choice) {
        series << LinePlot::Series{tr("This budget"), {static_cast<double>(m_choice->point.bytes) / kMebibyte}, {m_choice->point.kl}, 2, true, false};
    }
    m_plot->setSeries(series);
    m_plot->setSummary(tr("KL divergence of the best mix of schemes for each size, from %1 to %2.")
                           .arg(formatBytes(m_front.front().bytes), formatBytes(m_front.back().bytes)));
}

void BudgetPage::use()
{
    plan::Recipe recipe = session().recipe();
    recipe.scheme = m_choice->recipe.scheme;
    recipe.overrides = m_choice->recipe.overrides;
    session().editRecipe(recipe, tr("Schemes for a budget"));
    Q_EMIT message(tr("The recipe now uses these schemes. Ctrl+Z takes them back."));
}

void BudgetPage::updateActions()
{
    m_search->setEnabled(session().model() && !session().recipe().calibration.data.empty() && !m_bits->ticked().isEmpty() && !m_groups->ticked().isEmpty());
    m_use->setEnabled(m_choice.has_value());
}

QString BudgetPage::commandLine() const
{
    const OpenedModelPtr opened = session().model();
    const plan::Recipe& recipe = session().recipe();
    QStringList groups;
    for (const std::int64_t size : space().groupSizes) {
        groups << QString::fromStdString(quant::groupSizeText(size));
    }
    QStringList words{QStringLiteral("bitlathe-cli search \"%1\" --data \"%2\" --method %3 --format %4 --bits %5 --group-size %6")
                          .arg(opened ? fromPath(opened->folder()) : QString(), QString::fromStdString(recipe.calibration.data),
                              QString::fromStdString(recipe.method), QString::fromStdString(recipe.exportTo.format), m_bits->ticked().join(QLatin1Char(',')),
                              groups.join(QLatin1Char(',')))};
    if (const QString consumer = m_consumer->currentData().toString(); !consumer.isEmpty()) {
        words << QStringLiteral("--consumer \"%1\"").arg(consumer);
    }
    const auto number = [](const QDoubleSpinBox* box) { return QString::number(box->value()); };
    switch (goal().kind) {
    case Kind::Bits: words << QStringLiteral("--target-bits %1").arg(number(m_targetBits)); break;
    case Kind::Bytes: words << QStringLiteral("--target-size %1MiB").arg(number(m_targetSize)); break;
    case Kind::Memory:
        words << QStringLiteral("--target-memory %1MiB --context %2 --batch %3 --kv %4")
                     .arg(number(m_targetMemory))
                     .arg(m_context->value())
                     .arg(m_batch->value())
                     .arg(m_kv->currentData().toString());
        break;
    case Kind::Perplexity: words << QStringLiteral("--max-ppl-increase %1%").arg(number(m_targetRise)); break;
    }
    return words.join(QLatin1Char(' '));
}

void BudgetPage::saveState(QSettings& settings) const
{
    settings.setValue(QStringLiteral("splitter"), m_splitter->saveState());
    settings.setValue(QStringLiteral("bits"), m_bits->ticked());
    settings.setValue(QStringLiteral("groups"), m_groups->ticked());
    settings.setValue(QStringLiteral("goal"), m_goal->currentIndex());
    settings.setValue(QStringLiteral("targetBits"), m_targetBits->value());
    settings.setValue(QStringLiteral("context"), m_context->value());
    settings.setValue(QStringLiteral("batch"), m_batch->value());
    settings.setValue(QStringLiteral("kv"), m_kv->currentIndex());
    settings.setValue(QStringLiteral("targetRise"), m_targetRise->value());
}

void BudgetPage::restoreState(const QSettings& settings)
{
    m_splitter->restoreState(settings.value(QStringLiteral("splitter")).toByteArray());
    m_bits->setTicked(settings.value(QStringLiteral("bits"), m_bits->ticked()).toStringList());
    m_groups->setTicked(settings.value(QStringLiteral("groups"), m_groups->ticked()).toStringList());
    m_goal->setCurrentIndex(std::clamp(settings.value(QStringLiteral("goal"), 0).toInt(), 0, m_goal->count() - 1));
    m_targetBits->setValue(settings.value(QStringLiteral("targetBits"), m_targetBits->value()).toDouble());
    m_context->setValue(settings.value(QStringLiteral("context"), m_context->value()).toInt());
    m_batch->setValue(settings.value(QStringLiteral("batch"), m_batch->value()).toInt());
    m_kv->setCurrentIndex(std::clamp(settings.value(QStringLiteral("kv"), 0).toInt(), 0, m_kv->count() - 1));
    m_targetRise->setValue(settings.value(QStringLiteral("targetRise"), m_targetRise->value()).toDouble());
}

void BudgetPage::prepareScreenshot()
{
    if (session().model() && !session().search() && m_search->isEnabled()) {
        m_search->trigger();
    }
}

bool BudgetPage::isBusy() const
{
    const std::vector<run::JobStatus> jobs = session().jobs().jobs();
    return std::ranges::any_of(jobs, [this](const run::JobStatus& job) {
        return job.id == m_job && (job.state == run::JobState::Queued || job.state == run::JobState::Running);
    });
}

} // namespace bitlathe::ui
