// SPDX-License-Identifier: Apache-2.0
// The variable loop of a for block.
#pragma once

#include "core/text/jinja/value.h"

namespace bitlathe::text::jinja
{

/// What loop.changed() was last given.
struct LoopState
{
    std::optional<std::vector<Value>> last;
};

/// loop at one of the items. Its depth counts loops that call themselves, so it is 1.
Result<Value> loopVariable(const std::vector<Value>& items, std::size_t at, const std::shared_ptr<LoopState>& state,
                           Budget& budget);

} // namespace bitlathe::text::jinja
