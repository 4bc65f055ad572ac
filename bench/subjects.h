// The subjects, one file each. Every subject measures and adds its figures; it fails where something that
// must work does not, and skips, loudly, what needs bars that are not here.
#pragma once

#include "harness.h"

namespace pawl::bench {

Status bench_lines(Bench& bench);            // lines.cc
Status bench_retrain(Bench& bench);          // retrain.cc
Status bench_replay(Bench& bench);           // replay.cc
Status bench_features(Bench& bench);         // features.cc
Status bench_indicators(Bench& bench);       // indicators.cc
Status bench_csv(Bench& bench);              // csv.cc
Status bench_predict(Bench& bench);          // predict.cc
Status bench_predict_windows(Bench& bench);  // predict_windows.cc
Status bench_store(Bench& bench);            // store.cc
Status bench_contest(Bench& bench);          // contest.cc
Status bench_compare(Bench& bench);          // compare.cc
Status bench_audit(Bench& bench);            // audit.cc
Status bench_serve(Bench& bench);            // serve.cc
Status bench_start(Bench& bench);            // start.cc

}  // namespace pawl::bench
