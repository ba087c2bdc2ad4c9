// SPDX-License-Identifier: GPL-3.0-or-later
// Topics of the guide that parts of the window belong to: what F1 opens.
#pragma once

#include <QString>

class QWidget;

namespace bitlathe::ui
{

/// The widget, and what lies in it and has no topic of its own, belongs to this topic.
void setHelpTopic(QWidget* widget, const QString& topic);
/// The topic of the widget with the focus; while a tooltip is shown, of what lies under the mouse. Of an item view that
/// of its current cell, else the nearest around. Empty: none has one.
QString currentHelpTopic();
/// A tooltip's text with a second line that says that F1 tells more.
QString withHelpHint(const QString& toolTip);

} // namespace bitlathe::ui
