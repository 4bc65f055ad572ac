#include "loop/live/intake_record.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/gzip.h"

namespace pawl::loop {

namespace {

// "0000002f 9b3c11d0 {…}\n"
constexpr std::size_t kHead = 18;

using Buffer = fmt::memory_buffer;

void put_candle(Buffer& out, const Bar& bar) {
  fmt::format_to(std::back_inserter(out), "[{},{},{},{},{},{},{}]", bar.open_time, bar.close_time, bar.open,
                 bar.high, bar.low, bar.close, bar.volume);
}

bool read_hex(std::string_view digits, std::uint32_t& value) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return error == std::errc() && end == digits.data() + digits.size();
}

std::unexpected<Error> no_record(std::string_view why) {
  return fail(ErrorCode::corrupt, "a record of the intake is none: {}", why);
}

Result<Bar> bar_of(const Json& item) {
  if (!item.is_array() || item.size() != 7) return no_record("a candle has not seven numbers");
  for (const Json& number : item) {
    if (!number.is_number()) return no_record("a candle holds something else than numbers");
  }
  return Bar{.open_time = item[0].get<TimeMs>(),
             .close_time = item[1].get<TimeMs>(),
             .open = item[2].get<double>(),
             .high = item[3].get<double>(),
             .low = item[4].get<double>(),
             .close = item[5].get<double>(),
             .volume = item[6].get<double>()};
}

Result<Timeframe> timeframe_of(const Json& name) {
  if (!name.is_string()) return no_record("a timeframe is no text");
  return Timeframe::parse(name.get<std::string>());
}

Result<std::vector<std::pair<Timeframe, std::vector<Bar>>>> candles_of(const Json& list) {
  if (!list.is_array()) return no_record("candles are no list");
  std::vector<std::pair<Timeframe, std::vector<Bar>>> candles;
  for (const Json& series : list) {
    if (!series.is_array() || series.size() != 2 || !series[1].is_array())
      return no_record("candles without a timeframe");
    auto timeframe = timeframe_of(series[0]);
    if (!timeframe) return propagate(timeframe);
    std::vector<Bar> bars;
    for (const Json& item : series[1]) {
      auto bar = bar_of(item);
      if (!bar) return propagate(bar);
      bars.push_back(*bar);
    }
    candles.emplace_back(*timeframe, std::move(bars));
  }
  return candles;
}

}  // namespace

std::string intake_record(const serving::PostedWindows& posted, const serving::WindowPrediction& made,
                          std::string_view content_hash, const NewCandles& fresh, TimeMs at) {
  const Prediction& prediction = made.prediction;
  Buffer out;
  const auto put = [&]<class... Args>(fmt::format_string<Args...> text, Args&&... args) {
    fmt::format_to(std::back_inserter(out), text, std::forward<Args>(args)...);
  };
  out.resize(kHead);
  put(R"({{"line":{},"symbol":"{}","version":{},"content_hash":"{}","side":"{}","raw_side":"{}",)",
      json_quote(prediction.line), prediction.symbol, prediction.version.value, content_hash,
      side_name(prediction.side), side_name(made.raw_side));
  put(R"("p_up":{},"p_down":{},"quality":{},"features":"{}","bar":"{}","known_at":"{}","at":"{}","windows":[)",
      prediction.p_up, prediction.p_down, made.quality.score, prediction.features_digest,
      format_time(prediction.bar_open_time), format_time(prediction.known_at), format_time(at));
  const auto windows = posted.windows();
  bool first = true;
  for (const serving::PostedWindow& window : windows) {
    const BarBlock closed = window.closed();
    if (closed.size() == 0) continue;
    put(R"({}["{}",{},{},{}])", first ? "" : ",", window.timeframe.name(), closed.open_time.front(),
        closed.close_time.back(), closed.size());
    first = false;
  }
  put(R"(],"candles":[)");
  first = true;
  for (std::size_t w = 0; w < fresh.size(); ++w) {
    if (fresh[w].empty()) continue;
    put(R"({}["{}",[)", first ? "" : ",", windows[w].timeframe.name());
    first = false;
    for (const std::size_t i : fresh[w]) {
      if (i != fresh[w].front()) out.push_back(',');
      put_candle(out, windows[w].bar(i));
    }
    put("]]");
  }
  put("]}}");
  const std::string_view json(out.data() + kHead, out.size() - kHead);
  const std::string head = fmt::format("{:08x} {:08x} ", json.size(), crc32_of(json));
  std::copy(head.begin(), head.end(), out.begin());
  out.push_back('\n');
  return {out.data(), out.size()};
}

std::optional<std::string_view> next_record(std::string_view bytes, std::size_t& position) {
  const std::string_view left = bytes.substr(std::min(position, bytes.size()));
  std::uint32_t size = 0, checksum = 0;
  if (left.size() <= kHead || left[8] != ' ' || left[17] != ' ') return std::nullopt;
  if (!read_hex(left.substr(0, 8), size) || !read_hex(left.substr(9, 8), checksum)) return std::nullopt;
  if (left.size() - kHead <= size || left[kHead + size] != '\n') return std::nullopt;
  const std::string_view json = left.substr(kHead, size);
  if (crc32_of(json) != checksum) return std::nullopt;
  position += kHead + size + 1;
  return json;
}

Result<IntakeRecord> parse_record(std::string_view text) {
  auto json = parse_json(text);
  if (!json) return no_record(json.error().message);
  auto line = json_string(*json, "line"), symbol = json_string(*json, "symbol");
  auto known_at = json_string(*json, "known_at"), at = json_string(*json, "at");
  if (!line || !symbol || !known_at || !at || !json->contains("candles")) {
    return no_record("a field is missing");
  }
  auto time = parse_time(*known_at), answered = parse_time(*at);
  if (!time || !answered) return no_record("a time is none");
  auto candles = candles_of((*json)["candles"]);
  if (!candles) return propagate(candles);
  json->erase("candles");
  return IntakeRecord{*line, *symbol, std::min(*time, *answered), *std::move(json), *std::move(candles)};
}

Result<std::vector<WindowSpan>> spans_of(const Json& payload) {
  const auto list = payload.find("windows");
  if (list == payload.end() || !list->is_array()) return no_record("windows are no list");
  std::vector<WindowSpan> spans;
  for (const Json& item : *list) {
    if (!item.is_array() || item.size() != 4) return no_record("a window has not four parts");
    auto timeframe = timeframe_of(item[0]);
    if (!timeframe) return propagate(timeframe);
    if (!item[1].is_number_integer() || !item[2].is_number_integer() || !item[3].is_number_integer()) {
      return no_record("a window holds something else than whole numbers");
    }
    spans.push_back({*timeframe, item[1].get<TimeMs>(), item[2].get<TimeMs>(), item[3].get<std::int64_t>()});
  }
  return spans;
}

}  // namespace pawl::loop
