// What a job's folder holds, made ready to train on: features, labels and times of every usable row. Private
// to the room.
#pragma once

#include <memory>

#include "datasets/history.h"
#include "judging/splits.h"
#include "training/job.h"

namespace pawl::training {

// All symbols' usable rows in time order, with what scoring needs of each.
struct Rows {
  std::vector<std::string> columns;
  std::vector<double> values;
  std::vector<int> classes;
  std::vector<judging::RowTimes> times;
  // Which dataset and row each came from.
  struct Origin {
    std::size_t series, row;
  };
  std::vector<Origin> origins;
  std::vector<datasets::Dataset> datasets;

  std::size_t size() const { return classes.size(); }
  RowRange range(std::span<const std::size_t> rows) const {
    if (rows.empty()) return {};
    return {times[rows.front()].known_at, times[rows.back()].known_at,
            static_cast<std::int64_t>(rows.size())};
  }
};

struct Prepared {
  int classes = 2;
  std::unique_ptr<labels::Labeller> labeller;  // none where the rows came ready
  MarketCalendar calendar = MarketCalendar::utc_always();
  Rows rows;
  // Of a job whose rows came ready: these rows in the order of `rows`.
  JobRows ready;
};

// The symbols side by side on at most `threads` threads; what comes out does not depend on how many.
Result<Prepared> prepare(const Job& job, int threads);

// Settings travel as JSON, which is YAML too: one reader, one validation.
Result<Settings> settings_from_json(const Schema& schema, const Json& json, std::string_view path);

}  // namespace pawl::training
