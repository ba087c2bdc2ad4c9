// SPDX-License-Identifier: Apache-2.0
// What tests of pages share: a session with the bundled model, fields found by their labels, sentences.
#pragma once

#include "core/base/resources.h"
#include "support/tempfolder.h"
#include "ui/bridge/session.h"

#include <QAbstractButton>
#include <QLabel>
#include <QSignalSpy>

#include <algorithm>
#include <memory>

namespace bitlathe::tests
{

constexpr int kJobMs = 240'000;

/// A session with the bundled model open, which keeps its things in folder; null: it did not open.
inline std::unique_ptr<ui::Session> sessionWithDemo(const TempFolder& folder)
{
    qputenv("XDG_CACHE_HOME", QByteArray::fromStdString((folder / "cache").string()));
    qputenv("XDG_CONFIG_HOME", QByteArray::fromStdString((folder / "config").string()));
    qputenv("XDG_DATA_HOME", QByteArray::fromStdString((folder / "data").string()));
    auto session = std::make_unique<ui::Session>();
    QSignalSpy opened(session.get(), &ui::Session::modelOpened);
    session->openModel(ui::fromPath(*resource("demo/model")));
    return opened.wait(kJobMs) ? std::move(session) : nullptr;
}

/// The field below the label of this text, its mnemonic left out.
template <typename Field>
Field* fieldOf(const QWidget& page, const QString& title)
{
    for (const QLabel* label : page.findChildren<QLabel*>()) {
        if (label->text().remove(QLatin1Char('&')) == title) {
            return qobject_cast<Field*>(label->buddy());
        }
    }
    return nullptr;
}

/// The button of this text, its mnemonic left out.
inline QAbstractButton* buttonOf(const QWidget& page, const QString& title)
{
    const auto buttons = page.findChildren<QAbstractButton*>();
    const auto found = std::ranges::find_if(
        buttons, [&](const QAbstractButton* button) { return button->text().remove(QLatin1Char('&')) == title; });
    return found == buttons.end() ? nullptr : *found;
}

/// What the label of this accessible name says.
inline QString labelText(const QWidget& page, const QString& name)
{
    for (const QLabel* label : page.findChildren<QLabel*>()) {
        if (label->accessibleName() == name) {
            return label->text();
        }
    }
    return {};
}

/// Whether any label of the page holds these words.
inline bool says(const QWidget& page, const QString& words)
{
    const QList<QLabel*> labels = page.findChildren<QLabel*>();
    return std::ranges::any_of(labels, [&](const QLabel* label) { return label->text().contains(words); });
}

} // namespace bitlathe::tests
