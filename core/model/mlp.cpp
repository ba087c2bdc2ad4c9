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

void Mlp::forward(const Activations& input, BlockBuffers& buffers, BlockObserver* observer, Values& out) const
{
    if (observer != nullptr) {
        observer->onInput(m_readers, input);
    }
    Activations& inner = buffers.gate;
    resize(inner, input.rows, m_down.linear->inFeatures());
    std::span<const float> factor;
    if (m_fused) {
        // Rows of gate and up stand behind each other.
        m_fused.forward(input, buffers.fused);
        buffers.up.resize(inner.size());
        const auto fused = std::as_const(buffers.fused).span();
        m_backend->copyRows(fused, 2 * inner.cols, inner.span(), inner.cols, inner.rows, inner.cols);
        m_backend->copyRows(fused.subspan(static_cast<std::size_t>(inner.cols)), 2 * inner.cols, buffers.up.span(),
                            inner.cols, inner.rows, inner.cols);
        factor = buffers.up.span();
    } else if (m_gate) {
        m_gate.linear->forward(input, inner.span());
        m_up.forward(input, buffers.up);
        factor = buffers.up.span();
    } else {
        m_up.linear->forward(input, inner.span());
    }
    m_backend->activate(m_activation, inner.span(), factor);
    if (observer != nullptr) {
        observer->onInput(std::array{m_down.id}, inner);
    }
    m_down.forward(inner, out);
}

} // namespace bitlathe::model
