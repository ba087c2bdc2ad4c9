// SPDX-License-Identifier: Apache-2.0
// Unpickler: opcodes that make values and put them into one another.
#include "core/checkpoint/shownname.h"
#include "core/checkpoint/unpickler.h"

#include <array>
#include <charconv>

namespace bitlathe::checkpoint
{

namespace
{

constexpr std::size_t kMaxCopied = 2'000'000;
constexpr const char* kOrderedDict = "collections.OrderedDict";

} // namespace

Result<void> Unpickler::pushInteger(std::int64_t value)
{
    BITLATHE_TRY(PickleValue * made, make(PickleKind::Integer));
    made->integer = value;
    return push(made);
}

/// A number of any length, in two's complement.
Result<void> Unpickler::pushLong(std::uint64_t bytes)
{
    BITLATHE_TRY(const std::string_view digits, m_input.text(bytes));
    if (digits.size() > sizeof(std::int64_t)) {
        BITLATHE_TRY(PickleValue * made, make(PickleKind::LongInteger));
        made->text = digits;
        return push(made);
    }
    const bool isNegative = !digits.empty() && (static_cast<unsigned char>(digits.back()) & 0x80U) != 0;
    std::uint64_t value = isNegative ? ~std::uint64_t{0} : 0;
    for (std::size_t i = digits.size(); i-- > 0;) {
        value = (value << 8U) | static_cast<unsigned char>(digits[i]);
    }
    return pushInteger(static_cast<std::int64_t>(value));
}

Result<bool> Unpickler::pushNumber(unsigned char code)
{
    switch (code) {
    case 'K':   // BININT1
    case 'M': { // BININT2
        BITLATHE_TRY(const std::uint64_t value, m_input.number(code == 'K' ? 1 : 2));
        BITLATHE_CHECK(pushInteger(static_cast<std::int64_t>(value)));
        return true;
    }
    case 'J': { // BININT
        BITLATHE_TRY(const std::uint64_t value, m_input.number(4));
        BITLATHE_CHECK(pushInteger(static_cast<std::int32_t>(static_cast<std::uint32_t>(value))));
        return true;
    }
    case 0x8a:   // LONG1
    case 0x8b: { // LONG4
        BITLATHE_TRY(const std::uint64_t bytes, m_input.number(code == 0x8a ? 1 : 4));
        BITLATHE_CHECK(pushLong(bytes));
        return true;
    }
    case 'I':   // INT
    case 'L': { // LONG
        BITLATHE_TRY(std::string_view line, m_input.line());
        if (code == 'L' && line.ends_with('L')) {
            line.remove_suffix(1);
        }
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
        if (error != std::errc() || end != line.data() + line.size()) {
            return m_input.invalid(Text(BITLATHE_TEXT("a whole number")), Text(BITLATHE_TEXT("%1"), shownName(line)));
        }
        // Protocol 0 writes truth as I00 and I01.
        BITLATHE_TRY(
            PickleValue * made,
            make(code == 'I' && line.size() == 2 && line.front() == '0' ? PickleKind::Bool : PickleKind::Integer));
        made->integer = value;
        BITLATHE_CHECK(push(made));
        return true;
    }
    case 'G':   // BINFLOAT
    case 'F': { // FLOAT
        // No part of a tensor is a fraction: that there is one is all that matters.
        BITLATHE_CHECK(code == 'G' ? m_input.text(8) : m_input.line());
        BITLATHE_TRY(PickleValue * made, make(PickleKind::Float));
        BITLATHE_CHECK(push(made));
        return true;
    }
    default: return false;
    }
}

Result<bool> Unpickler::pushConstant(unsigned char code)
{
    const bool isTrue = code == 0x88;
    if (code != 'N' && !isTrue && code != 0x89) {
        return false;
    }
    BITLATHE_TRY(PickleValue * made, make(code == 'N' ? PickleKind::None : PickleKind::Bool));
    made->integer = isTrue ? 1 : 0;
    BITLATHE_CHECK(push(made));
    return true;
}

Result<void> Unpickler::pushString(std::uint64_t bytes)
{
    BITLATHE_TRY(const std::string_view text, m_input.text(bytes));
    BITLATHE_TRY(PickleValue * made, make(PickleKind::String));
    made->text = text;
    return push(made);
}

Result<bool> Unpickler::pushText(unsigned char code)
{
    std::size_t width = 0;
    switch (code) {
    case 0x8c: // SHORT_BINUNICODE
    case 'U':  // SHORT_BINSTRING
    case 'C':  // SHORT_BINBYTES
        width = 1;
        break;
    case 'X': // BINUNICODE
    case 'T': // BINSTRING
    case 'B': // BINBYTES
        width = 4;
        break;
    case 0x8d: // BINUNICODE8
    case 0x8e: // BINBYTES8
        width = 8;
        break;
    default: return false;
    }
    BITLATHE_TRY(const std::uint64_t bytes, m_input.number(width));
    BITLATHE_CHECK(pushString(bytes));
    return true;
}

Result<void> Unpickler::pushItems(PickleKind kind, std::span<PickleValue* const> items)
{
    BITLATHE_TRY(PickleValue * made, make(kind));
    made->items.assign(items.begin(), items.end());
    return push(made);
}

Result<bool> Unpickler::makeContainer(unsigned char code)
{
    switch (code) {
    case ')': BITLATHE_CHECK(pushItems(PickleKind::Tuple, {})); return true;
    case ']': BITLATHE_CHECK(pushItems(PickleKind::List, {})); return true;
    case '}': BITLATHE_CHECK(pushItems(PickleKind::Dict, {})); return true;
    case 't':   // TUPLE
    case 'l': { // LIST
        BITLATHE_TRY(const std::vector<PickleValue*> items, popToMark());
        BITLATHE_CHECK(pushItems(code == 't' ? PickleKind::Tuple : PickleKind::List, items));
        return true;
    }
    case 'd': { // DICT
        BITLATHE_TRY(const std::vector<PickleValue*> items, popToMark());
        BITLATHE_CHECK(pushItems(PickleKind::Dict, {}));
        BITLATHE_CHECK(setItems(items));
        return true;
    }
    case 0x85:   // TUPLE1
    case 0x86:   // TUPLE2
    case 0x87: { // TUPLE3
        std::vector<PickleValue*> items(code - 0x84U);
        for (std::size_t i = items.size(); i-- > 0;) {
            BITLATHE_TRY(items[i], pop());
        }
        BITLATHE_CHECK(pushItems(PickleKind::Tuple, items));
        return true;
    }
    default: return false;
    }
}

Result<void> Unpickler::append(std::span<PickleValue* const> items)
{
    BITLATHE_TRY(PickleValue * list, top());
    if (list->kind != PickleKind::List) {
        return m_input.invalid(Text(BITLATHE_TEXT("a list to append to")), Text(BITLATHE_TEXT("another value")));
    }
    list->items.insert(list->items.end(), items.begin(), items.end());
    return {};
}

Result<void> Unpickler::setItems(std::span<PickleValue* const> items)
{
    BITLATHE_TRY(PickleValue * dict, top());
    if (dict->kind != PickleKind::Dict || items.size() % 2 != 0) {
        return m_input.invalid(Text(BITLATHE_TEXT("a dictionary and pairs for it")),
                               Text(BITLATHE_TEXT("other values")));
    }
    dict->items.insert(dict->items.end(), items.begin(), items.end());
    return {};
}

Result<bool> Unpickler::fillContainer(unsigned char code)
{
    switch (code) {
    case 'a': { // APPEND
        BITLATHE_TRY(PickleValue * item, pop());
        BITLATHE_CHECK(append({&item, 1}));
        return true;
    }
    case 's': { // SETITEM
        std::array<PickleValue*, 2> pair{};
        BITLATHE_TRY(pair[1], pop());
        BITLATHE_TRY(pair[0], pop());
        BITLATHE_CHECK(setItems(pair));
        return true;
    }
    case 'e':   // APPENDS
    case 'u': { // SETITEMS
        BITLATHE_TRY(const std::vector<PickleValue*> items, popToMark());
        BITLATHE_CHECK(code == 'e' ? append(items) : setItems(items));
        return true;
    }
    default: return false;
    }
}

Result<void> Unpickler::pushGlobal(std::string_view module, std::string_view name)
{
    std::string whole = std::string(module) + '.' + std::string(name);
    if (!m_isAllowed(whole)) {
        return m_input.invalid(
            Text(BITLATHE_TEXT("tensors, containers and numbers only")),
            Text(BITLATHE_TEXT("the name %1, which a tensor file has no use for; nothing was run"), shownName(whole)));
    }
    BITLATHE_TRY(PickleValue * made, make(PickleKind::Global));
    made->text = std::move(whole);
    return push(made);
}

/// A dictionary with an order is a dictionary, made of nothing or of a list of pairs; other calls are kept as they are.
Result<void> Unpickler::callGlobal()
{
    BITLATHE_TRY(PickleValue * arguments, pop());
    BITLATHE_TRY(PickleValue * callee, pop());
    if (callee->kind != PickleKind::Global || arguments->kind != PickleKind::Tuple) {
        return m_input.invalid(Text(BITLATHE_TEXT("a name and a tuple to call it with")),
                               Text(BITLATHE_TEXT("other values")));
    }
    if (!callee->isGlobal(kOrderedDict)) {
        const std::array call{callee, arguments};
        return pushItems(PickleKind::Call, call);
    }
    BITLATHE_TRY(PickleValue * dict, make(PickleKind::Dict));
    if (!arguments->items.empty()) {
        // The same list can be named over and over: the copies count as values.
        m_copied += arguments->items.front()->items.size();
        if (m_copied > kMaxCopied) {
            return m_input.invalid(Text(BITLATHE_TEXT("at most %1 pairs"), kMaxCopied), Text(BITLATHE_TEXT("more")));
        }
        for (const PickleValue* pair : arguments->items.front()->items) {
            if (pair->items.size() != 2) {
                return m_input.invalid(Text(BITLATHE_TEXT("pairs for a dictionary")),
                                       Text(BITLATHE_TEXT("another value")));
            }
            dict->items.insert(dict->items.end(), pair->items.begin(), pair->items.end());
        }
    }
    return push(dict);
}

Result<bool> Unpickler::makeObject(unsigned char code)
{
    switch (code) {
    case 'c': { // GLOBAL
        BITLATHE_TRY(const std::string_view module, m_input.line());
        BITLATHE_TRY(const std::string_view name, m_input.line());
        BITLATHE_CHECK(pushGlobal(module, name));
        return true;
    }
    case 0x93: { // STACK_GLOBAL
        BITLATHE_TRY(const PickleValue* name, pop());
        BITLATHE_TRY(const PickleValue* module, pop());
        if (name->kind != PickleKind::String || module->kind != PickleKind::String) {
            return m_input.invalid(Text(BITLATHE_TEXT("a name in two strings")), Text(BITLATHE_TEXT("other values")));
        }
        BITLATHE_CHECK(pushGlobal(module->text, name->text));
        return true;
    }
    case 'R':  // REDUCE
    case 0x81: // NEWOBJ: a call, for what is allowed here
        BITLATHE_CHECK(callGlobal());
        return true;
    case 'b': { // BUILD: attributes, such as the versions of modules that a state dict carries
        BITLATHE_CHECK(pop());
        BITLATHE_CHECK(top());
        return true;
    }
    case 'Q': { // BINPERSID
        BITLATHE_TRY(PickleValue * id, pop());
        BITLATHE_CHECK(pushItems(PickleKind::Persistent, {&id, 1}));
        return true;
    }
    default: return false;
    }
}

} // namespace bitlathe::checkpoint
