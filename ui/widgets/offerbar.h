// SPDX-License-Identifier: GPL-3.0-or-later
// OfferBar: one sentence with something to do about it, or not now.
#pragma once

#include <QFrame>

#include <functional>

class QLabel;
class QPushButton;

namespace bitlathe::ui
{

/// Hidden without an offer; never modal, goes when answered.
class OfferBar : public QFrame
{
    Q_OBJECT

public:
    explicit OfferBar(QWidget* parent = nullptr);

    /// accept and decline are called once at most; a new offer takes the place of an older, unanswered one.
    void offer(const QString& sentence, const QString& acceptText, std::function<void()> accept,
               const QString& declineText, std::function<void()> decline);

private:
    void updateLook();
    void answer(bool accepted);

    QLabel* m_symbol;
    QLabel* m_text;
    QPushButton* m_acceptButton;
    QPushButton* m_declineButton;
    std::function<void()> m_accept;
    std::function<void()> m_decline;
};

} // namespace bitlathe::ui
