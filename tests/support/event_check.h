// The check that a whole run does not look ahead: what the event stream said until T must not change when
// everything after T does.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/event.h"
#include "support/future_check.h"

namespace pawl::test {

// The lines of an event stream, in order, that were known at or before `until`.
struct KnownLine {
  TimeMs known_at = 0;
  std::string text;
};

// The first line on which two streams differ among what was known by `until`, in words; nothing where they
// say the same, byte for byte.
inline std::optional<std::string> difference_until(TimeMs until, const std::vector<KnownLine>& truth,
                                                   const std::vector<KnownLine>& other) {
  const auto known = [until](const std::vector<KnownLine>& lines) {
    std::vector<std::string> texts;
    for (const KnownLine& line : lines) {
      if (line.known_at <= until) texts.push_back(line.text);
    }
    return texts;
  };
  const std::vector<std::string> a = known(truth), b = known(other);
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    const std::string before = i < a.size() ? a[i] : "nothing", after = i < b.size() ? b[i] : "nothing";
    if (before != after) {
      return fmt::format("until {}: {} became {} with another future", format_time(until), before, after);
    }
  }
  return std::nullopt;
}

using EventsOfBars = std::function<std::vector<KnownLine>(const BarSeries&)>;

// For each cut: the bars from it on are scrambled, then left out. Nothing where no event knew of them.
inline std::optional<std::string> find_event_leak(const EventsOfBars& events_of, const BarSeries& bars,
                                                  std::span<const std::size_t> cuts, std::uint64_t seed) {
  const std::vector<KnownLine> truth = events_of(bars);
  for (const std::size_t cut : cuts) {
    const TimeMs until = bars.close_time(cut - 1);
    const BarSeries scrambled = with_scrambled_future(bars, cut, seed + cut);
    if (auto leak = difference_until(until, truth, events_of(scrambled))) return "scrambled: " + *leak;
    if (auto leak = difference_until(until, truth, events_of(bars.slice(0, cut)))) return "cut off: " + *leak;
  }
  return std::nullopt;
}

}  // namespace pawl::test
