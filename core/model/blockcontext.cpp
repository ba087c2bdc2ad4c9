// SPDX-License-Identifier: Apache-2.0
// BlockContext: loans of buffers, loading of linears by role.
#include "core/model/blockcontext.h"

#include <array>

namespace bitlathe::model
{

void BufferPool::clear()
{
    const std::scoped_lock lock(m_mutex);
    m_free.clear();
}

BufferPool::Loan::Loan(BufferPool& pool) : m_pool(pool)
{
    const std::scoped_lock lock(m_pool.m_mutex);
    if (m_pool.m_free.empty()) {
        m_buffers = std::make_unique<BlockBuffers>(pool.m_memory);
    } else {
        m_buffers = std::move(m_pool.m_free.back());
        m_pool.m_free.pop_back();
    }
}

BufferPool::Loan::~Loan()
{
    const std::scoped_lock lock(m_pool.m_mutex);
    m_pool.m_free.push_back(std::move(m_buffers));
}

BlockContext::BlockContext(ModelSpec modelSpec, Compute arithmetic, std::shared_ptr<const kernels::Backend> computes)
    : spec(std::move(modelSpec)),
      compute(arithmetic),
      device(std::move(computes)),
      backend(device ? *device : kernels::cpuBackend()),
      rope(spec.rope, spec.headDim, backend.memory()),
      localRope(spec.localRope.value_or(spec.rope), spec.headDim, backend.memory()),
      buffers(backend.memory())
{}

const Activations& madeOf(const kernels::Backend& backend, const LinearInput& input)
{
    const bool isNormed = input.norm != nullptr && !input.norm->isEmpty();
    if (!isNormed && !input.activation) {
        return input.x;
    }
    Activations& made = *input.made;
    resize(made, input.x.rows, input.x.cols);
    made.sequences = input.x.sequences;
    if (isNormed) {
        input.norm->apply(input.x.span(), made.span());
    } else if (&made != &input.x) {
        copyWithin(backend.memory(), input.x.span(), made.span());
    }
    if (input.activation) {
        backend.activate(*input.activation, made.span(), input.factor);
    }
    return made;
}

namespace
{

kernels::GemmInput gemmInputOf(const LinearInput& input)
{
    kernels::GemmInput of;
    of.x = input.x.span();
    of.rows = input.x.rows;
    if (input.norm != nullptr && !input.norm->isEmpty()) {
        of.normWeight = input.norm->weight();
        of.epsilon = input.norm->epsilon();
    }
    of.activation = input.activation;
    of.factor = input.factor;
    if (!of.normWeight.empty() || of.activation) {
        resize(*input.made, input.x.rows, input.x.cols);
        of.made = input.made->span();
    }
    return of;
}

} // namespace

void forwardEach(const kernels::Backend& backend, const LinearInput& input, std::initializer_list<LinearOutput> outputs)
{
    const Activations& x = input.x;
    std::array<kernels::GemmPart, 4> parts;
    std::size_t count = 0;
    for (const auto& [linear, to, addTo] : outputs) {
        to.resize(static_cast<std::size_t>(x.rows * linear.linear->outFeatures()));
        if (auto part = linear.linear->part(to.span())) {
            part->addTo = addTo != nullptr ? addTo->span() : std::span<float>();
            parts.at(count++) = *part;
        }
    }
    const bool isNormOfBackend = input.norm == nullptr || input.norm->isEmpty() || input.norm->isRms();
    if (count == outputs.size() && isNormOfBackend) {
        backend.gemmEach(gemmInputOf(input), std::span(parts).first(count));
        return;
    }
    const Activations& read = madeOf(backend, input);
    for (const auto& [linear, to, addTo] : outputs) {
        linear.linear->forward(read, to.span());
        if (addTo != nullptr) {
            backend.add(addTo->span(), to.span());
        }
    }
}

Result<BlockLinear> loadLinear(const BlockContext& context, const WeightSource& source, std::int64_t block,
                               LinearRole role, std::int64_t expert)
{
    BlockLinear loaded;
    for (const LayerId id : context.block(block).linears) {
        const LinearSpec& spec = context.spec.linear(id);
        if (spec.role == role && spec.expert == expert) {
            loaded.id = id;
            BITLATHE_TRY(loaded.linear, source.linearOn(spec, context.compute, context.backend));
            break;
        }
    }
    return loaded;
}

void resize(Activations& activations, std::int64_t rows, std::int64_t cols)
{
    activations.rows = rows;
    activations.cols = cols;
    activations.resize(static_cast<std::size_t>(rows * cols));
}

} // namespace bitlathe::model
