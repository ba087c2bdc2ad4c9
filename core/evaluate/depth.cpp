// SPDX-License-Identifier: Apache-2.0
// Depth: both models in step, so that the hidden states of one block are compared and dropped.
#include "core/evaluate/depth.h"

#include <cmath>

namespace bitlathe::evaluate
{

namespace
{

/// What two rows have in common, summed in f64.
struct RowSums
{
    double base = 0, changed = 0, both = 0, difference = 0;
};

RowSums sumsOf(std::span<const float> base, std::span<const float> changed)
{
    RowSums sums;
    for (std::size_t i = 0; i < base.size(); ++i) {
        const auto a = static_cast<double>(base[i]);
        const auto b = static_cast<double>(changed[i]);
        sums.base += a * a;
        sums.changed += b * b;
        sums.both += a * b;
        sums.difference += (b - a) * (b - a);
    }
    return sums;
}

void addBlock(DepthErrors& errors, const model::Activations& base, const model::Activations& changed)
{
    double relative = 0;
    double cosine = 0;
    for (std::int64_t row = 0; row < base.rows; ++row) {
        const RowSums sums = sumsOf(base.row(row), changed.row(row));
        relative += sums.base > 0 ? sums.difference / sums.base : 0;
        const double lengths = std::sqrt(sums.base * sums.changed);
        cosine += lengths > 0 ? sums.both / lengths : 1;
    }
    errors.relative.push_back(relative / static_cast<double>(base.rows));
    errors.cosine.push_back(cosine / static_cast<double>(base.rows));
}

Result<void> step(const model::Model& model, std::int64_t block, model::Activations& hidden)
{
    BITLATHE_TRY(const auto loaded, model.block(block));
    loaded->forward(hidden, nullptr, nullptr);
    return {};
}

} // namespace

Result<DepthErrors> depthErrors(const format::OpenedModel& base, const format::OpenedModel& changed,
                                const std::vector<model::TokenId>& ids, model::Compute compute, const WorkContext& work)
{
    const std::string subject = base.folder().string() + ", " + changed.folder().string();
    if (ids.empty()) {
        return fail(ErrorCode::TextInvalid, subject, Text(BITLATHE_TEXT("at least one token")),
                    Text(BITLATHE_TEXT("none")));
    }
    if (base.spec.blockCount() != changed.spec.blockCount() || base.spec.hidden != changed.spec.hidden) {
        return fail(ErrorCode::TextInvalid, subject, Text(BITLATHE_TEXT("two models of the same shape")),
                    Text(BITLATHE_TEXT("%1 blocks of %2 and %3 blocks of %4"), base.spec.blockCount(), base.spec.hidden,
                         changed.spec.blockCount(), changed.spec.hidden),
                    Text(BITLATHE_TEXT("Compare a model with the one that it was made from")));
    }
    const model::Model::Options options{compute, model::Residency::Streamed};
    BITLATHE_TRY(const auto first, format::runnable(base, options));
    BITLATHE_TRY(const auto second, format::runnable(changed, options));
    BITLATHE_TRY(model::Activations hidden, first->embed(ids));
    BITLATHE_TRY(model::Activations drifted, second->embed(ids));
    DepthErrors errors;
    errors.tokens = hidden.rows;
    for (std::int64_t block = 0; block < base.spec.blockCount(); ++block) {
        if (work.stopRequested()) {
            return cancelled();
        }
        BITLATHE_CHECK(step(*first, block, hidden));
        BITLATHE_CHECK(step(*second, block, drifted));
        addBlock(errors, hidden, drifted);
        work.progress.set(static_cast<double>(block + 1) / static_cast<double>(base.spec.blockCount()));
    }
    return errors;
}

} // namespace bitlathe::evaluate
