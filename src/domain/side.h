#pragma once

#include <string_view>

namespace pawl {

// What a prediction says. HOLD is no signal.
enum class Side : signed char { sell = -1, hold = 0, buy = 1 };

constexpr std::string_view side_name(Side side) {
  switch (side) {
    case Side::sell:
      return "SELL";
    case Side::buy:
      return "BUY";
    case Side::hold:
      break;
  }
  return "HOLD";
}

}  // namespace pawl
