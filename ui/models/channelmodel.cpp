// SPDX-License-Identifier: GPL-3.0-or-later
// ChannelModel.
#include "ui/models/channelmodel.h"

#include "ui/bridge/numbers.h"

namespace bitlathe::ui
{

void ChannelModel::setChannels(std::vector<OutlierChannel> channels)
{
    beginResetModel();
    m_channels = std::move(channels);
    endResetModel();
}

QString ChannelModel::title(int column) const
{
    switch (column) {
    case Channel: return tr("Channel");
    case Largest: return tr("Largest");
    case TimesMedian: return tr("Times the median");
    case Token: return tr("At token");
    case Smoothed: return tr("After smoothing");
    default: break;
    }
    return {};
}

QString ChannelModel::help(int column) const
{
    switch (column) {
    case Channel: return tr("Column of the weight, from 0");
    case Largest: return tr("Largest magnitude over all tokens");
    case TimesMedian: return tr("Over the median of what all channels have as their largest");
    case Token: return tr("Token of the text at which it is largest, from 0");
    case Smoothed: return tr("Largest magnitude divided by the scale that the newest run folded in");
    default: break;
    }
    return {};
}

QString ChannelModel::text(int row, int column) const
{
    const OutlierChannel& channel = m_channels[static_cast<std::size_t>(row)];
    switch (column) {
    case Channel: return formatCount(channel.channel);
    case Largest: return formatNumber(channel.largest, 3);
    case TimesMedian: return formatNumber(channel.timesMedian, 3);
    case Token: return formatCount(channel.token);
    case Smoothed: return channel.smoothed ? formatNumber(*channel.smoothed, 3) : QString();
    default: break;
    }
    return {};
}

QVariant ChannelModel::raw(int row, int column) const
{
    const OutlierChannel& channel = m_channels[static_cast<std::size_t>(row)];
    switch (column) {
    case Channel: return QVariant::fromValue<qlonglong>(channel.channel);
    case Largest: return channel.largest;
    case TimesMedian: return channel.timesMedian;
    case Token: return QVariant::fromValue<qlonglong>(channel.token);
    case Smoothed: return channel.smoothed ? QVariant(*channel.smoothed) : QVariant();
    default: break;
    }
    return {};
}

} // namespace bitlathe::ui
