// SPDX-License-Identifier: Apache-2.0
// The dispatch of key and value rows to the level in use.
#include "kernels/kvrows.h"

#include "kernels/cpulevel.h"
#include "kernels/reference/kvrows.h"

#include <cassert>

namespace bitlathe::kernels
{

namespace
{

const KvRowOps& ops()
{
#if defined(__x86_64__)
    if (cpuLevel() >= CpuLevel::Avx512) {
        return kvRowOpsAvx512();
    }
    if (cpuLevel() >= CpuLevel::Avx2) {
        return kvRowOpsAvx2();
    }
#endif
    return kvRowOpsReference();
}

} // namespace

void encodeKvGrid(std::span<const float> x, const KvGrid& grid, std::span<std::uint8_t> codes)
{
    assert(codes.size() == x.size());
    ops().encodeGrid(x.data(), x.size(), grid, codes.data());
}

void decodeKvGrid(std::span<const std::uint8_t> codes, const KvGrid& grid, std::span<float> out)
{
    assert(codes.size() == out.size());
    ops().decodeGrid(codes.data(), out.size(), grid, out.data());
}

KvGrid encodeKvToken(std::span<const float> x, int bits, std::span<std::uint8_t> packed)
{
    assert(!x.empty() && (bits == 4 || bits == 8) && packed.size() == kvTokenBytes(x.size(), bits));
    return ops().encodeToken(x.data(), x.size(), bits, packed.data());
}

void decodeKvToken(std::span<const std::uint8_t> packed, int bits, const KvGrid& grid, std::span<float> out)
{
    assert((bits == 4 || bits == 8) && packed.size() == kvTokenBytes(out.size(), bits));
    ops().decodeToken(packed.data(), out.size(), bits, grid, out.data());
}

void encodeKvE4m3(std::span<const float> x, float scale, std::span<std::uint8_t> codes)
{
    assert(codes.size() == x.size());
    ops().encodeE4m3(x.data(), x.size(), scale, codes.data());
}

void decodeKvE4m3(std::span<const std::uint8_t> codes, float scale, std::span<float> out)
{
    assert(codes.size() == out.size());
    ops().decodeE4m3(codes.data(), out.size(), scale, out.data());
}

} // namespace bitlathe::kernels
