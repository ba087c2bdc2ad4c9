// SPDX-License-Identifier: GPL-3.0-or-later
// Rail: the pages' icons and names on the left of the window.
#pragma once

#include <QButtonGroup>
#include <QString>
#include <QVBoxLayout>
#include <QWidget>

#include <map>

namespace bitlathe::ui
{

/// One entry a page. Up and Down move between entries, the entry in front is checked.
class Rail : public QWidget
{
    Q_OBJECT

public:
    explicit Rail(QWidget* parent = nullptr);

    void addEntry(const QString& id, const QString& name);
    void setName(const QString& id, const QString& name);
    void setCurrent(const QString& id);

Q_SIGNALS:
    void chosen(const QString& id);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void fit(); ///< Names where there is room for them all, else only icons.

    QVBoxLayout* m_layout;
    QButtonGroup* m_group;
    std::map<QString, QAbstractButton*> m_entries;
};

} // namespace bitlathe::ui
