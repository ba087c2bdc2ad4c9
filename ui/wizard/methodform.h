// SPDX-License-Identifier: GPL-3.0-or-later
// MethodForm: the settings of one method as fields.
#pragma once

#include "core/quant/quantizer.h"

#include <QWidget>

#include <functional>
#include <vector>

namespace bitlathe::ui
{

/// Fields made from Quantizer::settings(); a method without settings has none.
class MethodForm : public QWidget
{
    Q_OBJECT

public:
    explicit MethodForm(const quant::Quantizer& method, QWidget* parent = nullptr);

    bool isEmpty() const { return m_fields.empty(); }
    void showOptions(const quant::MethodOptions& options); ///< Without signals.

Q_SIGNALS:
    /// The setting at this place of Quantizer::settings() was given a value.
    void changed(std::size_t index, double value);

private:
    struct Field
    {
        quant::MethodSetting setting;
        std::function<void(double)> show;
    };
    QWidget* makeField(std::size_t index, const quant::MethodSetting& setting);

    std::vector<Field> m_fields;
};

} // namespace bitlathe::ui
