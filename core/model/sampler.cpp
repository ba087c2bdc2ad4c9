// SPDX-License-Identifier: Apache-2.0
// Repetition penalty, temperature, top-k, top-p, and the draw.
#include "core/model/sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace bitlathe::model
{

namespace
{

Failure badSetting(std::string name, Text expected, double found)
{
    return fail(ErrorCode::SettingInvalid, std::move(name), std::move(expected), Text(BITLATHE_TEXT("%1"), found),
                Text(BITLATHE_TEXT("Correct the setting")));
}

} // namespace

Result<Sampler> Sampler::create(const GenerationOptions& options)
{
    if (!(options.temperature >= 0.0) || !std::isfinite(options.temperature)) {
        return badSetting("temperature", Text(BITLATHE_TEXT("0 (greedy) or more")), options.temperature);
    }
    if (options.topK < 0) {
        return badSetting("top-k", Text(BITLATHE_TEXT("0 (off) or more")), static_cast<double>(options.topK));
    }
    if (!(options.topP > 0.0 && options.topP <= 1.0)) {
        return badSetting("top-p", Text(BITLATHE_TEXT("above 0 and at most 1 (off)")), options.topP);
    }
    if (!(options.repetitionPenalty > 0.0) || !std::isfinite(options.repetitionPenalty)) {
        return badSetting("repetition penalty", Text(BITLATHE_TEXT("above 0; 1 is off")), options.repetitionPenalty);
    }
    return Sampler(options);
}

Sampler::Sampler(const GenerationOptions& options)
    : m_temperature(options.temperature),
      m_topK(options.topK),
      m_topP(options.topP),
      m_penalty(options.repetitionPenalty),
      m_random(options.seed)
{}

TokenId Sampler::next(std::span<float> logits, std::span<const TokenId> history)
{
    if (m_penalty != 1.0) {
        penalize(logits, history);
    }
    if (m_temperature == 0.0) {
        return static_cast<TokenId>(std::ranges::max_element(logits) - logits.begin());
    }
    return draw(logits);
}

void Sampler::penalize(std::span<float> logits, std::span<const TokenId> history)
{
    m_seen.assign(logits.size(), false);
    const auto penalty = static_cast<float>(m_penalty);
    for (const TokenId id : history) {
        const auto index = static_cast<std::size_t>(id);
        if (!m_seen[index]) {
            m_seen[index] = true;
            logits[index] = logits[index] < 0.0F ? logits[index] * penalty : logits[index] / penalty;
        }
    }
}

TokenId Sampler::draw(std::span<const float> logits)
{
    m_order.resize(logits.size());
    std::iota(m_order.begin(), m_order.end(), 0);
    const auto better = [&](TokenId a, TokenId b) {
        const float left = logits[static_cast<std::size_t>(a)];
        const float right = logits[static_cast<std::size_t>(b)];
        return left != right ? left > right : a < b;
    };
    std::ranges::sort(m_order, better);
    if (m_topK > 0 && m_topK < static_cast<std::int64_t>(m_order.size())) {
        // Ties with the last one kept stay, as in transformers.
        const float lowest = logits[static_cast<std::size_t>(m_order[static_cast<std::size_t>(m_topK - 1)])];
        const auto end =
            std::ranges::find_if(m_order, [&](TokenId id) { return logits[static_cast<std::size_t>(id)] < lowest; });
        m_order.erase(end, m_order.end());
    }
    const auto best = static_cast<double>(logits[static_cast<std::size_t>(m_order.front())]);
    m_probabilities.resize(m_order.size());
    double total = 0;
    for (std::size_t i = 0; i < m_order.size(); ++i) {
        const auto logit = static_cast<double>(logits[static_cast<std::size_t>(m_order[i])]);
        m_probabilities[i] = std::exp((logit - best) / m_temperature);
        total += m_probabilities[i];
    }
    if (m_topP < 1.0) {
        double before = 0;
        std::size_t kept = 0;
        for (; kept < m_order.size() && before < m_topP * total; ++kept) {
            before += m_probabilities[kept];
        }
        m_order.resize(std::max<std::size_t>(1, kept));
        total = std::accumulate(m_probabilities.begin(),
                                m_probabilities.begin() + static_cast<std::ptrdiff_t>(m_order.size()), 0.0);
    }
    // 53 random bits; the standard's distributions differ between libraries, this does not.
    const double drawn = static_cast<double>(m_random() >> 11U) * 0x1.0p-53 * total;
    double sum = 0;
    for (std::size_t i = 0; i < m_order.size(); ++i) {
        sum += m_probabilities[i];
        if (drawn < sum) {
            return m_order[i];
        }
    }
    return m_order.back();
}

} // namespace bitlathe::model
