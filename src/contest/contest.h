// Champion against challenger, judged artifact against judged artifact, on the same rows that neither has
// seen (ADR-1).
#pragma once

#include <span>
#include <vector>

#include "datasets/history.h"
#include "datasets/scoring_columns.h"
#include "domain/evidence.h"
#include "judging/metrics.h"
#include "models/model_kind.h"

namespace pawl::contest {

// One side.
struct Contender {
  VersionNumber version;
  const models::Model* model = nullptr;
  TimeMs data_cut = 0;  // nothing known later was read in its training
};

// The bars of one symbol and the rows that each side's own feature list makes of them.
struct Ground {
  const BarSeries* bars = nullptr;
  const datasets::FeatureHistory* champion_features = nullptr;
  const datasets::FeatureHistory* challenger_features = nullptr;
  const datasets::FeatureHistory* scale = nullptr;  // for the labeller, where it asks for one
  const datasets::FeatureHistory* where = nullptr;  // where predictions may be signals; null: everywhere
};

struct ContestRequest {
  LineId line;
  std::string symbol;  // as given, or "pool"
  Contender champion, challenger;
  std::vector<Ground> grounds;  // one; several for a pooled line
  bool pooled = false;          // scores are averaged per date first, and dates are the rows counted
  const labels::Labeller* labeller = nullptr;
  const MarketCalendar* calendar = nullptr;
  TimeMs judged_from = 0;  // rows known after this …
  TimeMs as_of = 0;        // … whose labels are known by this
  DurationMs embargo_ms = 0;
  judging::SignalRule signal;
  judging::ScoringRules scoring;
  bool first_model = false;
};

// The rows known after this are judged by: neither side may have read anything of them. Not only the
// challenger, whose cut made the window, but also a champion that was trained under other settings or brought
// in by hand.
TimeMs judged_after(const ContestRequest& request);

// What both sides said to the same rows of one symbol.
struct Answers {
  datasets::AnsweredRows champion, challenger;
};
// The second half of a contest: the answers that both sides gave, weighed. `symbols` are those with a row; of
// the request neither models nor grounds are looked at, so that whoever has the answers already needs none.
Evidence weigh(const ContestRequest& request, std::span<const Answers> symbols);

// Rows known after max(judged_from, both data cuts + embargo), ready for both sides, label known at as_of.
// Never fails for lack of rows: evidence with few rows, or none, is evidence too.
Result<Evidence> hold_contest(const ContestRequest& request);

}  // namespace pawl::contest
