#include "market/trade_events.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "domain/symbol.h"
#include "market/trade_text.h"

namespace pawl::market {
namespace {

constexpr std::string_view kHeader =
    "type,id,symbol,side,at,price,rsi,macd,macd_signal,adx,atr,ema_fast,ema_slow,volume,pnl_pct,profitable";

std::unexpected<Error> field_error(std::string_view field, std::string_view what) {
  return fail(ErrorCode::bad_data, "field `{}` {}", field, what);
}

Result<double> finite_number(const Json& json, std::string_view field) {
  auto value = json_double(json, field);
  if (value && !std::isfinite(*value)) return field_error(field, "is not a number");
  return value;
}

Result<std::string> id_from(const Json& json) {
  const auto found = json.find("id");
  if (found != json.end() && found->is_number_integer()) return found->dump();
  auto id = json_string(json, "id");
  if (id && id->empty()) return field_error("id", "is empty");
  return id;
}

Result<TimeMs> time_from(const Json& json, std::optional<TimeMs> now) {
  if (now && !json.contains("at")) return *now;
  const auto text = json_string(json, "at");
  if (!text) return propagate(text);
  const auto time = parse_time(*text);
  if (!time) return within("field `at`", time.error());
  return time;
}

Result<double> price_from(const Json& json) {
  auto price = finite_number(json, "price");
  if (price && *price <= 0) return field_error("price", "must be above zero");
  return price;
}

Result<TradeSignal> signal_from(const Json& json, std::string id, TimeMs at) {
  TradeSignal signal{.id = std::move(id), .symbol = {}, .at = at};
  const auto symbol = json_string(json, "symbol");
  if (!symbol) return propagate(symbol);
  if (const auto valid = Symbol::parse(*symbol); !valid) return within("field `symbol`", valid.error());
  signal.symbol = *symbol;
  const auto side = json_string(json, "side");
  if (!side) return propagate(side);
  if (*side != "BUY" && *side != "SELL") return field_error("side", "is neither BUY nor SELL");
  signal.side = *side == "BUY" ? Side::buy : Side::sell;
  const auto price = price_from(json);
  if (!price) return propagate(price);
  signal.entry_price = *price;
  const auto indicators = json.find("indicators");
  if (indicators == json.end() || !indicators->is_object()) {
    return field_error("indicators",
                       fmt::format("must be an object of {}", fmt::join(kTradeIndicators, ", ")));
  }
  for (std::size_t i = 0; i < kTradeIndicators.size(); ++i) {
    const auto value = finite_number(*indicators, kTradeIndicators[i]);
    if (!value) return within("indicators", value.error());
    signal.indicators[i] = *value;
  }
  return signal;
}

Result<TradeClose> close_from(const Json& json, std::string id, TimeMs at) {
  TradeClose close{.id = std::move(id), .at = at};
  const auto price = price_from(json);
  if (!price) return propagate(price);
  close.exit_price = *price;
  const auto pnl = finite_number(json, "pnl_pct");
  if (!pnl) return propagate(pnl);
  close.pnl_pct = *pnl;
  close.profitable = *pnl > 0;
  if (json.contains("profitable")) {
    const auto profitable = json_bool(json, "profitable");
    if (!profitable) return propagate(profitable);
    close.profitable = *profitable;
  }
  return close;
}

// A CSV line as the object that the same event would be.
Result<Json> json_of_cells(const std::vector<std::string>& cells, const std::vector<std::size_t>& columns,
                           const std::vector<std::string>& names, std::string_view place) {
  Json json = Json::object();
  Json indicators = Json::object();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string& name = names[i];
    const std::string& cell = cells[columns[i]];
    if (cell.empty()) continue;
    const bool indicator =
        std::find(kTradeIndicators.begin(), kTradeIndicators.end(), name) != kTradeIndicators.end();
    if (name == "side") {
      const auto side = read_side(place, name, cell);
      if (!side) return propagate(side);
      json[name] = side_name(*side);
    } else if (name == "profitable") {
      const auto flag = read_flag(place, name, cell);
      if (!flag) return propagate(flag);
      json[name] = *flag;
    } else if (indicator || name == "price" || name == "pnl_pct") {
      const auto value = read_number(place, name, cell);
      if (!value) return propagate(value);
      (indicator ? indicators : json)[name] = *value;
    } else {
      json[name] = cell;
    }
  }
  if (!indicators.empty()) json["indicators"] = std::move(indicators);
  return json;
}

struct Placed {
  TradeEvent event;
  std::int64_t line = 0;
};

Result<std::vector<Placed>> read_ndjson(std::string_view text, std::string_view file_name) {
  std::vector<Placed> events;
  for (Lines lines(text); lines.next();) {
    const std::string place = fmt::format("{}:{}", file_name, lines.number());
    const auto json = parse_json(lines.text());
    if (!json) return within(place, json.error());
    auto event = trade_event_from_json(*json);
    if (!event) return within(place, event.error());
    events.push_back({std::move(*event), lines.number()});
  }
  return events;
}

Result<std::vector<Placed>> read_csv(std::string_view text, std::string_view file_name) {
  std::vector<Placed> events;
  Lines lines(text);
  if (!lines.next()) return events;
  const std::vector<std::string> names = split_cells(kHeader), header = split_cells(lines.text());
  const std::vector<std::string_view> views(names.begin(), names.end());
  const auto columns = find_columns(header, views, fmt::format("{}:{}", file_name, lines.number()));
  if (!columns) return propagate(columns);
  while (lines.next()) {
    const std::string place = fmt::format("{}:{}", file_name, lines.number());
    const std::vector<std::string> cells = split_cells(lines.text());
    if (cells.size() != header.size()) {
      return fail(ErrorCode::bad_data, "{}: the line has {} fields and the header {}", place, cells.size(),
                  header.size());
    }
    const auto json = json_of_cells(cells, *columns, names, place);
    if (!json) return propagate(json);
    auto event = trade_event_from_json(*json);
    if (!event) return within(place, event.error());
    events.push_back({std::move(*event), lines.number()});
  }
  return events;
}

// Each id is opened once and closed once, in that order; `events` are by time.
Status check_lives(const std::vector<Placed>& events, std::string_view file_name) {
  std::map<std::string, std::int64_t, std::less<>> opened, closed;  // id → line
  for (const Placed& placed : events) {
    const std::string& id = id_of(placed.event);
    const bool open = std::holds_alternative<TradeSignal>(placed.event);
    const auto [first, added] = (open ? opened : closed).emplace(id, placed.line);
    if (!added) {
      return fail(ErrorCode::bad_data, "{}:{}: trade `{}` is {} already in line {}; each is once", file_name,
                  placed.line, id, open ? "opened" : "closed", first->second);
    }
    if (const auto before = closed.find(id); open && before != closed.end()) {
      return fail(ErrorCode::bad_data, "{}:{}: trade `{}` is closed before it is opened, in line {}",
                  file_name, placed.line, id, before->second);
    }
  }
  return {};
}

}  // namespace

TimeMs time_of(const TradeEvent& event) {
  return std::visit([](const auto& one) { return one.at; }, event);
}

const std::string& id_of(const TradeEvent& event) {
  return std::visit([](const auto& one) -> const std::string& { return one.id; }, event);
}

Result<TradeEvent> trade_event_from_json(const Json& json, std::optional<TimeMs> now) {
  if (!json.is_object()) return fail(ErrorCode::bad_data, "a trade's report must be a JSON object");
  const auto type = json_string(json, "type");
  if (!type) return propagate(type);
  auto id = id_from(json);
  if (!id) return propagate(id);
  const auto at = time_from(json, now);
  if (!at) return propagate(at);
  if (*type == "open") {
    auto signal = signal_from(json, std::move(*id), *at);
    if (!signal) return propagate(signal);
    return *signal;
  }
  if (*type == "close") {
    auto close = close_from(json, std::move(*id), *at);
    if (!close) return propagate(close);
    return *close;
  }
  return field_error("type", "is neither open nor close");
}

Json to_json(const TradeEvent& event) {
  if (const auto* signal = std::get_if<TradeSignal>(&event)) {
    Json indicators = Json::object();
    for (std::size_t i = 0; i < kTradeIndicators.size(); ++i) {
      indicators[std::string(kTradeIndicators[i])] = signal->indicators[i];
    }
    return {{"type", "open"},
            {"id", signal->id},
            {"symbol", signal->symbol},
            {"side", side_name(signal->side)},
            {"at", format_time(signal->at)},
            {"price", signal->entry_price},
            {"indicators", std::move(indicators)}};
  }
  const auto& close = std::get<TradeClose>(event);
  return {{"type", "close"},           {"id", close.id},           {"at", format_time(close.at)},
          {"price", close.exit_price}, {"pnl_pct", close.pnl_pct}, {"profitable", close.profitable}};
}

Result<std::vector<TradeEvent>> read_trade_events(std::string_view text, std::string_view file_name) {
  Lines first(text);
  const bool ndjson = first.next() && first.text().starts_with('{');
  auto placed = ndjson ? read_ndjson(text, file_name) : read_csv(text, file_name);
  if (!placed) return propagate(placed);
  std::stable_sort(placed->begin(), placed->end(),
                   [](const Placed& a, const Placed& b) { return time_of(a.event) < time_of(b.event); });
  if (Status lives = check_lives(*placed, file_name); !lives) return propagate(lives);
  std::vector<TradeEvent> events;
  for (Placed& one : *placed) events.push_back(std::move(one.event));
  return events;
}

std::string trade_events_ndjson(std::span<const TradeEvent> events) {
  std::string out;
  for (const TradeEvent& event : events) {
    out += to_json(event).dump();
    out += '\n';
  }
  return out;
}

std::string trade_events_csv(std::span<const TradeEvent> events) {
  std::string out = fmt::format("{}\n", kHeader);
  for (const TradeEvent& event : events) {
    if (const auto* signal = std::get_if<TradeSignal>(&event)) {
      out += fmt::format("open,{},{},{},{},{},{},,\n", csv_cell(signal->id), csv_cell(signal->symbol),
                         side_name(signal->side), format_time(signal->at), signal->entry_price,
                         fmt::join(signal->indicators, ","));
    } else {
      const auto& close = std::get<TradeClose>(event);
      out += fmt::format("close,{},,,{},{},,,,,,,,,{},{}\n", csv_cell(close.id), format_time(close.at),
                         close.exit_price, close.pnl_pct, close.profitable ? 1 : 0);
    }
  }
  return out;
}

std::string_view trade_events_csv_header() {
  return kHeader;
}

}  // namespace pawl::market
