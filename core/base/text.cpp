// SPDX-License-Identifier: Apache-2.0
// A sentence with arguments that core can build in English and the window can show in another language.
#include "core/base/text.h"

namespace bitlathe
{

std::string Text::fill(std::string_view sentence, const std::vector<std::string>& arguments)
{
    std::string filled;
    filled.reserve(sentence.size() + 32);
    for (std::size_t i = 0; i < sentence.size(); ++i) {
        const bool isPlace = sentence[i] == '%' && i + 1 < sentence.size() && sentence[i + 1] >= '1' && sentence[i + 1] <= '9';
        if (!isPlace) {
            filled += sentence[i];
            continue;
        }
        const auto index = static_cast<std::size_t>(sentence[i + 1] - '1');
        if (index < arguments.size()) {
            filled += arguments[index];
        }
        ++i;
    }
    return filled;
}

std::string english(const std::vector<Text>& sentences)
{
    std::string all;
    for (const Text& sentence : sentences) {
        all += (all.empty() ? "" : " ") + sentence.english();
    }
    return all;
}

} // namespace bitlathe
