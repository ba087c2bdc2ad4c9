// SPDX-License-Identifier: Apache-2.0
// Console: what a command says. Results on stdout, everything else on stderr.
#pragma once

#include "core/base/finding.h"
#include "core/base/json.h"
#include "core/base/progress.h"

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>

namespace bitlathe::cli
{

/// How to speak, from the options that all commands have.
struct ConsoleOptions
{
    bool json = false;  ///< One JSON document on stdout instead of text.
    bool quiet = false; ///< No progress, no notes.
};

/// Any thread.
class Console
{
public:
    Console();
    Console(const Console&) = delete;
    Console& operator=(const Console&) = delete;

    void configure(const ConsoleOptions& options) { m_options = options; }
    bool json() const { return m_options.json; }
    bool quiet() const { return m_options.quiet; }

    /// Text for people on stdout; nothing under --json.
    void print(std::string_view text);
    /// Documents of --json are many, of one line each.
    void documentsAreLines() { m_documentsAreLines = true; }
    /// The one document of --json; nothing without it.
    void document(const Json& document);
    /// A line on stderr; nothing under --quiet.
    void note(std::string_view line);
    void finding(const Finding& finding);
    /// An error's sentence on stderr, or its document on stdout under --json.
    void error(const Error& error);

    /// A bar on a terminal, else a line for each step and ten percent, twice a second at most; nothing under --quiet.
    ProgressSink progress();
    /// Ends the bar.
    void progressDone();

private:
    void showProgress(double fraction, const std::string& title);
    void drawBar(double fraction, const std::string& title);
    void clearBar();
    void write(std::FILE* stream, std::string_view text);
    void writeDocument(const Json& document);

    std::mutex m_mutex;
    ConsoleOptions m_options;
    bool m_documentsAreLines = false;
    bool m_terminal = false;
    bool m_barShown = false;
    std::string m_lastTitle;
    int m_lastTenth = -1;
    std::chrono::steady_clock::time_point m_started;
    std::chrono::steady_clock::time_point m_lastDrawn;
};

} // namespace bitlathe::cli
