#include "studies/gate_regret.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cmath>
#include <map>
#include <mutex>

#include "base/format.h"
#include "base/parallel.h"
#include "base/random.h"
#include "stats/paired_tests.h"
#include "studies/arena.h"
#include "studies/gate_forms.h"

namespace pawl::studies {

namespace {

constexpr const char* kDefaultPolicy = "sound";
constexpr const char* kDefaultClaim = "not_worse";

// Labels of one bar, which do not overlap. Nothing is taken back after a promotion: who knows the truth
// promotes and keeps, and so do the policies.
constexpr const char* kRecipe = R"yaml(schema: 1
recipe: regret
symbols: [BTC/USDT]
source: {kind: simulated}
features: [clv, "lag(clv, 1)", "lag(clv, 2)", ret(1), ret(3), ret(24), rsi(14), ema(12) / ema(26) - 1, "bb_pctb(20, 2)", atr(14) / close]
label: {kind: horizon_return, horizon_bars: 1}
model: {kind: logistic}
signal: {kind: edge, min_edge: 0.02}
costs: {per_side_bp: 2}
validation: {embargo_bars: 24, min_bars: 1000, min_judged_rows: 500}
shadow: {when: never}
training: {latency_minutes: 30, cooldown_hours: 0}
auto_training: {enabled: false}
)yaml";

struct Gain {
  std::vector<double> value;  // by bar: mean return of the position held over the bar after it, after costs
  std::vector<double> position;  // by bar
};

// What a model's signals are worth by the truth, as if it alone had served from the first bar on.
Gain gain_of(const AskedModel& model, const market::Truth& truth) {
  const BarSeries& bars = model.market().bars();
  Arena::Path path = Arena::path_of(model, 0, bars.size());
  Gain gain{.value = std::move(path.value), .position = std::move(path.position)};
  for (std::size_t i = 0; i < gain.value.size(); ++i) {
    // What happened beside what was to be expected is chance, the same for all.
    const double happened = bars.open(i + 2) / bars.open(i + 1) - 1;
    gain.value[i] -= gain.position[i] * (happened - truth.expected_return[i + 1]);
  }
  return gain;
}

// One market of one seed: its versions (0 is the baseline, k the one of run k − 1), where each run ended, and
// what each version is worth.
struct Ground {
  std::vector<const AskedModel*> versions;
  std::vector<std::size_t>
      begins;  // the first bar that version k may serve from; of version 0 the first judged one
  std::vector<Gain> gains;
  double cost = 0;  // of a whole change of position
  std::size_t bars = 0;

  double between(std::size_t version, std::size_t first, std::size_t last) const {
    double sum = 0;
    for (std::size_t i = first; i < last; ++i) sum += gains[version].value[i];
    return sum;
  }
  // A swap changes from what one version holds to what the other does.
  double swap_cost(std::size_t from, std::size_t to, std::size_t bar) const {
    if (bar == 0 || from == to) return 0;
    return cost * std::abs(gains[to].position[bar - 1] - gains[from].position[bar - 1]);
  }
  std::size_t end_of(std::size_t version) const {
    return version + 1 < begins.size() ? begins[version + 1] : bars;
  }

  // The most that promoting and keeping at these runs could have earned: over all courses, by the truth.
  double best() const {
    std::vector<double> worth = {between(0, begins[0], end_of(0))};
    for (std::size_t run = 1; run < versions.size(); ++run) {
      double promoted = -1e300;
      for (std::size_t held = 0; held < run; ++held)
        promoted = std::max(promoted, worth[held] - swap_cost(held, run, begins[run]));
      worth.push_back(promoted);
      for (std::size_t version = 0; version <= run; ++version)
        worth[version] += between(version, begins[run], end_of(run));
    }
    return *std::ranges::max_element(worth);
  }

  double earned_by(const LineHistory& line) const {
    double sum = 0;
    std::size_t serving = 0;
    std::size_t from = begins[0];
    for (const Swap& swap : line.swaps) {
      const std::size_t bar = swap.bar;
      if (bar >= bars) continue;
      const std::size_t next = index_of(swap.to);
      sum += between(serving, from, bar) - swap_cost(serving, next, bar);
      serving = next;
      from = bar;
    }
    return sum + between(serving, from, bars);
  }

  std::size_t index_of(const Version& version) const {
    const auto found = std::ranges::find(versions, version.serving.get());
    assert(found != versions.end());
    return static_cast<std::size_t>(found - versions.begin());
  }
};

Result<Ground> ground_of(Arena& arena, std::size_t always, const market::Truth& truth) {
  Ground ground;
  const PolicyHistory& history = arena.histories()[always];
  const LineHistory& line = history.lines.front();
  ground.versions.push_back(line.first.serving.get());
  ground.begins.push_back(0);
  for (std::size_t run = 0; run < history.runs.size(); ++run) {
    const Version& challenger = history.models[run].challengers.front();
    if (challenger.serving == nullptr) {
      return fail(ErrorCode::internal, "run {} of the policy that promotes all has no version: {}", run,
                  history.runs[run].failure);
    }
    ground.versions.push_back(challenger.serving.get());
    ground.begins.push_back(line.swaps[run].bar);
  }
  if (ground.versions.size() < 3) {
    return fail(ErrorCode::invalid_argument, "a market needs more bars: it saw {} retrains",
                ground.versions.size() - 1);
  }
  // Before the first run there is nothing to decide.
  ground.begins.front() = ground.begins[1];
  ground.cost = arena.markets().front()->costs().fraction(1);
  for (const AskedModel* version : ground.versions) ground.gains.push_back(gain_of(*version, truth));
  ground.bars = ground.gains.front().value.size();
  return ground;
}

struct SeedFindings {
  struct One {
    double regret = 0, earned = 0, promotions = 0;
  };
  std::vector<One> by_form;
  std::int64_t trainings_done = 0, trainings_asked = 0;
};

Result<SeedFindings> find_seed(const RegretMarket& market, const std::vector<GateForm>& forms,
                               const RegretOptions& options, std::uint64_t seed) {
  market::SimulatedSettings settings = market.settings;
  settings.bars = options.bars;
  settings.seed = seed;
  const market::Simulated simulated = market::simulate(settings, 1);
  recipe::Overrides retraining;
  retraining.set.emplace_back("validation.window_days", fmt::format("{}", options.retraining.window_days));
  retraining.set.emplace_back("validation.judged_days", fmt::format("{}", options.retraining.judged_days));
  retraining.set.emplace_back("triggers",
                              Json{{{"kind", "cron"}, {"schedule", options.retraining.schedule}}}.dump());
  std::vector<Policy> policies;
  std::size_t always = 0;
  for (const GateForm& form : forms) {
    recipe::Overrides overrides = retraining;
    Json gate = form.settings;
    gate["policy"] = form.policy;
    overrides.set.emplace_back("gate", gate.dump());
    auto recipe = recipe::load_recipe(kRecipe, "regret.yaml", overrides);
    if (!recipe) return propagate(recipe);
    if (form.policy == "always") always = policies.size();
    policies.push_back({form.name(), std::move(*recipe)});
  }
  auto arena = Arena::open(std::move(policies), {simulated.bars}, {.threads = 1});
  if (!arena) return propagate(arena);
  if (Status run = (*arena)->run({}); !run) return propagate(run);
  auto ground = ground_of(**arena, always, simulated.truth);
  if (!ground) return propagate(ground);

  const double best = ground->best();
  const double years = static_cast<double>(ground->bars - ground->begins.front()) / 8766;
  SeedFindings findings;
  for (const PolicyHistory& history : (*arena)->histories()) {
    const double earned = ground->earned_by(history.lines.front());
    findings.by_form.push_back({.regret = 100 * (best - earned) / years,
                                .earned = 100 * earned / years,
                                .promotions = static_cast<double>(history.promotions)});
  }
  const Trainings::Counts trainings = (*arena)->costs().trainings;
  findings.trainings_done = trainings.done;
  findings.trainings_asked = trainings.asked;
  return findings;
}

// The mean with its 95 % interval by Student's t.
struct Mean {
  double mean = 0, low = 0, high = 0;
};
Mean mean_of(const std::vector<double>& values) {
  const std::optional<stats::Interval> interval = stats::student_interval(values, 0.95);
  double sum = 0;
  for (const double value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  return {mean, interval ? interval->low : mean, interval ? interval->high : mean};
}

}  // namespace

const std::vector<RegretMarket>& regret_markets() {
  const auto of = [](double edge, std::int64_t flip, std::int64_t jitter, std::int64_t turn) {
    market::SimulatedSettings settings;
    settings.volatility_bp = 50;
    settings.edge = edge;
    settings.flip_every_bars = flip;
    settings.flip_jitter_bars = jitter;
    settings.turn_every_bars = turn;
    return settings;
  };
  static const std::vector<RegretMarket> markets = {{"stationary", of(0.1, 0, 0, 0)},
                                                    {"slow drift", of(0.15, 0, 0, 64'000)},
                                                    {"sharp flips", of(0.15, 16'000, 3'200, 0)},
                                                    {"noise only", of(0, 0, 0, 0)}};
  return markets;
}

Result<RegretStudy> measure_regret(const RegretOptions& options, const ProgressSink& progress) {
  auto forms = gate_forms();
  if (!forms) return propagate(forms);
  const std::vector<RegretMarket>& markets = regret_markets();
  const std::size_t total = markets.size() * options.seeds;
  std::vector<Result<SeedFindings>> found(total, fail(ErrorCode::internal, "the seed was not run"));
  std::atomic<std::size_t> done = 0;
  std::mutex telling;
  run_parallel(total, options.threads, [&](std::size_t piece) {
    const std::size_t market = piece % markets.size(), seed = piece / markets.size();
    found[piece] =
        find_seed(markets[market], *forms, options, derive_seed(derive_seed(options.seed, market), seed));
    const std::size_t now = done.fetch_add(1) + 1;
    if (!progress) return;
    const std::lock_guard lock(telling);
    progress({now, total, {}});
  });

  RegretStudy study;
  study.seeds = options.seeds;
  study.bars = options.bars;
  study.retraining = options.retraining;
  study.default_claim = kDefaultClaim;
  for (const Result<SeedFindings>& one : found) {
    if (!one) return propagate(one);
    study.trainings_done += one->trainings_done;
    study.trainings_asked += one->trainings_asked;
  }
  std::vector<std::vector<double>> whole(forms->size());  // by form, then seed: the mean over the markets
  std::size_t standard = 0;
  for (std::size_t form = 0; form < forms->size(); ++form) {
    const GateForm& policy = (*forms)[form];
    if (policy.policy == kDefaultPolicy && policy.form == kDefaultClaim) standard = form;
    PolicyRegret all{.policy = policy.policy, .form = policy.form, .market = ""};
    all.by_seed.assign(options.seeds, 0);
    for (std::size_t market = 0; market < markets.size(); ++market) {
      PolicyRegret row{.policy = policy.policy, .form = policy.form, .market = markets[market].name};
      for (std::size_t seed = 0; seed < options.seeds; ++seed) {
        const SeedFindings::One& one = found[seed * markets.size() + market]->by_form[form];
        row.by_seed.push_back(one.regret);
        row.earned += one.earned / static_cast<double>(options.seeds);
        row.promotions += one.promotions / static_cast<double>(options.seeds);
        all.by_seed[seed] += one.regret / static_cast<double>(markets.size());
      }
      const Mean mean = mean_of(row.by_seed);
      row.mean = mean.mean, row.low = mean.low, row.high = mean.high;
      all.earned += row.earned / static_cast<double>(markets.size());
      all.promotions += row.promotions / static_cast<double>(markets.size());
      study.rows.push_back(std::move(row));
    }
    const Mean mean = mean_of(all.by_seed);
    all.mean = mean.mean, all.low = mean.low, all.high = mean.high;
    whole[form] = all.by_seed;
    study.rows.push_back(std::move(all));
  }
  for (std::size_t form = 0; form < forms->size(); ++form) {
    if (form == standard) continue;
    std::vector<double> more(options.seeds);
    for (std::size_t seed = 0; seed < options.seeds; ++seed)
      more[seed] = whole[form][seed] - whole[standard][seed];
    const Mean mean = mean_of(more);
    study.against_default.push_back(
        {(*forms)[form].policy, (*forms)[form].form, mean.mean, mean.low, mean.high});
  }
  return study;
}

Json to_json(const RegretStudy& study) {
  Json rows = Json::array(), against = Json::array();
  for (const PolicyRegret& row : study.rows) {
    rows.push_back({{"policy", row.policy},
                    {"form", row.form},
                    {"market", row.market.empty() ? "all" : row.market},
                    {"regret_percent_a_year", row.mean},
                    {"interval", {row.low, row.high}},
                    {"earned_percent_a_year", row.earned},
                    {"promotions", row.promotions},
                    {"by_seed", row.by_seed}});
  }
  for (const RegretStudy::Difference& one : study.against_default) {
    against.push_back({{"policy", one.policy},
                       {"form", one.form},
                       {"more_regret", one.mean},
                       {"interval", {one.low, one.high}}});
  }
  return {{"default", study.default_claim},
          {"seeds", study.seeds},
          {"bars", study.bars},
          {"retraining",
           {{"schedule", study.retraining.schedule},
            {"window_days", study.retraining.window_days},
            {"judged_days", study.retraining.judged_days}}},
          {"trainings", {{"done", study.trainings_done}, {"asked", study.trainings_asked}}},
          {"policies", std::move(rows)},
          {"against_default", std::move(against)}};
}

Result<RegretStudy> regret_study_from_json(const Json& json) {
  // The library throws where a field is missing or of another type.
  try {
    RegretStudy study;
    study.default_claim = json.at("default").get<std::string>();
    study.seeds = json.at("seeds").get<std::size_t>();
    study.bars = json.at("bars").get<std::int64_t>();
    const Json& retraining = json.at("retraining");
    study.retraining = {.schedule = retraining.at("schedule").get<std::string>(),
                        .window_days = retraining.at("window_days").get<std::int64_t>(),
                        .judged_days = retraining.at("judged_days").get<std::int64_t>()};
    study.trainings_done = json.at("trainings").at("done").get<std::int64_t>();
    study.trainings_asked = json.at("trainings").at("asked").get<std::int64_t>();
    for (const Json& row : json.at("policies")) {
      const std::string market = row.at("market").get<std::string>();
      study.rows.push_back({.policy = row.at("policy").get<std::string>(),
                            .form = row.at("form").get<std::string>(),
                            .market = market == "all" ? "" : market,
                            .by_seed = row.at("by_seed").get<std::vector<double>>(),
                            .mean = row.at("regret_percent_a_year").get<double>(),
                            .low = row.at("interval").at(0).get<double>(),
                            .high = row.at("interval").at(1).get<double>(),
                            .promotions = row.at("promotions").get<double>(),
                            .earned = row.at("earned_percent_a_year").get<double>()});
    }
    for (const Json& one : json.at("against_default")) {
      study.against_default.push_back({one.at("policy").get<std::string>(), one.at("form").get<std::string>(),
                                       one.at("more_regret").get<double>(),
                                       one.at("interval").at(0).get<double>(),
                                       one.at("interval").at(1).get<double>()});
    }
    return study;
  } catch (const Json::exception& error) {
    return fail(ErrorCode::bad_data, "not a study of regret: {}", error.what());
  }
}

}  // namespace pawl::studies
