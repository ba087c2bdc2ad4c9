// SPDX-License-Identifier: GPL-3.0-or-later
// MapPlot: a matrix of numbers as colours, max-pooled to what a screen can show, with a colour bar.
#include "ui/plots/mapplot.h"

#include "ui/theme/theme.h"

#include <qcustomplot.h>

#include <QMouseEvent>

#include <algorithm>
#include <cmath>

namespace bitlathe::ui
{

namespace
{

constexpr std::int64_t kBandsMax = 256;  ///< More lines would hide the map.
constexpr std::int64_t kCellsMax = 512; ///< Cells that are drawn along one axis; more are max-pooled.

constexpr std::int64_t kCellsDetail = 2 * kCellsMax; ///< Of a detail; what is visible has half of them.
/// How much of what is visible a detail adds on every side, so that small moves find it there.
constexpr double kMargin = 0.5;

/// Puts pooled cells where their window is.
void fill(QCPColorMap& map, const PooledMap& pooled)
{
    // Cell centres, so that a cell's edges lie half a source cell beyond its first and last one.
    const auto centres = [](std::int64_t first, std::int64_t count, std::int64_t cells) {
        const double step = static_cast<double>(count) / static_cast<double>(cells);
        const double from = static_cast<double>(first) - 0.5;
        return QCPRange(from + step / 2, from + static_cast<double>(count) - step / 2);
    };
    map.data()->setSize(static_cast<int>(pooled.cols), static_cast<int>(pooled.rows));
    map.data()->setRange(centres(pooled.window.col0, pooled.window.cols(), pooled.cols),
                         centres(pooled.window.row0, pooled.window.rows(), pooled.rows));
    for (std::int64_t row = 0; row < pooled.rows; ++row) {
        for (std::int64_t col = 0; col < pooled.cols; ++col) {
            map.data()->setCell(static_cast<int>(col), static_cast<int>(row),
                                static_cast<double>(pooled.values[static_cast<std::size_t>(row * pooled.cols + col)]));
        }
    }
}

} // namespace

MapPlot::MapPlot(QWidget* parent)
    : PlotWidget(parent),
      m_map(new QCPColorMap(plot().xAxis, plot().yAxis)),
      m_detail(new QCPColorMap(plot().xAxis, plot().yAxis)),
      m_scale(new QCPColorScale(&plot())),
      m_mark(new QCPItemRect(&plot()))
{
    plot().plotLayout()->addElement(0, 1, m_scale);
    m_scale->setBarWidth(10);
    auto* margins = new QCPMarginGroup(&plot());
    plot().axisRect()->setMarginGroup(QCP::msBottom | QCP::msTop, margins);
    m_scale->setMarginGroup(QCP::msBottom | QCP::msTop, margins);
    for (QCPColorMap* map : {m_map, m_detail}) {
        map->setColorScale(m_scale);
        map->setInterpolate(false);
        map->setTightBoundary(false);
    }
    m_detail->setVisible(false);
    for (const QCPAxis* axis : {plot().xAxis, plot().yAxis}) {
        connect(axis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, &MapPlot::refine);
    }
    plot().yAxis->setRangeReversed(true);
    plot().xAxis->grid()->setVisible(false);
    plot().yAxis->grid()->setVisible(false);
    m_mark->setVisible(false);
    m_mark->setSelectable(false);
    connect(&plot(), &QCustomPlot::afterLayout, this, &MapPlot::fitTexts);
}

void MapPlot::setData(Data fresh)
{
    m_data = std::make_shared<const Data>(std::move(fresh));
    setAxisTitles(m_data->colTitle, m_data->rowTitle);
    m_scale->axis()->setLabel(m_data->valueTitle);
    redraw();
}

void MapPlot::setRamp(Ramp ramp)
{
    m_ramp = ramp;
    redraw();
}

void MapPlot::setLogColours(bool logarithmic)
{
    m_logColours = logarithmic;
    redraw();
}

void MapPlot::markRow(std::int64_t row)
{
    m_marked = row;
    m_markedCol = -1;
    placeMark();
}

void MapPlot::markCell(std::int64_t row, std::int64_t col)
{
    m_marked = row;
    m_markedCol = col;
    placeMark();
}

void MapPlot::placeMark()
{
    m_mark->setVisible(m_marked >= 0 && m_marked < m_data->rows && m_markedCol < m_data->cols);
    const auto row = static_cast<double>(m_marked);
    const double left = m_markedCol < 0 ? 0.0 : static_cast<double>(m_markedCol);
    const double right = m_markedCol < 0 ? static_cast<double>(m_data->cols) - 1 : left;
    m_mark->topLeft->setCoords(left - 0.5, row - 0.5);
    m_mark->bottomRight->setCoords(right + 0.5, row + 0.5);
    plot().replot(QCustomPlot::rpQueuedReplot);
}

void MapPlot::setRowBands(std::int64_t rows)
{
    m_rowsPerBand = rows;
    drawBands();
    plot().replot(QCustomPlot::rpQueuedReplot);
}

void MapPlot::drawBands()
{
    for (QCPItemStraightLine* line : m_bands) {
        plot().removeItem(line);
    }
    m_bands.clear();
    if (m_rowsPerBand <= 0 || m_data->rows / m_rowsPerBand > kBandsMax) {
        return;
    }
    for (std::int64_t row = m_rowsPerBand; row < m_data->rows; row += m_rowsPerBand) {
        auto* line = new QCPItemStraightLine(&plot());
        line->point1->setCoords(0, static_cast<double>(row) - 0.5);
        line->point2->setCoords(1, static_cast<double>(row) - 0.5);
        line->setPen(QPen(Theme::instance().color(ColorId::PlotMarker), 1));
        line->setSelectable(false);
        m_bands << line;
    }
}

void MapPlot::setThreshold(std::optional<double> threshold)
{
    m_threshold = threshold;
    applyColours();
    plot().replot(QCustomPlot::rpQueuedReplot);
}

std::optional<double> MapPlot::thresholdPlace() const
{
    if (!m_threshold) {
        return std::nullopt;
    }
    const QCPRange range = m_scale->dataRange();
    const bool logarithmic = m_scale->dataScaleType() == QCPAxis::stLogarithmic;
    const double place = logarithmic ? std::log(*m_threshold / range.lower) / std::log(range.upper / range.lower)
                                     : (*m_threshold - range.lower) / range.size();
    return std::isfinite(place) ? std::clamp(place, 0.0, 1.0) : 0.0;
}

bool MapPlot::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == &plot() && m_threshold) {
        const auto* mouse = dynamic_cast<const QMouseEvent*>(event);
        const bool left = mouse != nullptr && (mouse->button() == Qt::LeftButton || (mouse->buttons() & Qt::LeftButton) != 0);
        if (event->type() == QEvent::MouseButtonPress && left) {
            m_dragging = m_scale->outerRect().contains(mouse->pos());
        }
        if (m_dragging && left) {
            const double value = m_scale->axis()->pixelToCoord(mouse->pos().y());
            Q_EMIT thresholdDragged(std::clamp(value, m_scale->dataRange().lower, m_scale->dataRange().upper));
            m_dragging = event->type() != QEvent::MouseButtonRelease;
            return true;
        }
    }
    return PlotWidget::eventFilter(watched, event);
}

QString MapPlot::rowName(std::int64_t row) const
{
    if (row < m_data->rowNames.size()) {
        return m_data->rowNames[static_cast<qsizetype>(row)];
    }
    return QLocale().toString(static_cast<qlonglong>(static_cast<double>(row) * m_data->rowScale));
}

QString MapPlot::colName(std::int64_t col) const
{
    if (col < m_data->colNames.size()) {
        return m_data->colNames[static_cast<qsizetype>(col)];
    }
    return QLocale().toString(static_cast<qlonglong>(static_cast<double>(col) * m_data->colScale));
}

void MapPlot::drawNames()
{
    for (QCPItemText* text : m_texts) {
        plot().removeItem(text);
    }
    m_texts.clear();
    if (!hasNames()) {
        return;
    }
    const auto ticker = [](const QStringList& names) {
        auto made = QSharedPointer<QCPAxisTickerText>::create();
        for (qsizetype i = 0; i < names.size(); ++i) {
            made->addTick(static_cast<double>(i), names[i]);
        }
        return made;
    };
    plot().xAxis->setTicker(ticker(m_data->colNames));
    plot().yAxis->setTicker(ticker(m_data->rowNames));
    for (qsizetype i = 0; i < m_data->cellTexts.size(); ++i) {
        auto* text = new QCPItemText(&plot());
        text->setText(m_data->cellTexts[i]);
        text->position->setCoords(static_cast<double>(i % m_data->cols), static_cast<double>(i / m_data->cols));
        text->setSelectable(false);
        m_texts << text;
    }
}

void MapPlot::fitTexts()
{
    const QFontMetrics metrics(Theme::instance().font(TextSize::Small));
    int widest = 0;
    for (const QCPItemText* text : m_texts) {
        widest = std::max(widest, metrics.horizontalAdvance(text->text()));
    }
    const double cell = std::abs(plot().xAxis->coordToPixel(1) - plot().xAxis->coordToPixel(0));
    for (QCPItemText* text : m_texts) {
        text->setVisible(widest + 4 <= cell);
    }
}

void MapPlot::activateRow(int row)
{
    if (hasNames() && m_data->cols > 0 && row < m_data->rows * m_data->cols) {
        Q_EMIT cellActivated(row / m_data->cols, row % m_data->cols);
    }
}

void MapPlot::redraw()
{
    drawNames();
    m_pooling.cancel();
    m_refining.cancel(); // Of what was shown before.
    m_detail->setVisible(false);
    m_detailOf = {};
    if (m_data->values.empty()) {
        dataReplaced();
        return;
    }
    const MapWindow all{0, m_data->rows, 0, m_data->cols};
    if (!isLarge()) {
        showWhole(pooledMap(m_data->values, m_data->cols, all, kCellsMax));
        return;
    }
    m_pooling.start([data = m_data, all](const std::stop_token& stop) { return pooledMap(data->values, data->cols, all, kCellsMax, stop); },
                    [this](const PooledMap& pooled) { showWhole(pooled); });
}

void MapPlot::showWhole(const PooledMap& pooled)
{
    fill(*m_map, pooled);
    double low = INFINITY;
    double high = -INFINITY;
    double smallest = INFINITY;
    for (const float cell : pooled.values) {
        const auto value = static_cast<double>(cell);
        if (!std::isnan(value)) {
            low = std::min(low, value);
            high = std::max(high, value);
            smallest = value > 0 ? std::min(smallest, value) : smallest;
        }
    }
    const bool logarithmic = m_logColours && m_ramp == Ramp::Magnitude && std::isfinite(smallest);
    m_scale->setDataScaleType(logarithmic ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    m_scale->axis()->setTicker(logarithmic ? QSharedPointer<QCPAxisTicker>(new QCPAxisTickerLog)
                                           : QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
    if (m_ramp == Ramp::Diverging) {
        const double reach = std::max({std::abs(low), std::abs(high), 1e-30});
        m_scale->setDataRange(QCPRange(-reach, reach));
    } else {
        const double from = logarithmic ? smallest : std::min(low, 0.0);
        m_scale->setDataRange(QCPRange(from, high > from ? high : from + 1));
    }
    drawBands();
    placeMark();
    dataReplaced();
}

bool MapPlot::isLarge() const
{
    return m_data->rows > kCellsMax || m_data->cols > kCellsMax;
}

/// Of a large map that is drawn coarsely, what is visible is pooled anew, and lies above the rest once it is there.
void MapPlot::refine()
{
    if (!isLarge() || m_data->values.empty()) {
        return;
    }
    const auto part = [](const QCPRange& visible, double margin, std::int64_t count) {
        const double more = margin * visible.size();
        const auto first = static_cast<std::int64_t>(std::floor(visible.lower - more));
        const auto last = static_cast<std::int64_t>(std::ceil(visible.upper + more)) + 1;
        return std::pair(std::clamp<std::int64_t>(first, 0, count), std::clamp<std::int64_t>(last, 0, count));
    };
    const auto windowOf = [&](double margin) {
        const auto [row0, row1] = part(plot().yAxis->range(), margin, m_data->rows);
        const auto [col0, col1] = part(plot().xAxis->range(), margin, m_data->cols);
        return MapWindow{row0, row1, col0, col1};
    };
    const MapWindow visible = windowOf(0);
    const MapWindow wanted = windowOf(kMargin);
    const auto isFine = [](std::int64_t has, std::int64_t wants) { return has <= std::max(2 * wants, kCellsDetail); };
    const bool isFineEnough =
        isFine(m_detailOf.rows(), wanted.rows()) && isFine(m_detailOf.cols(), wanted.cols());
    const bool isAll = wanted.rows() == m_data->rows && wanted.cols() == m_data->cols;
    if (isAll || visible.rows() <= 0 || visible.cols() <= 0 || (m_detailOf.contains(visible) && isFineEnough)) {
        return;
    }
    m_refining.start(
        [data = m_data, wanted](const std::stop_token& stop) { return pooledMap(data->values, data->cols, wanted, kCellsDetail, stop); },
        [this](const PooledMap& pooled) {
            fill(*m_detail, pooled);
            m_detailOf = pooled.window;
            m_detail->setVisible(true);
            plot().replot(QCustomPlot::rpQueuedReplot);
        });
}

void MapPlot::applyColours()
{
    const Theme& theme = Theme::instance();
    QCPColorGradient gradient;
    gradient.clearColorStops();
    constexpr int kStops = 32;
    const double border = thresholdPlace().value_or(2.0);
    for (int i = 0; i <= kStops; ++i) {
        const double position = static_cast<double>(i) / kStops;
        const QColor colour = m_ramp == Ramp::Diverging ? theme.diverging(position) : Theme::magnitude(position);
        gradient.setColorStopAt(position, position >= border ? theme.color(ColorId::PlotMarker) : colour);
    }
    if (border <= 1.0) {
        constexpr double kSharp = 1e-6;
        gradient.setColorStopAt(std::max(border - kSharp, 0.0), Theme::magnitude(border));
        gradient.setColorStopAt(border, theme.color(ColorId::PlotMarker));
    }
    for (QCPItemStraightLine* line : m_bands) {
        line->setPen(QPen(theme.color(ColorId::PlotMarker), 1));
    }
    gradient.setNanHandling(QCPColorGradient::nhTransparent);
    m_scale->setGradient(gradient);
    QCPAxis* axis = m_scale->axis();
    axis->setBasePen(QPen(theme.color(ColorId::Border)));
    axis->setTickPen(QPen(theme.color(ColorId::Border)));
    axis->setSubTickPen(Qt::NoPen);
    axis->setTickLabelColor(theme.color(ColorId::TextMuted));
    axis->setLabelColor(theme.color(ColorId::Text));
    axis->setTickLabelFont(font());
    axis->setLabelFont(font());
    for (qsizetype i = 0; i < m_texts.size(); ++i) {
        const auto value = static_cast<double>(m_data->values[static_cast<std::size_t>(i)]);
        const QColor below = std::isnan(value) ? theme.color(ColorId::Surface)
                                               : QColor(gradient.color(value, m_scale->dataRange(), m_scale->dataScaleType() == QCPAxis::stLogarithmic));
        m_texts[i]->setColor(below.lightnessF() > 0.55F ? Qt::black : Qt::white);
        m_texts[i]->setFont(theme.font(TextSize::Small));
    }
    m_mark->setPen(QPen(theme.color(ColorId::PlotMarker), hasNames() ? 3 : 2));
    m_mark->setBrush(Qt::NoBrush);
}

void MapPlot::fitView()
{
    plot().xAxis->setRange(-0.5, static_cast<double>(m_data->cols) - 0.5);
    plot().yAxis->setRange(-0.5, static_cast<double>(m_data->rows) - 0.5);
}

QString MapPlot::readOut(double x, double y) const
{
    const auto col = static_cast<std::int64_t>(std::floor(x + 0.5));
    const auto row = static_cast<std::int64_t>(std::floor(y + 0.5));
    if (col < 0 || col >= m_data->cols || row < 0 || row >= m_data->rows) {
        return {};
    }
    const double value = static_cast<double>(m_data->values[static_cast<std::size_t>(row * m_data->cols + col)]);
    return tr("%1 %2, %3 %4: %5").arg(m_data->rowTitle, rowName(row), m_data->colTitle, colName(col), number(value));
}

void MapPlot::activate(double x, double y)
{
    const auto col = static_cast<std::int64_t>(std::floor(x + 0.5));
    const auto row = static_cast<std::int64_t>(std::floor(y + 0.5));
    if (col >= 0 && col < m_data->cols && row >= 0 && row < m_data->rows) {
        Q_EMIT cellActivated(row, col);
    }
}

PlotTable MapPlot::table() const
{
    if (hasNames()) {
        PlotTable cells;
        cells.header = {m_data->rowTitle, m_data->colTitle, m_data->valueTitle};
        for (std::int64_t i = 0; i < m_data->rows * m_data->cols; ++i) {
            const auto value = static_cast<double>(m_data->values[static_cast<std::size_t>(i)]);
            cells.rows << QList<QVariant>{rowName(i / m_data->cols), colName(i % m_data->cols),
                                          std::isnan(value) ? QVariant(QString()) : QVariant(value)};
        }
        return cells;
    }
    // A table of every cell helps nobody: for each row its largest values with their columns.
    constexpr std::size_t kTop = 5;
    PlotTable numbers;
    numbers.header = {m_data->rowTitle, tr("Rank"), m_data->colTitle, m_data->valueTitle};
    std::vector<std::int64_t> order(static_cast<std::size_t>(m_data->cols));
    for (std::int64_t row = 0; row < m_data->rows; ++row) {
        const float* values = m_data->values.data() + row * m_data->cols;
        for (std::int64_t col = 0; col < m_data->cols; ++col) {
            order[static_cast<std::size_t>(col)] = col;
        }
        const std::size_t shown = std::min(kTop, order.size());
        const auto magnitude = [values](std::int64_t col) {
            return std::isnan(values[col]) ? -1.0f : std::abs(values[col]);
        };
        std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(),
                          [&](std::int64_t a, std::int64_t b) { return magnitude(a) > magnitude(b); });
        for (std::size_t rank = 0; rank < shown; ++rank) {
            if (magnitude(order[rank]) >= 0) {
                numbers.rows << QList<QVariant>{
                    rowName(row), static_cast<qlonglong>(rank + 1),
                    static_cast<qlonglong>(static_cast<double>(order[rank]) * m_data->colScale),
                    static_cast<double>(values[order[rank]])};
            }
        }
    }
    return numbers;
}

} // namespace bitlathe::ui
