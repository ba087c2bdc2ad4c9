// SPDX-License-Identifier: GPL-3.0-or-later
// KvChoice: a button whose menu ticks the kinds of KV cache that are measured beside the plain one.
#pragma once

#include "core/quant/kvscheme.h"

#include <QToolButton>

#include <vector>

namespace bitlathe::ui
{

class KvChoice : public QToolButton
{
    Q_OBJECT

public:
    explicit KvChoice(QWidget* parent = nullptr);

    std::vector<quant::KvScheme> schemes() const; ///< The ticked ones, in the order of kvSchemes().
    void setSchemes(const std::vector<quant::KvScheme>& schemes);

Q_SIGNALS:
    void changed();

private:
    void showText();
};

} // namespace bitlathe::ui
