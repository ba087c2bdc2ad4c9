// SPDX-License-Identifier: GPL-3.0-or-later
// SettingsDialog: theme, language, type size, motion, units, threads, arithmetic, jobs, protocol, cache. Not modal; changes
// act at once.
#include "ui/widgets/settingsdialog.h"

#include "core/base/machine.h"
#include "ui/bridge/language.h"
#include "ui/bridge/session.h"
#include "ui/widgets/cachefields.h"
#include "ui/widgets/helptopic.h"
#include "ui/widgets/protocolfields.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QSettings>
#include <QSpinBox>
#include <QVBoxLayout>

#include <cmath>

namespace bitlathe::ui
{
namespace
{

using namespace Qt::StringLiterals;

/// A box of choices with values; calls chosen with the value picked.
template <typename Value>
QComboBox* makeChoice(QWidget* parent, const std::vector<std::pair<QString, Value>>& choices, const Value& current,
                      std::function<void(const Value&)> chosen)
{
    auto* box = new QComboBox(parent);
    for (const auto& [name, value] : choices) {
        box->addItem(name);
        if (value == current) {
            box->setCurrentIndex(box->count() - 1);
        }
    }
    QObject::connect(box, &QComboBox::activated, parent, [choices, chosen = std::move(chosen)](int index) {
        chosen(choices[static_cast<std::size_t>(index)].second);
    });
    return box;
}

void addRow(QFormLayout* form, const QString& label, QWidget* field, const QString& tip)
{
    field->setToolTip(tip);
    form->addRow(label, field); // makes the field the label's buddy
    QString name = label;
    field->setAccessibleName(name.remove(u'&'));
}

} // namespace

SettingsDialog::SettingsDialog(Session& session, QWidget* parent)
    : QDialog(parent), m_session(session), m_preferences(Preferences::load(QSettings()))
{
    setHelpTopic(this, u"settings"_s);
    setWindowTitle(tr("Settings"));
    auto* form = new QFormLayout;
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->setSpacing(kGrid);
    addLook(form);
    addWork(form);
    addProtocol(form);
    addCache(form);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
    layout->setSpacing(2 * kGrid);
    layout->addLayout(form);
    layout->addWidget(buttons);
    setMinimumWidth(420);
}

void SettingsDialog::addLook(QFormLayout* form)
{
    addRow(form, tr("&Theme"),
           makeChoice<Theme::Mode>(this,
                                   {{tr("As the system"), Theme::Mode::System},
                                    {tr("Light"), Theme::Mode::Light},
                                    {tr("Dark"), Theme::Mode::Dark},
                                    {tr("High contrast"), Theme::Mode::HighContrast}},
                                   m_preferences.theme,
                                   [this](const Theme::Mode& mode) {
                                       m_preferences.theme = mode;
                                       apply();
                                   }),
           tr("Colours of the window"));
    std::vector<std::pair<QString, QString>> tongues{{tr("As the system"), QString()}};
    for (const QString& code : languages()) {
        tongues.emplace_back(languageName(code), code);
    }
    addRow(form, tr("&Language"),
           makeChoice<QString>(this, tongues, m_preferences.language,
                               [this](const QString& code) {
                                   m_preferences.language = code;
                                   apply();
                               }),
           tr("Switches at once"));
    auto* scale = new QSpinBox(this);
    scale->setRange(75, 200);
    scale->setSingleStep(5);
    scale->setSuffix(u" %"_s);
    scale->setValue(static_cast<int>(std::lround(m_preferences.fontScale * 100)));
    scale->setKeyboardTracking(false);
    connect(scale, &QSpinBox::valueChanged, this, [this](int percent) {
        m_preferences.fontScale = percent / 100.0;
        apply();
    });
    addRow(form, tr("Type &size"), scale, tr("75 % to 200 % of the desktop's type size"));
    auto* motion = new QCheckBox(tr("Reduce motion"), this);
    motion->setChecked(m_preferences.reducedMotion);
    connect(motion, &QCheckBox::toggled, this, [this](bool on) {
        m_preferences.reducedMotion = on;
        apply();
    });
    addRow(form, tr("&Motion"), motion, tr("Nothing moves by itself"));
    addRow(form, tr("&Units"),
           makeChoice<ByteUnits>(
               this, {{tr("1 KiB = 1,024 bytes"), ByteUnits::Binary}, {tr("1 kB = 1,000 bytes"), ByteUnits::Si}},
               m_preferences.units,
               [this](const ByteUnits& units) {
                   m_preferences.units = units;
                   apply();
               }),
           tr("Units of file and memory sizes"));
}

void SettingsDialog::addWork(QFormLayout* form)
{
    const int cores = machineFacts().cores;
    auto* threads = new QSpinBox(this);
    threads->setRange(0, cores);
    threads->setSpecialValueText(tr("All (%1)").arg(cores));
    threads->setValue(m_preferences.threads);
    threads->setKeyboardTracking(false);
    connect(threads, &QSpinBox::valueChanged, this, [this](int count) {
        m_preferences.threads = count;
        apply();
    });
    addRow(form, tr("T&hreads"), threads, tr("Cores that work at once; results are the same for any number"));
    using Choice = std::optional<model::Compute>;
    addRow(form, tr("&Arithmetic"),
           makeChoice<Choice>(
               this,
               {{tr("Fastest here (%1)").arg(toText(model::computeName(model::fastestCompute()))), std::nullopt},
                {tr("f32: slower, exact"), model::Compute::F32},
                {tr("bf16: faster"), model::Compute::Bf16}},
               m_preferences.compute,
               [this](const Choice& compute) {
                   m_preferences.compute = compute;
                   apply();
               }),
           tr("Number format of matrix products"));
    auto* device = new QComboBox(this); // so far there is one that computes
    device->addItem(tr("CPU: %1").arg(QString::fromStdString(machineFacts().processor)));
    addRow(form, tr("&Device"), device, tr("What layers and windows are computed on"));
    auto* atOnce = new QSpinBox(this);
    atOnce->setRange(1, run::JobQueue::kAtOnceMost);
    atOnce->setValue(m_preferences.jobsAtOnce);
    connect(atOnce, &QSpinBox::valueChanged, this, [this](int count) {
        m_preferences.jobsAtOnce = count;
        apply();
    });
    addRow(form, tr("&Jobs at once"), atOnce,
           tr("How many jobs may run side by side where their estimated memory fits. Peak memory is then that of all of "
              "them. Jobs that measure time or memory always run alone."));
}

void SettingsDialog::addProtocol(QFormLayout* form)
{
    auto* fields = new ProtocolFields(this);
    evaluate::PerplexityOptions options = fields->options();
    options.protocol = m_preferences.protocol;
    options.length = m_preferences.windowLength;
    fields->setOptions(options);
    fields->strideField()->hide();
    fields->windowsField()->hide();
    connect(fields, &ProtocolFields::changed, this, [this, fields] {
        m_preferences.protocol = fields->options().protocol;
        m_preferences.windowLength = fields->options().length;
        apply();
    });
    addRow(form, tr("&Protocol"), fields->protocolField(),
           tr("How new comparisons and recipes cut the text into windows, and which tokens count"));
    addRow(form, tr("&Window length"), fields->lengthField(), tr("Tokens of one window of new comparisons and recipes"));
}

void SettingsDialog::addCache(QFormLayout* form)
{
    auto* fields = new CacheFields(this);
    const auto addPair = [&](const QString& label, QWidget* field, QWidget* beside, int stretch) {
        auto* pair = new QHBoxLayout;
        pair->addWidget(field, stretch);
        pair->addWidget(beside, 1 - stretch);
        auto* name = new QLabel(label, this);
        name->setBuddy(field);
        form->addRow(name, pair);
    };
    addPair(tr("Cache f&older"), fields->folderField(), fields->browseButton(), 1);
    addPair(tr("Cache at &most"), fields->limitField(), fields->clearButton(), 1);
    form->addRow(QString(), fields->useLabel());
}

void SettingsDialog::apply()
{
    QSettings settings;
    m_preferences.save(settings);
    m_preferences.apply(&m_session);
}

} // namespace bitlathe::ui
