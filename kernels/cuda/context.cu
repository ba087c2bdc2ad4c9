// SPDX-License-Identifier: Apache-2.0
// Opens devices, and hands out, fills and reads their memory.
#include "kernels/cuda/context.h"

#include "kernels/cuda/operations.h"
#include "kernels/cuda/say.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>

namespace bitlathe::cuda
{

Call::Call(BitlatheCudaContext* context, const char* name) : m_context(context), m_name(name), m_lock(context->mutex)
{
    check(cudaSetDevice(context->device));
}

bool Call::check(cudaError_t error)
{
    return error == cudaSuccess || check(std::string(cudaGetErrorString(error)));
}

bool Call::check(const std::string& failure)
{
    if (!failure.empty() && m_context->failure.empty()) {
        m_context->failure = std::string(m_name) + ": " + failure;
    }
    return failure.empty();
}

void* takeMemory(BitlatheCudaContext& context, std::uint64_t bytes)
{
    const auto offset = context.arena.take(bytes);
    return offset ? context.base + *offset : nullptr;
}

void giveMemoryBack(BitlatheCudaContext& context, void* memory)
{
    if (memory != nullptr) {
        context.arena.giveBack(static_cast<std::uint64_t>(static_cast<char*>(memory) - context.base));
    }
}

inline namespace context_cu
{

/// Threads that copy between the staging and the processor's memory: one alone is slower than the bus.
constexpr unsigned kCopyThreads = 4;
constexpr std::size_t kCopyLeast = std::size_t{1} << 20; ///< Bytes of a thread.

void copyOnThreads(void* to, const void* from, std::size_t bytes)
{
    const std::size_t threads = std::clamp<std::size_t>(
        bytes / kCopyLeast, 1, std::max(1U, std::min(kCopyThreads, std::thread::hardware_concurrency())));
    const std::size_t each = (bytes + threads - 1) / threads;
    const auto copyPart = [&](std::size_t part) {
        const std::size_t first = std::min(bytes, part * each);
        std::memcpy(static_cast<char*>(to) + first, static_cast<const char*>(from) + first,
                    std::min(each, bytes - first));
    };
    std::size_t begun = 1;
    std::vector<std::jthread> helpers;
    try {
        for (; begun < threads; ++begun) {
            helpers.emplace_back(copyPart, begun);
        }
    } catch (const std::system_error&) { // No more threads: this one does their parts.
        for (; begun < threads; ++begun) {
            copyPart(begun);
        }
    }
    copyPart(0);
}

} // namespace context_cu

void uploadBytes(Call& call, const void* host, void* to, std::uint64_t bytes)
{
    BitlatheCudaContext& context = call.context();
    for (std::uint64_t done = 0; done < bytes && call.good(); done += kStagingBytes) {
        const std::uint64_t piece = std::min(kStagingBytes, bytes - done);
        const Staging& staging = context.staging[context.stagingTurn++ % context.staging.size()];
        if (call.check(cudaEventSynchronize(staging.free))) {
            copyOnThreads(staging.memory, static_cast<const char*>(host) + done, piece);
            call.check(cudaMemcpyAsync(static_cast<char*>(to) + done, staging.memory, piece, cudaMemcpyHostToDevice,
                                       call.stream()));
            call.check(cudaEventRecord(staging.free, call.stream()));
        }
    }
}

inline namespace context_cu
{

/// Copies a piece that arrived in the staging to where it belongs.
void receive(Call& call, const Staging& staging, void* host, std::uint64_t bytes)
{
    if (call.check(cudaEventSynchronize(staging.free))) {
        copyOnThreads(host, staging.memory, bytes);
    }
}

/// While one piece travels, the one before is copied from the staging.
void downloadBytes(Call& call, const void* from, void* host, std::uint64_t bytes)
{
    BitlatheCudaContext& context = call.context();
    const Staging* before = nullptr;
    std::uint64_t beforeAt = 0;
    for (std::uint64_t done = 0; done < bytes && call.good(); done += kStagingBytes) {
        const std::uint64_t piece = std::min(kStagingBytes, bytes - done);
        const Staging& staging = context.staging[context.stagingTurn++ % context.staging.size()];
        call.check(cudaMemcpyAsync(staging.memory, static_cast<const char*>(from) + done, piece, cudaMemcpyDeviceToHost,
                                   call.stream()));
        call.check(cudaEventRecord(staging.free, call.stream()));
        if (before != nullptr) {
            receive(call, *before, static_cast<char*>(host) + beforeAt, kStagingBytes);
        }
        before = &staging;
        beforeAt = done;
    }
    if (before != nullptr && call.good()) {
        receive(call, *before, static_cast<char*>(host) + beforeAt, bytes - beforeAt);
    }
}

void closeParts(BitlatheCudaContext& context)
{
    cudaSetDevice(context.device);
    if (context.stream != nullptr) {
        cudaStreamSynchronize(context.stream);
    }
    for (const Staging& staging : context.staging) {
        cudaFreeHost(staging.memory);
        if (staging.free != nullptr) {
            cudaEventDestroy(staging.free);
        }
    }
    cudaFree(context.base);
    if (context.stream != nullptr) {
        cudaStreamDestroy(context.stream);
    }
}

/// The first error of what a context needs on its device. The arena comes last: it is what may not be there.
cudaError_t openParts(BitlatheCudaContext& context)
{
    cudaError_t error = cudaStreamCreateWithFlags(&context.stream, cudaStreamNonBlocking);
    for (Staging& staging : context.staging) {
        error = error == cudaSuccess ? cudaMallocHost(&staging.memory, kStagingBytes) : error;
        error = error == cudaSuccess ? cudaEventCreateWithFlags(&staging.free, cudaEventDisableTiming) : error;
    }
    if (error == cudaSuccess) {
        error = cudaMalloc(reinterpret_cast<void**>(&context.base), context.arena.size());
    }
    if (error == cudaSuccess) {
        context.scratch = takeMemory(context, kScratchBytes);
        context.blasMemory = takeMemory(context, kBlasBytes);
        context.attentionTickets = static_cast<unsigned*>(takeMemory(context, kAttentionTickets * sizeof(unsigned)));
        error = cudaMemsetAsync(context.attentionTickets, 0, kAttentionTickets * sizeof(unsigned), context.stream);
    }
    return error;
}

/// The budget in bytes after what is free is known; 0: too small, and reason says so.
std::uint64_t settledBudget(std::uint64_t asked, const Reason& reason)
{
    std::size_t bytesFree = 0;
    std::size_t bytesTotal = 0;
    if (cudaMemGetInfo(&bytesFree, &bytesTotal) != cudaSuccess) {
        bytesFree = 0;
    }
    const std::uint64_t budget = asked > 0 ? asked : bytesFree / 10 * 9;
    if (budget < kSmallestBudget || budget > bytesFree) {
        reason.say("%llu MiB of %llu MiB that are free; operations need %llu MiB",
                   static_cast<unsigned long long>(budget >> 20), static_cast<unsigned long long>(bytesFree >> 20),
                   static_cast<unsigned long long>(kSmallestBudget >> 20));
        return 0;
    }
    return budget;
}

std::int32_t openOn(int ordinal, std::uint64_t bytesBudget, std::unique_ptr<BitlatheCudaContext>& opened,
                    const Reason& reason)
{
    cudaDeviceProp properties = {};
    cudaError_t error = cudaSetDevice(ordinal);
    error = error == cudaSuccess ? cudaGetDeviceProperties(&properties, ordinal) : error;
    if (error != cudaSuccess) {
        reason.say("%s", cudaGetErrorString(error));
        return BitlatheCudaFailed;
    }
    if (probe() != cudaSuccess) {
        cudaGetLastError();
        reason.say("%s has compute capability %d.%d, for which this plug-in has no code", properties.name,
                   properties.major, properties.minor);
        return BitlatheCudaTooOld;
    }
    const std::uint64_t budget = settledBudget(bytesBudget, reason);
    if (budget == 0) {
        return BitlatheCudaBudgetTooSmall;
    }
    auto context = std::make_unique<BitlatheCudaContext>(budget);
    context->device = ordinal;
    context->multiprocessors = properties.multiProcessorCount;
    context->major = properties.major;
    if (const std::string missing = context->blas.load(); !missing.empty()) {
        reason.say("%s", missing.c_str());
        return BitlatheCudaLibraryMissing;
    }
    std::string failure = context->blas.start();
    if (failure.empty()) {
        error = openParts(*context);
        failure = error == cudaSuccess ? "" : cudaGetErrorString(error);
    }
    if (!failure.empty()) {
        closeParts(*context);
        reason.say("%s", failure.c_str());
        cudaGetLastError(); // Else the next call would see it again.
        return error == cudaErrorMemoryAllocation ? BitlatheCudaBudgetTooSmall : BitlatheCudaFailed;
    }
    opened = std::move(context);
    return BitlatheCudaDone;
}

} // namespace context_cu

std::int32_t open(std::int32_t device, std::uint64_t bytesBudget, BitlatheCudaContext** context, char* text,
                  std::size_t capacity)
{
    *context = nullptr;
    const Reason reason{text, capacity};
    const int ordinal = ordinalOf(device);
    if (ordinal < 0) {
        reason.say("there is no device %d", static_cast<int>(device));
        return BitlatheCudaNoDevice;
    }
    std::unique_ptr<BitlatheCudaContext> opened;
    const std::int32_t status = openOn(ordinal, bytesBudget, opened, reason);
    *context = opened.release();
    return status;
}

void close(BitlatheCudaContext* context)
{
    closeParts(*context);
    delete context;
}

void failure(BitlatheCudaContext* context, char* text, std::size_t capacity)
{
    const std::lock_guard lock(context->mutex);
    Reason{text, capacity}.say("%s", context->failure.c_str());
}

std::int32_t allocate(BitlatheCudaContext* context, std::uint64_t bytes, void** memory)
{
    const std::lock_guard lock(context->mutex);
    *memory = takeMemory(*context, bytes);
    return *memory != nullptr ? BitlatheCudaDone : BitlatheCudaOutOfMemory;
}

void release(BitlatheCudaContext* context, void* memory)
{
    // Operations that still use it are queued before whatever the next owner asks for.
    const std::lock_guard lock(context->mutex);
    giveMemoryBack(*context, memory);
}

std::int32_t upload(BitlatheCudaContext* context, const void* host, void* to, std::uint64_t bytes)
{
    Call call(context, "upload");
    uploadBytes(call, host, to, bytes);
    return call.status();
}

std::int32_t download(BitlatheCudaContext* context, const void* from, void* host, std::uint64_t bytes)
{
    Call call(context, "download");
    downloadBytes(call, from, host, bytes);
    return call.status();
}

std::int32_t copy(BitlatheCudaContext* context, const void* from, void* to, std::uint64_t bytes)
{
    Call call(context, "copy");
    if (call.good()) {
        call.check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, call.stream()));
    }
    return call.status();
}

std::int32_t wait(BitlatheCudaContext* context)
{
    Call call(context, "wait");
    call.check(cudaStreamSynchronize(call.stream()));
    return call.status();
}

void use(BitlatheCudaContext* context, BitlatheCudaUse* use)
{
    const std::lock_guard lock(context->mutex);
    *use = {context->arena.size(), context->arena.used(), context->arena.peak()};
}

} // namespace bitlathe::cuda
