// SPDX-License-Identifier: Apache-2.0
// Memory of the processor: plain allocations and copies.
#include "kernels/memory.h"

#include "kernels/threads.h"

#include <cstring>
#include <new>

namespace bitlathe::kernels
{

namespace
{

constexpr std::align_val_t kHostAlignment{256};
constexpr std::int64_t kCopyGrain = 1 << 20; ///< Bytes that one task copies.

class HostMemory final : public Memory
{
public:
    bool isHost() const override { return true; }
    std::byte* allocate(std::size_t bytes) const override
    {
        return static_cast<std::byte*>(::operator new(bytes, kHostAlignment, std::nothrow));
    }
    void release(std::byte* memory) const noexcept override { ::operator delete(memory, kHostAlignment); }
    bool upload(std::span<const std::byte> from, std::span<std::byte> to) const override { return copy(from, to); }
    bool download(std::span<const std::byte> from, std::span<std::byte> to) const override { return copy(from, to); }
    bool copy(std::span<const std::byte> from, std::span<std::byte> to) const override
    {
        const auto count = static_cast<std::int64_t>(from.size());
        parallelFor(count, kCopyGrain, [&](std::int64_t begin, std::int64_t end) {
            std::memcpy(to.data() + begin, from.data() + begin, static_cast<std::size_t>(end - begin));
        });
        return true;
    }
    bool wait() const override { return true; }
    std::string failure() const override { return {}; }
    MemoryUse use() const override { return {}; }
};

} // namespace

const Memory& hostMemory()
{
    static const HostMemory memory;
    return memory;
}

} // namespace bitlathe::kernels
