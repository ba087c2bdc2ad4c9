// SPDX-License-Identifier: Apache-2.0
// Mlp: two or three products with an activation between them; a block's own, or that of one expert.
#pragma once

#include "core/model/blockcontext.h"

namespace bitlathe::model
{

class Mlp
{
public:
    static Result<Mlp> load(const BlockContext& context, const WeightSource& source, std::int64_t index,
                            std::int64_t expert = -1);

    /// out becomes [rows, hidden]; or is undefined afterwards, and what it would be is added to sum. observer and sum
    /// may be null.
    void forward(const LinearInput& input, BlockBuffers& buffers, BlockObserver* observer, Values& out,
                 Values* sum) const;
    std::uint64_t bytes() const { return m_gate.bytes() + m_up.bytes() + m_fused.bytes() + m_down.bytes(); }

private:
    bool isGated() const { return m_fused || m_gate; }
    void makeInner(const LinearInput& input, BlockBuffers& buffers) const;

    const kernels::Backend* m_backend = nullptr;
    ActivationKind m_activation = ActivationKind::Silu;
    BlockLinear m_gate; ///< Where the mlp has one of its own.
    BlockLinear m_up;
    BlockLinear m_fused; ///< Gate, then up, instead of the two.
    BlockLinear m_down;
    std::vector<LayerId> m_readers; ///< Of the input.
};

} // namespace bitlathe::model
