// SPDX-License-Identifier: GPL-3.0-or-later
// ComparedModelBox: chooses among the models of a comparison that have what a view shows.
#include "ui/widgets/comparedmodelbox.h"

#include <QSignalBlocker>

#include <algorithm>

namespace bitlathe::ui
{

ComparedModelBox::ComparedModelBox(Has has, QWidget* parent) : QComboBox(parent), m_has(std::move(has))
{
    setSizeAdjustPolicy(QComboBox::AdjustToContents);
    setEnabled(false);
    connect(this, &QComboBox::currentIndexChanged, this, &ComparedModelBox::modelChanged);
}

void ComparedModelBox::setComparison(ComparisonPtr comparison)
{
    {
        const QSignalBlocker blocker(this);
        const QString chosen = currentText();
        m_comparison = std::move(comparison);
        clear();
        for (std::size_t i = 0; m_comparison && i < m_comparison->models.size(); ++i) {
            if (m_has(m_comparison->models[i])) {
                addItem(QString::fromStdString(m_comparison->models[i].name), static_cast<int>(i));
            }
        }
        setCurrentIndex(count() == 0 ? -1 : std::max(0, findText(chosen)));
        setEnabled(count() > 0);
    }
    Q_EMIT modelChanged();
}

const evaluate::ComparedModel* ComparedModelBox::model() const
{
    return currentIndex() < 0 ? nullptr : &m_comparison->models[static_cast<std::size_t>(currentData().toInt())];
}

} // namespace bitlathe::ui
