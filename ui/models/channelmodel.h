// SPDX-License-Identifier: GPL-3.0-or-later
// ChannelModel: the input channels of one linear that carry the largest values.
#pragma once

#include "ui/models/rowsmodel.h"

#include <optional>
#include <vector>

namespace bitlathe::ui
{

struct OutlierChannel
{
    std::int64_t channel = 0;
    double largest = 0;             ///< Magnitude.
    double timesMedian = 0;         ///< largest over the median of all channels' largest.
    std::int64_t token = 0;         ///< Where it is.
    std::optional<double> smoothed; ///< largest over the scale that the newest run folded in; nothing: it folded none.
};

/// Largest first.
class ChannelModel : public RowsModel
{
    Q_OBJECT

public:
    enum Column { Channel, Largest, TimesMedian, Token, Smoothed, ColumnCount };

    explicit ChannelModel(QObject* parent = nullptr) : RowsModel(parent) {}

    void setChannels(std::vector<OutlierChannel> channels);
    const OutlierChannel& channel(int row) const { return m_channels[static_cast<std::size_t>(row)]; }

protected:
    int rows() const override { return static_cast<int>(m_channels.size()); }
    int columns() const override { return ColumnCount; }
    bool isNumber(int /*column*/) const override { return true; }
    QString title(int column) const override;
    QString help(int column) const override;
    QString text(int row, int column) const override;
    QVariant raw(int row, int column) const override;

private:
    std::vector<OutlierChannel> m_channels;
};

} // namespace bitlathe::ui
