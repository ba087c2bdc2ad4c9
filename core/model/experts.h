// SPDX-License-Identifier: Apache-2.0
// Experts: a router that sends each token to a few of many mlps, and the weighted sum of what those give.
#pragma once

#include "core/model/mlp.h"

namespace bitlathe::model
{

class Experts
{
public:
    static Result<Experts> load(const BlockContext& context, const WeightSource& source, std::int64_t index);

    /// out becomes [input.rows, hidden]. The observer sees the tokens routed to an expert only.
    void forward(const Activations& input, BlockBuffers& buffers, BlockObserver* observer, Values& out) const;
    std::uint64_t bytes() const;

private:
    const kernels::Backend* m_backend = nullptr;
    /// Fills buffers.visits. Which expert a token goes to, the processor decides.
    void route(const Activations& input, BlockBuffers& buffers) const;

    std::int64_t m_perToken = 0;
    bool m_weightsSumToOne = false;
    std::unique_ptr<Linear> m_router;
    std::vector<Mlp> m_experts;
};

} // namespace bitlathe::model
