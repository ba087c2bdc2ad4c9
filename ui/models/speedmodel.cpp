// SPDX-License-Identifier: GPL-3.0-or-later
// SpeedModel: how fast models read prompts and write tokens; of each prompt and context the models below each other.
#include "ui/models/speedmodel.h"

#include "ui/bridge/numbers.h"

namespace bitlathe::ui
{

QString SpeedModel::whatText(const evaluate::PrefillRate& rate)
{
    return tr("Prompt of %1 tokens").arg(formatCount(rate.tokens));
}

QString SpeedModel::whatText(const evaluate::DecodeRate& rate)
{
    return tr("%n sequence(s) after %1 tokens", nullptr, static_cast<int>(rate.batch)).arg(formatCount(rate.context));
}

void SpeedModel::setSpeeds(SpeedsPtr speeds)
{
    beginResetModel();
    m_rows.clear();
    m_speeds = std::move(speeds);
    if (m_speeds && !m_speeds->empty()) {
        const evaluate::Throughput& base = m_speeds->front().throughput;
        const auto baseRate = [&base](const evaluate::Throughput& model, const evaluate::Repeats& rate) { return &model == &base ? nullptr : &rate; };
        for (std::size_t i = 0; i < base.prefill.size(); ++i) {
            for (const evaluate::MeasuredSpeed& speed : *m_speeds) {
                const evaluate::PrefillRate& rate = speed.throughput.prefill[i];
                m_rows.push_back({whatText(rate), toText(speed.throughput.name), &rate.perSecond, baseRate(speed.throughput, base.prefill[i].perSecond), 0,
                                  rate.joulesPerToken});
            }
        }
        for (std::size_t i = 0; i < base.decode.size(); ++i) {
            for (const evaluate::MeasuredSpeed& speed : *m_speeds) {
                const evaluate::DecodeRate& rate = speed.throughput.decode[i];
                m_rows.push_back({whatText(rate), toText(speed.throughput.name), &rate.perSecond, baseRate(speed.throughput, base.decode[i].perSecond),
                                  rate.bytesPerSecond, rate.joulesPerToken});
            }
        }
    }
    endResetModel();
}

QString SpeedModel::title(int column) const
{
    switch (column) {
    case What: return tr("What");
    case Model: return tr("Model");
    case PerSecond: return tr("Tokens/s");
    case Spread: return tr("Lowest to highest");
    case ToBase: return tr("To the base");
    case BytesRead: return tr("Read, GB/s");
    case Energy: return tr("J/token");
    default: break;
    }
    return {};
}

QString SpeedModel::help(int column) const
{
    switch (column) {
    case PerSecond: return tr("The median of all repeats, of all sequences together");
    case ToBase: return tr("Median of the ratios of repeats that were measured beside each other");
    case BytesRead: return tr("Weights and cached keys and values that writing a token reads; the speed of memory is its limit");
    case Energy: return tr("Of the processor, where the system tells it");
    default: break;
    }
    return {};
}

QString SpeedModel::text(int row, int column) const
{
    const Row& shown = m_rows[static_cast<std::size_t>(row)];
    switch (column) {
    case What: return shown.what;
    case Model: return shown.model;
    case PerSecond: return formatNumber(shown.rate->median());
    case Spread: return tr("%1 to %2").arg(formatNumber(shown.rate->low(), 3), formatNumber(shown.rate->high(), 3));
    case ToBase: return shown.base != nullptr ? tr("%1 ×").arg(formatNumber(shown.rate->ratioTo(*shown.base), 3)) : QString();
    case BytesRead: return shown.bytesPerSecond > 0 ? formatNumber(shown.bytesPerSecond * 1e-9, 3) : QString();
    case Energy: return shown.joules ? formatNumber(*shown.joules, 3) : QString();
    default: break;
    }
    return {};
}

QVariant SpeedModel::raw(int row, int column) const
{
    const Row& shown = m_rows[static_cast<std::size_t>(row)];
    switch (column) {
    case PerSecond: return shown.rate->median();
    case Spread: return shown.rate->high() - shown.rate->low();
    case ToBase: return shown.base != nullptr ? shown.rate->ratioTo(*shown.base) : 1.0;
    case BytesRead: return shown.bytesPerSecond;
    case Energy: return shown.joules.value_or(0);
    default: break;
    }
    return text(row, column);
}

} // namespace bitlathe::ui
