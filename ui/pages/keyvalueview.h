// SPDX-License-Identifier: GPL-3.0-or-later
// KeyValueView: ranges of keys and values by block, head and dimension, with what shares a scale in a quantized cache.
#pragma once

#include "ui/bridge/latesttask.h"
#include "ui/bridge/session.h"

#include <QWidget>

class QComboBox;

namespace bitlathe::ui
{

class MapPlot;

class KeyValueView : public QWidget
{
    Q_OBJECT

public:
    explicit KeyValueView(Session& session, QWidget* parent = nullptr);

private:
    void ask();
    void drawSharing();

    Session& m_session;
    QComboBox* m_what;
    QComboBox* m_number;
    QComboBox* m_sharing;
    MapPlot* m_map;
    std::int64_t m_heads = 0;
    LatestTask m_task{this};
};

} // namespace bitlathe::ui
