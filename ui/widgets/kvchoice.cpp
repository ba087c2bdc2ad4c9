// SPDX-License-Identifier: GPL-3.0-or-later
// KvChoice: ticks the kinds of KV cache that are measured beside the plain one.
#include "ui/widgets/kvchoice.h"

#include "ui/bridge/session.h"

namespace bitlathe::ui
{

KvChoice::KvChoice(QWidget* parent)
    : TickChoice(parent, [](const QStringList& names) {
          return names.isEmpty()   ? tr("KV cache of 16 bits only")
              : names.size() == 1 ? names.front()
                                  : tr("%n kinds of KV cache", nullptr, static_cast<int>(names.size()));
      })
{
    for (const quant::KvScheme& scheme : quant::kvSchemes()) {
        if (scheme.isQuantized()) {
            addChoice(QString::fromStdString(scheme.name()), kvText(scheme));
        }
    }
    setToolTip(tr("Measures every model once more with its keys and values kept so. Their ranges come from the recipe's calibration text."));
    connect(this, &TickChoice::changed, this, &KvChoice::showName);
    showName();
}

std::vector<quant::KvScheme> KvChoice::schemes() const
{
    std::vector<quant::KvScheme> ticked;
    const QStringList keys = TickChoice::ticked();
    for (const quant::KvScheme& scheme : quant::kvSchemes()) {
        if (keys.contains(QString::fromStdString(scheme.name()))) {
            ticked.push_back(scheme);
        }
    }
    return ticked;
}

void KvChoice::setSchemes(const std::vector<quant::KvScheme>& schemes)
{
    QStringList keys;
    for (const quant::KvScheme& scheme : schemes) {
        keys << QString::fromStdString(scheme.name());
    }
    setTicked(keys);
}

void KvChoice::showName()
{
    QStringList names;
    for (const quant::KvScheme& scheme : schemes()) {
        names << kvText(scheme);
    }
    setAccessibleName(tr("Kinds of KV cache: %1").arg(names.join(QStringLiteral(", "))));
}

} // namespace bitlathe::ui
