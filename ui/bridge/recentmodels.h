// SPDX-License-Identifier: GPL-3.0-or-later
// RecentModels: the folders opened last, with the facts that a list shows.
#pragma once

#include "ui/bridge/latesttask.h"
#include "ui/bridge/session.h"

#include <QObject>

#include <optional>
#include <vector>

namespace bitlathe::ui
{

struct RecentModel
{
    QString folder;
    QString name;
    QString architecture;
    QString storage; ///< "BF16", or a scheme's label.
    std::int64_t parameters = 0;
    std::uint64_t bytes = 0;
    std::optional<Error> error; ///< Why it can't be opened any more.
};

/// Read off the UI thread, again whenever the history changes.
class RecentModels : public QObject
{
    Q_OBJECT

public:
    static constexpr int kShown = 9; ///< As many as there are keys.

    explicit RecentModels(Session& session, QObject* parent = nullptr);
    const std::vector<RecentModel>& models() const { return m_models; }
    bool loaded() const { return m_loaded; } ///< False until the first reading came back.
    void reload();

Q_SIGNALS:
    void changed();

private:
    Session& m_session;
    LatestTask m_reading;
    std::vector<RecentModel> m_models;
    bool m_loaded = false;
};

/// How a model's weights are stored, in a few words.
QString storageLabel(const format::OpenedModel& model);

} // namespace bitlathe::ui
