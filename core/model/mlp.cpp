// SPDX-License-Identifier: Apache-2.0
// Mlp: gated with gate and up apart or fused, or plain.
#include "core/model/mlp.h"

#include "kernels/backend.h"
#include "kernels/threads.h"

#include <algorithm>
#include <array>

namespace bitlathe::model
{

namespace
{

constexpr std::int64_t kRowGrain = 16;

/// Rows of gate and up behind each other into rows of each.
void splitFused(const std::vector<float>& fused, Activations& gate, std::vector<float>& up)
{
    up.resize(gate.values.size());
    kernels::parallelFor(gate.rows, kRowGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
            const float* from = fused.data() + 2 * row * gate.cols;
            std::copy_n(from, gate.cols, gate.values.data() + row * gate.cols);
            std::copy_n(from + gate.cols, gate.cols, up.data() + row * gate.cols);
        }
    });
}

} // namespace

Result<Mlp> Mlp::load(const BlockContext& context, const WeightSource& source, std::int64_t index, std::int64_t expert)
{
    Mlp mlp;
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

void Mlp::forward(const Activations& input, BlockBuffers& buffers, BlockObserver* observer,
                  std::vector<float>& out) const
{
    if (observer != nullptr) {
        observer->onInput(m_readers, input);
    }
    Activations& inner = buffers.gate;
    resize(inner, input.rows, m_down.linear->inFeatures());
    std::span<const float> factor;
    if (m_fused) {
        m_fused.forward(input, buffers.fused);
        splitFused(buffers.fused, inner, buffers.up);
        factor = buffers.up;
    } else if (m_gate) {
        m_gate.linear->forward(input, inner.values);
        m_up.forward(input, buffers.up);
        factor = buffers.up;
    } else {
        m_up.linear->forward(input, inner.values);
    }
    kernels::cpuBackend().activate(m_activation, inner.values, factor);
    if (observer != nullptr) {
        observer->onInput(std::array{m_down.id}, inner);
    }
    m_down.forward(inner, out);
}

} // namespace bitlathe::model
