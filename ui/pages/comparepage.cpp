// SPDX-License-Identifier: GPL-3.0-or-later
// ComparePage: any number of models over the same text, figures side by side.
#include "ui/pages/comparepage.h"

#include "ui/bridge/filechoice.h"
#include "ui/bridge/numbers.h"
#include "ui/models/comparisonmodel.h"
#include "ui/pages/comparisonform.h"
#include "ui/pages/differenceview.h"
#include "ui/pages/speedview.h"
#include "ui/pages/tokenlossview.h"
#include "ui/pages/writtentextsview.h"
#include "ui/plots/barplot.h"
#include "ui/plots/plotpanel.h"
#include "ui/plots/scatterplot.h"
#include "ui/theme/theme.h"
#include "ui/widgets/fields.h"
#include "ui/widgets/tables.h"

#include <QDir>
#include <QFileInfo>
#include <QHeaderView>
#include <QLabel>
#include <QListWidget>
#include <QSpinBox>
#include <QSplitter>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>

namespace bitlathe::ui
{

ComparePage::ComparePage(Session& session, QWidget* parent) : Page(session, parent), m_model(new ComparisonModel(this))
{
    makeActions();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    m_splitter = new QSplitter(Qt::Horizontal, this);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(makeControls());
    m_splitter->addWidget(makeResults());
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({280, 900});
    layout->addWidget(m_splitter);

    connect(&session, &Session::modelOpened, this, &ComparePage::suggestFolders);
    connect(&session, &Session::runChanged, this, &ComparePage::suggestFolders);
    connect(&session, &Session::comparisonChanged, this, &ComparePage::showComparison);
    connect(&session, &Session::speedsChanged, this, [this] { m_speed->setSpeeds(this->session().speeds()); });
    connect(m_folders, &QListWidget::itemSelectionChanged, this, &ComparePage::updateActions);
    connect(m_folders->model(), &QAbstractItemModel::rowsInserted, this, &ComparePage::updateActions);
    connect(m_folders->model(), &QAbstractItemModel::rowsRemoved, this, &ComparePage::updateActions);
    connect(m_folders->model(), &QAbstractItemModel::rowsMoved, this, &ComparePage::updateActions);
    connect(m_form, &ComparisonForm::textChanged, this, &ComparePage::updateActions);
    m_speed->setSpeeds(session.speeds());
    showComparison(); // its models first, in its order
    suggestFolders();
    updateActions();
}

void ComparePage::makeActions()
{
    const Theme& theme = Theme::instance();
    m_compare = new QAction(theme.icon(QStringLiteral("compare")), tr("Compare"), this);
    m_compare->setToolTip(tr("Run all models over the same text"));
    connect(m_compare, &QAction::triggered, this, [this] { start(true); });
    m_anew = new QAction(theme.icon(QStringLiteral("refresh")), tr("Measure anew"), this);
    m_anew->setToolTip(tr("Run all models again, also where their scores of these windows are kept from an earlier comparison"));
    connect(m_anew, &QAction::triggered, this, [this] { start(false); });
    m_add = new QAction(theme.icon(QStringLiteral("add")), tr("Add model…"), this);
    m_add->setToolTip(tr("Add a model folder as one more column"));
    connect(m_add, &QAction::triggered, this, &ComparePage::addFolderThroughDialog);
    m_remove = new QAction(theme.icon(QStringLiteral("remove")), tr("Remove"), this);
    m_remove->setToolTip(tr("Take the selected model out of the comparison; its folder stays"));
    connect(m_remove, &QAction::triggered, this, [this] { qDeleteAll(m_folders->selectedItems()); });
    m_makeBase = new QAction(tr("Make base"), this);
    m_makeBase->setToolTip(tr("Compare the others with the selected model"));
    connect(m_makeBase, &QAction::triggered, this, [this] {
        m_folders->insertItem(0, m_folders->takeItem(m_folders->currentRow()));
        m_folders->setCurrentRow(0);
    });
}

QWidget* ComparePage::makeControls()
{
    auto* panel = new QWidget(this);
    auto* layout = new QVBoxLayout(panel);
    layout->setContentsMargins(16, 8, 8, 16);
    layout->setSpacing(8);
    auto* foldersLabel = new QLabel(tr("&Models, base first"), panel);
    m_folders = new QListWidget(panel);
    m_folders->setDragDropMode(QAbstractItemView::InternalMove);
    m_folders->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_folders->addActions({m_makeBase, m_remove});
    m_folders->setTextElideMode(Qt::ElideMiddle);
    m_folders->setToolTip(tr("Drag to change the order. The first model is the one that the others are compared with."));
    foldersLabel->setBuddy(m_folders);
    m_folders->setAccessibleName(foldersLabel->text().remove(u'&')); // lists don't take it from their label
    layout->addWidget(foldersLabel);
    layout->addWidget(m_folders, 1);

    m_form = new ComparisonForm(panel);
    layout->addWidget(m_form);
    return panel;
}

QWidget* ComparePage::makeResults()
{
    auto* splitter = new QSplitter(Qt::Vertical, this);
    splitter->setChildrenCollapsible(false);
    auto* top = new QWidget(splitter);
    auto* layout = new QVBoxLayout(top);
    layout->setContentsMargins(8, 8, 16, 8);
    m_protocol = new QLabel(top);
    m_protocol->setWordWrap(true);
    m_protocol->setForegroundRole(QPalette::PlaceholderText);
    m_table = new QTableView(top);
    m_table->setModel(m_model);
    m_table->setAccessibleName(tr("Figures of the compared models"));
    m_table->horizontalHeader()->setDefaultSectionSize(190);
    setUpTable(m_table);
    m_table->horizontalHeader()->setStretchLastSection(false);
    m_table->verticalHeader()->show();
    m_table->verticalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_table->verticalHeader()->setMinimumSectionSize(22); // else tall fonts push the last rows out of sight
    m_table->verticalHeader()->setDefaultSectionSize(22);
    m_table->setSelectionBehavior(QAbstractItemView::SelectItems);
    m_verdict = new QLabel(top);
    m_verdict->setWordWrap(true);
    m_verdict->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    layout->addWidget(m_protocol);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_verdict);

    auto* bottom = new QWidget(splitter);
    auto* bottomLayout = new QVBoxLayout(bottom);
    bottomLayout->setContentsMargins(8, 0, 16, 8);
    m_plots = new QTabWidget(bottom);
    m_plots->setDocumentMode(true);
    bottomLayout->addWidget(m_plots);
    m_quality = new ScatterPlot;
    m_quality->setTitle(tr("Quality against size"));
    m_quality->setAxisTitles(tr("Weights in memory (MiB)"), tr("Perplexity"));
    m_quality->setEmptyText(tr("Compare two models to see what their size buys."));
    m_plots->addTab(new PlotPanel(m_quality), tr("Quality"));
    m_plots->addTab(makeMemoryTab(), tr("Memory"));
    m_tokens = new TokenLossView;
    m_plots->addTab(m_tokens, tr("Tokens"));
    m_texts = new WrittenTextsView;
    m_plots->addTab(m_texts, tr("Texts"));
    m_speed = new SpeedView;
    m_plots->addTab(m_speed, tr("Speed"));
    m_differences = new DifferenceView(session());
    m_plots->addTab(m_differences, tr("Tensors"));
    connect(m_speed, &SpeedView::measureAsked, this, &ComparePage::measureSpeed);
    splitter->addWidget(top);
    splitter->addWidget(bottom);
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({480, 280});
    return splitter;
}

QWidget* ComparePage::makeMemoryTab()
{
    auto* tab = new QWidget(this);
    auto* layout = new QVBoxLayout(tab);
    layout->setContentsMargins(0, 0, 0, 0);
    auto* row = new QHBoxLayout;
    m_batch = countField(tab, 1, 4096, 8);
    m_context = countField(tab, 1, 1048576, 2048, 128);
    m_context->setSuffix(tr(" tokens"));
    auto* batchLabel = new QLabel(tr("&Batch"), tab);
    batchLabel->setBuddy(m_batch);
    auto* contextLabel = new QLabel(tr("&Context"), tab);
    contextLabel->setBuddy(m_context);
    for (QWidget* widget : std::initializer_list<QWidget*>{batchLabel, m_batch, contextLabel, m_context}) {
        row->addWidget(widget);
    }
    row->addStretch(1);
    m_memory = new BarPlot;
    m_memory->setTitle(tr("Memory by batch and context"));
    m_memory->setAxisTitles(QString(), tr("Memory (MiB)"));
    m_memory->setEmptyText(tr("Compare models to see what they need in memory."));
    layout->addLayout(row);
    layout->addWidget(new PlotPanel(m_memory), 1);
    for (QSpinBox* box : {m_batch, m_context}) {
        connect(box, &QSpinBox::valueChanged, this, &ComparePage::showMemory);
    }
    return tab;
}

QString ComparePage::subtitle() const
{
    const ComparisonPtr comparison = m_model->comparison();
    return comparison ? tr("%n model(s) over the same windows", nullptr, static_cast<int>(comparison->models.size())) : QString();
}

QString ComparePage::commandLine() const
{
    QStringList words{QStringLiteral("bitlathe-cli compare")};
    for (const QString& folder : folders()) {
        words << QLatin1Char('"') + folder + QLatin1Char('"');
    }
    return (words + m_form->flags(toText(session().recipe().calibration.data))).join(QLatin1Char(' '));
}

bool ComparePage::dropFolder(const QString& folder)
{
    addFolder(folder);
    return true;
}

void ComparePage::addFolder(const QString& folder)
{
    if (folder.isEmpty() || folders().contains(folder)) {
        return;
    }
    auto* item = new QListWidgetItem(folderName(toPath(folder)));
    item->setData(Qt::UserRole, folder);
    item->setToolTip(QDir::toNativeSeparators(folder));
    m_folders->addItem(item);
}

void ComparePage::addFolderThroughDialog()
{
    chooseFile(this, {FileChoice::Kind::Folder, tr("Add model folder"), {}, {}}, this,
               [this](const QString& folder) { addFolder(folder); });
}

QStringList ComparePage::folders() const
{
    QStringList all;
    for (int row = 0; row < m_folders->count(); ++row) {
        all << m_folders->item(row)->data(Qt::UserRole).toString();
    }
    return all;
}

void ComparePage::suggestFolders()
{
    // A new base starts a new comparison; a finished run of the open model becomes one more column.
    if (const OpenedModelPtr opened = session().model()) {
        const QString folder = fromPath(opened->folder());
        if (m_folders->count() == 0) {
            addFolder(folder);
        }
    }
    if (const RunResultPtr run = session().lastRun()) {
        addFolder(fromPath(run->recipe.model));
        addFolder(fromPath(run->out));
        if (m_form->text().isEmpty()) {
            m_form->setText(QString::fromStdString(run->recipe.evaluation.data));
        }
    }
    if (m_form->text().isEmpty()) {
        m_form->setText(QString::fromStdString(session().recipe().evaluation.data));
    }
}

void ComparePage::updateActions()
{
    const bool canCompare = m_folders->count() > 0 && !m_form->text().isEmpty();
    m_compare->setEnabled(canCompare);
    m_anew->setEnabled(canCompare);
    m_speed->setCanMeasure(m_folders->count() > 0);
    m_differences->setFolders(folders());
    m_remove->setEnabled(!m_folders->selectedItems().isEmpty());
    m_makeBase->setEnabled(m_folders->currentRow() > 0);
}

void ComparePage::start(bool keepsScores)
{
    evaluate::CompareOptions options = m_form->options();
    options.compute = session().compute();
    options.kvSource.data = session().recipe().calibration.data;
    session().startComparison(folders(), options, keepsScores);
}

void ComparePage::measureSpeed()
{
    if (const auto throughput = m_speed->options()) {
        evaluate::SpeedOptions options{.throughput = *throughput, .compute = session().compute(), .kv = m_form->options().kv};
        options.kvSource.data = session().recipe().calibration.data;
        session().startSpeed(folders(), options);
    }
}

void ComparePage::showComparison()
{
    const ComparisonPtr comparison = session().comparison();
    m_model->setComparison(comparison);
    m_table->setVisible(comparison != nullptr);
    m_tokens->setComparison(comparison);
    m_texts->setComparison(comparison);
    if (!comparison) {
        m_protocol->setText(tr("Add at least two models, choose a text and press Compare: every model is measured on the same "
                               "windows, and each difference comes with its standard error."));
        m_verdict->clear();
        m_quality->setPoints({}, false);
        m_memory->setData({}, {}, true);
        return;
    }
    for (const evaluate::ComparedModel& model : comparison->models) {
        addFolder(fromPath(model.path));
    }
    if (m_form->text().isEmpty()) {
        m_form->setText(QString::fromStdString(comparison->protocol.data));
    }
    QStringList protocols{translated(comparison->protocol.sentence())};
    if (comparison->choiceProtocol) {
        protocols << translated(comparison->choiceProtocol->sentence());
    }
    if (comparison->generationProtocol) {
        protocols << translated(comparison->generationProtocol->sentence());
    }
    m_protocol->setText(protocols.join(QLatin1Char('\n')));
    QStringList verdicts;
    QList<ScatterPlot::Point> points;
    for (std::size_t i = 0; i < comparison->models.size(); ++i) {
        const evaluate::ComparedModel& model = comparison->models[i];
        if (model.perplexity.tokensScored == 0) {
            continue;
        }
        if (i > 0) {
            verdicts << translated(comparison->verdict(i));
        }
        points << ScatterPlot::Point{QString::fromStdString(model.name), static_cast<double>(model.memory.bytesWeights) / kMebibyte,
            model.perplexity.perplexity, model.perplexity.standardError, static_cast<int>(i)};
    }
    m_verdict->setText(verdicts.join(QLatin1Char('\n')));
    m_quality->setPoints(points, points.size() > 1);
    for (int row = 0; row < ComparisonModel::RowCount; ++row) {
        m_table->setRowHidden(row, !m_model->isAsked(static_cast<ComparisonModel::Row>(row)));
    }
    m_table->resizeColumnsToContents();
    showMemory();
    Q_EMIT titleChanged();
}

void ComparePage::showMemory()
{
    const ComparisonPtr comparison = session().comparison();
    if (!comparison) {
        return;
    }
    QStringList places;
    BarPlot::Series weights{tr("Weights"), {}, 0};
    BarPlot::Series cache{tr("KV cache"), {}, 1};
    for (const evaluate::ComparedModel& model : comparison->models) {
        places << QString::fromStdString(model.name);
        weights.values << static_cast<double>(model.memory.bytesWeights) / kMebibyte;
        cache.values << static_cast<double>(model.memory.kvBytesPerToken) * m_batch->value() * m_context->value() / kMebibyte;
    }
    m_memory->setData(places, {weights, cache}, true);
}

void ComparePage::prepareState(const QString& state)
{
    const QStringList states = screenshotStates();
    const QList<QWidget*> tabs{m_tokens, m_speed, m_differences};
    const auto place = states.indexOf(state);
    m_plots->setCurrentIndex(place < 0 ? 0 : m_plots->indexOf(tabs[place]));
}

void ComparePage::saveState(QSettings& settings) const
{
    settings.setValue(QStringLiteral("splitter"), m_splitter->saveState());
    settings.setValue(QStringLiteral("plot"), m_plots->currentIndex());
    m_form->saveState(settings);
    m_speed->saveState(settings);
}

void ComparePage::restoreState(const QSettings& settings)
{
    m_splitter->restoreState(settings.value(QStringLiteral("splitter")).toByteArray());
    m_plots->setCurrentIndex(settings.value(QStringLiteral("plot"), 0).toInt());
    m_speed->restoreState(settings);
    m_form->restoreState(settings);
}

} // namespace bitlathe::ui
