// SPDX-License-Identifier: GPL-3.0-or-later
// GuideWindow: the user guide beside the window: contents, search, pages, back and forward.
#pragma once

#include "ui/bridge/latesttask.h"
#include "ui/widgets/guide.h"

#include <QDialog>

#include <functional>

class QLabel;
class QLineEdit;
class QListWidget;
class QSplitter;
class QStackedWidget;
class QToolButton;
class QTreeWidget;

namespace bitlathe::ui
{

class GuideView;

/// Reads the guide of the window's language off the UI thread, and again when the language changes.
class GuideWindow : public QDialog
{
    Q_OBJECT

public:
    explicit GuideWindow(QWidget* parent = nullptr);
    ~GuideWindow() override;

    /// A page, or a heading of one: "tune", "glossary#perplexity". The index where there is none of this name.
    void showTopic(const QString& topic);
    QString topic() const; ///< That is shown, or will be as soon as the guide is read.
    bool isBusy() const { return m_reading.busy(); }

    GuideView* view() const { return m_view; }
    QTreeWidget* contents() const { return m_contents; }
    QListWidget* finds() const { return m_finds; }
    QLineEdit* searchField() const { return m_search; }

Q_SIGNALS:
    void keysRequested(); ///< The list of shortcuts is wanted.

protected:
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    /// A page that was shown, and how far down.
    struct Place
    {
        QString topic;
        int scroll = 0;
    };

    QToolButton* addButton(const QString& id, const QString& icon, const QList<QKeySequence>& keys,
                           std::function<void()> act);
    void buildLists();
    void layOut();
    void nameAll();
    void readAgain();
    void fillContents();
    void search();
    void open(const QString& topic, int scroll = -1);
    void go(int step);
    void selectInContents();

    GuideView* m_view;
    QTreeWidget* m_contents;
    QListWidget* m_finds;
    QLabel* m_found;
    QStackedWidget* m_lists;
    QLineEdit* m_search;
    QSplitter* m_splitter;
    QToolButton* m_back = nullptr;
    QToolButton* m_forward = nullptr;
    QToolButton* m_home = nullptr;
    QToolButton* m_keys = nullptr;
    GuidePtr m_guide;
    std::vector<Place> m_places;
    int m_place = -1;
    LatestTask m_reading{this};
};

} // namespace bitlathe::ui
