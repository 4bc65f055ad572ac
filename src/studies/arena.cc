#include "studies/arena.h"

#include <algorithm>
#include <cassert>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <set>

#include "base/parallel.h"
#include "studies/thread_time.h"

namespace pawl::studies {

namespace {

Status check_alone(const Policy& policy) {
  const recipe::Recipe& recipe = policy.recipe;
  const auto refuse = [&](std::string_view what) -> Status {
    return fail(ErrorCode::bad_config, "policy \"{}\": {}", policy.name, what);
  };
  if (recipe.trades.present) {
    return refuse("a recipe that filters a bot's trades cannot be compared; name one that predicts bars");
  }
  if (recipe.pool) {
    return refuse("pool: one line over all symbols cannot be compared; compare with pool: false");
  }
  if (recipe.quotes.polling_interval_ms > 0) {
    return refuse("quotes.polling_interval_s: quotes are not polled in a comparison; set it to 0");
  }
  if (recipe.watches_shadows() && recipe.shadow.swap_e_value > 0) {
    return refuse(
        "shadow.e_value: challengers do not prove themselves beside the champion in a comparison; set it to "
        "0");
  }
  for (const recipe::KindSettings& trigger : recipe.triggers) {
    if (trigger.kind == "drift") {
      return refuse(
          "a trigger on drift would never fire, since drift is not watched in a comparison; take it out, or "
          "have "
          "another trigger in its place");
    }
    const bool full = trigger.settings.values().contains("full") && trigger.settings.boolean("full");
    if (!full || recipe.search.trials == 0) continue;
    return refuse(
        "a schedule asks for full retrains and search.trials is not 0: searches are not part of a "
        "comparison; "
        "set search.trials to 0");
  }
  return {};
}

// Sections that say what is compared on, and must be the same for all.
constexpr std::string_view kCommon[] = {"recipe", "symbols", "bars",    "source",        "label",  "baseline",
                                        "signal", "costs",   "outside", "outside_files", "sectors"};

}  // namespace

Status check_comparable(const std::vector<Policy>& policies) {
  assert(!policies.empty());
  std::set<std::string> names;
  const Json first = recipe::to_json(policies.front().recipe);
  for (const Policy& policy : policies) {
    if (!names.insert(policy.name).second) {
      return fail(ErrorCode::bad_config, "two policies are called \"{}\"; give each a name of its own",
                  policy.name);
    }
    if (Status alone = check_alone(policy); !alone) return alone;
    const Json own = recipe::to_json(policy.recipe);
    for (const std::string_view key : kCommon) {
      const std::string name(key);
      if (own.value(name, Json()) == first.value(name, Json())) continue;
      return fail(
          ErrorCode::bad_config,
          "policy \"{}\" has another `{}` than \"{}\": policies are compared over the same bars, labels "
          "and costs; compare what differs in gate, shadow, triggers, auto_training, validation, training, "
          "calibration, features, model, seed or group",
          policy.name, key, policies.front().name);
    }
    if (policy.recipe.outside_names() != policies.front().recipe.outside_names()) {
      return fail(ErrorCode::bad_config,
                  "policy \"{}\" reads other markets than \"{}\"; name the same ones in all features",
                  policy.name, policies.front().name);
    }
  }
  return {};
}

Arena::Arena(std::vector<Policy> policies, const ArenaOptions& options)
    : policies_(std::move(policies)), options_(options) {}
Arena::~Arena() = default;

Result<std::unique_ptr<Arena>> Arena::open(std::vector<Policy> policies, const std::vector<BarSeries>& series,
                                           const ArenaOptions& options) {
  if (Status comparable = check_comparable(policies); !comparable) return propagate(comparable);
  assert(series.size() == policies.front().recipe.symbols.size());
  std::unique_ptr<Arena> arena(new Arena(std::move(policies), options));
  if (Status made = arena->make_markets(series); !made) return propagate(made);
  arena->shared_ = std::make_unique<Shared>(
      Shared{.markets = arena->markets_,
             .timeline = arena->timeline_,
             .baselines = arena->baselines_,
             .trainings = arena->trainings_,
             .contests = arena->contests_,
             .begin_at = options.begin_at.value_or(std::numeric_limits<TimeMs>::min())});
  return arena;
}

Status Arena::make_markets(const std::vector<BarSeries>& series) {
  const recipe::Recipe& recipe = policies_.front().recipe;
  auto kinds = loop::make_kinds(recipe);
  if (!kinds) return propagate(kinds);
  labeller_ = std::move(kinds->labeller);
  const std::vector<std::string> rules = models::rules_features(recipe.baseline.settings);
  std::vector<std::vector<std::string>> lists;
  for (const Policy& policy : policies_) lists.push_back(policy.recipe.features);
  lists.push_back(rules);

  markets_.resize(series.size());
  std::vector<Status> made(series.size());
  std::vector<double> seconds(series.size(), 0);
  run_parallel(series.size(), options_.threads, [&](std::size_t i) {
    const double begun = thread_cpu_seconds();
    auto market = Market::make(recipe, *labeller_, recipe.symbols[i], series[i], lists);
    if (market) {
      markets_[i] = std::move(*market);
    } else {
      made[i] = propagate(market);
    }
    seconds[i] = thread_cpu_seconds() - begun;
  });
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (!made[i]) return made[i];
    ready_seconds_ += seconds[i];
    const Market& market = *markets_[i];
    auto baseline = market.baseline();
    if (!baseline) return propagate(baseline);
    auto model = AskedModel::load(market, market.rows(rules), baseline->judged,
                                  fmt::format("{} version 0", market.line()));
    if (!model) return propagate(model);
    baselines_.push_back(std::move(*model));
  }
  timeline_ = timeline_of(markets_);
  return {};
}

// Who walks and who trains: threads take whatever can go on. What comes out does not depend on who does what,
// since walks share nothing but answers that are the same whoever asks first.
class Arena::Stage {
 public:
  Stage(std::vector<std::unique_ptr<Walk>> walks, Trainings& trainings, std::size_t batches,
        const ProgressSink& progress)
      : walks_(std::move(walks)),
        trainings_(trainings),
        batches_(batches),
        progress_(progress),
        histories_(walks_.size()),
        unfinished_(walks_.size()) {
    for (std::size_t i = 0; i < walks_.size(); ++i) runnable_.push_back(i);
  }

  void work() {
    std::unique_lock lock(mutex_);
    while (unfinished_ > 0 && !error_) {
      if (!runnable_.empty()) {
        lead(lock);
      } else if (trainings_.any_waits()) {
        lock.unlock();
        trainings_.train_next();
        lock.lock();
        wake();
      } else {
        changed_.wait(lock);
        continue;
      }
      tell();
      changed_.notify_all();
    }
    changed_.notify_all();
  }

  Result<std::vector<PolicyHistory>> result() {
    if (error_) return std::unexpected(*error_);
    return std::move(histories_);
  }

 private:
  void lead(std::unique_lock<std::mutex>& lock) {
    const std::size_t i = runnable_.front();
    runnable_.erase(runnable_.begin());
    lock.unlock();
    const Result<bool> ended = walks_[i]->advance();
    lock.lock();
    if (!ended) {
      error_ = Error{ended.error().code,
                     fmt::format("policy \"{}\": {}", walks_[i]->take_history().name, ended.error().message)};
    } else if (*ended) {
      done_ += batches_;
      histories_[i] = walks_[i]->take_history();
      --unfinished_;
      walks_[i].reset();
    } else {
      waiting_.push_back(i);
      wake();
    }
  }

  void wake() {
    std::erase_if(waiting_, [&](std::size_t i) {
      if (!walks_[i]->ready()) return false;
      runnable_.push_back(i);
      return true;
    });
  }

  void tell() {
    if (!progress_) return;
    std::uint64_t done = done_;
    // Of those that wait; one that is led just now is told of when it stops.
    for (const std::size_t i : waiting_) done += walks_[i]->batches_done();
    told_ = std::max(told_, done);
    const std::string note = fmt::format("{} trainings done", trainings_.counts().done);
    progress_({told_, batches_ * walks_.size(), note});
  }

  std::vector<std::unique_ptr<Walk>> walks_;
  Trainings& trainings_;
  std::size_t batches_;
  const ProgressSink& progress_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::size_t> runnable_, waiting_;
  std::vector<PolicyHistory> histories_;
  std::size_t unfinished_;
  std::uint64_t done_ = 0, told_ = 0;
  std::optional<Error> error_;
};

Status Arena::run(const ProgressSink& progress) {
  assert(histories_.empty() && "an arena is run once");
  std::vector<std::unique_ptr<Walk>> walks;
  for (const Policy& policy : policies_) {
    auto walk = Walk::make(*shared_, policy.recipe, policy.name);
    if (!walk) return within(policy.name, walk.error());
    walks.push_back(std::move(*walk));
  }
  Stage stage(std::move(walks), trainings_, timeline_.batches(), progress);
  const auto threads = static_cast<std::size_t>(std::max(1, options_.threads));
  run_parallel(threads, options_.threads, [&](std::size_t) { stage.work(); });
  auto histories = stage.result();
  if (!histories) return propagate(histories);
  histories_ = std::move(*histories);
  return {};
}

Arena::Costs Arena::costs() const {
  Costs costs{.trainings = trainings_.counts(),
              .contests = contests_.held(),
              .ready_seconds = ready_seconds_,
              .walk_seconds = 0};
  for (const PolicyHistory& history : histories_) costs.walk_seconds += history.seconds;
  return costs;
}

Arena::Path Arena::path_of(const AskedModel& model, std::size_t first, std::size_t last) {
  const Market& market = model.market();
  const std::size_t end = market.bars().size();
  judging::StrategyTracker strategy(market.costs(), market.labeller().horizon_bars());
  AskedModel::Block block;
  const auto said = [&](std::size_t bar) {
    return bar < last && model.rows().frame.ready[bar] != 0 && market.predictable(bar);
  };
  Path path;
  for (std::size_t bar = first; bar < last && bar + 2 < end; ++bar) {
    const Side side = said(bar) ? model.side(bar, block) : Side::hold;
    path.value.push_back(market.strategy_return(strategy, bar + 2, side, said(bar + 1)));
    path.position.push_back(strategy.position());
  }
  return path;
}

}  // namespace pawl::studies
