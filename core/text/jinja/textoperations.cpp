// SPDX-License-Identifier: Apache-2.0
// Operations on texts that filters and methods share, with Python's meaning.
#include "core/text/jinja/textoperations.h"

#include "core/text/jinja/unicode.h"

#include <algorithm>

namespace bitlathe::text::jinja
{

namespace
{

bool breaksLine(char32_t character)
{
    return (character >= 0x0A && character <= 0x0D) || (character >= 0x1C && character <= 0x1E) || character == 0x85 ||
           character == 0x2028 || character == 0x2029;
}

bool beginsWord(char32_t character)
{
    return isSpace(character) || character == U'-' || character == U'(' || character == U'{' || character == U'[' ||
           character == U'<';
}

} // namespace

std::string capitalized(std::string_view text)
{
    const std::u32string characters = decode(text);
    if (characters.empty()) {
        return {};
    }
    return upperText(encode({characters.data(), 1})) + lowerText(encode(std::u32string_view(characters).substr(1)));
}

std::string titled(std::string_view text)
{
    std::string out;
    bool inWord = false;
    for (const char32_t character : decode(text)) {
        appendCharacter(out, inWord ? toLower(character) : toUpper(character));
        inWord = isLetter(character);
    }
    return out;
}

std::string titledWords(std::string_view text)
{
    std::string out;
    bool inWord = false;
    for (const char32_t character : decode(text)) {
        appendCharacter(out, inWord ? toLower(character) : toUpper(character));
        inWord = !beginsWord(character);
    }
    return out;
}

std::string replaced(std::string_view text, std::string_view before, std::string_view after, std::int64_t count)
{
    std::string out;
    std::int64_t done = 0;
    if (before.empty()) {
        // Between all characters, and at both ends.
        const std::u32string characters = decode(text);
        for (std::size_t i = 0; i <= characters.size(); ++i) {
            if (count < 0 || done++ < count) {
                out += after;
            }
            if (i < characters.size()) {
                appendCharacter(out, characters[i]);
            }
        }
        return out;
    }
    while (count < 0 || done < count) {
        const std::size_t at = text.find(before);
        if (at == std::string_view::npos) {
            break;
        }
        out += text.substr(0, at);
        out += after;
        text.remove_prefix(at + before.size());
        ++done;
    }
    out += text;
    return out;
}

std::vector<std::string> linesOf(std::string_view text)
{
    std::vector<std::string> lines;
    const std::u32string characters = decode(text);
    std::u32string line;
    for (std::size_t i = 0; i < characters.size(); ++i) {
        if (!breaksLine(characters[i])) {
            line += characters[i];
            continue;
        }
        lines.push_back(encode(line));
        line.clear();
        i += characters[i] == U'\r' && i + 1 < characters.size() && characters[i + 1] == U'\n' ? 1 : 0;
    }
    if (!line.empty()) {
        lines.push_back(encode(line));
    }
    return lines;
}

std::vector<std::string> splitAtSpace(std::string_view text, std::int64_t count, bool fromEnd)
{
    std::u32string rest = decode(stripText(text, !fromEnd, fromEnd));
    if (fromEnd) {
        std::reverse(rest.begin(), rest.end());
    }
    std::vector<std::string> parts;
    const auto add = [&](std::u32string part) {
        if (fromEnd) {
            std::reverse(part.begin(), part.end());
        }
        parts.push_back(encode(part));
    };
    auto at = rest.begin();
    while (at != rest.end()) {
        auto end = std::find_if(at, rest.end(), isSpace);
        if (count >= 0 && static_cast<std::int64_t>(parts.size()) >= count) {
            end = rest.end();
        }
        add({at, end});
        at = std::find_if_not(end, rest.end(), isSpace);
    }
    if (fromEnd) {
        std::reverse(parts.begin(), parts.end());
    }
    return parts;
}

std::vector<std::string> splitAt(std::string_view text, std::string_view separator, std::int64_t count, bool fromEnd)
{
    std::vector<std::string> parts;
    while (count < 0 || static_cast<std::int64_t>(parts.size()) < count) {
        const std::size_t at = fromEnd ? text.rfind(separator) : text.find(separator);
        if (at == std::string_view::npos) {
            break;
        }
        if (fromEnd) {
            parts.emplace_back(text.substr(at + separator.size()));
            text = text.substr(0, at);
        } else {
            parts.emplace_back(text.substr(0, at));
            text.remove_prefix(at + separator.size());
        }
    }
    parts.emplace_back(text);
    if (fromEnd) {
        std::reverse(parts.begin(), parts.end());
    }
    return parts;
}

} // namespace bitlathe::text::jinja
