// A job small enough to run in a blink, and jobs as a line in the middle of its life would make them.
#pragma once

#include <gtest/gtest.h>

#include "datasets/history.h"
#include "support/walk_bars.h"
#include "training/executor.h"
#include "training/job.h"

namespace pawl::training {

inline Job small_job(std::int64_t run_id = 12) {
  Job job;
  job.run_id = run_id;
  job.line = "crypto-live/BTC_USDT";
  job.day_anchor = "UTC 00:00";
  job.session = "always";
  job.features = {"clv", "ret(1)", "rsi(14)", "ema(5)@H4/close"};
  job.label_kind = "horizon_return";
  job.label_settings = {{"horizon_bars", 3}};
  job.model_kind = "xgboost";
  job.model_settings = {{"trees", 8}, {"depth", 3}};
  job.costs = {.per_side_bp = 5};
  job.signal = {.kind = judging::SignalRule::Kind::edge, .min_edge = 0.01};
  job.bars_per_year = 8766;
  job.seed = 99;
  job.embargo_ms = 5 * kHourMs;
  JobSeries series;
  series.symbol = "BTC_USDT";
  series.bars = test::walk_bars(1, 700);
  series.rows_from = series.bars.close_time(99);
  job.cut = series.bars.back().close_time;
  job.series.push_back(std::move(series));
  return job;
}

inline JobResult result_of(const Job& job, int threads = 1) {
  auto result = run_job(job, threads, {});
  EXPECT_TRUE(result.has_value()) << result.error().message;
  return std::move(*result);
}

}  // namespace pawl::training
