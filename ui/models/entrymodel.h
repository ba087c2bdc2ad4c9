// SPDX-License-Identifier: GPL-3.0-or-later
// EntryModel: short lists of things to open, each with a second line of facts.
#pragma once

#include <QAbstractListModel>
#include <QIcon>

#include <vector>

namespace bitlathe::ui
{

struct Entry
{
    QString icon; ///< Of the icon set.
    QString title;
    QString facts; ///< The second line.
    QString key;   ///< Shown at the end of the first line: a shortcut or a time.
    QString toolTip;
    QVariant payload;     ///< Under Qt::UserRole.
    bool problem = false; ///< Can't be opened; facts say why.

    bool operator==(const Entry&) const = default;
};

class EntryModel : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role { PayloadRole = Qt::UserRole, FactsRole, KeyRole, IconRole, ProblemRole };

    explicit EntryModel(QObject* parent = nullptr) : QAbstractListModel(parent) {}

    void setEntries(std::vector<Entry> entries);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

private:
    std::vector<Entry> m_entries;
};

} // namespace bitlathe::ui
