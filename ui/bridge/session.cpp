// SPDX-License-Identifier: GPL-3.0-or-later
// Session: what the window has open: model, selection, recipe.
#include "ui/bridge/session.h"

#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/resources.h"
#include "ui/bridge/preferences.h"
#include "ui/bridge/sessiondata.h"

#include <QFileInfo>
#include <QUndoCommand>

#include <algorithm>

namespace bitlathe::ui
{
namespace
{

/// One edit of the recipe; edits with the same key in a row are one.
class RecipeEdit : public QUndoCommand
{
public:
    using Apply = std::function<void(const plan::Recipe&)>;
    RecipeEdit(plan::Recipe before, plan::Recipe after, const QString& what, int mergeKey, Apply apply)
        : QUndoCommand(what),
          m_before(std::move(before)),
          m_after(std::move(after)),
          m_mergeKey(mergeKey),
          m_apply(std::move(apply))
    {}

    void undo() override { m_apply(m_before); }
    void redo() override { m_apply(m_after); }
    int id() const override { return m_mergeKey; }
    bool mergeWith(const QUndoCommand* other) override
    {
        const auto* next = dynamic_cast<const RecipeEdit*>(other);
        if (next == nullptr) {
            return false;
        }
        m_after = next->m_after;
        setText(next->text());
        setObsolete(m_before == m_after);
        return true;
    }

private:
    plan::Recipe m_before;
    plan::Recipe m_after;
    int m_mergeKey;
    Apply m_apply;
};

bool isDemo(const std::filesystem::path& folder)
{
    const auto demo = resource("demo/model");
    return demo && *demo == folder;
}

/// Beside the model, or in the user's data where nothing can be written there.
std::filesystem::path outputRoot(const format::OpenedModel& model)
{
    const std::filesystem::path beside = model.folder().parent_path();
    const bool writable = QFileInfo(fromPath(beside)).isWritable();
    return writable && !isDemo(model.folder()) ? beside : dataFolder() / "models";
}

/// The recipe that a newly opened model starts with: the bundled texts where they are there, output beside the model's
/// name.
plan::Recipe startingRecipe(const format::OpenedModel& model, const std::filesystem::path& root, bool hasGpu)
{
    plan::Recipe recipe;
    recipe.device.name = hasGpu ? "auto" : "cpu";
    recipe.model = model.folder();
    recipe.method = "rtn";
    recipe.scheme.bits = 4;
    recipe.scheme.groupSize = 128;
    if (const auto text = resource("demo/text/calibration.jsonl"); text && model.tokenizer) {
        recipe.calibration.data = text->string();
    }
    recipe.evaluation.protocol = usualProtocol().protocol;
    recipe.evaluation.length = usualProtocol().length;
    recipe.exportTo.out = root / (modelName(model).toStdString() + "-int4");
    return recipe;
}

} // namespace

QString folderName(const std::filesystem::path& folder)
{
    return isDemo(folder) ? QStringLiteral("demo-llama") : fromPath(folder.filename());
}

QString modelName(const format::OpenedModel& model)
{
    return folderName(model.folder());
}

Session::Session(QObject* parent) : QObject(parent), m_data(std::make_unique<Data>(this))
{
    connect(&m_data->undoStack, &QUndoStack::indexChanged, this, &Session::recipeChanged);
    connect(this, &Session::recipeChanged, this, &Session::findStatistics);
}

Session::~Session()
{
    m_data->undoStack.disconnect(this); // it says goodbye with a change of its index
}

void Session::openModel(const QString& folder)
{
    open(toPath(folder), std::nullopt);
}

void Session::open(const std::filesystem::path& folder, const std::optional<plan::Recipe>& recipe)
{
    Q_EMIT modelOpening(fromPath(folder));
    struct Opened
    {
        OpenedModelPtr model;
        std::filesystem::path root; ///< Where output goes.
        bool hasGpu = false;
    };
    m_data->opening.start(
        [folder](const std::stop_token&) -> Result<Opened> {
            BITLATHE_TRY(OpenedModelPtr model, format::openModel(folder));
            std::filesystem::path root = outputRoot(*model);
            return Opened{std::move(model), std::move(root),
                          kernels::gpus().absence == kernels::GpuAbsence::None};
        },
        [this, recipe](const Result<Opened>& opened) {
            if (!opened) {
                report(opened.error());
                return;
            }
            const auto& [model, root, hasGpu] = *opened;
            setModel(model, recipe.value_or(startingRecipe(*model, root, hasGpu)));
        });
}

void Session::setModel(OpenedModelPtr model, const plan::Recipe& recipe)
{
    if (m_data->model) {
        m_data->model = nullptr;
        Q_EMIT modelClosed();
    }
    m_data->model = std::move(model);
    log().info("opened {}", m_data->model->folder().string());
    m_data->statistics = nullptr;
    m_data->search = nullptr;
    m_data->recipe = recipe;
    m_data->undoStack.clear();
    const auto& linears = m_data->model->spec.linears;
    m_data->selectedLayer = linears.empty() ? LayerId() : linears.front().id;
    m_data->noting.start(
        [history = m_data->history, folder = m_data->model->folder()](const std::stop_token&) mutable {
            return history.touchModel(folder);
        },
        [this](const Result<void>&) { Q_EMIT historyChanged(); }); // a model opens also where its name can't be kept
    Q_EMIT modelOpened();
    Q_EMIT layerSelected(m_data->selectedLayer);
    Q_EMIT recipeChanged();
    Q_EMIT statisticsChanged();
    Q_EMIT searchChanged();
}

OpenedModelPtr Session::model() const
{
    return m_data->model;
}

bool Session::isOpening() const
{
    return m_data->opening.busy();
}

LayerId Session::selectedLayer() const
{
    return m_data->selectedLayer;
}

void Session::selectLayer(LayerId layer)
{
    const std::size_t count = m_data->model ? m_data->model->spec.linears.size() : 0;
    if (layer == m_data->selectedLayer || (layer.isValid() && layer.index() >= count)) {
        return;
    }
    m_data->selectedLayer = layer;
    Q_EMIT layerSelected(layer);
}

QString Session::selectedLayerName() const
{
    if (!m_data->model || !m_data->selectedLayer.isValid()) {
        return {};
    }
    return QString::fromStdString(m_data->model->spec.linear(m_data->selectedLayer).name);
}

const plan::Recipe& Session::recipe() const
{
    return m_data->recipe;
}

void Session::editRecipe(const plan::Recipe& recipe, const QString& what, int mergeKey)
{
    if (recipe == m_data->recipe) {
        return;
    }
    // The stack applies the edit at once and says indexChanged; a merged edit says so too.
    m_data->undoStack.push(new RecipeEdit(m_data->recipe, recipe, what, mergeKey,
                                          [this](const plan::Recipe& value) { m_data->recipe = value; }));
}

void Session::useRecipe(const plan::Recipe& recipe)
{
    if (!m_data->model || (!recipe.model.empty() && recipe.model != m_data->model->folder())) {
        open(recipe.model, recipe);
        return;
    }
    plan::Recipe here = recipe;
    here.model = m_data->model->folder();
    editRecipe(here, tr("Open recipe"));
}

void Session::openRecipe(const QString& file)
{
    m_data->loading.start([path = toPath(file)](const std::stop_token&) { return plan::readRecipe(path); },
                          [this](const Result<plan::Recipe>& recipe) {
                              if (!recipe) {
                                  report(recipe.error());
                              } else {
                                  useRecipe(*recipe);
                              }
                          });
}

QUndoStack* Session::undoStack() const
{
    return &m_data->undoStack;
}

model::Compute Session::compute() const
{
    return m_data->compute.value_or(model::fastestCompute());
}

void Session::setCompute(std::optional<model::Compute> compute)
{
    m_data->compute = compute;
    findStatistics();
}

std::optional<model::Compute> Session::computeSetting() const
{
    return m_data->compute;
}

StatsStorePtr Session::statistics() const
{
    return m_data->statistics;
}

void Session::setStatistics(StatsStorePtr statistics, const plan::CalibrationRecipe& calibration,
                            const std::filesystem::path& model)
{
    if (!m_data->model || m_data->model->folder() != model || !(calibration == m_data->recipe.calibration)) {
        return; // made for what is no longer open
    }
    m_data->statistics = std::move(statistics);
    m_data->statisticsOf = calibration;
    Q_EMIT statisticsChanged();
}

void Session::findStatistics()
{
    if (!m_data->model) {
        return;
    }
    const plan::CalibrationRecipe& calibration = m_data->recipe.calibration;
    if (m_data->statistics && calibration == m_data->statisticsOf) {
        return;
    }
    if (m_data->statistics) {
        m_data->statistics = nullptr;
        Q_EMIT statisticsChanged();
    }
    if (calibration.data.empty() || !m_data->model->spec.canRun) {
        return;
    }
    m_data->finding.start(
        [opened = m_data->model, recipe = m_data->recipe, compute = m_data->compute](const std::stop_token& stop) {
            return calibrateModel(opened, recipe, compute, true, WorkContext{{}, stop});
        },
        [this, calibration, folder = m_data->model->folder()](Result<StatsStorePtr> found) {
            if (found) { // else a job has yet to make them, and says what is wrong when it is asked to
                setStatistics(std::move(*found), calibration, folder);
            }
        });
}

} // namespace bitlathe::ui
