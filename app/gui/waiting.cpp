// SPDX-License-Identifier: GPL-3.0-or-later
// Waiting in the event loop, for what the program does without a person: pictures and exports.
#include "app/gui/waiting.h"

#include "core/base/resources.h"
#include "ui/bridge/latesttask.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QThread>

#include <algorithm>

namespace bitlathe::ui
{
namespace
{

constexpr int kOpenMs = 120'000;
constexpr int kJobMs = 1'800'000;
constexpr int kSettleMs = 120'000;
constexpr int kQuietMs = 250; // longer than any delay between an edit and the work that answers it

Error timedOut(const std::string& what)
{
    return Error{ErrorCode::Internal, what, Text(BITLATHE_TEXT("an end in time")), Text(BITLATHE_TEXT("none")), Text()};
}

} // namespace

bool waitUntil(const std::function<bool()>& done, int timeoutMs)
{
    QElapsedTimer timer;
    timer.start();
    while (!done()) {
        if (timer.hasExpired(timeoutMs)) {
            return false;
        }
        QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
        QThread::msleep(2);
    }
    return true;
}

void settle()
{
    QElapsedTimer quiet;
    quiet.start();
    waitUntil(
        [&quiet] {
            if (LatestTask::anyRunning()) {
                quiet.restart();
            }
            return quiet.hasExpired(kQuietMs);
        },
        kSettleMs);
}

Result<void> openAndWait(Session& session, const std::filesystem::path& folder)
{
    bool opened = false;
    std::optional<Error> error;
    QObject guard;
    QObject::connect(&session, &Session::modelOpened, &guard, [&opened] { opened = true; });
    QObject::connect(&session, &Session::failed, &guard, [&error](const Error& what) { error = what; });
    session.openModel(fromPath(folder));
    if (!waitUntil([&] { return opened || error.has_value(); }, kOpenMs)) {
        return Failure(timedOut(folder.string()));
    }
    return error ? Result<void>(Failure(*error)) : Result<void>();
}

Result<void> waitForJob(Session& session, JobId job)
{
    std::optional<run::JobStatus> last;
    const auto ended = [&] {
        for (const run::JobStatus& status : session.jobs().jobs()) {
            if (status.id == job) {
                using enum run::JobState;
                last = status;
                return status.state == Done || status.state == Failed || status.state == Cancelled;
            }
        }
        return false;
    };
    if (!waitUntil(ended, kJobMs)) {
        return Failure(timedOut("job"));
    }
    settle(); // what the job published is still on its way
    if (last->error) {
        return Failure(*last->error);
    }
    return last->state == run::JobState::Done ? Result<void>() : Result<void>(cancelled());
}

Result<void> doMainJob(Session& session, const std::filesystem::path& outRoot)
{
    const OpenedModelPtr model = session.model();
    plan::Recipe recipe = session.recipe();
    recipe.calibration.samples.samples = 16;
    recipe.calibration.samples.length = 256;
    QStringList folders{fromPath(model->folder())};
    const std::string name = modelName(*model).toStdString();
    for (const auto& [ending, bits, group] :
         {std::tuple("-int8", 8, quant::kPerChannel), std::tuple("-int4-g128", 4, std::int64_t{128})}) {
        recipe.scheme.bits = bits;
        recipe.scheme.groupSize = group;
        recipe.exportTo.out = outRoot / (name + ending);
        recipe.exportTo.overwrite = true;
        session.editRecipe(recipe, QString());
        if (!recipe.calibration.data.empty()) {
            BITLATHE_CHECK(waitForJob(session, session.startCalibration()));
        }
        BITLATHE_CHECK(waitForJob(session, session.startRun(recipe)));
        folders << fromPath(recipe.exportTo.out);
    }
    evaluate::CompareOptions options;
    BITLATHE_TRY(const std::filesystem::path text, resource("demo/text/evaluation.txt"));
    options.data = text.string();
    options.windows.length = 512;
    options.windows.maxWindows = 8;
    options.compute = session.compute();
    return waitForJob(session, session.startComparison(folders, options));
}

Result<void> measureCompared(Session& session)
{
    QStringList folders;
    for (const evaluate::ComparedModel& model : session.comparison()->models) {
        folders << fromPath(model.path);
    }
    evaluate::SpeedOptions speed;
    speed.compute = session.compute();
    speed.throughput.prompts = {128};
    speed.throughput.contexts = {128, 512};
    speed.throughput.newTokens = 16;
    speed.throughput.repeats = 3;
    BITLATHE_CHECK(waitForJob(session, session.startSpeed(folders, speed)));
    return waitForJob(session, session.startDifferences(folders.front(), folders.back()));
}

} // namespace bitlathe::ui
