// SPDX-License-Identifier: Apache-2.0
// Subjects: what tests of operations compare with the reference: the levels of the processor, and a GPU.
#pragma once

#include "kernels/cpulevel.h"
#include "kernels/cudabackend.h"
#include "kernels/movedbackend.h"

#include <QTest>

#include <optional>

namespace bitlathe::tests
{

/// The GPU that all tests of a program use, opened once, with a budget small enough for any card.
inline const kernels::OpenedCuda& testedCuda()
{
    static const kernels::OpenedCuda opened =
        kernels::openCuda(kernels::gpuPluginFile(), {.bytesBudget = std::uint64_t{1} << 30});
    return opened;
}

/// Why there is no GPU to test on.
inline std::string cudaAbsence()
{
    const kernels::GpuFacts& facts = testedCuda().facts;
    return facts.absence == kernels::GpuAbsence::NoPlugin ? "no CUDA plug-in beside the test or in BITLATHE_CUDA_PLUGIN"
                                                          : "no GPU to test on: " + facts.detail;
}

struct Subject
{
    std::optional<kernels::CpuLevel> level; ///< Nothing: the GPU.

    /// For operations on the processor's memory. Null: it is not there; see absence().
    const kernels::Backend* start() const
    {
        if (level) {
            kernels::setCpuLevel(*level);
            return &kernels::cpuBackend();
        }
        if (!testedCuda().backend) {
            return nullptr;
        }
        static const MovedBackend moved(*testedCuda().backend);
        return &moved;
    }
    static std::string absence() { return cudaAbsence(); }
};

/// The column "subject" with a row for each.
inline void addSubjects()
{
    using kernels::CpuLevel;
    QTest::addColumn<Subject>("subject");
    for (const auto level :
         {CpuLevel::Reference, CpuLevel::Avx2, CpuLevel::Avx512, CpuLevel::Avx512Bf16, CpuLevel::Amx}) {
        if (level <= kernels::detectedCpuLevel()) {
            QTest::newRow(kernels::cpuLevelName(level).data()) << Subject{level};
        }
    }
    QTest::newRow("cuda") << Subject{};
}

} // namespace bitlathe::tests

Q_DECLARE_METATYPE(bitlathe::tests::Subject)
