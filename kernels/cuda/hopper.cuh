// SPDX-License-Identifier: Apache-2.0
// The instructions of Hopper that the kernel of many rows is made of: mbarriers, bulk copies, wgmma with operand A in
// registers. PTX ISA, chapters on mbarrier, cp.async.bulk and wgmma.
#pragma once

#include <cstdint>

// clang-format off
#define BITLATHE_ACC8(d, i) "+f"(d[i]), "+f"(d[i + 1]), "+f"(d[i + 2]), "+f"(d[i + 3]), "+f"(d[i + 4]), "+f"(d[i + 5]), "+f"(d[i + 6]), "+f"(d[i + 7])
// clang-format on

namespace bitlathe::cuda
{

__device__ inline std::uint32_t sharedAddress(const void* pointer)
{
    return static_cast<std::uint32_t>(__cvta_generic_to_shared(pointer));
}

__device__ inline void initBarrier(std::uint32_t barrier, int arrivals)
{
    asm volatile("mbarrier.init.shared.b64 [%0], %1;" ::"r"(barrier), "r"(arrivals) : "memory");
}

__device__ inline void arrive(std::uint32_t barrier)
{
    asm volatile("mbarrier.arrive.shared.b64 _, [%0];" ::"r"(barrier) : "memory");
}

__device__ inline void arriveExpecting(std::uint32_t barrier, int bytes)
{
    asm volatile("mbarrier.arrive.expect_tx.shared.b64 _, [%0], %1;" ::"r"(barrier), "r"(bytes) : "memory");
}

/// Waits for the phase of this parity to end.
__device__ inline void waitFor(std::uint32_t barrier, int parity)
{
    asm volatile("{\n\t.reg .pred done;\n\t"
                 "again:\n\tmbarrier.try_wait.parity.shared.b64 done, [%0], %1;\n\t"
                 "@!done bra again;\n\t}" ::"r"(barrier),
                 "r"(parity)
                 : "memory");
}

/// bytes: a multiple of 16, as both addresses are.
__device__ inline void copyBulk(std::uint32_t to, const void* from, int bytes, std::uint32_t barrier)
{
    asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(to),
                 "l"(from), "r"(bytes), "r"(barrier)
                 : "memory");
}

/// The box of a tensor map at (column, row).
__device__ inline void copyBox(std::uint32_t to, const void* map, int column, int row, std::uint32_t barrier)
{
    asm volatile(
        "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3}], [%4];" ::"r"(
            to),
        "l"(map), "r"(column), "r"(row), "r"(barrier)
        : "memory");
}

/// Operand B in shared memory: rows of 128 bytes (64 inputs), swizzled by 128 bytes as the tensor map does, eight rows
/// every 1024 bytes.
__device__ inline std::uint64_t operandB(std::uint32_t address)
{
    return (static_cast<std::uint64_t>(address & 0x3ffff) >> 4) | std::uint64_t{1} << 16 | std::uint64_t{64} << 32 |
           std::uint64_t{1} << 62;
}

__device__ inline void fenceMultiply()
{
    asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
}

__device__ inline void commitMultiply()
{
    asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}

/// Waits until at most `pending` committed products are under way.
template <int pending>
__device__ inline void waitMultiply()
{
    asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(pending) : "memory");
}

/// d = a b, added to d where adds is not 0: 64 outputs by `rows` rows by 16 inputs, of a warpgroup; not waited for.
template <int rows>
__device__ void multiplyAsync(float (&d)[rows / 2], const std::uint32_t (&a)[4], std::uint64_t b, int adds);

template <>
__device__ inline void multiplyAsync<64>(float (&d)[32], const std::uint32_t (&a)[4], std::uint64_t b, int adds)
{
    asm volatile("{\n\t.reg .pred p;\n\tsetp.ne.b32 p, %37, 0;\n\t"
                 "wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 "
                 "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
                 "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, "
                 "{%32, %33, %34, %35}, %36, p, 1, 1, 0;\n\t}"
                 : BITLATHE_ACC8(d, 0), BITLATHE_ACC8(d, 8), BITLATHE_ACC8(d, 16), BITLATHE_ACC8(d, 24)
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(adds));
}

template <>
__device__ inline void multiplyAsync<128>(float (&d)[64], const std::uint32_t (&a)[4], std::uint64_t b, int adds)
{
    asm volatile("{\n\t.reg .pred p;\n\tsetp.ne.b32 p, %69, 0;\n\t"
                 "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 "
                 "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
                 "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
                 "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
                 "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, "
                 "{%64, %65, %66, %67}, %68, p, 1, 1, 0;\n\t}"
                 : BITLATHE_ACC8(d, 0), BITLATHE_ACC8(d, 8), BITLATHE_ACC8(d, 16), BITLATHE_ACC8(d, 24),
                   BITLATHE_ACC8(d, 32), BITLATHE_ACC8(d, 40), BITLATHE_ACC8(d, 48), BITLATHE_ACC8(d, 56)
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(adds));
}

template <>
__device__ inline void multiplyAsync<256>(float (&d)[128], const std::uint32_t (&a)[4], std::uint64_t b, int adds)
{
    asm volatile("{\n\t.reg .pred p;\n\tsetp.ne.b32 p, %133, 0;\n\t"
                 "wgmma.mma_async.sync.aligned.m64n256k16.f32.bf16.bf16 "
                 "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
                 "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
                 "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
                 "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, "
                 "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, "
                 "%80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95, "
                 "%96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, %110, %111, "
                 "%112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, %125, %126, %127}, "
                 "{%128, %129, %130, %131}, %132, p, 1, 1, 0;\n\t}"
                 : BITLATHE_ACC8(d, 0), BITLATHE_ACC8(d, 8), BITLATHE_ACC8(d, 16), BITLATHE_ACC8(d, 24),
                   BITLATHE_ACC8(d, 32), BITLATHE_ACC8(d, 40), BITLATHE_ACC8(d, 48), BITLATHE_ACC8(d, 56),
                   BITLATHE_ACC8(d, 64), BITLATHE_ACC8(d, 72), BITLATHE_ACC8(d, 80), BITLATHE_ACC8(d, 88),
                   BITLATHE_ACC8(d, 96), BITLATHE_ACC8(d, 104), BITLATHE_ACC8(d, 112), BITLATHE_ACC8(d, 120)
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(adds));
}

} // namespace bitlathe::cuda
