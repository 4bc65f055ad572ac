#include <algorithm>
#include <cstdio>
#include <limits>

#include "app/commands.h"
#include "app/live_view.h"
#include "app/output_files.h"
#include "app/replay_report.h"
#include "market/sources/simulated.h"

namespace pawl::app {

namespace {

std::vector<loop::FlipRecovery> recovery_of(const recipe::Recipe& recipe, const Engine& engine) {
  if (recipe.source.kind != "simulated") return {};
  const loop::Line& line = *engine.loop->lines().front();
  const auto settings = market::read_simulated_settings(recipe.source.settings);
  if (!settings) return {};
  const market::Simulated simulated =
      market::simulate(market::settings_for(*settings, {line.symbol(), recipe.base, recipe.calendar}),
                       engine.loop->kinds().labeller->horizon_bars());
  std::vector<std::size_t> triggers;
  for (const loop::RunReport& run : engine.loop->finished_runs()) {
    const bool about_line = std::find(run.lines.begin(), run.lines.end(), line.id()) != run.lines.end();
    if (about_line && run.trigger == "win_rate")
      triggers.push_back(line.bars().count_known_at(run.started_at) - 1);
  }
  return loop::measure_recovery(line.sides(), simulated.truth.expected_side, simulated.truth.flips, triggers,
                                {});
}

Status write_json(const ReplayOptions& options, const std::string& text) {
  if (options.json_file.empty() || options.json_file == "-") {
    print(text);
    return {};
  }
  RealFileSystem files;
  return write_atomic(files, options.json_file, text);
}

Status run_replay(const CommonOptions& common, const ReplayOptions& options) {
  CommonOptions adjusted = common;
  if (options.skip_bad_rows) adjusted.set.insert(adjusted.set.begin(), "source.bad_rows=skip");
  auto recipe = load_recipe(adjusted, std::nullopt);
  if (!recipe) return propagate(recipe);
  // Opening the data folder wipes an earlier replay's results: whatever can go wrong before that has to.
  const std::string made_folder = options.memory ? std::string() : common.data;
  for (const auto& [flag, file] :
       {std::pair{"--json", options.json_file}, std::pair{"--events", options.events_file}}) {
    if (Status writable = expect_writable(flag, file, made_folder); !writable) return writable;
  }
  EventFile events;
  if (Status opened = events.open(options.events_file); !opened) return opened;
  const bool quiet = common.quiet;
  const bool show = !quiet && !(common.json && (options.json_file.empty() || options.json_file == "-"));

  ProgressMeter reading("reading bars", "rows",
                        quiet ? ProgressMeter::Style::none : ProgressMeter::style_for_stderr());
  auto deliveries = fetch_bars(*recipe, reading.sink());
  if (!deliveries) return propagate(deliveries);
  reading.pause();
  TimeMs start = std::numeric_limits<TimeMs>::max();
  for (const market::Delivery& delivery : *deliveries) {
    if (!delivery.bars.empty()) start = std::min(start, delivery.bars.open_time(0));
  }
  if (start == std::numeric_limits<TimeMs>::max()) {
    return fail(ErrorCode::insufficient_data, "there is not one bar to replay");
  }

  auto data =
      options.memory ? DataFolder::in_memory() : DataFolder::open(common.data, DataFolder::Use::replay);
  if (!data) return propagate(data);
  if (Status begun = events.begin(); !begun) return begun;
  if (Status remembered = (*data)->remember_recipe(*recipe); !remembered) return remembered;

  ProgressMeter meter("replay", "bars",
                      quiet ? ProgressMeter::Style::none : ProgressMeter::style_for_stderr());
  LiveView view(meter, common.colour);
  auto engine = make_engine(
      *recipe, **data, start,
      [&](const Event& event) {
        events.write(event);
        if (show) view.show(event);
      },
      common.json);
  if (!engine) return propagate(engine);

  std::vector<BarSeries> series;
  std::int64_t gaps = 0, bad_rows = 0;
  std::vector<std::string> notes;
  for (market::Delivery& delivery : *deliveries) {
    gaps += static_cast<std::int64_t>(delivery.gaps.size());
    bad_rows += delivery.bad_rows;
    notes.insert(notes.end(), delivery.notes.begin(), delivery.notes.end());
    series.push_back(std::move(delivery.bars));
  }
  const double started = monotonic_seconds();
  if (Status replayed = loop::replay(*(*engine)->loop, series, meter.sink()); !replayed) return replayed;
  const double elapsed_s = monotonic_seconds() - started;
  meter.pause();
  if (Status closed = events.close(); !closed) return closed;

  auto versions = (*data)->registry().list();
  if (!versions) return propagate(versions);
  const ReplayReport report{.recipe = *recipe,
                            .engine = **engine,
                            .totals = loop::totals_of(*(*engine)->loop, recipe->bars_per_year),
                            .versions = std::move(*versions),
                            .gaps = gaps,
                            .bad_rows = bad_rows,
                            .notes = std::move(notes),
                            .recovery = recovery_of(*recipe, **engine),
                            .elapsed_s = elapsed_s};
  if (show) print(summary_text(report));
  if (common.json) return write_json(options, to_json_text(report));
  return {};
}

}  // namespace

int replay_command(const CommonOptions& common, const ReplayOptions& options) {
  const Status done = run_replay(common, options);
  return done ? 0 : report(done.error(), common);
}

}  // namespace pawl::app
