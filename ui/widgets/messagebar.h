// SPDX-License-Identifier: GPL-3.0-or-later
// MessageBar: the one place where the window says that something did not work.
#pragma once

#include <QFrame>
#include <QStringList>

class QLabel;
class QToolButton;

namespace bitlathe::ui
{

/// Shows the newest message, and how many wait behind it; hidden without any. Never modal, never goes by itself.
class MessageBar : public QFrame
{
    Q_OBJECT

public:
    explicit MessageBar(QWidget* parent = nullptr);

    void add(const QString& sentence);
    QStringList messages() const { return m_messages; }
    void clear();

private:
    void dismiss();
    void updateText();

    QStringList m_messages; ///< Oldest first.
    QLabel* m_symbol;
    QLabel* m_text;
    QLabel* m_more;
    QToolButton* m_copy;
    QToolButton* m_close;
};

} // namespace bitlathe::ui
