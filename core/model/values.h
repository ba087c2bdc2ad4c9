// SPDX-License-Identifier: Apache-2.0
// Values: numbers in the memory of whatever computes with them, and how the processor gets at them.
#pragma once

#include "core/base/result.h"
#include "kernels/memory.h"

#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <vector>

namespace bitlathe::model
{

/// A device that has no memory left (DeviceMemoryShort), or that failed (DeviceFailed). Thrown inside a forward pass,
/// where it is as rare as it is final; withDeviceErrors() makes a Result of it.
class DeviceError : public std::exception
{
public:
    explicit DeviceError(Error error) : m_error(std::move(error)), m_sentence(m_error.sentence()) {}
    /// What the memory has to say: its first failure, or that bytes more are too many.
    static DeviceError of(const kernels::Memory& memory, std::uint64_t bytes);

    const Error& error() const { return m_error; }
    const char* what() const noexcept override { return m_sentence.c_str(); }

private:
    Error m_error;
    std::string m_sentence;
};

/// What work() gives; a DeviceError as its error.
template <class Work>
auto withDeviceErrors(Work&& work) -> decltype(work())
{
    try {
        return work();
    } catch (const DeviceError& error) {
        return Failure(error.error());
    }
}

/// f32 values in one memory. On the processor they are a vector, on a device a buffer that stays when fewer values are
/// in it. Where memory is short or the device fails, members throw a DeviceError.
struct Values
{
    std::vector<float> values; ///< Empty on a device.

    Values() = default;
    explicit Values(const kernels::Memory& memory) : m_memory(&memory) {}
    Values(const kernels::Memory& memory, std::span<const float> from);
    Values(const Values& other);
    Values& operator=(const Values& other);
    Values(Values&& other) noexcept = default;
    Values& operator=(Values&& other) noexcept = default;
    ~Values() = default;

    const kernels::Memory& memory() const { return *m_memory; }
    std::size_t size() const { return m_memory->isHost() ? values.size() : m_size; }
    bool empty() const { return size() == 0; }
    /// For operations of the memory's backend.
    std::span<float> span() { return m_memory->isHost() ? std::span(values) : m_buffer.span().first(m_size); }
    std::span<const float> span() const
    {
        return m_memory->isHost() ? std::span(values) : std::span<const float>(m_buffer.span()).first(m_size);
    }
    /// On a device all values are undefined then.
    void resize(std::size_t count);
    /// Becomes these values, which the processor has.
    void assign(std::span<const float> from);

private:
    const kernels::Memory* m_memory = &kernels::hostMemory();
    kernels::Buffer<float> m_buffer;
    std::size_t m_size = 0;
};

// Moves between spans of one size; DeviceError where the device fails.
void uploadTo(const kernels::Memory& memory, std::span<const float> host, std::span<float> to);
void downloadFrom(const kernels::Memory& memory, std::span<const float> from, std::span<float> host);
void copyWithin(const kernels::Memory& memory, std::span<const float> from, std::span<float> to);
/// Makes all values zero.
void clear(const kernels::Memory& memory, std::span<float> values);

/// Values of a memory where the processor can work on them: the values themselves, or a copy. The one way of everything
/// that has no form on a device.
class OnProcessor
{
public:
    OnProcessor(const kernels::Memory& memory, std::span<const float> values);

    std::span<const float> span() const { return m_copy ? std::span(m_copy.get(), m_values.size()) : m_values; }

private:
    std::span<const float> m_values;
    std::unique_ptr<float[]> m_copy; ///< Of values on a device.
};

/// The same for values that change. They are as they were only where they are read first.
class ChangedOnProcessor
{
public:
    enum class Before { Read, Overwritten };
    ChangedOnProcessor(const kernels::Memory& memory, std::span<float> values, Before before);

    std::span<float> span() { return m_copy ? std::span(m_copy.get(), m_values.size()) : m_values; }
    void store(); ///< Moves them back.

private:
    const kernels::Memory& m_memory;
    std::span<float> m_values;
    std::unique_ptr<float[]> m_copy; ///< Of values on a device.
};

} // namespace bitlathe::model
