// SPDX-License-Identifier: GPL-3.0-or-later
// Topics of the guide that parts of the window belong to: what F1 opens.
#include "ui/widgets/helptopic.h"

#include "ui/models/helptopicrole.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QCursor>
#include <QHeaderView>
#include <QToolTip>
#include <QVariant>

namespace bitlathe::ui
{
namespace
{

constexpr const char* kProperty = "bitlatheHelpTopic";

/// The topic of a place in a view or header of one.
QString topicOfCell(const QAbstractItemView& view, const QPoint& place)
{
    if (const auto* header = qobject_cast<const QHeaderView*>(&view); header != nullptr && header->model() != nullptr) {
        return header->model()
            ->headerData(header->logicalIndexAt(place), header->orientation(), kHelpTopicRole)
            .toString();
    }
    return view.indexAt(place).data(kHelpTopicRole).toString();
}

QString topicAround(const QWidget* widget)
{
    for (; widget != nullptr; widget = widget->parentWidget()) {
        if (const QString topic = widget->property(kProperty).toString(); !topic.isEmpty()) {
            return topic;
        }
    }
    return {};
}

QString topicUnder(const QPoint& cursor)
{
    const QWidget* widget = QApplication::widgetAt(cursor);
    if (widget == nullptr) {
        return {};
    }
    if (const auto* view = qobject_cast<const QAbstractItemView*>(widget->parentWidget())) {
        if (const QString topic = topicOfCell(*view, widget->mapFromGlobal(cursor)); !topic.isEmpty()) {
            return topic;
        }
    }
    return topicAround(widget);
}

} // namespace

void setHelpTopic(QWidget* widget, const QString& topic)
{
    widget->setProperty(kProperty, topic);
}

QString currentHelpTopic()
{
    if (QToolTip::isVisible()) {
        if (const QString topic = topicUnder(QCursor::pos()); !topic.isEmpty()) {
            return topic;
        }
    }
    const QWidget* widget = QApplication::focusWidget();
    if (const auto* view = qobject_cast<const QAbstractItemView*>(widget)) {
        if (const QString topic = view->currentIndex().data(kHelpTopicRole).toString(); !topic.isEmpty()) {
            return topic;
        }
    }
    return topicAround(widget);
}

QString withHelpHint(const QString& toolTip)
{
    return toolTip.isEmpty() ? toolTip
                             : toolTip + u'\n' + QCoreApplication::translate("HelpTopic", "F1: more in the guide");
}

} // namespace bitlathe::ui
