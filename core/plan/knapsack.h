// SPDX-License-Identifier: Apache-2.0
// Knapsack: one option for every item, with the least loss for every cost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bitlathe::plan
{

/// A cost, and the loss that comes with it: of an option, or of one option of every item together.
struct Tradeoff
{
    std::uint64_t cost = 0;
    double loss = 0;
};

/// The choices that no other one beats in both cost and loss.
class Knapsack
{
public:
    /// items: the options of each, at least one. Exact while there are no more than pointsMax such choices for the
    /// items so far; beyond that, of choices within 1 / pointsMax of the range of costs only the one of least loss goes
    /// on.
    explicit Knapsack(const std::vector<std::vector<Tradeoff>>& items, std::size_t pointsMax = 1U << 13U);

    /// Costs ascend, losses descend.
    const std::vector<Tradeoff>& front() const { return m_front; }
    /// The option of each item at a point of the front.
    std::vector<std::size_t> optionsAt(std::size_t point) const;

private:
    /// How a point came about: from which one of the items before, by which option.
    struct Step
    {
        std::uint32_t before = 0;
        std::uint32_t option = 0;
    };
    std::vector<Tradeoff> m_front;
    std::vector<std::vector<Step>> m_steps; ///< For each item.
};

} // namespace bitlathe::plan
