// SPDX-License-Identifier: GPL-3.0-or-later
// HistoryPage: all runs, to look at again, to go on with, to compare.
#include "ui/pages/historypage.h"

#include "ui/models/historymodel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/tables.h"

#include <QDesktopServices>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QUrl>

namespace bitlathe::ui
{

using namespace Qt::StringLiterals;

HistoryPage::HistoryPage(Session& session, QWidget* parent)
    : Page(session, parent),
      m_model(new HistoryModel(this)),
      m_proxy(new QSortFilterProxyModel(this)),
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
      m_remove(makeAction(u"removeRun"_s, u"remove"_s, tr("Remove…"), tr("Take runs off this list; their folders stay"),
                          &HistoryPage::removeSelected)),
      m_reading(this),
      m_writing(this),
      m_fetching(this)
{
    m_proxy->setSourceModel(m_model);
    m_proxy->setSortRole(Qt::UserRole);
    m_proxy->setFilterKeyColumn(-1);
    m_proxy->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_table->setModel(m_proxy);
    setUpTable(m_table);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(HistoryModel::Started, Qt::DescendingOrder);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setEditTriggers(QAbstractItemView::EditKeyPressed | QAbstractItemView::SelectedClicked);
    m_table->setAccessibleName(tr("Runs"));
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_table->addActions({m_open, m_goOn, m_compare, m_recipe, m_folder, m_remove});
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Interactive);
    new EmptyState(m_table, tr("No runs yet. New run starts one; whatever it finds is kept here."));
    auto* label = new QLabel(tr("&Filter"), this);
    label->setBuddy(m_filter);
    m_filter->setClearButtonEnabled(true);
    m_filter->setPlaceholderText(tr("Model, method, scheme or note"));
    m_filter->setAccessibleName(tr("Filter runs"));
    auto* bar = new QHBoxLayout;
    bar->addWidget(label);
    bar->addWidget(m_filter, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, 2 * kGrid);
    layout->addLayout(bar);
    layout->addWidget(m_table, 1);
    connect(m_filter, &QLineEdit::textChanged, m_proxy, &QSortFilterProxyModel::setFilterFixedString);
    connect(m_table, &QTableView::activated, this, [this](const QModelIndex& index) {
        if (m_proxy->mapToSource(index).column() != HistoryModel::Note) {
            openSelected();
        }
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &HistoryPage::updateActions);
    connect(m_model, &HistoryModel::noteEdited, this, [this](RunId id, const QString& note) {
        m_writing.start([history = this->session().history(), id, text = note.toStdString()](
                            const std::stop_token&) mutable { return history.setNote(id, text); },
                        [this](const Result<void>& written) {
                            if (!written) {
                                this->session().report(written.error());
                            }
                        });
    });
    connect(&session, &Session::historyChanged, this, &HistoryPage::read);
    updateActions();
    read();
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
                        const bool first = m_model->rowCount() == 0;
                        m_model->setEntries(std::move(*entries));
                        if (first) {
                            m_table->resizeColumnsToContents();
                for (int column = 0; column < HistoryModel::Note; ++column) { // room for the sort mark
                    m_table->setColumnWidth(column, m_table->columnWidth(column) + 2 * kGrid);
                }
                        }
                        updateActions();
                        Q_EMIT titleChanged();
                    });
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
    QMessageBox box(QMessageBox::Question, tr("Remove runs"),
                    tr("Take %n runs off the list?", nullptr, static_cast<int>(ids.size())), QMessageBox::Cancel, this);
    box.setInformativeText(tr("Their figures and notes are forgotten. Exported folders stay where they are."));
    const QPushButton* remove = box.addButton(tr("Remove"), QMessageBox::DestructiveRole);
    box.exec();
    if (box.clickedButton() != remove) {
        return;
    }
    m_writing.start(
        [history = session().history(), ids](const std::stop_token&) mutable -> Result<void> {
            for (const RunId id : ids) {
                BITLATHE_CHECK(history.remove(id));
            }
            return {};
        },
        [this](const Result<void>& removed) {
            if (!removed) {
                session().report(removed.error());
            }
            Q_EMIT session().historyChanged();
        });
}

void HistoryPage::focusFilter()
{
    m_filter->setFocus(Qt::ShortcutFocusReason);
    m_filter->selectAll();
}

void HistoryPage::saveState(QSettings& settings) const
{
    settings.setValue(u"columns"_s, m_table->horizontalHeader()->saveState());
    settings.setValue(u"filter"_s, m_filter->text());
}

void HistoryPage::restoreState(const QSettings& settings)
{
    m_table->horizontalHeader()->restoreState(settings.value(u"columns"_s).toByteArray());
    m_filter->setText(settings.value(u"filter"_s).toString());
}

} // namespace bitlathe::ui
