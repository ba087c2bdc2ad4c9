// SPDX-License-Identifier: GPL-3.0-or-later
// TitleLine: title and subtitle of the page in front, its secondary actions and its one primary action.
#pragma once

#include <QAction>
#include <QList>
#include <QWidget>

class QHBoxLayout;
class QLabel;
class QPushButton;

namespace bitlathe::ui
{

class ElidedLabel;

class TitleLine : public QWidget
{
    Q_OBJECT

public:
    explicit TitleLine(QWidget* parent = nullptr);

    void setTitle(const QString& title, const QString& subtitle);
    /// primary may be null. Actions outlive their place here or are replaced before they die.
    void setActions(QAction* primary, const QList<QAction*>& secondary);
    QString title() const;
    QString subtitle() const;
    QPushButton* primaryButton() const { return m_primary; }

Q_SIGNALS:
    void commandLineRequested(); ///< Shift was held with the primary action.

private:
    void updatePrimary();

    QLabel* m_title;
    ElidedLabel* m_subtitle;
    QHBoxLayout* m_secondary;
    QPushButton* m_primary;
    QAction* m_action = nullptr;
    QMetaObject::Connection m_changed;
    QMetaObject::Connection m_destroyed;
};

} // namespace bitlathe::ui
