// SPDX-License-Identifier: Apache-2.0
// BitlatheCudaContext: an opened device with its arena, its queue, what operations need beside their arguments, and the
// first failure.
#pragma once

#include "kernels/cuda/arena.h"
#include "kernels/cuda/blas.h"
#include "kernels/cuda/early.cuh"
#include "kernels/cuda/inputs.h"
#include "kernels/cuda/packed.h"
#include "kernels/cuda/plugin.h"

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace bitlathe::cuda
{

/// Memory of the arena that operations use between their steps: inputs as bf16, partial results. What does not fit is
/// done in pieces.
constexpr std::uint64_t kScratchBytes = std::uint64_t{64} << 20;
/// Memory of the arena that products of cuBLASLt use.
constexpr std::uint64_t kBlasBytes = std::uint64_t{32} << 20;
/// Groups of blocks that join their parts of an attention.
constexpr std::int64_t kAttentionTickets = 1024;
/// The smallest budget: the two above and as much again for values.
constexpr std::uint64_t kSmallestBudget = 2 * (kScratchBytes + kBlasBytes);
/// Pinned memory through which values move: two pieces, so that one is filled while the other travels.
constexpr std::uint64_t kStagingBytes = std::uint64_t{8} << 20;

struct Staging
{
    void* memory = nullptr; ///< Pinned, kStagingBytes.
    cudaEvent_t free = nullptr;
};

} // namespace bitlathe::cuda

/// Members are used under the mutex, which every function of the table takes (Call).
struct BitlatheCudaContext
{
    explicit BitlatheCudaContext(std::uint64_t bytes) : arena(bytes) {}

    std::mutex mutex;
    int device = 0;
    int multiprocessors = 0;
    int major = 0; ///< Compute capability.
    cudaStream_t stream = nullptr;
    bitlathe::cuda::Arena arena;
    char* base = nullptr; ///< Of the arena.
    void* scratch = nullptr;
    void* blasMemory = nullptr;
    unsigned* attentionTickets = nullptr; ///< [kAttentionTickets] zeros between operations.
    std::array<bitlathe::cuda::Staging, 2> staging;
    std::size_t stagingTurn = 0;
    bitlathe::cuda::Blas blas;
    std::string failure;
};

/// Weights as codes, or [outputs, stride] row-major in bf16 or f32, where columns from inputs on are zero.
struct BitlatheCudaWeights
{
    void* values = nullptr; ///< Of the arena.
    std::optional<bitlathe::cuda::PackedLayout> packed;
    std::int64_t outputs = 0;
    std::int64_t inputs = 0;
    std::int64_t stride = 0;
    bool bf16 = false;
    bool isBorrowed = false; ///< values are somebody else's, and bytes 0.
    std::uint64_t bytes = 0;
};

namespace bitlathe::cuda
{

/// One call of the table: takes the context's mutex and device, and turns errors into its status.
class Call
{
public:
    /// name: of the operation, for failures.
    Call(BitlatheCudaContext* context, const char* name);

    /// False: something failed before, now or then, and nothing is to be done.
    bool good() const { return m_context->failure.empty(); }
    /// Keeps the first failure. True: it was none.
    bool check(cudaError_t error);
    bool check(const std::string& failure); ///< Empty: none.
    /// Of the last kernel launch.
    bool checkLaunch() { return check(cudaGetLastError()); }
    /// Launches a kernel that calls waitForPrevious(); see launchEarly().
    template <typename... Parameters, typename... Arguments>
    bool launchEarly(void (*kernel)(Parameters...), dim3 grid, unsigned threads, std::size_t sharedBytes,
                     const Arguments&... arguments)
    {
        return check(bitlathe::cuda::launchEarly({grid, dim3(threads), sharedBytes, stream(), queue().early}, kernel,
                                                 arguments...));
    }
    std::int32_t status() const { return good() ? BitlatheCudaDone : BitlatheCudaFailed; }

    BitlatheCudaContext& context() { return *m_context; }
    cudaStream_t stream() const { return m_context->stream; }
    Queue queue() const { return {m_context->stream, m_context->multiprocessors, m_context->major >= 9}; }

private:
    BitlatheCudaContext* m_context;
    const char* m_name;
    std::unique_lock<std::mutex> m_lock;
};

/// Takes memory of the arena; null where so much is not left.
void* takeMemory(BitlatheCudaContext& context, std::uint64_t bytes);
void giveMemoryBack(BitlatheCudaContext& context, void* memory);

/// Moves bytes from the processor's memory through the staging.
void uploadBytes(Call& call, const void* host, void* to, std::uint64_t bytes);

} // namespace bitlathe::cuda
