#include "app/live_process.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "app/feed.h"
#include "app/opened.h"
#include "app/server_keys.h"
#include "http/routes/ml_config.h"
#include "http/routes/retraining.h"
#include "loop/live/pacer.h"
#include "loop/outside_columns.h"

namespace pawl::app {

namespace {

// How often files that follow the store are brought up to date, and the status is made anew.
constexpr double kFollowEveryS = 0.25, kStatusEveryS = 0.2, kKeysEveryS = 1;
constexpr double kRetryFirstS = 0.2, kRetryMostS = 5, kSoonS = 30;
constexpr const char* kBehindKey = "live_behind_ms";

// "1000", "1000x": as many times as fast as it happened; "40/s": as many bars a second.
Result<double> read_pace(const std::string& text, Timeframe base) {
  std::string_view number = text;
  double unit = 1;
  if (number.ends_with("/s")) {
    number.remove_suffix(2);
    unit = static_cast<double>(base.duration_ms()) / 1000;
  } else if (number.ends_with("x")) {
    number.remove_suffix(1);
  }
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error != std::errc() || end != number.data() + number.size() || !(value > 0) || value > 1e9) {
    return fail(ErrorCode::invalid_argument,
                "--pace {}: write how many times as fast (1000, 1000x) or how many bars a second (40/s)",
                text);
  }
  return value * unit;
}

}  // namespace

LiveProcess::LiveProcess(const CommonOptions& common, const RunOptions& options, SignalWatch& signals)
    : common_(common),
      options_(options),
      signals_(signals),
      meter_("training", "rounds",
             common.quiet || common.json ? ProgressMeter::Style::none : ProgressMeter::style_for_stderr()) {}

LiveProcess::~LiveProcess() {
  static_cast<void>(stop());
}

Result<std::unique_ptr<LiveProcess>> LiveProcess::start(const CommonOptions& common,
                                                        const RunOptions& options, SignalWatch& signals,
                                                        std::function<void()>& wake) {
  std::unique_ptr<LiveProcess> process(new LiveProcess(common, options, signals));
  if (Status opened = process->open(); !opened) return propagate(opened);
  wake = [live = process->live_.get()] { live->wake(); };
  return process;
}

Status LiveProcess::open() {
  started_s_ = monotonic_seconds();
  if (common_.json) out_ = std::make_unique<OutputPipe>();
  // What is wrong with the words or the recipe is said before a folder is made for them.
  if (!RealFileSystem().exists(Path(common_.data) / "pawl.db")) {
    if (auto named = load_recipe(common_, std::nullopt); !named) return propagate(named);
  }
  if (Status writable = expect_writable("--events", options_.events_file, common_.data); !writable)
    return writable;
  auto data = DataFolder::open(common_.data, DataFolder::Use::write, options_.seam);
  if (!data) return propagate(data);
  data_ = std::move(*data);
  auto remembered = data_->remembered_recipe();
  if (!remembered) return propagate(remembered);
  auto recipe = load_recipe(common_, *remembered);
  if (!recipe) return propagate(recipe);
  // What was saved on a dashboard stands over the recipe, and below the command line.
  const auto saved = http::ml_config_overrides(data_->store());
  if (!saved) return propagate(saved);
  if (!saved->empty() && recipe->trades.present) {
    CommonOptions with_saved = common_;
    for (const auto& [key, value] : *saved) {
      with_saved.set.insert(with_saved.set.begin(), fmt::format("{}={}", key, value));
    }
    recipe = load_recipe(with_saved, *remembered);
    if (!recipe) return within("saved Machine Learning Configuration", recipe.error());
  }
  recipe_.emplace(std::move(*recipe));
  if (!options_.address.empty()) recipe_->server.address = options_.address;
  if (options_.port) recipe_->server.port = *options_.port;
  auto log = Log::open({.level = common_.quiet ? LogLevel::warn : LogLevel::info,
                        .file = {},
                        .format = recipe_->server.log_format,
                        .logger = "pawl"});
  if (!log) return propagate(log);
  log_ = *log;
  auto keys = open_key_ring(data_->files(), data_->folder());
  if (!keys) return propagate(keys);
  keys_ = std::move(*keys);
  if (!options_.no_server) {
    if (Status may = http::may_listen(recipe_->server.address, *keys_, wall_.now()); !may) return may;
  }
  if (!common_.recipe.empty() || !*remembered) {
    if (Status kept = data_->remember_recipe(*recipe_); !kept) return kept;
  }
  if (Status source = open_source(); !source) return source;
  if (Status opened = events_.open(options_.events_file); !opened) return opened;
  if (Status begun = events_.begin(); !begun) return begun;

  board_ = std::make_unique<serving::Board>(recipe_->line_ids());
  live_ = std::make_unique<loop::Live>(*recipe_, *board_, hub_, *time_,
                                       loop::Live::Settings{.heartbeat_ms = recipe_->server.heartbeat_ms});
  live_->on_durable([this] { follow_owed_ = true; });
  hub_.on_publish([this] {
    if (server_) server_->wake();
  });
  worker_ = std::make_unique<BackgroundWorker>();
  view_ = std::make_unique<LiveView>(meter_, common_.colour);
  // Whoever asks is answered by the champions on disk, while the past is still being read.
  if (Status served = serve_champions(); !served) return served;
  if (!options_.no_server) {
    if (Status listening = start_server(); !listening) return listening;
  }
  greet();
  return {};
}

// Recorded bars are played where a pace is given; else they are history, and new ones come from outside.
Status LiveProcess::open_source() {
  const bool files = !common_.bars.empty();
  if (options_.pace.empty()) {
    if (options_.until == "end") {
      return fail(ErrorCode::invalid_argument,
                  "--until end: only bars that are played come to an end; say --pace");
    }
    if (files) {
      ProgressMeter meter("reading bars", "rows", progress_style(common_));
      auto feed = fetch_feed(*recipe_, {}, meter.sink());
      if (!feed) return propagate(feed);
      if (auto stored = store_feed(*recipe_, *feed, data_->store(), wall_.now()); !stored)
        return propagate(stored);
      outside_ = std::move(feed->outside);
    }
    const auto behind = data_->store().meta(kBehindKey);
    if (!behind) return propagate(behind);
    if (*behind) std::from_chars((*behind)->data(), (*behind)->data() + (*behind)->size(), behind_ms_);
    // Two bars, or an hour: a bar of a minute may come late over a slow line.
    const DurationMs fresh_ms = std::max<DurationMs>(kHourMs, 2 * recipe_->base.duration_ms());
    time_ = std::make_unique<loop::WallTime>(wall_, fresh_ms, behind_ms_);
    return {};
  }
  const auto factor = read_pace(options_.pace, recipe_->base);
  if (!factor) return propagate(factor);
  factor_ = *factor;
  ProgressMeter meter("reading bars", "rows", progress_style(common_));
  auto feed = fetch_feed(*recipe_, {}, meter.sink());
  if (!feed) return propagate(feed);
  paced_ = std::move(feed->series);
  outside_ = std::move(feed->outside);
  // They go on where the folder's end; the clock starts with the first that is due.
  TimeMs from = std::numeric_limits<TimeMs>::min();
  auto listing = data_->store().bars().list();
  if (!listing) return propagate(listing);
  for (const store::BarStore::Listing& one : *listing) {
    for (const Symbol& symbol : recipe_->symbols) {
      if (one.symbol != symbol.canonical() || one.timeframe != recipe_->base) continue;
      from = std::max(from, recipe_->calendar.close_time(recipe_->base, one.last_open));
    }
  }
  std::optional<TimeMs> first;
  for (const BarSeries& series : paced_) {
    const std::size_t next = series.count_known_at(from);
    if (next < series.size())
      first = std::min(first.value_or(series.close_time(next)), series.close_time(next));
  }
  time_ = std::make_unique<loop::PacedTime>(first.value_or(from), factor_);
  return {};
}

Status LiveProcess::serve_champions() {
  for (std::size_t i = 0; i < board_->size(); ++i) {
    const auto champion = data_->registry().champion(board_->line(i));
    if (!champion) return propagate(champion);
    if (!*champion) continue;  // the line begins with this process
    // One that does not verify is replaced when the folder is recovered, a moment later.
    if (auto version = data_->registry().load(board_->line(i), **champion)) board_->publish(i, *version);
  }
  return {};
}

Status LiveProcess::build() {
  auto recovered = data_->registry().recover(wall_.now());
  if (!recovered) return propagate(recovered);
  for (const std::string& problem : *recovered) log_.warn(problem);
  TimeMs start = 0;
  auto listing = data_->store().bars().list();
  if (!listing) return propagate(listing);
  // What clients posted is none of the loop's: without a bar of its own its time has not begun.
  std::erase_if(*listing, [](const auto& one) { return one.symbol.starts_with("client:"); });
  if (!listing->empty()) {
    const auto first = first_open(*recipe_, data_->store());
    if (!first) return propagate(first);
    start = *first;
  }
  for (const BarSeries& series : paced_) {
    if (listing->empty() && !series.empty())
      start = start == 0 ? series.open_time(0) : std::min(start, series.open_time(0));
  }
  auto engine =
      make_engine(*recipe_, *data_,
                  {.start = start,
                   .observer = [this](const Event& event) { live_->observe(event); },
                   .keep_decisions = false,
                   .outside = outside_,
                   .executor = make_executor_beside_serving(*recipe_, data_->files(), data_->folder(),
                                                            options_.seam.trainer),
                   .log = log_,
                   .opened_at = start == 0 ? std::optional(wall_.now()) : std::nullopt,
                   .background =
                       [this](int priority, std::function<void()> work) {
                         worker_->post(priority, [this, work = std::move(work)] {
                           work();
                           live_->wake();
                         });
                       },
                   .on_progress = [this](const loop::RunProgress& progress) { tell_progress(progress); },
                   .on_phase = [this](std::string_view phase, std::int64_t run) { tell_phase(phase, run); },
                   .latency_of = {}});
  if (!engine) return propagate(engine);
  ProgressMeter meter("reading the store", "bars", progress_style(common_));
  loop::Loop& loop = *(*engine)->loop;
  if (Status restored = loop.restore(meter.sink()); !restored) return restored;
  if (Status kept = loop::remember_outside_columns(*recipe_, data_->store()); !kept) return kept;
  meter.pause();
  if (Status marked = loop.mark_interrupted(loop.now()); !marked) return marked;
  if (!options_.score_from.empty()) {
    const auto from = parse_time(options_.score_from);
    if (!from) return within("--score-from", from.error());
    loop.begin_at(*from);
  }
  if (Status flushed = data_->store().flush(); !flushed) return flushed;
  auto mirrors =
      mirrors::Mirrors::open(*recipe_, data_->store(), data_->registry(), data_->files(), data_->folder());
  if (!mirrors) return propagate(mirrors);
  mirrors_ = std::move(*mirrors);
  training_data_ =
      std::make_unique<loop::TrainingDataFile>(*recipe_, data_->store(), data_->files(), data_->folder());
  engine_ = std::move(*engine);
  if (!paced_.empty()) {
    TimeMs newest = std::numeric_limits<TimeMs>::min();
    for (std::size_t i = 0; i < loop.series_count(); ++i) {
      const BarSeries& bars = loop.series(i).bars();
      if (!bars.empty()) newest = std::max(newest, bars.back().close_time);
    }
    if (loop.trade_line() != nullptr) newest = loop.trade_line()->newest_bar_close().value_or(newest);
    live_->set_pacer(loop::Pacer(paced_, newest));
  }
  live_->attach(loop, data_->store(), data_->registry());
  built_s_ = monotonic_seconds();
  put_status(true);
  return {};
}

void LiveProcess::close_loop() {
  if (engine_) engine_->executor->cancel();
  worker_->stop();
  live_->detach();
  mirrors_.reset();
  training_data_.reset();
  engine_.reset();
}

Status LiveProcess::rebuild(const Error& why) {
  if (engine_) log_.error(fmt::format("The loop stops and is built again from the store: {}", why.message));
  close_loop();
  worker_ = std::make_unique<BackgroundWorker>();
  if (Status reopened = data_->reopen(); !reopened) return reopened;
  if (Status built = build(); !built) return built;
  log_.info("The loop runs again");
  return {};
}

// What the server's threads have written down of answered windows is taken over into the store.
Status LiveProcess::drain_intake() {
  if (!intake_ || !intake_->waiting()) return {};
  const auto drained =
      intake_->drain(data_->store(), live_->now(), [this](const Event& event) { live_->observe(event); });
  if (!drained) return propagate(drained);
  if (*drained > 0) live_->show_rest();
  return {};
}

void LiveProcess::follow() {
  follow_owed_ = false;
  followed_s_ = monotonic_seconds();
  Status followed = mirrors_->catch_up();
  if (followed) followed = training_data_->catch_up();
  if (!followed && !follow_failed_) {
    log_.error(fmt::format("Files that follow the store are behind, and are tried again: {}",
                           followed.error().message));
  }
  follow_failed_ = !followed;
  follow_owed_ = !followed;
  // A write to the meta table waits for the disk: only where there is something new to say.
  const auto* wall = dynamic_cast<const loop::WallTime*>(time_.get());
  if (wall != nullptr && wall->behind_ms() != behind_ms_) {
    if (data_->store().set_meta(kBehindKey, std::to_string(wall->behind_ms())))
      behind_ms_ = wall->behind_ms();
  }
}

void LiveProcess::tell_progress(const loop::RunProgress& progress) {
  const ProgressUpdate& update = progress.update;
  Json data = {{"run", progress.run},
               {"lines", progress.lines},
               {"stage", update.stage.empty() ? std::string(progress.stage) : std::string(update.stage)},
               {"done", update.done},
               {"total", update.total}};
  if (!update.note.empty()) data["note"] = std::string(update.note);
  if (!update.metric.empty()) data["metric"] = {{std::string(update.metric), json_number(update.value)}};
  if (update.seconds_left) data["seconds_left"] = json_number(*update.seconds_left);
  std::vector<Event> events(1);
  events[0].known_at = wall_.now();
  events[0].kind = "progress";
  if (progress.lines.size() == 1) events[0].line = progress.lines.front();
  events[0].payload = data.dump();
  hub_.publish(std::move(events));
  live_->wake();
}

// Told at once rather than with the events, which come when all is over: whoever watches knows that a process
// that ended in between was in the middle of a promotion.
void LiveProcess::tell_phase(std::string_view phase, std::int64_t run) {
  log_.debug(fmt::format("{} of run {}", phase, run));
  if (!common_.json) return;
  out_->write(Json{{"kind", phase}, {"run", run}}.dump() + "\n");
}

void LiveProcess::show(const Event& event) {
  events_.write(event);
  if (event.kind == "verdict") saw_verdict_ = true;
  if (event.kind == "swap") saw_swap_ = true;
  if (common_.json) {
    lines_ += to_ndjson(event) + "\n";
  } else if (!common_.quiet) {
    view_->show(event);
  }
}

void LiveProcess::show_events() {
  constexpr std::size_t kPage = 1000;
  for (;;) {
    loop::EventHub::Page page = hub_.read(shown_to_, kPage);
    shown_to_ = page.next;
    for (const loop::EventHub::Entry& entry : page.entries) show(entry.event);
    if (!lines_.empty()) out_->write(std::exchange(lines_, {}));
    if (page.entries.size() < kPage) break;
  }
  std::fflush(stdout);
}

void LiveProcess::put_status(bool at_once) {
  const double now_s = monotonic_seconds();
  if (!engine_ || (!at_once && now_s - status_s_ < kStatusEveryS)) return;
  status_s_ = now_s;
  status_.put(loop::status_of(*engine_->loop, data_->registry(), live_->now()));
}

bool LiveProcess::reached() const {
  if (options_.until == "verdict") return saw_verdict_;
  if (options_.until == "swap") return saw_swap_;
  if (options_.until == "end") {
    return live_->pacer() && live_->pacer()->bars_left() == 0 && engine_ &&
           engine_->loop->under_way().empty();
  }
  return false;
}

Result<LiveProcess::End> LiveProcess::run() {
  if (Status built = build(); !built) {
    // Nobody goes without answers because nothing can be retrained.
    if (!server_) return propagate(built);
    http::log_scheduler_failure(log_, built.error());
    close_loop();
    retry_wait_s_ = kRetryMostS;
    retry_s_ = monotonic_seconds() + retry_wait_s_;
  }
  for (;;) {
    const loop::Live::Step step = live_->step();
    const double now_s = monotonic_seconds();
    if (!step.status) {
      // A disk that is full now may not be in a moment; until then requests are answered and work is refused.
      if (engine_) {
        log_.error(fmt::format("{}; the loop is built again from the store", step.status.error().message));
        close_loop();
        // One that fails again soon after it was built waits longer each time.
        const bool soon = now_s - built_s_ < kSoonS;
        retry_wait_s_ = soon ? std::min(kRetryMostS, retry_wait_s_ * 2) : kRetryFirstS;
        retry_s_ = now_s + retry_wait_s_;
      } else if (now_s >= retry_s_) {
        if (Status rebuilt = rebuild(step.status.error()); !rebuilt) {
          log_.error(fmt::format("{}; tried again", rebuilt.error().message));
          close_loop();
          retry_wait_s_ = std::min(kRetryMostS, retry_wait_s_ * 2);
          retry_s_ = monotonic_seconds() + retry_wait_s_;
        }
      }
    }
    show_events();
    if (live_->take_swapped() && server_) server_->refresh();
    if (engine_ && follow_owed_ && (now_s - followed_s_ >= kFollowEveryS)) follow();
    if (engine_ && (!intake_ || intake_->drain_due())) {
      if (Status drained = drain_intake(); !drained) live_->fail_step(drained.error());
    }
    put_status(!step.fed);
    if (now_s - keys_s_ >= kKeysEveryS) {
      keys_s_ = now_s;
      if (Status read = keys_->reload(); !read) log_.error(read.error().message);
    }
    if (signals_.stop_asked()) return End::stopped;
    if (signals_.take_reload()) return End::reload;
    if (reached()) return End::reached;
    if (options_.seconds_max > 0 && now_s - started_s_ >= options_.seconds_max) return End::stopped;
    if (live_->pacer() && live_->pacer()->bars_left() == 0 && !told_end_) {
      told_end_ = true;
      log_.info("The recorded bars have all been played; requests are still answered");
    }
    if (!engine_) {
      live_->wait(std::max(0.01, retry_s_ - monotonic_seconds()));
    } else if (!step.fed || step.wait_seconds > 0) {
      live_->wait(step.wait_seconds);
    }
  }
}

void LiveProcess::tell_stopped(bool reached) {
  if (!common_.json) return;
  out_->write(Json{{"kind", "stopped"}, {"reached", reached}, {"decisions_sha256", decisions_}}.dump() +
              "\n");
}

Status LiveProcess::stop() {
  if (engine_) decisions_ = engine_->decisions.sha256();
  if (!data_) return {};
  if (live_) live_->close();
  if (engine_) engine_->executor->cancel();
  if (server_) server_->stop();
  if (worker_) worker_->stop();
  Status stopped;
  if (engine_) {
    // At the newest input rather than by the clock: what a paced clock is ahead of comes after the restart.
    stopped = engine_->loop->mark_interrupted(engine_->loop->now());
    if (stopped) stopped = data_->store().flush();
    if (stopped) stopped = drain_intake();
    if (stopped) follow();
    if (live_) live_->show_rest();
    show_events();
  }
  if (Status closed = events_.close(); stopped && !closed) stopped = closed;
  meter_.pause();
  server_.reset();
  engine_.reset();
  mirrors_.reset();
  training_data_.reset();
  data_.reset();
  return stopped;
}

Status LiveProcess::start_server() {
  auto intake = loop::Intake::open(data_->files(), data_->folder() / "intake", data_->store(), wall_, log_);
  if (!intake) return propagate(intake);
  intake_ = std::move(*intake);
  const char* secret = std::getenv("PAWL_WEBHOOK_SECRET");
  const Path database = data_->folder() / "pawl.db";
  auto server = LiveServer::start(
      {.recipe = *recipe_,
       .live = *live_,
       .board = *board_,
       .hub = hub_,
       .status = status_,
       .clock = wall_,
       .log = log_,
       .open_store = [database] { return store::open_sqlite({.file = database, .read_only = true}); },
       .data_folder = data_->folder().string(),
       .program_version = PAWL_VERSION,
       .live_market = options_.pace.empty()},
      *keys_, intake_.get(), secret == nullptr ? std::string() : std::string(secret));
  if (!server) return propagate(server);
  server_ = std::move(*server);
  return {};
}

void LiveProcess::greet() {
  const std::string url =
      server_ ? fmt::format("http://{}:{}", recipe_->server.address, server_->port()) : std::string();
  if (common_.json) {
    out_->write(Json{{"kind", "started"},
                     {"recipe", recipe_->name},
                     {"data", common_.data},
                     {"url", url},
                     {"lines", recipe_->line_ids()},
                     {"pace", options_.pace}}
                    .dump() +
                "\n");
    return;
  }
  if (common_.quiet) return;
  print(fmt::format("pawl runs {} in {}, on {}\n", recipe_->name, common_.data,
                    options_.pace.empty() ? std::string("bars that are sent to it")
                                          : fmt::format("recorded bars, paced {}", options_.pace)));
  if (server_) {
    print(
        fmt::format("  open  {}/api/docs           every route, with an example\n"
                    "  try   curl {}/api/v1/lines       what serves, and how it does\n"
                    "        curl -N {}/api/v1/events   what happens, as it happens\n"
                    "  end   Ctrl+C, or: pawl stop --data {}\n\n",
                    url, url, url, common_.data));
  }
  std::fflush(stdout);
}

}  // namespace pawl::app
