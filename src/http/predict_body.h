// Requests for a prediction, from bytes to windows of bars: the body of /predict, and those within one of
// /batch_predict. docs/predict.md is the page for who writes such a body.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "domain/calendar.h"
#include "market/formats/clock.h"
#include "recipe/recipe.h"
#include "serving/windows.h"

namespace pawl::http {

// How a client's candles are read.
struct PredictRules {
  // What times without a zone of their own are read by, numbers included: a MetaTrader server's clock.
  market::formats::Clock clock = {TimeZone::utc(), 0};
  MarketCalendar calendar = MarketCalendar::utc_always();  // whose grid the candles must lie on
  std::size_t candles_max = 20'000;                        // of one window
};
PredictRules predict_rules_of(const recipe::Recipe& recipe);
serving::WindowRules window_rules_of(const recipe::Recipe& recipe);

// The line that answers for a market; not_found names those that the recipe has.
Result<LineId> line_for(const recipe::Recipe& recipe, const Symbol& symbol);

inline constexpr std::size_t kBatchMost = 100;

// Reads bodies and keeps its memory between them. One thread at a time.
//
// A body is one JSON object: pair (or symbol), ohlcv_m5, ohlcv_h1 and so on, each a list of candles from the
// oldest to the one still forming, and, if wanted, events, debug and utc_offset_minutes. Every failure is
// bad_data that names the place ("ohlcv_m5[17].high: …"); nothing of such a body is used. Fields that are not
// known are read strictly and ignored. One NUL byte at the end is, too.
class PredictReader {
 public:
  explicit PredictReader(PredictRules rules);
  ~PredictReader();
  PredictReader(PredictReader&&) noexcept;
  PredictReader& operator=(PredictReader&&) noexcept;

  // The windows are valid until the next call. The body keeps its text; its capacity may grow by some bytes.
  Result<const serving::PostedWindows*> read(std::string& body);
  // The same of a body that stands in a request and stays as it is: kBodyPadding readable bytes follow it.
  Result<const serving::PostedWindows*> read_in_place(std::string_view padded);

  // {"requests":[…]}: calls `each` for every request in order with its windows or with what is wrong with
  // that one alone. A failure of the whole (no JSON, no list, more than kBatchMost) is returned before the
  // first call.
  using EachRequest = std::function<void(const Result<const serving::PostedWindows*>&)>;
  Status read_batch(std::string& body, const EachRequest& each);
  Status read_batch_in_place(std::string_view padded, const EachRequest& each);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The same for one body, with memory of its own.
Result<serving::PostedWindows> parse_predict_body(std::string& body, const PredictRules& rules);

}  // namespace pawl::http
