// One line of models: what serves, how it has done, when it was last trained. What it learns from (bars of
// one market, of many, a bot's trades) is the business of the classes below it.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "domain/contest_history.h"
#include "domain/scorecard.h"
#include "loop/shadow.h"
#include "loop/triggered_line.h"
#include "loop/windows.h"
#include "serving/live_model.h"
#include "training/job.h"

namespace pawl::loop {

// How many past champions a gate can look back on.
inline constexpr std::size_t kRememberedChampions = 10;

// The columns that a model of the line reads.
struct FeatureIdentity {
  std::vector<std::string> specs;  // canonical
  std::string hash;
};

class Line : public TriggeredLine {
 public:
  using TriggeredLine::TriggeredLine;

  virtual int classes() const = 0;
  virtual Result<FeatureIdentity> features() = 0;
  // Version 0: the rules, as a bundle like any other.
  virtual Result<VersionBundle> baseline(TimeMs now) = 0;
  // The windows of a run at `now`; insufficient_data, in words, where there are too few rows.
  virtual Result<Windows> plan(TimeMs now) = 0;
  // Puts into a job what it may see: nothing known after job.cut.
  virtual Status fill(training::Job& job, const Windows& windows,
                      const std::vector<std::string>& features) = 0;
  // The version that serves against a challenger whose judged model is `model`.
  virtual Result<Evidence> contest(const Windows& windows, const VersionBundle& challenger,
                                   const models::Model& model) = 0;
  // Lets a version serve from the next prediction on.
  virtual Status serve(serving::LiveModel::Handle version) = 0;
  // Forgets what no window from `from` on needs.
  virtual void forget_before(TimeMs from) = 0;
  // When the newest of what it has learnt of was known; of a line with data only.
  virtual TimeMs newest_known_at() const = 0;

  serving::LiveModel::Handle live() const { return live_.get(); }

  // Scores of the newest champions in their own contests, newest first: what `best_of_last` measures against.
  std::vector<Scorecard> champion_scores;
  // Versions that answer beside the one that serves, where there are any.
  Shadow former{Shadow::Purpose::rollback}, probation{Shadow::Purpose::swap};
  std::array<Shadow*, 2> shadows() { return {&former, &probation}; }
  // What its contests have found: the prior and the error budget of a gate that asks for them.
  ContestHistory contests;
  // Model settings that the last full retrain found; null before the first.
  Json found_settings;

 protected:
  serving::LiveModel live_;
};

}  // namespace pawl::loop
