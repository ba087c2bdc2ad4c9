// SPDX-License-Identifier: GPL-3.0-or-later
// PlotWidget: what every plot has: title, axes with units, read-out, zoom, copy and export, a table twin, theme
// colours.
#pragma once

#include <QList>
#include <QString>
#include <QStringList>
#include <QVariant>
#include <QWidget>

class QCustomPlot;
class QCPItemStraightLine;
class QCPItemText;
class QLabel;
class QMenu;
class QMouseEvent;

namespace bitlathe::ui
{

/// The numbers of a plot as a table, for keyboard and screen reader users and for CSV.
struct PlotTable
{
    QStringList header;
    QList<QList<QVariant>> rows;
};

/// In the C locale, fields quoted where needed.
QString csvText(const PlotTable& numbers);

/// Base of all plots. Wheel zooms, drag pans, double click resets, the context menu copies, saves (PNG, SVG, PDF, CSV)
/// and switches logarithmic axes. A subclass draws into plot() and says what is under the mouse.
class PlotWidget : public QWidget
{
    Q_OBJECT

public:
    explicit PlotWidget(QWidget* parent = nullptr);
    ~PlotWidget() override;

    void setTitle(const QString& title);
    QString title() const;
    void setAxisTitles(const QString& x, const QString& y);
    /// Shown in place of the plot while it has no data: what would be here, and how to get it.
    void setEmptyText(const QString& text);
    /// One sentence that says what the plot shows, for screen readers.
    void setSummary(const QString& summary);

    virtual PlotTable table() const = 0;
    /// A row of table() was chosen: what a click at its place does.
    virtual void activateRow(int /*row*/) {}
    QString csv() const;
    /// By the ending of file: png, svg, pdf or csv. An empty string, or why it did not work.
    QString saveAs(const QString& file) const;

    void setLogY(bool logarithmic);
    bool logY() const { return m_logY; }
    void resetView();

    QSize sizeHint() const override { return {480, 280}; }
    QSize minimumSizeHint() const override { return {200, 140}; }

Q_SIGNALS:
    void tableChanged();

protected:
    QCustomPlot& plot() const { return *m_plot; }
    /// True while there is nothing to draw.
    virtual bool isEmpty() const = 0;
    /// Sets colours of what the subclass drew; the base's own are done.
    virtual void applyColours() = 0;
    /// Sets the axis ranges that show everything.
    virtual void fitView() = 0;
    /// What is at this place, in plot coordinates; empty: nothing.
    virtual QString readOut(double x, double y) const = 0;
    /// A click at this place.
    virtual void activate(double /*x*/, double /*y*/) {}
    /// Whether somebody listens to such clicks.
    virtual bool leadsSomewhere() const { return false; }
    virtual bool offersLogY() const { return false; }

    /// To be called after new data: shows or hides the empty text, recolours, redraws.
    void dataReplaced(bool keepView = false);
    /// A number with four significant digits, in the user's locale.
    static QString number(double value);

    void changeEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void placeLegend();
    void recolour();
    void moveReadOut(const QPoint& position);
    void showMenu(const QPoint& position);
    void saveThroughDialog(const QString& ending);
    void copyImage() const;

    QCustomPlot* m_plot;
    QLabel* m_title;
    QLabel* m_empty;
    QCPItemStraightLine* m_crossX;
    QCPItemStraightLine* m_crossY;
    QCPItemText* m_readOut;
    QString m_emptyText;
    QPoint m_pressed;
    bool m_logY = false;
};

} // namespace bitlathe::ui
