// SPDX-License-Identifier: GPL-3.0-or-later
// FormatStep: which program shall load the result, and where it goes.
#include "ui/wizard/formatstep.h"

#include "core/format/kvgrids.h"
#include "ui/bridge/filechoice.h"
#include "ui/theme/theme.h"

#include <QButtonGroup>
#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>

namespace bitlathe::ui
{
namespace
{

QString consumersOf(const format::Format& format)
{
    QStringList names;
    for (const std::string& name : format.consumers()) {
        names << QString::fromStdString(name);
    }
    //: Between the names of a list: "vLLM, transformers"
    return names.join(FormatStep::tr(", "));
}

} // namespace

FormatStep::FormatStep(Session& session, QWidget* parent)
    : WizardStep(session, tr("Format"), tr("Which program shall load the result?"), parent),
      m_formats(new QButtonGroup(this)),
      m_note(new FieldNote(this)),
      m_out(new QLineEdit(this)),
      m_overwrite(new QCheckBox(tr("&Replace what is in that folder"), this)),
      m_ranks(new QComboBox(this)),
      m_template(new QLineEdit(this)),
      m_kv(new QCheckBox(tr("&Keys and values in 8 bits"), this))
{
    int id = 0;
    for (const format::Format* format : format::formats()) {
        auto* button =
            new QRadioButton(translated(Text(format->title())), this);
        button->setObjectName(toText(format->name()));
        button->setToolTip(tr("On the command line: --format %1").arg(toText(format->name())));
        auto* hint = new QLabel(tr("Loads in %1").arg(consumersOf(*format)), this);
        hint->setWordWrap(true);
        hint->setForegroundRole(QPalette::PlaceholderText);
        hint->setContentsMargins(3 * kGrid, 0, 0, 0);
        button->setAccessibleDescription(hint->text());
        auto* box = new QVBoxLayout;
        box->setSpacing(kGrid / 2);
        box->addWidget(button);
        box->addWidget(hint);
        body()->addLayout(box);
        m_formats->addButton(button, id++);
    }
    body()->addWidget(m_note);
    body()->addWidget(makeWorkspace());
    m_kv->setObjectName(QStringLiteral("kvParams"));
    body()->addWidget(m_kv);
    connect(m_kv, &QCheckBox::toggled, this, [this](bool on) {
        plan::Recipe recipe = this->session().recipe();
        recipe.exportTo.kvParams = on ? format::kKvParamsAuto : "";
        edit(recipe, tr("Change keys and values"));
    });
    auto* browseButton = new QPushButton(tr("Choose…"), this);
    browseButton->setAccessibleName(tr("Choose where the result goes"));
    body()->addWidget(labelled(
        tr("&Output folder"), m_out,
        tr("A new folder. It gets this name only when everything in it was written and read back"), browseButton));
    body()->addWidget(m_overwrite);
    connect(m_formats, &QButtonGroup::idClicked, this, [this](int clicked) {
        plan::Recipe recipe = this->session().recipe();
        recipe.exportTo.format = format::formats()[static_cast<std::size_t>(clicked)]->name();
        const format::Format& format = *format::formats()[static_cast<std::size_t>(clicked)];
        recipe.exportTo.workspace = format.storesAsNamed() ? format::WorkspaceOptions{} : recipe.exportTo.workspace;
        if (!format.kvScheme() || recipe.exportTo.kvParams != format::kKvParamsAuto) {
            recipe.exportTo.kvParams.clear(); // Those of a folder are for one kind of cache.
        }
        edit(recipe, tr("Choose format"));
    });
    connect(m_out, &QLineEdit::editingFinished, this, [this] { setOut(m_out->text().trimmed()); });
    connect(browseButton, &QPushButton::clicked, this, &FormatStep::browse);
    connect(m_overwrite, &QCheckBox::toggled, this, [this](bool on) {
        plan::Recipe recipe = this->session().recipe();
        recipe.exportTo.overwrite = on;
        edit(recipe, tr("Change overwriting"));
    });
    refresh();
}

/// What only a TurboMind workspace asks for.
QWidget* FormatStep::makeWorkspace()
{
    m_workspace = new QWidget(this);
    auto* layout = new QVBoxLayout(m_workspace);
    layout->setContentsMargins(0, 0, 0, 0);
    for (const int ranks : {1, 2, 4, 8}) {
        m_ranks->addItem(QString::number(ranks), ranks);
    }
    m_template->setPlaceholderText(tr("the usual one of the model's family"));
    auto* row = new QHBoxLayout;
    row->addWidget(labelled(tr("&GPUs that share the model"), m_ranks, tr("Each matrix is cut into as many files (tensor parallel)")));
    row->addWidget(labelled(tr("Chat &template"), m_template, tr("Its name in lmdeploy, such as internlm2-chat-7b")));
    layout->addLayout(row);
    connect(m_ranks, &QComboBox::activated, this, [this] {
        plan::Recipe recipe = session().recipe();
        recipe.exportTo.workspace.tensorParallel = m_ranks->currentData().toInt();
        edit(recipe, tr("Change the number of GPUs"));
    });
    connect(m_template, &QLineEdit::editingFinished, this, [this] {
        plan::Recipe recipe = session().recipe();
        recipe.exportTo.workspace.modelName = m_template->text().trimmed().toStdString();
        edit(recipe, tr("Change the chat template"));
    });
    return m_workspace;
}

QString FormatStep::problem() const
{
    if (m_note->isProblem()) {
        return m_note->text();
    }
    return session().recipe().exportTo.out.empty() ? tr("No output folder is chosen.") : QString();
}

void FormatStep::showRecipe(const plan::Recipe& recipe)
{
    m_note->setHint({});
    for (QAbstractButton* button : m_formats->buttons()) {
        button->setChecked(button->objectName().toStdString() == recipe.exportTo.format);
    }
    const auto format = format::findFormat(recipe.exportTo.format);
    const OpenedModelPtr model = session().model();
    if (!format) {
        m_note->setProblem(translated(format.error()));
    } else if (model && !model->spec.linears.empty()) {
        if (const auto fits = (*format)->check(plan::completedScheme(recipe, recipe.scheme), model->spec.linears.front()); !fits) {
            m_note->setProblem(translated(fits.error()));
        }
    }
    const format::WorkspaceOptions& workspace = recipe.exportTo.workspace;
    m_workspace->setVisible(format && !(*format)->storesAsNamed());
    m_ranks->setCurrentIndex(m_ranks->findData(static_cast<int>(workspace.tensorParallel)));
    m_template->setText(QString::fromStdString(workspace.modelName));
    const std::optional<quant::KvScheme> kv = format ? (*format)->kvScheme() : std::nullopt;
    m_kv->setVisible(kv.has_value());
    m_kv->setToolTip(!kv ? QString()
                     : kv->kind == quant::KvKind::Fp8
                         ? tr("Writes scales of keys and values (k_scale, v_scale) beside the weights, from the calibration text, with which vLLM keeps them in fp8")
                         : tr("Writes scales and zero points of keys and values beside the weights (past_kv_scale), from the calibration text, and sets quant_policy to 4"));
    m_kv->setChecked(!recipe.exportTo.kvParams.empty());
    m_out->setText(fromPath(recipe.exportTo.out));
    m_overwrite->setChecked(recipe.exportTo.overwrite);
}

void FormatStep::browse()
{
    const FileChoice choice{FileChoice::Kind::NewFolder, tr("Choose where the result goes"), m_out->text(), {}};
    chooseFile(this, choice, this, [this](const QString& folder) { setOut(folder); });
}

void FormatStep::setOut(const QString& folder)
{
    plan::Recipe recipe = session().recipe();
    recipe.exportTo.out = toPath(folder);
    edit(recipe, tr("Choose output folder"));
}

} // namespace bitlathe::ui
