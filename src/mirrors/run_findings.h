// What a run's document says, typed: the form that the loop writes (loop/run_report.cc), read back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/version.h"
#include "store/store.h"

namespace pawl::mirrors {

struct LineFindings {
  LineId line;
  std::string verdict;               // "promote", "keep", "insufficient"
  std::string champion, challenger;  // "v000002", "v000003"
  Json champion_scores, challenger_scores;
  Json checks = Json::array();
  std::vector<std::string> reasons;
  std::string probation;  // what a challenger waits for that the gate let through; else empty
  std::int64_t train_rows = 0;
  Json folds = Json::array();      // {"train", "test", "scores"} each
  Json training = Json::object();  // the model kind's own report, where somebody has put it here
  bool promoted() const { return verdict == "promote"; }
  // A line of a group may have too little to be trained on: then there is no challenger.
  bool took_part() const { return challenger != champion; }
  bool after_baseline() const { return champion == VersionNumber{}.text(); }
};

struct RunFindings {
  std::int64_t id = 0;
  std::string trigger, reason, failure;
  TimeMs started_at = 0, ended_at = 0;
  bool completed = false;
  std::vector<LineId> lines;
  std::vector<LineFindings> by_line;  // empty where it failed
  bool any_promoted() const;
};
// bad_data, with the run and the field, where a document is not of that form.
Result<RunFindings> read_run(const store::RunRecord& record);

// A score by name; nothing where it is undefined or missing.
std::optional<double> score_of(const Json& scores, std::string_view name);
// A field that is text; empty where it is not.
std::string text_of(const Json& object, std::string_view field);

// Mean and standard deviation (over n) of the folds' accuracy; nothing without folds that have one.
struct FoldSpread {
  double mean = 0, deviation = 0;
};
std::optional<FoldSpread> accuracy_over_folds(const Json& folds);

}  // namespace pawl::mirrors
