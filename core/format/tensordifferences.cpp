// SPDX-License-Identifier: Apache-2.0
// Differences of two model folders: sums in pieces, added in order, so that they are the same for any number of
// threads.
#include "core/format/tensordifferences.h"

#include "kernels/threads.h"

#include <algorithm>
#include <cmath>

namespace bitlathe::format
{

namespace
{

constexpr std::int64_t kValuesPerPiece = 1 << 16;

struct PairSums
{
    double differences = 0; ///< Squares.
    double a = 0;
    double b = 0;
    double products = 0;
    double absMax = 0;
    bool equal = true;
};

PairSums sumsOf(std::span<const float> a, std::span<const float> b)
{
    PairSums sums;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double x = a[i];
        const double y = b[i];
        sums.differences += (x - y) * (x - y);
        sums.a += x * x;
        sums.b += y * y;
        sums.products += x * y;
        sums.absMax = std::max(sums.absMax, std::abs(x - y));
        sums.equal = sums.equal && (a[i] == b[i] || (std::isnan(x) && std::isnan(y)));
    }
    return sums;
}

void compareValues(std::span<const float> a, std::span<const float> b, TensorDifference& to)
{
    const auto count = static_cast<std::int64_t>(a.size());
    std::vector<PairSums> pieces(static_cast<std::size_t>((count + kValuesPerPiece - 1) / kValuesPerPiece));
    kernels::parallelFor(count, kValuesPerPiece, [&](std::int64_t begin, std::int64_t end) {
        const auto first = static_cast<std::size_t>(begin);
        const auto size = static_cast<std::size_t>(end - begin);
        pieces[first / kValuesPerPiece] = sumsOf(a.subspan(first, size), b.subspan(first, size));
    });
    PairSums all;
    for (const PairSums& piece : pieces) {
        all.differences += piece.differences;
        all.a += piece.a;
        all.b += piece.b;
        all.products += piece.products;
        all.absMax = std::max(all.absMax, piece.absMax);
        all.equal = all.equal && piece.equal;
    }
    to.equal = all.equal;
    to.absMax = all.absMax;
    to.relative = all.differences > 0 ? std::sqrt(all.differences / all.a) : 0; // Infinite where a is all zeros.
    const double norms = std::sqrt(all.a) * std::sqrt(all.b);
    to.cosine = norms > 0 ? all.products / norms : all.a == all.b ? 1 : 0;
}

/// Tensors that are no part of a linear's weight, by name.
std::vector<const checkpoint::TensorEntry*> others(const OpenedModel& opened)
{
    std::vector<const checkpoint::TensorEntry*> found;
    const auto& entries = opened.checkpoint->entries();
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (!opened.owners[i].isValid()) {
            found.push_back(&entries[i]);
        }
    }
    return found;
}

std::string typeOf(const OpenedModel& opened, const model::LinearSpec& linear)
{
    const auto& scheme = opened.schemes[linear.id.index()];
    return scheme ? scheme->label() : std::string(checkpoint::dtypeName(opened.dtype));
}

/// One comparison as it goes.
class Differences
{
public:
    Differences(const OpenedModel& a, const OpenedModel& b) : m_a(a), m_b(b) {}

    Result<TensorDifferences> run(const WorkContext& work)
    {
        const auto ofA = others(m_a);
        const auto ofB = others(m_b);
        const double total = static_cast<double>(m_a.spec.linears.size() + ofA.size());
        double done = 0;
        const auto step = [&]() -> Result<void> {
            work.progress.set(++done / std::max(1.0, total));
            return work.stopRequested() ? cancelled() : Result<void>();
        };
        for (const model::LinearSpec& linear : m_a.spec.linears) {
            BITLATHE_CHECK(addLinear(linear));
            BITLATHE_CHECK(step());
        }
        for (const checkpoint::TensorEntry* entry : ofA) {
            const auto same = std::ranges::find(ofB, entry->name, &checkpoint::TensorEntry::name);
            BITLATHE_CHECK(addOther(*entry, same == ofB.end() ? nullptr : *same));
            BITLATHE_CHECK(step());
        }
        addNamesOfB(ofA, ofB);
        if (m_found.tensors.empty()) {
            return fail(ErrorCode::NotSupported, m_b.folder().string(),
                        Text(BITLATHE_TEXT("tensors of the same names and shapes as in %1"), m_a.folder().string()),
                        Text(BITLATHE_TEXT("none")), Text(BITLATHE_TEXT("Choose two folders of one model")));
        }
        m_found.equal = std::ranges::count_if(m_found.tensors, &TensorDifference::equal);
        return std::move(m_found);
    }

private:
    Result<void> addLinear(const model::LinearSpec& linear)
    {
        const model::LinearSpec* same = m_b.spec.findLinear(linear.name);
        if (same == nullptr) {
            m_found.onlyA.push_back(linear.name);
            return {};
        }
        if (same->outFeatures != linear.outFeatures || same->inFeatures != linear.inFeatures) {
            m_found.otherShape.push_back(linear.name);
            return {};
        }
        BITLATHE_TRY(const std::vector<float> a, m_a.source->weights(linear));
        BITLATHE_TRY(const std::vector<float> b, m_b.source->weights(*same));
        m_a.source->release(linear);
        m_b.source->release(*same);
        TensorDifference& added = m_found.tensors.emplace_back();
        added.name = linear.name;
        added.layer = linear.id;
        added.shape = {linear.outFeatures, linear.inFeatures};
        added.typeA = typeOf(m_a, linear);
        added.typeB = typeOf(m_b, *same);
        compareValues(a, b, added);
        return {};
    }

    Result<void> addOther(const checkpoint::TensorEntry& entry, const checkpoint::TensorEntry* same)
    {
        if (same == nullptr || same->shape != entry.shape) {
            (same == nullptr ? m_found.onlyA : m_found.otherShape).push_back(entry.name);
            return {};
        }
        BITLATHE_TRY(const checkpoint::TensorView a, m_a.source->tensor(entry.name, entry.shape));
        BITLATHE_TRY(const checkpoint::TensorView b, m_b.source->tensor(entry.name, entry.shape));
        TensorDifference& added = m_found.tensors.emplace_back();
        added.name = entry.name;
        added.shape = entry.shape;
        added.typeA = checkpoint::dtypeName(a.dtype);
        added.typeB = checkpoint::dtypeName(b.dtype);
        compareValues(checkpoint::toF32(a), checkpoint::toF32(b), added);
        return {};
    }

    void addNamesOfB(const std::vector<const checkpoint::TensorEntry*>& ofA,
                     const std::vector<const checkpoint::TensorEntry*>& ofB)
    {
        for (const model::LinearSpec& linear : m_b.spec.linears) {
            if (m_a.spec.findLinear(linear.name) == nullptr) {
                m_found.onlyB.push_back(linear.name);
            }
        }
        for (const checkpoint::TensorEntry* entry : ofB) {
            if (std::ranges::find(ofA, entry->name, &checkpoint::TensorEntry::name) == ofA.end()) {
                m_found.onlyB.push_back(entry->name);
            }
        }
    }

    const OpenedModel& m_a;
    const OpenedModel& m_b;
    TensorDifferences m_found;
};

} // namespace

Result<TensorDifferences> tensorDifferences(const OpenedModel& a, const OpenedModel& b, const WorkContext& work)
{
    return Differences(a, b).run(work);
}

} // namespace bitlathe::format
