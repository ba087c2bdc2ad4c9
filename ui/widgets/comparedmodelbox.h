// SPDX-License-Identifier: GPL-3.0-or-later
// ComparedModelBox: chooses among the models of a comparison that have what a view shows.
#pragma once

#include "ui/bridge/session.h"

#include <QComboBox>

#include <functional>

namespace bitlathe::ui
{

/// The choice outlives a new comparison, by the model's name.
class ComparedModelBox : public QComboBox
{
    Q_OBJECT

public:
    using Has = std::function<bool(const evaluate::ComparedModel&)>;

    explicit ComparedModelBox(Has has, QWidget* parent = nullptr);

    void setComparison(ComparisonPtr comparison); ///< Null: none.
    const ComparisonPtr& comparison() const { return m_comparison; }
    const evaluate::ComparedModel* model() const; ///< Null: none has it. Lives as long as comparison().

Q_SIGNALS:
    void modelChanged();

private:
    Has m_has;
    ComparisonPtr m_comparison;
};

} // namespace bitlathe::ui
