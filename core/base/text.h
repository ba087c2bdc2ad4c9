// SPDX-License-Identifier: Apache-2.0
// A sentence with arguments that core can build in English and the window can show in another language.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Marks a sentence for the translation tools and yields it unchanged. Places for arguments are written %1, %2, ...
/// Use: Text(BITLATHE_TEXT("at least %1 tokens"), 2048).
#define BITLATHE_TEXT(sentence) sentence

namespace bitlathe
{

/// A sentence (English, with %1 ... %9) and its arguments, already formatted. The sentence is the translation key.
class Text
{
public:
    Text() = default;
    template <typename... Args>
    explicit Text(std::string_view sentence, Args&&... args)
        : m_sentence(sentence), m_arguments{fmt::format("{}", std::forward<Args>(args))...}
    {
    }

    /// From parts that were kept, such as in a file.
    static Text fromParts(std::string sentence, std::vector<std::string> arguments)
    {
        Text text;
        text.m_sentence = std::move(sentence);
        text.m_arguments = std::move(arguments);
        return text;
    }

    const std::string& sentence() const { return m_sentence; }
    const std::vector<std::string>& arguments() const { return m_arguments; }
    bool empty() const { return m_sentence.empty(); }

    /// The English sentence with its arguments in place.
    std::string english() const { return fill(m_sentence, m_arguments); }

    /// Puts arguments into the places of any sentence, for translated ones.
    static std::string fill(std::string_view sentence, const std::vector<std::string>& arguments);

    bool operator==(const Text&) const = default;

private:
    std::string m_sentence;
    std::vector<std::string> m_arguments;
};

/// Whole sentences one after the other, in English.
std::string english(const std::vector<Text>& sentences);

} // namespace bitlathe
