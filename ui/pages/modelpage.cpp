// SPDX-License-Identifier: GPL-3.0-or-later
// ModelPage: what an opened model is made of: facts, layers, weight histograms, activation outliers, memory.
#include "ui/pages/modelpage.h"

#include "core/quant/histogram.h"
#include "ui/bridge/numbers.h"
#include "ui/pages/inputview.h"
#include "ui/pages/keyvalueview.h"
#include "ui/pages/memoryview.h"
#include "ui/pages/outlierview.h"
#include "ui/plots/histogramplot.h"
#include "ui/plots/plotpanel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/layerpicker.h"

#include <QComboBox>
#include <QDir>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QSpinBox>
#include <QSplitter>
#include <QTabWidget>
#include <QVBoxLayout>

#include <cmath>
#include <span>

namespace bitlathe::ui
{

namespace
{

constexpr int kBins = 256;

enum Part { WholeWeight, OneRow, OneGroup }; ///< As the choice lists them.

/// A layer's weights as a histogram, with the numbers that a caption names.
struct WeightFacts
{
    quant::Histogram histogram;
    double absMax = 0;
    double standardDeviation = 0;
    double kurtosis = 0; ///< 3 for a normal distribution.
};

WeightFacts weightFacts(std::span<const float> weights)
{
    WeightFacts facts;
    facts.histogram = quant::weightHistogram(weights, kBins);
    double sum = 0;
    for (const float weight : weights) {
        sum += static_cast<double>(weight);
        facts.absMax = std::max(facts.absMax, std::abs(static_cast<double>(weight)));
    }
    const double count = std::max<double>(1, static_cast<double>(weights.size()));
    const double mean = sum / count;
    double second = 0;
    double fourth = 0;
    for (const float weight : weights) {
        const double square = std::pow(static_cast<double>(weight) - mean, 2);
        second += square;
        fourth += square * square;
    }
    facts.standardDeviation = std::sqrt(second / count);
    facts.kurtosis = second > 0 ? fourth * count / (second * second) : 0;
    return facts;
}

QString factRow(const QString& name, const QString& value)
{
    return QStringLiteral("<tr><td style=\"padding:3px 24px 3px 0\">%1</td><td style=\"padding:3px 0\"><b>%2</b></td></tr>")
        .arg(name.toHtmlEscaped(), value.toHtmlEscaped());
}

} // namespace

ModelPage::ModelPage(Session& session, QWidget* parent)
    : Page(session, parent), m_quantize(new QAction(tr("Quantize…"), this)), m_calibrate(new QAction(tr("Calibrate"), this)),
      m_splitter(new QSplitter(Qt::Horizontal, this)), m_layers(new LayerPicker(session)), m_views(new QTabWidget),
      m_facts(new QLabel), m_histogram(new HistogramPlot), m_part(new QComboBox), m_row(new QSpinBox), m_group(new QSpinBox),
      m_inputs(new InputView(session)), m_memory(new MemoryView(session))
{
    m_quantize->setIcon(Theme::instance().icon(QStringLiteral("wizard")));
    m_quantize->setToolTip(tr("Choose how to quantize this model"));
    connect(m_quantize, &QAction::triggered, this, [this] { Q_EMIT pageRequested(QStringLiteral("wizard")); });
    m_calibrate->setIcon(Theme::instance().icon(QStringLiteral("run")));
    m_calibrate->setToolTip(tr("Run the calibration text through the model to see its activations"));
    connect(m_calibrate, &QAction::triggered, this, [this] { this->session().startCalibration(); });

    m_facts->setObjectName(QStringLiteral("facts"));
    m_facts->setTextFormat(Qt::RichText);
    m_facts->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_facts->setMargin(2 * kGrid);
    m_facts->setWordWrap(true);
    m_facts->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    auto* scroll = new QScrollArea;
    scroll->setWidget(m_facts);
    scroll->setWidgetResizable(true);
    scroll->setAccessibleName(tr("Facts")); // its frame shows the focus
    m_histogram->setEmptyText(tr("Select a linear layer on the left to see the distribution of its weights."));
    m_views->setDocumentMode(true);
    addView(scroll, "factsView", tr("Facts"));
    addView(makeWeightsView(), "weightsView", tr("Weights"));
    addView(new OutlierView(session), "outliersView", tr("Activation outliers"));
    addView(m_inputs, "inputsView", tr("Tokens and channels"));
    addView(new KeyValueView(session), "keyValueView", tr("Keys and values"));
    addView(m_memory, "memoryView", tr("Memory"));

    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(m_layers);
    m_splitter->addWidget(m_views);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({460, 700});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, 2 * kGrid);
    layout->addWidget(m_splitter);

    connect(&session, &Session::modelOpened, this, &ModelPage::showModel);
    connect(&session, &Session::modelClosed, this, &ModelPage::showModel);
    connect(&session, &Session::layerSelected, this, &ModelPage::showLayer);
    showModel();
}

void ModelPage::addView(QWidget* view, const char* name, const QString& title)
{
    view->setObjectName(QLatin1String(name));
    m_views->addTab(view, title);
}

QWidget* ModelPage::makeWeightsView()
{
    auto* view = new QWidget;
    auto* line = new QHBoxLayout;
    const auto add = [line, view](const QString& caption, QWidget* field, const QString& tip) {
        auto* label = new QLabel(caption, view);
        label->setBuddy(field);
        field->setToolTip(tip);
        line->addWidget(label);
        line->addWidget(field);
    };
    m_part->addItems({tr("the whole weight"), tr("one row"), tr("one group")});
    add(tr("&Histogram of"), m_part, tr("What the histogram counts: all weights, those of one output, or those that share a scale"));
    add(tr("&Row"), m_row, tr("Output of the layer, from 0"));
    add(tr("Gr&oup"), m_group, tr("Of the row, from 0, by the recipe's group size"));
    line->addStretch(1);
    auto* layout = new QVBoxLayout(view);
    layout->setContentsMargins(0, kGrid, 0, 0);
    layout->addLayout(line);
    layout->addWidget(new PlotPanel(m_histogram), 1);
    connect(m_part, &QComboBox::currentIndexChanged, this, &ModelPage::showLayer);
    connect(m_row, &QSpinBox::valueChanged, this, &ModelPage::showLayer);
    connect(m_group, &QSpinBox::valueChanged, this, &ModelPage::showLayer);
    connect(&session(), &Session::recipeChanged, this, [this] {
        if (m_part->currentIndex() == OneGroup) {
            showLayer();
        }
    });
    return view;
}

/// Which part of a weight of this shape the fields ask for, and as many rows and groups as it has.
ModelPage::WeightPart ModelPage::partOf(const model::LinearSpec& linear)
{
    const std::int64_t groups = session().recipe().scheme.groupsPerRow(linear.inFeatures);
    const std::int64_t size = (linear.inFeatures + groups - 1) / groups;
    const int part = m_part->currentIndex();
    const QSignalBlocker rowBlocker(m_row);
    const QSignalBlocker groupBlocker(m_group);
    m_row->setRange(0, static_cast<int>(linear.outFeatures - 1));
    m_group->setRange(0, static_cast<int>(groups - 1));
    m_row->setEnabled(part != WholeWeight);
    m_group->setEnabled(part == OneGroup);
    const auto row = static_cast<std::int64_t>(m_row->value());
    const auto group = static_cast<std::int64_t>(m_group->value());
    switch (part) {
    case OneRow: return {row * linear.inFeatures, linear.inFeatures};
    case OneGroup:
        return {row * linear.inFeatures + group * size, std::min(size, linear.inFeatures - group * size)};
    default: return {0, linear.inFeatures * linear.outFeatures};
    }
}

void ModelPage::focusFilter()
{
    m_layers->focusFilter();
}

void ModelPage::showModel()
{
    const bool open = session().model() != nullptr;
    m_quantize->setEnabled(open);
    m_calibrate->setEnabled(open && session().model()->spec.canRun);
    showFacts();
    showLayer();
    Q_EMIT titleChanged();
}

void ModelPage::showFacts()
{
    const OpenedModelPtr opened = session().model();
    if (!opened) {
        m_facts->setText(tr("Open a model folder (Ctrl+O) or drop one here."));
        return;
    }
    const model::ModelSpec& spec = opened->spec;
    const auto count = [](std::int64_t value) { return QLocale().toString(static_cast<qlonglong>(value)); };
    const std::string_view dtype = checkpoint::dtypeName(opened->dtype);
    QString rows;
    rows += factRow(tr("Folder"), QDir::toNativeSeparators(fromPath(opened->folder())));
    rows += factRow(tr("Architecture"), QString::fromStdString(spec.architecture));
    rows += factRow(tr("Parameters"), formatCountShort(opened->parameters));
    rows += factRow(tr("Stored as"), QString::fromUtf8(dtype.data(), static_cast<qsizetype>(dtype.size())));
    rows += factRow(tr("Size on disk"), formatBytes(opened->checkpoint->bytesTensors()));
    rows += factRow(tr("Quantization"),
        opened->format == nullptr ? tr("none")
                                  : tr("%1, %2 bits per weight")
                                        .arg(QString::fromUtf8(opened->format->name().data(), static_cast<qsizetype>(opened->format->name().size())),
                                            formatNumber(opened->bitsPerWeight(), 3)));
    rows += factRow(tr("Blocks"), count(spec.blockCount()));
    rows += factRow(tr("Hidden size"), count(spec.hidden));
    rows += factRow(tr("Intermediate size"), count(spec.intermediate));
    rows += factRow(tr("Attention heads"), tr("%1 (%2 for keys and values) of %3").arg(count(spec.heads), count(spec.kvHeads), count(spec.headDim)));
    if (spec.slidingWindow) {
        rows += factRow(tr("Sliding window"), tr("%1 tokens").arg(count(*spec.slidingWindow)));
    }
    if (spec.experts > 0) {
        rows += factRow(tr("Experts"), tr("%1, %2 for each token").arg(count(spec.experts), count(spec.expertsPerToken)));
    }
    rows += factRow(tr("Vocabulary"), count(spec.vocabulary));
    rows += factRow(tr("Positions"), count(spec.maxPositions));
    rows += factRow(tr("KV cache per token, 16 bits"), formatBytes(static_cast<std::uint64_t>(spec.kvBytesPerToken(2))));
    rows += factRow(tr("Output head"), spec.tiedHead ? tr("tied to the embedding") : tr("of its own"));
    rows += factRow(tr("Tokenizer"),
        opened->tokenizer ? QString::fromStdString(opened->tokenizer->kind())
                          : opened->tokenizerError ? translated(*opened->tokenizerError) : tr("none"));
    m_facts->setText(QStringLiteral("<table cellspacing=\"0\">") + rows + QStringLiteral("</table>"));
}

void ModelPage::showLayer()
{
    const OpenedModelPtr opened = session().model();
    const LayerId layer = session().selectedLayer();
    if (!opened || !layer.isValid()) {
        m_histogramTask.cancel();
        m_histogram->setData({});
        return;
    }
    const QString name = session().selectedLayerName();
    m_histogramTask.start(
        [opened, layer, part = partOf(opened->spec.linear(layer))](std::stop_token) -> Result<WeightFacts> {
            BITLATHE_TRY(const std::vector<float> weights, opened->source->weights(opened->spec.linear(layer)));
            return weightFacts(std::span(weights).subspan(static_cast<std::size_t>(part.first), static_cast<std::size_t>(part.count)));
        },
        [this, name](const Result<WeightFacts>& facts) {
            if (!facts) {
                session().report(facts.error());
                return;
            }
            m_histogram->setTitle(tr("%1: largest magnitude %2, standard deviation %3, kurtosis %4")
                                      .arg(name, formatNumber(facts->absMax, 3), formatNumber(facts->standardDeviation, 3),
                                          formatNumber(facts->kurtosis, 3)));
            HistogramPlot::Data bins;
            bins.low = static_cast<double>(facts->histogram.low);
            bins.high = static_cast<double>(facts->histogram.high);
            bins.before = facts->histogram.counts;
            m_histogram->setData(std::move(bins));
        });
}

void ModelPage::saveState(QSettings& settings) const
{
    settings.setValue(QStringLiteral("splitter"), m_splitter->saveState());
    settings.setValue(QStringLiteral("columns"), m_layers->saveHeader());
    settings.setValue(QStringLiteral("view"), m_views->currentWidget()->objectName());
    m_memory->saveState(settings);
}

void ModelPage::restoreState(const QSettings& settings)
{
    m_splitter->restoreState(settings.value(QStringLiteral("splitter")).toByteArray());
    m_layers->restoreHeader(settings.value(QStringLiteral("columns")).toByteArray());
    const QString view = settings.value(QStringLiteral("view")).toString();
    for (int i = 0; i < m_views->count(); ++i) { // Earlier versions kept a number, which is no view's name.
        if (m_views->widget(i)->objectName() == view) {
            m_views->setCurrentIndex(i);
        }
    }
    m_memory->restoreState(settings);
}

bool ModelPage::isBusy() const
{
    return m_inputs->isBusy();
}

void ModelPage::prepareScreenshot()
{
    m_views->setCurrentIndex(session().statistics() ? 2 : 1);
}

void ModelPage::prepareState(const QString& state)
{
    m_views->setCurrentWidget(state == QStringLiteral("inputs") ? static_cast<QWidget*>(m_inputs) : m_memory);
}

} // namespace bitlathe::ui
