#include "loop/journal.h"

namespace pawl::loop {

// The three kinds that come with every bar are written by hand: a JSON tree each would cost more than the
// prediction itself. Keys are sorted, as dump() would have them.

Status Journal::bar(std::string_view symbol, Timeframe timeframe, const Bar& bar,
                    std::span<const double> joined) {
  auto appended = joined.empty()
                      ? store_.bars().append(symbol, timeframe, std::span(&bar, 1), bar.known_at())
                      : store_.bars().append_joined(symbol, timeframe, bar, joined, bar.known_at());
  if (!appended) return propagate(appended);
  return append(
      {.known_at = bar.known_at(),
       .kind = "bar",
       .line = std::string(symbol),
       .payload = fmt::format(
           R"({{"close":{},"high":{},"low":{},"open":{},"open_time":"{}","timeframe":"{}","volume":{}}})",
           json_double_text(bar.close), json_double_text(bar.high), json_double_text(bar.low),
           json_double_text(bar.open), format_time(bar.open_time), timeframe.name(),
           json_double_text(bar.volume))});
}

Status Journal::gap(std::string_view symbol, const BarGap& gap, TimeMs known_at) {
  return event("gap", std::string(symbol), known_at,
               {{"after", format_time(gap.after)}, {"before", format_time(gap.before)}});
}

Status Journal::prediction(Prediction& prediction) {
  auto id = store_.predictions().append(prediction);
  if (!id) return propagate(id);
  prediction.id = *id;
  decisions_.prediction(prediction);
  return append(
      {.known_at = prediction.known_at,
       .kind = "prediction",
       .line = prediction.line,
       .payload = fmt::format(
           R"({{"bar":"{}","features":"{}","id":{},"p_down":{},"p_up":{},"side":"{}","version":{}}})",
           format_time(prediction.bar_open_time), prediction.features_digest, prediction.id,
           json_double_text(prediction.p_down), json_double_text(prediction.p_up), side_name(prediction.side),
           prediction.version.value)});
}

Status Journal::outcome(const Outcome& outcome) {
  if (Status stored = store_.outcomes().append(outcome); !stored) return stored;
  return append(
      {.known_at = outcome.known_at,
       .kind = "outcome",
       .line = outcome.line,
       .payload = fmt::format(
           R"({{"correct":{},"entry_price":{},"exit_price":{},"gross_return":{},"pnl_pct":{},"prediction_id":{},"side":"{}"}})",
           outcome.correct, json_double_text(outcome.entry_price), json_double_text(outcome.exit_price),
           json_double_text(outcome.gross_return), json_double_text(outcome.pnl_pct), outcome.prediction_id,
           side_name(outcome.side))});
}

Status Journal::event(std::string_view kind, const LineId& line, TimeMs known_at, const Json& payload) {
  return append({.known_at = known_at, .kind = std::string(kind), .line = line, .payload = payload.dump()});
}

Status Journal::append(Event event) {
  auto seq = store_.events().append(event);
  if (!seq) return propagate(seq);
  event.ingest_seq = *seq;
  if (observer_) observer_(event);
  return {};
}

}  // namespace pawl::loop
