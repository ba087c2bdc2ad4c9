// SPDX-License-Identifier: Apache-2.0
// Value: what expressions of a template yield.
#pragma once

#include "core/base/json.h"
#include "core/text/jinja/budget.h"

#include <functional>
#include <memory>
#include <variant>
#include <vector>

namespace bitlathe::text::jinja
{

class Value;
class Interpreter;
struct List;
struct Dict;
struct Function;

/// A name or entry that is not there. It prints as nothing; to look into it is an error.
struct Undefined
{
    std::string name; ///< For the error.
};

struct None
{
};

/// Immutable to its holders but for namespaces and for generators, which yield their entries once. Cheap to copy.
class Value
{
public:
    using String = std::shared_ptr<const std::string>;
    using Data = std::variant<Undefined, None, bool, std::int64_t, double, String, std::shared_ptr<List>,
                              std::shared_ptr<Dict>, std::shared_ptr<const Function>>;

    Value();
    // Out of line, for the compiler takes the moves of a variant, inlined, for reads of what was never set.
    Value(const Value& other);
    Value(Value&& other) noexcept;
    Value& operator=(const Value& other);
    Value& operator=(Value&& other) noexcept;
    ~Value();
    explicit Value(Undefined undefined) : m_data(std::move(undefined)) {}
    explicit Value(None none) : m_data(none) {}
    explicit Value(bool value) : m_data(value) {}
    explicit Value(std::int64_t value) : m_data(value) {}
    explicit Value(double value) : m_data(value) {}
    explicit Value(std::string value) : m_data(std::make_shared<const std::string>(std::move(value))) {}
    explicit Value(std::string_view value) : Value(std::string(value)) {}
    explicit Value(const char* value) : Value(std::string(value)) {}
    explicit Value(std::shared_ptr<List> list) : m_data(std::move(list)) {}
    explicit Value(std::shared_ptr<Dict> dict) : m_data(std::move(dict)) {}
    explicit Value(std::shared_ptr<const Function> function) : m_data(std::move(function)) {}

    const Data& data() const { return m_data; }
    bool isUndefined() const { return std::holds_alternative<Undefined>(m_data); }
    bool isNone() const { return std::holds_alternative<None>(m_data); }
    bool isBoolean() const { return std::holds_alternative<bool>(m_data); }
    bool isString() const { return std::holds_alternative<String>(m_data); }
    bool isFloat() const { return std::holds_alternative<double>(m_data); }

    /// Null where it is of another kind.
    const std::string* string() const;
    List* list() const;
    Dict* dict() const;
    const Function* function() const;
    /// Of an integer or, as in Python, of a boolean.
    std::optional<std::int64_t> integer() const;
    /// Of a number of any kind.
    std::optional<double> number() const;

    bool truth() const;
    int depth() const;             ///< Containers in containers; 1 for none. Namespaces count as none.
    std::string_view kind() const; ///< Such as "a string", for errors.

private:
    Data m_data;
};

/// How a sequence behaves; they differ in what can be asked of them.
enum class Sequence {
    List,
    Tuple,
    View,      ///< Of items(), keys(), values(): has a length, can't be indexed.
    Generator, ///< Of map, select and others: yields its entries once.
};

struct List
{
    std::vector<Value> items;
    Sequence sequence = Sequence::List;
    int depth = 1;
};

enum class Mapping {
    Dict,
    Namespace, ///< Attributes that the template sets.
    Loop,      ///< The loop variable.
};

struct Dict
{
    std::vector<std::pair<Value, Value>> entries;
    Mapping mapping = Mapping::Dict;
    int depth = 1;

    const Value* find(const Value& key) const;
    const Value* find(std::string_view key) const;
    void set(const Value& key, Value value);
};

/// What a call hands over.
struct Arguments
{
    std::vector<Value> positional;
    std::vector<std::pair<std::string, Value>> named;
};

struct Function
{
    std::string name;
    std::function<Result<Value>(Interpreter&, Arguments)> call;
    int depth = 1;
};

/// Errors: NotSupported where values are nested too deep.
Result<Value> makeList(std::vector<Value> items, Sequence sequence, Budget& budget);
Result<Value> makeDict(std::vector<std::pair<Value, Value>> entries, Budget& budget);
Value makeFunction(std::string name, std::function<Result<Value>(Interpreter&, Arguments)> call, int depth = 1);
/// Charges for the text.
Result<Value> makeText(std::string text, Budget& budget);

Result<Value> fromJson(const Json& json, Budget& budget);

/// As Python's ==. Charges for entries.
Result<bool> equal(const Value& a, const Value& b, Budget& budget);
/// Below 0, 0, above 0. Errors: kinds that have no order.
Result<int> compare(const Value& a, const Value& b, Budget& budget);

/// Equality of keys of a mapping: 1, 1.0 and true are one key.
bool sameKey(const Value& a, const Value& b);

} // namespace bitlathe::text::jinja
