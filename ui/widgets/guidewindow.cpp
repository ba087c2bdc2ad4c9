// SPDX-License-Identifier: GPL-3.0-or-later
// GuideWindow: the user guide beside the window: contents, search, pages, back and forward.
#include "ui/widgets/guidewindow.h"

#include "ui/bridge/language.h"
#include "ui/bridge/numbers.h"
#include "ui/bridge/session.h"
#include "ui/models/entrymodel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/entrydelegate.h"
#include "ui/widgets/guideview.h"

#include <QAction>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QScrollBar>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace bitlathe::ui
{
namespace
{

using namespace Qt::StringLiterals;

constexpr QSize kFirstSize(1000, 760);
constexpr int kListWidth = 30 * kGrid;
const QString kIndex = u"index"_s;
const QString kGeometryKey = u"guide/geometry"_s;
const QString kSplitterKey = u"guide/splitter"_s;

} // namespace

GuideWindow::GuideWindow(QWidget* parent)
    : QDialog(parent, Qt::Window),
      m_view(new GuideView(this)),
      m_contents(new QTreeWidget(this)),
      m_finds(new QListWidget(this)),
      m_found(new QLabel(this)),
      m_lists(new QStackedWidget(this)),
      m_search(new QLineEdit(this)),
      m_splitter(new QSplitter(this))
{
    m_back = addButton(u"guideBack"_s, u"back"_s, {QKeySequence(u"Alt+Left"_s)}, [this] { go(-1); });
    m_forward = addButton(u"guideForward"_s, u"forward"_s, {QKeySequence(u"Alt+Right"_s)}, [this] { go(1); });
    m_home = addButton(u"guideHome"_s, u"start"_s, {QKeySequence(u"Alt+Home"_s)}, [this] { showTopic(kIndex); });
    m_keys = addButton(u"guideKeys"_s, u"command"_s, {}, [this] { Q_EMIT keysRequested(); });
    addButton(u"guideSearch"_s, {}, {QKeySequence(QKeySequence::Find)}, [this] {
        m_search->setFocus(Qt::ShortcutFocusReason);
        m_search->selectAll();
    })->hide();
    buildLists();
    layOut();
    connect(m_view, &GuideView::topicRequested, this, &GuideWindow::showTopic);
    connect(&Theme::instance(), &Theme::changed, this, [this] {
        if (m_guide) {
            fillContents();
            selectInContents();
        }
    });
    resize(kFirstSize);
    const QSettings settings;
    restoreGeometry(settings.value(kGeometryKey).toByteArray());
    m_splitter->restoreState(settings.value(kSplitterKey).toByteArray());
    nameAll();
    readAgain();
}

GuideWindow::~GuideWindow()
{
    QSettings settings;
    settings.setValue(kGeometryKey, saveGeometry());
    settings.setValue(kSplitterKey, m_splitter->saveState());
}

QToolButton* GuideWindow::addButton(const QString& id, const QString& icon, const QList<QKeySequence>& keys,
                                    std::function<void()> act)
{
    auto* action = new QAction(this);
    action->setObjectName(id);
    action->setShortcuts(keys);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut); // the main window has some of these keys, too
    if (!icon.isEmpty()) {
        action->setIcon(Theme::instance().icon(icon));
    }
    connect(action, &QAction::triggered, this, std::move(act));
    addAction(action);
    auto* button = new QToolButton(this);
    button->setDefaultAction(action);
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::TabFocus);
    return button;
}

void GuideWindow::buildLists()
{
    m_contents->setHeaderHidden(true);
    m_contents->setFrameShape(QFrame::NoFrame);
    m_contents->setRootIsDecorated(false);
    m_contents->setIndentation(0);
    m_finds->setFrameShape(QFrame::NoFrame);
    m_finds->setItemDelegate(new EntryDelegate(m_finds));
    m_finds->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_found->setForegroundRole(QPalette::PlaceholderText);
    m_found->setContentsMargins(kGrid, 0, 0, 0);
    m_search->setClearButtonEnabled(true);
    m_search->addAction(Theme::instance().icon(u"search"_s), QLineEdit::LeadingPosition);
    m_search->installEventFilter(this);
    connect(m_search, &QLineEdit::textChanged, this, &GuideWindow::search);
    const auto openPage = [this](QTreeWidgetItem* item) {
        if (item != nullptr && !item->data(0, Qt::UserRole).isNull()) {
            showTopic(item->data(0, Qt::UserRole).toString());
        }
    };
    connect(m_contents, &QTreeWidget::currentItemChanged, this, openPage);
    const auto openFind = [this](const QListWidgetItem* item) {
        if (item != nullptr) {
            showTopic(item->data(EntryModel::PayloadRole).toString());
        }
    };
    connect(m_finds, &QListWidget::currentItemChanged, this, openFind);
}

void GuideWindow::layOut()
{
    auto* found = new QWidget(m_lists);
    auto* foundLayout = new QVBoxLayout(found);
    foundLayout->setContentsMargins(0, 0, 0, 0);
    foundLayout->addWidget(m_found);
    foundLayout->addWidget(m_finds, 1);
    m_lists->addWidget(m_contents);
    m_lists->addWidget(found);

    auto* left = new QWidget(m_splitter);
    auto* leftLayout = new QVBoxLayout(left);
    leftLayout->setContentsMargins(kGrid, kGrid, 0, kGrid);
    auto* bar = new QHBoxLayout;
    bar->setSpacing(kGrid / 2);
    for (QToolButton* button : {m_home, m_back, m_forward, m_keys}) {
        bar->addWidget(button);
    }
    bar->insertStretch(3);
    leftLayout->addLayout(bar);
    leftLayout->addWidget(m_search);
    leftLayout->addWidget(m_lists, 1);
    m_splitter->addWidget(left);
    m_splitter->addWidget(m_view);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setSizes({kListWidth, kFirstSize.width() - kListWidth});
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_splitter);
    const QList<QWidget*> order{m_search, m_contents, m_finds, m_view, m_home, m_back, m_forward, m_keys};
    for (qsizetype i = 1; i < order.size(); ++i) {
        setTabOrder(order[i - 1], order[i]);
    }
}

void GuideWindow::nameAll()
{
    setWindowTitle(tr("Guide"));
    const auto name = [](QToolButton* button, const QString& text) {
        QAction* action = button->defaultAction();
        action->setText(text);
        const QString key = action->shortcut().toString(QKeySequence::NativeText);
        action->setToolTip(key.isEmpty() ? text : tr("%1 (%2)").arg(text, key));
        button->setAccessibleName(text);
    };
    name(m_back, tr("Back"));
    name(m_forward, tr("Forward"));
    name(m_home, tr("Contents"));
    name(m_keys, tr("List of keys"));
    m_search->setPlaceholderText(tr("Search the guide"));
    m_search->setAccessibleName(tr("Search the guide"));
    m_contents->setAccessibleName(tr("Contents of the guide"));
    m_finds->setAccessibleName(tr("Places that were found"));
}

void GuideWindow::readAgain()
{
    m_reading.start([language = language()](std::stop_token) { return readGuide(language); },
                    [this](const Result<GuidePtr>& guide) {
                        if (!guide) {
                            m_view->setPlainText(translated(guide.error()));
                            return;
                        }
                        m_guide = *guide;
                        fillContents();
                        search();
                        const Place place = m_place < 0 ? Place{kIndex} : m_places[static_cast<std::size_t>(m_place)];
                        open(place.topic, place.scroll > 0 ? place.scroll : -1);
                    });
}

void GuideWindow::fillContents()
{
    const QSignalBlocker quiet(m_contents);
    m_contents->clear();
    QString section;
    for (const GuidePage& page : m_guide->pages) {
        if (page.section != section) {
            section = page.section;
            auto* heading = new QTreeWidgetItem(m_contents, {section});
            heading->setFlags(Qt::NoItemFlags); // keys pass over it
            heading->setForeground(0, Theme::instance().color(ColorId::Text));
            QFont strong = m_contents->font();
            strong.setWeight(QFont::DemiBold);
            heading->setFont(0, strong);
            heading->setTextAlignment(0, Qt::AlignLeft | Qt::AlignBottom);
            heading->setSizeHint(0, {0, m_contents->fontMetrics().height() + 2 * kGrid});
        }
        if (page.id != kIndex) {
            auto* item = new QTreeWidgetItem(m_contents, {page.title});
            item->setData(0, Qt::UserRole, page.id);
            item->setSizeHint(0, {0, m_contents->fontMetrics().height() + kGrid / 2});
        }
    }
}

void GuideWindow::search()
{
    const QString words = m_search->text().trimmed();
    m_lists->setCurrentIndex(words.isEmpty() ? 0 : 1);
    if (words.isEmpty()) {
        m_view->setExtraSelections({});
    }
    if (!m_guide) {
        return;
    }
    const QSignalBlocker quiet(m_finds);
    m_finds->clear();
    for (const GuideFind& find : m_guide->find(words)) {
        auto* item = new QListWidgetItem(find.heading.isEmpty() ? find.page : find.heading, m_finds);
        const QString facts = find.heading.isEmpty() ? find.excerpt : find.page + u" · "_s + find.excerpt;
        item->setData(EntryModel::PayloadRole, find.topic);
        item->setData(EntryModel::FactsRole, facts);
        item->setData(EntryModel::IconRole, u"note"_s);
        item->setData(Qt::AccessibleTextRole, QString(item->text() + u": "_s + facts));
        item->setToolTip(facts);
    }
    m_found->setText(m_finds->count() == 0 ? tr("Nothing was found.")
                                           : tr("Found: %1").arg(formatCount(m_finds->count())));
}

QString GuideWindow::topic() const
{
    return m_place < 0 ? kIndex : m_places[static_cast<std::size_t>(m_place)].topic;
}

void GuideWindow::showTopic(const QString& topic)
{
    if (m_place >= 0) {
        m_places[static_cast<std::size_t>(m_place)].scroll = m_view->verticalScrollBar()->value();
    }
    if (m_place < 0 || this->topic() != topic) {
        m_places.resize(static_cast<std::size_t>(m_place + 1)); // what was forward is another way now
        m_places.push_back({topic});
        ++m_place;
    }
    open(topic);
}

void GuideWindow::go(int step)
{
    const int wanted = m_place + step;
    if (wanted < 0 || wanted >= std::ssize(m_places)) {
        return;
    }
    m_places[static_cast<std::size_t>(m_place)].scroll = m_view->verticalScrollBar()->value();
    m_place = wanted;
    const Place& place = m_places[static_cast<std::size_t>(wanted)];
    open(place.topic, place.scroll);
}

void GuideWindow::open(const QString& topic, int scroll)
{
    m_back->defaultAction()->setEnabled(m_place > 0);
    m_forward->defaultAction()->setEnabled(m_place + 1 < std::ssize(m_places));
    if (!m_guide) {
        return; // shown as soon as it is read
    }
    const QString wanted = topic.section(u'#', 0, 0);
    const QString id = m_guide->page(wanted) == nullptr ? kIndex : wanted;
    m_view->showPage(m_guide, id, topic.section(u'#', 1), m_search->text().trimmed());
    if (scroll >= 0) {
        m_view->verticalScrollBar()->setValue(scroll);
    }
    selectInContents();
    setWindowTitle(id == kIndex ? tr("Guide") : tr("%1 — Guide").arg(m_guide->page(id)->title));
}

void GuideWindow::selectInContents()
{
    const QSignalBlocker quiet(m_contents);
    const QString id = topic().section(u'#', 0, 0);
    m_contents->setCurrentItem(nullptr);
    for (QTreeWidgetItemIterator i(m_contents); *i != nullptr; ++i) {
        if ((*i)->data(0, Qt::UserRole).toString() == id) {
            m_contents->setCurrentItem(*i);
            m_contents->scrollToItem(*i);
        }
    }
}

void GuideWindow::changeEvent(QEvent* event)
{
    QDialog::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) {
        nameAll();
        readAgain();
    }
}

void GuideWindow::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape && !m_search->text().isEmpty()) {
        m_search->clear();
        return;
    }
    QDialog::keyPressEvent(event);
}

bool GuideWindow::eventFilter(QObject* watched, QEvent* event)
{
    // From the field to what was found, without the mouse.
    if (watched == m_search && event->type() == QEvent::KeyPress && m_finds->count() > 0 &&
        !m_search->text().isEmpty()) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Down || key == Qt::Key_Return || key == Qt::Key_Enter) {
            m_finds->setFocus(Qt::OtherFocusReason);
            m_finds->setCurrentRow(std::max(0, m_finds->currentRow()));
            return true;
        }
    }
    return QDialog::eventFilter(watched, event);
}

} // namespace bitlathe::ui
