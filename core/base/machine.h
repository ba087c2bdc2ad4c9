// SPDX-License-Identifier: Apache-2.0
// Facts about this process and machine: memory in use, memory there is.
#pragma once

#include <cstdint>
#include <string>

namespace bitlathe
{

struct MachineFacts
{
    std::string processor;               ///< As the operating system names it.
    int cores = 1;                       ///< Cores this process may use.
    std::uint64_t bytesRam = 0;          ///< Of the machine or of the container, whichever is less.
    std::uint64_t bytesRamAvailable = 0; ///< Likewise.
    std::string system;                  ///< Kernel and distribution.
};

MachineFacts machineFacts();

/// What the machine does at one moment; two of them tell how busy it was between.
struct MachineLoad
{
    double secondsBusy = 0;      ///< Of all cores together since the start of the machine; 0: not known.
    double secondsIdle = 0;      ///< Likewise.
    double secondsOwn = 0;       ///< That this process worked, on all cores together.
    std::uint64_t bytesUsed = 0; ///< Memory of the machine or container that can't be had.
    std::uint64_t bytesOwn = 0;  ///< Resident set of this process.
};

MachineLoad machineLoad();

std::uint64_t residentBytes();     ///< Resident set size now.
std::uint64_t peakResidentBytes(); ///< Highest resident set size since start or the last reset.
void resetPeakResidentBytes();     ///< Where the kernel allows it (Linux: clear_refs); else no effect.
/// For a process that lives for days: large blocks go back to the system when they are freed, instead of leaving holes
/// in the heaps of the threads that had them, and threads share few heaps. Before the first large block.
void keepHeapCompact();
/// Gives freed memory back to the system. Blocks come and go in pieces of many sizes between small things that stay:
/// without this the heap of a long run keeps several blocks' worth of holes.
void returnFreeMemory();

} // namespace bitlathe
