#include "base/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "base/clock.h"
#include "base/format.h"

namespace pawl {
namespace {

constexpr double kRedrawSeconds = 0.1;
constexpr double kLineSeconds = 10;
constexpr std::size_t kBarCells = 20;
constexpr double kNotYet = -std::numeric_limits<double>::infinity();

std::string duration_words(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::ceil(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string rate_words(double per_second) {
  if (per_second >= 1e6) return fmt::format("{:.1f} M", per_second / 1e6);
  if (per_second >= 1e4) return fmt::format("{:.0f} k", per_second / 1e3);
  if (per_second >= 10) return fmt::format("{:.0f}", per_second);
  return fmt::format("{:.2g}", per_second);
}

// Cuts to a number of columns without splitting a UTF-8 character; a character counts as one column.
std::string cut_to_columns(const std::string& text, std::size_t width) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool starts_character = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
    if (starts_character && columns++ == width) return text.substr(0, i);
  }
  return text;
}

std::size_t terminal_width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

void put(std::string_view text) {
  // There is nobody to tell where stderr itself does not take a line.
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), stderr));
  static_cast<void>(std::fflush(stderr));
}

}  // namespace

std::string progress_line(std::string_view title, std::string_view unit, const ProgressUpdate& update,
                          double seconds, std::size_t width) {
  const bool has_total = update.total > 0;
  const double done = static_cast<double>(update.done);
  const double share = has_total ? std::min(1.0, done / static_cast<double>(update.total)) : 0;
  std::string line(title);
  if (has_total && width > 0) {
    const auto filled = static_cast<std::size_t>(share * kBarCells);
    line += fmt::format("  [{}{}]", std::string(filled, '#'), std::string(kBarCells - filled, '.'));
  }
  if (has_total) {
    line += fmt::format("  {:3.0f} %  {}/{} {}", std::floor(share * 100), update.done, update.total, unit);
  } else {
    line += fmt::format("  {} {}", update.done, unit);
  }
  const double per_second = seconds > 0 ? done / seconds : 0;
  if (per_second > 0) line += fmt::format("  {}/s", rate_words(per_second));
  if (has_total && per_second > 0 && update.done < update.total) {
    line += fmt::format("  {} left",
                        duration_words(static_cast<double>(update.total - update.done) / per_second));
  }
  if (!update.note.empty()) line += fmt::format("  {}", update.note);
  return width == 0 ? line : cut_to_columns(line, width);
}

ProgressMeter::ProgressMeter(std::string title, std::string unit, Style style)
    : title_(std::move(title)),
      unit_(std::move(unit)),
      style_(style),
      started_(monotonic_seconds()),
      drawn_(style == Style::lines ? started_ : kNotYet) {}

ProgressMeter::~ProgressMeter() {
  if (style_ == Style::terminal && on_screen_) put("\n");
}

void ProgressMeter::update(const ProgressUpdate& update) {
  if (style_ == Style::none) return;
  const double now = monotonic_seconds();
  const bool finished = update.total > 0 && update.done >= update.total;
  if (style_ == Style::lines) {
    if (now - drawn_ < kLineSeconds) return;
    put(progress_line(title_, unit_, update, now - started_, 0) + "\n");
  } else {
    if (now - drawn_ < kRedrawSeconds && !finished) return;
    // One column stays free: a full last one would wrap the cursor to the next line.
    put("\r\x1b[K" + progress_line(title_, unit_, update, now - started_, terminal_width() - 1));
    on_screen_ = true;
  }
  drawn_ = now;
}

void ProgressMeter::pause() {
  if (style_ != Style::terminal || !on_screen_) return;
  put("\r\x1b[K");
  on_screen_ = false;
  drawn_ = kNotYet;
}

ProgressSink ProgressMeter::sink() {
  return [this](const ProgressUpdate& progress) { update(progress); };
}

ProgressMeter::Style ProgressMeter::style_for_stderr() {
  if (isatty(STDERR_FILENO) == 0) return Style::lines;
  const char* terminal = std::getenv("TERM");
  return terminal != nullptr && std::string_view(terminal) == "dumb" ? Style::lines : Style::terminal;
}

}  // namespace pawl
