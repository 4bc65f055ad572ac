// Versions beside the one that serves: asked, settled, and what follows from it.
#include <cassert>

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

Status Loop::begin_shadow(Line& line, Shadow& shadow, VersionNumber other, TimeMs at) {
  assert(&line != trade_line_);
  shadow.end();
  auto loaded = rooms_.registry.load(line.id(), other);
  if (!loaded && (loaded.error().code == ErrorCode::corrupt || loaded.error().code == ErrorCode::not_found)) {
    // No reason to stop: what serves is another one.
    rooms_.log.warn(fmt::format("{}: {} cannot be asked beside the version that serves: {}", line.id(),
                                other.text(), loaded.error().message));
    return {};
  }
  if (!loaded) return propagate(loaded);
  auto features = static_cast<BarLine&>(line).histories((*loaded)->bundle.features);
  if (!features) return propagate(features);
  shadow.begin(std::move(*loaded), std::move(*features), line.live()->bundle.number, at);
  return {};
}

void Loop::ask_shadows(const Feed& feed, const Prediction& served) {
  for (Shadow* shadow : feed.line->shadows()) {
    if (!shadow->on() || !shadow->watch.wants(served.known_at, served.symbol)) continue;
    const datasets::FeatureHistory& features = shadow->features(feed.index);
    const bool may = features.last_ready() && feed.line->series(feed.index).signal_allowed();
    shadow->watch.ask(
        served,
        may ? serving::predict(shadow->other(), features.last_row(), recipe_.signal).side : Side::hold);
  }
}

Status Loop::judge_shadow(Line& line, Shadow& shadow, TimeMs now) {
  if (!shadow.on()) return {};
  const bool rollback = shadow.purpose() == Shadow::Purpose::rollback;
  const double limit = rollback ? recipe_.shadow.rollback_e_value : recipe_.shadow.swap_e_value;
  if (shadow.watch.e_value() >= limit) {
    // Where a person holds the line, nothing moves it, and no hold is made shorter.
    const auto held = rooms_.registry.holds(line.id(), now);
    if (!held) return propagate(held);
    if (!*held) return rollback ? roll_back_by_shadow(line, now) : swap_by_shadow(line, now);
  }
  if (now - shadow.since() < recipe_.shadow.follow_ms) return {};
  return end_shadow(line, shadow, "its time is over", now);
}

Status Loop::end_shadow(Line& line, Shadow& shadow, std::string_view why, TimeMs now) {
  if (!shadow.on()) return {};
  Json payload = payload_of(shadow, shadow.purpose() == Shadow::Purpose::rollback ? "stay" : "keep");
  payload["why"] = why;
  shadow.end();
  return journal_.event("shadow", line.id(), now, payload);
}

// The line does not hold afterwards, as it does after a rollback by hand: the next run is judged like any
// other.
Status Loop::roll_back_by_shadow(Line& line, TimeMs now) {
  Shadow& shadow = line.former;
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
  shadow.end();
  if (Status ended = end_shadow(line, line.probation, "the version it answered beside is taken back", now);
      !ended) {
    return ended;
  }
  ++run_counts_.rollbacks;
  auto loaded = rooms_.registry.load(line.id(), to);
  if (!loaded) return propagate(loaded);
  return line.serve(std::move(*loaded));
}

Status Loop::swap_by_shadow(Line& line, TimeMs now) {
  Shadow& shadow = line.probation;
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
  if (!promoted) {
    // What is refused for good would be refused at every bar from here on.
    const ErrorCode code = promoted.error().code;
    if (code != ErrorCode::conflict && code != ErrorCode::corrupt) return promoted;
    return end_shadow(line, shadow, promoted.error().message, now);
  }
  journal_.decisions().swap(line.id(), from, to, now);
  auto loaded = rooms_.registry.load(line.id(), to);
  if (!loaded) return propagate(loaded);
  Json payload = payload_of(shadow, "swap");
  payload.update({{"action", "promote"},
                  {"actor", "shadow"},
                  {"run", (*loaded)->bundle.run_id},
                  {"from", from.text()},
                  {"to", to.text()},
                  {"forced", false},
                  {"content_hash", (*loaded)->content_hash},
                  {"reason", reason}});
  if (Status told = journal_.event("swap", line.id(), now, payload); !told) return told;
  ++run_counts_.promotions;
  const Scorecard scores = (*loaded)->bundle.scores;
  if (Status served = line.serve(std::move(*loaded)); !served) return served;
  remember_champion(line, scores);
  shadow.end();
  line.former.end();
  if (recipe_.shadow.rollback_e_value == 0) return {};
  return begin_shadow(line, line.former, from, now);
}

}  // namespace pawl::loop
