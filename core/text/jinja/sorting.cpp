// SPDX-License-Identifier: Apache-2.0
// Sorting of values whose comparison may fail.
#include "core/text/jinja/sorting.h"

#include <algorithm>
#include <numeric>

namespace bitlathe::text::jinja
{

Result<std::vector<Value>> sortedBy(const std::vector<Value>& keys, std::vector<Value> items, bool reversed,
                                    Budget& budget)
{
    std::vector<std::size_t> order(items.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::vector<std::size_t> merged(order.size());
    for (std::size_t width = 1; width < order.size(); width *= 2) {
        for (std::size_t begin = 0; begin < order.size(); begin += 2 * width) {
            const std::size_t middle = std::min(begin + width, order.size());
            const std::size_t end = std::min(begin + 2 * width, order.size());
            std::size_t left = begin;
            std::size_t right = middle;
            for (std::size_t out = begin; out < end; ++out) {
                bool takesRight = left == middle;
                if (left < middle && right < end) {
                    BITLATHE_TRY(const int sign, compare(keys[order[right]], keys[order[left]], budget));
                    takesRight = reversed ? sign > 0 : sign < 0;
                }
                merged[out] = takesRight ? order[right++] : order[left++];
            }
        }
        std::swap(order, merged);
    }
    std::vector<Value> sorted;
    sorted.reserve(items.size());
    for (const std::size_t place : order) {
        sorted.push_back(std::move(items[place]));
    }
    return sorted;
}

} // namespace bitlathe::text::jinja
