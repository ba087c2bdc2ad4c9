// SPDX-License-Identifier: Apache-2.0
// Budget: the scheme of every layer so that the model fits a budget and loses least.
#pragma once

#include "core/evaluate/sensitivity.h"
#include "core/plan/knapsack.h"
#include "core/plan/plan.h"

#include <string>
#include <vector>

namespace bitlathe::plan
{

/// What a search may choose from.
struct SearchSpace
{
    std::vector<int> bits = {2, 3, 4, 5, 6, 8};
    std::vector<std::int64_t> groupSizes = {32, 64, 128};
    std::string consumer = {}; ///< A program that must load the result, as consumersOf() names it; empty: any.
};

/// Bytes of everything that a running model holds.
struct MemoryBudget
{
    std::uint64_t bytes = 0;
    std::int64_t context = 0; ///< Tokens of each sequence.
    std::int64_t batch = 1;
    quant::KvScheme kv = {};
};

/// What is asked for.
struct BudgetGoal
{
    enum class Kind {
        Bits,       ///< Stored bits per weight of the quantizable linears, at most.
        Bytes,      ///< Of the exported tensor files, at most.
        Memory,     ///< Of those, keys, values and activations of one step, at most.
        Perplexity, ///< The least bytes that raise perplexity by no more than a share, as far as can be predicted.
    };
    Kind kind = Kind::Bits;
    double bits = 0;
    std::uint64_t bytes = 0;
    MemoryBudget memory = {};
    double perplexityIncrease = 0; ///< 0.01: one per cent.
};

/// A mix of schemes.
struct BudgetPoint
{
    double bitsPerWeight = 0; ///< As Estimate's.
    std::uint64_t bytes = 0; ///< Of the exported tensor files; of a front within some hundred bytes, of a choice exact.
    double kl = 0;           ///< Predicted KL divergence to the model, nats.

    /// Predicted: a model that differs by kl in all it predicts loses about as much on text like its own.
    double perplexityIncrease() const;
};

struct BudgetChoice
{
    BudgetPoint point;
    format::LinearSchemes schemes;
    Recipe recipe; ///< The one that was searched for, with the schemes as its scheme and overrides.
};

/// Schemes with these bits and group sizes, all else as in the recipe's, as its method and format complete them, that
/// at least one layer may have in the format and for the consumer. Errors: UnknownName (a consumer that does not load
/// the format), NotSupported (a format or consumer that wants one scheme for all layers; names others), SettingInvalid.
Result<std::vector<quant::Scheme>> candidateSchemes(const Recipe& recipe, const format::OpenedModel& opened,
                                                    const SearchSpace& space);

/// Of every linear: whether the recipe's overrides keep it in full precision. Those that name a scheme are what a
/// search replaces.
Result<std::vector<bool>> keptLayers(const Recipe& recipe, const format::OpenedModel& opened);

/// What measureSensitivity() has to measure for a search: those schemes, less the kept layers. Errors: those of
/// candidateSchemes() and keptLayers().
Result<evaluate::SensitivityOptions> sensitivityOptions(const Recipe& recipe, const format::OpenedModel& opened,
                                                        const SearchSpace& space);

/// One scheme for all layers that are searched.
struct UniformPoint
{
    quant::Scheme scheme;
    BudgetPoint point; ///< Its bytes are exact.
};

/// A search in one model with measured sensitivities, for as many goals as are wanted. Immutable; any thread.
class BudgetSearch
{
public:
    /// sensitivity: of candidateSchemes() and keptLayers() of the same recipe. Errors: NotSupported where a layer may
    /// have none of the schemes (names it), those of candidateSchemes().
    static Result<BudgetSearch> create(const Recipe& recipe, std::shared_ptr<const format::OpenedModel> opened,
                                       evaluate::Sensitivity sensitivity, const SearchSpace& space);

    /// The best mixes from the smallest to the largest, at most so many, spread evenly over their bytes.
    std::vector<BudgetPoint> front(std::size_t most = 200) const;
    /// What each scheme gives alone, of those that every layer may have; what a mix has to beat.
    std::vector<UniformPoint> uniform() const;
    /// SettingInvalid where nothing reaches the goal; says what can be reached.
    Result<BudgetChoice> choose(const BudgetGoal& goal) const;

    const evaluate::Sensitivity& sensitivity() const { return m_sensitivity; }
    const Recipe& recipe() const { return m_recipe; } ///< That was searched for.

private:
    /// Layers that get one scheme.
    struct Item
    {
        std::vector<std::size_t> layers;  ///< Of the sensitivity.
        std::vector<std::size_t> schemes; ///< Those it may have: what its options are.
    };
    enum class Measure { Bits, Bytes };

    BudgetSearch() = default;
    Result<void> makeItems(const SearchSpace& space);
    Knapsack knapsack(Measure measure) const;
    format::LinearSchemes schemesAt(const Knapsack& knapsack, std::size_t point) const;
    Result<std::uint64_t> exactBytes(const format::LinearSchemes& schemes) const;
    Result<BudgetChoice> within(Measure measure, std::uint64_t most) const;
    Result<BudgetChoice> withinBits(double bitsPerWeight) const;
    Result<BudgetChoice> withinMemory(const MemoryBudget& memory) const;
    Result<BudgetChoice> withinPerplexity(double increase) const;
    Result<BudgetChoice> choiceOf(format::LinearSchemes schemes) const;
    BudgetPoint pointOf(const format::LinearSchemes& schemes) const;

    Recipe m_recipe;
    std::shared_ptr<const format::OpenedModel> m_opened;
    const format::Format* m_format = nullptr;
    std::optional<quant::KvParams> m_kv;
    evaluate::Sensitivity m_sensitivity;
    std::vector<Item> m_items;
};

} // namespace bitlathe::plan
