// Promote where the rows say, beyond chance, that the challenger earns more (superior), or that it does not
// earn less by more than a margin and probably earns more (not_worse). What is asked, and why:
// docs/gate-policies.md.
#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "gates/gate_policy.h"
#include "gates/judging_words.h"
#include "stats/bootstrap.h"
#include "stats/random_effects.h"
#include "stats/sharpe.h"

namespace pawl::gates {
namespace {

struct Rules {
  bool superior = false;
  double margin_points = 2;
  double alpha = 0.025;
  double budget_per_year = 0.3;
  std::int64_t resamples = 9999;
  double log_loss_margin = 0.01, log_loss_alpha = 0.05;
  double drawdown_margin = 0.25;
  double prior_points = 2;
  std::int64_t min_rows = 500, min_labels = 50;
};

constexpr std::uint64_t kSeed = 0x50a2d;
constexpr std::size_t kDrawdownResamples = 199;

double mean_of(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

std::vector<double> differences(std::span<const double> challenger, std::span<const double> champion) {
  std::vector<double> made(challenger.size());
  for (std::size_t i = 0; i < made.size(); ++i) made[i] = challenger[i] - champion[i];
  return made;
}

// Of the rows in that order, compounded.
double drawdown_of(std::span<const double> returns, std::span<const std::size_t> rows) {
  double wealth = 1, peak = 1, worst = 0;
  for (const std::size_t row : rows) {
    wealth *= 1 + returns[row];
    peak = std::max(peak, wealth);
    worst = std::max(worst, 1 - wealth / peak);
  }
  return worst;
}

// One line under judgement: each question adds its check, and the first that is not passed its reason.
class Judgement {
 public:
  Judgement(const Rules& rules, const Evidence& line)
      : rules_(rules),
        line_(line),
        difference_(*line.difference),
        differences_(differences(line.paired.challenger_returns, line.paired.champion_returns)),
        seed_(derive_seed(kSeed, static_cast<std::uint64_t>(line.judged_to))) {
    alpha_ = rules.alpha;
    if (line.years_since_contest) {
      alpha_ = std::min(alpha_, rules.budget_per_year * std::max(0.0, *line.years_since_contest));
    }
    const double least = alpha_ > 0 ? std::ceil(10 / alpha_) : 0;
    resamples_ =
        static_cast<std::size_t>(std::max(static_cast<double>(rules.resamples), std::min(least, 1e7)));
  }

  Verdict judge() {
    verdict_.line = line_.line;
    const bool earns = rules_.superior ? is_superior() : is_not_worse() && is_worth_it();
    // The dearer questions are asked only where their answers can matter.
    const bool promote = earns && has_no_worse_loss() && has_no_deeper_drawdown();
    verdict_.decision = promote ? Decision::promote : Decision::keep;
    tell_evidence();
    if (promote) verdict_.reasons.insert(verdict_.reasons.begin(), why_promoted_);
    return std::move(verdict_);
  }

 private:
  double observed() const { return difference_.return_a_bar; }
  std::string points(double value) const { return fmt::format("{:+.2f} points", value); }

  void check(std::string name, double value, double limit, bool pass, std::string note) {
    verdict_.checks.push_back(
        {.name = std::move(name), .value = value, .limit = limit, .pass = pass, .note = std::move(note)});
  }
  bool no(std::string reason) {
    verdict_.reasons.push_back(std::move(reason));
    return false;
  }
  std::string budget() const {
    if (!(alpha_ < rules_.alpha)) return "";
    return fmt::format(" (the error budget allows {:.4f} after {:.1f} days)", alpha_,
                       *line_.years_since_contest * 365.25);
  }

  bool is_superior() {
    const stats::TailTest test =
        stats::upper_tail(differences_, difference_.block, resamples_, observed(), alpha_, seed_);
    const bool pass = test.p <= alpha_;
    check("p_superior", test.p, alpha_, pass,
          fmt::format("{} of {} bars in blocks of {:.0f}, {} resamples", points(difference_.points),
                      differences_.size(), difference_.block, test.resamples));
    why_promoted_ =
        fmt::format("{} earns more than {} after costs: {} (± {:.2f}) over {} rows, p = {:.4f} ≤ {:.4f}",
                    challenger_text(line_), champion_text(line_), points(difference_.points),
                    difference_.standard_error, line_.rows, test.p, alpha_);
    if (pass) return true;
    return no(
        fmt::format("that {} earns more than {} may be chance: {} (± {:.2f}) over {} rows, p = {} is "
                    "above {:.4f}{}",
                    challenger_text(line_), champion_text(line_), points(difference_.points),
                    difference_.standard_error, line_.rows, number_beside(test.p, alpha_), alpha_, budget()));
  }

  bool is_not_worse() {
    const double margin = rules_.margin_points * line_.paired.return_per_point;
    const stats::TailTest test =
        stats::upper_tail(differences_, difference_.block, resamples_, observed() + margin, alpha_, seed_);
    const bool pass = test.p <= alpha_;
    check("p_not_worse", test.p, alpha_, pass,
          fmt::format("{} of {} bars in blocks of {:.0f}, margin {} points, {} resamples",
                      points(difference_.points), differences_.size(), difference_.block,
                      plain(rules_.margin_points), test.resamples));
    why_promoted_ = fmt::format(
        "{} is not worse than {} by {} points (p = {:.4f} ≤ {:.4f}) and probably better: {} (± {:.2f}) over "
        "{} rows",
        challenger_text(line_), champion_text(line_), plain(rules_.margin_points), test.p, alpha_,
        points(difference_.points), difference_.standard_error, line_.rows);
    if (pass) return true;
    return no(fmt::format(
        "{} could be worse than {} by {} points: {} (± {:.2f}) over {} rows, p = {} is "
        "above {:.4f}{}",
        challenger_text(line_), champion_text(line_), plain(rules_.margin_points), points(difference_.points),
        difference_.standard_error, line_.rows, number_beside(test.p, alpha_), alpha_, budget()));
  }

  // The prior is fitted to the line's own earlier contests, with one contest of no difference put beside
  // them: so a line without any has N(0, prior_points²), and the first few do not say too much.
  bool is_worth_it() {
    std::vector<stats::Estimate> earlier = {{0, rules_.prior_points}};
    for (const ContestDifference& one : line_.earlier_contests) {
      if (one.standard_error > 0) earlier.push_back({one.points, one.standard_error});
    }
    const stats::RandomEffects prior = stats::fit_random_effects(earlier);
    const double expected = stats::posterior_mean({difference_.points, difference_.standard_error}, prior);
    const double unit = line_.paired.return_per_point;
    const double cost = unit > 0 ? line_.paired.switching_cost / unit : 0;
    const bool pass = expected > cost;
    check(
        "expected_points", expected, cost, pass,
        fmt::format("prior {:+.2f} ± {:.2f} points from {} earlier contests; the limit is what a swap costs",
                    prior.mean, std::hypot(prior.between, prior.mean_error), earlier.size() - 1));
    if (pass) return true;
    return no(
        fmt::format("{} is expected to earn {} more than {}, which a swap would cost more than ({:.2f}): "
                    "{} (± {:.2f}) over {} rows beside {} earlier contests",
                    challenger_text(line_), points(expected), champion_text(line_), cost,
                    points(difference_.points), difference_.standard_error, line_.rows, earlier.size() - 1));
  }

  bool has_no_worse_loss() {
    const std::vector<double> worse =
        differences(line_.paired.challenger_losses, line_.paired.champion_losses);
    const double mean = mean_of(worse);
    std::vector<double> better(worse.size());
    std::ranges::transform(worse, better.begin(), [](double d) { return -d; });
    const stats::TailTest test =
        stats::upper_tail(better, difference_.block, resamples_, rules_.log_loss_margin - mean,
                          rules_.log_loss_alpha, derive_seed(seed_, 1));
    const bool pass = test.p <= rules_.log_loss_alpha;
    check("p_log_loss_not_worse", test.p, rules_.log_loss_alpha, pass,
          fmt::format("log-loss {:+.4f} of {} rows, margin {}", mean, worse.size(),
                      plain(rules_.log_loss_margin)));
    if (pass) return true;
    return no(
        fmt::format("its probabilities could be worse: log-loss {:+.4f} against {} over {} rows, not "
                    "below a margin of {} beyond chance (p = {} is above {})",
                    mean, champion_text(line_), line_.rows, plain(rules_.log_loss_margin),
                    number_beside(test.p, rules_.log_loss_alpha), plain(rules_.log_loss_alpha)));
  }

  bool has_no_deeper_drawdown() {
    // One that stayed out lost nothing: as a limit that would keep everybody out who trades at all.
    const std::vector<double>& champion = line_.paired.champion_returns;
    if (std::ranges::all_of(champion, [](double earned) { return earned == 0; })) {
      verdict_.checks.push_back({.name = "drawdown_not_deeper",
                                 .value = std::nullopt,
                                 .limit = 0.5,
                                 .pass = true,
                                 .note = fmt::format("{} held no position in these rows: it has no drawdown "
                                                     "to compare with",
                                                     champion_text(line_))});
      return true;
    }
    std::size_t no_deeper = 0;
    for (std::size_t i = 0; i < kDrawdownResamples; ++i) {
      const std::vector<std::size_t> rows =
          stats::resampled_rows(differences_.size(), difference_.block, derive_seed(seed_, 2), i);
      const double old_side = drawdown_of(line_.paired.champion_returns, rows);
      const double new_side = drawdown_of(line_.paired.challenger_returns, rows);
      if (new_side <= old_side * (1 + rules_.drawdown_margin)) ++no_deeper;
    }
    const double share = static_cast<double>(no_deeper) / static_cast<double>(kDrawdownResamples);
    const bool pass = share >= 0.5;
    check("drawdown_not_deeper", share, 0.5, pass,
          fmt::format("share of {} resampled courses in which its largest drawdown is at most {} times the "
                      "champion's",
                      kDrawdownResamples, plain(1 + rules_.drawdown_margin)));
    if (pass) return true;
    return no(fmt::format(
        "its drawdown is likely to be deeper than {} times that of {}: in {:.0f} % of {} "
        "resampled courses",
        plain(1 + rules_.drawdown_margin), champion_text(line_), 100 * (1 - share), kDrawdownResamples));
  }

  // What is stored beside the verdict and decides nothing: how much of the Sharpe ratio is left when one asks
  // how many were tried, and whether the search that made the challenger was overfitted.
  void tell_evidence() {
    const auto moments = stats::return_moments(line_.paired.challenger_returns);
    if (moments && line_.trials > 0) {
      std::vector<double> sharpes = {moments->sharpe()};
      for (const ContestDifference& one : line_.earlier_contests) {
        if (one.challenger_sharpe) sharpes.push_back(*one.challenger_sharpe);
      }
      // What luck shows among many is told by how far their ratios lie apart. One model was not chosen.
      const auto spread = stats::return_moments(sharpes);
      const bool known = line_.trials == 1 || spread.has_value();
      std::optional<double> deflated;
      if (known) {
        const double variance = spread ? spread->deviation * spread->deviation : 0;
        deflated = stats::deflated_sharpe(moments->sharpe(), moments->rows, moments->skewness,
                                          moments->kurtosis, variance, static_cast<double>(line_.trials));
      }
      verdict_.checks.push_back(
          {.name = "deflated_sharpe",
           .value = deflated,
           .limit = std::nullopt,
           .pass = true,
           .note = known
                       ? fmt::format("evidence, not a condition: chance that its Sharpe ratio is above what "
                                     "the best of {} models that were tried would show by luck",
                                     line_.trials)
                       : fmt::format("evidence, not a condition: not known yet, for of {} models that were "
                                     "tried fewer than two Sharpe ratios are known, and so not what the best "
                                     "of them would show by luck",
                                     line_.trials)});
    }
    if (!line_.overfitting_probability) return;
    verdict_.checks.push_back(
        {.name = "overfitting_probability",
         .value = line_.overfitting_probability,
         .limit = std::nullopt,
         .pass = true,
         .note = "evidence, not a condition: of the search that its settings came from"});
  }

  const Rules& rules_;
  const Evidence& line_;
  ContestDifference difference_;
  std::vector<double> differences_;
  std::uint64_t seed_;
  double alpha_ = 0;
  std::size_t resamples_ = 0;
  Verdict verdict_;
  std::string why_promoted_;
};

class Sound final : public GatePolicy {
 public:
  explicit Sound(const Rules& rules) : rules_(rules) {}

  std::vector<Verdict> judge(std::span<const Evidence> group) const override {
    std::vector<Verdict> verdicts;
    for (const Evidence& line : group) {
      if (auto refused = unjudgeable(line, rules_.min_rows)) {
        verdicts.push_back(std::move(*refused));
      } else if (std::string why = why_insufficient(line); !why.empty()) {
        verdicts.push_back({.line = line.line,
                            .decision = Decision::insufficient,
                            .checks = {},
                            .reasons = {std::move(why)}});
      } else {
        verdicts.push_back(Judgement(rules_, line).judge());
      }
    }
    return verdicts;
  }

 private:
  std::string why_insufficient(const Evidence& line) const {
    for (const char* score : {"total_return", "log_loss"}) {
      if (line.challenger_scores.get(score)) continue;
      return fmt::format("{}: nothing can be compared on {} rows",
                         undefined_text("challenger", score, line.challenger_scores), line.rows);
    }
    if (!line.difference) {
      return fmt::format("of {} rows the returns of both sides, row by row, are not there", line.rows);
    }
    const auto labels =
        line.paired.challenger_returns.size() / std::max<std::size_t>(1, line.paired.label_bars);
    if (labels < static_cast<std::size_t>(rules_.min_labels)) {
      return fmt::format("{} labels that do not overlap, {} are needed", labels, rules_.min_labels);
    }
    return "";
  }

  Rules rules_;
};

}  // namespace

GatePolicyKind sound_policy() {
  GatePolicyKind kind{
      .name = "sound",
      .help = "the challenger must earn as much as the champion, or more, beyond chance",
      .schema = {},
      .make = [](const Settings& settings) -> Result<std::unique_ptr<GatePolicy>> {
        return std::make_unique<Sound>(Rules{.superior = settings.text("claim") == "superior",
                                             .margin_points = settings.number("margin_points"),
                                             .alpha = settings.number("alpha"),
                                             .budget_per_year = settings.number("errors_per_year"),
                                             .resamples = settings.integer("resamples"),
                                             .log_loss_margin = settings.number("log_loss_margin"),
                                             .log_loss_alpha = settings.number("log_loss_alpha"),
                                             .drawdown_margin = settings.number("drawdown_margin"),
                                             .prior_points = settings.number("prior_points"),
                                             .min_rows = settings.integer("min_rows"),
                                             .min_labels = settings.integer("min_labels")});
      }};
  kind.schema
      .text(
          "claim", "not_worse",
          "superior: it earns more, beyond chance; not_worse: it does not earn less by margin_points, beyond "
          "chance, and is expected to earn more than a swap costs")
      .choices({"not_worse", "superior"});
  kind.schema.number("margin_points", 2, "how much worse counts as worse, in points of accuracy")
      .range(0, 50)
      .unit("points");
  kind.schema.number("alpha", 0.025, "chance of a wrong claim that one contest may take at most")
      .range(1e-6, 0.5);
  kind.schema
      .number("errors_per_year", 0.3,
              "wrong claims that a year of contests may make: a contest's chance is at most this times the "
              "years since the last one")
      .range(1e-4, 1000);
  kind.schema.integer("resamples", 9999, "resamples of a test at least; a small chance takes more")
      .range(99, 1'000'000);
  kind.schema.number("log_loss_margin", 0.01, "how much worse its log-loss may be").range(0, 10).unit("nats");
  kind.schema.number("log_loss_alpha", 0.05, "chance that it is worse by more all the same").range(1e-6, 1);
  kind.schema
      .number("drawdown_margin", 0.25,
              "share by which its largest drawdown may be deeper than the champion's")
      .range(0, 100);
  kind.schema
      .number("prior_points", 2,
              "not_worse: how far challengers differ from champions before a line has contests of its own")
      .range(0.01, 50)
      .unit("points");
  declare_min_rows(kind.schema, 500);
  kind.schema.integer("min_labels", 50, "labels that do not overlap; with fewer the champion stays")
      .range(2, 1'000'000)
      .unit("labels");
  return kind;
}

}  // namespace pawl::gates
