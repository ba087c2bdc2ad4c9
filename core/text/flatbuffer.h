// SPDX-License-Identifier: Apache-2.0
// Reading FlatBuffers that nobody vouches for: every access is checked against the buffer.
#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace bitlathe::text {

/// The bytes of one FlatBuffer. An access outside of them yields zero or nothing and marks the buffer as broken, so
/// that a reader can go straight on and ask once at the end. Little-endian machines only.
class FlatBuffer
{
public:
    explicit FlatBuffer(std::string_view bytes) : m_bytes(bytes) {}

    bool isBroken() const { return m_isBroken; }
    void markBroken() { m_isBroken = true; }
    std::size_t size() const { return m_bytes.size(); }

    template <typename T>
    requires std::integral<T> T read(std::size_t at)
    {
        T value{};
        if (at > m_bytes.size() || sizeof value > m_bytes.size() - at) {
            m_isBroken = true;
            return value;
        }
        std::memcpy(&value, m_bytes.data() + at, sizeof value);
        return value;
    }

    std::string_view bytes(std::size_t at, std::size_t count)
    {
        if (at > m_bytes.size() || count > m_bytes.size() - at) {
            m_isBroken = true;
            return {};
        }
        return m_bytes.substr(at, count);
    }

    /// Where the offset that stands at a place leads to.
    std::size_t follow(std::size_t at) { return at + read<std::uint32_t>(at); }

private:
    std::string_view m_bytes;
    bool m_isBroken = false;
};

/// A vector in a FlatBuffer: count elements from begin on, inside the buffer.
struct FlatVector
{
    std::size_t begin = 0;
    std::size_t count = 0;
};

/// A table in a FlatBuffer. Slots count its fields from 0. A table that is not there has no fields.
class FlatTable
{
public:
    FlatTable() = default;
    FlatTable(FlatBuffer& buffer, std::size_t at) : m_buffer(&buffer), m_at(at)
    {
        const auto back = buffer.read<std::int32_t>(at);
        m_slots = static_cast<std::size_t>(static_cast<std::int64_t>(at) - back);
        m_bytesSlots = buffer.read<std::uint16_t>(m_slots);
    }

    /// The table that a buffer begins with.
    static FlatTable root(FlatBuffer& buffer) { return {buffer, buffer.follow(0)}; }

    bool has(std::size_t slot) const { return place(slot) != 0; }

    template <typename T>
    T number(std::size_t slot, T otherwise) const
    {
        const std::size_t at = place(slot);
        return at == 0 ? otherwise : m_buffer->read<T>(at);
    }

    FlatTable table(std::size_t slot) const
    {
        const std::size_t at = place(slot);
        return at == 0 ? FlatTable() : FlatTable(*m_buffer, m_buffer->follow(at));
    }

    FlatVector vector(std::size_t slot, std::size_t bytesElement) const
    {
        const std::size_t at = place(slot);
        if (at == 0) {
            return {};
        }
        const std::size_t begin = m_buffer->follow(at);
        const auto count = m_buffer->read<std::uint32_t>(begin);
        // 2^32 elements of a few bytes: no overflow in 64 bits.
        m_buffer->bytes(begin + sizeof count, count * bytesElement);
        return m_buffer->isBroken() ? FlatVector{} : FlatVector{begin + sizeof count, count};
    }

    std::string_view string(std::size_t slot) const
    {
        const FlatVector letters = vector(slot, 1);
        return letters.count == 0 ? std::string_view() : m_buffer->bytes(letters.begin, letters.count);
    }

private:
    /// Where a field stands; 0 where it is left out.
    std::size_t place(std::size_t slot) const
    {
        const std::size_t entry = (slot + 2) * sizeof(std::uint16_t); // Two sizes come first.
        if (m_buffer == nullptr || entry + sizeof(std::uint16_t) > m_bytesSlots) {
            return 0;
        }
        const auto offset = m_buffer->read<std::uint16_t>(m_slots + entry);
        return offset == 0 ? 0 : m_at + offset;
    }

    FlatBuffer* m_buffer = nullptr;
    std::size_t m_at = 0;
    std::size_t m_slots = 0; ///< Where the places of the fields are listed.
    std::size_t m_bytesSlots = 0;
};

} // namespace bitlathe::text
