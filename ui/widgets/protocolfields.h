// SPDX-License-Identifier: GPL-3.0-or-later
// ProtocolFields: the fields that say how a text is cut into windows and scored, for any form to lay out.
#pragma once

#include "core/evaluate/perplexity.h"

#include <QObject>

class QComboBox;
class QSpinBox;
class QWidget;

namespace bitlathe::ui
{

class ProtocolFields : public QObject
{
    Q_OBJECT

public:
    /// owner: of the fields, too.
    explicit ProtocolFields(QWidget* owner);

    QComboBox* protocolField() const { return m_protocol; }
    QSpinBox* lengthField() const { return m_length; }
    QSpinBox* strideField() const { return m_stride; } ///< Of use where usesStride().
    QSpinBox* windowsField() const { return m_windows; }

    bool usesStride() const;
    evaluate::PerplexityOptions options() const; ///< The stride is no longer than a window.
    void setOptions(const evaluate::PerplexityOptions& options);

Q_SIGNALS:
    void changed();
    void strideUsed(bool used); ///< usesStride() is another.

private:
    evaluate::ProtocolKind kind() const;

    QComboBox* m_protocol;
    QSpinBox* m_length;
    QSpinBox* m_stride;
    QSpinBox* m_windows;
};

} // namespace bitlathe::ui
