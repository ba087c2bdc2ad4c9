// SPDX-License-Identifier: Apache-2.0
// The variable loop of a for block.
#include "core/text/jinja/loopvariable.h"

#include "core/text/jinja/interpreter.h"

#include <algorithm>

namespace bitlathe::text::jinja
{

namespace
{

Value cycle(std::size_t at)
{
    return makeFunction("cycle", [at](Interpreter& self, const Arguments& arguments) -> Result<Value> {
        if (arguments.positional.empty()) {
            return self.budget().refuse(Text(BITLATHE_TEXT("values to cycle through")), Text(BITLATHE_TEXT("none")));
        }
        return arguments.positional[at % arguments.positional.size()];
    });
}

Value changed(const std::shared_ptr<LoopState>& state)
{
    // Weakly: what the function was given may hold the function.
    const std::weak_ptr<LoopState> kept = state;
    return makeFunction("changed", [kept](Interpreter& self, Arguments arguments) -> Result<Value> {
        const std::shared_ptr<LoopState> known = kept.lock();
        if (known == nullptr) {
            return Value(true);
        }
        bool same = known->last && known->last->size() == arguments.positional.size();
        for (std::size_t i = 0; same && i < arguments.positional.size(); ++i) {
            BITLATHE_TRY(same, equal((*known->last)[i], arguments.positional[i], self.budget()));
        }
        known->last = std::move(arguments.positional);
        return Value(!same);
    });
}

} // namespace

Result<Value> loopVariable(const std::vector<Value>& items, std::size_t at, const std::shared_ptr<LoopState>& state,
                           Budget& budget)
{
    const auto count = static_cast<std::int64_t>(items.size());
    const auto index = static_cast<std::int64_t>(at);
    std::vector<std::pair<Value, Value>> entries{
        {Value("index"), Value(index + 1)},
        {Value("index0"), Value(index)},
        {Value("revindex"), Value(count - index)},
        {Value("revindex0"), Value(count - index - 1)},
        {Value("first"), Value(index == 0)},
        {Value("last"), Value(index + 1 == count)},
        {Value("length"), Value(count)},
        {Value("depth"), Value(std::int64_t{1})},
        {Value("depth0"), Value(std::int64_t{0})},
        {Value("previtem"), at > 0 ? items[at - 1] : Value(Undefined{"loop.previtem"})},
        {Value("nextitem"), at + 1 < items.size() ? items[at + 1] : Value(Undefined{"loop.nextitem"})},
        {Value("cycle"), cycle(at)},
        {Value("changed"), changed(state)},
    };
    BITLATHE_TRY(Value loop, makeDict(std::move(entries), budget));
    loop.dict()->mapping = Mapping::Loop;
    return loop;
}

} // namespace bitlathe::text::jinja
