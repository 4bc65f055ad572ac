#include "studies/gate_measure.h"

#include <atomic>
#include <cmath>
#include <memory>
#include <mutex>
#include <numbers>

#include "base/parallel.h"
#include "base/random.h"
#include "gates/gate_policy.h"
#include "judging/metrics.h"
#include "judging/paired.h"
#include "stats/paired_tests.h"
#include "studies/gate_forms.h"

namespace pawl::studies {

namespace {

// Standardised sums of `width` neighbours: values that last as long as labels do.
std::vector<double> lasting(Random& random, std::size_t count, std::size_t width) {
  std::vector<double> parts(count + width);
  for (double& part : parts) part = random.normal();
  std::vector<double> sums(count);
  double sum = 0;
  for (std::size_t k = 0; k < width; ++k) sum += parts[k];
  const double scale = 1 / std::sqrt(static_cast<double>(width));
  for (std::size_t i = 0; i < count; ++i) {
    sums[i] = sum * scale;
    sum += parts[i + width] - parts[i];
  }
  return sums;
}

struct Market {
  std::vector<double> open;  // rows + label_bars + 1
  std::vector<double> move;  // standardised log move of each row's label
  std::vector<Label> labels;
  std::vector<TimeMs> known_at;
  std::vector<double> next_open, next_next_open;
  std::vector<std::uint8_t> contiguous;
};

Market make_market(const DuelSettings& settings, Random& random) {
  const std::size_t rows = settings.rows, bars = rows + settings.label_bars + 1;
  Market market;
  market.open = {100};
  std::vector<double> logs = {0};
  for (std::size_t i = 1; i <= bars; ++i) {
    logs.push_back(logs.back() + settings.volatility_bp * 1e-4 * random.normal());
    market.open.push_back(100 * std::exp(logs.back()));
  }
  const double spread = settings.volatility_bp * 1e-4 * std::sqrt(static_cast<double>(settings.label_bars));
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t in = row + 1, out = in + settings.label_bars;
    const double move = logs[out] - logs[in];
    market.move.push_back(move / spread);
    market.labels.push_back({.cls = move > 0 ? 1 : 0,
                             .gross_return = market.open[out] / market.open[in] - 1,
                             .known_at = static_cast<TimeMs>(out) * kHourMs,
                             .exit_bar = out});
    market.known_at.push_back(static_cast<TimeMs>(row) * kHourMs);
    market.next_open.push_back(market.open[in]);
    market.next_next_open.push_back(market.open[in + 1]);
    market.contiguous.push_back(row + 1 < rows ? 1 : 0);
  }
  return market;
}

struct Answers {
  std::vector<double> probabilities;
  std::vector<Side> sides;
};

Answers answer(const Market& market, const std::vector<double>& noise, double accuracy) {
  const double sight = std::tan(std::numbers::pi * (accuracy - 0.5));
  const double sharpness = sight / std::sqrt(1 + sight * sight);
  const judging::SignalRule rule{.min_edge = 0};
  Answers answers;
  for (std::size_t row = 0; row < market.move.size(); ++row) {
    const double seen = sight * market.move[row] + noise[row];
    const double p_up = 0.5 * std::erfc(-sharpness * seen / std::numbers::sqrt2);
    answers.probabilities.insert(answers.probabilities.end(), {1 - p_up, p_up});
    answers.sides.push_back(rule.side(std::span(answers.probabilities).last(2)));
  }
  return answers;
}

judging::ScoredRows rows_of(const Market& market, const Answers& answers) {
  return {.classes = 2,
          .probabilities = answers.probabilities,
          .sides = answers.sides,
          .labels = market.labels,
          .known_at = market.known_at,
          .next_open = market.next_open,
          .next_next_open = market.next_next_open,
          .contiguous = market.contiguous};
}

}  // namespace

std::vector<Evidence> duel(const DuelSettings& settings, const std::vector<double>& skill_points,
                           std::uint64_t seed) {
  Random random(seed);
  const Market market = make_market(settings, random);
  const std::vector<double> own = lasting(random, settings.rows, settings.label_bars);
  const std::vector<double> others = lasting(random, settings.rows, settings.label_bars);
  judging::ScoringRules rules;
  rules.costs.per_side_bp = settings.cost_bp;
  rules.horizon_bars = settings.label_bars;
  rules.bars_per_year = settings.bars_per_year;
  const Answers champion = answer(market, own, settings.champion_accuracy);
  const Scorecard champion_scores = judging::score(rows_of(market, champion), rules);

  std::vector<Evidence> made;
  for (const double points : skill_points) {
    const Answers challenger = answer(market, others, settings.champion_accuracy + points / 100);
    Evidence evidence;
    evidence.line = "measured";
    evidence.champion = {1};
    evidence.challenger = {2};
    evidence.rows = static_cast<std::int64_t>(settings.rows);
    evidence.judged_from = market.known_at.front();
    // The gate's own chance comes from this: another market, another draw.
    evidence.judged_to = static_cast<TimeMs>(seed >> 1);
    evidence.champion_scores = champion_scores;
    evidence.challenger_scores = judging::score(rows_of(market, challenger), rules);
    evidence.paired = judging::pair_rows(rows_of(market, champion), rows_of(market, challenger), rules);
    evidence.difference = judging::difference_of(evidence.paired);
    made.push_back(std::move(evidence));
  }
  return made;
}

namespace {
// A p-value of 0.025 is then known to ± 0.0035, which no share of thousands of contests shows; a fifth of the
// time.
constexpr std::int64_t kResamples = 1999;
}  // namespace

Json to_json(const MeasuredCell& cell) {
  const stats::Interval interval = stats::share_interval(static_cast<std::int64_t>(cell.promotions),
                                                         static_cast<std::int64_t>(cell.repetitions), 0.95);
  return {{"policy", cell.policy},
          {"form", cell.form},
          {"n", cell.rows},
          {"skill_points", cell.skill_points},
          {"promotion_rate", cell.rate()},
          {"interval", {interval.low, interval.high}},
          {"repetitions", cell.repetitions}};
}

Result<std::vector<MeasuredCell>> measured_cells_from_json(const Json& json) {
  if (!json.is_array())
    return fail(ErrorCode::bad_data, "a measurement is a list, this is {}", json.type_name());
  std::vector<MeasuredCell> cells;
  for (const Json& one : json) {
    const auto policy = json_string(one, "policy"), form = json_string(one, "form");
    const auto rows = json_int(one, "n"), repetitions = json_int(one, "repetitions");
    const auto skill = json_double(one, "skill_points"), rate = json_double(one, "promotion_rate");
    if (!policy || !form || !rows || !repetitions || !skill || !rate || *repetitions < 1) {
      return fail(ErrorCode::bad_data, "entry {} is no measured cell: {}", cells.size(), one.dump());
    }
    cells.push_back({*policy, *form, static_cast<std::size_t>(*rows), *skill,
                     static_cast<std::size_t>(std::llround(*rate * static_cast<double>(*repetitions))),
                     static_cast<std::size_t>(*repetitions)});
  }
  return cells;
}

Result<std::vector<MeasuredCell>> measure_gates(const MeasureOptions& options, const ProgressSink& progress) {
  auto forms = gate_forms(kResamples);
  if (!forms) return propagate(forms);
  const std::size_t skills = options.skill_points.size();
  std::vector<MeasuredCell> cells;
  for (const GateForm& form : *forms) {
    for (const std::size_t rows : options.rows) {
      for (const double points : options.skill_points) {
        cells.push_back({form.policy, form.form, rows, points, 0, options.repetitions});
      }
    }
  }
  std::vector<std::atomic<std::size_t>> promotions(cells.size());
  const std::size_t total = options.rows.size() * options.repetitions;
  std::atomic<std::size_t> done = 0;
  std::mutex telling;
  // The largest contests first, so that no thread is left with one at the end.
  run_parallel(total, options.threads, [&](std::size_t piece) {
    const std::size_t size = options.rows.size() - 1 - piece / options.repetitions;
    const std::size_t repetition = piece % options.repetitions;
    const std::uint64_t seed = derive_seed(derive_seed(options.seed, options.rows[size]), repetition);
    const std::vector<Evidence> contests = duel({.rows = options.rows[size]}, options.skill_points, seed);
    for (std::size_t form = 0; form < forms->size(); ++form) {
      for (std::size_t skill = 0; skill < skills; ++skill) {
        const auto verdicts = (*forms)[form].gate->judge({&contests[skill], 1});
        if (verdicts.front().decision != Decision::promote) continue;
        promotions[(form * options.rows.size() + size) * skills + skill].fetch_add(1);
      }
    }
    const std::size_t now = done.fetch_add(1) + 1;
    if (!progress) return;
    const std::lock_guard lock(telling);
    progress({now, total, {}});
  });
  for (std::size_t i = 0; i < cells.size(); ++i) cells[i].promotions = promotions[i];
  return cells;
}

}  // namespace pawl::studies
