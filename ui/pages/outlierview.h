// SPDX-License-Identifier: GPL-3.0-or-later
// OutlierView: the largest magnitude of every channel that linears read, block by block, before and after smoothing.
#pragma once

#include "ui/bridge/latesttask.h"
#include "ui/bridge/session.h"

#include <QWidget>

#include <optional>
#include <vector>

class QComboBox;
class QLabel;
class QSlider;

namespace bitlathe::quant
{
class OutlierWhatIf;
}

namespace bitlathe::ui
{

class MapPlot;

/// A map of blocks and channels for one input at a time. The threshold of LLM.int8() can be dragged on its colour bar:
/// channels that reach it are marked and counted.
class OutlierView : public QWidget
{
    Q_OBJECT

public:
    explicit OutlierView(Session& session, QWidget* parent = nullptr);

protected:
    void showEvent(QShowEvent* event) override;

private:
    void fillInputs();
    void fillScaled();
    std::optional<LayerId> shownInput() const;
    void ask();
    void askAnswers();
    void selectBlock(std::int64_t row);
    void setThreshold(double threshold);
    void showThreshold();

    Session& m_session;
    QComboBox* m_input;
    QComboBox* m_scaled;
    MapPlot* m_map;
    QSlider* m_threshold;
    QLabel* m_thresholdText;
    std::vector<LayerId> m_inputs;      ///< One linear for each entry of m_input.
    std::vector<std::int64_t> m_blocks; ///< Of the map's rows.
    std::vector<float> m_values;        ///< [rows, channels] as shown.
    std::shared_ptr<const quant::OutlierWhatIf> m_answers; ///< Of the selected layer; null: none.
    LatestTask m_task{this};
    LatestTask m_answerTask{this};
};

} // namespace bitlathe::ui
