// Rows of the collected files (SPEC E2), each a line of CSV with its newline.
#pragma once

#include <string>
#include <string_view>

#include "domain/prediction.h"
#include "mirrors/feature_rows.h"

namespace pawl::mirrors {

inline constexpr std::string_view kPredictionsHeader =
    "timestamp,symbol,price,prediction,prob_up,confidence,strength_score,level_type,level_source,signal_fired"
    "\n";
inline constexpr std::string_view kFeaturesHeader = "timestamp,symbol,features_json\n";
inline constexpr std::string_view kOutcomesHeader =
    "prediction_timestamp,symbol,entry_price,exit_price,bars_held,pnl_pct,correct\n";

// What is not known is an empty field. `prediction` is 1 where a rise is at least as likely as not,
// `confidence` the probability of the likeliest class; `symbol` is given as users call it.
std::string prediction_row(const Prediction& prediction, const PredictionView& view, std::string_view symbol);
// features_json is {"by_name":{"rsi(14)":61.2,…},"values":[61.2,…]}, null where a value is missing.
std::string features_row(const Prediction& prediction, const PredictionView& view, std::string_view symbol);
std::string outcome_row(const Outcome& outcome, const Prediction& prediction, std::string_view symbol);

}  // namespace pawl::mirrors
