// SPDX-License-Identifier: GPL-3.0-or-later
// InputView: what the selected linear reads, token by token and channel by channel, for the first sample of the
// calibration text.
#pragma once

#include "ui/bridge/latesttask.h"
#include "ui/bridge/session.h"
#include "ui/models/channelmodel.h"
#include "ui/plots/mapplot.h"

#include <QWidget>

class QTableView;

namespace bitlathe::ui
{

/// A map of tokens and channels, and the channels that stand out as a table. The sample passes the model up to the
/// layer when somebody looks.
class InputView : public QWidget
{
    Q_OBJECT

public:
    explicit InputView(Session& session, QWidget* parent = nullptr);

    bool isBusy() const { return m_task.busy(); }

protected:
    void showEvent(QShowEvent* event) override;

private:
    struct Answer
    {
        MapPlot::Data map;
        std::vector<OutlierChannel> channels;
    };

    static Result<Answer> answerOf(const format::OpenedModel& opened, const plan::CalibrationRecipe& calibration,
                                   LayerId layer, const run::RunResult* run, const std::stop_token& stop);
    void ask();
    void askForCalibration();
    void showAnswer(Answer answer);

    Session& m_session;
    MapPlot* m_map;
    QTableView* m_table;
    ChannelModel* m_channels;
    plan::CalibrationRecipe m_calibration; ///< Asked for last.
    LatestTask m_task{this};
};

} // namespace bitlathe::ui
