// SPDX-License-Identifier: Apache-2.0
// Methods of strings, lists and mappings that leave them as they are.
#include "core/text/jinja/functions.h"
#include "core/text/jinja/parameters.h"
#include "core/text/jinja/printf.h"
#include "core/text/jinja/textoperations.h"
#include "core/text/jinja/unicode.h"
#include "core/text/jinja/valuetext.h"

#include <algorithm>

namespace bitlathe::text::jinja
{

namespace
{

using Call = Result<Value> (*)(Interpreter& interpreter, const Value& self, const Bound& arguments);

struct Method
{
    std::string_view parameters;
    Call call;
};

using Methods = std::unordered_map<std::string_view, Method>;

Result<Value> text(Interpreter& interpreter, std::string made)
{
    return makeText(std::move(made), interpreter.budget());
}

Result<Value> texts(Interpreter& interpreter, std::vector<std::string> parts, Sequence sequence = Sequence::List)
{
    std::vector<Value> items;
    for (std::string& part : parts) {
        BITLATHE_TRY(Value item, text(interpreter, std::move(part)));
        items.push_back(std::move(item));
    }
    return makeList(std::move(items), sequence, interpreter.budget());
}

template <bool left, bool right>
Result<Value> strip(Interpreter& interpreter, const Value& self, const Bound& arguments)
{
    if (arguments.get(0).isNone()) {
        return text(interpreter, std::string(stripText(*self.string(), left, right)));
    }
    BITLATHE_TRY(const std::string set, arguments.text(0));
    return text(interpreter, stripText(*self.string(), set, left, right));
}

template <bool fromEnd>
Result<Value> split(Interpreter& interpreter, const Value& self, const Bound& arguments)
{
    BITLATHE_TRY(const std::int64_t count, arguments.integer(1, -1));
    BITLATHE_CHECK(interpreter.budget().charge(self.string()->size()));
    if (arguments.get(0).isNone()) {
        return texts(interpreter, splitAtSpace(*self.string(), count, fromEnd));
    }
    BITLATHE_TRY(const std::string separator, arguments.text(0));
    if (separator.empty()) {
        return interpreter.budget().refuse(Text(BITLATHE_TEXT("a separator")), Text(BITLATHE_TEXT("an empty string")));
    }
    return texts(interpreter, splitAt(*self.string(), separator, count, fromEnd));
}

template <bool fromEnd>
Result<Value> partition(Interpreter& interpreter, const Value& self, const Bound& arguments)
{
    BITLATHE_TRY(const std::string separator, arguments.text(0));
    if (separator.empty()) {
        return interpreter.budget().refuse(Text(BITLATHE_TEXT("a separator")), Text(BITLATHE_TEXT("an empty string")));
    }
    const std::string& whole = *self.string();
    const std::size_t at = fromEnd ? whole.rfind(separator) : whole.find(separator);
    if (at == std::string::npos) {
        return texts(interpreter,
                     fromEnd ? std::vector<std::string>{"", "", whole} : std::vector<std::string>{whole, "", ""},
                     Sequence::Tuple);
    }
    return texts(interpreter, {whole.substr(0, at), separator, whole.substr(at + separator.size())}, Sequence::Tuple);
}

/// startswith and endswith: one string or a tuple of them.
template <bool atEnd>
Result<Value> edge(Interpreter& interpreter, const Value& self, const Bound& arguments)
{
    std::vector<Value> wanted{arguments.get(0)};
    if (const List* list = wanted.front().list(); list != nullptr && list->sequence == Sequence::Tuple) {
        wanted = std::vector<Value>(list->items);
    }
    bool found = false;
    for (const Value& one : wanted) {
        if (one.string() == nullptr) {
            return interpreter.budget().refuse(Text(BITLATHE_TEXT("a string or a tuple of them")),
                                               Text(BITLATHE_TEXT("%1"), one.kind()));
        }
        found = found || (atEnd ? self.string()->ends_with(*one.string()) : self.string()->starts_with(*one.string()));
    }
    return Value(found);
}

template <std::string (*function)(std::string_view)>
Result<Value> plain(Interpreter& interpreter, const Value& self, const Bound&)
{
    return text(interpreter, function(*self.string()));
}

Result<Value> replaceIn(Interpreter& interpreter, const Value& self, const Bound& arguments)
{
    if (!arguments.has(0) || !arguments.has(1)) {
        return interpreter.budget().refuse(Text(BITLATHE_TEXT("what to replace, and by what")),
                                           Text(BITLATHE_TEXT("too little")));
    }
    BITLATHE_TRY(const std::string before, arguments.text(0));
    BITLATHE_TRY(const std::string after, arguments.text(1));
    BITLATHE_TRY(const std::int64_t count, arguments.integer(2, -1));
    const std::size_t places = self.string()->size() / std::max<std::size_t>(before.size(), 1) + 1;
    BITLATHE_CHECK(interpreter.budget().chargeBytes(places * after.size()));
    return text(interpreter, replaced(*self.string(), before, after, count));
}

/// The place in characters, or -1.
template <bool fromEnd>
Result<Value> find(Interpreter& interpreter, const Value& self, const Bound& arguments)
{
    BITLATHE_TRY(const std::string wanted, arguments.text(0));
    BITLATHE_CHECK(interpreter.budget().chargeBytes(self.string()->size()));
    const std::size_t at = fromEnd ? self.string()->rfind(wanted) : self.string()->find(wanted);
    return Value(at == std::string::npos ? std::int64_t{-1}
                                         : static_cast<std::int64_t>(countCharacters(self.string()->substr(0, at))));
}

Result<Value> countIn(Interpreter& interpreter, const Value& self, const Bound& arguments)
{
    BITLATHE_TRY(const std::string wanted, arguments.text(0));
    BITLATHE_CHECK(interpreter.budget().charge(self.string()->size()));
    const std::size_t count =
        wanted.empty() ? countCharacters(*self.string()) + 1 : splitAt(*self.string(), wanted, -1, false).size() - 1;
    return Value(static_cast<std::int64_t>(count));
}

Result<Value> joinTexts(Interpreter& interpreter, const Value& self, const Bound& arguments)
{
    BITLATHE_TRY(const std::vector<Value> items, interpreter.entries(arguments.get(0)));
    std::string joined;
    for (const Value& item : items) {
        if (item.string() == nullptr) {
            return interpreter.budget().refuse(Text(BITLATHE_TEXT("strings to join")),
                                               Text(BITLATHE_TEXT("%1"), item.kind()));
        }
        BITLATHE_CHECK(interpreter.budget().chargeBytes(item.string()->size() + self.string()->size()));
        joined += &item == &items.front() ? "" : *self.string();
        joined += *item.string();
    }
    return Value(std::move(joined));
}

template <bool (*holds)(char32_t)>
Result<Value> allAre(Interpreter& interpreter, const Value& self, const Bound&)
{
    BITLATHE_CHECK(interpreter.budget().charge(self.string()->size()));
    const std::u32string characters = decode(*self.string());
    return Value(!characters.empty() && std::all_of(characters.begin(), characters.end(), holds));
}

bool isDigit(char32_t character)
{
    return character >= U'0' && character <= U'9';
}

bool isLetterOrDigit(char32_t character)
{
    return isDigit(character) || isLetter(character);
}

template <bool upper>
Result<Value> hasCase(Interpreter& interpreter, const Value& self, const Bound&)
{
    BITLATHE_CHECK(interpreter.budget().charge(self.string()->size()));
    const std::u32string characters = decode(*self.string());
    return Value(std::any_of(characters.begin(), characters.end(), upper ? isUpper : isLower) &&
                 std::none_of(characters.begin(), characters.end(), upper ? isLower : isUpper));
}

Result<Value> lines(Interpreter& interpreter, const Value& self, const Bound&)
{
    return texts(interpreter, linesOf(*self.string()));
}

Result<Value> withoutPrefix(Interpreter& interpreter, const Value& self, const Bound& arguments)
{
    BITLATHE_TRY(const std::string prefix, arguments.text(0));
    return text(interpreter, self.string()->substr(self.string()->starts_with(prefix) ? prefix.size() : 0));
}

Result<Value> withoutSuffix(Interpreter& interpreter, const Value& self, const Bound& arguments)
{
    BITLATHE_TRY(const std::string suffix, arguments.text(0));
    const std::size_t cut = self.string()->ends_with(suffix) ? suffix.size() : 0;
    return text(interpreter, self.string()->substr(0, self.string()->size() - cut));
}

const Methods& textMethods()
{
    static const Methods methods{
        {"strip", {"chars", strip<true, true>}},
        {"lstrip", {"chars", strip<true, false>}},
        {"rstrip", {"chars", strip<false, true>}},
        {"split", {"sep,maxsplit", split<false>}},
        {"rsplit", {"sep,maxsplit", split<true>}},
        {"partition", {"sep", partition<false>}},
        {"rpartition", {"sep", partition<true>}},
        {"startswith", {"prefix", edge<false>}},
        {"endswith", {"suffix", edge<true>}},
        {"upper", {"", plain<upperText>}},
        {"lower", {"", plain<lowerText>}},
        {"title", {"", plain<titled>}},
        {"capitalize", {"", plain<capitalized>}},
        {"replace", {"old,new,count", replaceIn}},
        {"find", {"sub", find<false>}},
        {"rfind", {"sub", find<true>}},
        {"count", {"sub", countIn}},
        {"join", {"iterable", joinTexts}},
        {"isdigit", {"", allAre<isDigit>}},
        {"isalpha", {"", allAre<isLetter>}},
        {"isalnum", {"", allAre<isLetterOrDigit>}},
        {"isspace", {"", allAre<isSpace>}},
        {"isupper", {"", hasCase<true>}},
        {"islower", {"", hasCase<false>}},
        {"splitlines", {"", lines}},
        {"removeprefix", {"prefix", withoutPrefix}},
        {"removesuffix", {"suffix", withoutSuffix}},
    };
    return methods;
}

enum class Part { Keys, Values, Items };

template <Part part>
Result<Value> partsOf(Interpreter& interpreter, const Value& self, const Bound&)
{
    std::vector<Value> parts;
    for (const auto& [key, value] : self.dict()->entries) {
        if (part == Part::Items) {
            BITLATHE_TRY(Value pair, makeList({key, value}, Sequence::Tuple, interpreter.budget()));
            parts.push_back(std::move(pair));
        } else {
            parts.push_back(part == Part::Keys ? key : value);
        }
    }
    return makeList(std::move(parts), Sequence::View, interpreter.budget());
}

Result<Value> get(Interpreter& interpreter, const Value& self, const Bound& arguments)
{
    BITLATHE_CHECK(interpreter.budget().charge(self.dict()->entries.size()));
    const Value* value = self.dict()->find(arguments.get(0));
    return value == nullptr ? arguments.get(1) : *value;
}

Result<Value> same(Interpreter&, const Value& self, const Bound&)
{
    return self;
}

const Methods& dictMethods()
{
    static const Methods methods{
        {"items", {"", partsOf<Part::Items>}},
        {"keys", {"", partsOf<Part::Keys>}},
        {"values", {"", partsOf<Part::Values>}},
        {"get", {"key,default", get}},
        {"copy", {"", same}},
    };
    return methods;
}

Result<Value> placeOf(Interpreter& interpreter, const Value& self, const Bound& arguments)
{
    const std::vector<Value>& items = self.list()->items;
    for (std::size_t i = 0; i < items.size(); ++i) {
        BITLATHE_TRY(const bool found, equal(items[i], arguments.get(0), interpreter.budget()));
        if (found) {
            return Value(static_cast<std::int64_t>(i));
        }
    }
    return interpreter.budget().refuse(Text(BITLATHE_TEXT("an entry of the list")),
                                       Text(BITLATHE_TEXT("another value")));
}

Result<Value> countEqual(Interpreter& interpreter, const Value& self, const Bound& arguments)
{
    std::int64_t count = 0;
    for (const Value& item : self.list()->items) {
        BITLATHE_TRY(const bool found, equal(item, arguments.get(0), interpreter.budget()));
        count += found ? 1 : 0;
    }
    return Value(count);
}

const Methods& listMethods()
{
    static const Methods methods{
        {"index", {"value", placeOf}},
        {"count", {"value", countEqual}},
        {"copy", {"", same}},
    };
    return methods;
}

const Methods* methodsOf(const Value& object)
{
    const List* list = object.list();
    return object.isString()                                                                            ? &textMethods()
           : object.dict() != nullptr                                                                   ? &dictMethods()
           : list != nullptr && (list->sequence == Sequence::List || list->sequence == Sequence::Tuple) ? &listMethods()
                                                                                                        : nullptr;
}

} // namespace

Value method(const Value& object, const std::string& name)
{
    const Methods* methods = methodsOf(object);
    const auto found = methods == nullptr ? Methods::const_iterator() : methods->find(name);
    const bool isFormat = object.isString() && name == "format";
    if (!isFormat && (methods == nullptr || found == methods->end())) {
        return Value(Undefined{name});
    }
    if (isFormat) {
        return makeFunction(name, [object](Interpreter& interpreter, const Arguments& arguments) {
            return formatBraces(*object.string(), arguments, interpreter.budget());
        });
    }
    const Method bound = found->second;
    return makeFunction(
        name,
        [object, name, bound](Interpreter& interpreter, Arguments arguments) -> Result<Value> {
            BITLATHE_TRY(const Bound given, Bound::bind(name, bound.parameters, std::move(arguments), interpreter));
            return bound.call(interpreter, object, given);
        },
        object.depth() + 1);
}

} // namespace bitlathe::text::jinja
