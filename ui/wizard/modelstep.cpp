// SPDX-License-Identifier: GPL-3.0-or-later
// ModelStep: which model, and what is known of it.
#include "ui/wizard/modelstep.h"

#include "ui/bridge/filechoice.h"
#include "ui/bridge/numbers.h"
#include "ui/bridge/recentmodels.h"
#include "ui/theme/theme.h"

#include <QFormLayout>
#include <QLineEdit>
#include <QPushButton>

namespace bitlathe::ui
{

ModelStep::ModelStep(Session& session, QWidget* parent)
    : WizardStep(session, tr("Model"), tr("Which model shall be quantized?"), parent),
      m_folder(new QLineEdit(this)),
      m_note(new FieldNote(this)),
      m_facts(new QFormLayout)
{
    auto* browseButton = new QPushButton(tr("Choose…"), this);
    browseButton->setAccessibleName(tr("Choose a model folder"));
    body()->addWidget(labelled(tr("Model &folder"), m_folder,
                               tr("The folder with config.json and the .safetensors or .bin files. It is read where it lies, "
                                  "never copied or changed."),
                               browseButton));
    body()->addWidget(m_note);
    m_facts->setHorizontalSpacing(2 * kGrid);
    m_facts->setVerticalSpacing(kGrid / 2);
    body()->addLayout(m_facts);
    m_folder->setPlaceholderText(tr("Folder with config.json"));
    connect(browseButton, &QPushButton::clicked, this, &ModelStep::browse);
    connect(m_folder, &QLineEdit::editingFinished, this, &ModelStep::openTyped);
    connect(&session, &Session::modelOpening, this, [this](const QString& folder) {
        m_folder->setText(folder);
        m_note->setHint(tr("Opening …"));
    });
    connect(&session, &Session::failed, this, [this](const Error& error) {
        if (!this->session().isOpening() && m_note->text() == tr("Opening …")) {
            m_note->setProblem(translated(error));
            Q_EMIT checked();
        }
    });
    refresh();
}

QString ModelStep::problem() const
{
    if (m_note->isProblem()) {
        return m_note->text();
    }
    return session().model() ? QString() : tr("No model is open.");
}

void ModelStep::showRecipe(const plan::Recipe&)
{
    if (const OpenedModelPtr model = session().model()) {
        m_folder->setText(fromPath(model->folder()));
        m_note->setHint({});
    } else if (m_note->text().isEmpty()) {
        m_note->setHint(tr("Choose a folder, or drop one anywhere in the window."));
    }
    showFacts();
}

void ModelStep::browse()
{
    const FileChoice choice{FileChoice::Kind::Folder, tr("Choose a model folder"), m_folder->text(), {}};
    chooseFile(this, choice, this, [this](const QString& folder) { session().openModel(folder); });
}

void ModelStep::openTyped()
{
    const QString folder = m_folder->text().trimmed();
    const OpenedModelPtr model = session().model();
    if (!folder.isEmpty() && (!model || fromPath(model->folder()) != folder) && !session().isOpening()) {
        session().openModel(folder);
    }
}

void ModelStep::showFacts()
{
    while (m_facts->rowCount() > 0) {
        m_facts->removeRow(0);
    }
    const OpenedModelPtr model = session().model();
    if (!model) {
        return;
    }
    const auto add = [this](const QString& name, const QString& value) {
        auto* label = new QLabel(name, this);
        label->setForegroundRole(QPalette::PlaceholderText);
        auto* text = new QLabel(value, this);
        text->setTextInteractionFlags(Qt::TextSelectableByMouse);
        m_facts->addRow(label, text);
    };
    const model::ModelSpec& spec = model->spec;
    add(tr("Name"), modelName(*model));
    add(tr("Family"), QString::fromStdString(spec.architecture));
    add(tr("Parameters"), formatCountShort(model->parameters));
    add(tr("Stored as"), storageLabel(*model));
    add(tr("Size"), formatBytes(model->checkpoint->bytesTensors()));
    add(tr("Blocks"), formatCount(spec.blockCount()));
    add(tr("Layers to quantize"), formatCount(static_cast<std::int64_t>(spec.linears.size())));
    add(tr("Tokenizer"), model->tokenizer ? tr("found") : tr("none that can be used"));
}

} // namespace bitlathe::ui
