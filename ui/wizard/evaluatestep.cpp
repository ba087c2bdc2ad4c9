// SPDX-License-Identifier: GPL-3.0-or-later
// EvaluateStep: what is measured after the run, by which protocol.
#include "ui/wizard/evaluatestep.h"

#include "core/base/resources.h"
#include "ui/bridge/filechoice.h"
#include "ui/widgets/kvchoice.h"
#include "ui/widgets/promptfields.h"
#include "ui/widgets/protocolfields.h"
#include "ui/widgets/questionfields.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>

namespace bitlathe::ui
{
namespace
{

constexpr int kProtocolMergeKey = 51;
constexpr int kQuestionsMergeKey = 52;
constexpr int kPromptsMergeKey = 53;

} // namespace

EvaluateStep::EvaluateStep(Session& session, QWidget* parent)
    : WizardStep(session, tr("Evaluate"), tr("What shall be measured afterwards?"), parent),
      m_data(new QLineEdit(this)),
      m_protocol(new ProtocolFields(this)),
      m_kv(new KvChoice(this)),
      m_questions(new QuestionFields(this)),
      m_prompts(new PromptFields(this))
{
    buildText();
    buildProtocol();
    buildQuestions();
    buildPrompts();
    refresh();
}

void EvaluateStep::buildText()
{
    auto* browseButton = new QPushButton(tr("Choose…"), this);
    browseButton->setAccessibleName(tr("Choose a text to measure with"));
    body()->addWidget(labelled(tr("&Text to measure with"), m_data,
                               tr("After the run, the result and the original predict this text; perplexity and "
                                  "divergence say how much was lost. Take "
                                  "another text than for calibration. Empty: nothing is measured"),
                               browseButton));
    auto* shortcuts = new QHBoxLayout;
    auto* bundled = new QPushButton(tr("Use the bundled text"), this);
    auto* none = new QPushButton(tr("Use none"), this);
    shortcuts->addWidget(bundled);
    shortcuts->addWidget(none);
    shortcuts->addStretch();
    body()->addLayout(shortcuts);
    const auto setData = [this](const QString& spec) {
        m_data->setText(spec);
        store(tr("Choose text to measure with"));
    };
    connect(bundled, &QPushButton::clicked, this, [setData] {
        if (const auto text = resource("demo/text/evaluation.txt")) {
            setData(fromPath(*text));
        }
    });
    connect(none, &QPushButton::clicked, this, [setData] { setData({}); });
    connect(browseButton, &QPushButton::clicked, this, &EvaluateStep::browse);
    connect(m_data, &QLineEdit::editingFinished, this, [this] { store(tr("Choose text to measure with")); });
}

void EvaluateStep::buildProtocol()
{
    auto* rule = new QHBoxLayout;
    rule->addWidget(labelled(tr("&Protocol"), m_protocol->protocolField(), {}), 1);
    rule->addWidget(labelled(tr("&Keys and values"), m_kv, tr("How else they are kept while it is measured; none: in 16 bits")), 2);
    body()->addLayout(rule);
    auto* windows = new QHBoxLayout;
    windows->addWidget(labelled(tr("&Window"), m_protocol->lengthField(), {}));
    QWidget* stride = labelled(tr("St&ride"), m_protocol->strideField(), {});
    windows->addWidget(stride);
    windows->addWidget(labelled(tr("Wi&ndows"), m_protocol->windowsField(), {}));
    body()->addLayout(windows);
    stride->setVisible(m_protocol->usesStride());
    connect(m_protocol, &ProtocolFields::strideUsed, stride, &QWidget::setVisible);
    connect(m_protocol, &ProtocolFields::changed, this, [this] { store(tr("Change protocol"), kProtocolMergeKey); });
    connect(m_kv, &KvChoice::changed, this, [this] { store(tr("Choose KV caches to measure with")); });
}

void EvaluateStep::buildQuestions()
{
    auto* browseButton = new QPushButton(tr("Choose…"), this);
    browseButton->setAccessibleName(tr("Choose questions"));
    body()->addWidget(labelled(tr("Choice &questions"), m_questions->dataField(), {}, browseButton));
    auto* ways = new QWidget(this);
    auto* row = new QHBoxLayout(ways);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(labelled(tr("Answers are chosen"), m_questions->ruleField(), {}));
    row->addWidget(labelled(tr("&Examples before each"), m_questions->shotsField(), {}));
    row->addWidget(m_questions->chatField(), 0, Qt::AlignBottom);
    body()->addWidget(ways);
    ways->setVisible(m_questions->asks());
    connect(m_questions, &QuestionFields::asking, ways, &QWidget::setVisible);
    connect(m_questions, &QuestionFields::changed, this, [this] { store(tr("Change questions"), kQuestionsMergeKey); });
    connect(browseButton, &QPushButton::clicked, m_questions, &QuestionFields::browse);
}

void EvaluateStep::buildPrompts()
{
    auto* browseButton = new QPushButton(tr("Choose…"), this);
    browseButton->setAccessibleName(tr("Choose prompts"));
    body()->addWidget(labelled(tr("Pro&mpts"), m_prompts->dataField(), {}, browseButton));
    auto* ways = new QWidget(this);
    auto* row = new QHBoxLayout(ways);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(labelled(tr("Tokens to &write"), m_prompts->newTokensField(), {}));
    row->addWidget(m_prompts->chatField(), 1, Qt::AlignBottom);
    body()->addWidget(ways);
    ways->setVisible(m_prompts->writes());
    connect(m_prompts, &PromptFields::writing, ways, &QWidget::setVisible);
    connect(m_prompts, &PromptFields::changed, this, [this] { store(tr("Change prompts"), kPromptsMergeKey); });
    connect(browseButton, &QPushButton::clicked, m_prompts, &PromptFields::browse);
}

void EvaluateStep::showRecipe(const plan::Recipe& recipe)
{
    const plan::EvaluationRecipe& evaluation = recipe.evaluation;
    m_data->setText(QString::fromStdString(evaluation.data));
    evaluate::PerplexityOptions windows;
    windows.protocol = evaluation.protocol;
    windows.length = evaluation.length;
    windows.stride = evaluation.stride > 0 ? evaluation.stride : windows.stride;
    windows.maxWindows = evaluation.windows;
    m_protocol->setOptions(windows);
    m_kv->setSchemes(evaluation.kv);
    m_questions->setOptions(evaluation.choice);
    m_prompts->setOptions(evaluation.generation);
}

void EvaluateStep::store(const QString& what, int mergeKey)
{
    if (isShowing()) {
        return; // Fields are being set one after the other: those not set yet are still of the recipe before.
    }
    plan::Recipe recipe = session().recipe();
    plan::EvaluationRecipe& evaluation = recipe.evaluation;
    const evaluate::PerplexityOptions windows = m_protocol->options();
    evaluation.data = m_data->text().trimmed().toStdString();
    evaluation.protocol = windows.protocol;
    evaluation.length = windows.length;
    evaluation.stride = m_protocol->usesStride() ? windows.stride : 0;
    evaluation.windows = windows.maxWindows;
    evaluation.kv = m_kv->schemes();
    evaluation.choice = m_questions->asks() ? m_questions->options() : evaluate::ChoiceOptions{};
    evaluation.generation = m_prompts->writes() ? m_prompts->options() : evaluate::GenerationCheckOptions{};
    edit(recipe, what, mergeKey);
}

void EvaluateStep::browse()
{
    const FileChoice choice{FileChoice::Kind::Open, tr("Choose a text to measure with"), m_data->text(),
                            {tr("Texts (*.txt *.jsonl *.json *.csv *.arrow *.gz *.zst)")}};
    chooseFile(this, choice, this, [this](const QString& file) {
        m_data->setText(file);
        store(tr("Choose text to measure with"));
    });
}

} // namespace bitlathe::ui
