// SPDX-License-Identifier: GPL-3.0-or-later
// SpeedView: how fast compared models read prompts and write tokens on this machine.
#pragma once

#include "ui/bridge/session.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QPushButton;
class QSettings;
class QSpinBox;
class QTableView;

namespace bitlathe::ui
{

class SpeedModel;

/// Above what is to be measured; below a table of what was.
class SpeedView : public QWidget
{
    Q_OBJECT

public:
    explicit SpeedView(QWidget* parent = nullptr);

    /// What the fields say; nothing where a list of numbers is none.
    std::optional<evaluate::ThroughputOptions> options() const;
    void setSpeeds(SpeedsPtr speeds); ///< Null: nothing to show.
    void setCanMeasure(bool can);     ///< Whether there are models to measure.

    void saveState(QSettings& settings) const;
    void restoreState(const QSettings& settings);

Q_SIGNALS:
    void measureAsked();

private:
    QWidget* makeFields();
    void updateButton();

    QLineEdit* m_prompts;
    QLineEdit* m_contexts;
    QLineEdit* m_batches;
    QSpinBox* m_newTokens;
    QSpinBox* m_repeats;
    QPushButton* m_measure;
    QLabel* m_how;
    SpeedModel* m_model;
    QTableView* m_table;
    bool m_canMeasure = false;
};

} // namespace bitlathe::ui
