#include "domain/bar.h"

#include <algorithm>
#include <cmath>

namespace pawl {

namespace {

// Why a price cannot be one, or null.
const char* price_fault(double price) {
  if (!std::isfinite(price)) return "is not a finite number";
  if (price <= 0) return "is not above zero";
  return nullptr;
}

}  // namespace

BarFault find_fault(const Bar& bar) {
  if (const char* fault = price_fault(bar.open)) return {"open", fault};
  if (const char* fault = price_fault(bar.high)) return {"high", fault};
  if (const char* fault = price_fault(bar.low)) return {"low", fault};
  if (const char* fault = price_fault(bar.close)) return {"close", fault};
  if (bar.high < bar.low) return {"high", "is below the low"};
  if (bar.high < bar.open) return {"high", "is below the open"};
  if (bar.high < bar.close) return {"high", "is below the close"};
  if (bar.low > bar.open) return {"low", "is above the open"};
  if (bar.low > bar.close) return {"low", "is above the close"};
  if (!std::isfinite(bar.volume)) return {"volume", "is not a finite number"};
  if (bar.volume < 0) return {"volume", "is negative"};
  if (bar.close_time <= bar.open_time) return {"close_time", "is not after the open time"};
  return {};
}

}  // namespace pawl
