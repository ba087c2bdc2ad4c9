// SPDX-License-Identifier: GPL-3.0-or-later
// ComparisonModel: a Comparison as a table, one row a figure, one column a model.
#include "ui/models/comparisonmodel.h"

#include "ui/theme/theme.h"
#include "ui/bridge/numbers.h"
#include "ui/models/helptopicrole.h"

namespace bitlathe::ui
{

namespace
{

QString choiceText(const evaluate::ChoiceFacts& facts)
{
    return QStringLiteral("%1 (%2 \u2013 %3)")
        .arg(formatPercent(facts.all.accuracy()), formatPercent(facts.interval.low), formatPercent(facts.interval.high));
}

QString agreementText(const evaluate::GenerationAgreement& agreement)
{
    //: Of all prompts; after how many tokens texts part
    return ComparisonModel::tr("%1 of %2, %3 tokens").arg(formatCount(agreement.equal), formatCount(agreement.prompts), formatNumber(agreement.tokensMedian, 3));
}

} // namespace

void ComparisonModel::setComparison(ComparisonPtr comparison)
{
    beginResetModel();
    m_comparison = std::move(comparison);
    endResetModel();
}

bool ComparisonModel::isAsked(Row row) const
{
    switch (row) {
    case ChoiceAccuracy: return m_comparison && m_comparison->choiceProtocol;
    case SameTexts:
    case Repeated: return m_comparison && m_comparison->generationProtocol;
    default: return true;
    }
}

int ComparisonModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() || !m_comparison ? 0 : RowCount;
}

int ComparisonModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() || !m_comparison ? 0 : static_cast<int>(m_comparison->models.size());
}

QVariant ComparisonModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const evaluate::ComparedModel& model = m_comparison->models[static_cast<std::size_t>(index.column())];
    const auto row = static_cast<Row>(index.row());
    switch (role) {
    case Qt::DisplayRole: return text(row, model, index.column() == 0);
    case Qt::UserRole: return raw(row, model);
    case Qt::TextAlignmentRole: return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
    case Qt::ToolTipRole: return rowHelp(row);
    case kHelpTopicRole: return rowTopic(row);
    default: return {};
    }
}

QVariant ComparisonModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (!m_comparison) {
        return {};
    }
    if (orientation == Qt::Vertical) {
        if (role == Qt::DisplayRole) {
            return rowTitle(static_cast<Row>(section));
        }
        if (role == kHelpTopicRole) {
            return rowTopic(static_cast<Row>(section));
        }
        return role == Qt::ToolTipRole ? QVariant(rowHelp(static_cast<Row>(section))) : QVariant();
    }
    const evaluate::ComparedModel& model = m_comparison->models[static_cast<std::size_t>(section)];
    switch (role) {
    case Qt::DisplayRole: {
        const QString name = QString::fromStdString(model.name);
        return section == 0 ? tr("%1 (base)").arg(name) : name;
    }
    case Qt::ToolTipRole: return fromPath(model.path);
    case Qt::ForegroundRole: return Theme::instance().category(section);
    default: return {};
    }
}

QString ComparisonModel::rowTitle(Row row)
{
    switch (row) {
    case Scheme: return tr("Scheme");
    case BitsPerWeight: return tr("Bits per weight");
    case SizeOnDisk: return tr("Size on disk");
    case WeightsInMemory: return tr("Weights in memory");
    case PeakMemory: return tr("Peak memory, measured");
    case KvPerToken: return tr("KV cache per token");
    case Perplexity: return tr("Perplexity");
    case Difference: return tr("Difference to the base");
    case KlMean: return tr("KL divergence, mean (nats)");
    case KlP99: return tr("KL divergence, 99 % (nats)");
    case SameTop: return tr("Same top token");
    case ChoiceAccuracy: return tr("Choice questions, right");
    case SameTexts: return tr("Same texts");
    case Repeated: return tr("Repetition in texts");
    case TokensPerSecond: return tr("Speed (tokens/s)");
    case RowCount: break;
    }
    return {};
}

/// Where the guide explains a figure.
QString ComparisonModel::rowTopic(Row row)
{
    const auto term = [](const char* anchor) -> QString { return QStringLiteral("glossary#") + QLatin1String(anchor); };
    switch (row) {
    case Scheme: return term("scheme");
    case BitsPerWeight: return term("bits-per-weight");
    case SizeOnDisk:
    case WeightsInMemory:
    case PeakMemory: return term("memory");
    case KvPerToken: return term("kv-cache");
    case Perplexity: return term("perplexity");
    case Difference: return term("paired-difference");
    case KlMean:
    case KlP99: return term("kl-divergence");
    case SameTop: return term("same-top-token");
    case ChoiceAccuracy: return term("choice-score");
    case SameTexts:
    case Repeated: return term("written-texts");
    case TokensPerSecond: return term("tokens-per-second");
    case RowCount: break;
    }
    return {};
}

QString ComparisonModel::rowHelp(Row row)
{
    switch (row) {
    case Scheme: return tr("How the weights of the linear layers are stored.");
    case BitsPerWeight: return tr("Stored bits of the linear layers, scales and zero points included, divided by their weights.");
    case SizeOnDisk: return tr("Bytes of the tensor files.");
    case WeightsInMemory: return tr("Bytes of the weights while the model runs here.");
    case PeakMemory: return tr("Highest resident memory while this model alone was loaded and ran its first window.");
    case KvPerToken: return tr("Keys and values of one token over all layers, in half precision.");
    case Perplexity: return tr("Exponential of the mean negative log likelihood of a token, with its standard error. Lower is better.");
    case Difference:
        return tr("Perplexity minus that of the base over the same windows; the standard error is that of the paired difference.");
    case KlMean:
        return tr("How far the model's next-token probabilities are from the base's, averaged over all tokens. Zero: the same.");
    case KlP99: return tr("The KL divergence that 99 of 100 tokens stay below.");
    case SameTop: return tr("Share of tokens for which the most likely next token is the base's.");
    case ChoiceAccuracy:
        return tr("Share of the choice questions answered right, with its interval of 95 % (Wilson). Chance is one over the options.");
    case SameTexts: return tr("Prompts after which the model writes what the base does, and after how many tokens half of the texts have parted.");
    case Repeated: return tr("Share of runs of four tokens that stand earlier in the same text.");
    case TokensPerSecond: return tr("Tokens evaluated in a second on this machine.");
    case RowCount: break;
    }
    return {};
}

QString ComparisonModel::text(Row row, const evaluate::ComparedModel& model, bool isBase) const
{
    const QString none = QStringLiteral("\u2013");
    const bool measured = model.perplexity.tokensScored > 0;
    switch (row) {
    case Scheme: return schemeText(model.schemeLabel);
    case BitsPerWeight: return formatNumber(model.bitsPerWeight, 3);
    case SizeOnDisk: return formatBytes(model.memory.bytesDisk);
    case WeightsInMemory: return model.memory.bytesWeights > 0 ? formatBytes(model.memory.bytesWeights) : none;
    case PeakMemory: return model.memory.bytesPeakRss > 0 ? formatBytes(model.memory.bytesPeakRss) : none;
    case KvPerToken: return formatBytes(static_cast<std::uint64_t>(model.memory.kvBytesPerToken));
    case Perplexity:
        return measured ? formatWithError(model.perplexity.perplexity, model.perplexity.standardError) : none;
    case Difference:
        return isBase ? tr("base") : measured ? formatDifference(model.delta, model.deltaError) : none;
    case KlMean: return model.kl ? formatWithError(model.kl->mean, model.kl->standardError) : none;
    case KlP99: return model.kl ? formatNumber(model.kl->p99, 3) : none;
    case SameTop: return model.kl ? formatPercent(model.kl->sameTop) : none;
    case ChoiceAccuracy: return model.choice ? choiceText(*model.choice) : none;
    case SameTexts: return model.generation && model.generation->agreement ? agreementText(*model.generation->agreement) : isBase ? tr("base") : none;
    case Repeated: return model.generation ? formatPercent(model.generation->repeated) : none;
    case TokensPerSecond: return measured ? formatNumber(model.tokensPerSecond) : none;
    case RowCount: break;
    }
    return {};
}

QVariant ComparisonModel::raw(Row row, const evaluate::ComparedModel& model) const
{
    const auto number = [](std::uint64_t value) { return QVariant(static_cast<qulonglong>(value)); };
    switch (row) {
    case Scheme: return schemeText(model.schemeLabel);
    case BitsPerWeight: return model.bitsPerWeight;
    case SizeOnDisk: return number(model.memory.bytesDisk);
    case WeightsInMemory: return number(model.memory.bytesWeights);
    case PeakMemory: return number(model.memory.bytesPeakRss);
    case KvPerToken: return static_cast<qlonglong>(model.memory.kvBytesPerToken);
    case Perplexity: return model.perplexity.perplexity;
    case Difference: return model.delta;
    case KlMean: return model.kl ? QVariant(model.kl->mean) : QVariant();
    case KlP99: return model.kl ? QVariant(model.kl->p99) : QVariant();
    case SameTop: return model.kl ? QVariant(model.kl->sameTop) : QVariant();
    case ChoiceAccuracy: return model.choice ? QVariant(model.choice->all.accuracy()) : QVariant();
    case SameTexts: return model.generation && model.generation->agreement ? QVariant(model.generation->agreement->equalShare()) : QVariant();
    case Repeated: return model.generation ? QVariant(model.generation->repeated) : QVariant();
    case TokensPerSecond: return model.tokensPerSecond;
    case RowCount: break;
    }
    return {};
}

} // namespace bitlathe::ui
