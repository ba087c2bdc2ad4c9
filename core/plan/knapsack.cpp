// SPDX-License-Identifier: Apache-2.0
// Knapsack: the list of undominated choices, item after item.
#include "core/plan/knapsack.h"

#include <algorithm>

namespace bitlathe::plan
{

namespace
{

struct Candidate
{
    Tradeoff sum;
    std::uint32_t before = 0;
    std::uint32_t option = 0;
};

bool isCheaper(const Candidate& a, const Candidate& b)
{
    return a.sum.cost != b.sum.cost ? a.sum.cost < b.sum.cost : a.sum.loss < b.sum.loss;
}

/// Leaves what costs more than a choice that loses no more.
void dropBeaten(std::vector<Candidate>& sorted)
{
    std::size_t kept = 0;
    for (const Candidate& each : sorted) {
        if (kept == 0 || each.sum.loss < sorted[kept - 1].sum.loss) {
            sorted[kept++] = each;
        }
    }
    sorted.resize(kept);
}

/// Leaves the last, hence best, of those whose costs are close to each other, and the cheapest.
void thin(std::vector<Candidate>& front, std::size_t most)
{
    if (front.size() <= most) {
        return;
    }
    const double low = static_cast<double>(front.front().sum.cost);
    const double range = static_cast<double>(front.back().sum.cost) - low;
    const auto bucketOf = [&](const Candidate& each) {
        return static_cast<std::size_t>((static_cast<double>(each.sum.cost) - low) / range *
                                        static_cast<double>(most - 2));
    };
    std::size_t kept = 1;
    for (std::size_t i = 1; i < front.size(); ++i) {
        if (i + 1 == front.size() || bucketOf(front[i]) != bucketOf(front[i + 1])) {
            front[kept++] = front[i];
        }
    }
    front.resize(kept);
}

} // namespace

Knapsack::Knapsack(const std::vector<std::vector<Tradeoff>>& items, std::size_t pointsMax) : m_front(1)
{
    for (const std::vector<Tradeoff>& options : items) {
        std::vector<Candidate> next;
        for (std::uint32_t option = 0; option < options.size(); ++option) {
            // The front plus one option is in order, and so is what the options before gave.
            const auto middle = static_cast<std::ptrdiff_t>(next.size());
            for (std::uint32_t before = 0; before < m_front.size(); ++before) {
                const Tradeoff& sum = m_front[before];
                next.push_back({{sum.cost + options[option].cost, sum.loss + options[option].loss}, before, option});
            }
            std::inplace_merge(next.begin(), next.begin() + middle, next.end(), isCheaper);
            dropBeaten(next);
        }
        thin(next, pointsMax);
        m_front.clear();
        std::vector<Step>& steps = m_steps.emplace_back();
        for (const Candidate& each : next) {
            m_front.push_back(each.sum);
            steps.push_back({each.before, each.option});
        }
    }
}

std::vector<std::size_t> Knapsack::optionsAt(std::size_t point) const
{
    std::vector<std::size_t> options(m_steps.size());
    for (std::size_t item = m_steps.size(); item-- > 0;) {
        const Step& step = m_steps[item][point];
        options[item] = step.option;
        point = step.before;
    }
    return options;
}

} // namespace bitlathe::plan
