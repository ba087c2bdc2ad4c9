// SPDX-License-Identifier: GPL-3.0-or-later
// HistoryPage: all runs, to look at again, to go on with, to compare.
#include "ui/pages/historypage.h"

#include "ui/models/historymodel.h"
#include "ui/models/runsettingsmodel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/tables.h"

#include <QDesktopServices>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QTableView>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>

namespace bitlathe::ui
{

using namespace Qt::StringLiterals;

namespace
{

constexpr std::size_t kSettingsMost = 8; ///< Runs whose settings stand side by side.

/// Rows that hold every word of what is looked for, in any column.
class WordsFilter : public QSortFilterProxyModel
{
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;
    void setWords(const QString& text)
    {
        m_words = text.split(u' ', Qt::SkipEmptyParts);
        invalidateFilter();
    }

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override
    {
        QString cells;
        for (int column = 0; column < sourceModel()->columnCount(parent); ++column) {
            cells += sourceModel()->index(row, column, parent).data().toString() + u'\n';
        }
        return std::ranges::all_of(
            m_words, [&cells](const QString& word) { return cells.contains(word, Qt::CaseInsensitive); });
    }

private:
    QStringList m_words;
};

} // namespace

HistoryPage::HistoryPage(Session& session, QWidget* parent)
    : Page(session, parent),
      m_model(new HistoryModel(this)),
      m_proxy(new WordsFilter(this)),
      m_filter(new QLineEdit(this)),
      m_table(new QTableView(this)),
      m_open(makeAction(u"openRun"_s, u"layers"_s, tr("Open run"), tr("Show the layers and figures of this run"),
                        &HistoryPage::openSelected)),
      m_goOn(makeAction(u"resumeRun"_s, u"resume"_s, tr("Go on"), tr("Go on with an interrupted run"),
                        &HistoryPage::goOn)),
      m_compare(makeAction(u"compareRuns"_s, u"compare"_s, tr("Compare"), tr("Compare the selected results"),
                           &HistoryPage::compareSelected)),
      m_recipe(makeAction(u"useRecipe"_s, u"recipe"_s, tr("Use recipe"),
                          tr("Take the settings of this run for a new one"), &HistoryPage::useRecipe)),
      m_folder(makeAction(u"openRunFolder"_s, u"folder-open"_s, tr("Open folder"), tr("Open the folder of the result"),
                          &HistoryPage::openFolder)),
      m_remove(makeAction(u"removeRun"_s, u"remove"_s, tr("Remove"),
                          tr("Take runs off this list; their folders stay. Ctrl+Z brings them back"),
                          &HistoryPage::removeSelected)),
      m_splitter(new QSplitter(Qt::Vertical, this)),
      m_settings(new RunSettingsModel(this)),
      m_reading(this),
      m_fetching(this),
      m_settingsReading(this)
{
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(makeList());
    m_splitter->addWidget(makeSettings());
    m_splitter->setStretchFactor(0, 2);
    m_splitter->setStretchFactor(1, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, 2 * kGrid);
    layout->addWidget(m_splitter);
    connect(m_model, &HistoryModel::noteEdited, this, [this](RunId id, const QString& before, const QString& note) {
        const auto set = [id](const QString& text) {
            return [id, text = text.toStdString()](run::History& history) { return history.setNote(id, text); };
        };
        this->session().editHistory(tr("Note"), set(note), set(before));
    });
    connect(m_model, &HistoryModel::tagsEdited, this, [this](RunId id, const QString& before, const QString& tags) {
        const auto set = [id](const QString& text) {
            return [id, text = text.toStdString()](run::History& history) { return history.setTags(id, text); };
        };
        this->session().editHistory(tr("Tags"), set(tags), set(before));
    });
    connect(&session, &Session::historyChanged, this, &HistoryPage::read);
    showSettings();
    updateActions();
    read();
}

QWidget* HistoryPage::makeList()
{
    m_proxy->setSourceModel(m_model);
    m_proxy->setSortRole(Qt::UserRole);
    m_table->setModel(m_proxy);
    setUpTable(m_table);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(HistoryModel::Started, Qt::DescendingOrder);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setEditTriggers(QAbstractItemView::EditKeyPressed | QAbstractItemView::SelectedClicked);
    m_table->setAccessibleName(tr("Runs"));
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_table->addActions({m_open, m_goOn, m_compare, m_recipe, m_folder, m_remove});
    m_remove->setShortcut(QKeySequence(Qt::Key_Delete));
    m_remove->setShortcutContext(Qt::WidgetShortcut);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Interactive);
    new EmptyState(m_table, tr("No runs yet. New run starts one; whatever it finds is kept here."));
    auto* panel = new QWidget(this);
    auto* label = new QLabel(tr("&Filter"), panel);
    label->setBuddy(m_filter);
    m_filter->setClearButtonEnabled(true);
    m_filter->setPlaceholderText(tr("Words of model, method, scheme, tags or note"));
    m_filter->setAccessibleName(tr("Filter runs"));
    auto* bar = new QHBoxLayout;
    bar->addWidget(label);
    bar->addWidget(m_filter, 1);
    auto* layout = new QVBoxLayout(panel);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(bar);
    layout->addWidget(m_table, 1);
    connect(m_filter, &QLineEdit::textChanged, static_cast<WordsFilter*>(m_proxy), &WordsFilter::setWords);
    connect(m_table, &QTableView::activated, this, [this](const QModelIndex& index) {
        if (!m_proxy->flags(index).testFlag(Qt::ItemIsEditable)) {
            openSelected();
        }
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        updateActions();
        showSettings();
    });
    return panel;
}

QWidget* HistoryPage::makeSettings()
{
    auto* panel = new QWidget(this);
    m_settingsTitle = new QLabel(panel);
    m_settingsTable = new QTableView(panel);
    m_settingsTable->setModel(m_settings);
    setUpTable(m_settingsTable);
    m_settingsTable->setAccessibleName(tr("Settings of the selected runs"));
    m_settingsTable->horizontalHeader()->setMaximumSectionSize(50 * kGrid);
    new EmptyState(m_settingsTable, tr("Select a run to see its settings, or several to see where they differ."));
    auto* layout = new QVBoxLayout(panel);
    layout->setContentsMargins(0, kGrid / 2, 0, 0);
    layout->addWidget(m_settingsTitle);
    layout->addWidget(m_settingsTable, 1);
    return panel;
}

void HistoryPage::showSettings()
{
    std::vector<std::pair<RunId, QString>> runs;
    for (const run::HistoryEntry* entry : selected()) {
        const QModelIndex source = m_model->indexOf(entry->id);
        runs.emplace_back(entry->id, u"%1 · %2"_s.arg(source.siblingAtColumn(HistoryModel::SchemeColumn).data().toString(),
                                                      source.siblingAtColumn(HistoryModel::Started).data().toString()));
    }
    m_settingsTitle->setText(runs.size() > kSettingsMost ? tr("Where the settings of the first %1 differ").arg(kSettingsMost)
                             : runs.size() > 1             ? tr("Where the settings differ")
                                                           : tr("Settings"));
    runs.resize(std::min(runs.size(), kSettingsMost));
    m_settingsReading.start(
        [history = session().history(), runs](const std::stop_token&) -> Result<std::vector<RunSettingsModel::Run>> {
            std::vector<RunSettingsModel::Run> read;
            for (const auto& [id, name] : runs) {
                BITLATHE_TRY(const std::string yaml, history.recipeYaml(id));
                BITLATHE_TRY(const plan::Recipe recipe, plan::recipeFromYaml(yaml, "history"));
                read.push_back({name, plan::recipeSettings(recipe)});
            }
            return read;
        },
        [this](const Result<std::vector<RunSettingsModel::Run>>& read) {
            m_settings->setRuns(read ? *read : std::vector<RunSettingsModel::Run>());
            m_settingsTable->resizeColumnsToContents();
            if (!read) {
                session().report(read.error());
            }
        });
}

QAction* HistoryPage::makeAction(const QString& id, const QString& icon, const QString& text, const QString& tip,
                                 void (HistoryPage::*slot)())
{
    auto* action = new QAction(Theme::instance().icon(icon), text, this);
    action->setObjectName(id);
    action->setToolTip(tip);
    connect(action, &QAction::triggered, this, slot);
    return action;
}

QString HistoryPage::id() const
{
    return u"history"_s;
}

QString HistoryPage::title() const
{
    return tr("History");
}

QString HistoryPage::subtitle() const
{
    return tr("%n runs, of this window and of bitlathe-cli", nullptr, m_model->rowCount());
}

QString HistoryPage::commandLine() const
{
    return u"bitlathe-cli runs"_s;
}

void HistoryPage::read()
{
    m_reading.start([history = session().history()](const std::stop_token&) { return history.entries(); },
                    [this](Result<std::vector<run::HistoryEntry>> entries) {
                        if (!entries) {
                            session().report(entries.error());
                            return;
                        }
                        showEntries(std::move(*entries));
                    });
}

void HistoryPage::showEntries(std::vector<run::HistoryEntry> entries)
{
    const bool first = m_model->rowCount() == 0;
    std::vector<RunId> ids;
    for (const run::HistoryEntry* entry : selected()) {
        ids.push_back(entry->id);
    }
    m_model->setEntries(std::move(entries));
    for (const RunId id : ids) {
        m_table->selectionModel()->select(m_proxy->mapFromSource(m_model->indexOf(id)),
                                          QItemSelectionModel::Select | QItemSelectionModel::Rows);
    }
    if (first) {
        m_table->resizeColumnsToContents();
        for (int column = 0; column < HistoryModel::Note; ++column) { // room for the sort mark
            m_table->setColumnWidth(column, m_table->columnWidth(column) + 2 * kGrid);
        }
    }
    updateActions();
    Q_EMIT titleChanged();
}

std::vector<const run::HistoryEntry*> HistoryPage::selected() const
{
    std::vector<const run::HistoryEntry*> entries;
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    for (const QModelIndex& row : rows) {
        if (const run::HistoryEntry* entry = m_model->at(m_proxy->mapToSource(row))) {
            entries.push_back(entry);
        }
    }
    return entries;
}

void HistoryPage::updateActions()
{
    using enum run::RunState;
    const auto entries = selected();
    const bool one = entries.size() == 1;
    const bool finished = one && (entries.front()->state == Done || entries.front()->state == DoneWithFindings);
    const bool broken = one && (entries.front()->state == Failed || entries.front()->state == Cancelled);
    m_open->setEnabled(finished);
    m_goOn->setEnabled(broken);
    m_compare->setEnabled(!selectedFolders().isEmpty());
    m_recipe->setEnabled(one);
    m_folder->setEnabled(finished);
    m_remove->setEnabled(!entries.empty());
}

QStringList HistoryPage::selectedFolders() const
{
    QStringList folders;
    for (const run::HistoryEntry* entry : selected()) {
        if (entry->state == run::RunState::Done || entry->state == run::RunState::DoneWithFindings) {
            folders << QString::fromStdString(entry->out);
        }
    }
    return folders;
}

void HistoryPage::openSelected()
{
    if (const auto entries = selected(); entries.size() == 1 && m_open->isEnabled()) {
        session().openHistoryRun(entries.front()->id);
        Q_EMIT pageRequested(u"layers"_s);
    }
}

void HistoryPage::goOn()
{
    if (const auto entries = selected(); entries.size() == 1) {
        session().resumeRun(QString::fromStdString(entries.front()->out));
    }
}

void HistoryPage::compareSelected()
{
    Q_EMIT compareRequested(selectedFolders());
}

void HistoryPage::useRecipe()
{
    const auto entries = selected();
    if (entries.size() != 1) {
        return;
    }
    m_fetching.start(
        [history = session().history(), id = entries.front()->id](const std::stop_token&) -> Result<plan::Recipe> {
            BITLATHE_TRY(const std::string yaml, history.recipeYaml(id));
            return plan::recipeFromYaml(yaml, "history");
        },
        [this](const Result<plan::Recipe>& recipe) {
            if (!recipe) {
                session().report(recipe.error());
                return;
            }
            session().useRecipe(*recipe);
            Q_EMIT pageRequested(u"wizard"_s);
        });
}

void HistoryPage::openFolder()
{
    if (const auto entries = selected(); entries.size() == 1) {
        QDesktopServices::openUrl(QUrl::fromLocalFile(QString::fromStdString(entries.front()->out)));
    }
}

void HistoryPage::removeSelected()
{
    std::vector<RunId> ids;
    for (const run::HistoryEntry* entry : selected()) {
        ids.push_back(entry->id);
    }
    const int count = static_cast<int>(ids.size());
    session().editHistory(
        tr("Remove %n runs", nullptr, count), [ids](run::History& history) { return history.remove(ids); },
        [ids](run::History& history) { return history.restore(ids); });
    Q_EMIT message(tr("%n runs are off the list; their folders stay. Ctrl+Z brings them back.", nullptr, count));
}

void HistoryPage::focusFilter()
{
    m_filter->setFocus(Qt::ShortcutFocusReason);
    m_filter->selectAll();
}

void HistoryPage::prepareScreenshot()
{
    m_table->selectAll();
}

void HistoryPage::saveState(QSettings& settings) const
{
    settings.setValue(u"columns"_s, m_table->horizontalHeader()->saveState());
    settings.setValue(u"filter"_s, m_filter->text());
    settings.setValue(u"splitter"_s, m_splitter->saveState());
}

void HistoryPage::restoreState(const QSettings& settings)
{
    m_table->horizontalHeader()->restoreState(settings.value(u"columns"_s).toByteArray());
    m_filter->setText(settings.value(u"filter"_s).toString());
    m_splitter->restoreState(settings.value(u"splitter"_s).toByteArray());
}

} // namespace bitlathe::ui
