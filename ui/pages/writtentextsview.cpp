// SPDX-License-Identifier: GPL-3.0-or-later
// WrittenTextsView: what a compared model wrote after the prompts, beside what the base wrote.
#include "ui/pages/writtentextsview.h"

#include "ui/theme/theme.h"
#include "ui/widgets/comparedmodelbox.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace bitlathe::ui
{

namespace
{

QString htmlOf(std::string_view text)
{
    return toText(text).toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>"));
}

/// A text, what parts from the other one underlined and coloured.
QString markedText(const std::string& text, std::size_t agreedBytes)
{
    const auto agreed = std::string_view(text).substr(0, agreedBytes);
    const auto rest = std::string_view(text).substr(agreed.size());
    return QStringLiteral("%1<u style=\"color:%2\">%3</u>").arg(htmlOf(agreed), Theme::instance().color(ColorId::Accent).name(), htmlOf(rest));
}

} // namespace

WrittenTextsView::WrittenTextsView(QWidget* parent)
    : QWidget(parent), m_models(new ComparedModelBox([](const evaluate::ComparedModel& model) { return model.generation && model.generation->agreement; }, this)),
      m_texts(new QTextBrowser(this))
{
    auto* label = new QLabel(tr("&Model"), this);
    label->setBuddy(m_models);
    auto* line = new QHBoxLayout;
    line->addWidget(label);
    line->addWidget(m_models);
    line->addStretch(1);
    m_texts->setAccessibleName(tr("Texts of the model beside those of the base"));
    m_texts->setOpenLinks(false);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(line);
    layout->addWidget(m_texts, 1);
    connect(m_models, &ComparedModelBox::modelChanged, this, &WrittenTextsView::showModel);
    connect(&Theme::instance(), &Theme::changed, this, &WrittenTextsView::showModel); // the marks have their colour in the text
    showModel();
}

void WrittenTextsView::setComparison(ComparisonPtr comparison)
{
    m_models->setComparison(std::move(comparison));
}

void WrittenTextsView::showModel()
{
    const evaluate::ComparedModel* model = m_models->model();
    if (model == nullptr) {
        m_texts->setPlainText(tr("Compare models with prompts to read what each writes."));
        return;
    }
    const evaluate::ComparedModel& base = m_models->comparison()->models.front();
    const auto& examples = model->generation->agreement->examples;
    QString html = QStringLiteral("<p>%1</p>").arg(translated(model->generation->verdict(model->name, base.name)).toHtmlEscaped());
    const QString cell = QStringLiteral("<td width=\"50%\" style=\"padding:6px; vertical-align:top\">%1</td>");
    if (!examples.empty()) {
        html += QStringLiteral("<table width=\"100%\"><tr><th align=\"left\">%1</th><th align=\"left\">%2</th></tr>")
                    .arg(htmlOf(base.name), htmlOf(model->name));
        for (const evaluate::GenerationExample& example : examples) {
            html += QStringLiteral("<tr><td colspan=\"2\" style=\"padding:6px; color:%1\">%2</td></tr>")
                        .arg(Theme::instance().color(ColorId::TextMuted).name(), htmlOf(example.prompt));
            html += QStringLiteral("<tr>") + cell.arg(markedText(example.base, example.agreedBytes)) + cell.arg(markedText(example.text, example.agreedBytes))
                + QStringLiteral("</tr>");
        }
        html += QStringLiteral("</table>");
    }
    m_texts->setHtml(html);
}

} // namespace bitlathe::ui
