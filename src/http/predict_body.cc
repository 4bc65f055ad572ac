#include "http/predict_body.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include "http/message.h"
#include "http/predict_stamp.h"

namespace pawl::http {

namespace {

namespace json = simdjson::ondemand;
static_assert(kBodyPadding >= simdjson::SIMDJSON_PADDING);
using market::formats::ClockReader;
using market::formats::LocalMs;
using serving::PostedWindow;
using serving::PostedWindows;

// Larger numbers are no price and no volume of anything; products of them stay far from infinity.
constexpr double kPriceMost = 1e12, kVolumeMost = 1e18;
constexpr int kDeepest = 16;
constexpr std::int64_t kOffsetMost = 14 * 60;
constexpr std::string_view kWindowPrefix = "ohlcv_";

std::unexpected<Error> wrong(std::string_view place, std::string_view what) {
  return fail(ErrorCode::bad_data, "{}: {}", place, what);
}

// Where in the body a candle's field stands. Put into words only when something is wrong.
struct Place {
  std::string_view window;
  std::size_t index = 0;
  std::string of(std::string_view field) const { return fmt::format("{}[{}].{}", window, index, field); }
  std::string text() const { return fmt::format("{}[{}]", window, index); }
};

std::string_view json_fault(simdjson::error_code code) {
  switch (code) {
    case simdjson::UTF8_ERROR:
      return "it is not UTF-8";
    case simdjson::EMPTY:
      return "it is empty";
    case simdjson::UNCLOSED_STRING:
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      return "it ends too early";
    case simdjson::DEPTH_ERROR:
      return "it is nested too deeply";
    case simdjson::NUMBER_ERROR:
      return "a number in it is malformed or too large";
    default:
      return "it is malformed";
  }
}

std::unexpected<Error> no_json(simdjson::error_code code) {
  return fail(ErrorCode::bad_data, "the body is no JSON that can be read: {}", json_fault(code));
}

// A failure of the JSON itself, or of what it says at that place.
std::unexpected<Error> at_place(simdjson::error_code code, std::string_view place, std::string_view what) {
  const bool of_value = code == simdjson::INCORRECT_TYPE || code == simdjson::NUMBER_ERROR ||
                        code == simdjson::NUMBER_OUT_OF_RANGE;
  if (of_value) return wrong(place, what);
  return fail(ErrorCode::bad_data, "{}: the body is no JSON that can be read: {}", place, json_fault(code));
}

// Reads past a value that nobody asks for, as strictly as one that is used.
simdjson::error_code consume(json::value value, int depth) {
  if (depth > kDeepest) return simdjson::DEPTH_ERROR;
  json::json_type type{};
  if (const auto error = value.type().get(type)) return error;
  switch (type) {
    case json::json_type::object: {
      json::object object;
      if (const auto error = value.get_object().get(object)) return error;
      for (auto item : object) {
        json::field field;
        if (const auto error = std::move(item).get(field)) return error;
        if (const auto error = field.unescaped_key().error()) return error;
        if (const auto error = consume(field.value(), depth + 1)) return error;
      }
      return simdjson::SUCCESS;
    }
    case json::json_type::array: {
      json::array array;
      if (const auto error = value.get_array().get(array)) return error;
      for (auto item : array) {
        json::value inner;
        if (const auto error = std::move(item).get(inner)) return error;
        if (const auto error = consume(inner, depth + 1)) return error;
      }
      return simdjson::SUCCESS;
    }
    case json::json_type::number:
      return value.get_double().error();
    case json::json_type::string:
      return value.get_string().error();
    case json::json_type::boolean:
      return value.get_bool().error();
    case json::json_type::null: {
      bool is_null = false;
      const auto error = value.is_null().get(is_null);
      return error || is_null ? error : simdjson::N_ATOM_ERROR;
    }
  }
  return simdjson::TAPE_ERROR;
}

// Of a document whose root was read to its end.
bool at_end(json::document& document) {
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

// A number, or one in quotes.
simdjson::error_code read_number(json::value& value, double& number) {
  const auto error = value.get_double().get(number);
  return error == simdjson::INCORRECT_TYPE ? value.get_double_in_string().get(number) : error;
}

enum Field : unsigned { kTime, kOpen, kHigh, kLow, kClose, kVolume, kFields };
constexpr std::string_view kFieldNames[kFields] = {"timestamp", "open", "high", "low", "close", "volume"};

// `key` ends with a quote.
unsigned field_of(const char* key) {
  const auto is = [key](std::string_view name) { return std::memcmp(key, name.data(), name.size()) == 0; };
  switch (key[0]) {
    case 'o':
      return is("open\"") ? kOpen : kFields;
    case 'h':
      return is("high\"") ? kHigh : kFields;
    case 'l':
      return is("low\"") ? kLow : kFields;
    case 'c':
      return is("close\"") ? kClose : kFields;
    case 'v':
      return is("volume\"") ? kVolume : kFields;
    case 't':
      return is("time\"") || is("timestamp\"") ? kTime : kFields;
    default:
      return kFields;
  }
}

struct Candle {
  Stamp stamp;
  double open = 0, high = 0, low = 0, close = 0, volume = 0;

  double& number(unsigned field) {
    switch (field) {
      case kOpen:
        return open;
      case kHigh:
        return high;
      case kLow:
        return low;
      case kClose:
        return close;
      default:
        return volume;
    }
  }
};

}  // namespace

struct PredictReader::State {
  explicit State(PredictRules given) : rules(std::move(given)), clock(rules.clock), grid(rules.calendar) {}

  Status begin(std::string_view padded);
  Status read_request(json::object request);
  Status read_window(std::string_view name, json::value value);
  Status read_candle(json::value& item, const Place& place, Candle& candle);
  Status read_fields(json::object object, const Place& place, Candle& candle);
  Status read_places(json::array array, const Place& place, Candle& candle);
  Status read_field(unsigned field, json::value& value, const Place& place, Candle& candle);
  // Times of a window, once the whole request is known: from the client's clock onto the calendar's grid.
  Status settle(PostedWindow& window, StampKind kind, std::optional<DurationMs> offset);
  Result<TimeMs> instant_of(LocalMs local, TimeMs previous, const Place& place);

  PredictRules rules;
  ClockReader clock;
  CalendarCursor grid;
  StampReader stamps;
  json::parser parser;
  json::document document;
  PostedWindows posted;
  std::vector<StampKind> kinds;    // of each window of `posted`
  std::vector<std::string> names;  // and what the client called it
};

Status PredictReader::State::begin(std::string_view padded) {
  std::size_t size = padded.size();
  if (size > 0 && padded.back() == '\0') --size;
  if (const auto error = parser.iterate(padded.data(), size, size + kBodyPadding).get(document)) {
    if (error == simdjson::EMPTY) {
      return fail(ErrorCode::bad_data, "the body is empty; post a JSON object with pair and ohlcv_m5, …");
    }
    return no_json(error);
  }
  return {};
}

Status PredictReader::State::read_request(json::object request) {
  posted.clear();
  kinds.clear();
  names.clear();
  std::optional<DurationMs> offset;
  bool saw_events = false, saw_debug = false;
  for (auto item : request) {
    json::field field;
    std::string_view key;
    if (const auto error = std::move(item).get(field)) return no_json(error);
    if (const auto error = field.unescaped_key().get(key)) return no_json(error);
    json::value value = field.value();
    if (key.starts_with(kWindowPrefix)) {
      if (Status read = read_window(key, value); !read) return read;
    } else if (key == "pair" || key == "symbol") {
      std::string_view name;
      if (const auto error = value.get_string().get(name)) return at_place(error, key, "is not a text");
      if (posted.has_symbol()) return wrong(key, "the pair is given twice");
      auto symbol = Symbol::parse(name);
      if (!symbol) return wrong(key, symbol.error().message);
      posted.set_symbol(*std::move(symbol));
    } else if (key == "events") {
      if (std::exchange(saw_events, true)) return wrong(key, "is given twice");
      json::array events;
      if (const auto error = value.get_array().get(events)) return at_place(error, key, "is not a list");
      for (auto event : events) {
        json::value one;
        auto error = std::move(event).get(one);
        if (!error) error = consume(one, 2);
        if (error) return at_place(error, fmt::format("events[{}]", posted.events), json_fault(error));
        ++posted.events;
      }
    } else if (key == "debug") {
      if (std::exchange(saw_debug, true)) return wrong(key, "is given twice");
      if (const auto error = value.get_bool().get(posted.debug)) {
        return at_place(error, key, "is neither true nor false");
      }
    } else if (key == "utc_offset_minutes") {
      double minutes = 0;
      if (offset) return wrong(key, "is given twice");
      if (const auto error = value.get_double().get(minutes)) return at_place(error, key, "is not a number");
      if (minutes != std::floor(minutes) || std::fabs(minutes) > kOffsetMost) {
        return wrong(key,
                     fmt::format("{} is no whole number from -{} to {}", minutes, kOffsetMost, kOffsetMost));
      }
      offset = static_cast<DurationMs>(minutes) * kMinuteMs;
    } else if (const auto error = consume(value, 1)) {
      return fail(ErrorCode::bad_data, "{}: the body is no JSON that can be read: {}", key.substr(0, 40),
                  json_fault(error));
    }
  }
  if (!posted.has_symbol()) return wrong("pair", R"(is missing; write it as in "pair":"EUR_USD")");
  if (posted.windows().empty()) {
    return wrong("ohlcv_m5", "there is no window of candles; post ohlcv_m5 and those that the model reads");
  }
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (Status settled = settle(posted.windows()[i], kinds[i], offset); !settled) return settled;
  }
  return {};
}

Status PredictReader::State::read_window(std::string_view name, json::value value) {
  const auto timeframe = Timeframe::parse(name.substr(kWindowPrefix.size()));
  if (!timeframe)
    return wrong(name.substr(0, 40), "there is no such timeframe; m1 m5 m15 m30 h1 h4 d1 are some");
  if (posted.find(*timeframe) != nullptr) {
    return wrong(name, fmt::format("a window of {} is given twice", timeframe->name()));
  }
  json::array candles;
  if (const auto error = value.get_array().get(candles))
    return at_place(error, name, "is not a list of candles");
  PostedWindow& window = posted.add(*timeframe);
  std::size_t room = std::max<std::size_t>(window.received(), 64), count = 0;
  window.resize(room);
  StampKind kind = StampKind::clock;
  for (auto item : candles) {
    const Place place{name, count};
    json::value one;
    if (const auto error = std::move(item).get(one)) return at_place(error, place.text(), json_fault(error));
    if (count == rules.candles_max) {
      return wrong(name, fmt::format("more than {} candles; the newest few hundred are enough", count));
    }
    if (count == room) window.resize(room *= 2);
    Candle candle;
    if (Status read = read_candle(one, place, candle); !read) return read;
    if (count == 0) kind = candle.stamp.kind;
    if (candle.stamp.kind != kind) {
      return wrong(place.of("timestamp"), "is written in another way than that of the first candle");
    }
    window.open_time[count] = candle.stamp.local;
    window.open[count] = candle.open;
    window.high[count] = candle.high;
    window.low[count] = candle.low;
    window.close[count] = candle.close;
    window.volume[count] = candle.volume;
    ++count;
  }
  window.resize(count);
  kinds.push_back(kind);
  names.emplace_back(name);
  return {};
}

Status PredictReader::State::read_candle(json::value& item, const Place& place, Candle& candle) {
  json::object object;
  const auto error = item.get_object().get(object);
  if (!error) {
    if (Status read = read_fields(object, place, candle); !read) return read;
  } else {
    json::array array;
    if (error != simdjson::INCORRECT_TYPE) return at_place(error, place.text(), json_fault(error));
    if (const auto other = item.get_array().get(array)) {
      return at_place(
          other, place.text(),
          "is neither an object with timestamp, open, high, low, close, volume nor a list of them");
    }
    if (Status read = read_places(array, place, candle); !read) return read;
  }
  const double top = candle.open > candle.close ? candle.open : candle.close;
  const double bottom = candle.open > candle.close ? candle.close : candle.open;
  const bool fits = (candle.low > 0) & (candle.low <= bottom) & (candle.high >= top) &
                    (candle.high <= kPriceMost) & (candle.volume >= 0) & (candle.volume <= kVolumeMost);
  if (fits) return {};
  for (const auto& [field, price] : {std::pair{kOpen, candle.open}, std::pair{kHigh, candle.high},
                                     std::pair{kLow, candle.low}, std::pair{kClose, candle.close}}) {
    if (price > kPriceMost) return wrong(place.of(kFieldNames[field]), "is too large for a price");
  }
  const BarFault fault = find_fault({.open_time = 0,
                                     .close_time = 1,
                                     .open = candle.open,
                                     .high = candle.high,
                                     .low = candle.low,
                                     .close = candle.close,
                                     .volume = candle.volume});
  return fault.any() ? wrong(place.of(fault.field), fault.reason)
                     : wrong(place.of(kFieldNames[kVolume]), "is too large for a volume");
}

Status PredictReader::State::read_fields(json::object object, const Place& place, Candle& candle) {
  unsigned seen = 0;
  for (auto item : object) {
    json::field entry;
    if (const auto error = std::move(item).get(entry))
      return at_place(error, place.text(), json_fault(error));
    const unsigned field = field_of(entry.key().raw());
    if (field == kFields) {
      if (const auto error = consume(entry.value(), 3)) {
        return at_place(error, place.text(), json_fault(error));
      }
      continue;
    }
    if ((seen & (1U << field)) != 0) return wrong(place.of(kFieldNames[field]), "is given twice");
    seen |= 1U << field;
    // Nearly every field of every candle is a plain number.
    if (field != kTime && entry.value().get_double().get(candle.number(field)) == simdjson::SUCCESS) continue;
    if (Status read = read_field(field, entry.value(), place, candle); !read) return read;
  }
  constexpr unsigned kNeeded = (1U << kVolume) - 1;
  if ((seen & kNeeded) == kNeeded) return {};
  unsigned missing = 0;
  while ((seen & (1U << missing)) != 0) ++missing;
  return wrong(place.of(kFieldNames[missing]), "is missing");
}

Status PredictReader::State::read_places(json::array array, const Place& place, Candle& candle) {
  unsigned field = 0;
  for (auto item : array) {
    json::value value;
    if (const auto error = std::move(item).get(value))
      return at_place(error, place.text(), json_fault(error));
    if (field == kFields)
      return wrong(place.text(), "has more than timestamp, open, high, low, close, volume");
    if (Status read = read_field(field, value, place, candle); !read) return read;
    ++field;
  }
  if (field >= kVolume) return {};
  return wrong(place.of(kFieldNames[field]), "is missing");
}

Status PredictReader::State::read_field(unsigned field, json::value& value, const Place& place,
                                        Candle& candle) {
  if (field == kTime) {
    json::raw_json_string text;
    double number = 0;
    auto error = value.get_raw_json_string().get(text);
    bool good = !error && stamps.read(text.raw(), candle.stamp);
    if (error == simdjson::INCORRECT_TYPE) {
      error = value.get_double().get(number);
      good = !error && StampReader::of_number(number, candle.stamp);
    }
    if (good) return {};
    constexpr std::string_view kHow =
        "is no time from 1970 to 2099; write 2025.01.31 13:05, 2025-01-31T13:05:00Z or seconds since 1970";
    return error ? at_place(error, place.of(kFieldNames[field]), kHow)
                 : wrong(place.of(kFieldNames[field]), kHow);
  }
  if (const auto error = read_number(value, candle.number(field))) {
    return at_place(error, place.of(kFieldNames[field]), "is not a number, or too large for one");
  }
  return {};
}

Result<TimeMs> PredictReader::State::instant_of(LocalMs local, TimeMs previous, const Place& place) {
  const ClockReader::Instants instants = clock.read(local);
  if (!instants.first) {
    return wrong(place.of("timestamp"),
                 fmt::format("the clock of {} never shows this time: it is put forward over it; send "
                             "utc_offset_minutes, or times with a zone",
                             rules.clock.name()));
  }
  // A clock that is put back shows an hour twice: bars go on through both.
  return instants.second && *instants.first <= previous ? *instants.second : *instants.first;
}

Status PredictReader::State::settle(PostedWindow& window, StampKind kind, std::optional<DurationMs> offset) {
  const auto index_of_window = static_cast<std::size_t>(&window - posted.windows().data());
  const bool by_date = kind == StampKind::date && window.timeframe == kD1;
  const bool by_clock = kind != StampKind::zoned && !offset && !by_date;
  const DurationMs shift = offset && kind != StampKind::zoned ? *offset : 0;
  TimeMs previous = std::numeric_limits<TimeMs>::min();
  for (std::size_t i = 0; i < window.received(); ++i) {
    const Place place{names[index_of_window], i};
    TimeMs open_time = window.open_time[i] - shift;
    if (by_date) open_time = rules.calendar.day_of_date(window.open_time[i]).from;
    if (by_clock) {
      auto instant = instant_of(open_time, previous, place);
      if (!instant) return propagate(instant);
      open_time = *instant;
    }
    if (open_time <= previous) {
      return wrong(place.of("timestamp"),
                   open_time == previous
                       ? fmt::format("{} is there twice", format_time(open_time))
                       : fmt::format("{} is before the candle in front of it; candles go from old to new",
                                     format_time(open_time)));
    }
    const TimeSpan bar = grid.bucket(window.timeframe, open_time);
    if (bar.from != open_time) {
      return wrong(
          place.of("timestamp"),
          fmt::format("{} is not where a bar of {} opens (the one around it opens at {}, the market's "
                      "day at {}); if candles are on another clock, set predict.client_zone or send "
                      "utc_offset_minutes",
                      format_time(open_time), window.timeframe.name(), format_time(bar.from),
                      rules.calendar.day_anchor()));
    }
    window.open_time[i] = open_time;
    window.close_time[i] = bar.to;
    previous = open_time;
  }
  return {};
}

PredictReader::PredictReader(PredictRules rules) : state_(std::make_unique<State>(std::move(rules))) {}
PredictReader::~PredictReader() = default;
PredictReader::PredictReader(PredictReader&&) noexcept = default;
PredictReader& PredictReader::operator=(PredictReader&&) noexcept = default;

Result<const PostedWindows*> PredictReader::read(std::string& body) {
  body.reserve(body.size() + kBodyPadding);
  return read_in_place(body);
}

Result<const PostedWindows*> PredictReader::read_in_place(std::string_view padded) {
  if (Status begun = state_->begin(padded); !begun) return propagate(begun);
  json::object request;
  if (const auto error = state_->document.get_object().get(request)) {
    return at_place(error, "the body", "is not a JSON object with pair and ohlcv_m5, …");
  }
  if (Status done = state_->read_request(request); !done) return propagate(done);
  if (!at_end(state_->document)) {
    return fail(ErrorCode::bad_data, "the body goes on behind the end of its JSON object");
  }
  return &state_->posted;
}

Status PredictReader::read_batch(std::string& body, const EachRequest& each) {
  body.reserve(body.size() + kBodyPadding);
  return read_batch_in_place(body, each);
}

Status PredictReader::read_batch_in_place(std::string_view padded, const EachRequest& each) {
  if (Status begun = state_->begin(padded); !begun) return propagate(begun);
  json::document& document = state_->document;
  // The whole of it first: what is no JSON at its end must not have answered its beginning.
  json::object whole;
  std::size_t count = 0;
  bool found = false;
  if (const auto error = document.get_object().get(whole)) {
    return at_place(error, "the body", R"(is not a JSON object like {"requests":[…]})");
  }
  for (auto item : whole) {
    json::field field;
    std::string_view key;
    if (const auto error = std::move(item).get(field)) return no_json(error);
    if (const auto error = field.unescaped_key().get(key)) return no_json(error);
    if (key != "requests") {
      if (const auto error = consume(field.value(), 1)) return no_json(error);
      continue;
    }
    if (std::exchange(found, true)) return wrong(key, "is given twice");
    json::array requests;
    if (const auto error = field.value().get_array().get(requests))
      return at_place(error, key, "is not a list");
    for (auto request : requests) {
      json::value one;
      auto error = std::move(request).get(one);
      if (!error) error = consume(one, 2);
      if (error) return at_place(error, fmt::format("requests[{}]", count), json_fault(error));
      if (++count > kBatchMost) return wrong(key, fmt::format("more than {} of them", kBatchMost));
    }
  }
  if (!at_end(document)) {
    return fail(ErrorCode::bad_data, "the body goes on behind the end of its JSON object");
  }
  if (!found) return wrong("requests", R"(is missing; write {"requests":[…]})");

  document.rewind();
  json::array requests;
  if (const auto error = document["requests"].get_array().get(requests)) return no_json(error);
  for (auto request : requests) {
    json::object object;
    const auto error = std::move(request).get_object().get(object);
    Status read = error ? Status(wrong("request", "is not a JSON object with pair and ohlcv_m5, …"))
                        : state_->read_request(object);
    if (read) {
      each(&state_->posted);
    } else {
      each(propagate(read));
    }
  }
  return {};
}

Result<PostedWindows> parse_predict_body(std::string& body, const PredictRules& rules) {
  PredictReader reader(rules);
  auto read = reader.read(body);
  if (!read) return propagate(read);
  return **read;
}

Result<LineId> line_for(const recipe::Recipe& recipe, const Symbol& symbol) {
  std::vector<std::string_view> known;
  for (const Symbol& one : recipe.symbols) {
    if (one == symbol) return recipe.line_of(one);
    known.push_back(one.canonical());
  }
  return fail(ErrorCode::not_found, "pair: there is no model for {}; there are: {}", symbol.canonical(),
              fmt::join(known, ", "));
}

PredictRules predict_rules_of(const recipe::Recipe& recipe) {
  return {.clock = recipe.predict.client_clock, .calendar = recipe.calendar};
}

serving::WindowRules window_rules_of(const recipe::Recipe& recipe) {
  return {.base = recipe.base,
          .calendar = recipe.calendar,
          .outside_names = recipe.outside_names(),
          .signal = recipe.signal,
          .signal_where = recipe.signal_where,
          .min_quality = recipe.predict.min_quality,
          .min_candles = recipe.predict.min_candles,
          .client_windows = recipe.client_windows};
}

}  // namespace pawl::http
