// What a gate is given to judge by, and what it answers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/ids.h"
#include "domain/scorecard.h"

namespace pawl {

// What both sides earned and lost on the same rows, in time order: for policies that ask how much of a
// difference is chance. A pooled line's rows are its dates.
struct PairedRows {
  // The strategy's after-cost return of each row's bar; ends before the first bar that is not over.
  std::vector<double> champion_returns, challenger_returns;
  std::vector<double> champion_losses, challenger_losses;  // log-loss of each row, nats
  std::size_t label_bars = 1;  // rows that a label spans: neighbours nearer than this share their outcome
  // What one more correct call in a hundred earns, on average, a bar; 0 where nothing moves or no signal is
  // given. It turns returns into points that mean the same on every market.
  double return_per_point = 0;
  double switching_cost = 0;  // of a swap: one round trip, spread over these rows
};

// The difference of a contest in short, challenger less champion; this is what is remembered of it.
struct ContestDifference {
  double return_a_bar = 0;  // mean difference of after-cost returns
  // The same in points of PairedRows::return_per_point, with its standard error: the stationary bootstrap's.
  double points = 0, standard_error = 0;
  double block = 1;                         // mean block length, rows
  std::optional<double> challenger_sharpe;  // a bar, not a year; nothing where it does not vary
};

// {"return_a_bar":…,"points":…,"standard_error":…,"block":…,"challenger_sharpe":…}
Json to_json(const ContestDifference& difference);
Result<ContestDifference> contest_difference_from_json(const Json& json);

// Champion and challenger of one line, both their judged artifacts, scored on the same rows that neither
// has seen.
struct Evidence {
  LineId line;
  std::string symbol;  // as given, for the sentences
  bool eligible = true;
  std::string why_ineligible;  // "no bars in 2019": set where eligible is not
  bool first_model = false;    // the champion is the rules baseline
  VersionNumber champion, challenger;
  TimeMs judged_from = 0, judged_to = 0;
  std::int64_t rows = 0;
  Scorecard champion_scores, challenger_scores;
  // Share of the commonest class among the rows: what a constant answer would score.
  std::optional<double> majority_class_accuracy;
  // Scores that the last champions had when they were promoted, newest first; for policies that must not
  // ratchet down.
  std::vector<Scorecard> earlier_champions;
  PairedRows paired;  // empty once it was judged: it is as long as the rows
  std::optional<ContestDifference> difference;
  // Of this line's earlier contests, newest first, at most ContestHistory's length.
  std::vector<ContestDifference> earlier_contests;
  // Since the line's last contest; nothing at the first.
  std::optional<double> years_since_contest;
  // Models that were ever tried for this line, this one and every trial of its searches among them.
  std::int64_t trials = 1;
  // Probability of overfitting of the search that this challenger came from, where there was one.
  std::optional<double> overfitting_probability;
};

enum class Decision { promote, keep, insufficient };
std::string_view decision_name(Decision decision);  // "promote", "keep", "insufficient"

// One comparison that a policy made: value against limit.
struct Check {
  std::string name;
  std::optional<double> value, limit;
  bool pass = false;
  std::string note;  // anything a reader needs beside the two numbers
};

struct Verdict {
  LineId line;
  Decision decision = Decision::keep;
  std::vector<Check> checks;
  std::vector<std::string> reasons;  // plain sentences, the deciding one first
};
Json to_json(const Check& check);

}  // namespace pawl
