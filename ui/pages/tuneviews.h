// SPDX-License-Identifier: GPL-3.0-or-later
// TuneNumbers and TunePlots: what one setting does to a layer.
#pragma once

#include "core/quant/whatif.h"
#include "ui/widgets/numberrow.h"

#include <QSplitter>

#include <cstdint>
#include <vector>

namespace bitlathe::ui
{

class HistogramPlot;
class MapPlot;

/// Bits per weight, output error with its verdict, size and time.
class TuneNumbers : public NumberRow
{
    Q_OBJECT

public:
    explicit TuneNumbers(QWidget* parent = nullptr);

    /// waited: seconds from the setting to its first answer.
    void showAnswer(const quant::WhatIf& answer, double waited);

private:
    QLabel* m_bitsPerWeight;
    QLabel* m_error;
    QLabel* m_size;
    QLabel* m_time;
};

/// Histogram with the grid of one group, and below it where the error is. The last three settings leave a faint trace in
/// the histogram.
class TunePlots : public QSplitter
{
    Q_OBJECT

public:
    explicit TunePlots(QWidget* parent = nullptr);

    void showAnswer(const quant::WhatIf& answer);
    void forget(); ///< Traces: another layer comes next.
    void clear();

private:
    void showHistogram(const quant::WhatIf& answer);
    void showErrorMap(const quant::WhatIf& answer);

    HistogramPlot* m_histogram;
    MapPlot* m_errorMap;
    std::vector<std::vector<std::int64_t>> m_traces; ///< Newest first.
    std::vector<std::int64_t> m_settled;             ///< Of the last answer of all rows.
};

} // namespace bitlathe::ui
