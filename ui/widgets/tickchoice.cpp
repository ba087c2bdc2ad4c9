// SPDX-License-Identifier: GPL-3.0-or-later
// TickChoice: a button whose menu ticks any of several things; it says which are ticked.
#include "ui/widgets/tickchoice.h"

#include <QMenu>

namespace bitlathe::ui
{

TickChoice::TickChoice(QWidget* parent, Summary summary) : QToolButton(parent), m_summary(std::move(summary))
{
    setMenu(new QMenu(this));
    setPopupMode(QToolButton::InstantPopup);
    setToolButtonStyle(Qt::ToolButtonTextOnly);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    showText();
}

void TickChoice::addChoice(const QString& key, const QString& name)
{
    QAction* action = menu()->addAction(name);
    action->setObjectName(key);
    action->setCheckable(true);
    connect(action, &QAction::toggled, this, [this] {
        showText();
        Q_EMIT changed();
    });
}

QStringList TickChoice::ticked() const
{
    QStringList keys;
    for (const QAction* action : menu()->actions()) {
        if (action->isChecked()) {
            keys << action->objectName();
        }
    }
    return keys;
}

void TickChoice::setTicked(const QStringList& keys)
{
    for (QAction* action : menu()->actions()) {
        action->setChecked(keys.contains(action->objectName()));
    }
}

void TickChoice::showText()
{
    QStringList names;
    for (const QAction* action : menu()->actions()) {
        if (action->isChecked()) {
            names << action->text();
        }
    }
    //: Between the names of a list: "vLLM, transformers"
    const QString all = names.join(tr(", "));
    setText(m_summary ? m_summary(names) : names.isEmpty() ? tr("none") : all);
}

} // namespace bitlathe::ui
