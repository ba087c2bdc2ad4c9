// SPDX-License-Identifier: GPL-3.0-or-later
// AdvicePage: which method, bits, format, KV cache and program suit a device, and why.
#include "ui/pages/advicepage.h"

#include "core/base/machine.h"
#include "ui/bridge/numbers.h"
#include "ui/models/advicemodel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/fields.h"
#include "ui/widgets/tables.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHeaderView>
#include <QLabel>
#include <QScrollArea>
#include <QSpinBox>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace bitlathe::ui
{

namespace
{

constexpr double kGibibyte = 1024.0 * kMebibyte;

QDoubleSpinBox* gibibytes(double value, QWidget* parent)
{
    auto* field = numberField(parent, 0.1, 100'000, value, 1, 1);
    field->setSuffix(QStringLiteral(" GiB"));
    return field;
}

/// Sentences as the points of a list.
QString listed(const std::vector<Text>& sentences)
{
    QString html;
    for (const Text& sentence : sentences) {
        html += QStringLiteral("<li>%1</li>").arg(translated(sentence).toHtmlEscaped());
    }
    return html.isEmpty() ? html : QStringLiteral("<ul style=\"margin-left:-16px\">%1</ul>").arg(html);
}

} // namespace

AdvicePage::AdvicePage(Session& session, QWidget* parent)
    : Page(session, parent),
      m_use(new QAction(Theme::instance().icon(QStringLiteral("wizard")), tr("Use in new run"), this)),
      m_splitter(new QSplitter(Qt::Horizontal, this)), m_model(new AdviceModel(this))
{
    m_use->setToolTip(tr("The recipe gets the method, scheme and format of the selected way; the wizard shows it"));
    connect(m_use, &QAction::triggered, this, &AdvicePage::use);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(makeControls());
    m_splitter->addWidget(makeResults());
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({280, 900});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_splitter);
    connect(&session, &Session::modelOpened, this, &AdvicePage::ask);
    connect(&session, &Session::modelClosed, this, &AdvicePage::ask);
    ask();
}

QWidget* AdvicePage::makeControls()
{
    auto* panel = new QWidget(this);
    auto* layout = new QVBoxLayout(panel);
    layout->setContentsMargins(2 * kGrid, kGrid, kGrid, 2 * kGrid);
    auto* form = new QFormLayout;
    form->setRowWrapPolicy(QFormLayout::WrapAllRows);
    addDeviceRows(form);
    m_usage = new QComboBox(panel);
    m_usage->addItem(tr("Desktop: one user, other programs beside"), static_cast<int>(plan::Usage::Desktop));
    m_usage->addItem(tr("Server: many at once"), static_cast<int>(plan::Usage::Server));
    m_usage->addItem(tr("Edge: a small device"), static_cast<int>(plan::Usage::Edge));
    m_wish = new QComboBox(panel);
    m_wish->addItem(tr("Balance of size and quality"), static_cast<int>(plan::Wish::Balanced));
    m_wish->addItem(tr("Best quality that fits"), static_cast<int>(plan::Wish::Best));
    m_wish->addItem(tr("Small"), static_cast<int>(plan::Wish::Small));
    m_context = countField(panel, 1, 1 << 24, 4096);
    m_context->setSuffix(tr(" tokens"));
    m_context->setToolTip(tr("Tokens of each sequence whose keys and values are kept."));
    m_batch = countField(panel, 1, 1 << 16, 1);
    m_batch->setToolTip(tr("Sequences at once."));
    m_runtime = new QComboBox(panel);
    m_runtime->addItem(tr("Any program"), QString());
    for (const format::Runtime& runtime : format::runtimeTable().runtimes) {
        m_runtime->addItem(QString::fromStdString(runtime.name), QString::fromStdString(runtime.name));
        m_runtime->setItemData(m_runtime->count() - 1,
            tr("Version %1, looked at on %2: %3").arg(QString::fromStdString(runtime.version), QString::fromStdString(runtime.date), QString::fromStdString(runtime.source)),
            Qt::ToolTipRole);
    }
    m_runtime->setToolTip(tr("The program that has to run it."));
    form->addRow(tr("&What for"), m_usage);
    form->addRow(tr("&What counts"), m_wish);
    form->addRow(tr("&Context"), m_context);
    form->addRow(tr("&Sequences at once"), m_batch);
    form->addRow(tr("&Program"), m_runtime);
    layout->addLayout(form);
    layout->addStretch(1);
    for (QComboBox* box : {m_usage, m_wish, m_runtime}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon); // Else the longest text makes the panel wide.
        box->setMinimumContentsLength(20);
        connect(box, &QComboBox::currentIndexChanged, this, &AdvicePage::ask);
    }
    for (QSpinBox* box : {m_context, m_batch}) {
        connect(box, &QSpinBox::valueChanged, this, &AdvicePage::ask);
    }
    return panel;
}

void AdvicePage::addDeviceRows(QFormLayout* form)
{
    m_gpu = new QCheckBox(tr("It has a &GPU"), this);
    m_vram = gibibytes(8, this);
    m_vram->setToolTip(tr("Memory of the GPU."));
    m_ram = gibibytes(std::round(static_cast<double>(machineFacts().bytesRam) / kGibibyte), this);
    m_ram->setToolTip(tr("Memory of the machine. It begins with that of this one."));
    form->addRow(m_gpu);
    form->addRow(tr("Memory of the GP&U"), m_vram);
    form->addRow(tr("&Memory of the machine"), m_ram);
    form->setRowVisible(m_vram, false);
    connect(m_gpu, &QCheckBox::toggled, this, [this, form](bool on) {
        form->setRowVisible(m_vram, on);
        ask();
    });
    for (QDoubleSpinBox* box : {m_vram, m_ram}) {
        connect(box, &QDoubleSpinBox::valueChanged, this, &AdvicePage::ask);
    }
}

QWidget* AdvicePage::makeResults()
{
    auto* splitter = new QSplitter(Qt::Vertical, this);
    splitter->setChildrenCollapsible(false);
    auto* top = new QWidget(splitter);
    auto* layout = new QVBoxLayout(top);
    layout->setContentsMargins(kGrid, kGrid, 2 * kGrid, kGrid);
    m_summary = new QLabel(top);
    m_summary->setWordWrap(true);
    m_summary->setTextFormat(Qt::RichText);
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_table = new QTableView(top);
    m_table->setModel(m_model);
    setUpTable(m_table);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setAccessibleName(tr("Ways to run the model on the device, the best first"));
    new EmptyState(m_table, tr("Open a model to see which ways suit the device."));
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &AdvicePage::showReasons);
    layout->addWidget(m_summary);
    layout->addWidget(m_table, 1);

    auto* scroll = new QScrollArea(splitter);
    scroll->setWidgetResizable(true);
    m_reasons = new QLabel(scroll);
    m_reasons->setWordWrap(true);
    m_reasons->setTextFormat(Qt::RichText);
    m_reasons->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_reasons->setContentsMargins(kGrid, kGrid, 2 * kGrid, kGrid);
    m_reasons->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_reasons->setAccessibleName(tr("Reasons for the selected way"));
    scroll->setAccessibleName(m_reasons->accessibleName());
    scroll->setWidget(m_reasons);
    splitter->addWidget(top);
    splitter->addWidget(scroll);
    splitter->setSizes({280, 320});
    return splitter;
}

plan::AdviceRequest AdvicePage::request() const
{
    plan::AdviceRequest request;
    request.bytesVram = m_gpu->isChecked() ? static_cast<std::uint64_t>(m_vram->value() * kGibibyte) : 0;
    request.bytesRam = static_cast<std::uint64_t>(m_ram->value() * kGibibyte);
    request.usage = static_cast<plan::Usage>(m_usage->currentData().toInt());
    request.wish = static_cast<plan::Wish>(m_wish->currentData().toInt());
    request.context = m_context->value();
    request.batch = m_batch->value();
    request.runtime = m_runtime->currentData().toString().toStdString();
    return request;
}

void AdvicePage::ask()
{
    m_use->setEnabled(false);
    const OpenedModelPtr opened = session().model();
    if (!opened) {
        m_answer.cancel();
        m_model->setOptions({});
        m_summary->clear();
        m_reasons->clear();
        return;
    }
    m_answer.start([opened, request = request()](const std::stop_token&) { return plan::advise(request, evaluate::memoryModel(*opened)); },
        [this](const Result<plan::Advice>& advice) { showAdvice(advice); });
}

void AdvicePage::showAdvice(const Result<plan::Advice>& advice)
{
    if (!advice) {
        m_model->setOptions({});
        m_summary->setText(translated(advice.error()).toHtmlEscaped());
        m_reasons->clear();
        return;
    }
    QString summary = translated(advice->notes).toHtmlEscaped();
    std::vector<plan::AdviceOption> options = advice->options;
    if (const auto& shortfall = advice->shortfall) {
        options = {shortfall->nearest};
        summary = tr("Nothing fits: %1 are missing. The nearest way is below.").arg(formatBytes(shortfall->bytesMissing)).toHtmlEscaped()
            + QLatin1Char(' ') + listed(shortfall->ways) + summary;
    }
    m_summary->setText(summary);
    m_summary->setVisible(!summary.isEmpty());
    m_model->setOptions(std::move(options));
    m_table->resizeColumnsToContents();
    m_table->setColumnWidth(AdviceModel::Way, std::min(m_table->columnWidth(AdviceModel::Way), 34 * kGrid));
    m_table->setCurrentIndex(m_model->index(0, 0));
    showReasons();
}

const plan::AdviceOption* AdvicePage::selected() const
{
    const int row = m_table->currentIndex().row();
    return row >= 0 && row < m_model->rowCount() ? &m_model->options()[static_cast<std::size_t>(row)] : nullptr;
}

void AdvicePage::showReasons()
{
    const plan::AdviceOption* option = selected();
    m_use->setEnabled(option != nullptr && option->recipe.has_value());
    if (option == nullptr) {
        m_reasons->clear();
        return;
    }
    m_reasons->setText(QStringLiteral("<b>%1</b>%2").arg(AdviceModel::wayText(*option).toHtmlEscaped(), listed(option->reasons)));
}

void AdvicePage::use()
{
    const plan::AdviceOption* option = selected();
    // What is the user's own stays: model, texts, output folder, threads.
    plan::Recipe recipe = session().recipe();
    const plan::Recipe& advised = *option->recipe;
    recipe.method = advised.method;
    recipe.scheme = advised.scheme;
    recipe.scaleDTypeAuto = advised.scaleDTypeAuto;
    recipe.options = advised.options;
    recipe.overrides.clear();
    recipe.exportTo.format = advised.exportTo.format;
    recipe.exportTo.kvParams = advised.exportTo.kvParams;
    recipe.exportTo.workspace = advised.exportTo.workspace;
    session().editRecipe(recipe, tr("Take advice"));
    Q_EMIT message(tr("The recipe now goes this way. Ctrl+Z takes it back."));
    Q_EMIT pageRequested(QStringLiteral("wizard"));
}

QString AdvicePage::commandLine() const
{
    const OpenedModelPtr opened = session().model();
    const plan::AdviceRequest wanted = request();
    QString line = QStringLiteral("bitlathe-cli advise \"%1\" --ram %2GiB").arg(opened ? fromPath(opened->folder()) : QString()).arg(m_ram->value());
    line += m_gpu->isChecked() ? QStringLiteral(" --vram %1GiB").arg(m_vram->value()) : QStringLiteral(" --no-gpu");
    line += QStringLiteral(" --use %1 --quality %2 --context %3 --batch %4")
                .arg(toText(plan::usageName(wanted.usage)), toText(plan::wishName(wanted.wish)))
                .arg(wanted.context)
                .arg(wanted.batch);
    return wanted.runtime.empty() ? line : line + QStringLiteral(" --runtime \"%1\"").arg(QString::fromStdString(wanted.runtime));
}

void AdvicePage::saveState(QSettings& settings) const
{
    settings.setValue(QStringLiteral("splitter"), m_splitter->saveState());
    settings.setValue(QStringLiteral("gpu"), m_gpu->isChecked());
    settings.setValue(QStringLiteral("vram"), m_vram->value());
    settings.setValue(QStringLiteral("ram"), m_ram->value());
    settings.setValue(QStringLiteral("usage"), m_usage->currentIndex());
    settings.setValue(QStringLiteral("wish"), m_wish->currentIndex());
    settings.setValue(QStringLiteral("context"), m_context->value());
    settings.setValue(QStringLiteral("batch"), m_batch->value());
    settings.setValue(QStringLiteral("runtime"), m_runtime->currentData());
}

void AdvicePage::restoreState(const QSettings& settings)
{
    m_splitter->restoreState(settings.value(QStringLiteral("splitter")).toByteArray());
    m_gpu->setChecked(settings.value(QStringLiteral("gpu"), false).toBool());
    m_vram->setValue(settings.value(QStringLiteral("vram"), m_vram->value()).toDouble());
    m_ram->setValue(settings.value(QStringLiteral("ram"), m_ram->value()).toDouble());
    m_usage->setCurrentIndex(std::clamp(settings.value(QStringLiteral("usage"), 0).toInt(), 0, m_usage->count() - 1));
    m_wish->setCurrentIndex(std::clamp(settings.value(QStringLiteral("wish"), 0).toInt(), 0, m_wish->count() - 1));
    m_context->setValue(settings.value(QStringLiteral("context"), m_context->value()).toInt());
    m_batch->setValue(settings.value(QStringLiteral("batch"), m_batch->value()).toInt());
    // A program of another version's table leaves the first: any.
    m_runtime->setCurrentIndex(std::max(0, m_runtime->findData(settings.value(QStringLiteral("runtime")))));
}

} // namespace bitlathe::ui
