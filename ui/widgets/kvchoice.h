// SPDX-License-Identifier: GPL-3.0-or-later
// KvChoice: ticks the kinds of KV cache that are measured beside the plain one.
#pragma once

#include "core/quant/kvscheme.h"
#include "ui/widgets/tickchoice.h"

#include <vector>

namespace bitlathe::ui
{

class KvChoice : public TickChoice
{
    Q_OBJECT

public:
    explicit KvChoice(QWidget* parent = nullptr);

    std::vector<quant::KvScheme> schemes() const; ///< The ticked ones, in the order of kvSchemes().
    void setSchemes(const std::vector<quant::KvScheme>& schemes);

private:
    void showName();
};

} // namespace bitlathe::ui
