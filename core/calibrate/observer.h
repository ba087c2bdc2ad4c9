// SPDX-License-Identifier: Apache-2.0
// StatsObserver: gathers the statistics of one block while samples pass through it.
#pragma once

#include "core/calibrate/layerstats.h"
#include "core/model/model.h"
#include "kernels/backend.h"

#include <vector>

namespace bitlathe::calibrate
{

/// Sees every sample's pass through one block. Sums run sample by sample in double (Hessians in f32), so that results
/// depend on the order of the samples only.
class StatsObserver final : public model::BlockObserver
{
public:
    /// spec must outlive this. Hessians are summed in compute: in bf16 of inputs as the layers themselves round them.
    StatsObserver(const model::ModelSpec& spec, std::int64_t block, bool hessian,
                  model::Compute compute = model::Compute::F32);

    void onInput(std::span<const LayerId> linears, const model::Activations& input) override;
    void onKeyValue(std::int64_t block, std::span<const float> keys, std::span<const float> values) override;

    bool finite() const; ///< Whether all inputs so far were finite.
    /// What was gathered, once. An input that nobody reached (of an expert that no token was routed to) has no tokens,
    /// zeros and no Hessian.
    BlockStats take();

private:
    /// Running ranges and sums of the columns of rows seen so far.
    struct Channels
    {
        explicit Channels(std::int64_t count);
        void add(std::span<const float> rows);

        std::vector<float> min, max, absMax;
        std::vector<double> sum, absSum;
    };
    struct Input
    {
        InputStats stats;
        Channels channels;
    };
    Input& inputOf(std::span<const LayerId> linears, std::int64_t features);
    std::vector<InputStats> unreached() const;

    const model::ModelSpec& m_spec;
    std::int64_t m_block;
    bool m_hessian;
    kernels::Precision m_precision;
    std::vector<Input> m_inputs;
    Channels m_keys;
    Channels m_values;
};

} // namespace bitlathe::calibrate
