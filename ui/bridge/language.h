// SPDX-License-Identifier: GPL-3.0-or-later
// The window's language: catalogues of the program and of Qt, switched while it runs.
#pragma once

#include <QString>
#include <QStringList>

namespace bitlathe::ui
{

/// Codes of the languages there are: "en", "zh_CN".
QStringList languages();
/// A language's own name for itself.
QString languageName(const QString& code);
/// The code in use.
QString language();
/// code: one of languages(); empty or unknown: the system's, else English. Sends LanguageChange to all widgets.
void setLanguage(const QString& code);

} // namespace bitlathe::ui
