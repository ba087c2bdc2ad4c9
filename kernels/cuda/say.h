// SPDX-License-Identifier: Apache-2.0
// Reason: sentences into a caller's buffer; and the devices that the plug-in has code for.
#pragma once

#include <cstddef>
#include <cstdio>

namespace bitlathe::cuda
{

struct Reason
{
    char* text;
    std::size_t capacity;

    template <typename... Arguments>
    void say(const char* format, Arguments... arguments) const
    {
        std::snprintf(text, capacity, format, arguments...);
    }
};

/// The driver's number of the device that is index in the plug-in's list; -1: there is none.
int ordinalOf(int index);

} // namespace bitlathe::cuda
