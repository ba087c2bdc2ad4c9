// SPDX-License-Identifier: GPL-3.0-or-later
// The report as a rich text document: what the Report page shows and what becomes a PDF.
#pragma once

#include "core/base/result.h"
#include "core/report/report.h"

#include <QTextDocument>

#include <memory>

namespace bitlathe::ui
{

/// Black on white whatever the theme, because it is paper. Any thread: the document is of the application's.
std::unique_ptr<QTextDocument> makeReportDocument(const report::Report& report, const QFont& font);

/// Writes the document on A4 pages. Any thread. Errors: WriteFailed.
Result<void> writeReportPdf(const report::Report& report, const QFont& font, const QString& file);

} // namespace bitlathe::ui
