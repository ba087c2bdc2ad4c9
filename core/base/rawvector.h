// SPDX-License-Identifier: Apache-2.0
// RawVector: a vector whose new elements are whatever memory holds, for those who write all of them. Zeros of hundreds
// of megabytes would be written by one thread, which takes longer than what comes after on many.
#pragma once

#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace bitlathe
{

template <class T>
struct LeavesRaw : std::allocator<T>
{
    static_assert(std::is_trivially_default_constructible_v<T>);

    template <class Other>
    struct rebind
    {
        using other = LeavesRaw<Other>;
    };

    template <class Element>
    void construct(Element* place)
    {
        ::new (static_cast<void*>(place)) Element;
    }
    template <class Element, class... Arguments>
    void construct(Element* place, Arguments&&... arguments)
    {
        ::new (static_cast<void*>(place)) Element(std::forward<Arguments>(arguments)...);
    }
};

template <class T>
using RawVector = std::vector<T, LeavesRaw<T>>;

} // namespace bitlathe
