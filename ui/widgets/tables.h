// SPDX-License-Identifier: GPL-3.0-or-later
// How tables and lists look everywhere, and what one shows when it is empty.
#pragma once

#include <QPointer>
#include <QString>
#include <QWidget>

class QAbstractItemView;
class QLabel;
class QTableView;
class QTreeView;

namespace bitlathe::ui
{

/// Whole rows, quiet grid, tabular figures, columns that can be moved.
void setUpTable(QTableView* table);
void setUpTree(QTreeView* tree);

/// Covers a view while its model has no rows, saying what would be here.
class EmptyState : public QWidget
{
    Q_OBJECT

public:
    /// sentence: "No runs yet. Start one with New run."
    EmptyState(QAbstractItemView* view, const QString& sentence);
    void setSentence(const QString& sentence);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void watchModel();
    void updateVisible();

    QAbstractItemView* m_view;
    QLabel* m_label;
};

} // namespace bitlathe::ui
