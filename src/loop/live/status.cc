#include "loop/live/status.h"

namespace pawl::loop {

namespace {
Json rate(const std::optional<double>& value) {
  return value ? json_number(*value) : Json();
}
Json time(const std::optional<TimeMs>& at) {
  return at ? Json(format_time(*at)) : Json();
}
}  // namespace

LineStatus status_of(const Line& line, const TradeLine* trade_line, bool holds) {
  const serving::LiveModel::Handle live = line.live();
  const VersionBundle& bundle = live->bundle;
  LineStatus status{.line = line.id(),
                    .name = line.name(),
                    .champion = bundle.number,
                    .content_hash = live->content_hash,
                    .model_kind = bundle.judged.model_kind,
                    .trained_because = bundle.trained_because,
                    .champion_known_at = bundle.known_at,
                    .trained_to = {},
                    .bars = line.data_count(),
                    .last_bar_closed_at = {},
                    .price = {},
                    .since_retrain = line.performance.since_retrain(),
                    .ever = line.performance.ever(),
                    .new_samples = line.new_samples(),
                    .last_retrain_at = line.last_retrain_at,
                    .waits_for = line.deferral ? line.deferral->reason.reason : std::string(),
                    .training = line.busy,
                    .holds = holds,
                    .features = bundle.features,
                    .scores = bundle.scores};
  if (bundle.number.value > 0) {
    const Artifact& artifact = bundle.serving ? *bundle.serving : bundle.judged;
    status.trained_to = artifact.trained_on.to;
  }
  if (&line == trade_line) {
    status.filter = true;
    status.bars = trade_line->bars();
    status.last_bar_closed_at = trade_line->newest_bar_close();
    status.trades = trade_line->closed_trades();
    status.trades_open = trade_line->open_trades();
    status.watching = trade_line->watch.on();
  } else if (line.data_count() > 0) {
    status.last_bar_closed_at = line.newest_known_at();
    const auto* bars = dynamic_cast<const BarLine*>(&line);
    if (bars != nullptr && bars->series_count() == 1) status.price = bars->series(0).bars().back().close;
  }
  return status;
}

Json to_json(const LineStatus& line, Timeframe base) {
  Json json = {{"line", line.line},
               {"symbol", line.name},
               {"champion", line.champion.text()},
               {"content_hash", line.content_hash},
               {"model_kind", line.model_kind},
               {"trained_because", line.trained_because},
               {"trained_to", time(line.trained_to)},
               {"bars", line.bars},
               {"timeframe", base.name()},
               {"last_bar_closed_at", time(line.last_bar_closed_at)},
               {"price", rate(line.price)},
               {"signals", line.ever.signals},
               {"outcomes", line.ever.outcomes},
               {"win_rate", rate(line.ever.win_rate())},
               {"win_rate_net", rate(line.ever.win_rate_net())},
               {"break_even", rate(line.ever.break_even())},
               {"signals_since_retrain", line.since_retrain.signals},
               {"win_rate_since_retrain", rate(line.since_retrain.win_rate())},
               {"last_retrain_at", time(line.last_retrain_at)},
               {"training", line.training},
               {"waits_for", line.waits_for.empty() ? Json() : Json(line.waits_for)},
               {"holds", line.holds}};
  if (!line.filter) return json;
  json["trades"] = line.trades;
  json["trades_open"] = line.trades_open;
  json["trades_since_retrain"] = line.new_samples;
  json["watching"] = line.watching;
  return json;
}

LiveStatus status_of(const Loop& loop, registry::Registry& registry, TimeMs at) {
  LiveStatus status;
  status.at = at;
  for (const std::unique_ptr<Line>& line : loop.lines()) {
    const auto held = registry.holds(line->id(), at);
    status.lines.push_back(status_of(*line, loop.trade_line(), held.value_or(false)));
  }
  status.under_way = loop.under_way();
  status.next_schedule = loop.next_schedule(at);
  status.runs_completed = loop.run_counts().completed;
  status.runs_failed = loop.run_counts().failed;
  status.promotions = loop.run_counts().promotions;
  return status;
}

}  // namespace pawl::loop
