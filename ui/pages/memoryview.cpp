// SPDX-License-Identifier: GPL-3.0-or-later
// MemoryView: what the open model, and the newest run of it, need in memory by batch and context.
#include "ui/pages/memoryview.h"

#include "core/base/machine.h"
#include "ui/plots/lineplot.h"
#include "ui/plots/plotpanel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/tables.h"

#include <QAction>
#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSettings>
#include <QSplitter>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace bitlathe::ui
{

namespace
{

constexpr const char* kSchemes = "none,int8,int4-token";
constexpr int kDecimals = 2;
constexpr double kTickRatio = 1.4; ///< Names of ticks that are nearer than this would touch.

/// What the task finds: uses of the model, and of the run where there is one, and this machine's memory.
struct Answer
{
    std::vector<evaluate::MemoryUse> model;
    std::vector<evaluate::MemoryUse> run;
    std::uint64_t bytesRam = 0;
};

Result<Answer> memoryAnswer(const format::OpenedModel& opened, const run::RunResult* run,
                            const std::vector<quant::KvScheme>& schemes)
{
    evaluate::MemoryModel model = evaluate::memoryModel(opened);
    const auto contexts = evaluate::usualContexts(model.spec);
    Answer answer;
    answer.model = evaluate::memoryUses(model, evaluate::usualBatches(), contexts, schemes);
    if (run != nullptr && run->bytes > 0 && run->recipe.model == opened.folder()) {
        model.bytesWeights = run->bytes;
        answer.run = evaluate::memoryUses(model, evaluate::usualBatches(), contexts, schemes);
    }
    answer.bytesRam = machineFacts().bytesRam;
    return answer;
}

/// "32K" for 32,768 tokens, as contexts are called; others in full.
QString contextName(std::int64_t context)
{
    constexpr std::int64_t kKibi = 1024;
    return context % kKibi == 0 ? formatCount(context / kKibi) + QLatin1Char('K') : formatCount(context);
}

} // namespace

MemoryView::MemoryView(Session& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_batch(new QComboBox(this)),
      m_machine(new QLabel(this)),
      m_plot(new LinePlot),
      m_table(new QTableWidget),
      m_splitter(new QSplitter(Qt::Vertical, this))
{
    for (const std::int64_t batch : evaluate::usualBatches()) {
        m_batch->addItem(formatCount(batch), static_cast<qlonglong>(batch));
    }
    m_batch->setObjectName(QStringLiteral("batch"));
    m_batch->setToolTip(tr("How many sequences the model works on at once"));
    auto* caption = new QLabel(tr("&Batch"), this);
    caption->setBuddy(m_batch);
    m_machine->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_machine->setWordWrap(true);
    auto* row = new QHBoxLayout;
    row->addWidget(caption);
    row->addWidget(m_batch);
    row->addSpacing(kGrid);
    row->addWidget(m_machine, 1);

    m_plot->setEmptyText(tr("What a model needs in memory shows as soon as one is open (Ctrl+O)."));
    setUpTable(m_table);
    m_table->horizontalHeader()->setStretchLastSection(false);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setAccessibleName(tr("Memory by batch and context"));
    auto* copy = new QAction(tr("Copy as CSV"), m_table);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    m_table->addAction(copy);
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(m_plot);
    m_splitter->addWidget(m_table);
    m_splitter->setStretchFactor(0, 3);
    m_splitter->setStretchFactor(1, 2);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, kGrid, 0, 0);
    layout->addLayout(row);
    layout->addWidget(m_splitter, 1);

    connect(copy, &QAction::triggered, this, [this] { QGuiApplication::clipboard()->setText(csvText(numbers())); });
    connect(m_batch, &QComboBox::currentIndexChanged, this, &MemoryView::showPlot);
    connect(&session, &Session::modelOpened, this, &MemoryView::ask);
    connect(&session, &Session::modelClosed, this, &MemoryView::ask);
    connect(&session, &Session::runChanged, this, &MemoryView::ask);
    ask();
}

std::int64_t MemoryView::batch() const
{
    return m_batch->currentData().toLongLong();
}

void MemoryView::ask()
{
    const OpenedModelPtr opened = m_session.model();
    const auto schemes = quant::findKvSchemes(kSchemes);
    if (!opened || !schemes) {
        m_task.cancel();
        m_columns.clear();
        showAnswer();
        return;
    }
    m_task.start(
        [opened, run = m_session.lastRun(), schemes = *schemes](std::stop_token) {
            return memoryAnswer(*opened, run.get(), schemes);
        },
        [this, opened, run = m_session.lastRun(), schemes = *schemes](const Result<Answer>& answer) {
            if (!answer) {
                m_session.report(answer.error());
                return;
            }
            m_columns.clear();
            m_bytesRam = answer->bytesRam;
            const bool both = !answer->run.empty();
            for (const auto* uses : {&answer->model, &answer->run}) {
                const bool isRun = uses == &answer->run;
                const QString weights = both && isRun ? fromPath(run->out.filename()) : modelName(*opened);
                for (std::size_t i = 0; i < schemes.size() && !uses->empty(); ++i) {
                    Column column{both ? weights : QString(), kvText(schemes[i]), static_cast<int>(i), isRun, {}};
                    for (std::size_t j = i; j < uses->size(); j += schemes.size()) {
                        column.uses.push_back((*uses)[j]);
                    }
                    m_columns.push_back(std::move(column));
                }
            }
            showAnswer();
        });
}

QString MemoryView::Column::name() const
{
    //: %1 is a model, %2 its kind of KV cache
    return weights.isEmpty() ? cache : MemoryView::tr("%1, %2").arg(weights, cache);
}

ByteUnit MemoryView::unit() const
{
    std::uint64_t least = UINT64_MAX;
    for (const Column& column : m_columns) {
        least = std::min(least, column.uses.front().bytes());
    }
    return byteUnit(m_columns.empty() ? 0 : least);
}

PlotTable MemoryView::numbers() const
{
    PlotTable table;
    if (m_columns.empty()) {
        return table;
    }
    const ByteUnit shown = unit();
    table.header = {tr("Batch"), tr("Context")};
    for (const Column& column : m_columns) {
        //: %1 is what takes the memory, %2 a unit such as GiB
        table.header << tr("%1 (%2)").arg(column.name(), shown.name);
    }
    for (std::size_t i = 0; i < m_columns.front().uses.size(); ++i) {
        const evaluate::MemoryUse& use = m_columns.front().uses[i];
        QList<QVariant> row{static_cast<qlonglong>(use.batch), static_cast<qlonglong>(use.context)};
        for (const Column& column : m_columns) {
            row << shown.of(column.uses[i].bytes());
        }
        table.rows << row;
    }
    return table;
}

void MemoryView::showAnswer()
{
    fillTable(*m_table, numbers());
    alignTable();
    m_table->setVisible(!m_columns.empty());
    m_batch->setEnabled(!m_columns.empty());
    showPlot();
}

/// Numbers under each other by their point; headers over them, and the weights above their cache, because names of runs
/// are long.
void MemoryView::alignTable()
{
    const int places = m_table->columnCount() - static_cast<int>(m_columns.size());
    for (int i = 0; i < m_table->columnCount(); ++i) {
        QTableWidgetItem* header = m_table->horizontalHeaderItem(i);
        header->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
        if (i >= places) {
            const Column& column = m_columns[static_cast<std::size_t>(i - places)];
            const QString cache = tr("%1 (%2)").arg(column.cache, unit().name);
            header->setText(column.weights.isEmpty() ? cache : column.weights + QLatin1Char('\n') + cache);
        }
    }
    for (int row = 0; row < m_table->rowCount(); ++row) {
        for (int i = places; i < m_table->columnCount(); ++i) {
            const evaluate::MemoryUse& use =
                m_columns[static_cast<std::size_t>(i - places)].uses[static_cast<std::size_t>(row)];
            m_table->item(row, i)->setText(formatFixed(unit().of(use.bytes()), kDecimals));
        }
    }
    m_table->resizeColumnsToContents();
}

void MemoryView::showPlot()
{
    const ByteUnit shown = unit();
    std::uint64_t most = 0;
    QList<LinePlot::Series> lines;
    QList<double> ticks;
    QStringList names;
    for (const Column& column : m_columns) {
        LinePlot::Series line{column.name(), {}, {}, column.category};
        line.dashed = column.isRun;
        for (const evaluate::MemoryUse& use : column.uses) {
            if (use.batch == batch()) {
                line.x << static_cast<double>(use.context);
                line.y << shown.of(use.bytes());
                most = std::max(most, use.bytes());
            }
        }
        lines << line;
    }
    for (const double context : lines.isEmpty() ? QList<double>() : lines.front().x) {
        if (!ticks.isEmpty() && context < kTickRatio * ticks.back()) { // The limit counts more than its neighbour.
            ticks.removeLast();
            names.removeLast();
        }
        ticks << context;
        names << contextName(static_cast<std::int64_t>(context));
    }
    m_plot->setTitle(
        tr("Memory by context, batch %1: weights, keys and values, activations of one step").arg(formatCount(batch())));
    m_plot->setAxisTitles(tr("Context (tokens)"), tr("Memory (%1)").arg(shown.name));
    m_plot->setLogX(ticks, names);
    m_plot->setSeries(lines);
    showMachine(most);
    if (!lines.isEmpty()) { // The rows of this batch come into view.
        const int row = m_batch->currentIndex() * static_cast<int>(lines.front().x.size());
        m_table->selectRow(row);
        m_table->scrollToItem(m_table->item(row, 0), QAbstractItemView::PositionAtTop);
    }
}

void MemoryView::showMachine(std::uint64_t most)
{
    if (m_columns.empty()) {
        m_machine->clear();
        m_plot->markLevel(NAN, {});
        return;
    }
    const QString ram = formatBytes(m_bytesRam);
    m_plot->markLevel(unit().of(m_bytesRam), tr("RAM of this machine: %1").arg(ram));
    m_machine->setText(most <= m_bytesRam
                           ? tr("All of this fits into the %1 of RAM of this machine.").arg(ram)
                           : tr("Above the line it does not fit into the %1 of RAM of this machine.").arg(ram));
    m_plot->setSummary(m_machine->text());
}

void MemoryView::saveState(QSettings& settings) const
{
    settings.setValue(QStringLiteral("memoryBatch"), static_cast<qlonglong>(batch()));
    settings.setValue(QStringLiteral("memorySplitter"), m_splitter->saveState());
}

void MemoryView::restoreState(const QSettings& settings)
{
    m_batch->setCurrentIndex(
        std::max(0, m_batch->findData(settings.value(QStringLiteral("memoryBatch"), 1).toLongLong())));
    m_splitter->restoreState(settings.value(QStringLiteral("memorySplitter")).toByteArray());
}

} // namespace bitlathe::ui
