// SPDX-License-Identifier: GPL-3.0-or-later
// DifferenceView: which tensors of a compared model differ from the base's, and by how much.
#include "ui/pages/differenceview.h"

#include "ui/bridge/numbers.h"
#include "ui/models/differencemodel.h"
#include "ui/widgets/tables.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QVBoxLayout>

namespace bitlathe::ui
{

namespace
{

QString joinedNames(const std::vector<std::string>& names)
{
    constexpr std::size_t kNamesMost = 5;
    QStringList shown;
    for (std::size_t i = 0; i < std::min(names.size(), kNamesMost); ++i) {
        shown << toText(names[i]);
    }
    if (names.size() > kNamesMost) {
        shown << QStringLiteral("…");
    }
    return shown.join(QStringLiteral(", "));
}

} // namespace

DifferenceView::DifferenceView(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_folder(new QComboBox(this)), m_compare(new QPushButton(tr("Compare &tensors"), this)),
      m_model(new DifferenceModel(this)), m_sorted(new QSortFilterProxyModel(this)), m_table(new QTableView(this)), m_summary(new QLabel(this))
{
    auto* label = new QLabel(tr("Fol&der"), this);
    label->setBuddy(m_folder);
    m_folder->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_compare->setToolTip(tr("Reads every tensor of the base and of this folder, quantized ones dequantized"));
    m_compare->setEnabled(false); // Until there are folders.
    auto* line = new QHBoxLayout;
    line->addWidget(label);
    line->addWidget(m_folder);
    line->addWidget(m_compare);
    line->addStretch(1);
    m_sorted->setSourceModel(m_model);
    m_sorted->setSortRole(Qt::UserRole);
    setUpTable(m_table);
    m_table->setModel(m_sorted);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(DifferenceModel::Relative, Qt::DescendingOrder);
    m_table->setAccessibleName(tr("Differences of tensors"));
    new EmptyState(m_table, tr("Choose a folder and press Compare tensors to see what was changed in it."));
    m_summary->setWordWrap(true);
    m_summary->setForegroundRole(QPalette::PlaceholderText);
    m_summary->hide();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(line);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_summary);
    connect(m_compare, &QPushButton::clicked, this, &DifferenceView::start);
    connect(&session, &Session::differencesChanged, this, &DifferenceView::showDifferences);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& index) { selectLayer(index); });
    showDifferences();
}

void DifferenceView::setFolders(const QStringList& folders)
{
    if (folders == m_folders) {
        return;
    }
    const QString chosen = m_folder->currentData().toString();
    m_folders = folders;
    m_folder->clear();
    for (const QString& folder : folders.mid(1)) {
        m_folder->addItem(folderName(toPath(folder)), folder);
    }
    if (const int place = m_folder->findData(chosen); place >= 0) {
        m_folder->setCurrentIndex(place);
    }
    m_compare->setEnabled(m_folder->count() > 0);
}

void DifferenceView::start()
{
    m_session.startDifferences(m_folders.value(0), m_folder->currentData().toString());
}

void DifferenceView::showDifferences()
{
    const DifferencesPtr differences = m_session.differences();
    m_model->setDifferences(differences);
    m_summary->setVisible(differences != nullptr);
    if (!differences) {
        return;
    }
    m_table->resizeColumnsToContents();
    const format::TensorDifferences& found = differences->found;
    QStringList sentences{tr("%1 beside %2: %3 of %4 tensors are equal.")
                              .arg(folderName(differences->second), folderName(differences->first), formatCount(found.equal),
                                   formatCount(static_cast<std::int64_t>(found.tensors.size())))};
    if (!found.onlyA.empty()) {
        sentences << tr("Only in the base: %1.").arg(joinedNames(found.onlyA));
    }
    if (!found.onlyB.empty()) {
        sentences << tr("Only in the other: %1.").arg(joinedNames(found.onlyB));
    }
    if (!found.otherShape.empty()) {
        sentences << tr("Of another shape: %1.").arg(joinedNames(found.otherShape));
    }
    m_summary->setText(sentences.join(QLatin1Char(' ')));
}

void DifferenceView::selectLayer(const QModelIndex& index)
{
    const DifferencesPtr differences = m_session.differences();
    const OpenedModelPtr opened = m_session.model();
    if (!index.isValid() || !differences || !opened) {
        return;
    }
    const format::TensorDifference& tensor = m_model->tensor(m_sorted->mapToSource(index).row());
    // Of the open model only, which may be either of the two.
    const bool isOpen = opened->folder() == differences->first || opened->folder() == differences->second;
    if (const model::LinearSpec* linear = opened->spec.findLinear(tensor.name); isOpen && linear != nullptr) {
        m_session.selectLayer(linear->id);
    }
}

} // namespace bitlathe::ui
