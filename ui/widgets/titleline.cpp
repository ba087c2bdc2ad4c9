// SPDX-License-Identifier: GPL-3.0-or-later
// TitleLine: title and subtitle of the page in front, its secondary actions and its one primary action.
#include "ui/widgets/titleline.h"

#include "ui/theme/theme.h"
#include "ui/widgets/elidedlabel.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLayoutItem>
#include <QPushButton>
#include <QStyleOptionButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace bitlathe::ui
{

namespace
{

/// Always drawn as the one that matters; Qt passes that role on to whatever has the focus.
class PrimaryButton : public QPushButton
{
public:
    using QPushButton::QPushButton;

protected:
    void initStyleOption(QStyleOptionButton* option) const override
    {
        QPushButton::initStyleOption(option);
        option->features |= QStyleOptionButton::DefaultButton;
    }
};

} // namespace

TitleLine::TitleLine(QWidget* parent)
    : QWidget(parent),
      m_title(new QLabel(this)),
      m_subtitle(new ElidedLabel(this)),
      m_secondary(new QHBoxLayout),
      m_primary(new PrimaryButton(this))
{
    auto* words = new QVBoxLayout;
    words->setSpacing(0);
    words->addWidget(m_title);
    words->addWidget(m_subtitle);
    m_subtitle->setForegroundRole(QPalette::PlaceholderText);
    m_subtitle->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_secondary->setSpacing(kGrid / 2);

    auto* line = new QHBoxLayout(this);
    line->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, kGrid);
    line->setSpacing(kGrid);
    line->addLayout(words, 1);
    line->addLayout(m_secondary);
    line->addWidget(m_primary);

    const auto updateFonts = [this] {
        m_title->setFont(Theme::instance().font(TextSize::Title));
        m_primary->setMinimumHeight(4 * kGrid);
    };
    updateFonts();
    connect(&Theme::instance(), &Theme::changed, this, updateFonts);
    connect(m_primary, &QPushButton::clicked, this, [this] {
        if (QApplication::keyboardModifiers().testFlag(Qt::ShiftModifier)) {
            Q_EMIT commandLineRequested();
        } else if (m_action != nullptr) {
            m_action->trigger();
        }
    });
    setActions(nullptr, {});
}

void TitleLine::setTitle(const QString& title, const QString& subtitle)
{
    m_title->setText(title);
    m_subtitle->setText(subtitle);
}

QString TitleLine::title() const
{
    return m_title->text();
}

QString TitleLine::subtitle() const
{
    return m_subtitle->text();
}

void TitleLine::setActions(QAction* primary, const QList<QAction*>& secondary)
{
    while (QLayoutItem* item = m_secondary->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (QAction* action : secondary) {
        auto* button = new QToolButton(this);
        button->setDefaultAction(action);
        button->setAutoRaise(true);
        button->setToolButtonStyle(action->icon().isNull() ? Qt::ToolButtonTextOnly : Qt::ToolButtonTextBesideIcon);
        button->setMinimumHeight(4 * kGrid);
        if (action->menu() != nullptr) {
            button->setPopupMode(QToolButton::InstantPopup);
        }
        m_secondary->addWidget(button);
    }
    disconnect(m_changed);
    disconnect(m_destroyed);
    m_action = primary;
    if (primary != nullptr) {
        m_changed = connect(primary, &QAction::changed, this, &TitleLine::updatePrimary);
        m_destroyed = connect(primary, &QObject::destroyed, this, [this] {
            m_action = nullptr;
            updatePrimary();
        });
    }
    updatePrimary();
}

void TitleLine::updatePrimary()
{
    m_primary->setVisible(m_action != nullptr && m_action->isVisible());
    if (m_action == nullptr) {
        return;
    }
    m_primary->setText(m_action->text());
    m_primary->setEnabled(m_action->isEnabled());
    m_primary->setAccessibleName(m_action->iconText());
    const QString key = m_action->shortcut().toString(QKeySequence::NativeText);
    const QString hint = m_action->toolTip();
    m_primary->setToolTip(key.isEmpty() ? tr("%1\nShift: copy the command line").arg(hint)
                                        : tr("%1 (%2)\nShift: copy the command line").arg(hint, key));
}

} // namespace bitlathe::ui
