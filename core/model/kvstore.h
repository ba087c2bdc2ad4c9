// SPDX-License-Identifier: Apache-2.0
// KvStore: keys and values of past tokens, and the plain f32 one.
#pragma once

#include "core/model/modelspec.h"
#include "kernels/memory.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

namespace bitlathe::model
{

/// Where rows of a store lie that are yet to be written.
struct KvRoom
{
    std::span<float> keys;
    std::span<float> values;
};

/// Keys and values of one sequence, in one memory: that of the model's backend, or the processor's. The forward pass
/// appends a block's new rows, then reads all of them; advance() closes the step. One thread at a time.
class KvStore
{
public:
    virtual ~KvStore() = default;
    /// Where the rows that go in and come out lie.
    virtual const kernels::Memory& memory() const { return kernels::hostMemory(); }
    virtual std::int64_t length() const = 0; ///< Tokens stored by finished steps.
    /// keys, values: [tokens, kvHeads * headDim] row-major.
    virtual void append(std::int64_t block, std::span<const float> keys, std::span<const float> values) = 0;
    /// The same for rows that are yet to be computed: they count as appended, and the backend writes them to the room
    /// that comes back. Nothing from stores that keep rows in another form.
    virtual std::optional<KvRoom> appendLater(std::int64_t /*block*/, std::int64_t /*tokens*/) { return std::nullopt; }
    /// All rows of a block appended so far, this step's included, as f32. Valid until the next call.
    virtual std::span<const float> keys(std::int64_t block) = 0;
    virtual std::span<const float> values(std::int64_t block) = 0;
    virtual void advance(std::int64_t tokens) = 0;
    virtual void truncate(std::int64_t length) = 0; ///< Forgets the rows from length on.
    virtual std::uint64_t bytes() const = 0;

    /// Tokens of the pass that began the sequence, where one of so many is under way.
    std::int64_t firstPass(std::int64_t tokens)
    {
        m_firstPass = length() == 0 ? tokens : m_firstPass;
        return m_firstPass;
    }

private:
    std::int64_t m_firstPass = 0;
};

/// Makes the store of a sequence of a model, with room for so many tokens.
using KvStoreMaker = std::function<std::unique_ptr<KvStore>(const ModelSpec& spec, std::int64_t capacity)>;

/// Holds f32; capacity tokens are allocated at once. Where a device has no room: DeviceError.
std::unique_ptr<KvStore> makeKvStore(const ModelSpec& spec, std::int64_t capacity,
                                     const kernels::Memory& memory = kernels::hostMemory());

} // namespace bitlathe::model
