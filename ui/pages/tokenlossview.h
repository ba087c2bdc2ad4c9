// SPDX-License-Identifier: GPL-3.0-or-later
// TokenLossView: which tokens a compared model loses, and where in the window.
#pragma once

#include "ui/bridge/session.h"

#include <QWidget>

class QTableView;

namespace bitlathe::ui
{

class ComparedModelBox;
class LinePlot;
class TokenLossModel;

/// A model of a comparison is chosen above; left the tokens whose prediction it changed most, right the loss by position.
class TokenLossView : public QWidget
{
    Q_OBJECT

public:
    explicit TokenLossView(QWidget* parent = nullptr);

    void setComparison(ComparisonPtr comparison); ///< Null: nothing to show.

private:
    void showModel();

    ComparedModelBox* m_models;
    TokenLossModel* m_tokens;
    QTableView* m_table;
    LinePlot* m_plot;
};

} // namespace bitlathe::ui
