// SPDX-License-Identifier: GPL-3.0-or-later
// EstimatePanel: what a run will cost, against what the machine has, before it starts.
#include "ui/wizard/estimatepanel.h"

#include "core/base/file.h"
#include "ui/bridge/numbers.h"
#include "ui/theme/theme.h"
#include "ui/wizard/wizardstep.h"

#include <QFormLayout>
#include <QLabel>
#include <QPainter>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>

namespace bitlathe::ui
{

using namespace Qt::StringLiterals;

namespace
{
constexpr int kDelayMs = 120;
constexpr double kTight = 0.85; ///< From this share on, a need is shown as one to watch.

/// That a run may take of a GPU; 0: there is none.
std::uint64_t bytesOfGpu(const model::DeviceChoice& choice)
{
    const auto number = model::gpuNumberOf(choice.name);
    const std::vector<kernels::GpuDevice>& devices = kernels::gpus().devices;
    if (!number || !*number || **number >= std::ssize(devices)) {
        return 0;
    }
    const std::uint64_t total = devices[static_cast<std::size_t>(**number)].bytesTotal;
    return choice.bytesMemory > 0 ? std::min(choice.bytesMemory, total) : total;
}

} // namespace

/// A need as a bar against what there is, with both numbers in words.
class CostBar : public QWidget
{
public:
    CostBar(const QString& name, const QString& tip, QWidget* parent) : QWidget(parent), m_name(name)
    {
        setToolTip(tip);
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    }

    /// limitIsMachine: passing the limit is a problem, not just larger.
    void set(std::uint64_t bytes, std::uint64_t limit, const QString& words, bool limitIsMachine)
    {
        m_share = limit == 0 ? 0.0 : static_cast<double>(bytes) / static_cast<double>(limit);
        m_value = formatBytes(bytes);
        m_words = words;
        m_guarded = limitIsMachine;
        setAccessibleName(u"%1: %2, %3"_s.arg(m_name, m_value, m_words));
        update();
    }

    void clear()
    {
        m_share = 0;
        m_value.clear();
        m_words.clear();
        update();
    }

    QSize sizeHint() const override { return QSize(200, 2 * fontMetrics().height() + 3 * kGrid); }
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Theme& theme = Theme::instance();
        const int line = fontMetrics().height();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(theme.color(ColorId::Text));
        painter.drawText(QRect(0, 0, width(), line), Qt::AlignLeft | Qt::AlignVCenter, m_name);
        QFont bold = theme.numberFont();
        bold.setWeight(QFont::DemiBold);
        painter.setFont(bold);
        painter.drawText(QRect(0, 0, width(), line), Qt::AlignRight | Qt::AlignVCenter,
                         m_value.isEmpty() ? QString(QChar(0x2013)) : m_value);
        const QRectF track(0, line + kGrid / 2, width(), 6);
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.color(ColorId::SurfaceRaised));
        painter.drawRoundedRect(track, 3, 3);
        const ColorId color = !m_guarded || m_share < kTight ? ColorId::Accent
                              : m_share <= 1.0               ? ColorId::VerdictWatch
                                                             : ColorId::VerdictBad;
        if (m_share > 0) {
            QRectF filled = track;
            filled.setWidth(std::max(6.0, track.width() * std::min(m_share, 1.0)));
            painter.setBrush(theme.color(color));
            painter.drawRoundedRect(filled, 3, 3);
        }
        painter.setFont(theme.font(TextSize::Small));
        painter.setPen(theme.color(m_guarded && m_share > 1.0 ? ColorId::VerdictBad : ColorId::TextMuted));
        const QString words = m_guarded && m_share > 1.0 ? u"✕ "_s + m_words : m_words;
        painter.drawText(QRect(0, line + kGrid / 2 + 8, width(), line), Qt::AlignLeft | Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(words, Qt::ElideRight, width()));
    }

private:
    QString m_name;
    QString m_value;
    QString m_words;
    double m_share = 0;
    bool m_guarded = false;
};

EstimatePanel::EstimatePanel(Session& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_planning(this),
      m_delay(new QTimer(this)),
      m_size(new CostBar(tr("Result"), tr("Tensor files of the result, exact"), this)),
      m_memory(new CostBar(tr("Memory"), tr("The most memory in use at one time"), this)),
      m_gpuMemory(new CostBar(tr("GPU memory"), tr("The most of the GPU's memory in use at one time, at full speed"), this)),
      m_disk(new CostBar(tr("Disk"), tr("Space needed while it runs: the result and cached statistics"), this)),
      m_time(new QLabel(this)),
      m_bits(new QLabel(this)),
      m_note(new FieldNote(this)),
      m_findings(new QVBoxLayout)
{
    auto* heading = new QLabel(tr("What it will cost"), this);
    QFont font = Theme::instance().font();
    font.setWeight(QFont::DemiBold);
    heading->setFont(font);
    auto* facts = new QFormLayout;
    facts->setVerticalSpacing(kGrid / 2);
    facts->setLabelAlignment(Qt::AlignLeft);
    for (QLabel* label : {m_time, m_bits}) {
        label->setAlignment(Qt::AlignRight);
        label->setFont(font);
    }
    facts->addRow(tr("Time"), m_time);
    facts->addRow(tr("Bits per weight"), m_bits);
    m_findings->setSpacing(kGrid);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
    layout->setSpacing(2 * kGrid);
    layout->addWidget(heading);
    layout->addWidget(m_size);
    layout->addWidget(m_memory);
    layout->addWidget(m_gpuMemory);
    layout->addWidget(m_disk);
    layout->addLayout(facts);
    layout->addWidget(m_note);
    layout->addLayout(m_findings);
    layout->addStretch();
    m_gpuMemory->hide();
    const auto fitWidth = [this] {
        setFixedWidth(static_cast<int>(34 * kGrid * std::max(1.0, Theme::instance().fontScale())));
    };
    fitWidth();
    connect(&Theme::instance(), &Theme::changed, this, fitWidth);
    m_delay->setSingleShot(true);
    m_delay->setInterval(kDelayMs);
    connect(m_delay, &QTimer::timeout, this, &EstimatePanel::ask);
    connect(&session, &Session::recipeChanged, m_delay, qOverload<>(&QTimer::start));
    connect(&session, &Session::modelOpened, m_delay, qOverload<>(&QTimer::start));
    connect(&session, &Session::modelClosed, m_delay, qOverload<>(&QTimer::start));
    ask();
}

QString EstimatePanel::problem() const
{
    return m_note->isProblem() ? m_note->text() : QString();
}

void EstimatePanel::ask()
{
    m_ready = false;
    if (!m_session.model()) {
        m_planning.cancel();
        for (CostBar* bar : {m_size, m_memory, m_gpuMemory, m_disk}) {
            bar->clear();
        }
        m_gpuMemory->hide();
        m_time->setText(u"–"_s);
        m_bits->setText(u"–"_s);
        m_note->setHint(tr("Open a model to see size, memory, disk and time."));
        showFindings({});
        Q_EMIT checked();
        return;
    }
    m_planning.start(
        [recipe = m_session.recipe(), model = m_session.model()](const std::stop_token&) {
            return Outlook{plan::makePlan(recipe, model), machineFacts(), freeBytes(recipe.exportTo.out),
                           model->checkpoint->bytesTensors(), bytesOfGpu(recipe.device)};
        },
        [this](const Outlook& outlook) { show(outlook); });
}

void EstimatePanel::show(const Outlook& outlook)
{
    if (!outlook.plan) {
        m_note->setProblem(translated(outlook.plan.error()));
        showFindings({});
        Q_EMIT checked();
        return;
    }
    const plan::Estimate& estimate = outlook.plan->estimate;
    m_ready = true;
    const bool onGpu = estimate.bytesPeakVram > 0;
    m_note->setHint(onGpu ? tr("From the model's sizes and from speeds measured on this machine's processor; a GPU is "
                               "faster.")
                          : tr("From the model's sizes and from speeds measured on this machine."));
    m_gpuMemory->setVisible(onGpu);
    m_gpuMemory->set(estimate.bytesPeakVram, outlook.bytesGpu,
                     tr("of %1; with less, in smaller steps").arg(formatBytes(outlook.bytesGpu)), false);
    m_size->set(estimate.bytesOut, outlook.bytesModel,
                tr("%1 of the model's %2")
                    .arg(formatPercent(static_cast<double>(estimate.bytesOut) /
                                       static_cast<double>(std::max<std::uint64_t>(1, outlook.bytesModel))),
                         formatBytes(outlook.bytesModel)),
                false);
    m_memory->set(estimate.bytesPeakRam, outlook.machine.bytesRamAvailable,
                  tr("of %1 free on this machine").arg(formatBytes(outlook.machine.bytesRamAvailable)), true);
    m_disk->set(estimate.bytesDisk, outlook.bytesFree,
                tr("of %1 free in the output folder").arg(formatBytes(outlook.bytesFree)), true);
    m_time->setText(formatDurationRange(estimate.secondsLow, estimate.secondsHigh));
    m_bits->setText(formatNumber(estimate.bitsPerWeight, 4));
    showFindings(outlook.plan->findings);
    Q_EMIT checked();
}

void EstimatePanel::showFindings(const Findings& findings)
{
    while (QLayoutItem* item = m_findings->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (const Finding& finding : findings) {
        auto* note = new FieldNote(this);
        const QString advice = translated(finding.advice);
        const QString sentence =
            advice.isEmpty()
                ? tr("%1: %2.").arg(QString::fromStdString(finding.subject), translated(finding.message))
                : tr("%1: %2. %3.").arg(QString::fromStdString(finding.subject), translated(finding.message), advice);
        if (finding.severity == Severity::Note) {
            note->setHint(sentence);
        } else {
            note->setProblem(sentence);
        }
        m_findings->addWidget(note);
    }
}

} // namespace bitlathe::ui
