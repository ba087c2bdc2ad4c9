// SPDX-License-Identifier: Apache-2.0
// One sample's way to a linear.
#include "core/calibrate/layerinput.h"

#include "core/model/values.h"

#include <algorithm>

namespace bitlathe::calibrate
{

namespace
{

/// Keeps what one linear reads.
class InputKeeper final : public model::BlockObserver
{
public:
    InputKeeper(LayerId layer, LayerTokens& kept) : m_layer(layer), m_kept(kept) {}

    void onInput(std::span<const LayerId> linears, const model::Activations& input) override
    {
        if (std::ranges::find(linears, m_layer) == linears.end()) {
            return;
        }
        m_kept.rows = input.rows;
        m_kept.cols = input.cols;
        m_kept.values.assign(input.span().begin(), input.span().end());
    }

private:
    LayerId m_layer;
    LayerTokens& m_kept;
};

} // namespace

Result<LayerTokens> layerInput(const model::Model& model, LayerId layer, const std::vector<model::TokenId>& sample,
                               const WorkContext& work)
{
    const std::int64_t last = model.spec().linear(layer).block;
    LayerTokens kept;
    InputKeeper keeper(layer, kept);
    BITLATHE_TRY(model::Activations hidden, model.embed(sample));
    for (std::int64_t index = 0; index <= last; ++index) {
        if (work.stopRequested()) {
            return cancelled();
        }
        BITLATHE_TRY(const auto block, model.block(index));
        block->forward(hidden, nullptr, index == last ? &keeper : nullptr);
        work.progress.set(static_cast<double>(index + 1) / static_cast<double>(last + 1));
    }
    return kept;
}

} // namespace bitlathe::calibrate
