// SPDX-License-Identifier: GPL-3.0-or-later
// ProtocolFields: the fields that say how a text is cut into windows and scored, for any form to lay out.
#include "ui/widgets/protocolfields.h"

#include "ui/bridge/preferences.h"
#include "ui/bridge/session.h"
#include "ui/widgets/fields.h"

#include <QComboBox>
#include <QSpinBox>

#include <algorithm>

namespace bitlathe::ui
{

ProtocolFields::ProtocolFields(QWidget* owner)
    : QObject(owner), m_protocol(new QComboBox(owner)), m_length(countField(owner, static_cast<int>(kWindowLengthLeast), static_cast<int>(kWindowLengthMost), 2048, 128)),
      m_stride(countField(owner, 1, 1'000'000, 512, 64)), m_windows(countField(owner, 0, 1'000'000, 10))
{
    for (const evaluate::ProtocolKind kind : evaluate::protocolKinds()) {
        m_protocol->addItem(toText(evaluate::protocolName(kind)), static_cast<int>(kind));
    }
    m_protocol->setToolTip(tr("How the text is cut into windows, and which tokens count. Perplexities of different protocols do not compare."));
    m_length->setSuffix(tr(" tokens"));
    m_length->setToolTip(tr("Tokens of one window. Perplexities of different lengths do not compare."));
    m_stride->setSuffix(tr(" tokens"));
    m_stride->setToolTip(tr("Tokens from the beginning of a window to that of the next one, with the protocol \"strided\"."));
    m_windows->setSpecialValueText(tr("all"));
    m_windows->setToolTip(tr("More windows take longer and make the standard errors smaller."));
    connect(m_protocol, &QComboBox::activated, this, [this] { m_length->setValue(static_cast<int>(evaluate::usualLength(kind()))); });
    connect(m_protocol, &QComboBox::currentIndexChanged, this, [this] {
        Q_EMIT strideUsed(usesStride());
        Q_EMIT changed();
    });
    for (QSpinBox* field : {m_length, m_stride, m_windows}) {
        connect(field, &QSpinBox::valueChanged, this, &ProtocolFields::changed);
    }
    setOptions(usualProtocol());
}

evaluate::ProtocolKind ProtocolFields::kind() const
{
    return static_cast<evaluate::ProtocolKind>(m_protocol->currentData().toInt());
}

bool ProtocolFields::usesStride() const
{
    return kind() == evaluate::ProtocolKind::Strided;
}

evaluate::PerplexityOptions ProtocolFields::options() const
{
    evaluate::PerplexityOptions options;
    options.protocol = kind();
    options.length = m_length->value();
    options.stride = std::min(m_stride->value(), m_length->value());
    options.maxWindows = m_windows->value();
    return options;
}

void ProtocolFields::setOptions(const evaluate::PerplexityOptions& options)
{
    m_protocol->setCurrentIndex(m_protocol->findData(static_cast<int>(options.protocol)));
    m_length->setValue(static_cast<int>(options.length));
    m_stride->setValue(static_cast<int>(options.stride));
    m_windows->setValue(static_cast<int>(options.maxWindows));
}

} // namespace bitlathe::ui
