// SPDX-License-Identifier: GPL-3.0-or-later
// StartPage: recent models and runs, a drop target, the demo.
#include "ui/pages/startpage.h"

#include "core/base/resources.h"
#include "ui/bridge/filechoice.h"
#include "ui/bridge/numbers.h"
#include "ui/bridge/recentmodels.h"
#include "ui/models/entrymodel.h"
#include "ui/models/historymodel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/droptarget.h"
#include "ui/widgets/entrydelegate.h"
#include "ui/widgets/tables.h"

#include <QDateTime>
#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QLocale>
#include <QPushButton>

namespace bitlathe::ui
{
namespace
{

using namespace Qt::StringLiterals;

constexpr int kRunsShown = 6;
constexpr int kSideWidth = 46 * kGrid;

QLabel* makeHeading(const QString& text, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    QFont font = Theme::instance().font();
    font.setWeight(QFont::DemiBold);
    label->setFont(font);
    return label;
}

QString runIcon(run::RunState state)
{
    switch (state) {
    case run::RunState::Running: return u"run"_s;
    case run::RunState::Done: return u"fine"_s;
    case run::RunState::DoneWithFindings: return u"watch"_s;
    case run::RunState::Failed: return u"problem"_s;
    case run::RunState::Cancelled: return u"cancel"_s;
    }
    return {};
}

} // namespace

StartPage::StartPage(Session& session, QWidget* parent)
    : Page(session, parent),
      m_recents(new RecentModels(session, this)),
      m_models(new EntryModel(this)),
      m_runs(new EntryModel(this)),
      m_open(new QAction(Theme::instance().icon(u"folder-open"_s), tr("Open model folder…"), this)),
      m_reading(this)
{
    m_open->setToolTip(tr("Open a folder with a model; nothing is copied"));
    connect(m_open, &QAction::triggered, this, &StartPage::chooseFolder);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, 2 * kGrid);
    layout->setSpacing(3 * kGrid);
    layout->addWidget(buildRecents(), 1);
    layout->addWidget(buildSide());
    connect(m_recents, &RecentModels::changed, this, &StartPage::showModels);
    connect(&session, &Session::historyChanged, this, &StartPage::readRuns);
    readRuns();
}

QString StartPage::id() const
{
    return u"start"_s;
}

QString StartPage::title() const
{
    return tr("Start");
}

QString StartPage::subtitle() const
{
    return tr("Quantize language models, and see what it does to them");
}

QString StartPage::commandLine() const
{
    const QStringList folders = selectedFolders();
    return folders.isEmpty() ? u"bitlathe-cli demo"_s : u"bitlathe-cli inspect '%1'"_s.arg(folders.first());
}

QListView* StartPage::makeList(EntryModel* model, const QString& name, const QString& emptySentence)
{
    auto* list = new QListView(this);
    list->setModel(model);
    list->setItemDelegate(new EntryDelegate(list));
    list->setMouseTracking(true);
    list->setUniformItemSizes(true);
    list->setAccessibleName(name);
    list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    new EmptyState(list, emptySentence);
    return list;
}

QWidget* StartPage::buildRecents()
{
    auto* box = new QWidget(this);
    m_modelList = makeList(m_models, tr("Recent models"), tr("Models that you open are listed here."));
    connect(m_modelList, &QListView::activated, this, [this](const QModelIndex& index) {
        this->session().openModel(index.data(EntryModel::PayloadRole).toString());
    });
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(makeHeading(tr("Recent models"), box));
    layout->addWidget(m_modelList, 1);
    return box;
}

QWidget* StartPage::buildSide()
{
    auto* box = new QWidget(this);
    box->setFixedWidth(kSideWidth);
    auto* target = new DropTarget(tr("Drop a model folder here"),
                                  tr("or a .safetensors or .bin file, a recipe, a text – anywhere in the window"), box);
    connect(target, &DropTarget::clicked, this, &StartPage::chooseFolder);
    auto* demo = new QPushButton(Theme::instance().icon(u"demo"_s), tr("Open the demo model"), box);
    demo->setToolTip(tr("A small trained LLaMA that comes with the program, with texts to calibrate and to measure"));
    demo->setObjectName(u"demo"_s);
    connect(demo, &QPushButton::clicked, this, &StartPage::openDemo);
    m_runList = makeList(m_runs, tr("Recent runs"), tr("Runs are listed here. Start one with New run."));
    connect(m_runList, &QListView::activated, this, &StartPage::openRun);
    auto* all = new QPushButton(tr("All runs"), box);
    connect(all, &QPushButton::clicked, this, [this] { Q_EMIT pageRequested(u"history"_s); });
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(makeHeading(tr("Open"), box));
    layout->addWidget(target);
    layout->addWidget(demo);
    layout->addSpacing(kGrid);
    layout->addWidget(makeHeading(tr("Recent runs"), box));
    layout->addWidget(m_runList, 1);
    layout->addWidget(all, 0, Qt::AlignLeft);
    return box;
}

void StartPage::showModels()
{
    std::vector<Entry> entries;
    for (const RecentModel& model : m_recents->models()) {
        Entry entry;
        entry.icon = model.error ? u"problem"_s : u"model"_s;
        entry.title = model.name;
        entry.toolTip = model.folder;
        entry.payload = model.folder;
        entry.problem = model.error.has_value();
        entry.key = tr("Ctrl+%1").arg(entries.size() + 1);
        entry.facts = model.error ? translated(*model.error)
                                  : tr("%1 · %2 parameters · %3 · %4 · %5")
                                        .arg(model.architecture, formatCountShort(model.parameters), model.storage,
                                             formatBytes(model.bytes), model.folder);
        entries.push_back(std::move(entry));
    }
    m_models->setEntries(std::move(entries));
}

void StartPage::readRuns()
{
    m_reading.start([history = session().history()](const std::stop_token&) { return history.entries(kRunsShown); },
                    [this](const Result<std::vector<run::HistoryEntry>>& entries) {
                        showRuns(entries.value_or(std::vector<run::HistoryEntry>()));
                    });
}

void StartPage::showRuns(const std::vector<run::HistoryEntry>& runs)
{
    std::vector<Entry> entries;
    for (const run::HistoryEntry& run : runs) {
        Entry entry;
        entry.icon = runIcon(run.state);
        entry.problem = run.state == run::RunState::Failed;
        entry.title = u"%1 · %2"_s.arg(folderName(run.model),
                                       schemeText(run.schemeLabel));
        const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(run.started.time_since_epoch()).count();
        const QString time = QLocale().toString(QDateTime::fromMSecsSinceEpoch(ms), QLocale::ShortFormat);
        const QString outcome = run.error.empty() ? runStateText(run.state) : QString::fromStdString(run.error);
        entry.facts = u"%1 · %2"_s.arg(time, outcome);
        if (run.perplexity > 0) {
            entry.facts += tr(" · perplexity %1").arg(formatNumber(run.perplexity));
        }
        entry.toolTip = run.error.empty() ? QString::fromStdString(run.out) : QString::fromStdString(run.error);
        entry.payload = static_cast<qlonglong>(run.id.value());
        entries.push_back(std::move(entry));
    }
    m_runs->setEntries(std::move(entries));
}

QStringList StartPage::selectedFolders() const
{
    const QModelIndex current = m_modelList->currentIndex();
    return current.isValid() ? QStringList{current.data(EntryModel::PayloadRole).toString()} : QStringList();
}

void StartPage::refresh()
{
    m_recents->reload();
    readRuns();
}

void StartPage::chooseFolder()
{
    const FileChoice choice{FileChoice::Kind::Folder, tr("Open model folder"), QDir::homePath(), {}};
    chooseFile(this, choice, this, [this](const QString& folder) { session().openModel(folder); });
}

void StartPage::openDemo()
{
    if (const auto folder = resource("demo/model")) {
        session().openModel(fromPath(*folder));
    } else {
        session().report(folder.error());
    }
}

void StartPage::openRun(const QModelIndex& index)
{
    session().openHistoryRun(RunId(index.data(EntryModel::PayloadRole).toLongLong()));
    Q_EMIT pageRequested(u"layers"_s);
}

} // namespace bitlathe::ui
