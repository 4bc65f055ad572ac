// One new bar of a market that the loop follows, and the prediction that it makes at its close.
#pragma once

#include <functional>

#include "http/routes/predictions.h"

namespace pawl::http {

// {"symbol":"BTC_USDT","bar":{"open_time":…,"open":…,"high":…,"low":…,"close":…,"volume":…},
//  "accept_gap":false}; `pair` and `time` will do for symbol and open_time. bad_data names the field.
struct BarRequest {
  loop::PushedBar pushed;
  bool accept_gap = false;
};
// Nothing where the body is no object with a `bar`: it may hold windows then.
Result<std::optional<BarRequest>> read_bar_request(const recipe::Recipe& recipe, std::string_view body);

// Posts it to the loop; `reply` is called once, from the loop's thread or at once.
void predict_bar(const Context& context, const BarRequest& request, std::function<void(Response)> reply);

}  // namespace pawl::http
