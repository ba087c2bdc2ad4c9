// SPDX-License-Identifier: GPL-3.0-or-later
// SpeedModel: how fast models read prompts and write tokens; of each prompt and context the models below each other.
#pragma once

#include "ui/bridge/session.h"
#include "ui/models/rowsmodel.h"

namespace bitlathe::ui
{

class SpeedModel : public RowsModel
{
    Q_OBJECT

public:
    enum Column { What, Model, PerSecond, Spread, ToBase, BytesRead, Energy, ColumnCount };

    explicit SpeedModel(QObject* parent = nullptr) : RowsModel(parent) {}

    void setSpeeds(SpeedsPtr speeds); ///< Null: no rows.

    /// "4 sequences after 512 tokens"; of a prompt "Prompt of 512 tokens".
    static QString whatText(const evaluate::PrefillRate& rate);
    static QString whatText(const evaluate::DecodeRate& rate);

protected:
    int rows() const override { return static_cast<int>(m_rows.size()); }
    int columns() const override { return ColumnCount; }
    bool isNumber(int column) const override { return column > Model; }
    QString title(int column) const override;
    QString help(int column) const override;
    QString text(int row, int column) const override;
    QVariant raw(int row, int column) const override;

private:
    struct Row
    {
        QString what;
        QString model;
        const evaluate::Repeats* rate = nullptr;
        const evaluate::Repeats* base = nullptr; ///< Null: this is the base.
        double bytesPerSecond = 0;               ///< 0: not told.
        std::optional<double> joules;
    };

    SpeedsPtr m_speeds;
    std::vector<Row> m_rows;
};

} // namespace bitlathe::ui
