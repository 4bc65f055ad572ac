#include "mirrors/collection.h"

#include <algorithm>

#include "base/json.h"
#include "features/levels/level.h"

namespace pawl::mirrors {
namespace {

std::string number(const std::optional<double>& value) {
  return value ? json_double_text(*value) : std::string();
}

// As Python writes it, whose programs read these files.
std::string_view truth(bool value) {
  return value ? "True" : "False";
}

std::string level_type_text(const PredictionView& view) {
  if (!view.level_type) return {};
  using features::LevelType;
  return std::string(name(*view.level_type > 0 ? LevelType::support : LevelType::resistance));
}

std::string level_source_text(const PredictionView& view) {
  if (!view.level_source) return {};
  return std::string(name(static_cast<features::LevelSource>(static_cast<int>(*view.level_source))));
}

// A CSV field that may hold commas and quotes.
std::string csv_field(std::string_view text) {
  std::string field = "\"";
  for (const char c : text) {
    if (c == '"') field += '"';
    field += c;
  }
  field += '"';
  return field;
}

}  // namespace

std::string prediction_row(const Prediction& prediction, const PredictionView& view,
                           std::string_view symbol) {
  const double p_hold = 1 - prediction.p_up - prediction.p_down;
  return fmt::format("{},{},{},{},{},{},{},{},{},{}\n", format_time(prediction.known_at), symbol,
                     number(view.price), prediction.p_up >= 0.5 ? 1 : 0, json_double_text(prediction.p_up),
                     json_double_text(std::max({prediction.p_up, prediction.p_down, p_hold})),
                     number(view.level_strength), level_type_text(view), level_source_text(view),
                     truth(prediction.side != Side::hold));
}

std::string features_row(const Prediction& prediction, const PredictionView& view, std::string_view symbol) {
  std::string by_name, values;
  for (std::size_t i = 0; i < view.names.size(); ++i) {
    const std::string value = json_double_text(view.features[i]);
    fmt::format_to(std::back_inserter(by_name), "{}{}:{}", i == 0 ? "" : ",", json_quote(view.names[i]),
                   value);
    fmt::format_to(std::back_inserter(values), "{}{}", i == 0 ? "" : ",", value);
  }
  return fmt::format("{},{},{}\n", format_time(prediction.known_at), symbol,
                     csv_field(fmt::format(R"({{"by_name":{{{}}},"values":[{}]}})", by_name, values)));
}

std::string outcome_row(const Outcome& outcome, const Prediction& prediction, std::string_view symbol) {
  return fmt::format("{},{},{},{},{},{},{}\n", format_time(prediction.known_at), symbol,
                     json_double_text(outcome.entry_price), json_double_text(outcome.exit_price),
                     outcome.bars_held, json_double_text(outcome.pnl_pct), truth(outcome.correct));
}

}  // namespace pawl::mirrors
