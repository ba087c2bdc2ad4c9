// SPDX-License-Identifier: Apache-2.0
// What logits in a backend's memory say: how likely targets are, which token is most likely, how far two are apart.
#pragma once

#include "core/model/model.h"
#include "kernels/backend.h"

#include <cstdint>
#include <span>
#include <vector>

namespace bitlathe::evaluate
{

// logits: [rows, cols], in the memory of the backend, where they stay; only what is returned leaves it. DeviceError.

/// -log p(target) of every row, nats.
std::vector<double> negativeLogLikelihoods(const kernels::Backend& backend, std::span<const float> logits,
                                           std::int64_t cols, std::span<const model::TokenId> targets);
/// The most likely token of every row; of equal ones the first.
std::vector<model::TokenId> mostLikely(const kernels::Backend& backend, std::span<const float> logits,
                                       std::int64_t cols);
/// KL(p || q) of every row, nats, never below 0.
std::vector<double> divergences(const kernels::Backend& backend, std::span<const float> p, std::span<const float> q,
                                std::int64_t cols);

} // namespace bitlathe::evaluate
