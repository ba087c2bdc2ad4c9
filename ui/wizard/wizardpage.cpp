// SPDX-License-Identifier: GPL-3.0-or-later
// WizardPage: a new run in eight steps, with what it will cost always in sight.
#include "ui/wizard/wizardpage.h"

#include "ui/theme/theme.h"
#include "ui/wizard/calibrationstep.h"
#include "ui/wizard/coststep.h"
#include "ui/wizard/estimatepanel.h"
#include "ui/wizard/evaluatestep.h"
#include "ui/wizard/formatstep.h"
#include "ui/wizard/methodstep.h"
#include "ui/wizard/modelstep.h"
#include "ui/wizard/schemestep.h"
#include "ui/wizard/startstep.h"
#include "ui/wizard/steplist.h"

#include <QFrame>
#include <QHBoxLayout>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>

#include <algorithm>

namespace bitlathe::ui
{
namespace
{

using namespace Qt::StringLiterals;

constexpr int kFormWidth = 76 * kGrid; // lines longer than this are hard to read

QFrame* makeRule(QWidget* parent)
{
    auto* rule = new QFrame(parent);
    rule->setFrameShape(QFrame::VLine);
    rule->setForegroundRole(QPalette::Mid);
    rule->setFixedWidth(1);
    return rule;
}

QScrollArea* scrolled(QWidget* form)
{
    auto* area = new QScrollArea;
    area->setFrameShape(QFrame::NoFrame);
    area->setWidgetResizable(true);
    area->setFocusPolicy(Qt::NoFocus);
    const auto fitWidth = [form] {
        form->setMaximumWidth(static_cast<int>(kFormWidth * std::max(1.0, Theme::instance().fontScale())));
    };
    fitWidth();
    QObject::connect(&Theme::instance(), &Theme::changed, form, fitWidth);
    area->setWidget(form);
    area->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    return area;
}

} // namespace

WizardPage::WizardPage(Session& session, QWidget* parent)
    : Page(session, parent),
      m_stack(new QStackedWidget(this)),
      m_estimate(new EstimatePanel(session, this)),
      m_back(new QPushButton(tr("Back"), this)),
      m_next(new QPushButton(tr("Next"), this)),
      m_start(new QAction(Theme::instance().icon(u"run"_s), tr("Quantize"), this))
{
    m_steps = {new ModelStep(session),  new MethodStep(session),   new CalibrationStep(session), new SchemeStep(session),
               new FormatStep(session), new EvaluateStep(session), new CostStep(session),        new StartStep(session)};
    m_seen.assign(m_steps.size(), false);
    QStringList names;
    for (WizardStep* step : m_steps) {
        names << step->name();
        m_stack->addWidget(scrolled(step));
        connect(step, &WizardStep::checked, this, &WizardPage::check);
    }
    m_list = new StepList(names, this);
    m_start->setToolTip(tr("Start the run with these settings"));
    m_back->setIcon(Theme::instance().icon(u"back"_s));
    m_next->setIcon(Theme::instance().icon(u"forward"_s));
    m_next->setLayoutDirection(Qt::RightToLeft); // the arrow after the word

    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(kGrid);
    buttons->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, 2 * kGrid);
    buttons->addWidget(m_back);
    buttons->addWidget(m_next);
    buttons->addStretch();
    auto* middle = new QVBoxLayout;
    middle->setSpacing(0);
    middle->addWidget(m_stack, 1);
    middle->addLayout(buttons);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_list);
    layout->addWidget(makeRule(this));
    layout->addLayout(middle, 1);
    layout->addWidget(makeRule(this));
    layout->addWidget(m_estimate);

    connect(m_list, &StepList::chosen, this, &WizardPage::setCurrentStep);
    connect(m_back, &QPushButton::clicked, this, [this] { setCurrentStep(currentStep() - 1); });
    connect(m_next, &QPushButton::clicked, this, [this] { setCurrentStep(currentStep() + 1); });
    connect(m_start, &QAction::triggered, this, &WizardPage::start);
    connect(m_estimate, &EstimatePanel::checked, this, &WizardPage::check);
    setCurrentStep(0);
}

WizardPage::~WizardPage()
{
    // A field that loses the focus because it dies says that its editing is finished.
    for (WizardStep* step : m_steps) {
        step->disconnect(this);
    }
    m_estimate->disconnect(this);
}

QString WizardPage::id() const
{
    return u"wizard"_s;
}

QString WizardPage::title() const
{
    return tr("New run");
}

QString WizardPage::helpTopic() const
{
    static const QStringList kHeadings{u"model"_s,  u"method"_s,   u"calibration-text"_s, u"scheme"_s,
                                       u"format"_s, u"evaluate"_s, u"estimate"_s,         u"start"_s};
    return id() + u'#' + kHeadings.value(currentStep());
}

int WizardPage::stepCount() const
{
    return static_cast<int>(m_steps.size());
}

int WizardPage::currentStep() const
{
    return m_stack->currentIndex();
}

void WizardPage::setCurrentStep(int step)
{
    const int wanted = std::clamp(step, 0, stepCount() - 1);
    m_seen[static_cast<std::size_t>(std::max(0, currentStep()))] = true;
    m_seen[static_cast<std::size_t>(wanted)] = true;
    m_stack->setCurrentIndex(wanted);
    m_list->setCurrent(wanted);
    m_back->setEnabled(wanted > 0);
    m_next->setEnabled(wanted + 1 < stepCount());
    check();
}

void WizardPage::check()
{
    bool fine = m_estimate->isReady();
    for (int i = 0; i < stepCount(); ++i) {
        const QString problem = step(i)->problem();
        fine = fine && problem.isEmpty();
        const bool seen = m_seen[static_cast<std::size_t>(i)];
        m_list->setState(i, !seen               ? StepList::State::Ahead
                            : problem.isEmpty() ? StepList::State::Done
                                                : StepList::State::Problem);
    }
    m_start->setEnabled(fine);
}

void WizardPage::start()
{
    session().startRun(session().recipe());
    Q_EMIT message(tr("The run is in the job list."));
}

void WizardPage::saveState(QSettings& settings) const
{
    settings.setValue(u"step"_s, currentStep());
}

void WizardPage::restoreState(const QSettings& settings)
{
    setCurrentStep(settings.value(u"step"_s, 0).toInt());
}

QStringList WizardPage::screenshotStates() const
{
    QStringList states;
    for (int i = 0; i < stepCount(); ++i) {
        states << QString::number(i + 1);
    }
    return states;
}

void WizardPage::prepareState(const QString& state)
{
    setCurrentStep(state.toInt() - 1);
}

void WizardPage::prepareScreenshot()
{
    for (int i = 0; i < stepCount(); ++i) {
        m_seen[static_cast<std::size_t>(i)] = i < 4;
    }
    setCurrentStep(3);
}

} // namespace bitlathe::ui
