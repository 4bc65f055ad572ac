#include "loop/drift_report.h"

#include <algorithm>

namespace pawl::loop {

namespace {

constexpr std::size_t kPage = 256;
constexpr std::int64_t kFirstStretch = 16'384;  // of the stream, events of every kind

// The checks told in (from, to] of the event stream, oldest first.
Result<std::vector<Event>> told_within(const store::EventStore& events, std::int64_t from, std::int64_t to) {
  std::vector<Event> found;
  for (std::int64_t cursor = from; cursor < to;) {
    auto page = events.read_after(cursor, kPage, "drift");
    if (!page) return propagate(page);
    if (page->empty()) break;
    cursor = page->back().ingest_seq;
    for (Event& event : *page) {
      if (event.ingest_seq <= to) found.push_back(std::move(event));
    }
  }
  return found;
}

}  // namespace

Result<std::vector<std::vector<Json>>> drift_checks(store::Store& store, std::span<const LineId> lines,
                                                    std::size_t newest) {
  std::vector<std::vector<Json>> checks(lines.size());  // newest first
  const auto lacks = [&](const std::vector<Json>& of_line) { return of_line.size() < newest; };
  auto last = store.events().last_seq();
  if (!last) return propagate(last);
  std::int64_t stretch = kFirstStretch;
  for (std::int64_t to = *last; to > 0 && std::any_of(checks.begin(), checks.end(), lacks); stretch *= 2) {
    const std::int64_t from = std::max<std::int64_t>(0, to - stretch);
    const auto told = told_within(store.events(), from, to);
    if (!told) return propagate(told);
    for (auto event = told->rbegin(); event != told->rend(); ++event) {
      const auto line = std::find(lines.begin(), lines.end(), event->line);
      if (line == lines.end() || !lacks(checks[static_cast<std::size_t>(line - lines.begin())])) continue;
      auto check = parse_json(event->payload);
      if (!check) return within(fmt::format("event {}", event->ingest_seq), check.error());
      checks[static_cast<std::size_t>(line - lines.begin())].push_back(std::move(*check));
    }
    to = from;
  }
  for (std::vector<Json>& of_line : checks) std::reverse(of_line.begin(), of_line.end());
  return checks;
}

Result<std::vector<Json>> drift_checks(store::Store& store, const LineId& line, std::size_t newest) {
  auto checks = drift_checks(store, std::span(&line, 1), newest);
  if (!checks) return propagate(checks);
  return std::move(checks->front());
}

std::string drift_advice(const Json& check) {
  const bool features = check.value("alarmed", 0) > 0;
  const Json prediction = check.value("prediction", Json());
  const bool moved = prediction.is_object() && prediction.value("alarm", false);
  const bool errors = check.value("error", Json::object()).value("alarm", false);
  if (!features && !moved && !errors) return "Nothing has to be done.";
  if (errors) {
    return "Errors rose: retrain (pawl train), and look at what the gate says of the challenger; drift "
           "itself is no evidence for it.";
  }
  if (features && !moved) {
    return "Rows moved, and the answers did not: see that the source still means the same (units, feed, "
           "session), then retrain at the next occasion.";
  }
  return "What is answered has moved: see that the source still means the same (units, feed, session), then "
         "retrain (pawl train).";
}

}  // namespace pawl::loop
