// SPDX-License-Identifier: GPL-3.0-or-later
// Waiting in the event loop, for what the program does without a person: pictures and exports.
#pragma once

#include "core/base/result.h"
#include "ui/bridge/session.h"

#include <functional>

namespace bitlathe::ui
{

/// Lets events run until done() says so. False after that many milliseconds.
bool waitUntil(const std::function<bool()>& done, int timeoutMs);

/// Until no task of the pool is out and events have settled.
void settle();

/// Opens a folder as the window does and waits for it.
Result<void> openAndWait(Session& session, const std::filesystem::path& folder);
/// Waits for a job to end; its error where it failed.
Result<void> waitForJob(Session& session, JobId job);

/// The main job on the open model, so that every page has something to show: calibration, an 8-bit and a 4-bit run into
/// outRoot, and their comparison with the original.
Result<void> doMainJob(Session& session, const std::filesystem::path& outRoot);
/// Speed of the models of the comparison, and the tensors of the last beside those of the first.
Result<void> measureCompared(Session& session);

} // namespace bitlathe::ui
