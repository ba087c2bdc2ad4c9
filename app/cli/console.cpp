// SPDX-License-Identifier: Apache-2.0
// Console: what a command says. Results on stdout, everything else on stderr.
#include "app/cli/console.h"

#include "app/cli/table.h"
#include "core/report/documents.h"
#include "core/report/numbers.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace bitlathe::cli
{

namespace
{

using Clock = std::chrono::steady_clock;
constexpr auto kRedrawEvery = std::chrono::milliseconds(100);
constexpr auto kLineEvery = std::chrono::milliseconds(500);

std::size_t terminalWidth()
{
    winsize size = {};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/// The start of text that fits into width columns.
std::string cut(std::string text, std::size_t width)
{
    while (!text.empty() && displayWidth(text) > width) {
        do {
            text.pop_back();
        } while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80);
    }
    return text;
}

} // namespace

Console::Console() : m_terminal(::isatty(STDERR_FILENO) == 1), m_started(Clock::now()) {}

void Console::write(std::FILE* stream, std::string_view text)
{
    clearBar();
    std::fwrite(text.data(), 1, text.size(), stream);
    std::fflush(stream);
}

void Console::print(std::string_view text)
{
    const std::lock_guard lock(m_mutex);
    if (!m_options.json) {
        write(stdout, text);
    }
}

void Console::document(const Json& document)
{
    const std::lock_guard lock(m_mutex);
    if (m_options.json) {
        writeDocument(document);
    }
}

void Console::writeDocument(const Json& document)
{
    write(stdout, report::documentText(document, m_documentsAreLines ? -1 : 2));
}

void Console::note(std::string_view line)
{
    const std::lock_guard lock(m_mutex);
    if (!m_options.quiet) {
        write(stderr, std::string(line) + '\n');
    }
}

void Console::finding(const Finding& finding)
{
    std::string line =
        fmt::format("{}: {}: {}.", severityName(finding.severity), finding.subject, finding.message.english());
    if (!finding.advice.empty()) {
        line += ' ' + finding.advice.english() + '.';
    }
    note(line);
}

void Console::error(const Error& error)
{
    const std::lock_guard lock(m_mutex);
    if (m_options.json) {
        writeDocument(report::errorDocument(error));
    } else {
        write(stderr, "error: " + report::printable(error.sentence()) + '\n');
    }
}

ProgressSink Console::progress()
{
    if (m_options.quiet) {
        return {};
    }
    const std::lock_guard lock(m_mutex);
    m_started = Clock::now();
    m_lastTitle.clear();
    m_lastTenth = -1;
    return ProgressSink([this](double fraction, const Text& title) { showProgress(fraction, title.english()); });
}

void Console::progressDone()
{
    const std::lock_guard lock(m_mutex);
    clearBar();
}

void Console::showProgress(double fraction, const std::string& title)
{
    const std::lock_guard lock(m_mutex);
    const double share = std::clamp(fraction, 0.0, 1.0);
    if (m_terminal) {
        if (const auto now = Clock::now(); now - m_lastDrawn >= kRedrawEvery || share >= 1) {
            m_lastDrawn = now;
            drawBar(share, title);
        }
        return;
    }
    const int tenth = static_cast<int>(share * 10);
    const auto now = Clock::now();
    if ((title != m_lastTitle || tenth > m_lastTenth) && now - m_lastDrawn >= kLineEvery) {
        m_lastTitle = title;
        m_lastTenth = tenth;
        m_lastDrawn = now;
        write(stderr, fmt::format("{:3.0f} %{}{}\n", share * 100, title.empty() ? "" : "  ", title));
    }
}

void Console::drawBar(double fraction, const std::string& title)
{
    constexpr int kCells = 24;
    std::string bar;
    for (int i = 0; i < kCells; ++i) {
        bar += i < static_cast<int>(fraction * kCells + 0.5) ? "█" : "░";
    }
    const std::chrono::duration<double> elapsed = Clock::now() - m_started;
    std::string left;
    if (fraction > 0.02 && elapsed.count() > 1) {
        left = report::durationText(elapsed.count() * (1 - fraction) / fraction) + " left  ";
    }
    const std::string line = fmt::format("{} {:3.0f} %  {}{}", bar, fraction * 100, left, title);
    std::fputs(("\r\033[K" + cut(line, terminalWidth() - 1)).c_str(), stderr);
    std::fflush(stderr);
    m_barShown = true;
}

void Console::clearBar()
{
    if (m_barShown) {
        std::fputs("\r\033[K", stderr);
        std::fflush(stderr);
        m_barShown = false;
    }
}

} // namespace bitlathe::cli
