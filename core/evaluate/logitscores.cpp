// SPDX-License-Identifier: Apache-2.0
// Scores of logits where they lie.
#include "core/evaluate/logitscores.h"

#include <algorithm>

namespace bitlathe::evaluate
{

namespace
{

/// What an operation writes, one value a row, on the processor then.
template <class T, class Write>
std::vector<T> written(const kernels::Memory& memory, std::size_t rows, const Write& write)
{
    std::vector<T> values(rows);
    if (memory.isHost()) {
        write(std::span(values));
        return values;
    }
    const auto buffer = kernels::Buffer<T>::allocated(memory, rows);
    if (buffer) {
        write(buffer->span());
    }
    if (!buffer || !buffer->download(values)) {
        throw model::DeviceError::of(memory, rows * sizeof(T));
    }
    return values;
}

std::size_t rowsOf(std::span<const float> logits, std::int64_t cols)
{
    return logits.size() / static_cast<std::size_t>(cols);
}

} // namespace

std::vector<double> negativeLogLikelihoods(const kernels::Backend& backend, std::span<const float> logits,
                                           std::int64_t cols, std::span<const model::TokenId> targets)
{
    const kernels::Memory& memory = backend.memory();
    std::vector<double> nll(targets.size());
    if (memory.isHost()) {
        kernels::negativeLogLikelihood(backend, logits, cols, targets, nll);
        return nll;
    }
    const auto indices = kernels::Buffer<model::TokenId>::of(memory, targets);
    if (!indices) {
        throw model::DeviceError::of(memory, targets.size_bytes());
    }
    const auto chosen = written<float>(memory, targets.size(),
                                       [&](std::span<float> out) { backend.pick(logits, cols, indices->span(), out); });
    nll = written<double>(memory, targets.size(), [&](std::span<double> out) { backend.logSumExp(logits, cols, out); });
    for (std::size_t row = 0; row < nll.size(); ++row) {
        nll[row] -= static_cast<double>(chosen[row]);
    }
    return nll;
}

std::vector<model::TokenId> mostLikely(const kernels::Backend& backend, std::span<const float> logits,
                                       std::int64_t cols)
{
    return written<model::TokenId>(backend.memory(), rowsOf(logits, cols),
                                   [&](std::span<model::TokenId> out) { backend.largest(logits, cols, out); });
}

std::vector<double> divergences(const kernels::Backend& backend, std::span<const float> p, std::span<const float> q,
                                std::int64_t cols)
{
    auto kl = written<double>(backend.memory(), rowsOf(p, cols),
                              [&](std::span<double> out) { backend.klDivergence(p, q, cols, out); });
    // Rounding can put a token's a hair below zero.
    std::ranges::transform(kl, kl.begin(), [](double value) { return std::max(value, 0.0); });
    return kl;
}

} // namespace bitlathe::evaluate
