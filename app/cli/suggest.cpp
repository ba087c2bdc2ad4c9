// SPDX-License-Identifier: Apache-2.0
// Names near a mistyped one.
#include "app/cli/suggest.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace bitlathe::cli
{

namespace
{

/// Letters to insert, remove, replace or swap with their neighbour to get from a to b.
std::size_t distance(const std::string& a, const std::string& b)
{
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                now[j] = std::min(now[j], before[j - 2] + 1);
            }
        }
        std::swap(before, last);
        std::swap(last, now);
    }
    return last[b.size()];
}

} // namespace

std::vector<std::string> nearNames(const std::string& word, const std::vector<std::string>& names)
{
    std::vector<std::pair<std::size_t, std::string>> near;
    for (const std::string& name : names) {
        const std::size_t apart = distance(word, name);
        const bool isStart = word.size() >= 3 && name.starts_with(word);
        if (isStart || apart <= std::max<std::size_t>(1, std::max(word.size(), name.size()) / 3)) {
            near.emplace_back(isStart ? 0 : apart, name);
        }
    }
    std::ranges::stable_sort(near, {}, &std::pair<std::size_t, std::string>::first);
    std::vector<std::string> found;
    for (std::size_t i = 0; i < std::min<std::size_t>(near.size(), 3); ++i) {
        found.push_back(near[i].second);
    }
    return found;
}

std::string didYouMean(const std::string& word, const std::vector<std::string>& names)
{
    std::string text;
    for (const std::string& name : nearNames(word, names)) {
        text += (text.empty() ? " Did you mean \"" : " or \"") + name + '"';
    }
    return text.empty() ? text : text + '?';
}

} // namespace bitlathe::cli
