// Versions beside the one that serves: asked, settled, and what follows from it.
#include "loop/loop.h"

namespace pawl::loop {

namespace {

std::string_view purpose_name(Shadow::Purpose purpose) {
  return purpose == Shadow::Purpose::rollback ? "rollback" : "swap";
}

Json payload_of(const Shadow& shadow, std::string_view decision) {
  const auto mean = shadow.watch.mean_difference();
  return {{"decision", decision},
          {"purpose", purpose_name(shadow.purpose())},
          {"version", shadow.serves().text()},
          {"other", shadow.other().bundle.number.text()},
          {"since", format_time(shadow.since())},
          {"labels", shadow.watch.labels()},
          {"e_value", json_number(shadow.watch.e_value())},
          {"mean_difference", mean ? json_number(*mean) : Json()}};
}

}  // namespace

Status Loop::begin_shadow(Line& line, Shadow::Purpose purpose, VersionNumber other, TimeMs at) {
  auto loaded = rooms_.registry.load(line.id(), other);
  if (!loaded) return propagate(loaded);
  line.shadow.begin(purpose, std::move(*loaded), line.live()->bundle.number, at);
  return {};
}

Status Loop::ask_shadow(const Feed& feed, const Prediction& served) {
  Shadow& shadow = feed.line->shadow;
  if (!shadow.on() || !shadow.watch.wants(served.known_at, served.symbol)) return {};
  Series& series = feed.line->series(feed.index);
  auto history = series.history(shadow.other().bundle.features);
  if (!history) return propagate(history);
  const bool may = (*history)->last_ready() && series.signal_allowed();
  shadow.watch.ask(served, may ? serving::predict(shadow.other(), (*history)->last_row(), recipe_.signal).side
                               : Side::hold);
  return {};
}

Status Loop::judge_shadow(Line& line, TimeMs now) {
  Shadow& shadow = line.shadow;
  if (!shadow.on()) return {};
  const bool rollback = shadow.purpose() == Shadow::Purpose::rollback;
  const double limit = rollback ? recipe_.shadow.rollback_e_value : recipe_.shadow.swap_e_value;
  if (shadow.watch.e_value() >= limit) {
    return rollback ? roll_back_by_shadow(line, now) : swap_by_shadow(line, now);
  }
  if (now - shadow.since() < recipe_.shadow.follow_ms) return {};
  const Status told =
      journal_.event("shadow", line.id(), now, payload_of(shadow, rollback ? "stay" : "keep"));
  shadow.end();
  return told;
}

// The line does not hold afterwards, as it does after a rollback by hand: the next run is judged like any
// other.
Status Loop::roll_back_by_shadow(Line& line, TimeMs now) {
  const Shadow& shadow = line.shadow;
  const VersionNumber from = shadow.serves(), to = shadow.other().bundle.number;
  const std::string reason = fmt::format(
      "{} earned more than {} on {} labels since {} that neither had seen: e-value {:.1f}, {} is the limit",
      to.text(), from.text(), shadow.watch.labels(), format_time(shadow.since()), shadow.watch.e_value(),
      recipe_.shadow.rollback_e_value);
  auto moved = rooms_.registry.roll_back(line.id(), to, now, "shadow", reason, now);
  if (!moved) return propagate(moved);
  rooms_.log.warn(
      fmt::format("{}: {} is taken back, {} serves again: {}", line.id(), from.text(), to.text(), reason));
  journal_.decisions().rollback(line.id(), from, to, now);
  Json payload = payload_of(shadow, "rollback");
  payload.update({{"action", "rollback"},
                  {"actor", "shadow"},
                  {"from", from.text()},
                  {"to", to.text()},
                  {"reason", reason}});
  if (Status told = journal_.event("rollback", line.id(), now, payload); !told) return told;
  line.shadow.end();
  ++run_counts_.rollbacks;
  auto loaded = rooms_.registry.load(line.id(), to);
  if (!loaded) return propagate(loaded);
  return line.serve(std::move(*loaded));
}

Status Loop::swap_by_shadow(Line& line, TimeMs now) {
  const Shadow& shadow = line.shadow;
  const VersionNumber from = shadow.serves(), to = shadow.other().bundle.number;
  const std::string reason =
      fmt::format("{} earned more than {} beside it on {} labels since {}: e-value {:.1f}, {} is the limit",
                  to.text(), from.text(), shadow.watch.labels(), format_time(shadow.since()),
                  shadow.watch.e_value(), recipe_.shadow.swap_e_value);
  const Status promoted = rooms_.registry.promote({{.line = line.id(),
                                                    .expected = from,
                                                    .to = to,
                                                    .action = "promote",
                                                    .reason = reason,
                                                    .evidence_hash = {}}},
                                                  now, "shadow");
  if (!promoted) return promoted;
  journal_.decisions().swap(line.id(), from, to, now);
  Json payload = payload_of(shadow, "swap");
  payload.update({{"from", from.text()}, {"to", to.text()}, {"forced", false}, {"reason", reason}});
  if (Status told = journal_.event("swap", line.id(), now, payload); !told) return told;
  auto loaded = rooms_.registry.load(line.id(), to);
  if (!loaded) return propagate(loaded);
  ++run_counts_.promotions;
  const Scorecard scores = (*loaded)->bundle.scores;
  if (Status served = line.serve(std::move(*loaded)); !served) return served;
  remember_champion(line, scores);
  line.shadow.end();
  if (recipe_.shadow.rollback_e_value == 0) return {};
  return begin_shadow(line, Shadow::Purpose::rollback, from, now);
}

// The newest swap of the line, or the newest challenger on probation, where its time is not over: what was
// said and settled since is gone through again, in the order in which it came.
Status Loop::restore_shadow(BarLine& line) {
  line.shadow.end();
  if (!recipe_.watches_shadows()) return {};
  auto history = rooms_.registry.history(line.id());
  if (!history) return propagate(history);
  if (history->empty()) return {};
  const store::PromotionRow& newest = history->back();
  const bool swapped = newest.action == "promote" || newest.action == "force";
  if (swapped && newest.from && recipe_.shadow.rollback_e_value > 0) {
    if (Status begun = begin_shadow(line, Shadow::Purpose::rollback, *newest.from, newest.at); !begun)
      return begun;
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
      line.shadow.end();
      if (payload->value("decision", std::string()) != "begin") continue;
      const auto other = VersionNumber::parse(payload->value("other", std::string()));
      if (!other) return propagate(other);
      if (Status begun = begin_shadow(line, Shadow::Purpose::swap, *other, event.known_at); !begun)
        return begun;
    }
  }
  return line.shadow.on() ? replay_shadow(line) : Status();
}

Status Loop::replay_shadow(BarLine& line) {
  constexpr std::size_t kPage = 4096;
  Shadow& shadow = line.shadow;
  std::map<std::string, std::size_t, std::less<>> index_of;
  for (std::size_t i = 0; i < line.series_count(); ++i) index_of[line.series(i).symbol().canonical()] = i;

  // By the instant at which each became known; at one instant outcomes come before what is said next.
  std::multimap<std::pair<TimeMs, int>, std::function<Status()>> steps;
  std::map<std::int64_t, TimeMs> said_at;
  for (std::int64_t cursor = 0;;) {
    auto page = rooms_.store.predictions().read_after(cursor, kPage, line.id());
    if (!page) return propagate(page);
    if (page->empty()) break;
    cursor = page->back().id;
    for (const Prediction& prediction : *page) {
      // A swap at the close of a bar serves from that bar on only where it ended before the bar was looked
      // at.
      if (prediction.known_at < shadow.since() || prediction.version != shadow.serves()) continue;
      const auto index = index_of.find(prediction.symbol);
      if (index == index_of.end()) continue;
      said_at[prediction.id] = prediction.known_at;
      steps.emplace(std::pair{prediction.known_at, 1}, [&line, &shadow, this, prediction, i = index->second] {
        if (!shadow.watch.wants(prediction.known_at, prediction.symbol)) return Status();
        auto other = line.side_at(i, shadow.other(), prediction.known_at);
        if (!other) return Status(propagate(other));
        shadow.watch.ask(prediction, *other);
        return Status();
      });
    }
  }
  for (std::int64_t cursor = 0;;) {
    auto page = rooms_.store.outcomes().read_after(cursor, kPage, line.id());
    if (!page) return propagate(page);
    if (page->empty()) break;
    cursor = page->back().prediction_id;
    for (const Outcome& outcome : *page) {
      if (!said_at.contains(outcome.prediction_id)) continue;
      steps.emplace(std::pair{outcome.known_at, 0}, [&line, &shadow, outcome] {
        shadow.watch.settle(outcome, line.costs().round_trip(outcome.entry_price));
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
