// SPDX-License-Identifier: Apache-2.0
// Memory: where a backend's values lie, and how they get there and back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace bitlathe::kernels
{

/// Bytes of a memory; zero where nobody counts them.
struct MemoryUse
{
    std::uint64_t bytesBudget = 0; ///< Never more than these are held.
    std::uint64_t bytesUsed = 0;
    std::uint64_t bytesPeak = 0;
};

/// The memory that a backend computes in. Operations and moves happen in the order in which they are asked for; those
/// of a device may still run when a call returns, but download() and wait() return when all before them are done.
/// Thread-safe.
class Memory
{
public:
    virtual ~Memory() = default;

    /// Whether any memory of this process is memory of this kind; nothing needs to be moved then.
    virtual bool isHost() const = 0;
    /// Aligned to 256 bytes, values undefined. Null: so much is not left.
    virtual std::byte* allocate(std::size_t bytes) const = 0;
    virtual void release(std::byte* memory) const noexcept = 0;

    // to is as large as from and apart from it. False: the device failed, and failure() says how. `from` may be changed
    // after upload().
    virtual bool upload(std::span<const std::byte> from, std::span<std::byte> to) const = 0;
    virtual bool download(std::span<const std::byte> from, std::span<std::byte> to) const = 0;
    virtual bool copy(std::span<const std::byte> from, std::span<std::byte> to) const = 0; ///< Within this memory.

    /// Until all that was asked for is done. False: some of it failed.
    virtual bool wait() const = 0;
    /// The first operation that failed and why, in English; empty: none did. What was computed after it means nothing.
    virtual std::string failure() const = 0;
    virtual MemoryUse use() const = 0;
};

/// Ordinary memory; nothing is counted and nothing fails.
const Memory& hostMemory();

/// Values in a backend's memory, as long as it lives. The span() of a device is for operations of its backend only: the
/// processor cannot read it.
template <class T>
class Buffer
{
    static_assert(std::is_trivially_copyable_v<T>);

public:
    Buffer() = default;
    Buffer(Buffer&& other) noexcept
        : m_memory(std::exchange(other.m_memory, nullptr)), m_span(std::exchange(other.m_span, {}))
    {}
    Buffer& operator=(Buffer&& other) noexcept
    {
        std::swap(m_memory, other.m_memory);
        std::swap(m_span, other.m_span);
        return *this;
    }
    ~Buffer()
    {
        if (m_memory != nullptr) {
            m_memory->release(reinterpret_cast<std::byte*>(m_span.data()));
        }
    }

    /// count values, undefined. Nothing: so much memory is not left.
    static std::optional<Buffer> allocated(const Memory& memory, std::size_t count)
    {
        Buffer buffer;
        if (count > 0) {
            std::byte* bytes = memory.allocate(count * sizeof(T));
            if (bytes == nullptr) {
                return std::nullopt;
            }
            buffer.m_memory = &memory;
            buffer.m_span = {reinterpret_cast<T*>(bytes), count};
        }
        return buffer;
    }
    /// The same with these values.
    static std::optional<Buffer> of(const Memory& memory, std::span<const T> values)
    {
        std::optional<Buffer> buffer = allocated(memory, values.size());
        if (buffer && !buffer->upload(values)) {
            return std::nullopt;
        }
        return buffer;
    }

    std::span<T> span() const { return m_span; }

    /// As many values as it has. False: the device failed.
    bool upload(std::span<const T> values)
    {
        return m_span.empty() || m_memory->upload(std::as_bytes(values), std::as_writable_bytes(m_span));
    }
    bool download(std::span<T> values) const
    {
        return m_span.empty() || m_memory->download(std::as_bytes(m_span), std::as_writable_bytes(values));
    }

private:
    const Memory* m_memory = nullptr;
    std::span<T> m_span;
};

} // namespace bitlathe::kernels
