// SPDX-License-Identifier: GPL-3.0-or-later
// NumberRow: a few large numbers side by side, each below its caption.
#include "ui/widgets/numberrow.h"

#include "ui/theme/theme.h"
#include "ui/widgets/helptopic.h"

#include <QGridLayout>
#include <QLabel>

namespace bitlathe::ui
{

NumberRow::NumberRow(QWidget* parent) : QWidget(parent), m_grid(new QGridLayout(this))
{
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(4 * kGrid);
}

QLabel* NumberRow::add(const QString& caption, const QString& help, const QString& topic)
{
    auto* name = new QLabel(caption);
    name->setForegroundRole(QPalette::PlaceholderText);
    auto* value = new QLabel(QStringLiteral("\u2013"));
    value->setFont(Theme::instance().numberFont(TextSize::Title));
    value->setTextFormat(Qt::RichText);
    value->setAccessibleName(caption);
    value->setTextInteractionFlags(Qt::TextSelectableByMouse);
    for (QLabel* label : {name, value}) {
        label->setToolTip(topic.isEmpty() ? help : withHelpHint(help));
        setHelpTopic(label, topic);
    }
    m_grid->addWidget(name, 0, m_count);
    m_grid->addWidget(value, 1, m_count);
    m_grid->setColumnStretch(m_count, 0);
    m_grid->setColumnStretch(++m_count, 1);
    return value;
}

} // namespace bitlathe::ui
