// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as the journal of an interrupted run.
#include "core/run/journal.h"
#include "scratchfolder.h"

#include <cstdint>
#include <fstream>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using bitlathe::run::Journal;
    static const std::filesystem::path folder = bitlathe::fuzz::scratchFolder("journal");
    std::ofstream(Journal::fileIn(folder), std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    if (const auto journal = Journal::open(folder)) {
        for (const bitlathe::run::JournalBlock& block : journal->blocks()) {
            (void)journal->hasBlock(block.block);
        }
    }
    return 0;
}
