// SPDX-License-Identifier: Apache-2.0
// Strong ids: numbers that name a thing and can't be mixed up with those of another kind.
#pragma once

#include <cstddef>
#include <cstdint>

// After the others: the moc of Qt 6.4 can't read libstdc++'s <concepts> as the first header of a file.
#include <compare>

namespace bitlathe
{

/// An index of one kind. Tag is any type, never defined.
template <typename Tag>
class Id
{
public:
    constexpr Id() = default;
    constexpr explicit Id(std::int64_t value) : m_value(value) {}
    constexpr std::int64_t value() const { return m_value; }
    constexpr std::size_t index() const { return static_cast<std::size_t>(m_value); }
    constexpr bool isValid() const { return m_value >= 0; }
    constexpr auto operator<=>(const Id&) const = default;

private:
    std::int64_t m_value = -1;
};

using LayerId = Id<struct LayerTag>;   ///< A quantizable linear, by its place in ModelSpec::linears.
using TensorId = Id<struct TensorTag>; ///< A tensor of a Checkpoint, by its place in entries().
using RunId = Id<struct RunTag>;       ///< A row of the run history.
using JobId = Id<struct JobTag>;       ///< A job of this process' queue.

} // namespace bitlathe
