// SPDX-License-Identifier: Apache-2.0
// Values as text: what a template prints, Python's repr(), JSON.
#include "core/text/jinja/valuetext.h"

#include "core/text/jinja/escapes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace bitlathe::text::jinja
{

namespace
{

/// Writes one value as JSON, level by level.
class JsonWriter
{
public:
    JsonWriter(const JsonStyle& style, Budget& budget) : m_style(style), m_budget(budget) {}

    Result<void> write(const Value& value);
    std::string take() { return std::move(m_out); }

private:
    Result<void> writeList(const List& list);
    Result<void> writeDict(const Dict& dict);
    Result<std::string> key(const Value& value);
    Result<std::string> scalar(const Value& value);
    void startLine();
    void separate(bool isFirst);

    const JsonStyle& m_style;
    Budget& m_budget;
    std::string m_out;
    int m_level = 0;
};

void JsonWriter::startLine()
{
    if (m_style.indent) {
        m_out += '\n';
        for (int i = 0; i < m_level; ++i) {
            m_out += *m_style.indent;
        }
    }
}

void JsonWriter::separate(bool isFirst)
{
    if (!isFirst) {
        m_out += m_style.itemSeparator;
    }
    startLine();
}

Result<std::string> JsonWriter::scalar(const Value& value)
{
    if (value.isNone()) {
        return std::string("null");
    }
    if (value.isBoolean()) {
        return std::string(value.truth() ? "true" : "false");
    }
    if (const std::string* text = value.string()) {
        BITLATHE_CHECK(m_budget.chargeBytes(text->size()));
        return jsonQuoted(*text, m_style.asciiOnly);
    }
    if (value.isFloat()) {
        const double number = *value.number();
        return std::isnan(number)   ? "NaN"
               : std::isinf(number) ? std::string(number > 0 ? "Infinity" : "-Infinity")
                                    : floatText(number);
    }
    if (const std::optional<std::int64_t> integer = value.integer()) {
        return std::to_string(*integer);
    }
    return m_budget.refuse(Text(BITLATHE_TEXT("a value that JSON can hold")), Text(BITLATHE_TEXT("%1"), value.kind()));
}

Result<std::string> JsonWriter::key(const Value& value)
{
    if (value.string() != nullptr) {
        return scalar(value);
    }
    BITLATHE_TRY(const std::string text, scalar(value));
    return '"' + text + '"';
}

Result<void> JsonWriter::writeList(const List& list)
{
    if (list.sequence == Sequence::Generator || list.sequence == Sequence::View) {
        return m_budget.refuse(Text(BITLATHE_TEXT("a list (through the filter list)")),
                               Text(BITLATHE_TEXT("a generator")));
    }
    m_out += '[';
    ++m_level;
    for (const Value& item : list.items) {
        separate(&item == &list.items.front());
        BITLATHE_CHECK(write(item));
    }
    --m_level;
    if (!list.items.empty()) {
        startLine();
    }
    m_out += ']';
    return {};
}

Result<void> JsonWriter::writeDict(const Dict& dict)
{
    if (dict.mapping != Mapping::Dict) {
        return m_budget.refuse(Text(BITLATHE_TEXT("a value that JSON can hold")), Text(BITLATHE_TEXT("a namespace")));
    }
    std::vector<std::pair<std::string, const Value*>> entries;
    for (const auto& [name, value] : dict.entries) {
        BITLATHE_TRY(std::string text, key(name));
        entries.emplace_back(std::move(text), &value);
    }
    if (m_style.sortKeys) {
        std::stable_sort(entries.begin(), entries.end(),
                         [](const auto& a, const auto& b) { return a.first < b.first; });
    }
    m_out += '{';
    ++m_level;
    for (const auto& entry : entries) {
        separate(&entry == &entries.front());
        m_out += entry.first + m_style.keySeparator;
        BITLATHE_CHECK(write(*entry.second));
    }
    --m_level;
    if (!entries.empty()) {
        startLine();
    }
    m_out += '}';
    return {};
}

Result<void> JsonWriter::write(const Value& value)
{
    BITLATHE_CHECK(m_budget.charge(1));
    if (const List* list = value.list()) {
        return writeList(*list);
    }
    if (const Dict* dict = value.dict()) {
        return writeDict(*dict);
    }
    BITLATHE_TRY(const std::string text, scalar(value));
    m_out += text;
    return {};
}

Result<std::string> listText(const List& list, Budget& budget)
{
    if (list.sequence == Sequence::Generator || list.sequence == Sequence::View) {
        return budget.refuse(Text(BITLATHE_TEXT("a list to print (through the filter list)")),
                             Text(BITLATHE_TEXT("a generator")));
    }
    std::string text;
    for (const Value& item : list.items) {
        BITLATHE_TRY(const std::string piece, toRepresentation(item, budget));
        text += (text.empty() ? "" : ", ") + piece;
    }
    if (list.sequence == Sequence::Tuple) {
        return fmt::format("({}{})", text, list.items.size() == 1 ? "," : "");
    }
    return fmt::format("[{}]", text);
}

Result<std::string> dictText(const Dict& dict, Budget& budget)
{
    if (dict.mapping != Mapping::Dict) {
        return budget.refuse(Text(BITLATHE_TEXT("a value to print")), Text(BITLATHE_TEXT("a namespace")));
    }
    std::string text;
    for (const auto& [key, value] : dict.entries) {
        BITLATHE_TRY(const std::string name, toRepresentation(key, budget));
        BITLATHE_TRY(const std::string piece, toRepresentation(value, budget));
        text += (text.empty() ? "" : ", ") + name + ": " + piece;
    }
    return fmt::format("{{{}}}", text);
}

} // namespace

std::string floatText(double value)
{
    if (std::isnan(value)) {
        return "nan";
    }
    if (std::isinf(value)) {
        return value > 0 ? "inf" : "-inf";
    }
    constexpr int kLowestPlain = -4;
    constexpr int kHighestPlain = 16;
    std::array<char, 400> buffer{};
    const double size = std::abs(value);
    const bool plain = size == 0.0 || (size >= std::pow(10.0, kLowestPlain) && size < std::pow(10.0, kHighestPlain));
    const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
    const char* end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format).ptr;
    std::string text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    if (plain && text.find('.') == std::string::npos) {
        text += ".0";
    }
    return text;
}

Result<std::string> toRepresentation(const Value& value, Budget& budget)
{
    BITLATHE_CHECK(budget.charge(1));
    if (const std::string* text = value.string()) {
        BITLATHE_CHECK(budget.chargeBytes(text->size()));
        return pythonQuoted(*text);
    }
    if (value.isUndefined()) {
        return std::string("Undefined");
    }
    return toText(value, budget);
}

Result<std::string> toText(const Value& value, Budget& budget)
{
    BITLATHE_CHECK(budget.charge(1));
    if (const std::string* text = value.string()) {
        return *text;
    }
    if (const List* list = value.list()) {
        return listText(*list, budget);
    }
    if (const Dict* dict = value.dict()) {
        return dictText(*dict, budget);
    }
    if (value.isUndefined()) {
        return std::string();
    }
    if (value.isNone()) {
        return std::string("None");
    }
    if (value.isBoolean()) {
        return std::string(value.truth() ? "True" : "False");
    }
    if (value.isFloat()) {
        return floatText(*value.number());
    }
    if (const std::optional<std::int64_t> integer = value.integer()) {
        return std::to_string(*integer);
    }
    return budget.refuse(Text(BITLATHE_TEXT("a value to print")), Text(BITLATHE_TEXT("%1"), value.kind()));
}

Result<std::string> toJson(const Value& value, const JsonStyle& style, Budget& budget)
{
    JsonWriter writer(style, budget);
    BITLATHE_CHECK(writer.write(value));
    std::string text = writer.take();
    BITLATHE_CHECK(budget.chargeBytes(text.size()));
    return text;
}

} // namespace bitlathe::text::jinja
