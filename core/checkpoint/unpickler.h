// SPDX-License-Identifier: Apache-2.0
// Unpickler: the stack machine behind readPickle.
#pragma once

#include "core/checkpoint/pickle.h"
#include "core/checkpoint/pickleinput.h"

#include <unordered_map>

namespace bitlathe::checkpoint
{

/// Runs the opcodes of one pickle. Used once.
class Unpickler
{
public:
    Unpickler(std::span<const std::byte> input, const std::string& subject,
              const std::function<bool(std::string_view)>& isAllowed)
        : m_input(input, subject), m_isAllowed(isAllowed)
    {}

    Result<Pickle> run();

private:
    // Each handles opcodes of its kind; false: the opcode is of another one.
    Result<bool> pushConstant(unsigned char opcode);
    Result<bool> pushNumber(unsigned char opcode);
    Result<bool> pushText(unsigned char opcode);
    Result<bool> moveStack(unsigned char opcode);
    Result<bool> useMemo(unsigned char opcode);
    Result<bool> makeContainer(unsigned char opcode);
    Result<bool> fillContainer(unsigned char opcode);
    Result<bool> makeObject(unsigned char opcode);

    Result<PickleValue*> make(PickleKind kind);
    Result<void> push(PickleValue* value);
    Result<void> pushInteger(std::int64_t value);
    Result<void> pushLong(std::uint64_t bytes);
    Result<void> pushString(std::uint64_t bytes);
    Result<void> pushGlobal(std::string_view module, std::string_view name);
    Result<void> pushItems(PickleKind kind, std::span<PickleValue* const> items);
    Result<PickleValue*> pop();
    Result<PickleValue*> top();
    Result<std::vector<PickleValue*>> popToMark();
    Result<void> append(std::span<PickleValue* const> items);
    Result<void> setItems(std::span<PickleValue* const> items);
    Result<void> remember(std::uint64_t number);
    Result<void> recall(std::uint64_t number);
    Result<void> callGlobal();

    PickleInput m_input;
    const std::function<bool(std::string_view)>& m_isAllowed;
    std::deque<PickleValue> m_values;
    std::vector<PickleValue*> m_stack;
    std::vector<std::size_t> m_marks; ///< Heights of the stack.
    std::unordered_map<std::uint64_t, PickleValue*> m_memo;
    std::size_t m_copied = 0; ///< Pairs that were copied from lists into dictionaries.
};

} // namespace bitlathe::checkpoint
