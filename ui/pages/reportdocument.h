// SPDX-License-Identifier: GPL-3.0-or-later
// The report as rich text: what the Report page shows and what becomes a PDF.
#pragma once

#include "core/base/result.h"
#include "core/report/report.h"
#include "ui/widgets/steppedbrowser.h"

namespace bitlathe::ui
{

/// Black on white whatever the theme, because it is paper. Any thread.
SteppedText makeReportText(const report::Report& report, const QFont& font);

/// Writes it on A4 pages. Any thread. Errors: WriteFailed.
Result<void> writeReportPdf(const report::Report& report, const QFont& font, const QString& file);

} // namespace bitlathe::ui
