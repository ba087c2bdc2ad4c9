// SPDX-License-Identifier: GPL-3.0-or-later
// CalibrationStep: the text that shows what goes through the model.
#include "ui/wizard/calibrationstep.h"

#include "core/base/resources.h"
#include "core/quant/quantizer.h"
#include "core/text/textset.h"
#include "ui/bridge/filechoice.h"
#include "ui/bridge/numbers.h"
#include "ui/plots/barplot.h"
#include "ui/plots/plotpanel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/fields.h"
#include "ui/wizard/questionsdialog.h"

#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>

#include <algorithm>

namespace bitlathe::ui
{
namespace
{

constexpr int kCalibrationMergeKey = 31; // numbers of this step that are turned up and down are one undo step
constexpr std::size_t kBeginning = 1500; ///< Bytes shown of a row.
constexpr std::size_t kPreviewRows = 3;
constexpr std::size_t kFactsBytes = 64 << 20; ///< Of larger sets the rows are not counted while someone waits.

} // namespace

CalibrationStep::CalibrationStep(Session& session, QWidget* parent)
    : WizardStep(session, tr("Calibration text"), tr("Which text shows what the model is used for?"), parent),
      m_data(new QLineEdit(this)),
      m_samples(countField(this, 1, 1'000'000, 1, 16)),
      m_length(countField(this, 2, 1'000'000, 2, 128)),
      m_seed(countField(this, 0, 2'000'000'000, 0)),
      m_rule(new QComboBox(this)),
      m_note(new FieldNote(this)),
      m_beginning(new QPlainTextEdit(this)),
      m_lengths(new BarPlot),
      m_preview(this)
{
    auto* fileButton = new QPushButton(tr("Choose…"), this);
    fileButton->setAccessibleName(tr("Choose a text file"));
    body()->addWidget(labelled(tr("Text &file or folder"), m_data,
                               tr("A .txt, .jsonl, .json, .csv or .arrow file (also .gz or .zst) or a folder of them. "
                                  "FILE#field picks a field of each "
                                  "row. Parquet has to be turned into .jsonl first. The names wikitext, alpaca, c4 and "
                                  "custom stand for files in the data folder."),
                               fileButton));
    auto* shortcuts = new QHBoxLayout;
    auto* bundled = new QPushButton(tr("Use the bundled text"), this);
    auto* none = new QPushButton(tr("Use none"), this);
    auto* typed = new QPushButton(tr("Type questions…"), this);
    typed->setToolTip(tr("Write questions and answers like those that the model will get"));
    shortcuts->addWidget(bundled);
    shortcuts->addWidget(typed);
    shortcuts->addWidget(none);
    shortcuts->addStretch();
    body()->addLayout(shortcuts);
    body()->addWidget(m_note);
    body()->addWidget(makeNumbers());
    m_beginning->setReadOnly(true);
    m_beginning->setTabChangesFocus(true);
    m_beginning->setFixedHeight(15 * kGrid);
    body()->addWidget(labelled(tr("How it &begins"), m_beginning,
                               tr("The first rows as the model gets them; conversations through its chat template")));
    m_lengths->setTitle(tr("Lengths of the rows"));
    m_lengths->setAxisTitles(tr("Tokens of a row"), tr("Rows"));
    m_lengths->setEmptyText(tr("How long the rows are shows when a text is chosen."));
    m_lengths->setMinimumHeight(20 * kGrid);
    body()->addWidget(new PlotPanel(m_lengths));

    connect(fileButton, &QPushButton::clicked, this, &CalibrationStep::browse);
    connect(bundled, &QPushButton::clicked, this, [this] {
        if (const auto text = resource("demo/text/calibration.jsonl")) {
            setData(fromPath(*text));
        } else {
            m_note->setProblem(translated(text.error()));
        }
    });
    connect(typed, &QPushButton::clicked, this, &CalibrationStep::typeQuestions);
    connect(none, &QPushButton::clicked, this, [this] { setData({}); });
    connect(m_data, &QLineEdit::editingFinished, this, [this] { setData(m_data->text().trimmed()); });
    for (QSpinBox* spin : {m_samples, m_length, m_seed}) {
        connect(spin, &QSpinBox::valueChanged, this, &CalibrationStep::setNumbers);
    }
    connect(m_rule, &QComboBox::currentIndexChanged, this, &CalibrationStep::setNumbers);
    refresh();
}

QWidget* CalibrationStep::makeNumbers()
{
    auto* panel = new QWidget(this);
    auto* numbers = new QGridLayout(panel);
    numbers->setContentsMargins(0, 0, 0, 0);
    const std::pair<text::SampleRule, QString> rules[] = {
        {text::SampleRule::Rows, tr("Rows of the text")},
        {text::SampleRule::Gptq, tr("As GPTQ: windows anywhere in the text")},
        {text::SampleRule::Awq, tr("As AWQ: the first rows, joined and cut")},
        {text::SampleRule::Lmdeploy, tr("As lmdeploy: windows of long rows")}};
    for (const auto& [rule, name] : rules) {
        m_rule->addItem(name, static_cast<int>(rule));
    }
    numbers->addWidget(
        labelled(tr("Cho&ice"), m_rule,
                 tr("How samples are chosen (calibration.select): as another tool does, to compare with it")),
        0, 0, 1, 3);
    numbers->addWidget(labelled(tr("&Samples"), m_samples, tr("Rows or windows of text that go through the model")), 1,
                       0);
    numbers->addWidget(labelled(tr("&Length, tokens"), m_length, tr("A sample is cut after so many tokens")), 1, 1);
    numbers->addWidget(
        labelled(tr("S&eed"), m_seed, tr("0 takes the first rows; any other number a repeatable choice of rows")), 1,
        2);
    m_seed->setSpecialValueText(tr("first rows"));
    return panel;
}

QString CalibrationStep::problem() const
{
    if (m_note->isProblem()) {
        return m_note->text();
    }
    const auto method = quant::findQuantizer(session().recipe().method);
    if (method && (*method)->needsStatistics() && session().recipe().calibration.data.empty()) {
        return tr("This method needs a calibration text.");
    }
    return {};
}

void CalibrationStep::showRecipe(const plan::Recipe& recipe)
{
    m_data->setText(QString::fromStdString(recipe.calibration.data));
    m_samples->setValue(static_cast<int>(recipe.calibration.samples.samples));
    m_length->setValue(static_cast<int>(recipe.calibration.samples.length));
    m_seed->setValue(static_cast<int>(recipe.calibration.samples.seed));
    m_rule->setCurrentIndex(m_rule->findData(static_cast<int>(recipe.calibration.samples.rule)));
    updatePreview();
}

void CalibrationStep::browse()
{
    const FileChoice choice{FileChoice::Kind::Open,
                            tr("Choose a text file"),
                            m_data->text(),
                            {tr("Texts (*.txt *.jsonl *.json *.csv *.arrow *.gz *.zst)")}};
    chooseFile(this, choice, this, [this](const QString& file) { setData(file); });
}

void CalibrationStep::typeQuestions()
{
    auto* dialog = new QuestionsDialog(m_data->text().trimmed(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog] { setData(dialog->file()); });
    dialog->open();
}

void CalibrationStep::setData(const QString& spec)
{
    plan::Recipe recipe = session().recipe();
    recipe.calibration.data = spec.toStdString();
    edit(recipe, tr("Choose calibration text"));
}

void CalibrationStep::setNumbers()
{
    plan::Recipe recipe = session().recipe();
    recipe.calibration.samples.samples = m_samples->value();
    recipe.calibration.samples.length = m_length->value();
    recipe.calibration.samples.seed = static_cast<std::uint64_t>(m_seed->value());
    recipe.calibration.samples.rule = static_cast<text::SampleRule>(m_rule->currentData().toInt());
    edit(recipe, tr("Change calibration samples"), kCalibrationMergeKey);
}

Result<CalibrationStep::Preview> CalibrationStep::makePreview(const plan::CalibrationRecipe& calibration,
                                                              const OpenedModelPtr& model)
{
    BITLATHE_TRY(const text::TextSet set,
                 text::openTextSet(calibration.data, model ? model->folder() : std::filesystem::path()));
    Preview preview;
    for (const std::string& row : text::previewRows(set, kPreviewRows)) {
        preview.beginning += QString::fromStdString(row.substr(0, kBeginning));
        preview.beginning += QStringLiteral("\n\n");
    }
    const text::Tokenizer* tokenizer = model ? model->tokenizer.get() : nullptr;
    BITLATHE_TRY(const auto samples, text::calibrationSamples(set, tokenizer, calibration.samples));
    std::size_t bytes = 0;
    for (const std::string& row : set.rows) {
        bytes += row.size();
    }
    if (bytes < kFactsBytes) {
        BITLATHE_TRY(preview.facts, text::factsOf(set, tokenizer));
    }
    preview.samples = static_cast<qsizetype>(samples.size());
    preview.shortest = samples.empty() ? 0 : static_cast<qsizetype>(samples.front().size());
    for (const auto& sample : samples) {
        const auto size = static_cast<qsizetype>(sample.size());
        preview.tokens += size;
        preview.shortest = std::min(preview.shortest, size);
        preview.longest = std::max(preview.longest, size);
    }
    return preview;
}

void CalibrationStep::showLengths(const std::optional<text::TextSetFacts>& facts)
{
    if (!facts) {
        m_lengths->setData({}, {}, false);
        return;
    }
    QStringList places;
    BarPlot::Series rows{tr("Rows"), {}, 0};
    for (const text::LengthBin& bin : facts->lengths) {
        places << QStringLiteral("<%1").arg(formatCount(bin.below));
        rows.values << static_cast<double>(bin.rows);
    }
    m_lengths->setTitle(tr("Lengths of the rows: %1 rows, median %2 tokens, longest %3")
                            .arg(formatCount(facts->rows), formatCount(facts->median), formatCount(facts->longest)));
    m_lengths->setData(places, {rows}, false);
}

void CalibrationStep::updatePreview()
{
    const plan::CalibrationRecipe& calibration = session().recipe().calibration;
    const OpenedModelPtr model = session().model();
    if (calibration == m_previewed && model == m_previewModel) {
        return;
    }
    m_previewed = calibration;
    m_previewModel = model;
    if (calibration.data.empty() || !model) {
        m_preview.cancel();
        m_beginning->clear();
        showLengths({});
        m_note->setHint(calibration.data.empty() ? tr("Without a text, errors are measured on the weights alone.")
                                                 : QString());
        return;
    }
    m_note->setHint(tr("Reading …"));
    m_preview.start([calibration, model](const std::stop_token&) { return makePreview(calibration, model); },
                    [this](const Result<Preview>& preview) {
                        if (!preview) {
                            m_beginning->clear();
                            showLengths({});
                            m_note->setProblem(translated(preview.error()));
                        } else {
                            m_beginning->setPlainText(preview->beginning);
                            showLengths(preview->facts);
                            m_note->setHint(tr("%1 samples with %2 tokens together, the shortest %3, the longest %4.")
                                                .arg(formatCount(preview->samples), formatCount(preview->tokens),
                                                     formatCount(preview->shortest), formatCount(preview->longest)));
                        }
                        Q_EMIT checked();
                    });
}

} // namespace bitlathe::ui
