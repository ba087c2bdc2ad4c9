// SPDX-License-Identifier: GPL-3.0-or-later
// JobsDock: the queue with progress, and the live layers, findings and log of the selected job.
#include "ui/widgets/jobsdock.h"

#include "core/base/file.h"
#include "ui/bridge/filechoice.h"
#include "ui/models/findingmodel.h"
#include "ui/models/jobmodel.h"
#include "ui/models/runlayermodel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/logview.h"
#include "ui/widgets/progressdelegate.h"
#include "ui/widgets/tables.h"

#include <QClipboard>
#include <QDesktopServices>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QScrollBar>
#include <QSplitter>
#include <QTableView>
#include <QTabWidget>
#include <QToolBar>
#include <QTreeView>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>

namespace bitlathe::ui
{

using namespace Qt::StringLiterals;

static constexpr int kRowsMeasured = 32; ///< For a column's width: all of a model with hundreds of layers take long.

JobsDock::JobsDock(Session& session, QWidget* parent)
    : QDockWidget(tr("Jobs"), parent),
      m_session(session),
      m_jobs(new JobModel(this)),
      m_layers(new RunLayerModel(this)),
      m_findings(new FindingModel(this))
{
    setObjectName(u"jobs"_s);
    setFeatures(DockWidgetClosable | DockWidgetMovable | DockWidgetFloatable);
    buildActions();
    auto* splitter = new QSplitter(this);
    splitter->addWidget(buildList());
    splitter->addWidget(buildDetails());
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 2);
    splitter->setChildrenCollapsible(false);
    splitter->setSizes({780, 460});
    splitter->setContentsMargins(kGrid, 0, kGrid, kGrid);
    setWidget(splitter);

    m_jobs->setJobs(session.jobs().jobs());
    connect(&session, &Session::jobChanged, this, &JobsDock::onJobChanged);
    connect(&session, &Session::runLayer, this, [this](JobId job, const run::LayerRecord& layer) {
        if (job == m_shown) {
            QScrollBar* bar = m_layerTable->verticalScrollBar();
            const bool atEnd = bar->value() == bar->maximum();
            m_layers->append(layer);
            if (atEnd) {
                m_layerTable->scrollToBottom();
            }
            updateTabs();
        }
    });
    connect(&session, &Session::runFinding, this, [this](JobId job, const Finding& finding) {
        if (job == m_shown) {
            m_findings->append(finding);
            updateTabs();
        }
    });
    connect(&session, &Session::runChanged, this, &JobsDock::showSelected);
    connect(m_jobs, &JobModel::moveRequested, this, &JobsDock::onJobMoved);
    selectNewestRun();
    updateActions();
    updateTabs();
}

QAction* JobsDock::makeAction(const QString& id, const QString& icon, const QString& text, const QString& tip,
                              void (JobsDock::*slot)())
{
    auto* action = new QAction(Theme::instance().icon(icon), text, this);
    action->setObjectName(id);
    action->setToolTip(tip);
    connect(action, &QAction::triggered, this, slot);
    return action;
}

void JobsDock::buildActions()
{
    m_toggle =
        makeAction(u"toggleJob"_s, u"pause"_s, tr("Pause"), tr("Pause or go on (Space)"), &JobsDock::toggleSelected);
    m_cancel = makeAction(u"cancelSelectedJob"_s, u"cancel"_s, tr("Cancel"), tr("Cancel (Ctrl+. or Esc)"),
                          &JobsDock::cancelSelected);
    m_start = makeAction(u"startJobAnyway"_s, u"run"_s, tr("Start anyway"),
                         tr("Start it though its estimate does not fit into the memory that is left"),
                         &JobsDock::startSelected);
    m_retry = makeAction(u"retryJob"_s, u"refresh"_s, tr("Retry"),
                         tr("Start it once more; a run goes on with what it has kept"), &JobsDock::retrySelected);
    m_show = makeAction(u"showJobLayers"_s, u"layers"_s, tr("Show layers"),
                        tr("Open the finished run on the layers page"), &JobsDock::showLayers);
    m_folder = makeAction(u"openJobFolder"_s, u"folder-open"_s, tr("Open folder"), tr("Open the folder the run writes"),
                          &JobsDock::openFolder);
    m_copy = makeAction(u"copyJobCommand"_s, u"command"_s, tr("Copy as command line"), tr("The same with bitlathe-cli"),
                        &JobsDock::copyCommand);
    m_save = makeAction(u"saveJobRecipe"_s, u"recipe"_s, tr("Save as recipe…"),
                        tr("Keep all settings of this run in a file"), &JobsDock::saveRecipe);
}

QWidget* JobsDock::buildList()
{
    auto* box = new QWidget(this);
    m_list = new QTreeView(box);
    m_list->setModel(m_jobs);
    setUpTree(m_list);
    m_list->setItemDelegateForColumn(JobModel::Progress, new ProgressDelegate(m_list));
    m_list->setDragEnabled(true);
    m_list->setAcceptDrops(true);
    m_list->setDropIndicatorShown(true);
    m_list->setDragDropMode(QAbstractItemView::InternalMove);
    m_list->setAccessibleName(tr("Jobs"));
    m_list->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_list->addActions({m_toggle, m_cancel, m_start, m_retry, m_show, m_folder, m_copy, m_save});
    m_list->installEventFilter(this);
    m_list->header()->setStretchLastSection(false);
    m_list->header()->setSectionResizeMode(JobModel::Title, QHeaderView::Stretch);
    const int digit = m_list->fontMetrics().horizontalAdvance(u'0');
    m_list->header()->resizeSection(JobModel::State, 19 * digit);
    m_list->header()->resizeSection(JobModel::Progress, 22 * digit);
    m_list->header()->resizeSection(JobModel::TimeLeft, 11 * digit);
    m_list->header()->resizeSection(JobModel::Elapsed, 10 * digit);
    m_list->header()->resizeSection(JobModel::PeakMemory, 13 * digit);
    m_list->header()->resizeSection(JobModel::DeviceMemory, 12 * digit);
    m_list->setColumnHidden(JobModel::DeviceMemory, true);
    new EmptyState(m_list, tr("No jobs. Runs, calibrations and comparisons appear here while they work."));
    connect(m_list->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &JobsDock::showSelected);

    auto* bar = new QToolBar(box);
    bar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    bar->addActions({m_toggle, m_cancel, m_start, m_retry, m_show, m_folder, m_copy, m_save});
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(kGrid / 2);
    layout->addWidget(bar);
    layout->addWidget(m_list, 1);
    return box;
}

QWidget* JobsDock::buildDetails()
{
    m_details = new QTabWidget(this);
    m_details->setDocumentMode(true);
    m_layerTable = new QTableView(m_details);
    m_layerTable->setModel(m_layers);
    setUpTable(m_layerTable);
    m_layerTable->setAccessibleName(tr("Layers of the selected job"));
    m_layerTable->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_layerTable->horizontalHeader()->setResizeContentsPrecision(kRowsMeasured);
    new EmptyState(m_layerTable, tr("Layers appear here one by one while a run works."));
    m_findingTable = new QTableView(m_details);
    m_findingTable->setModel(m_findings);
    setUpTable(m_findingTable);
    m_findingTable->setAccessibleName(tr("Findings of the selected job"));
    m_findingTable->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_findingTable->horizontalHeader()->setResizeContentsPrecision(kRowsMeasured);
    new EmptyState(m_findingTable, tr("Nothing surprising was found."));
    m_details->addTab(m_layerTable, Theme::instance().icon(u"layers"_s), {});
    m_details->addTab(m_findingTable, Theme::instance().icon(u"findings"_s), {});
    connect(m_details, &QTabWidget::currentChanged, this, [this](int view) { m_chosenView = view; });
    m_log = new LogView(tr("Log of the selected job"), m_details);
    m_details->addTab(m_log, Theme::instance().icon(u"log"_s), tr("Log"));
    connect(m_layerTable->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& index) {
                if (const QVariant layer = index.data(RunLayerModel::LayerRole); layer.isValid()) {
                    m_session.selectLayer(LayerId(layer.toLongLong()));
                }
            });
    return m_details;
}

void JobsDock::addView(QWidget* view, const QString& icon, const QString& title)
{
    m_details->addTab(view, Theme::instance().icon(icon), title);
}

JobId JobsDock::selectedJob() const
{
    const run::JobStatus* job = m_jobs->at(m_list->currentIndex());
    return job == nullptr ? JobId() : job->id;
}

void JobsDock::selectNewestRun()
{
    JobId newest;
    JobId newestRun;
    for (const run::JobStatus& job : m_jobs->jobs()) {
        const JobFacts* facts = m_session.jobFacts(job.id);
        newest = std::max(newest, job.id);
        newestRun = facts != nullptr && facts->kind == JobFacts::Kind::Run ? std::max(newestRun, job.id) : newestRun;
    }
    m_list->setCurrentIndex(m_jobs->indexOf(newestRun.isValid() ? newestRun : newest));
}

void JobsDock::onJobChanged(const run::JobStatus& status)
{
    const run::JobStatus* known = m_jobs->at(m_jobs->indexOf(status.id));
    const bool isNew = known == nullptr;
    if (isNew || known->state != status.state || known->wait != status.wait) {
        reload(); // its place in the queue is another
    }
    m_jobs->update(status);
    if (status.bytesPeakVram > 0) {
        m_list->setColumnHidden(JobModel::DeviceMemory, false); // Room that other jobs do without.
    }
    const run::JobStatus* selected = m_jobs->at(m_list->currentIndex());
    const bool idle = selected == nullptr || selected->state == run::JobState::Done ||
                      selected->state == run::JobState::Failed || selected->state == run::JobState::Cancelled;
    if ((isNew || status.state == run::JobState::Running) && idle && selectedJob() != status.id) {
        m_list->setCurrentIndex(m_jobs->indexOf(status.id)); // follows the work until a person picks another job
    }
    updateActions();
}

void JobsDock::onJobMoved(JobId id, int place)
{
    m_session.jobs().moveTo(id, place);
    reload();
}

void JobsDock::reload()
{
    const JobId selected = selectedJob();
    m_jobs->setJobs(m_session.jobs().jobs());
    m_list->setCurrentIndex(m_jobs->indexOf(selected));
}

void JobsDock::showSelected()
{
    m_shown = selectedJob();
    const JobFacts* facts = m_session.jobFacts(m_shown);
    const bool hasLayers = facts == nullptr || facts->kind == JobFacts::Kind::Run;
    const QSignalBlocker notChosen(m_details);
    for (QWidget* view : {m_layerTable, m_findingTable}) {
        m_details->setTabVisible(m_details->indexOf(view), hasLayers);
    }
    m_details->setCurrentIndex(m_details->isTabVisible(m_chosenView) ? m_chosenView : m_details->indexOf(m_log));
    m_log->setOrigin(m_shown.value());
    m_layers->setLayers(facts == nullptr ? std::vector<run::LayerRecord>() : facts->layers);
    m_findings->setFindings(facts == nullptr ? Findings() : facts->findings);
    updateActions();
    updateTabs();
}

void JobsDock::updateTabs()
{
    const JobFacts* facts = m_session.jobFacts(m_shown);
    const auto done = static_cast<int>(m_layers->layers().size());
    const int total = facts == nullptr ? 0 : static_cast<int>(facts->layersTotal);
    m_details->setTabText(0, total > 0 ? tr("Layers %1 of %2").arg(done).arg(total) : tr("Layers"));
    m_details->setTabText(1, tr("Findings (%1)").arg(m_findings->findings().size()));
}

void JobsDock::updateActions()
{
    using enum run::JobState;
    const run::JobStatus* job = m_jobs->at(m_list->currentIndex());
    const JobFacts* facts = job == nullptr ? nullptr : m_session.jobFacts(job->id);
    const bool isRun = facts != nullptr && facts->kind == JobFacts::Kind::Run;
    const bool canPause = facts != nullptr && (isRun || facts->kind == JobFacts::Kind::Calibration);
    const bool paused = job != nullptr && job->state == Paused;
    const bool active = job != nullptr && (job->state == Running || job->state == Queued);
    m_toggle->setText(paused ? tr("Go on") : tr("Pause"));
    m_toggle->setIcon(Theme::instance().icon(paused ? u"resume"_s : u"pause"_s));
    m_toggle->setEnabled(canPause && (active || paused));
    m_start->setVisible(job != nullptr && job->wait == run::JobWait::Memory);
    m_retry->setVisible(facts != nullptr && facts->again && (job->state == Failed || job->state == Cancelled));
    m_cancel->setEnabled(active || paused || (job != nullptr && job->state == Pausing));
    m_copy->setEnabled(isRun);
    m_save->setEnabled(isRun);
    m_folder->setEnabled(isRun && job->state == Done);
    m_show->setEnabled(isRun && job->state == Done);
}

void JobsDock::toggleSelected()
{
    const run::JobStatus* job = m_jobs->at(m_list->currentIndex());
    if (job == nullptr || !m_toggle->isEnabled()) {
        return;
    }
    if (job->state == run::JobState::Paused) {
        m_session.jobs().resume(job->id);
    } else {
        m_session.jobs().pause(job->id);
    }
}

void JobsDock::startSelected()
{
    m_session.jobs().startAnyway(selectedJob());
}

void JobsDock::retrySelected()
{
    if (const JobId id = m_session.retry(selectedJob()); id.isValid()) {
        reload();
        m_list->setCurrentIndex(m_jobs->indexOf(id));
    }
}

void JobsDock::cancelSelected()
{
    if (const JobId id = selectedJob(); id.isValid()) {
        m_session.jobs().cancel(id);
    }
}

void JobsDock::copyCommand()
{
    if (const JobFacts* facts = m_session.jobFacts(selectedJob())) {
        const QString command = QString::fromStdString(plan::recipeToCommand(facts->recipe));
        QGuiApplication::clipboard()->setText(command);
        Q_EMIT message(tr("Copied: %1").arg(command));
    }
}

void JobsDock::saveRecipe()
{
    const JobFacts* facts = m_session.jobFacts(selectedJob());
    if (facts == nullptr) {
        return;
    }
    const FileChoice choice{
        FileChoice::Kind::Save, tr("Save recipe"), u"recipe.bitlathe.yaml"_s, {tr("Recipes (*.yaml)")}};
    chooseFile(this, choice, this, [this, yaml = plan::recipeToYaml(facts->recipe)](const QString& file) {
        if (const auto written = writeFileAtomically(toPath(file), yaml); !written) {
            m_session.report(written.error());
        } else {
            Q_EMIT message(tr("Saved %1").arg(file));
        }
    });
}

void JobsDock::openFolder()
{
    if (const JobFacts* facts = m_session.jobFacts(selectedJob())) {
        QDesktopServices::openUrl(QUrl::fromLocalFile(fromPath(facts->recipe.exportTo.out)));
    }
}

void JobsDock::showLayers()
{
    if (const JobFacts* facts = m_session.jobFacts(selectedJob())) {
        m_session.openRunFolder(fromPath(facts->recipe.exportTo.out));
        Q_EMIT pageRequested(u"layers"_s);
    }
}

bool JobsDock::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_list && (event->type() == QEvent::KeyPress || event->type() == QEvent::ShortcutOverride)) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Space || key == Qt::Key_Escape) {
            if (event->type() == QEvent::ShortcutOverride) {
                event->accept(); // the list's own keys go before the window's
            } else if (key == Qt::Key_Space) {
                toggleSelected();
            } else {
                cancelSelected();
            }
            return true;
        }
    }
    return QDockWidget::eventFilter(watched, event);
}

} // namespace bitlathe::ui
