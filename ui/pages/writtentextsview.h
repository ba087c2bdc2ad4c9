// SPDX-License-Identifier: GPL-3.0-or-later
// WrittenTextsView: what a compared model wrote after the prompts, beside what the base wrote.
#pragma once

#include "ui/bridge/session.h"

#include <QWidget>

class QTextBrowser;

namespace bitlathe::ui
{

class ComparedModelBox;

/// A model of a comparison is chosen above; below, for each prompt whose texts part, both, the parting place marked.
class WrittenTextsView : public QWidget
{
    Q_OBJECT

public:
    explicit WrittenTextsView(QWidget* parent = nullptr);

    void setComparison(ComparisonPtr comparison); ///< Null: nothing to show.

private:
    void showModel();

    ComparedModelBox* m_models;
    QTextBrowser* m_texts;
};

} // namespace bitlathe::ui
