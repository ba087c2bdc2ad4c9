// SPDX-License-Identifier: Apache-2.0
// Experts: softmax routing as in Mixtral and Qwen3-MoE.
#include "core/model/experts.h"

#include <algorithm>
#include <numeric>

namespace bitlathe::model
{

Result<Experts> Experts::load(const BlockContext& context, const WeightSource& source, std::int64_t index)
{
    const ModelSpec& spec = context.spec;
    Experts experts;
    experts.m_backend = &context.backend;
    experts.m_perToken = spec.expertsPerToken;
    experts.m_weightsSumToOne = spec.expertWeightsSumToOne;
    BITLATHE_TRY(const auto router,
                 source.tensor(context.block(index).router + ".weight", {spec.experts, spec.hidden}));
    // A choice is all or nothing: the small product is never rounded.
    experts.m_router = makeDenseLinear(router, {}, Compute::F32, context.backend);
    for (std::int64_t expert = 0; expert < spec.experts; ++expert) {
        BITLATHE_TRY(Mlp mlp, Mlp::load(context, source, index, expert));
        experts.m_experts.push_back(std::move(mlp));
    }
    return experts;
}

void Experts::route(const Activations& input, BlockBuffers& buffers) const
{
    const auto count = static_cast<std::int64_t>(m_experts.size());
    buffers.routing.resize(static_cast<std::size_t>(input.rows * count));
    m_router->forward(input, buffers.routing.span());
    m_backend->softmax(buffers.routing.span(), count);
    const OnProcessor routing(m_backend->memory(), buffers.routing.span());
    buffers.visits.resize(m_experts.size());
    for (auto& visits : buffers.visits) {
        visits.clear();
    }
    std::vector<std::size_t> order(m_experts.size());
    for (std::int64_t row = 0; row < input.rows; ++row) {
        const float* p = routing.span().data() + row * count;
        std::iota(order.begin(), order.end(), std::size_t{0});
        const auto chosen = order.begin() + m_perToken;
        // Of equal ones the first: the order must not depend on the library.
        std::ranges::partial_sort(order, chosen,
                                  [p](std::size_t a, std::size_t b) { return p[a] != p[b] ? p[a] > p[b] : a < b; });
        float sum = 1.0F;
        if (m_weightsSumToOne) {
            sum = std::accumulate(order.begin(), chosen, 0.0F, [p](float all, std::size_t i) { return all + p[i]; });
        }
        std::for_each(order.begin(), chosen, [&](std::size_t expert) {
            buffers.visits[expert].push_back({row, p[expert] / sum});
        });
    }
}

void Experts::forward(const Activations& input, BlockBuffers& buffers, BlockObserver* observer, Values& out) const
{
    route(input, buffers);
    const kernels::Memory& memory = m_backend->memory();
    const OnProcessor inputs(memory, input.span());
    out.resize(input.size());
    ChangedOnProcessor sums(memory, out.span(), ChangedOnProcessor::Before::Overwritten);
    std::ranges::fill(sums.span(), 0.0F);
    const auto width = static_cast<std::size_t>(input.cols);
    // In the order of experts, so that sums do not depend on anything but the token.
    for (std::size_t expert = 0; expert < m_experts.size(); ++expert) {
        const std::vector<ExpertVisit>& visits = buffers.visits[expert];
        if (visits.empty()) {
            continue;
        }
        resize(buffers.routed, static_cast<std::int64_t>(visits.size()), input.cols);
        ChangedOnProcessor routed(memory, buffers.routed.span(), ChangedOnProcessor::Before::Overwritten);
        float* gathered = routed.span().data();
        for (const ExpertVisit& visit : visits) {
            gathered = std::copy_n(inputs.span().data() + visit.row * input.cols, width, gathered);
        }
        routed.store();
        m_experts[expert].forward({buffers.routed}, buffers, observer, buffers.addedExpert, nullptr);
        const OnProcessor added(memory, buffers.addedExpert.span());
        const float* from = added.span().data();
        for (const ExpertVisit& visit : visits) {
            float* to = sums.span().data() + visit.row * input.cols;
            for (std::int64_t i = 0; i < input.cols; ++i) {
                to[i] += visit.weight * *from++;
            }
        }
    }
    sums.store();
}

std::uint64_t Experts::bytes() const
{
    std::uint64_t bytes = m_router->bytes();
    for (const Mlp& expert : m_experts) {
        bytes += expert.bytes();
    }
    return bytes;
}

} // namespace bitlathe::model
