#include "recipe/outside.h"

#include <algorithm>
#include <cassert>

#include "features/expr.h"
#include "recipe/text_parts.h"

namespace pawl::recipe {
namespace {

using Kind = OutsideSeries::Kind;

// A number behind the name: where it goes, and from where on it makes sense.
enum class Number { delay_minutes, business_days, stale_bars, half_life_hours, days, bars };

struct Form {
  Kind kind;
  std::string_view word;
  bool named;                    // its first argument names a market, series or field
  std::vector<Number> numbers;   // in order
  std::size_t required_numbers;  // the others may be left out
};

const std::vector<Form>& forms() {
  static const std::vector<Form> all = {
      {Kind::bars, "bars", true, {Number::delay_minutes, Number::stale_bars}, 0},
      {Kind::series, "series", true, {Number::business_days, Number::stale_bars}, 0},
      {Kind::filing, "filing", true, {Number::stale_bars}, 0},
      {Kind::filing_age, "filing_age", true, {}, 0},
      {Kind::decayed_sum, "decayed_sum", true, {Number::half_life_hours}, 1},
      {Kind::decayed_mean, "decayed_mean", true, {Number::half_life_hours}, 1},
      {Kind::window_sum, "window_sum", true, {Number::days}, 1},
      {Kind::breadth, "breadth", false, {Number::bars}, 1},
      {Kind::advances, "advances", false, {Number::bars}, 1},
      {Kind::new_highs, "new_highs", false, {Number::bars}, 1},
      {Kind::sector, "sector", false, {Number::bars}, 1},
  };
  return all;
}

void put(Number what, std::int64_t number, OutsideSeries& series) {
  switch (what) {
    case Number::delay_minutes:
      series.delay_ms = number * kMinuteMs;
      break;
    case Number::business_days:
      series.release_business_days = number;
      break;
    case Number::stale_bars:
      series.stale_bars = number;
      break;
    case Number::half_life_hours:
      series.span_ms = number * kHourMs;
      break;
    case Number::days:
      series.span_ms = number * kDayMs;
      break;
    case Number::bars:
      series.length = number;
      break;
  }
}

// Nothing where it was left out and nothing stands behind it.
std::optional<std::int64_t> number_of(Number what, const OutsideSeries& series) {
  switch (what) {
    case Number::delay_minutes:
      return series.delay_ms / kMinuteMs;
    case Number::business_days:
      return series.release_business_days;
    case Number::stale_bars:
      return series.stale_bars;
    case Number::half_life_hours:
      return series.span_ms / kHourMs;
    case Number::days:
      return series.span_ms / kDayMs;
    case Number::bars:
      return series.length;
  }
  return std::nullopt;
}

bool may_be_zero(Number what) {
  return what == Number::delay_minutes || what == Number::business_days || what == Number::stale_bars;
}

std::vector<Symbol> known_markets(const Recipe& recipe) {
  std::vector<Symbol> markets = recipe.symbols;
  for (const OutsideSeries& series : recipe.outside) {
    if (series.kind != Kind::bars) continue;
    const auto market = Symbol::parse(series.of);
    assert(market && "parse_outside() has read it");
    if (std::find(markets.begin(), markets.end(), *market) == markets.end()) markets.push_back(*market);
  }
  return markets;
}

OutsideSeries market_series(const features::OtherMarket& other, const std::vector<Symbol>& markets,
                            const Recipe& recipe) {
  OutsideSeries series{.name = other.name, .kind = Kind::market, .of = {}, .expression = other.expression};
  const auto is_it = [&](const Symbol& market) { return market.canonical() == other.market; };
  const auto market = std::find_if(markets.begin(), markets.end(), is_it);
  assert(market != markets.end() && "find_other_markets() has looked");
  series.of = market->given();
  series.stale_bars = kMarketStaleBars;
  for (const OutsideSeries& listed : recipe.outside) {
    if (listed.kind != Kind::bars || !(*Symbol::parse(listed.of) == *market)) continue;
    series.delay_ms = std::max(series.delay_ms, listed.delay_ms);
    if (listed.stale_bars) series.stale_bars = listed.stale_bars;
  }
  return series;
}

}  // namespace

Result<OutsideSeries> parse_outside(std::string_view text) {
  constexpr std::string_view kHow =
      "write it as vix = bars(VIX, 15) with the minutes until it is known, dgs10 = series(DGS10, 1) with the "
      "business days until its release, pe_ratio = filing(pe_ratio), filed = filing_age(pe_ratio), "
      "news = decayed_mean(news_score, 48) with a half-life in hours, insiders = window_sum(insider_net, 90) "
      "over days, breadth = breadth(50), ad = advances(1), highs = new_highs(252) or sector_move = "
      "sector(20); "
      "a last number behind bars, series and filing is the own bars that a value is used at";
  const auto wrong = [&](std::string_view what) {
    return fail(ErrorCode::bad_config, "\"{}\": {}; {}", text, what, kHow);
  };
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return wrong("there is no =");
  OutsideSeries series;
  series.name = trimmed(text.substr(0, equals));
  const std::string_view call = trimmed(text.substr(equals + 1));
  const std::size_t open = call.find('(');
  if (series.name.empty() || open == std::string_view::npos || !call.ends_with(')'))
    return wrong("it is no call");
  const std::string_view word = trimmed(call.substr(0, open));
  const auto form =
      std::find_if(forms().begin(), forms().end(), [&](const Form& one) { return one.word == word; });
  if (form == forms().end()) return wrong(fmt::format("there is no outside series of kind {}", word));
  series.kind = form->kind;

  const std::vector<std::string> arguments = split(call.substr(open + 1, call.size() - open - 2), ',');
  const std::size_t first = form->named ? 1 : 0;
  if (arguments.front().empty() || arguments.size() < first + form->required_numbers ||
      arguments.size() > first + form->numbers.size()) {
    return wrong("the number of arguments is wrong");
  }
  if (form->named) series.of = arguments.front();
  if (series.kind == Kind::bars) {
    if (const auto market = Symbol::parse(series.of); !market) return wrong(market.error().message);
  }
  for (std::size_t i = first; i < arguments.size(); ++i) {
    const Number what = form->numbers[i - first];
    const auto number = whole_number(arguments[i]);
    if (!number || *number < (may_be_zero(what) ? 0 : 1) || *number > 10'000) {
      return wrong(fmt::format("{} is no such number", arguments[i]));
    }
    put(what, *number, series);
  }
  return series;
}

std::string outside_text(const OutsideSeries& series) {
  const auto form =
      std::find_if(forms().begin(), forms().end(), [&](const Form& one) { return one.kind == series.kind; });
  assert(form != forms().end() && "a market's series is written as a feature");
  std::string arguments = series.of;
  for (const Number what : form->numbers) {
    const auto number = number_of(what, series);
    if (number) arguments += fmt::format("{}{}", arguments.empty() ? "" : ", ", *number);
  }
  return fmt::format("{} = {}({})", series.name, form->word, arguments);
}

Status add_market_series(const std::vector<std::string>& specs, Recipe& recipe) {
  const std::vector<Symbol> markets = known_markets(recipe);
  const auto found = features::find_other_markets(specs, recipe.base, recipe.outside_names(), markets);
  if (!found) return propagate(found);
  for (const features::OtherMarket& other : *found) {
    const std::vector<std::string> names = recipe.outside_names();
    if (std::find(names.begin(), names.end(), other.name) != names.end()) continue;
    recipe.outside.push_back(market_series(other, markets, recipe));
  }
  return {};
}

}  // namespace pawl::recipe
