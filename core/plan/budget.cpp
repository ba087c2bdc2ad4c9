// SPDX-License-Identifier: Apache-2.0
// Budget: costs and losses of all layers, and the choice among them.
#include "core/plan/budget.h"

#include "core/base/size.h"
#include "core/evaluate/memory.h"
#include "core/format/consumers.h"
#include "core/format/exporter.h"
#include "core/format/kvgrids.h"
#include "core/plan/schemepatterns.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

namespace bitlathe::plan
{

namespace
{

using format::ConsumerRule;
using format::LinearSchemes;
using quant::Scheme;

std::string mebibytes(std::uint64_t bytes)
{
    return fmt::format("{:.2f}", static_cast<double>(bytes) / (1 << 20));
}

/// Formats with a program that loads layers of several widths side by side.
std::string formatsThatMix()
{
    std::vector<std::string> names;
    for (const ConsumerRule& rule : format::consumerRules()) {
        const bool mixes = !rule.oneScheme && std::popcount(rule.bits.bits) > 1 && rule.format != "bitsandbytes";
        const bool canWrite =
            std::ranges::any_of(format::formats(), [&](const auto* f) { return f->name() == rule.format; });
        if (mixes && canWrite) {
            names.push_back(fmt::format("{} ({})", rule.format, rule.consumer));
        }
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

Failure cannotMix(std::string subject, std::string found)
{
    return fail(ErrorCode::NotSupported, std::move(subject),
                Text(BITLATHE_TEXT("a format whose layers may have different schemes")), Text("%1", found),
                Text(BITLATHE_TEXT("Choose one of these formats and programs: %1"), formatsThatMix()));
}

/// The rule of the consumer that was asked for, or null. Errors: UnknownName, NotSupported.
Result<const ConsumerRule*> ruleOf(const SearchSpace& space, const std::string& format)
{
    if (space.consumer.empty()) {
        return nullptr;
    }
    const ConsumerRule* rule = format::findConsumerRule(space.consumer, format);
    if (rule == nullptr) {
        return fail(ErrorCode::UnknownName, space.consumer,
                    Text(BITLATHE_TEXT("a program that loads the format %1: %2"), format,
                         fmt::join(format::consumersOf(format), ", ")),
                    Text(BITLATHE_TEXT("\"%1\""), space.consumer), Text(BITLATHE_TEXT("Choose one of these")));
    }
    if (rule->oneScheme) {
        return cannotMix(space.consumer, fmt::format("{}, of which it wants one scheme in all layers", format));
    }
    return rule;
}

bool mayHave(const model::LinearSpec& linear, const Scheme& scheme, const format::Format& format,
             const ConsumerRule* rule)
{
    return format.check(scheme, linear).has_value() &&
           (rule == nullptr || format::whyRefused(*rule, linear, scheme).empty());
}

/// NotSupported where the format's configuration tells one scheme only.
Result<void> checkMixes(const format::Format& format, const format::OpenedModel& opened,
                        const std::vector<Scheme>& schemes)
{
    if (schemes.size() < 2 || opened.spec.linears.size() < 2) {
        return {};
    }
    LinearSchemes mixed(opened.spec.linears.size(), schemes.front());
    mixed.back() = schemes.back();
    const auto config = format.quantizationConfig(opened.spec, mixed);
    return config ? Result<void>() : cannotMix(std::string(format.name()), config.error().found.english());
}

std::uint64_t bytesOf(const std::vector<checkpoint::TensorPlan>& tensors)
{
    std::uint64_t sum = 0;
    for (const checkpoint::TensorPlan& tensor : tensors) {
        sum += checkpoint::dtypeBytes(tensor.dtype) * elementCount(tensor.shape).value_or(0);
    }
    return sum;
}

/// Bytes of a linear's tensors in the format's files.
std::uint64_t storedBytes(const model::LinearSpec& linear, const Scheme& scheme, const format::Format& format,
                          const format::OpenedModel& opened)
{
    const std::vector<checkpoint::TensorPlan> tensors = format.plan(linear, scheme, opened.dtype);
    if (format.storesAsNamed()) {
        return bytesOf(tensors);
    }
    std::uint64_t sum = 0;
    for (const checkpoint::TensorPlan& tensor : tensors) {
        sum += bytesOf(format.stored(opened.spec, tensor, format.storedDType(opened.dtype, {scheme})));
    }
    return sum;
}

std::uint64_t storedBits(const model::LinearSpec& linear, const std::optional<Scheme>& scheme,
                         const format::OpenedModel& opened)
{
    const auto weights = static_cast<std::uint64_t>(linear.outFeatures * linear.inFeatures);
    return scheme ? static_cast<std::uint64_t>(std::llround(
                        scheme->bitsPerWeight(linear.outFeatures, linear.inFeatures) * static_cast<double>(weights)))
                  : 8 * checkpoint::dtypeBytes(opened.dtype) * weights;
}

/// The last point of a front that costs no more; nothing: none.
std::optional<std::size_t> lastWithin(const std::vector<Tradeoff>& front, std::uint64_t most)
{
    const auto after = std::ranges::upper_bound(front, most, {}, &Tradeoff::cost);
    return after == front.begin() ? std::nullopt : std::optional<std::size_t>(after - front.begin() - 1);
}

Failure outOfReach(Text expected, Text found)
{
    return fail(ErrorCode::SettingInvalid, "budget", std::move(expected), std::move(found),
                Text(BITLATHE_TEXT("Choose a larger budget, or allow schemes of fewer bits and larger groups")));
}

} // namespace

double BudgetPoint::perplexityIncrease() const
{
    return std::expm1(kl);
}

Result<std::vector<Scheme>> candidateSchemes(const Recipe& recipe, const format::OpenedModel& opened,
                                             const SearchSpace& space)
{
    BITLATHE_TRY(const quant::Quantizer* method, quant::findQuantizer(recipe.method));
    BITLATHE_TRY(const format::Format* format, format::findFormat(recipe.exportTo.format));
    BITLATHE_TRY(const ConsumerRule* rule, ruleOf(space, recipe.exportTo.format));
    std::vector<Scheme> schemes;
    for (const int bits : space.bits) {
        for (const std::int64_t groupSize : space.groupSizes) {
            Scheme scheme = recipe.scheme;
            scheme.bits = bits;
            scheme.groupSize = groupSize;
            scheme.ternary = false;
            scheme = settledScheme(recipe, scheme, *method, *format, opened.dtype);
            BITLATHE_CHECK(evaluate::checkMeasurable(*method, scheme));
            const bool isUsed = std::ranges::any_of(opened.spec.linears, [&](const model::LinearSpec& linear) {
                return mayHave(linear, scheme, *format, rule);
            });
            if (isUsed && std::ranges::find(schemes, scheme) == schemes.end()) {
                schemes.push_back(scheme);
            }
        }
    }
    if (schemes.empty()) {
        return fail(
            ErrorCode::NotSupported, recipe.exportTo.format,
            Text(BITLATHE_TEXT("bits and group sizes of which it holds at least one pair")),
            Text(BITLATHE_TEXT("bits %1, group sizes %2"), fmt::join(space.bits, ", "),
                 fmt::join(space.groupSizes, ", ")),
            Text(BITLATHE_TEXT("Choose other bits or group sizes, or one of these formats: %1"), formatsThatMix()));
    }
    BITLATHE_CHECK(checkMixes(*format, opened, schemes));
    return schemes;
}

Result<std::vector<bool>> keptLayers(const Recipe& recipe, const format::OpenedModel& opened)
{
    std::vector<bool> kept;
    for (const model::LinearSpec& linear : opened.spec.linears) {
        BITLATHE_TRY(const auto scheme, quant::schemeFor(linear.name, recipe.scheme, recipe.overrides));
        kept.push_back(!scheme);
    }
    return kept;
}

Result<evaluate::SensitivityOptions> sensitivityOptions(const Recipe& recipe, const format::OpenedModel& opened,
                                                        const SearchSpace& space)
{
    evaluate::SensitivityOptions options;
    BITLATHE_TRY(options.schemes, candidateSchemes(recipe, opened, space));
    BITLATHE_TRY(options.leftOut, keptLayers(recipe, opened));
    options.seed = recipe.seed;
    options.method = recipe.options;
    return options;
}

Result<BudgetSearch> BudgetSearch::create(const Recipe& recipe, std::shared_ptr<const format::OpenedModel> opened,
                                          evaluate::Sensitivity sensitivity, const SearchSpace& space)
{
    BudgetSearch search;
    search.m_recipe = recipe;
    search.m_opened = std::move(opened);
    search.m_sensitivity = std::move(sensitivity);
    BITLATHE_TRY(search.m_format, format::findFormat(recipe.exportTo.format));
    BITLATHE_TRY(search.m_kv, format::kvForExport(search.m_opened->spec, *search.m_format, recipe.exportTo.kvParams,
                                                  recipe.exportTo.workspace));
    BITLATHE_CHECK(search.makeItems(space));
    return search;
}

Result<void> BudgetSearch::makeItems(const SearchSpace& space)
{
    BITLATHE_TRY(const ConsumerRule* rule, ruleOf(space, m_recipe.exportTo.format));
    const model::ModelSpec& spec = m_opened->spec;
    std::vector<std::set<std::int64_t>> inputs; ///< Of each item.
    for (std::size_t index = 0; index < m_sensitivity.layers.size(); ++index) {
        const evaluate::LayerSensitivity& layer = m_sensitivity.layers[index];
        std::set<std::int64_t> own;
        for (const LayerId id : layer.layers) {
            own.insert(spec.linear(id).inputGroup);
        }
        // Layers of one input stand behind each other.
        const bool joins = rule != nullptr && rule->joinsLayers && !m_items.empty() && inputs.back() == own &&
                           m_sensitivity.layers[m_items.back().layers.front()].block == layer.block;
        if (joins) {
            m_items.back().layers.push_back(index);
        } else {
            m_items.push_back({{index}, {}});
            inputs.push_back(std::move(own));
        }
    }
    for (Item& item : m_items) {
        for (std::size_t scheme = 0; scheme < m_sensitivity.schemes.size(); ++scheme) {
            const bool fits = std::ranges::all_of(item.layers, [&](std::size_t layer) {
                return std::ranges::all_of(m_sensitivity.layers[layer].layers, [&](LayerId id) {
                    return mayHave(spec.linear(id), m_sensitivity.schemes[scheme], *m_format, rule);
                });
            });
            if (fits) {
                item.schemes.push_back(scheme);
            }
        }
        if (item.schemes.empty()) {
            return fail(
                ErrorCode::NotSupported, m_sensitivity.layers[item.layers.front()].name,
                Text(BITLATHE_TEXT("a scheme that the format %1 holds and its program loads"), m_format->name()),
                Text(BITLATHE_TEXT("none of those searched")),
                Text(BITLATHE_TEXT("Keep this layer in full precision with an override, or allow others")));
        }
    }
    return {};
}

Knapsack BudgetSearch::knapsack(Measure measure) const
{
    const model::ModelSpec& spec = m_opened->spec;
    std::vector<std::vector<Tradeoff>> options;
    for (const Item& item : m_items) {
        std::vector<Tradeoff>& ofItem = options.emplace_back();
        for (const std::size_t index : item.schemes) {
            const Scheme& scheme = m_sensitivity.schemes[index];
            Tradeoff& option = ofItem.emplace_back();
            for (const std::size_t layer : item.layers) {
                option.loss += m_sensitivity.layers[layer].effects[index].kl;
                for (const LayerId id : m_sensitivity.layers[layer].layers) {
                    option.cost += measure == Measure::Bits
                                       ? storedBits(spec.linear(id), scheme, *m_opened)
                                       : storedBytes(spec.linear(id), scheme, *m_format, *m_opened);
                }
            }
        }
    }
    return Knapsack(options);
}

LinearSchemes BudgetSearch::schemesAt(const Knapsack& knapsack, std::size_t point) const
{
    LinearSchemes schemes(m_opened->spec.linears.size());
    const std::vector<std::size_t> options = knapsack.optionsAt(point);
    for (std::size_t i = 0; i < m_items.size(); ++i) {
        for (const std::size_t layer : m_items[i].layers) {
            for (const LayerId id : m_sensitivity.layers[layer].layers) {
                schemes[id.index()] = m_sensitivity.schemes[m_items[i].schemes[options[i]]];
            }
        }
    }
    return schemes;
}

Result<std::uint64_t> BudgetSearch::exactBytes(const LinearSchemes& schemes) const
{
    return format::exportedBytes(*m_opened, *m_format, schemes, m_kv);
}

/// All but its bytes.
BudgetPoint BudgetSearch::pointOf(const LinearSchemes& schemes) const
{
    BudgetPoint point;
    double bits = 0;
    double weights = 0;
    for (const model::LinearSpec& linear : m_opened->spec.linears) {
        bits += static_cast<double>(storedBits(linear, schemes[linear.id.index()], *m_opened));
        weights += static_cast<double>(linear.outFeatures * linear.inFeatures);
    }
    point.bitsPerWeight = bits / weights;
    for (const evaluate::LayerSensitivity& layer : m_sensitivity.layers) {
        const auto& scheme = schemes[layer.layers.front().index()];
        const auto place = std::ranges::find(m_sensitivity.schemes, *scheme) - m_sensitivity.schemes.begin();
        point.kl += layer.effects[static_cast<std::size_t>(place)].kl;
    }
    point.kl *= m_sensitivity.interaction();
    return point;
}

Result<BudgetChoice> BudgetSearch::choiceOf(LinearSchemes schemes) const
{
    BudgetChoice choice;
    choice.point = pointOf(schemes);
    BITLATHE_TRY(choice.point.bytes, exactBytes(schemes));
    // As the recipe has them: what method and format add is theirs to add again.
    LinearSchemes asked = schemes;
    for (auto& scheme : asked) {
        if (scheme) {
            Scheme plain = m_recipe.scheme;
            plain.ternary = false;
            plain.bits = scheme->bits;
            plain.groupSize = scheme->groupSize;
            scheme = plain;
        }
    }
    SchemePatterns patterns = schemePatterns(m_opened->spec, asked);
    choice.recipe = m_recipe;
    choice.recipe.scheme = patterns.base;
    choice.recipe.overrides = std::move(patterns.overrides);
    choice.schemes = std::move(schemes);
    return choice;
}

std::vector<BudgetPoint> BudgetSearch::front(std::size_t most) const
{
    const Knapsack all = knapsack(Measure::Bytes);
    const std::vector<Tradeoff>& tradeoffs = all.front();
    const std::uint64_t low = tradeoffs.front().cost;
    const auto fixed = exactBytes(schemesAt(all, 0));
    const double step = static_cast<double>(tradeoffs.back().cost - low) / static_cast<double>(most);
    std::vector<BudgetPoint> points;
    for (std::size_t i = 0; i < tradeoffs.size(); ++i) {
        const bool isNext = static_cast<double>(tradeoffs[i].cost - low) >= step * static_cast<double>(points.size());
        if (isNext || i + 1 == tradeoffs.size()) {
            BudgetPoint point = pointOf(schemesAt(all, i));
            point.bytes = fixed.value_or(low) + tradeoffs[i].cost - low;
            points.push_back(point);
        }
    }
    return points;
}

std::vector<UniformPoint> BudgetSearch::uniform() const
{
    std::vector<UniformPoint> points;
    for (std::size_t index = 0; index < m_sensitivity.schemes.size(); ++index) {
        const bool fitsAll = std::ranges::all_of(m_items, [index](const Item& item) {
            return std::ranges::find(item.schemes, index) != item.schemes.end();
        });
        if (!fitsAll) {
            continue;
        }
        const Scheme& scheme = m_sensitivity.schemes[index];
        LinearSchemes schemes(m_opened->spec.linears.size());
        for (const evaluate::LayerSensitivity& layer : m_sensitivity.layers) {
            std::ranges::for_each(layer.layers, [&](LayerId id) { schemes[id.index()] = scheme; });
        }
        UniformPoint& uniform = points.emplace_back(UniformPoint{scheme, pointOf(schemes)});
        uniform.point.bytes = exactBytes(schemes).value_or(0);
    }
    return points;
}

/// The least loss within bits of the searched layers, or bytes of all files.
Result<BudgetChoice> BudgetSearch::within(Measure measure, std::uint64_t most) const
{
    const Knapsack all = knapsack(measure);
    const std::vector<Tradeoff>& front = all.front();
    BITLATHE_TRY(const BudgetChoice smallest, choiceOf(schemesAt(all, 0)));
    const std::uint64_t fixed = measure == Measure::Bytes ? smallest.point.bytes - front.front().cost : 0;
    const auto last = most >= fixed ? lastWithin(front, most - fixed) : std::nullopt;
    // Headers of files grow with the numbers in them: a choice may be some bytes larger than thought.
    for (std::size_t point = last ? *last + 1 : 0; point-- > 0;) {
        BITLATHE_TRY(BudgetChoice choice, choiceOf(schemesAt(all, point)));
        if (measure == Measure::Bits || choice.point.bytes <= most) {
            return choice;
        }
    }
    return measure == Measure::Bits
               ? outOfReach(Text(BITLATHE_TEXT("at least %1 bits per weight, the least that these schemes reach"),
                                 fmt::format("{:.4g}", smallest.point.bitsPerWeight)),
                            Text(BITLATHE_TEXT("fewer")))
               : outOfReach(Text(BITLATHE_TEXT("at least %1 MiB for the files, the least that these schemes reach"),
                                 mebibytes(smallest.point.bytes)),
                            Text(BITLATHE_TEXT("%1 MiB"), mebibytes(most)));
}

/// What is left for the layers that are searched.
Result<BudgetChoice> BudgetSearch::withinBits(double bitsPerWeight) const
{
    std::vector<bool> searched(m_opened->spec.linears.size(), false);
    for (const evaluate::LayerSensitivity& layer : m_sensitivity.layers) {
        std::ranges::for_each(layer.layers, [&](LayerId id) { searched[id.index()] = true; });
    }
    double bits = 0;
    for (const model::LinearSpec& linear : m_opened->spec.linears) {
        bits += bitsPerWeight * static_cast<double>(linear.outFeatures * linear.inFeatures);
        bits -= searched[linear.id.index()] ? 0.0 : static_cast<double>(storedBits(linear, std::nullopt, *m_opened));
    }
    return within(Measure::Bits, static_cast<std::uint64_t>(std::clamp(bits + 0.5, 0.0, 0x1p60)));
}

Result<BudgetChoice> BudgetSearch::withinMemory(const MemoryBudget& memory) const
{
    const model::ModelSpec& spec = m_opened->spec;
    const std::uint64_t rest = evaluate::kvCacheBytes(spec, memory.batch, memory.context, memory.kv) +
                               evaluate::activationBytes(spec, memory.batch);
    if (rest >= memory.bytes) {
        return outOfReach(
            Text(BITLATHE_TEXT("more than the %1 MiB that keys, values and activations take alone"), mebibytes(rest)),
            Text(BITLATHE_TEXT("%1 MiB"), mebibytes(memory.bytes)));
    }
    return within(Measure::Bytes, memory.bytes - rest);
}

Result<BudgetChoice> BudgetSearch::withinPerplexity(double increase) const
{
    const Knapsack all = knapsack(Measure::Bytes);
    const std::vector<Tradeoff>& front = all.front();
    const double most = std::log1p(increase) / m_sensitivity.interaction();
    const auto found = std::ranges::find_if(front, [most](const Tradeoff& each) { return each.loss <= most; });
    const auto place = static_cast<std::size_t>(found - front.begin());
    BITLATHE_TRY(BudgetChoice choice, choiceOf(schemesAt(all, std::min(place, front.size() - 1))));
    if (found == front.end()) {
        return outOfReach(
            Text(BITLATHE_TEXT("a rise of perplexity by at least %1 %, the least that these schemes reach"),
                 fmt::format("{:.3g}", 100 * choice.point.perplexityIncrease())),
            Text(BITLATHE_TEXT("%1 %"), fmt::format("{:.3g}", 100 * increase)));
    }
    return choice;
}

Result<BudgetChoice> BudgetSearch::choose(const BudgetGoal& goal) const
{
    switch (goal.kind) {
    case BudgetGoal::Kind::Bits: return withinBits(goal.bits);
    case BudgetGoal::Kind::Bytes: return within(Measure::Bytes, goal.bytes);
    case BudgetGoal::Kind::Memory: return withinMemory(goal.memory);
    case BudgetGoal::Kind::Perplexity: break;
    }
    return withinPerplexity(goal.perplexityIncrease);
}

} // namespace bitlathe::plan
