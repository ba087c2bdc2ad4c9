// SPDX-License-Identifier: GPL-3.0-or-later
// KeyValueView: ranges of keys and values by block, head and dimension, with what shares a scale in a quantized cache.
#include "ui/pages/keyvalueview.h"

#include "ui/plots/mapplot.h"
#include "ui/plots/plotpanel.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace bitlathe::ui
{

namespace
{

enum class Number { AbsMax, Range, Middle };
enum class Sharing { Layer, Head };

/// One row for each head of each block, one column for each dimension of a head.
struct RangeMap
{
    MapPlot::Data map;
    std::int64_t heads = 0;
};

std::vector<float> numbersOf(const calibrate::KeyValueStats& stats, bool keys, Number number)
{
    const std::vector<float>& least = keys ? stats.keyMin : stats.valueMin;
    const std::vector<float>& most = keys ? stats.keyMax : stats.valueMax;
    if (number == Number::AbsMax) {
        return keys ? stats.keyAbsMax : stats.valueAbsMax;
    }
    std::vector<float> numbers(most.size());
    for (std::size_t i = 0; i < most.size(); ++i) {
        numbers[i] = number == Number::Range ? most[i] - least[i] : (most[i] + least[i]) / 2;
    }
    return numbers;
}

Result<RangeMap> rangeMap(const calibrate::StatsStore& store, std::int64_t headDim, bool keys, Number number, std::stop_token stop)
{
    RangeMap ranges;
    ranges.map.cols = headDim;
    for (std::int64_t block = 0; block < store.blockCount(); ++block) {
        if (stop.stop_requested()) {
            return cancelled();
        }
        BITLATHE_TRY(const auto stats, store.blockSummary(block));
        const std::vector<float> numbers = numbersOf(stats->keyValue, keys, number);
        const std::int64_t heads = std::ssize(numbers) / std::max<std::int64_t>(headDim, 1);
        if (heads == 0) {
            continue; // A block that keeps no keys and values.
        }
        ranges.heads = heads;
        ranges.map.values.insert(ranges.map.values.end(), numbers.begin(), numbers.begin() + heads * headDim);
        for (std::int64_t head = 0; head < heads; ++head) {
            ranges.map.rowNames << KeyValueView::tr("%1, head %2").arg(block).arg(head);
        }
        ranges.map.rows += heads;
    }
    return ranges;
}

} // namespace

KeyValueView::KeyValueView(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_what(new QComboBox(this)), m_number(new QComboBox(this)), m_sharing(new QComboBox(this)),
      m_map(new MapPlot)
{
    auto* row = new QHBoxLayout;
    const auto add = [this, row](const QString& caption, QComboBox* box, const QString& help) {
        auto* label = new QLabel(caption, this);
        label->setBuddy(box);
        box->setToolTip(help);
        row->addWidget(label);
        row->addWidget(box);
        row->addSpacing(kGrid);
    };
    m_what->addItems({tr("Keys"), tr("Values")});
    m_number->addItems({tr("Largest magnitude"), tr("Range"), tr("Middle of the range")});
    m_sharing->addItems({tr("of a layer"), tr("of a head")});
    add(tr("S&how"), m_what, tr("Keys after the rotary embedding, or values"));
    add(tr("&Number"), m_number, tr("An int8 cache rounds to 1/255 of the range, around its middle"));
    add(tr("One s&cale for all"), m_sharing, tr("What shares a scale and a zero point in the quantized cache: lines part them"));
    row->addStretch(1);
    m_map->setTitle(tr("Keys and values in the calibration text, by block, head and dimension"));
    m_map->setEmptyText(tr("Which ranges keys and values have shows after the calibration text has been run through the model. Press Calibrate."));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, kGrid, 0, 0);
    layout->addLayout(row);
    layout->addWidget(new PlotPanel(m_map), 1);
    for (QComboBox* box : {m_what, m_number}) {
        connect(box, &QComboBox::currentIndexChanged, this, &KeyValueView::ask);
    }
    connect(m_sharing, &QComboBox::currentIndexChanged, this, &KeyValueView::drawSharing);
    connect(&session, &Session::statisticsChanged, this, &KeyValueView::ask);
    connect(&session, &Session::modelOpened, this, &KeyValueView::ask);
    connect(&session, &Session::modelClosed, this, &KeyValueView::ask);
    connect(m_map, &MapPlot::cellActivated, this, [this](qlonglong place) {
        const OpenedModelPtr opened = m_session.model();
        const std::int64_t block = m_heads > 0 ? place / m_heads : -1;
        const auto wanted = m_what->currentIndex() == 0 ? model::LinearRole::Key : model::LinearRole::Value;
        for (const model::LinearSpec& linear : opened ? opened->spec.linears : std::vector<model::LinearSpec>()) {
            if (linear.block == block && (linear.role == wanted || linear.role == model::LinearRole::QueryKeyValue)) {
                m_session.selectLayer(linear.id);
                return;
            }
        }
    });
    ask();
}

void KeyValueView::ask()
{
    const StatsStorePtr store = m_session.statistics();
    const OpenedModelPtr opened = m_session.model();
    if (!store || !opened) {
        m_task.cancel();
        m_map->setData({});
        return;
    }
    const bool keys = m_what->currentIndex() == 0;
    const auto number = static_cast<Number>(m_number->currentIndex());
    m_task.start([store, keys, number, headDim = opened->spec.headDim](
                     std::stop_token stop) { return rangeMap(*store, headDim, keys, number, stop); },
        [this, number](Result<RangeMap> ranges) {
            if (!ranges) {
                m_session.report(ranges.error());
                return;
            }
            m_heads = ranges->heads;
            ranges->map.rowTitle = tr("Block");
            ranges->map.colTitle = tr("Dimension");
            ranges->map.valueTitle = m_number->currentText();
            m_map->setRamp(number == Number::Middle ? MapPlot::Ramp::Diverging : MapPlot::Ramp::Magnitude);
            m_map->setData(std::move(ranges->map));
            drawSharing();
        });
}

void KeyValueView::drawSharing()
{
    m_map->setRowBands(static_cast<Sharing>(m_sharing->currentIndex()) == Sharing::Layer ? m_heads : 1);
}

} // namespace bitlathe::ui
