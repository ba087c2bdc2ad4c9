// SPDX-License-Identifier: Apache-2.0
// Unpickler: the stack machine behind readPickle.
#include "core/checkpoint/unpickler.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace bitlathe::checkpoint
{

namespace
{

constexpr std::size_t kMaxBytes = 100'000'000;
// A tensor takes about 16 values: these are the tensors of a shard, many times over.
constexpr std::size_t kMaxValues = 2'000'000;
constexpr std::size_t kMaxMemo = 2'000'000;
constexpr std::size_t kMaxStack = 100'000;
constexpr std::uint64_t kHighestProtocol = 5;

// Letters of opcodes as Python's pickletools lists them. Those that are not here build objects in ways that no tensor
// file needs, and are refused.
namespace opcode
{
constexpr unsigned char kMark = '(';
constexpr unsigned char kStop = '.';
constexpr unsigned char kPop = '0';
constexpr unsigned char kPopMark = '1';
constexpr unsigned char kDup = '2';
constexpr unsigned char kProto = 0x80;
constexpr unsigned char kFrame = 0x95;
} // namespace opcode

} // namespace

Result<Pickle> readPickle(std::span<const std::byte> input, const std::string& subject,
                          const std::function<bool(std::string_view)>& isAllowed)
{
    return Unpickler(input.first(std::min(input.size(), kMaxBytes)), subject, isAllowed).run();
}

Result<Pickle> Unpickler::run()
{
    using Handler = Result<bool> (Unpickler::*)(unsigned char);
    constexpr std::array<Handler, 8> kHandlers{
        &Unpickler::useMemo,       &Unpickler::pushText,      &Unpickler::pushNumber, &Unpickler::pushConstant,
        &Unpickler::makeContainer, &Unpickler::fillContainer, &Unpickler::moveStack,  &Unpickler::makeObject};
    while (true) {
        BITLATHE_TRY(const std::uint64_t byte, m_input.number(1));
        const auto code = static_cast<unsigned char>(byte);
        if (code == opcode::kStop) {
            break;
        }
        bool isKnown = false;
        for (std::size_t i = 0; !isKnown && i < kHandlers.size(); ++i) {
            BITLATHE_TRY(isKnown, (this->*kHandlers[i])(code));
        }
        if (!isKnown) {
            return m_input.invalid(Text(BITLATHE_TEXT("a pickle of tensors")),
                                   Text(BITLATHE_TEXT("the opcode 0x%1"), fmt::format("{:02x}", code)));
        }
    }
    BITLATHE_TRY(const PickleValue* root, pop());
    return Pickle{std::move(m_values), root, m_input.position()};
}

Result<PickleValue*> Unpickler::make(PickleKind kind)
{
    if (m_values.size() >= kMaxValues) {
        return m_input.invalid(Text(BITLATHE_TEXT("at most %1 values"), kMaxValues), Text(BITLATHE_TEXT("more")));
    }
    PickleValue& value = m_values.emplace_back();
    value.kind = kind;
    return &value;
}

Result<void> Unpickler::push(PickleValue* value)
{
    if (m_stack.size() >= kMaxStack) {
        return m_input.invalid(Text(BITLATHE_TEXT("a stack of at most %1 values"), kMaxStack),
                               Text(BITLATHE_TEXT("more")));
    }
    m_stack.push_back(value);
    return {};
}

Result<PickleValue*> Unpickler::top()
{
    const std::size_t floor = m_marks.empty() ? 0 : m_marks.back();
    if (m_stack.size() <= floor) {
        return m_input.invalid(Text(BITLATHE_TEXT("a value on the stack")), Text(BITLATHE_TEXT("none")));
    }
    return m_stack.back();
}

Result<PickleValue*> Unpickler::pop()
{
    BITLATHE_TRY(PickleValue * value, top());
    m_stack.pop_back();
    return value;
}

Result<std::vector<PickleValue*>> Unpickler::popToMark()
{
    if (m_marks.empty()) {
        return m_input.invalid(Text(BITLATHE_TEXT("a mark on the stack")), Text(BITLATHE_TEXT("none")));
    }
    const auto first = m_stack.begin() + static_cast<std::ptrdiff_t>(m_marks.back());
    std::vector<PickleValue*> items(first, m_stack.end());
    m_stack.erase(first, m_stack.end());
    m_marks.pop_back();
    return items;
}

Result<bool> Unpickler::moveStack(unsigned char code)
{
    switch (code) {
    case opcode::kProto: {
        BITLATHE_TRY(const std::uint64_t protocol, m_input.number(1));
        if (protocol > kHighestProtocol) {
            return m_input.invalid(Text(BITLATHE_TEXT("a pickle of protocol %1 or lower"), kHighestProtocol),
                                   Text(BITLATHE_TEXT("%1"), protocol));
        }
        return true;
    }
    case opcode::kFrame: BITLATHE_CHECK(m_input.number(8)); return true; // A hint for reading ahead.
    case opcode::kMark:
        if (m_marks.size() >= kMaxStack) {
            return m_input.invalid(Text(BITLATHE_TEXT("at most %1 marks"), kMaxStack), Text(BITLATHE_TEXT("more")));
        }
        m_marks.push_back(m_stack.size());
        return true;
    case opcode::kPop:
        if (!m_marks.empty() && m_marks.back() == m_stack.size()) {
            m_marks.pop_back();
            return true;
        }
        BITLATHE_CHECK(pop());
        return true;
    case opcode::kPopMark: BITLATHE_CHECK(popToMark()); return true;
    case opcode::kDup: {
        BITLATHE_TRY(PickleValue * value, top());
        BITLATHE_CHECK(push(value));
        return true;
    }
    default: return false;
    }
}

Result<void> Unpickler::remember(std::uint64_t number)
{
    BITLATHE_TRY(PickleValue * value, top());
    if (m_memo.size() >= kMaxMemo) {
        return m_input.invalid(Text(BITLATHE_TEXT("a memo of at most %1 values"), kMaxMemo),
                               Text(BITLATHE_TEXT("more")));
    }
    m_memo.insert_or_assign(number, value);
    return {};
}

Result<void> Unpickler::recall(std::uint64_t number)
{
    const auto found = m_memo.find(number);
    if (found == m_memo.end()) {
        return m_input.invalid(Text(BITLATHE_TEXT("a value number %1 in the memo"), number),
                               Text(BITLATHE_TEXT("none")));
    }
    return push(found->second);
}

Result<bool> Unpickler::useMemo(unsigned char code)
{
    if (code == 0x94) { // MEMOIZE
        BITLATHE_CHECK(remember(m_memo.size()));
        return true;
    }
    std::uint64_t number = 0;
    switch (code) {
    case 'q':   // BINPUT
    case 'h': { // BINGET
        BITLATHE_TRY(number, m_input.number(1));
        break;
    }
    case 'r':   // LONG_BINPUT
    case 'j': { // LONG_BINGET
        BITLATHE_TRY(number, m_input.number(4));
        break;
    }
    case 'p':   // PUT
    case 'g': { // GET
        BITLATHE_TRY(const std::string_view line, m_input.line());
        const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
        if (error != std::errc() || end != line.data() + line.size()) {
            return m_input.invalid(Text(BITLATHE_TEXT("a number in the memo")), Text(BITLATHE_TEXT("something else")));
        }
        break;
    }
    default: return false;
    }
    const bool isGet = code == 'h' || code == 'j' || code == 'g';
    BITLATHE_CHECK(isGet ? recall(number) : remember(number));
    return true;
}

} // namespace bitlathe::checkpoint
