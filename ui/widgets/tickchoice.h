// SPDX-License-Identifier: GPL-3.0-or-later
// TickChoice: a button whose menu ticks any of several things; it says which are ticked.
#pragma once

#include <QStringList>
#include <QToolButton>

#include <functional>

namespace bitlathe::ui
{

class TickChoice : public QToolButton
{
    Q_OBJECT

public:
    /// What the button says of the names of the ticked ones.
    using Summary = std::function<QString(const QStringList& names)>;

    /// summary empty: the names one after the other.
    explicit TickChoice(QWidget* parent = nullptr, Summary summary = {});

    /// key: what ticked() calls it.
    void addChoice(const QString& key, const QString& name);
    QStringList ticked() const; ///< Keys, in the order of the menu.
    void setTicked(const QStringList& keys);

Q_SIGNALS:
    void changed();

private:
    void showText();

    Summary m_summary;
};

} // namespace bitlathe::ui
