// SPDX-License-Identifier: GPL-3.0-or-later
// WizardStep: one form of the wizard; the recipe it edits lies in the session, so going back loses nothing.
#include "ui/wizard/wizardstep.h"

#include "ui/theme/theme.h"

#include <QAbstractSpinBox>
#include <QComboBox>
#include <QHBoxLayout>

#include <algorithm>

namespace bitlathe::ui
{

using namespace Qt::StringLiterals;

FieldNote::FieldNote(QWidget* parent) : QWidget(parent), m_symbol(new QLabel(this)), m_text(new QLabel(this))
{
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    auto* line = new QHBoxLayout(this);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(kGrid / 2);
    line->addWidget(m_symbol, 0, Qt::AlignTop);
    line->addWidget(m_text, 1);
    connect(&Theme::instance(), &Theme::changed, this, [this] { setText(m_text->text(), m_problem); });
    setText({}, false);
}

void FieldNote::setProblem(const QString& sentence)
{
    setText(sentence, true);
}

void FieldNote::setHint(const QString& sentence)
{
    setText(sentence, false);
}

void FieldNote::setText(const QString& sentence, bool problem)
{
    m_problem = problem && !sentence.isEmpty();
    m_text->setText(sentence);
    m_text->setAccessibleName(sentence);
    QPalette colors = Theme::palette(Theme::instance().isDark(), Theme::instance().contrast());
    colors.setColor(QPalette::WindowText,
                    Theme::instance().color(m_problem ? ColorId::VerdictBad : ColorId::TextMuted));
    m_text->setPalette(colors);
    m_symbol->setVisible(m_problem);
    if (m_problem) {
        m_symbol->setPixmap(
            Theme::instance().icon(u"problem"_s, ColorId::VerdictBad).pixmap(QSize(16, 16), devicePixelRatioF()));
    }
    setVisible(!sentence.isEmpty());
}

WizardStep::WizardStep(Session& session, const QString& name, const QString& question, QWidget* parent)
    : QWidget(parent), m_session(session), m_name(name), m_body(new QVBoxLayout)
{
    auto* heading = new QLabel(question, this);
    heading->setWordWrap(true);
    const auto updateFont = [heading] {
        QFont font = Theme::instance().font();
        font.setWeight(QFont::DemiBold);
        heading->setFont(font);
    };
    updateFont();
    connect(&Theme::instance(), &Theme::changed, heading, updateFont);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
    layout->setSpacing(2 * kGrid);
    layout->addWidget(heading);
    layout->addLayout(m_body);
    layout->addStretch();
    m_body->setSpacing(kGrid + kGrid / 2);
    connect(&session, &Session::recipeChanged, this, &WizardStep::refresh);
    connect(&session, &Session::modelOpened, this, &WizardStep::refresh);
    connect(&session, &Session::modelClosed, this, &WizardStep::refresh);
}

void WizardStep::refresh()
{
    m_showing = true;
    showRecipe(m_session.recipe());
    m_showing = false;
    Q_EMIT checked();
}

void WizardStep::edit(const plan::Recipe& recipe, const QString& what, int mergeKey)
{
    if (!m_showing) {
        m_session.editRecipe(recipe, what, mergeKey);
    }
}

void WizardStep::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    orderFields();
}

void WizardStep::orderFields()
{
    std::vector<QWidget*> fields;
    for (QWidget* widget : findChildren<QWidget*>()) {
        const bool inner = qobject_cast<QAbstractSpinBox*>(widget->parentWidget()) != nullptr ||
                           qobject_cast<QComboBox*>(widget->parentWidget()) != nullptr;
        if ((widget->focusPolicy() & Qt::TabFocus) != 0 && !inner && widget->isVisibleTo(this)) {
            fields.push_back(widget);
        }
    }
    std::stable_sort(fields.begin(), fields.end(), [this](const QWidget* a, const QWidget* b) {
        const QPoint first = a->mapTo(this, QPoint(0, a->height() / 2));
        const QPoint second = b->mapTo(this, QPoint(0, b->height() / 2));
        const int firstLine = first.y() / (2 * kGrid);
        const int secondLine = second.y() / (2 * kGrid);
        return firstLine != secondLine ? firstLine < secondLine : first.x() < second.x();
    });
    for (std::size_t i = 1; i < fields.size(); ++i) {
        setTabOrder(fields[i - 1], fields[i]);
    }
}

QWidget* WizardStep::labelled(const QString& label, QWidget* field, const QString& tip, QWidget* beside)
{
    auto* box = new QWidget(this);
    auto* caption = new QLabel(label, box);
    caption->setBuddy(field);
    QString name = label;
    field->setAccessibleName(name.remove(u'&'));
    field->setToolTip(tip);
    caption->setToolTip(tip);
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(kGrid / 2);
    layout->addWidget(caption);
    auto* line = new QHBoxLayout;
    line->setSpacing(kGrid);
    line->addWidget(field, 1);
    if (beside != nullptr) {
        line->addWidget(beside, 0, Qt::AlignTop);
    }
    layout->addLayout(line);
    return box;
}

} // namespace bitlathe::ui
