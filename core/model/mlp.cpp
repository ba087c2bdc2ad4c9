// SPDX-License-Identifier: Apache-2.0
// Mlp: gated with gate and up apart or fused, or plain.
#include "core/model/mlp.h"

#include <array>

namespace bitlathe::model
{

Result<Mlp> Mlp::load(const BlockContext& context, const WeightSource& source, std::int64_t index, std::int64_t expert)
{
    Mlp mlp;
    mlp.m_backend = &context.backend;
    mlp.m_activation = context.spec.activation;
    BITLATHE_TRY(mlp.m_gate, loadLinear(context, source, index, LinearRole::Gate, expert));
    BITLATHE_TRY(mlp.m_up, loadLinear(context, source, index, LinearRole::Up, expert));
    BITLATHE_TRY(mlp.m_fused, loadLinear(context, source, index, LinearRole::GateUp, expert));
    BITLATHE_TRY(mlp.m_down, loadLinear(context, source, index, LinearRole::Down, expert));
    for (const BlockLinear* linear : {&mlp.m_gate, &mlp.m_up, &mlp.m_fused}) {
        if (*linear) {
            mlp.m_readers.push_back(linear->id);
        }
    }
    return mlp;
}

void Mlp::forward(const LinearInput& input, BlockBuffers& buffers, BlockObserver* observer, Values& out,
                  Values* sum) const
{
    if (observer != nullptr) {
        const Activations& made = madeOf(*m_backend, input);
        observer->onInput(m_readers, made);
        makeInner({made}, buffers);
    } else {
        makeInner(input, buffers);
    }
    Activations& inner = buffers.gate;
    const LinearInput activated{inner, nullptr, m_activation,
                                isGated() ? std::as_const(buffers.up).span() : std::span<const float>(), &inner};
    if (observer != nullptr) {
        observer->onInput(std::array{m_down.id}, madeOf(*m_backend, activated));
        forwardEach(*m_backend, {inner}, {{m_down, out, sum}});
    } else {
        forwardEach(*m_backend, activated, {{m_down, out, sum}});
    }
}

/// buffers.gate, and buffers.up where it is gated.
void Mlp::makeInner(const LinearInput& input, BlockBuffers& buffers) const
{
    Activations& inner = buffers.gate;
    resize(inner, input.x.rows, m_down.linear->inFeatures());
    if (m_fused) {
        // Rows of gate and up stand behind each other.
        forwardEach(*m_backend, input, {{m_fused, buffers.fused}});
        buffers.up.resize(inner.size());
        const auto fused = std::as_const(buffers.fused).span();
        m_backend->copyRows(fused, 2 * inner.cols, inner.span(), inner.cols, inner.rows, inner.cols);
        m_backend->copyRows(fused.subspan(static_cast<std::size_t>(inner.cols)), 2 * inner.cols, buffers.up.span(),
                            inner.cols, inner.rows, inner.cols);
    } else if (m_gate) {
        forwardEach(*m_backend, input, {{m_gate, inner}, {m_up, buffers.up}});
    } else {
        forwardEach(*m_backend, input, {{m_up, inner}});
    }
}

} // namespace bitlathe::model
