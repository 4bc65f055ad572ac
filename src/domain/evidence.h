// What a gate is given to judge by, and what it answers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/ids.h"
#include "domain/scorecard.h"

namespace pawl {

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
