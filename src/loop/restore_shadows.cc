// What answered beside the serving version when the last process ended, as it was then: begun again, and gone
// through again in the order in which things came.
#include <functional>
#include <map>
#include <set>

#include "loop/loop.h"

namespace pawl::loop {

// The newest swap of the line and the challenger on probation, where their time was not over.
Status Loop::restore_shadows(BarLine& line) {
  for (Shadow* shadow : line.shadows()) shadow->end();
  if (!recipe_.watches_shadows()) return {};
  auto history = rooms_.registry.history(line.id());
  if (!history) return propagate(history);
  if (history->empty()) return {};
  const auto is_over = [&](TimeMs since) {
    return line.newest_known_at() - since >= recipe_.shadow.follow_ms;
  };
  const store::PromotionRow& newest = history->back();
  const bool swapped = newest.action == "promote" || newest.action == "force";
  if (swapped && newest.from && recipe_.shadow.rollback_e_value > 0 && !is_over(newest.at)) {
    if (Status begun = begin_shadow(line, line.former, *newest.from, newest.at); !begun) return begun;
  }
  // A challenger on probation, and how a shadow ended, stand in the event stream.
  for (std::int64_t cursor = 0;;) {
    const auto page = rooms_.store.events().read_after(cursor, 512, "shadow");
    if (!page) return propagate(page);
    if (page->empty()) break;
    cursor = page->back().ingest_seq;
    for (const Event& event : *page) {
      if (event.line != line.id() || event.known_at < newest.at) continue;
      const auto payload = parse_json(event.payload);
      if (!payload) return propagate(payload);
      const std::string decision = payload->value("decision", std::string());
      if (decision == "stay") {
        line.former.end();
      } else if (decision == "keep") {
        line.probation.end();
      } else if (decision == "begin" && recipe_.shadow.swap_e_value > 0 && !is_over(event.known_at)) {
        const auto other = VersionNumber::parse(payload->value("other", std::string()));
        if (!other) return propagate(other);
        if (Status begun = begin_shadow(line, line.probation, *other, event.known_at); !begun) return begun;
      }
    }
  }
  return line.former.on() || line.probation.on() ? replay_shadows(line) : Status();
}

Status Loop::replay_shadows(BarLine& line) {
  constexpr std::size_t kPage = 4096;
  std::map<std::string, std::size_t, std::less<>> index_of;
  for (std::size_t i = 0; i < line.series_count(); ++i) index_of[line.series(i).symbol().canonical()] = i;

  // By the instant at which each became known; at one instant outcomes come before what is said next.
  std::multimap<std::pair<TimeMs, int>, std::function<Status()>> steps;
  std::set<std::int64_t> said;
  for (std::int64_t cursor = 0;;) {
    auto page = rooms_.store.predictions().read_after(cursor, kPage, line.id());
    if (!page) return propagate(page);
    if (page->empty()) break;
    cursor = page->back().id;
    for (const Prediction& prediction : *page) {
      const auto index = index_of.find(prediction.symbol);
      if (index == index_of.end()) continue;
      for (Shadow* shadow : line.shadows()) {
        // A swap at the close of a bar serves from that bar on only where it ended before the bar was looked
        // at.
        if (!shadow->on() || prediction.known_at < shadow->since() || prediction.version != shadow->serves())
          continue;
        said.insert(prediction.id);
        steps.emplace(std::pair{prediction.known_at, 1}, [&line, shadow, prediction, i = index->second] {
          if (!shadow->watch.wants(prediction.known_at, prediction.symbol)) return Status();
          auto other = line.side_at(i, shadow->other(), prediction.known_at);
          if (!other) return Status(propagate(other));
          shadow->watch.ask(prediction, *other);
          return Status();
        });
      }
    }
  }
  for (std::int64_t cursor = 0;;) {
    auto page = rooms_.store.outcomes().read_after(cursor, kPage, line.id());
    if (!page) return propagate(page);
    if (page->empty()) break;
    cursor = page->back().prediction_id;
    for (const Outcome& outcome : *page) {
      if (!said.contains(outcome.prediction_id)) continue;
      steps.emplace(std::pair{outcome.known_at, 0}, [&line, outcome] {
        for (Shadow* shadow : line.shadows())
          shadow->watch.settle(outcome, line.costs().round_trip(outcome.entry_price));
        return Status();
      });
    }
  }
  for (const auto& [at, step] : steps) {
    if (Status done = step(); !done) return done;
  }
  return {};
}

}  // namespace pawl::loop
