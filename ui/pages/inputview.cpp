// SPDX-License-Identifier: GPL-3.0-or-later
// InputView: runs one sample up to the selected linear and shows what arrives there.
#include "ui/pages/inputview.h"

#include "core/calibrate/layerinput.h"
#include "ui/bridge/sessiondata.h"
#include "ui/plots/plotpanel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/tables.h"

#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace bitlathe::ui
{

namespace
{

constexpr std::size_t kTokensMost = 256;
constexpr std::size_t kChannelsListed = 64;

/// The channels with the largest magnitudes of a map, largest first.
std::vector<OutlierChannel> channelsOf(const MapPlot::Data& map, const run::ScaleRecord* scales)
{
    std::vector<OutlierChannel> channels(static_cast<std::size_t>(map.cols));
    for (std::int64_t col = 0; col < map.cols; ++col) {
        OutlierChannel& channel = channels[static_cast<std::size_t>(col)];
        channel.channel = col;
        for (std::int64_t row = 0; row < map.rows; ++row) {
            const auto value = static_cast<double>(map.values[static_cast<std::size_t>(row * map.cols + col)]);
            if (value > channel.largest) {
                channel.largest = value;
                channel.token = row;
            }
        }
        if (scales != nullptr && col < std::ssize(scales->scales)) {
            channel.smoothed = channel.largest / scales->scales[static_cast<std::size_t>(col)];
        }
    }
    std::ranges::stable_sort(channels, std::greater(), &OutlierChannel::largest);
    if (channels.empty()) {
        return channels;
    }
    const double median = channels[channels.size() / 2].largest;
    for (OutlierChannel& channel : channels) {
        channel.timesMedian = median > 0 ? channel.largest / median : 0;
    }
    channels.resize(std::min(channels.size(), kChannelsListed));
    return channels;
}

/// What of a recipe says which text the view shows.
plan::CalibrationRecipe firstSample(plan::CalibrationRecipe calibration)
{
    calibration.samples.samples = 1;
    return calibration;
}

} // namespace

InputView::InputView(Session& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_map(new MapPlot),
      m_table(new QTableView),
      m_channels(new ChannelModel(this))
{
    m_map->setTitle(tr("Inputs of the selected layer: magnitude of each channel, token by token"));
    m_map->setEmptyText(tr("Select a linear layer and a calibration text: the text's first tokens are run up to it."));
    auto* sorted = new QSortFilterProxyModel(this);
    sorted->setSourceModel(m_channels);
    sorted->setSortRole(Qt::UserRole);
    m_table->setModel(sorted);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(ChannelModel::Largest, Qt::DescendingOrder);
    m_table->setAccessibleName(tr("Channels with the largest inputs"));
    setUpTable(m_table);
    new EmptyState(m_table, tr("The channels that stand out are listed here."));
    auto* parts = new QSplitter(Qt::Vertical, this);
    parts->setChildrenCollapsible(false);
    parts->addWidget(new PlotPanel(m_map));
    parts->addWidget(m_table);
    parts->setStretchFactor(0, 3);
    parts->setStretchFactor(1, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, kGrid, 0, 0);
    layout->addWidget(parts);

    connect(m_table, &QTableView::activated, this, [this, sorted](const QModelIndex& index) {
        const OutlierChannel& channel = m_channels->channel(sorted->mapToSource(index).row());
        m_map->markCell(channel.token, channel.channel);
    });
    connect(&session, &Session::layerSelected, this, &InputView::ask);
    connect(&session, &Session::modelOpened, this, &InputView::ask);
    connect(&session, &Session::modelClosed, this, &InputView::ask);
    connect(&session, &Session::runChanged, this, &InputView::ask);
    connect(&session, &Session::recipeChanged, this, &InputView::askForCalibration);
}

void InputView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    ask();
}

Result<InputView::Answer> InputView::answerOf(const format::OpenedModel& opened,
                                              const plan::CalibrationRecipe& calibration, LayerId layer,
                                              const run::RunResult* run, const std::stop_token& stop)
{
    BITLATHE_TRY(auto samples, calibrationSamples(opened, calibration));
    std::vector<model::TokenId>& sample = samples.front();
    sample.resize(std::min(sample.size(), kTokensMost));
    const WorkContext work{{}, stop};
    BITLATHE_TRY(const auto model,
                 format::runnable(opened, {model::fastestCompute(), model::Residency::Streamed}, work));
    BITLATHE_TRY(calibrate::LayerTokens input, calibrate::layerInput(*model, layer, sample, work));
    Answer answer;
    answer.map.rows = input.rows;
    answer.map.cols = input.cols;
    answer.map.values = std::move(input.values);
    std::ranges::transform(answer.map.values, answer.map.values.begin(), [](float value) { return std::abs(value); });
    if (opened.tokenizer && input.rows == std::ssize(sample)) { // Of an expert nobody knows which tokens came.
        for (const model::TokenId token : sample) {
            answer.map.rowNames << QString::fromStdString(opened.tokenizer->piece(token));
        }
    }
    answer.channels = channelsOf(answer.map, run != nullptr ? run->scalesOf(layer) : nullptr);
    return answer;
}

void InputView::ask()
{
    const OpenedModelPtr opened = m_session.model();
    const LayerId layer = m_session.selectedLayer();
    const plan::CalibrationRecipe calibration = firstSample(m_session.recipe().calibration);
    m_calibration = calibration;
    const bool known = opened && layer.isValid() && layer.index() < opened->spec.linears.size();
    if (!known || !opened->spec.canRun || calibration.data.empty() || !isVisible()) {
        m_task.cancel();
        showAnswer({});
        return;
    }
    m_task.start([opened, calibration, layer, run = m_session.lastRun()](
                     const std::stop_token& stop) { return answerOf(*opened, calibration, layer, run.get(), stop); },
                 [this](Result<Answer> answer) {
                     if (answer) {
                         showAnswer(*std::move(answer));
                     } else {
                         showAnswer({});
                         m_session.report(answer.error());
                     }
                 });
}

/// The text may be another; a view that nobody sees asks when it is shown.
void InputView::askForCalibration()
{
    if (isVisible() && firstSample(m_session.recipe().calibration) != m_calibration) {
        ask();
    }
}

void InputView::showAnswer(Answer answer)
{
    answer.map.rowTitle = tr("Token");
    answer.map.colTitle = tr("Input channel");
    answer.map.valueTitle = tr("Magnitude");
    m_map->setData(std::move(answer.map));
    const bool isSmoothed = !answer.channels.empty() && answer.channels.front().smoothed.has_value();
    m_channels->setChannels(std::move(answer.channels));
    m_table->setColumnHidden(ChannelModel::Smoothed, !isSmoothed);
    m_table->resizeColumnsToContents();
}

} // namespace bitlathe::ui
