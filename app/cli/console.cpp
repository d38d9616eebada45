#include "cli/console.h"

#include "hub/durable.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <sys/ioctl.h>
#include <unistd.h>

namespace apiary::cli {

namespace {

constexpr std::chrono::seconds lineInterval{10};
constexpr std::chrono::milliseconds drawInterval{100};
constexpr int barWidth = 24;

std::string duration(double seconds)
{
    const auto whole = static_cast<long>(std::ceil(std::min(seconds, 1e7)));
    char text[32];
    if (whole >= 3600)
        std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
    else
        std::snprintf(text, sizeof text, "%ld:%02ld", whole / 60, whole % 60);
    return text;
}

std::size_t terminalWidth()
{
    winsize size{};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20)
        return size.ws_col;
    return 80;
}

bool ended(const Progress &progress)
{
    return progress.total > 0 && progress.done >= progress.total;
}

} // namespace

std::string progressText(const Progress &progress)
{
    std::string text;
    const bool bytes = progress.unit == "bytes";
    if (bytes && progress.done >= 0)
        text = hub::sizeText(progress.done) + (progress.total > 0 ? " of " + hub::sizeText(progress.total) : "");
    else if (progress.total > 0)
        text = std::to_string(progress.done) + "/" + std::to_string(progress.total) + " " + progress.unit;
    else if (progress.done > 0)
        text = std::to_string(progress.done) + " " + progress.unit;
    if (progress.rate > 0) {
        char rate[48];
        std::snprintf(rate, sizeof rate, "%.*f", progress.rate < 10 ? 2 : 0, progress.rate);
        text +=
            ", " + (bytes ? hub::sizeText(static_cast<std::int64_t>(progress.rate)) : std::string(rate)) + " a second";
    }
    if (progress.secondsLeft >= 0 && !ended(progress))
        text += ", " + duration(progress.secondsLeft) + " left";
    return text;
}

Console::Console() : m_terminal(isatty(STDERR_FILENO) != 0) {}

Console::~Console()
{
    clear();
}

void Console::clear()
{
    if (m_drawn)
        std::cerr << "\r\033[K" << std::flush;
    m_drawn = false;
}

void Console::message(const std::string &text)
{
    const std::lock_guard lock(m_mutex);
    clear();
    std::cerr << text << std::endl;
}

void Console::draw(const Progress &progress)
{
    std::string line = progress.stage + " ";
    if (progress.total > 0) {
        const auto full = static_cast<int>(barWidth * std::min(progress.done, progress.total) / progress.total);
        line += "[" + std::string(static_cast<std::size_t>(full), '#') +
                std::string(static_cast<std::size_t>(barWidth - full), ' ') + "] ";
    }
    line += progressText(progress);
    std::cerr << "\r\033[K" << line.substr(0, terminalWidth() - 1) << std::flush;
    m_drawn = true;
}

void Console::progress(const Progress &progress)
{
    const std::lock_guard lock(m_mutex);
    const auto now = std::chrono::steady_clock::now();
    const bool begins = progress.stage != m_stage || (m_ended && !ended(progress));
    const bool ends = ended(progress) && (begins || !m_ended);
    if (!begins && !ends &&
        now - m_last < (m_terminal ? std::chrono::steady_clock::duration(drawInterval) : lineInterval))
        return;
    m_stage = progress.stage;
    m_ended = ended(progress);
    m_last = now;
    if (m_terminal) {
        draw(progress);
        return;
    }
    const std::string text = progressText(progress);
    std::cerr << progress.stage << (text.empty() ? "" : ": ") << text << std::endl;
}

ProgressFn Console::progressFn()
{
    return [this](const Progress &value) { progress(value); };
}

void printJson(const nlohmann::ordered_json &json)
{
    std::cout << json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << std::endl;
}

} // namespace apiary::cli
