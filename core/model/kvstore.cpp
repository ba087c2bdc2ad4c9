// SPDX-License-Identifier: Apache-2.0
// The plain key and value store: f32 rows, one pair of buffers per block.
#include "core/model/kvstore.h"

#include <algorithm>
#include <stdexcept>

namespace bitlathe::model
{

namespace
{

class PlainKvStore final : public KvStore
{
public:
    PlainKvStore(const ModelSpec& spec, std::int64_t capacity)
        : m_width(static_cast<std::size_t>(spec.kvHeads * spec.headDim)), m_blocks(spec.blocks.size())
    {
        const std::size_t size = static_cast<std::size_t>(std::max<std::int64_t>(capacity, 0)) * m_width;
        for (Rows& rows : m_blocks) {
            rows.keys.reserve(size);
            rows.values.reserve(size);
        }
    }

    std::int64_t length() const override { return m_length; }

    void append(std::int64_t block, std::span<const float> keys, std::span<const float> values) override
    {
        if (keys.size() != values.size() || keys.size() % m_width != 0) {
            throw std::invalid_argument("KvStore::append: keys and values are not whole rows");
        }
        Rows& rows = at(block);
        rows.keys.insert(rows.keys.end(), keys.begin(), keys.end());
        rows.values.insert(rows.values.end(), values.begin(), values.end());
    }

    std::span<const float> keys(std::int64_t block) override { return at(block).keys; }
    std::span<const float> values(std::int64_t block) override { return at(block).values; }
    void advance(std::int64_t tokens) override { m_length += tokens; }

    void truncate(std::int64_t length) override
    {
        m_length = std::min(m_length, std::max<std::int64_t>(length, 0));
        const std::size_t size = static_cast<std::size_t>(m_length) * m_width;
        for (Rows& rows : m_blocks) {
            rows.keys.resize(std::min(rows.keys.size(), size));
            rows.values.resize(std::min(rows.values.size(), size));
        }
    }

    std::uint64_t bytes() const override
    {
        std::uint64_t bytes = 0;
        for (const Rows& rows : m_blocks) {
            bytes += (rows.keys.capacity() + rows.values.capacity()) * sizeof(float);
        }
        return bytes;
    }

private:
    struct Rows
    {
        std::vector<float> keys;
        std::vector<float> values;
    };

    Rows& at(std::int64_t block) { return m_blocks.at(static_cast<std::size_t>(block)); }

    std::size_t m_width;
    std::int64_t m_length = 0;
    std::vector<Rows> m_blocks;
};

} // namespace

std::unique_ptr<KvStore> makeKvStore(const ModelSpec& spec, std::int64_t capacity)
{
    return std::make_unique<PlainKvStore>(spec, capacity);
}

} // namespace bitlathe::model
