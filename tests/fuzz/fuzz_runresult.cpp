// SPDX-License-Identifier: Apache-2.0
// Fuzz target: the record of a run, as bitlathe-run.json and the history hold it.
#include "core/run/resultjson.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace bitlathe;
    const auto json = parseJson({reinterpret_cast<const char*>(data), size}, "fuzz.json");
    if (json) {
        if (const auto result = run::resultFromJson(*json, "fuzz.json")) {
            (void)run::jsonText(run::toJson(*result), 2);
        }
    }
    return 0;
}
