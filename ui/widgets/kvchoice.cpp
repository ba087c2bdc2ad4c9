// SPDX-License-Identifier: GPL-3.0-or-later
// KvChoice: a button whose menu ticks the kinds of KV cache that are measured beside the plain one.
#include "ui/widgets/kvchoice.h"

#include "ui/bridge/session.h"

#include <QMenu>

#include <algorithm>

namespace bitlathe::ui
{

KvChoice::KvChoice(QWidget* parent) : QToolButton(parent)
{
    auto* menu = new QMenu(this);
    for (const quant::KvScheme& scheme : quant::kvSchemes()) {
        if (!scheme.isQuantized()) {
            continue;
        }
        QAction* action = menu->addAction(kvText(scheme));
        action->setObjectName(QString::fromStdString(scheme.name()));
        action->setCheckable(true);
        connect(action, &QAction::toggled, this, [this] {
            showText();
            Q_EMIT changed();
        });
    }
    setMenu(menu);
    setPopupMode(QToolButton::InstantPopup);
    setToolButtonStyle(Qt::ToolButtonTextOnly);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setToolTip(tr("Measures every model once more with its keys and values kept so. Their ranges come from the recipe's calibration text."));
    showText();
}

std::vector<quant::KvScheme> KvChoice::schemes() const
{
    std::vector<quant::KvScheme> ticked;
    for (const quant::KvScheme& scheme : quant::kvSchemes()) {
        const auto* action = menu()->findChild<QAction*>(QString::fromStdString(scheme.name()));
        if (action != nullptr && action->isChecked()) {
            ticked.push_back(scheme);
        }
    }
    return ticked;
}

void KvChoice::setSchemes(const std::vector<quant::KvScheme>& schemes)
{
    for (QAction* action : menu()->actions()) {
        action->setChecked(std::any_of(schemes.begin(), schemes.end(),
            [action](const quant::KvScheme& scheme) { return QString::fromStdString(scheme.name()) == action->objectName(); }));
    }
}

void KvChoice::showText()
{
    QStringList names;
    for (const quant::KvScheme& scheme : schemes()) {
        names << kvText(scheme);
    }
    setText(names.isEmpty() ? tr("KV cache of 16 bits only") : names.size() == 1 ? names.front() : tr("%n kinds of KV cache", nullptr, static_cast<int>(names.size())));
    setAccessibleName(tr("Kinds of KV cache: %1").arg(names.join(QStringLiteral(", "))));
}

} // namespace bitlathe::ui
