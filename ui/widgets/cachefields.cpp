// SPDX-License-Identifier: GPL-3.0-or-later
// CacheFields: the fields that say where the cache lies and how much it may take, and the button that empties it.
#include "ui/widgets/cachefields.h"

#include "core/base/file.h"
#include "ui/bridge/filechoice.h"
#include "ui/bridge/numbers.h"
#include "ui/bridge/session.h"
#include "ui/widgets/fields.h"

#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>

namespace bitlathe::ui
{

namespace
{

constexpr std::uint64_t kGigabyte = 1'000'000'000;

/// What is found, and what went, on the way.
struct Found
{
    CacheSettings settings;
    std::uint64_t bytes = 0;
    std::int64_t inUse = 0;
    std::optional<Error> error;
};

Found look(const std::optional<CacheSettings>& toSave, bool clear)
{
    Found found;
    if (toSave) {
        if (const auto saved = saveCacheSettings(*toSave); !saved) {
            found.error = saved.error();
        }
    }
    found.settings = cacheSettings();
    if (clear) {
        found.inUse = trimCache(0).inUse;
    } else if (toSave && found.settings.bytesMax > 0) {
        found.inUse = trimCache(found.settings.bytesMax).inUse;
    }
    for (const CacheKind& kind : cacheKinds()) {
        found.bytes += kind.bytes;
    }
    return found;
}

} // namespace

CacheFields::CacheFields(QWidget* owner)
    : QObject(owner), m_folder(new QLineEdit(owner)), m_browse(new QPushButton(tr("Choose…"), owner)), m_limit(countField(owner, 0, 100'000, 50)),
      m_use(new QLabel(owner)), m_clear(new QPushButton(tr("Empty it"), owner)), m_task(this)
{
    m_folder->setPlaceholderText(fromPath(usualCacheFolder()));
    m_folder->setToolTip(tr("Where statistics of calibrations and scores of comparisons are kept, so that nothing is computed twice"));
    m_browse->setAccessibleName(tr("Choose a folder for the cache"));
    m_limit->setSpecialValueText(tr("No limit"));
    m_limit->setSuffix(QStringLiteral(" GB"));
    m_limit->setToolTip(tr("What is not used for the longest goes when something new comes"));
    m_clear->setToolTip(tr("Removes all that nobody uses just now; it is computed again when it is needed"));
    m_clear->setAccessibleName(tr("Empty the cache"));
    for (QWidget* field : std::initializer_list<QWidget*>{m_folder, m_browse, m_limit, m_clear}) {
        field->setEnabled(false); // Until they say what is.
    }
    for (QPushButton* button : {m_browse, m_clear}) {
        button->setAutoDefault(false); // Enter in a dialog's field saves it and presses nothing.
    }
    connect(m_folder, &QLineEdit::editingFinished, this, [this] { refresh(true, false); });
    connect(m_limit, &QSpinBox::valueChanged, this, [this] { refresh(true, false); });
    connect(m_browse, &QPushButton::clicked, this, &CacheFields::browse);
    connect(m_clear, &QPushButton::clicked, this, [this] { refresh(false, true); });
    refresh(false, false);
}

void CacheFields::refresh(bool save, bool clear)
{
    std::optional<CacheSettings> toSave;
    if (save) {
        toSave = {toPath(m_folder->text().trimmed()), static_cast<std::uint64_t>(m_limit->value()) * kGigabyte};
    }
    m_task.start([toSave, clear](const std::stop_token&) { return look(toSave, clear); },
                 [this](const Found& found) {
                     const QSignalBlocker block(m_limit);
                     if (!found.error) {
                         m_folder->setText(fromPath(found.settings.folder));
                         m_limit->setValue(static_cast<int>((found.settings.bytesMax + kGigabyte - 1) / kGigabyte));
                     }
                     QString text = tr("%1 kept").arg(formatBytes(found.bytes));
                     if (found.inUse > 0) {
                         text = tr("%1 kept; what is in use stays").arg(formatBytes(found.bytes));
                     }
                     m_use->setText(found.error ? translated(*found.error) : text);
                     for (QWidget* field : std::initializer_list<QWidget*>{m_folder, m_browse, m_limit}) {
                         field->setEnabled(true);
                     }
                     m_clear->setEnabled(found.bytes > 0);
                 });
}

void CacheFields::browse()
{
    const FileChoice choice{FileChoice::Kind::Folder, tr("Choose a folder for the cache"), m_folder->text(), {}};
    chooseFile(m_folder, choice, this, [this](const QString& folder) {
        m_folder->setText(folder);
        refresh(true, false);
    });
}

} // namespace bitlathe::ui
