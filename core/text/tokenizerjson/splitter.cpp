// SPDX-License-Identifier: Apache-2.0
// Splitter: what becomes of the matches of a pattern when a text is cut at them.
#include "core/text/tokenizerjson/splitter.h"

#include "core/text/tokenizerjson/parts.h"

namespace bitlathe::text
{

Result<SplitBehaviour> parseBehaviour(std::string_view name, const std::string& subject)
{
    struct Name
    {
        std::string_view camel;
        std::string_view snake;
        SplitBehaviour behaviour;
    };
    constexpr Name kNames[] = {{"Removed", "removed", SplitBehaviour::Removed},
                               {"Isolated", "isolated", SplitBehaviour::Isolated},
                               {"MergedWithPrevious", "merged_with_previous", SplitBehaviour::MergedWithPrevious},
                               {"MergedWithNext", "merged_with_next", SplitBehaviour::MergedWithNext},
                               {"Contiguous", "contiguous", SplitBehaviour::Contiguous}};
    for (const Name& one : kNames) {
        if (name == one.camel || name == one.snake) {
            return one.behaviour;
        }
    }
    return unknownType("split behavior", name, subject);
}

} // namespace bitlathe::text
