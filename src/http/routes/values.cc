#include "http/routes/values.h"

namespace pawl::http {

Json item_json(const Prediction& prediction) {
  return {{"id", prediction.id},
          {"line", prediction.line},
          {"symbol", prediction.symbol},
          {"bar_open_time", format_time(prediction.bar_open_time)},
          {"known_at", format_time(prediction.known_at)},
          {"version", prediction.version.text()},
          {"side", side_name(prediction.side)},
          {"p_up", json_number(prediction.p_up)},
          {"p_down", json_number(prediction.p_down)},
          {"features", prediction.features_digest}};
}

Json item_json(const Outcome& outcome) {
  return {{"prediction", outcome.prediction_id},
          {"line", outcome.line},
          {"predicted_at", format_time(outcome.predicted_at)},
          {"known_at", format_time(outcome.known_at)},
          {"side", side_name(outcome.side)},
          {"entry_price", json_number(outcome.entry_price)},
          {"exit_price", json_number(outcome.exit_price)},
          {"bars_held", outcome.bars_held},
          {"gross_return", json_number(outcome.gross_return)},
          {"pnl_pct", json_number(outcome.pnl_pct)},
          {"correct", outcome.correct},
          {"correct_net", outcome.correct_net}};
}

Json item_json(const Bar& bar) {
  return {{"open_time", format_time(bar.open_time)},
          {"close_time", format_time(bar.close_time)},
          {"open", json_number(bar.open)},
          {"high", json_number(bar.high)},
          {"low", json_number(bar.low)},
          {"close", json_number(bar.close)},
          {"volume", json_number(bar.volume)}};
}

}  // namespace pawl::http
