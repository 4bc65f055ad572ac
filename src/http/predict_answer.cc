#include "http/predict_answer.h"

#include <cmath>
#include <concepts>
#include <iterator>

namespace pawl::http {

namespace {

using Buffer = fmt::memory_buffer;

void put(Buffer& out, std::string_view text) {
  out.append(text.data(), text.data() + text.size());
}
// The shortest decimal that reads back as the same double.
void put(Buffer& out, double value) {
  if (std::isfinite(value)) {
    fmt::format_to(std::back_inserter(out), "{}", value);
  } else {
    put(out, "null");
  }
}
void put(Buffer& out, std::size_t value) {
  const fmt::format_int digits(value);
  out.append(digits.data(), digits.data() + digits.size());
}
// Of a bool only: a text would rather be one than a string_view.
void put(Buffer& out, std::same_as<bool> auto value) {
  put(out, value ? std::string_view("true") : std::string_view("false"));
}

// ,"name": and the value. Names and texts here need no escaping, except where json_quote stands.
template <class Value>
void field(Buffer& out, std::string_view name, Value value) {
  put(out, ",\"");
  put(out, name);
  put(out, "\":");
  put(out, value);
}
void text_field(Buffer& out, std::string_view name, std::string_view value) {
  put(out, ",\"");
  put(out, name);
  put(out, "\":\"");
  put(out, value);
  put(out, "\"");
}

// "forex-weekly/EUR_USD" → "EUR_USD".
std::string_view market_of(std::string_view line) {
  return line.substr(line.find('/') + 1);
}

void put_features(Buffer& out, const serving::WindowPrediction& made) {
  put(out, ",\"features\":[");
  for (std::size_t i = 0; i < made.row.size(); ++i) {
    put(out, i == 0 ? std::string_view("{\"name\":") : std::string_view(",{\"name\":"));
    put(out, json_quote(made.columns[i]));
    field(out, "value", made.row[i]);
    put(out, "}");
  }
  put(out, "]");
}

}  // namespace

std::string predict_answer(const registry::LoadedVersion& version, const serving::PostedWindows& posted,
                           const serving::WindowPrediction& made, std::string_view history) {
  Buffer out;
  put(out, "{\"pair\":\"");
  put(out, made.prediction.symbol);
  put(out, "\"");
  text_field(out, "model_pair", market_of(version.bundle.line));
  text_field(out, "prediction", side_name(made.prediction.side));
  text_field(out, "raw_prediction", side_name(made.raw_side));
  field(out, "confidence", made.confidence);
  put(out, ",\"probabilities\":{\"BUY\":");
  put(out, made.p_buy);
  field(out, "SELL", made.p_sell);
  field(out, "HOLD", made.p_hold);
  put(out, "}");
  field(out, "quality_score", made.quality.score);
  put(out, ",\"quality_components\":{\"confidence\":");
  put(out, made.quality.confidence);
  field(out, "trend", made.quality.trend);
  field(out, "volatility", made.quality.volatility);
  field(out, "momentum", made.quality.momentum);
  put(out, "}");
  field(out, "position_size_pct", made.position_size);
  field(out, "quality_filtered", made.quality_filtered);
  field(out, "should_trade", made.should_trade);
  text_field(out, "timestamp", format_time(made.prediction.known_at));
  field(out, "feature_count", made.row.size());
  field(out, "candles_m5", posted.received(kM5));
  field(out, "candles_h1", posted.received(kH1));
  field(out, "candles_h4", posted.received(kH4));
  field(out, "candles_used", made.candles_used);
  text_field(out, "status", "success");
  text_field(out, "version", version.bundle.number.text());
  text_field(out, "content_hash", version.content_hash);
  text_field(out, "history", history);
  if (posted.debug) put_features(out, made);
  put(out, "}");
  return {out.data(), out.size()};
}

std::string predict_error(std::string_view message) {
  return fmt::format("{{\"error\":{}}}", json_quote(message));
}

std::string batch_answer(std::span<const std::string> answers) {
  return fmt::format("{{\"results\":[{}],\"count\":{}}}", fmt::join(answers, ","), answers.size());
}

bool is_clients_fault(const Error& error) {
  return error.code == ErrorCode::bad_data || error.code == ErrorCode::insufficient_data ||
         error.code == ErrorCode::invalid_argument;
}

}  // namespace pawl::http
