// SPDX-License-Identifier: GPL-3.0-or-later
// TunePage: one layer under settings that answer at once.
#include "ui/pages/tunepage.h"

#include "ui/bridge/numbers.h"
#include "ui/pages/sweepview.h"
#include "ui/pages/tuneviews.h"
#include "ui/theme/theme.h"
#include "ui/widgets/layerpicker.h"
#include "ui/wizard/recipetext.h"
#include "ui/wizard/wizardstep.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSlider>
#include <QSplitter>
#include <QTabWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <iterator>

namespace bitlathe::ui
{

namespace
{

constexpr std::array kBits = {2, 3, 4, 5, 6, 8};
constexpr std::array<std::int64_t, 9> kGroups = {16, 32, 64, 128, 256, 512, 1024, quant::kPerChannel, quant::kPerTensor};
/// Enough for a first answer that is close to the last one, few enough for it to come at once.
constexpr std::int64_t kRowsAtOnce = 256;

template <typename Array, typename Value>
int placeOf(const Array& values, Value value)
{
    const auto it = std::find(values.begin(), values.end(), value);
    return it == values.end() ? 0 : static_cast<int>(std::distance(values.begin(), it));
}

} // namespace

TunePage::TunePage(Session& session, QWidget* parent)
    : Page(session, parent), m_layers(new LayerPicker(session)), m_splitter(new QSplitter(Qt::Horizontal, this))
{
    makeActions();
    m_layers->setNamesOnly(true);
    m_layers->setMinimumWidth(25 * kGrid);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(m_layers);
    m_splitter->addWidget(makeControls());
    m_splitter->addWidget(makeAnswers());
    m_splitter->setStretchFactor(2, 1);
    m_splitter->setSizes({220, 240, 720});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, 2 * kGrid);
    layout->addWidget(m_splitter);

    connect(&session, &Session::modelOpened, this, &TunePage::loadLayer);
    connect(&session, &Session::modelClosed, this, &TunePage::loadLayer);
    connect(&session, &Session::layerSelected, this, &TunePage::loadLayer);
    connect(&session, &Session::statisticsChanged, this, &TunePage::loadLayer);
    connect(&session, &Session::recipeChanged, this, &TunePage::takeFromRecipe);
    connect(&Theme::instance(), &Theme::changed, this, &TunePage::ask); // the verdict has its colour in its text
    takeFromRecipe();
    loadLayer();
}

void TunePage::makeActions()
{
    const auto make = [this](const QString& text, const QString& help, const QString& icon) {
        auto* action = new QAction(Theme::instance().icon(icon), text, this);
        action->setToolTip(help);
        return action;
    };
    m_applyAll = make(tr("Use for all layers"), tr("The recipe's scheme becomes this one"), QStringLiteral("check"));
    m_applyLayer = make(tr("Use for this layer"), tr("Adds an override for this layer to the recipe"), QStringLiteral("pin"));
    m_applyRole = make(tr("Use for all like this"), tr("Adds an override for this linear of every block"), QStringLiteral("layers"));
    m_applyPattern = make(tr("Use for pattern"), tr("Adds an override for all layers whose names match the pattern"), QStringLiteral("filter"));
    m_keep = make(tr("Keep this layer"), tr("Leaves this layer in full precision"), QStringLiteral("lock"));
    connect(m_applyAll, &QAction::triggered, this, [this] {
        plan::Recipe recipe = session().recipe();
        recipe.scheme = scheme();
        recipe.method = m_method->currentData().toString().toStdString();
        session().editRecipe(recipe, tr("Scheme of all layers"));
        Q_EMIT message(tr("The recipe now uses this scheme. Ctrl+Z takes it back."));
    });
    connect(m_applyLayer, &QAction::triggered, this,
        [this] { apply(session().selectedLayerName().toStdString(), scheme(), tr("Override of one layer")); });
    connect(m_applyRole, &QAction::triggered, this, [this] {
        // The same linear of every block: the block's number becomes a star.
        const model::LinearSpec& linear = m_material->opened->spec.linear(m_material->layer);
        QString pattern = QString::fromStdString(linear.name);
        pattern.replace(QStringLiteral(".%1.").arg(linear.block), QStringLiteral(".*."));
        apply(pattern.toStdString(), scheme(), tr("Override of all layers like this"));
    });
    connect(m_applyPattern, &QAction::triggered, this,
        [this] { apply(m_pattern->text().trimmed().toStdString(), scheme(), tr("Override of layers by pattern")); });
    connect(m_keep, &QAction::triggered, this,
        [this] { apply(session().selectedLayerName().toStdString(), std::nullopt, tr("Keep a layer")); });
}

QWidget* TunePage::makeControls()
{
    auto* panel = new QWidget(this);
    auto* form = new QFormLayout(panel);
    form->setRowWrapPolicy(QFormLayout::WrapAllRows);
    form->setContentsMargins(kGrid, 0, kGrid, 0);
    form->setVerticalSpacing(kGrid);
    m_method = new QComboBox(panel);
    for (const quant::Quantizer* method : quant::quantizers()) {
        m_method->addItem(translated(Text(method->title())),
            QString::fromUtf8(method->name().data(), static_cast<qsizetype>(method->name().size())));
    }
    form->addRow(tr("&Method"), m_method);

    const auto slider = [panel](int count) {
        auto* made = new QSlider(Qt::Horizontal, panel);
        made->setRange(0, count - 1);
        made->setPageStep(1);
        made->setTickPosition(QSlider::TicksBelow);
        return made;
    };
    m_bits = slider(static_cast<int>(kBits.size()));
    m_bits->setToolTip(tr("Bits of one weight's code: fewer bits, smaller model, larger error."));
    m_bitsLabel = new QLabel(panel);
    m_bitsLabel->setBuddy(m_bits);
    form->addRow(m_bitsLabel, m_bits);
    m_group = slider(static_cast<int>(kGroups.size()));
    m_group->setToolTip(tr("Weights that share a scale (group_size): smaller groups follow the weights better and cost more bits."));
    m_groupLabel = new QLabel(panel);
    m_groupLabel->setBuddy(m_group);
    form->addRow(m_groupLabel, m_group);
    m_symmetric = new QCheckBox(tr("&Symmetric"), panel);
    m_symmetric->setToolTip(tr("The zero point stays in the middle of the range. Without it every group has its own zero point."));
    form->addRow(m_symmetric);
    m_clipping = new QComboBox(panel);
    m_clipping->addItems({tr("Smallest to largest weight"), tr("Smallest squared error")});
    m_clipping->setToolTip(tr("The range that codes cover. Clipping the largest weights can make all others more exact."));
    form->addRow(tr("&Clipping"), m_clipping);
    m_statistics = new QLabel(panel);
    m_statistics->setWordWrap(true);
    m_statistics->setForegroundRole(QPalette::PlaceholderText);
    form->addRow(m_statistics);
    form->addRow(tr("Layers by &pattern"), makePattern());

    for (QSlider* one : {m_bits, m_group}) {
        connect(one, &QSlider::valueChanged, this, &TunePage::ask);
    }
    connect(m_symmetric, &QCheckBox::toggled, this, &TunePage::ask);
    connect(m_clipping, &QComboBox::currentIndexChanged, this, &TunePage::ask);
    connect(m_method, &QComboBox::currentIndexChanged, this, &TunePage::ask);
    return panel;
}

QWidget* TunePage::makePattern()
{
    auto* box = new QWidget(this);
    m_pattern = new QLineEdit(box);
    m_pattern->setPlaceholderText(QStringLiteral("model.layers.*.mlp.*"));
    m_pattern->setToolTip(tr("Names of layers with * and ?, or re: and a regular expression"));
    m_pattern->setAccessibleName(tr("Layers by pattern"));
    box->setFocusProxy(m_pattern);
    m_patternNote = new QLabel(box);
    m_patternNote->setWordWrap(true);
    m_patternNote->setForegroundRole(QPalette::PlaceholderText);
    auto* button = new QToolButton(box);
    button->setDefaultAction(m_applyPattern);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(kGrid / 2);
    layout->addWidget(m_pattern);
    layout->addWidget(m_patternNote);
    layout->addWidget(button, 0, Qt::AlignLeft);
    connect(m_pattern, &QLineEdit::textChanged, this, &TunePage::countMatches);
    connect(m_pattern, &QLineEdit::returnPressed, m_applyPattern, &QAction::trigger);
    return box;
}

void TunePage::countMatches()
{
    const std::string pattern = m_pattern->text().trimmed().toStdString();
    qsizetype count = 0;
    QString note;
    if (!pattern.empty() && m_material) {
        for (const model::LinearSpec& linear : m_material->opened->spec.linears) {
            const auto match = quant::matches(pattern, linear.name);
            if (!match) {
                note = translated(match.error());
                break;
            }
            count += *match ? 1 : 0;
        }
        note = note.isEmpty() ? tr("Matching layers: %1").arg(formatCount(count)) : note;
    }
    m_patternNote->setText(note);
    m_patternNote->setVisible(!note.isEmpty());
    m_applyPattern->setEnabled(count > 0);
}

QWidget* TunePage::makeAnswers()
{
    auto* panel = new QWidget(this);
    auto* layout = new QVBoxLayout(panel);
    layout->setContentsMargins(kGrid, 0, 0, 0);
    m_numbers = new TuneNumbers(panel);
    layout->addWidget(m_numbers);
    m_views = new QTabWidget(panel);
    m_views->setDocumentMode(true);
    m_plots = new TunePlots;
    m_views->addTab(m_plots, tr("This setting"));
    m_sweep = new SweepView({kBits.begin(), kBits.end()}, {kGroups.begin(), kGroups.end()});
    m_views->addTab(m_sweep, tr("All bits and group sizes"));
    m_views->addTab(makeRecipe(), tr("Recipe"));
    connect(m_sweep, &SweepView::chosen, this, &TunePage::choose);
    layout->addWidget(m_views, 1);
    return panel;
}

QWidget* TunePage::makeRecipe()
{
    auto* panel = new QWidget(this);
    auto* text = new RecipeText(session(), panel);
    text->editor()->setAccessibleName(tr("Recipe"));
    text->editor()->setToolTip(tr("Everything the run does, as YAML. Save it with Ctrl+S"));
    auto* layout = new QVBoxLayout(panel);
    layout->setContentsMargins(0, kGrid, 0, 0);
    layout->addWidget(text->editor(), 1);
    layout->addWidget(text->note());
    return panel;
}

void TunePage::prepareScreenshot()
{
    m_views->setCurrentIndex(0);
}

void TunePage::prepareState(const QString& state)
{
    m_views->setCurrentIndex(state == QLatin1String("sweep") ? 1 : 2);
}

bool TunePage::isBusy() const
{
    return m_load.busy() || m_answer.busy() || m_sweep->isBusy();
}

void TunePage::choose(int bits, std::int64_t groupSize)
{
    m_filling = true;
    m_bits->setValue(placeOf(kBits, bits));
    m_group->setValue(placeOf(kGroups, groupSize));
    m_filling = false;
    ask();
}

void TunePage::focusFilter()
{
    m_layers->focusFilter();
}

quant::Scheme TunePage::scheme() const
{
    quant::Scheme scheme = session().recipe().scheme;
    const auto method = quant::findQuantizer(m_method->currentData().toString().toStdString());
    if (method && (*method)->usualScheme().kind != quant::SchemeKind::UniformInt) {
        // Codes are what the method says; of its settings here only blocks can be of another size.
        const quant::Scheme usual = (*method)->completed((*method)->usualScheme(), session().recipe().options);
        quant::Scheme sized = usual;
        sized.groupSize = kGroups[static_cast<std::size_t>(m_group->value())];
        return (*method)->check(sized) ? sized : usual;
    }
    scheme = scheme.kind == quant::SchemeKind::UniformInt ? scheme : quant::Scheme{};
    scheme.ternary = scheme.ternary && kBits[static_cast<std::size_t>(m_bits->value())] == scheme.bits;
    scheme.bits = kBits[static_cast<std::size_t>(m_bits->value())];
    scheme.groupSize = kGroups[static_cast<std::size_t>(m_group->value())];
    scheme.symmetric = m_symmetric->isChecked();
    scheme.clipping = m_clipping->currentIndex() == 0 ? quant::Clipping::MinMax : quant::Clipping::Mse;
    return scheme;
}

checkpoint::DType TunePage::scaleDType() const
{
    const plan::Recipe& recipe = session().recipe();
    const auto format = format::findFormat(recipe.exportTo.format);
    return recipe.scaleDTypeAuto && format ? (*format)->scaleDType(m_material->opened->dtype) : recipe.scheme.scaleDType;
}

QString TunePage::commandLine() const
{
    const quant::Scheme now = scheme();
    const OpenedModelPtr opened = session().model();
    const QString line = QStringLiteral("bitlathe-cli tune \"%1\" --layer %2 --method %3 --group-size %4")
                             .arg(opened ? fromPath(opened->folder()) : QString(), session().selectedLayerName(), m_method->currentData().toString(),
                                 QString::fromStdString(quant::groupSizeText(now.groupSize)));
    if (now.kind != quant::SchemeKind::UniformInt) {
        return line;
    }
    return line
        + QStringLiteral(" --bits %1 %2 --clipping %3")
              .arg(QString::fromStdString(quant::bitsText(now)), now.symmetric ? QStringLiteral("--symmetric") : QStringLiteral("--asymmetric"),
                  now.clipping == quant::Clipping::Mse ? QStringLiteral("mse") : QStringLiteral("minmax"));
}

void TunePage::takeFromRecipe()
{
    const plan::Recipe& recipe = session().recipe();
    quant::Scheme from = recipe.scheme;
    if (const auto own = quant::schemeFor(session().selectedLayerName().toStdString(), recipe.scheme, recipe.overrides); own && *own) {
        from = **own;
    }
    m_filling = true;
    m_method->setCurrentIndex(std::max(0, m_method->findData(QString::fromStdString(recipe.method))));
    m_bits->setValue(placeOf(kBits, from.bits));
    m_group->setValue(placeOf(kGroups, from.groupSize));
    m_symmetric->setChecked(from.symmetric);
    m_clipping->setCurrentIndex(from.clipping == quant::Clipping::Mse ? 1 : 0);
    m_filling = false;
    ask();
}

void TunePage::loadLayer()
{
    const OpenedModelPtr opened = session().model();
    const LayerId layer = session().selectedLayer();
    m_plots->forget();
    if (!opened || !layer.isValid()) {
        m_load.cancel();
        m_answer.cancel();
        m_material.reset();
        m_plots->clear();
        m_statistics->clear();
        m_sweep->setRequest({});
        updateActions();
        return;
    }
    const StatsStorePtr store = session().statistics();
    m_load.start(
        [opened, layer, store](std::stop_token) -> Result<LayerMaterialPtr> {
            auto material = std::make_shared<LayerMaterial>();
            material->opened = opened;
            material->layer = layer;
            const model::LinearSpec& linear = opened->spec.linear(layer);
            BITLATHE_TRY(material->weights, opened->source->weights(linear));
            if (store && store->hasBlock(linear.block)) {
                BITLATHE_TRY(material->stats, store->block(linear.block));
            }
            return material;
        },
        [this](Result<LayerMaterialPtr> loaded) {
            if (!loaded) {
                session().report(loaded.error());
                return;
            }
            m_material = *std::move(loaded);
            m_statistics->setText(m_material->stats
                    ? tr("The output error is measured on the calibration text's statistics.")
                    : tr("No statistics yet: the error is that of the weights alone. Calibrate on the Model page to measure the output."));
            takeFromRecipe();
        });
    updateActions();
}

void TunePage::showSchemeLabels()
{
    const quant::Scheme now = scheme();
    const bool isUniform = now.kind == quant::SchemeKind::UniformInt;
    for (QWidget* field : std::initializer_list<QWidget*>{m_bits, m_symmetric, m_clipping}) {
        field->setEnabled(isUniform); // Others have codes of their own.
    }
    m_bitsLabel->setText(tr("&Bits: %1").arg(now.bits));
    const std::int64_t group = now.groupSize;
    m_groupLabel->setText(group == quant::kPerChannel  ? tr("&Group size: one row")
            : group == quant::kPerTensor ? tr("&Group size: whole layer")
                                         : tr("&Group size: %1").arg(group));
}

void TunePage::ask()
{
    showSchemeLabels();
    updateActions();
    if (m_filling || !m_material) {
        return;
    }
    quant::Scheme wanted = scheme();
    wanted.scaleDType = scaleDType();
    m_sweep->setRequest({m_material, m_method->currentData().toString().toStdString(), wanted, session().recipe().options});
    m_sweep->mark(wanted.bits, wanted.groupSize);
    answer(wanted, kRowsAtOnce);
}

void TunePage::answer(const quant::Scheme& wanted, std::int64_t rowsMost, double waited)
{
    const std::string method = m_method->currentData().toString().toStdString();
    m_answer.start(
        [material = m_material, wanted, method, rowsMost, options = session().recipe().options](std::stop_token stop) -> Result<quant::WhatIf> {
            BITLATHE_TRY(const quant::Quantizer* quantizer, quant::findQuantizer(method));
            return material->whatIf(*quantizer, wanted, options, {.rowsMost = rowsMost}, {{}, stop});
        },
        [this, wanted, waited](const Result<quant::WhatIf>& answered) {
            if (!answered) {
                if (answered.error().code != ErrorCode::Cancelled) {
                    session().report(answered.error());
                }
                return;
            }
            const double first = waited > 0 ? waited : answered->seconds;
            m_numbers->showAnswer(*answered, first);
            m_plots->showAnswer(*answered);
            if (answered->rows < answered->rowsOfAll) {
                answer(wanted, 0, first);
            }
        });
}

void TunePage::apply(const std::string& pattern, std::optional<quant::Scheme> own, const QString& what)
{
    plan::Recipe recipe = session().recipe();
    std::erase_if(recipe.overrides, [&pattern](const quant::Override& one) { return one.pattern == pattern; });
    recipe.overrides.push_back({pattern, std::move(own)});
    session().editRecipe(recipe, what);
    Q_EMIT message(tr("Override added to the recipe. Ctrl+Z takes it back."));
}

void TunePage::updateActions()
{
    for (QAction* action : {m_applyAll, m_applyLayer, m_applyRole, m_keep}) {
        action->setEnabled(m_material != nullptr);
    }
    countMatches();
}

void TunePage::saveState(QSettings& settings) const
{
    settings.setValue(QStringLiteral("splitter"), m_splitter->saveState());
}

void TunePage::restoreState(const QSettings& settings)
{
    m_splitter->restoreState(settings.value(QStringLiteral("splitter")).toByteArray());
}

} // namespace bitlathe::ui
