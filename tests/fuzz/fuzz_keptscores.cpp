// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as kept scores and states of two windows, as they are and with the checksum that they should
// have.
#include "core/base/hash.h"
#include "core/evaluate/keptscores.h"

#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    const std::string checked = bytes + bitlathe::FastHash().add(std::string_view(bytes)).digest();
    for (const std::int64_t tokens : {3, 1 << 30}) {
        for (const std::string& each : {bytes, checked}) {
            (void)bitlathe::evaluate::scoresFrom(each, tokens);
            (void)bitlathe::evaluate::statesFrom(each, tokens, 4);
        }
    }
    return 0;
}
