// SPDX-License-Identifier: GPL-3.0-or-later
// OverridesEdit: layers that are quantized differently, as a table of patterns.
#include "ui/wizard/overridesedit.h"

#include "ui/bridge/numbers.h"
#include "ui/theme/theme.h"
#include "ui/widgets/tables.h"
#include "ui/wizard/wizardstep.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTableWidget>

namespace bitlathe::ui
{
namespace
{

using namespace Qt::StringLiterals;

enum Column { Pattern, Bits, Group, Matches, ColumnCount };
constexpr int kFullPrecision = 0;

} // namespace

OverridesEdit::OverridesEdit(Session& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_table(new QTableWidget(0, ColumnCount, this)),
      m_remove(new QPushButton(tr("Remove"), this)),
      m_note(new FieldNote(this))
{
    auto* caption = new QLabel(tr("Layers that &differ"), this);
    caption->setBuddy(m_table);
    m_table->setAccessibleName(tr("Layers that differ"));
    m_table->setToolTip(
        tr("A pattern such as *.mlp.down_proj, or re: and a regular expression. The last match counts"));
    m_table->setHorizontalHeaderLabels({tr("Layers (pattern)"), tr("Bits"), tr("Group size"), tr("Matches")});
    setUpTable(m_table);
    m_table->horizontalHeader()->setStretchLastSection(false);
    m_table->horizontalHeader()->setSectionResizeMode(Pattern, QHeaderView::Stretch);
    m_table->horizontalHeader()->setSectionResizeMode(Bits, QHeaderView::ResizeToContents);
    m_table->setMinimumHeight(14 * kGrid);
    m_table->verticalHeader()->setDefaultSectionSize(4 * kGrid);
    new EmptyState(m_table, tr("All layers are treated alike."));
    auto* addButton = new QPushButton(tr("Add selected layer"), this);
    addButton->setToolTip(
        tr("Adds a row for the layer that is selected on the other pages; edit the pattern to match more"));
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(addButton);
    buttons->addWidget(m_remove);
    buttons->addStretch();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(kGrid / 2);
    layout->addWidget(caption);
    layout->addWidget(m_table);
    layout->addLayout(buttons);
    layout->addWidget(m_note);
    connect(addButton, &QPushButton::clicked, this, &OverridesEdit::addSelected);
    connect(m_remove, &QPushButton::clicked, this, &OverridesEdit::removeCurrent);
    connect(m_table, &QTableWidget::itemChanged, this, &OverridesEdit::store);
}

QString OverridesEdit::problem() const
{
    return m_note->isProblem() ? m_note->text() : QString();
}

void OverridesEdit::showRecipe(const plan::Recipe& recipe)
{
    m_showing = true;
    const int current = m_table->currentRow();
    m_table->setRowCount(0);
    for (const quant::Override& value : recipe.overrides) {
        addRow(value);
    }
    m_table->setCurrentCell(std::min(current, m_table->rowCount() - 1), Pattern);
    m_remove->setEnabled(m_table->rowCount() > 0);
    m_note->setHint({});
    countMatches(recipe.overrides);
    m_showing = false;
}

void OverridesEdit::addRow(const quant::Override& value)
{
    const int row = m_table->rowCount();
    m_table->insertRow(row);
    m_table->setItem(row, Pattern, new QTableWidgetItem(QString::fromStdString(value.pattern)));
    auto* bits = new QComboBox(m_table);
    bits->addItem(tr("full precision"), kFullPrecision);
    for (const int count : {2, 3, 4, 5, 6, 8}) {
        bits->addItem(QString::number(count), count);
    }
    bits->setCurrentIndex(bits->findData(value.scheme ? value.scheme->bits : kFullPrecision));
    bits->setAccessibleName(tr("Bits of row %1").arg(row + 1));
    connect(bits, &QComboBox::activated, this, &OverridesEdit::store);
    m_table->setCellWidget(row, Bits, bits);
    const std::int64_t group = value.scheme ? value.scheme->groupSize : m_session.recipe().scheme.groupSize;
    auto* groupItem =
        new QTableWidgetItem(value.scheme ? QString::fromStdString(quant::groupSizeText(group)) : QString());
    groupItem->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    if (!value.scheme) {
        groupItem->setFlags(groupItem->flags() & ~Qt::ItemIsEditable);
    }
    m_table->setItem(row, Group, groupItem);
    auto* matches = new QTableWidgetItem;
    matches->setFlags(matches->flags() & ~Qt::ItemIsEditable);
    matches->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_table->setItem(row, Matches, matches);
}

void OverridesEdit::addSelected()
{
    plan::Recipe recipe = m_session.recipe();
    const QString layer = m_session.selectedLayerName();
    quant::Scheme scheme = recipe.scheme;
    scheme.bits = 8;
    recipe.overrides.push_back({layer.isEmpty() ? "*.mlp.down_proj" : layer.toStdString(), scheme});
    m_session.editRecipe(recipe, tr("Add a layer that differs"));
}

void OverridesEdit::removeCurrent()
{
    plan::Recipe recipe = m_session.recipe();
    const int row = m_table->currentRow() < 0 ? m_table->rowCount() - 1 : m_table->currentRow();
    if (row >= 0 && row < static_cast<int>(recipe.overrides.size())) {
        recipe.overrides.erase(recipe.overrides.begin() + row);
        m_session.editRecipe(recipe, tr("Remove a layer that differs"));
    }
}

void OverridesEdit::store()
{
    if (m_showing) {
        return;
    }
    plan::Recipe recipe = m_session.recipe();
    std::vector<quant::Override> overrides;
    for (int row = 0; row < m_table->rowCount(); ++row) {
        quant::Override value;
        value.pattern = m_table->item(row, Pattern)->text().trimmed().toStdString();
        const int bits = static_cast<QComboBox*>(m_table->cellWidget(row, Bits))->currentData().toInt();
        if (const auto valid = quant::matches(value.pattern, {}); !valid) {
            m_note->setProblem(translated(valid.error()));
            Q_EMIT checked();
            return;
        }
        if (bits != kFullPrecision) {
            value.scheme = recipe.scheme;
            value.scheme->bits = bits;
            if (const QString group = m_table->item(row, Group)->text().trimmed(); !group.isEmpty()) {
                const auto size = quant::groupSizeFromText(group.toStdString());
                if (!size) {
                    m_note->setProblem(translated(size.error()));
                    Q_EMIT checked();
                    return;
                }
                value.scheme->groupSize = *size;
            }
            if (const auto fits = quant::checkScheme(*value.scheme); !fits) {
                m_note->setProblem(translated(fits.error()));
                Q_EMIT checked();
                return;
            }
        }
        overrides.push_back(std::move(value));
    }
    recipe.overrides = std::move(overrides);
    // The table is made anew by this edit, which must not happen inside a signal of one of its cells.
    QMetaObject::invokeMethod(
        this, [this, recipe] { m_session.editRecipe(recipe, tr("Change a layer that differs")); },
        Qt::QueuedConnection);
}

void OverridesEdit::countMatches(const std::vector<quant::Override>& overrides)
{
    const OpenedModelPtr model = m_session.model();
    for (std::size_t row = 0; row < overrides.size(); ++row) {
        std::int64_t count = 0;
        for (const model::LinearSpec& linear : model ? model->spec.linears : std::vector<model::LinearSpec>()) {
            count += quant::matches(overrides[row].pattern, linear.name).value_or(false) ? 1 : 0;
        }
        m_table->item(static_cast<int>(row), Matches)->setText(formatCount(count));
        if (count == 0 && model) {
            m_note->setProblem(
                tr("%1 matches no layer of this model.").arg(QString::fromStdString(overrides[row].pattern)));
        }
    }
}

} // namespace bitlathe::ui
