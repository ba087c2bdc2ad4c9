// SPDX-License-Identifier: Apache-2.0
// BlockContext: loans of buffers, loading of linears by role.
#include "core/model/blockcontext.h"

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

void BlockLinear::forward(const Activations& x, Values& y) const
{
    y.resize(static_cast<std::size_t>(x.rows * linear->outFeatures()));
    linear->forward(x, y.span());
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
