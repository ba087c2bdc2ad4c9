// SPDX-License-Identifier: GPL-3.0-or-later
// PlotWidget: what every plot has: title, axes with units, read-out, zoom, copy and export, a table twin, theme
// colours.
#include "ui/plots/plotwidget.h"

#include "ui/bridge/filechoice.h"
#include "ui/plots/canvas.h"
#include "ui/theme/theme.h"

#include <qcustomplot.h>

#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QMenu>
#include <QMessageBox>
#include <QPageSize>
#include <QPdfWriter>
#include <QSvgGenerator>
#include <QVBoxLayout>

namespace bitlathe::ui
{

namespace
{

/// A field of a CSV file: C locale for numbers, quoted where needed.
QString csvField(const QVariant& value)
{
    if (value.typeId() == QMetaType::Double || value.typeId() == QMetaType::Float) {
        return QLocale::c().toString(value.toDouble(), 'g', 9);
    }
    QString text = value.toString();
    if (text.contains(QLatin1Char(',')) || text.contains(QLatin1Char('"')) || text.contains(QLatin1Char('\n'))) {
        text.replace(QLatin1String("\""), QLatin1String("\"\""));
        text = QLatin1Char('"') + text + QLatin1Char('"');
    }
    return text;
}

/// One unit of the device is a pixel of the plot.
bool paintOn(QPaintDevice& device, QCustomPlot& plot)
{
    QCPPainter painter;
    if (!painter.begin(&device)) {
        return false;
    }
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    painter.fillRect(plot.rect(), plot.palette().window());
    plot.toPainter(&painter, plot.width(), plot.height());
    return painter.end();
}

bool writeSvg(QCustomPlot& plot, const QString& file, const QString& title)
{
    QSvgGenerator generator;
    generator.setFileName(file);
    generator.setTitle(title);
    generator.setSize(plot.size());
    generator.setViewBox(plot.rect());
    return paintOn(generator, plot);
}

/// QCustomPlot's own way goes through a printer, for which Qt asks a print server, over the network if need be.
bool writePdf(QCustomPlot& plot, const QString& file, const QString& title)
{
    constexpr int kPointsAnInch = 72;
    QPdfWriter writer(file);
    writer.setResolution(kPointsAnInch);
    writer.setPageSize(QPageSize(QSizeF(plot.size()), QPageSize::Point, {}, QPageSize::ExactMatch));
    writer.setPageMargins({});
    writer.setTitle(title);
    writer.setCreator(QStringLiteral("Bitlathe"));
    return paintOn(writer, plot);
}

} // namespace

QString csvText(const PlotTable& numbers)
{
    QString text;
    const auto addLine = [&text](const auto& fields) {
        QStringList line;
        for (const auto& field : fields) {
            line << csvField(field);
        }
        text += line.join(QLatin1Char(',')) + QLatin1Char('\n');
    };
    addLine(numbers.header);
    for (const QList<QVariant>& row : numbers.rows) {
        addLine(row);
    }
    return text;
}

PlotWidget::PlotWidget(QWidget* parent)
    : QWidget(parent),
      m_plot(newCanvas(this)),
      m_title(new QLabel(this)),
      m_empty(new QLabel(this)),
      m_crossX(new QCPItemStraightLine(m_plot)),
      m_crossY(new QCPItemStraightLine(m_plot)),
      m_readOut(new QCPItemText(m_plot))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(2, 2, 2, 2); // of the frame that shows the focus
    layout->setSpacing(4);
    layout->addWidget(m_title);
    layout->addWidget(m_plot, 1);
    layout->addWidget(m_empty, 1);
    QFont bold = m_title->font();
    bold.setWeight(QFont::DemiBold);
    m_title->setFont(bold);
    m_title->setWordWrap(true);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setMargin(16);

    m_plot->setObjectName(QStringLiteral("plotArea"));
    m_plot->setMinimumSize(50, 50); // a picture without area can't be painted on
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    m_plot->setNoAntialiasingOnDrag(true);
    m_plot->axisRect()->setupFullAxesBox(false);
    m_plot->xAxis2->setVisible(false);
    m_plot->yAxis2->setVisible(false);
    m_plot->setContextMenuPolicy(Qt::CustomContextMenu);
    m_plot->setMouseTracking(true);
    m_plot->installEventFilter(this);
    m_plot->legend->setVisible(false);
    m_plot->axisRect()->insetLayout()->setInsetAlignment(0, Qt::AlignTop | Qt::AlignRight);

    for (QCPItemStraightLine* line : {m_crossX, m_crossY}) {
        line->setVisible(false);
        line->setSelectable(false);
    }
    m_readOut->position->setType(QCPItemPosition::ptAxisRectRatio);
    m_readOut->position->setCoords(0.0, 0.0);
    m_readOut->setPositionAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_readOut->setTextAlignment(Qt::AlignLeft);
    m_readOut->setPadding(QMargins(6, 3, 6, 3));
    m_readOut->setVisible(false);
    m_readOut->setLayer(QStringLiteral("overlay"));

    connect(m_plot, &QWidget::customContextMenuRequested, this, &PlotWidget::showMenu);
    connect(m_plot, &QCustomPlot::mouseDoubleClick, this, [this] { resetView(); });
    connect(&Theme::instance(), &Theme::changed, this, &PlotWidget::recolour);
    setFocusPolicy(Qt::StrongFocus);
}

PlotWidget::~PlotWidget() = default;

void PlotWidget::setTitle(const QString& title)
{
    m_title->setText(title);
    setAccessibleName(title);
}

QString PlotWidget::title() const
{
    return m_title->text();
}

void PlotWidget::setAxisTitles(const QString& x, const QString& y)
{
    m_plot->xAxis->setLabel(x);
    m_plot->yAxis->setLabel(y);
}

void PlotWidget::setEmptyText(const QString& text)
{
    m_emptyText = text;
    m_empty->setText(text);
    m_empty->setVisible(isEmpty());
    m_plot->setVisible(!isEmpty());
}

void PlotWidget::setSummary(const QString& summary)
{
    setAccessibleDescription(summary);
}

QString PlotWidget::csv() const
{
    return csvText(table());
}

QString PlotWidget::saveAs(const QString& file) const
{
    const QString ending = QFileInfo(file).suffix().toLower();
    bool saved = false;
    if (ending == QLatin1String("csv")) {
        QSaveFile out(file);
        saved = out.open(QIODevice::WriteOnly) && out.write(csv().toUtf8()) >= 0 && out.commit();
    } else if (ending == QLatin1String("svg")) {
        saved = writeSvg(*m_plot, file, title());
    } else if (ending == QLatin1String("pdf")) {
        saved = writePdf(*m_plot, file, title());
    } else {
        saved = m_plot->savePng(file, m_plot->width(), m_plot->height(), 2.0);
    }
    return saved ? QString() : tr("%1 could not be written. Choose another folder.").arg(file);
}

void PlotWidget::setLogY(bool logarithmic)
{
    m_logY = logarithmic;
    m_plot->yAxis->setScaleType(logarithmic ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    m_plot->yAxis->setTicker(logarithmic ? QSharedPointer<QCPAxisTicker>(new QCPAxisTickerLog)
                                         : QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
    resetView();
}

void PlotWidget::resetView()
{
    if (!isEmpty()) {
        fitView();
    }
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void PlotWidget::dataReplaced(bool keepView)
{
    const bool empty = isEmpty();
    if (!keepView) { // What was under the mouse is no more.
        m_crossX->setVisible(false);
        m_crossY->setVisible(false);
        m_readOut->setVisible(false);
    }
    m_empty->setVisible(empty && !m_emptyText.isEmpty());
    m_plot->setVisible(!empty || m_emptyText.isEmpty());
    placeLegend();
    if (!empty && !keepView) {
        fitView();
    }
    recolour();
    Q_EMIT tableChanged();
}

void PlotWidget::placeLegend()
{
    QCPLegend* legend = m_plot->legend;
    if (!legend->visible() || legend->itemCount() == 0) {
        return;
    }
    if (legend->layout() != m_plot->plotLayout()) { // below the plot, where it never hides data
        legend->layout()->take(legend);
        m_plot->plotLayout()->addElement(m_plot->plotLayout()->rowCount(), 0, legend);
        m_plot->plotLayout()->setRowStretchFactor(m_plot->plotLayout()->rowCount() - 1, 0.001);
        legend->setMargins(QMargins(8, 0, 8, 4));
        legend->setColumnSpacing(16);
    }
    int widest = 1;
    for (int i = 0; i < legend->elementCount(); ++i) {
        if (const QCPLayoutElement* item = legend->elementAt(i); item != nullptr) { // places of the grid may be empty
            widest = std::max(widest, item->minimumOuterSizeHint().width() + legend->columnSpacing());
        }
    }
    legend->setWrap(std::clamp(m_plot->width() / widest, 1, legend->itemCount()));
    legend->setFillOrder(QCPLayoutGrid::foColumnsFirst, true);
}

QString PlotWidget::number(double value)
{
    return QLocale().toString(value, 'g', 4);
}

void PlotWidget::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        recolour();
    }
    QWidget::changeEvent(event);
}

void PlotWidget::paintEvent(QPaintEvent* event)
{
    QWidget::paintEvent(event);
    if (hasFocus() && window()->testAttribute(Qt::WA_KeyboardFocusChange)) {
        QPainter painter(this);
        painter.setPen(QPen(Theme::instance().color(ColorId::Accent), 2));
        painter.drawRect(rect().adjusted(1, 1, -1, -1));
    }
}

void PlotWidget::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    update();
}

void PlotWidget::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

void PlotWidget::recolour()
{
    const Theme& theme = Theme::instance();
    const QColor muted = theme.color(ColorId::TextMuted);
    m_plot->setBackground(theme.color(ColorId::Surface));
    QPalette emptyPalette = m_empty->palette();
    emptyPalette.setColor(QPalette::WindowText, muted);
    m_empty->setPalette(emptyPalette);
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis}) {
        axis->setBasePen(QPen(theme.color(ColorId::Border)));
        axis->setTickPen(QPen(theme.color(ColorId::Border)));
        axis->setSubTickPen(Qt::NoPen);
        axis->setTickLabelColor(muted);
        axis->setLabelColor(theme.color(ColorId::Text));
        axis->setTickLabelFont(font());
        axis->setLabelFont(font());
        axis->grid()->setPen(QPen(theme.color(ColorId::PlotGrid), 1));
        axis->grid()->setZeroLinePen(Qt::NoPen);
    }
    const QPen cross(muted, 1, Qt::DotLine);
    m_crossX->setPen(cross);
    m_crossY->setPen(cross);
    m_readOut->setColor(theme.color(ColorId::Text));
    m_readOut->setBrush(theme.color(ColorId::SurfaceRaised));
    m_readOut->setPen(QPen(theme.color(ColorId::Border)));
    m_readOut->setFont(font());
    QColor behind = theme.color(ColorId::Surface);
    behind.setAlpha(220);
    m_plot->legend->setBrush(behind);
    m_plot->legend->setBorderPen(Qt::NoPen);
    m_plot->legend->setTextColor(theme.color(ColorId::Text));
    m_plot->legend->setFont(font());
    applyColours();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

bool PlotWidget::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_plot) {
        if (event->type() == QEvent::Resize) {
            placeLegend();
        } else if (event->type() == QEvent::MouseMove) {
            moveReadOut(static_cast<QMouseEvent*>(event)->pos());
        } else if (event->type() == QEvent::Leave) {
            m_crossX->setVisible(false);
            m_crossY->setVisible(false);
            m_readOut->setVisible(false);
            m_plot->replot(QCustomPlot::rpQueuedReplot);
        } else if (event->type() == QEvent::MouseButtonPress) {
            m_pressed = static_cast<QMouseEvent*>(event)->pos();
        } else if (event->type() == QEvent::MouseButtonRelease) {
            const auto* mouse = static_cast<QMouseEvent*>(event);
            if (mouse->button() == Qt::LeftButton && (mouse->pos() - m_pressed).manhattanLength() < 4) {
                activate(m_plot->xAxis->pixelToCoord(mouse->pos().x()), m_plot->yAxis->pixelToCoord(mouse->pos().y()));
            }
        }
    }
    return QWidget::eventFilter(watched, event);
}

void PlotWidget::moveReadOut(const QPoint& position)
{
    const QRect inside = m_plot->axisRect()->rect();
    const double x = m_plot->xAxis->pixelToCoord(position.x());
    const double y = m_plot->yAxis->pixelToCoord(position.y());
    const QString text = inside.contains(position) ? readOut(x, y) : QString();
    const bool shown = !text.isEmpty();
    m_crossX->setVisible(shown);
    m_crossY->setVisible(shown);
    m_readOut->setVisible(shown);
    if (shown) {
        m_crossX->point1->setCoords(x, 0);
        m_crossX->point2->setCoords(x, 1);
        m_crossY->point1->setCoords(0, y);
        m_crossY->point2->setCoords(1, y);
        m_readOut->setText(text);
        // Keep clear of the mouse: the read-out sits in the half of the plot where the mouse is not.
        const bool left = position.x() > inside.center().x();
        m_readOut->position->setCoords(left ? 0.01 : 0.99, 0.02);
        m_readOut->setPositionAlignment(Qt::AlignTop | (left ? Qt::AlignLeft : Qt::AlignRight));
    }
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void PlotWidget::showMenu(const QPoint& position)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const double x = m_plot->xAxis->pixelToCoord(position.x());
    const double y = m_plot->yAxis->pixelToCoord(position.y());
    if (const QString text = isEmpty() ? QString() : readOut(x, y); !text.isEmpty()) {
        if (leadsSomewhere()) {
            menu->addAction(tr("Select what is here"), this, [this, x, y] { activate(x, y); });
        }
        menu->addAction(tr("Copy value"), this, [text] { QGuiApplication::clipboard()->setText(text); });
        menu->addSeparator();
    }
    menu->addAction(tr("Reset view"), this, &PlotWidget::resetView);
    if (offersLogY()) {
        QAction* logAction = menu->addAction(tr("Logarithmic axis"), this, [this] { setLogY(!m_logY); });
        logAction->setCheckable(true);
        logAction->setChecked(m_logY);
    }
    menu->addSeparator();
    menu->addAction(tr("Copy image"), this, &PlotWidget::copyImage);
    menu->addAction(tr("Copy as CSV"), this, [this] { QGuiApplication::clipboard()->setText(csv()); });
    menu->addSeparator();
    for (const QString& ending :
         {QStringLiteral("PNG"), QStringLiteral("SVG"), QStringLiteral("PDF"), QStringLiteral("CSV")}) {
        menu->addAction(tr("Save as %1…").arg(ending), this, [this, ending] { saveThroughDialog(ending.toLower()); });
    }
    menu->popup(m_plot->mapToGlobal(position));
}

void PlotWidget::saveThroughDialog(const QString& ending)
{
    const FileChoice choice{FileChoice::Kind::Save, tr("Save plot"), {}, {QStringLiteral("*.") + ending}};
    chooseFile(this, choice, this, [this](const QString& file) {
        if (const QString error = saveAs(file); !error.isEmpty()) {
            auto* box = new QMessageBox(QMessageBox::Warning, tr("Save plot"), error, QMessageBox::Ok, this);
            box->setAttribute(Qt::WA_DeleteOnClose);
            box->open();
        }
    });
}

void PlotWidget::copyImage() const
{
    QGuiApplication::clipboard()->setPixmap(m_plot->toPixmap(m_plot->width(), m_plot->height(), 2.0));
}

} // namespace bitlathe::ui
