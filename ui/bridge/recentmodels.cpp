// SPDX-License-Identifier: GPL-3.0-or-later
// RecentModels: the folders opened last, with the facts that a list shows.
#include "ui/bridge/recentmodels.h"

#include "ui/bridge/numbers.h"

namespace bitlathe::ui
{
namespace
{

RecentModel factsOf(const std::filesystem::path& folder)
{
    RecentModel facts;
    facts.folder = fromPath(folder);
    facts.name = folderName(folder);
    const auto opened = format::openModel(folder);
    if (!opened) {
        facts.error = opened.error();
        return facts;
    }
    const format::OpenedModel& model = **opened;
    facts.name = modelName(model);
    facts.architecture = QString::fromStdString(model.spec.modelType);
    facts.storage = storageLabel(model);
    facts.parameters = model.parameters;
    facts.bytes = model.checkpoint->bytesTensors();
    return facts;
}

} // namespace

QString storageLabel(const format::OpenedModel& model)
{
    const QString dtype = toText(checkpoint::dtypeName(model.dtype));
    if (!model.isQuantized()) {
        return dtype;
    }
    return QStringLiteral("%1 · %2 bit").arg(toText(model.format->name()), formatNumber(model.bitsPerWeight(), 3));
}

RecentModels::RecentModels(Session& session, QObject* parent) : QObject(parent), m_session(session), m_reading(this)
{
    connect(&session, &Session::historyChanged, this, &RecentModels::reload);
    reload();
}

void RecentModels::reload()
{
    m_reading.start(
        [history = m_session.history()](const std::stop_token& stop) {
            std::vector<RecentModel> models;
            if (const auto folders = history.recentModels(kShown)) {
                for (const auto& folder : *folders) {
                    if (stop.stop_requested()) {
                        break;
                    }
                    models.push_back(factsOf(folder));
                }
            }
            return models;
        },
        [this](std::vector<RecentModel> models) {
            m_models = std::move(models);
            m_loaded = true;
            Q_EMIT changed();
        });
}

} // namespace bitlathe::ui
