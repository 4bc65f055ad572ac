#include <algorithm>
#include <cstdio>
#include <tuple>

#include "app/commands.h"
#include "app/commands/replay.h"
#include "app/commands/trades.h"
#include "app/followers.h"
#include "app/live_view.h"
#include "app/output_files.h"
#include "app/replay_report.h"
#include "loop/outside_columns.h"
#include "market/sources/simulated.h"
#include "mirrors/mirrors.h"

namespace pawl::app {

namespace {

std::vector<loop::FlipRecovery> recovery_of(const recipe::Recipe& recipe, const Engine& engine) {
  if (recipe.source.kind != "simulated" || recipe.trades.present) return {};
  const loop::Line& line = *engine.loop->lines().front();
  const loop::Series& series = engine.loop->series(0);
  const auto settings = market::read_simulated_settings(recipe.source.settings);
  if (!settings) return {};
  const market::Simulated simulated =
      market::simulate(market::settings_for(*settings, {series.symbol(), recipe.base, recipe.calendar}),
                       engine.loop->kinds().labeller->horizon_bars());
  std::vector<std::size_t> triggers;
  for (const loop::RunReport& run : engine.loop->finished_runs()) {
    const bool about_line = std::find(run.lines.begin(), run.lines.end(), line.id()) != run.lines.end();
    if (about_line && run.trigger == "win_rate")
      triggers.push_back(series.bars().count_known_at(run.started_at) - 1);
  }
  return loop::measure_recovery(series.sides(), simulated.truth.expected_side, simulated.truth.flips,
                                triggers, {});
}

Result<TimeMs> time_option(std::string_view flag, const std::string& text) {
  auto time = parse_time(text);
  if (!time) return fail(ErrorCode::invalid_argument, "{} {}: {}", flag, text, time.error().message);
  return time;
}

// What the bot of a trade filter reports: from a file, or made from the bars.
Result<std::vector<market::TradeEvent>> trades_of(const recipe::Recipe& recipe, const Feed& feed,
                                                  const FeedSpan& span, const std::string& file) {
  return file.empty() ? bot_trades(recipe, feed.series, 0) : read_trades(file, span);
}

// What a live process's data folder tells; nothing where none is named.
struct LiveFolder {
  loop::Recorded recorded;
  std::optional<std::string> recipe;
};
Result<LiveFolder> read_live(const std::string& folder) {
  LiveFolder live;
  if (folder.empty()) return live;
  auto data = DataFolder::open(folder, DataFolder::Use::read);
  if (!data) return propagate(data);
  auto recorded = loop::read_recorded((*data)->store());
  if (!recorded) return propagate(recorded);
  live.recorded = std::move(*recorded);
  auto recipe = (*data)->remembered_recipe();
  if (!recipe) return propagate(recipe);
  live.recipe = std::move(*recipe);
  return live;
}

Status run_replay(const CommonOptions& common, const ReplayOptions& options) {
  CommonOptions adjusted = common;
  if (options.skip_bad_rows) adjusted.set.insert(adjusted.set.begin(), "source.bad_rows=skip");
  const auto live = read_live(options.like);
  if (!live) return propagate(live);
  auto recipe = load_recipe(adjusted, live->recipe);
  if (!recipe) return propagate(recipe);
  if (!options.trades.empty() && !recipe->trades.present) {
    return fail(ErrorCode::invalid_argument,
                "--trades {}: the recipe {} filters no trades; name one that has a "
                "`trades` section: --recipe trade-filter",
                options.trades, recipe->name);
  }
  // Opening the data folder wipes an earlier replay's results: whatever can go wrong before that has to.
  const std::string made_folder = options.memory ? std::string() : common.data;
  for (const auto& [flag, file] :
       {std::pair{"--json", options.json_file}, std::pair{"--events", options.events_file}}) {
    if (Status writable = expect_writable(flag, file, made_folder); !writable) return writable;
  }
  EventFile events;
  if (Status opened = events.open(options.events_file); !opened) return opened;
  const auto span = span_of(options);
  if (!span) return propagate(span);
  const auto score_from = score_from_of(options);
  if (!score_from) return propagate(score_from);
  const bool quiet = common.quiet, show = shows_text(common, options);

  ProgressMeter reading("reading bars", "rows",
                        quiet ? ProgressMeter::Style::none : ProgressMeter::style_for_stderr());
  auto feed = fetch_feed(*recipe, *span, reading.sink());
  if (!feed) return propagate(feed);
  reading.pause();
  const auto events_of_bot = recipe->trades.present ? trades_of(*recipe, *feed, *span, options.trades)
                                                    : Result<std::vector<market::TradeEvent>>();
  if (!events_of_bot) return propagate(events_of_bot);
  TimeMs start = *feed->first_open();
  if (!events_of_bot->empty()) start = std::min(start, market::time_of(events_of_bot->front()));

  auto data =
      options.memory ? DataFolder::in_memory() : DataFolder::open(common.data, DataFolder::Use::replay);
  if (!data) return propagate(data);
  if (Status begun = events.begin(); !begun) return begun;
  if (Status remembered = (*data)->remember_recipe(*recipe); !remembered) return remembered;
  if (Status kept = loop::remember_outside_columns(*recipe, (*data)->store()); !kept) return kept;

  ProgressMeter meter("replay", "bars",
                      quiet ? ProgressMeter::Style::none : ProgressMeter::style_for_stderr());
  LiveView view(meter, common.colour);
  const auto latency_of = [&live](std::int64_t run) -> std::optional<DurationMs> {
    const auto found = live->recorded.latencies.find(run);
    if (found == live->recorded.latencies.end()) return std::nullopt;
    return found->second;
  };
  auto engine = make_engine(*recipe, **data,
                            {.start = start,
                             .observer =
                                 [&](const Event& event) {
                                   events.write(event);
                                   if (show) view.show(event);
                                 },
                             .keep_decisions = common.json,
                             .outside = std::move(feed->outside),
                             .latency_of = latency_of});
  if (!engine) return propagate(engine);

  if (*score_from) (*engine)->loop->begin_at(**score_from);
  if (!options.memory) {
    // What is wrong with the names of its files is said before the work is done.
    auto named = mirrors::Mirrors::open(*recipe, (*data)->store(), (*data)->registry(), (*data)->files(),
                                        (*data)->folder());
    if (!named) return propagate(named);
  }
  const double started = monotonic_seconds();
  std::optional<TradeFindings> trades;
  if (recipe->trades.present) {
    auto replayed = loop::replay_trades(*(*engine)->loop, feed->series, *events_of_bot, meter.sink());
    if (!replayed) return propagate(replayed);
    trades = TradeFindings{*replayed, options.trades.empty()};
  } else if (Status replayed = loop::replay(*(*engine)->loop, feed->series, meter.sink(), live->recorded);
             !replayed) {
    return replayed;
  }
  const double elapsed_s = monotonic_seconds() - started;
  meter.pause();
  if (Status closed = events.close(); !closed) return closed;
  if (Status followed = catch_up_files(*recipe, **data); !followed) return followed;

  auto versions = (*data)->registry().list();
  if (!versions) return propagate(versions);
  const ReplayReport report{.recipe = *recipe,
                            .engine = **engine,
                            .totals = loop::totals_of(*(*engine)->loop, recipe->bars_per_year),
                            .versions = std::move(*versions),
                            .gaps = feed->gaps,
                            .bad_rows = feed->bad_rows,
                            .notes = std::move(feed->notes),
                            .recovery = recovery_of(*recipe, **engine),
                            .elapsed_s = elapsed_s,
                            .trades = std::move(trades)};
  if (show) print(summary_text(report));
  if (common.json) return write_findings(options, to_json_text(report));
  return {};
}

}  // namespace

Result<FeedSpan> span_of(const ReplayOptions& options) {
  FeedSpan span;
  for (const auto& [flag, text, to] :
       {std::tuple{"--from", &options.from, &span.from}, std::tuple{"--to", &options.to, &span.to}}) {
    if (text->empty()) continue;
    auto time = time_option(flag, *text);
    if (!time) return propagate(time);
    *to = *time;
  }
  if (span.from && span.to && *span.from >= *span.to) {
    return fail(ErrorCode::invalid_argument, "--from {} is not before --to {}", options.from, options.to);
  }
  return span;
}

Result<std::optional<TimeMs>> score_from_of(const ReplayOptions& options) {
  if (options.score_from.empty()) return std::nullopt;
  return time_option("--score-from", options.score_from);
}

bool shows_text(const CommonOptions& common, const ReplayOptions& options) {
  return !common.quiet && !(common.json && (options.json_file.empty() || options.json_file == "-"));
}

Status write_findings(const ReplayOptions& options, const std::string& text) {
  if (options.json_file.empty() || options.json_file == "-") {
    print(text);
    return {};
  }
  RealFileSystem files;
  return write_atomic(files, options.json_file, text);
}

int replay_command(const CommonOptions& common, const ReplayOptions& options) {
  const Status done = options.compare.empty() ? run_replay(common, options) : run_compare(common, options);
  return done ? 0 : report(done.error(), common);
}

}  // namespace pawl::app
