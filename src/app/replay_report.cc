#include "app/replay_report.h"

#include <algorithm>
#include <limits>
#include <map>

#include "app/plot.h"
#include "labels/labeller.h"

namespace pawl::app {

namespace {

Json optional_number(const std::optional<double>& value) {
  return value ? json_number(*value) : Json();
}

template <class T>
Json optional_count(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json recovery_json(const std::vector<loop::FlipRecovery>& recovery) {
  Json flips = Json::array();
  for (const loop::FlipRecovery& flip : recovery) {
    flips.push_back({{"flip_bar", flip.flip},
                     {"level_before", optional_number(flip.level_before)},
                     {"level_lowest", optional_number(flip.level_lowest)},
                     {"level_highest", optional_number(flip.level_highest)},
                     {"level_at_end", optional_number(flip.level_at_end)},
                     {"bars_to_trigger", optional_count(flip.bars_to_trigger)},
                     {"bars_to_recover", optional_count(flip.bars_to_recover)}});
  }
  return flips;
}

// A pooled recipe has fifty; a reader wants to see a few.
constexpr std::size_t kShownSeries = 4;

std::string percent(const std::optional<double>& share) {
  return share ? fmt::format("{:.1f} %", 100 * *share) : std::string("–");
}

// Share of correct signals over the last `window` signals, at each signal of the first line.
std::vector<double> rolling_win_rate(const loop::Series& line, std::size_t horizon_bars, std::size_t window) {
  std::vector<signed char> correct;
  for (std::size_t bar = 0; bar < line.bars().size(); ++bar) {
    const std::optional<Side> side = line.sides()[bar];
    if (!side || *side == Side::hold) continue;
    const Label label = labels::horizon_return(line.bars(), bar, horizon_bars);
    if (!label.known()) break;
    correct.push_back(static_cast<double>(*side) * label.gross_return > 0 ? 1 : 0);
  }
  std::vector<double> rates;
  int sum = 0;
  for (std::size_t i = 0; i < correct.size(); ++i) {
    sum += correct[i];
    if (i >= window) sum -= correct[i - window];
    if (i + 1 >= window) rates.push_back(static_cast<double>(sum) / static_cast<double>(window));
  }
  return rates;
}

// The win rate of the first line's market over time.
std::string win_rate_plot(const loop::Loop& loop) {
  const loop::Series& line = loop.series(0);
  constexpr std::size_t kWindow = 200;
  const std::vector<double> rates = rolling_win_rate(line, loop.kinds().labeller->horizon_bars(), kWindow);
  if (rates.empty()) return {};
  PlotOptions options{.reference = 0.5,
                      .left_label = short_time(line.bars().open_time(0)),
                      .right_label = short_time(line.bars().back().close_time)};
  const auto begin = static_cast<double>(line.bars().open_time(0));
  const double length = static_cast<double>(line.bars().back().close_time) - begin;
  for (const loop::RunReport& run : loop.finished_runs()) {
    if (run.completed() && run.verdict() == "promote") {
      options.marks.push_back(std::clamp((static_cast<double>(run.known_at) - begin) / length, 0.0, 1.0));
    }
  }
  std::string text = fmt::format("\n  Win rate over the last {} signals of {} (^ a model was promoted)\n\n",
                                 kWindow, line.symbol().given());
  text += plot(rates, options);
  return text;
}

struct RunCounts {
  std::int64_t completed = 0, promoted = 0, kept = 0, failed = 0;
  std::map<std::string, std::int64_t> by_trigger;
};

RunCounts count_runs(const std::vector<loop::RunReport>& runs) {
  RunCounts counts;
  for (const loop::RunReport& run : runs) {
    if (!run.completed()) {
      ++counts.failed;
      continue;
    }
    ++counts.completed;
    ++(run.verdict() == "promote" ? counts.promoted : counts.kept);
    ++counts.by_trigger[run.trigger];
  }
  return counts;
}

}  // namespace

std::string to_json_text(const ReplayReport& report) {
  const loop::Loop& loop = *report.engine.loop;
  Json runs = Json::array();
  for (const loop::RunReport& run : loop.finished_runs()) runs.push_back(run.to_json());
  Json versions = Json::array();
  for (const VersionSummary& version : report.versions) {
    versions.push_back({{"line", version.line},
                        {"version", version.number.text()},
                        {"content_hash", version.content_hash},
                        {"known_at", format_time(version.known_at)},
                        {"model_kind", version.model_kind},
                        {"run", version.run_id},
                        {"state", version.state},
                        {"has_serving", version.has_serving}});
  }
  Json json = {{"schema", 1},
               {"recipe", report.recipe.name},
               {"seed", report.recipe.seed},
               {"source", report.recipe.source.kind},
               {"bars", report.totals.bars},
               {"gaps", report.gaps},
               {"bad_rows", report.bad_rows},
               {"notes", report.notes},
               {"signals", report.totals.signals},
               {"outcomes", report.totals.outcomes},
               {"win_rate", optional_number(report.totals.win_rate)},
               {"win_rate_net", optional_number(report.totals.win_rate_net)},
               {"break_even", optional_number(report.totals.break_even)},
               {"pnl_after_cost", json_number(report.totals.pnl_after_cost)},
               {"sharpe", optional_number(report.totals.sharpe)},
               {"runs", std::move(runs)},
               {"versions", std::move(versions)},
               {"decisions_sha256", report.engine.decisions.sha256()},
               {"elapsed_s", report.elapsed_s},
               {"bars_per_s", static_cast<double>(report.totals.bars) / std::max(report.elapsed_s, 1e-9)}};
  if (report.trades) json["trades"] = to_json(*report.trades, *loop.trade_line());
  if (!report.recovery.empty()) json["recovery"] = recovery_json(report.recovery);
  // The decisions are JSON already, by the hundred thousand: they are put in as they are.
  std::string text = json.dump();
  text.pop_back();
  text += ",\"decisions\":[";
  bool first = true;
  for (const std::string& decision : report.engine.decisions.lines()) {
    if (!first) text += ',';
    first = false;
    text += decision;
  }
  text += "]}\n";
  return text;
}

std::string summary_text(const ReplayReport& report) {
  const loop::Loop& loop = *report.engine.loop;
  const RunCounts runs = count_runs(loop.finished_runs());
  std::string text;
  const auto row = [&text](std::string_view name, const std::string& value) {
    text += fmt::format("  {:<22} {}\n", name, value);
  };
  text += fmt::format("\n{} — {} bars", report.recipe.name, report.totals.bars);
  for (std::size_t i = 0; i < std::min(loop.series_count(), kShownSeries); ++i) {
    const BarSeries& bars = loop.series(i).bars();
    if (bars.empty()) continue;
    text += fmt::format(", {} {} → {}", loop.series(i).symbol().given(), short_time(bars.open_time(0)),
                        short_time(bars.back().close_time));
  }
  if (loop.series_count() > kShownSeries)
    text += fmt::format(" and {} more", loop.series_count() - kShownSeries);
  text += "\n\n";
  if (report.trades) {
    for (const auto& [name, value] : summary_rows(*report.trades, *loop.trade_line())) row(name, value);
  } else {
    row("signals",
        fmt::format("{} of {} predictions with an outcome", report.totals.signals, report.totals.outcomes));
    row("win rate",
        fmt::format("{} before costs, {} after; {} would break even", percent(report.totals.win_rate),
                    percent(report.totals.win_rate_net), percent(report.totals.break_even)));
    row("strategy after costs",
        fmt::format("{:+.1f} %, Sharpe {}", 100 * report.totals.pnl_after_cost,
                    report.totals.sharpe ? fmt::format("{:.2f}", *report.totals.sharpe) : std::string("–")));
  }
  std::string by_trigger;
  for (const auto& [trigger, count] : runs.by_trigger) {
    by_trigger += fmt::format("{}{} by {}", by_trigger.empty() ? "" : ", ", count, trigger);
  }
  row("retrains",
      fmt::format("{} completed ({}), {} promoted, {} kept, {} failed", runs.completed,
                  by_trigger.empty() ? "none" : by_trigger, runs.promoted, runs.kept, runs.failed));
  for (const auto& line : loop.lines()) {
    const auto live = line->live();
    row(line->name(), fmt::format("{} serves, trained because: {}", live->bundle.number.text(),
                                  live->bundle.trained_because));
  }
  if (report.gaps > 0) row("gaps in the bars", fmt::format("{} (reported, never filled)", report.gaps));
  if (report.bad_rows > 0) row("bad rows left out", std::to_string(report.bad_rows));
  for (const std::string& note : report.notes) row("note", note);
  for (const loop::FlipRecovery& flip : report.recovery) {
    row("the market turned",
        fmt::format("at bar {}: right {} of the time before, {} at worst, {}", flip.flip,
                    percent(flip.level_before), percent(flip.level_lowest),
                    flip.bars_to_recover ? fmt::format("back after {} bars", *flip.bars_to_recover)
                                         : std::string("not back before the next turn")));
  }

  text += report.trades ? std::string() : win_rate_plot(loop);
  text += fmt::format("\n  {:.1f} s, {:.0f} bars/s; decisions {}\n", report.elapsed_s,
                      static_cast<double>(report.totals.bars) / std::max(report.elapsed_s, 1e-9),
                      report.engine.decisions.sha256().substr(0, 16));
  return text;
}

}  // namespace pawl::app
