// SPDX-License-Identifier: Apache-2.0
// StatsObserver: gathers the statistics of one block while samples pass through it.
#pragma once

#include "core/calibrate/layerstats.h"
#include "core/model/model.h"
#include "kernels/backend.h"

#include <optional>
#include <vector>

namespace bitlathe::calibrate
{

/// Numbers that are summed up where a model computes, and read on the processor in the end. A model::DeviceError where
/// the device has no memory left or fails.
template <class T>
class Sums
{
public:
    Sums(const kernels::Memory& memory, std::vector<T> start) : m_memory(&memory), m_values(std::move(start))
    {
        if (!memory.isHost()) {
            auto claimed = kernels::Buffer<T>::of(memory, m_values);
            if (!claimed) {
                throw model::DeviceError::of(memory, m_values.size() * sizeof(T));
            }
            m_buffer = *std::move(claimed);
        }
    }
    std::span<T> span() { return m_memory->isHost() ? std::span(m_values) : m_buffer.span(); }
    /// As they are now.
    const std::vector<T>& values()
    {
        if (!m_memory->isHost() && !m_buffer.download(m_values)) {
            throw model::DeviceError::of(*m_memory, 0);
        }
        return m_values;
    }

private:
    const kernels::Memory* m_memory;
    std::vector<T> m_values;
    kernels::Buffer<T> m_buffer; ///< On a device.
};

/// Running ranges and sums of the columns of rows seen so far, in the memory of a backend.
struct ChannelSums
{
    ChannelSums(const kernels::Backend& backend, std::int64_t count);
    void add(std::span<const float> rows);
    /// Whether all values so far were finite: a sum is NaN or infinite as soon as one of its terms is, as finite f32
    /// terms cannot overflow a double.
    bool finite();

    const kernels::Backend* backend;
    Sums<float> min, max, absMax;
    Sums<double> sum, absSum;
};

/// Sees every sample's pass through one block. Sums run sample by sample in double (Hessians in f32), so that results
/// depend on the order of the samples, and of Hessians on how many pass together. All lies where the model computes
/// until take(); where a device fails, members throw a model::DeviceError.
class StatsObserver final : public model::BlockObserver
{
public:
    /// spec and backend must outlive this. Hessians are summed in compute: in bf16 of inputs as the layers themselves
    /// round them. only: the linears whose inputs are looked at, and nothing else; empty: everything of the block.
    StatsObserver(const model::ModelSpec& spec, std::int64_t block, bool hessian,
                  model::Compute compute = model::Compute::F32, const kernels::Backend& backend = kernels::cpuBackend(),
                  std::vector<LayerId> only = {});

    void onInput(std::span<const LayerId> linears, const model::Activations& input) override;
    void onKeyValue(std::int64_t block, std::span<const float> keys, std::span<const float> values) override;

    bool finite(); ///< Whether all inputs so far were finite. Waits for a device.
    void reset();  ///< As if nothing had been seen.
    /// What was gathered, once. An input that nobody reached (of an expert that no token was routed to) has no tokens,
    /// zeros and no Hessian. spare: earlier statistics whose memory may be taken for what comes from a device.
    BlockStats take(BlockStats spare = {});

private:
    struct Input
    {
        InputStats stats;
        ChannelSums channels;
        model::Values hessian; ///< Of entries [i][j] with j <= i.
    };
    bool sees(LayerId linear) const;
    Input& inputOf(std::span<const LayerId> linears, std::int64_t features);
    std::vector<InputStats> unreached() const;

    const model::ModelSpec& m_spec;
    std::int64_t m_block;
    bool m_hessian;
    kernels::Precision m_precision;
    const kernels::Backend& m_backend;
    std::vector<LayerId> m_only;
    std::vector<Input> m_inputs;
    std::optional<ChannelSums> m_keys;
    std::optional<ChannelSums> m_values;
};

} // namespace bitlathe::calibrate
