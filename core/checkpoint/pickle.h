// SPDX-License-Identifier: Apache-2.0
// Pickle: the values that a Python pickle describes, read as data.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bitlathe::checkpoint
{

enum class PickleKind { None, Bool, Integer, LongInteger, Float, String, Tuple, List, Dict, Global, Call, Persistent };

/// One value. Values point at one another freely, in circles too: a walk over them must bound itself.
struct PickleValue
{
    PickleKind kind = PickleKind::None;
    std::int64_t integer = 0; ///< Of Bool and Integer.
    std::string text;         ///< String; Global as "module.name"; LongInteger: its bytes, little-endian.
    /// Tuple, List: elements. Dict: key, value, key, value, ... Call: the Global and the Tuple of its arguments.
    /// Persistent: its id.
    std::vector<const PickleValue*> items;

    bool isGlobal(std::string_view name) const { return kind == PickleKind::Global && text == name; }
    bool isCallOf(std::string_view name) const { return kind == PickleKind::Call && items.front()->isGlobal(name); }
};

/// A read pickle. Owns its values; moving it leaves them where they are.
struct Pickle
{
    std::deque<PickleValue> values;
    const PickleValue* root = nullptr; ///< Never null in a Pickle that readPickle gave.
    std::size_t bytes = 0;             ///< Up to and with the end mark; what follows is not looked at.
};

/// Reads the pickle that input begins with. Nothing is ever imported or run: a call becomes a value of kind Call, and
/// isAllowed says which names may stand in a pickle at all ("collections.OrderedDict"); any other is an error that
/// names it. Opcodes are those that tensors, containers, numbers and strings take; sizes, stack, memo and number of
/// values are limited, so that memory stays in proportion to the input. subject names file and part in errors.
/// Errors: FileInvalid, FileTruncated.
Result<Pickle> readPickle(std::span<const std::byte> input, const std::string& subject,
                          const std::function<bool(std::string_view)>& isAllowed);

} // namespace bitlathe::checkpoint
