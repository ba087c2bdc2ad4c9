// SPDX-License-Identifier: GPL-3.0-or-later
// SweepView: a layer under all bits and group sizes, as a map of errors and as error against size.
#include "ui/pages/sweepview.h"

#include "ui/bridge/numbers.h"
#include "ui/plots/mapplot.h"
#include "ui/plots/plotpanel.h"
#include "ui/plots/scatterplot.h"
#include "ui/theme/theme.h"

#include <QLabel>
#include <QResizeEvent>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace bitlathe::ui
{

namespace
{

constexpr int kWide = 100 * kGrid; ///< From here on the two plots stand side by side.

double percent(const quant::SweepPoint& point)
{
    return 100 * point.quality.relativeError;
}

} // namespace

/// What rows share; used by one row at a time.
struct SweepView::Work
{
    Request request;
    std::optional<quant::LayerSweep> sweep;
};

SweepView::SweepView(std::vector<int> bits, std::vector<std::int64_t> groupSizes, QWidget* parent)
    : QWidget(parent),
      m_allBits(std::move(bits)),
      m_allGroups(std::move(groupSizes)),
      m_note(new QLabel(this)),
      m_splitter(new QSplitter(Qt::Vertical, this)),
      m_map(new MapPlot),
      m_scatter(new ScatterPlot)
{
    m_note->setWordWrap(true);
    m_note->setForegroundRole(QPalette::PlaceholderText);
    m_map->setTitle(tr("Output error (%) by bits and group size; click a cell to choose it"));
    m_map->setLogColours(true);
    m_map->setEmptyText(tr("Select a layer on the left to see what all bits and group sizes would do to it."));
    m_scatter->setTitle(tr("Error against size, and the best for each size"));
    m_scatter->setEmptyText(tr("Settings appear here as they are tried."));
    m_scatter->setLogY(true);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(new PlotPanel(m_map));
    m_splitter->addWidget(new PlotPanel(m_scatter));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, kGrid / 2, 0, 0);
    layout->addWidget(m_note);
    layout->addWidget(m_splitter, 1);
    connect(m_map, &MapPlot::cellActivated, this, [this](qlonglong row, qlonglong col) {
        choose(static_cast<std::size_t>(row) * m_groups.size() + static_cast<std::size_t>(col));
    });
    connect(m_scatter, &ScatterPlot::pointActivated, this,
            [this](int index) { choose(m_placed[static_cast<std::size_t>(index)]); });
}

void SweepView::setRequest(Request request)
{
    // Where no scales are found first, bits and group size of the scheme are of no account.
    quant::Scheme compared = request.scheme;
    compared.bits = m_request.scheme.bits;
    compared.groupSize = m_request.scheme.groupSize;
    if (request.material == m_request.material && request.method == m_request.method &&
        request.options == m_request.options && compared == m_request.scheme) {
        return;
    }
    m_request = std::move(request);
    m_stale = true;
    if (isVisible()) {
        start();
    }
}

void SweepView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_stale) {
        start();
    }
}

void SweepView::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    m_splitter->setOrientation(event->size().width() >= kWide ? Qt::Horizontal : Qt::Vertical);
}

void SweepView::start()
{
    m_stale = false;
    m_filling.cancel();
    m_points.clear();
    m_seconds = 0;
    m_work.reset();
    if (!m_request.material) {
        showNote({});
        return;
    }
    const bool isUniform = m_request.scheme.kind == quant::SchemeKind::UniformInt;
    m_bits = isUniform ? m_allBits : std::vector<int>{m_request.scheme.bits};
    // Of groups that are no shorter than a row there is one already: the row.
    const std::int64_t columns = m_request.material->opened->spec.linear(m_request.material->layer).inFeatures;
    m_groups = m_allGroups;
    std::erase_if(m_groups, [columns](std::int64_t group) { return group >= columns; });
    m_points.resize(m_bits.size() * m_groups.size());
    m_work = std::make_shared<Work>(Work{m_request, {}});
    showNote(tr("Trying all settings…"));
    fillRow(0);
}

void SweepView::fillRow(std::size_t row)
{
    using Row = std::pair<Points, double>;
    m_filling.start(
        [work = m_work, bits = m_bits[row], groups = m_groups](const std::stop_token& stop) -> Result<Row> {
            const auto start = std::chrono::steady_clock::now();
            const WorkContext context{{}, stop};
            if (!work->sweep) {
                BITLATHE_TRY(const quant::Quantizer* method, quant::findQuantizer(work->request.method));
                const LayerMaterial& material = *work->request.material;
                BITLATHE_TRY(quant::LayerSweep made,
                             quant::LayerSweep::create(*method,
                                                       material.input(work->request.scheme, work->request.options),
                                                       material.surroundings(), context));
                work->sweep.emplace(std::move(made));
            }
            Points points;
            for (const std::int64_t group : groups) {
                BITLATHE_TRY(auto point, work->sweep->point(bits, group, context));
                points.push_back(std::move(point));
            }
            return Row{std::move(points),
                       std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()};
        },
        [this, row](Result<Row> filled) {
            if (!filled) {
                m_points.clear();
                showNote(translated(filled.error()));
                return;
            }
            std::ranges::move(filled->first, m_points.begin() + static_cast<std::ptrdiff_t>(row * m_groups.size()));
            m_seconds += filled->second;
            if (row + 1 < m_bits.size()) {
                fillRow(row + 1);
            }
            const auto tried = std::ranges::count_if(m_points, [](const auto& point) { return point.has_value(); });
            const std::int64_t rows = m_request.material->opened->spec.linear(m_request.material->layer).outFeatures;
            const std::int64_t looked = m_work->sweep->rows();
            QString note = tr("%1 settings in %2").arg(formatCount(tried), formatDuration(m_seconds));
            if (looked < rows) {
                note += tr(", judged by %1 of %2 rows").arg(formatCount(looked), formatCount(rows));
            }
            showNote(note);
        });
}

void SweepView::showNote(const QString& note)
{
    m_note->setText(note);
    m_note->setVisible(!note.isEmpty());
    mark(m_markedBits, m_markedGroup);
    showMap();
}

void SweepView::showMap()
{
    MapPlot::Data cells;
    if (std::ranges::any_of(m_points, [](const auto& point) { return point.has_value(); })) {
        cells.rows = std::ssize(m_bits);
        cells.cols = std::ssize(m_groups);
        cells.rowTitle = tr("Bits");
        cells.colTitle = tr("Group size");
        cells.valueTitle = tr("Output error (%)");
        for (const int bits : m_bits) {
            cells.rowNames << formatCount(bits);
        }
        for (const std::int64_t group : m_groups) {
            cells.colNames << (group == quant::kPerChannel  ? tr("row")
                               : group == quant::kPerTensor ? tr("layer")
                                                            : groupSizeText(group));
        }
        for (const auto& point : m_points) {
            cells.values.push_back(point ? static_cast<float>(percent(*point)) : std::nanf(""));
            cells.cellTexts << (point ? formatNumber(percent(*point), 2) : QString());
        }
    }
    m_map->setData(std::move(cells));
}

void SweepView::showPoints()
{
    QList<ScatterPlot::Point> points;
    m_placed.clear();
    m_scatter->setAxisTitles(tr("Bits per weight"), tr("Output error (%)"));
    for (std::size_t i = 0; i < m_points.size(); ++i) {
        if (m_points[i] && percent(*m_points[i]) > 0) {
            ScatterPlot::Point point;
            point.series = tr("%1 bit").arg(m_points[i]->scheme.bits);
            point.name =
                tr("%1 bit, groups: %2")
                    .arg(QString::number(m_points[i]->scheme.bits), groupSizeText(m_points[i]->scheme.groupSize));
            point.x = m_points[i]->bitsPerWeight;
            point.y = percent(*m_points[i]);
            point.category = static_cast<int>(i / m_groups.size());
            point.marked = m_marked == i;
            points << point;
            m_placed.push_back(i);
        }
    }
    m_scatter->setPoints(points, true);
}

void SweepView::mark(int bits, std::int64_t groupSize)
{
    m_markedBits = bits;
    m_markedGroup = groupSize;
    const auto row = std::ranges::find(m_bits, bits);
    const auto col = std::ranges::find(m_groups, groupSize);
    m_marked.reset();
    if (row != m_bits.end() && col != m_groups.end()) {
        m_marked = static_cast<std::size_t>((row - m_bits.begin()) * std::ssize(m_groups) + (col - m_groups.begin()));
    }
    m_map->markCell(m_marked ? row - m_bits.begin() : -1, m_marked ? col - m_groups.begin() : -1);
    showPoints();
}

void SweepView::choose(std::size_t place)
{
    if (place < m_points.size() && m_points[place]) {
        Q_EMIT chosen(m_points[place]->scheme.bits, m_points[place]->scheme.groupSize);
    }
}

} // namespace bitlathe::ui
