#include <algorithm>
#include <array>
#include <cmath>

#include "market/formats/layout.h"

namespace pawl::market::formats {

namespace {

constexpr std::size_t kPrices = 4;
using Prices = std::array<double, kPrices>;

// The four cells from `column` on, where they all are numbers above zero.
bool prices_of(const SampleRow& row, std::size_t column, bool decimal_comma, Prices& prices) {
  if (column + kPrices > row.size()) return false;
  for (std::size_t i = 0; i < kPrices; ++i) {
    const auto number = read_number(row[column + i], decimal_comma);
    if (!number || *number <= 0) return false;
    prices[i] = *number;
  }
  return true;
}

// Rows whose four cells from `column` on may be one bar's prices: numbers of one size. Empty where under 49
// of 50 rows are such.
std::vector<Prices> bars_at(const Sample& sample, std::size_t column, bool decimal_comma) {
  std::vector<Prices> bars;
  std::size_t nulls = 0;
  for (const SampleRow& row : sample) {
    Prices prices{};
    if (prices_of(row, column, decimal_comma, prices)) {
      const auto [low, high] = std::minmax_element(prices.begin(), prices.end());
      if (*high < 2 * *low) bars.push_back(prices);
    } else if (column + kPrices <= row.size() && std::all_of(&row[column], &row[column] + kPrices, is_null)) {
      ++nulls;
    }
  }
  if (bars.empty() || (bars.size() + nulls) * 50 < sample.size() * 49) bars.clear();
  return bars;
}

// The one of the four that is never below (or, with sign −1, above) another, and somewhere clears them all.
std::optional<std::size_t> extreme(const std::vector<Prices>& bars, double sign) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < kPrices; ++i) {
    std::size_t holds = 0, clears = 0;
    for (const Prices& bar : bars) {
      bool at_edge = true, alone = true;
      for (std::size_t j = 0; j < kPrices; ++j) {
        if (j == i) continue;
        at_edge = at_edge && sign * bar[i] >= sign * bar[j];
        alone = alone && sign * bar[i] > sign * bar[j];
      }
      holds += at_edge ? 1 : 0;
      clears += alone ? 1 : 0;
    }
    if (holds * 50 < bars.size() * 49 || clears == 0) continue;
    if (found) return std::nullopt;
    found = i;
  }
  return found;
}

struct PriceOrder {
  std::size_t open = 0, high = 0, low = 0, close = 0;
  std::string why;
};

std::optional<PriceOrder> order_of(const std::vector<Prices>& bars, bool descending) {
  const auto high = extreme(bars, 1), low = extreme(bars, -1);
  if (!high || !low || *high == *low) return std::nullopt;
  std::array<std::size_t, 2> rest{};
  std::size_t count = 0;
  for (std::size_t i = 0; i < kPrices; ++i) {
    if (i != *high && i != *low) rest[count++] = i;
  }
  // A bar opens near where the one before closed, and not the other way round.
  double first_opens = 0, second_opens = 0;
  for (std::size_t i = 1; i < bars.size(); ++i) {
    const Prices& before = descending ? bars[i] : bars[i - 1];
    const Prices& after = descending ? bars[i - 1] : bars[i];
    first_opens += std::abs(after[rest[0]] - before[rest[1]]);
    second_opens += std::abs(after[rest[1]] - before[rest[0]]);
  }
  PriceOrder order{.high = *high, .low = *low};
  if (first_opens < 0.8 * second_opens) {
    order.open = rest[0];
    order.close = rest[1];
  } else if (second_opens < 0.8 * first_opens) {
    order.open = rest[1];
    order.close = rest[0];
  } else {
    return std::nullopt;
  }
  order.why = fmt::format(
      "no price is above the high or below the low; from a close to the next open it is {:.2g} on average, "
      "the other way round {:.2g}",
      std::min(first_opens, second_opens) / static_cast<double>(bars.size()),
      std::max(first_opens, second_opens) / static_cast<double>(bars.size()));
  return order;
}

// Whether the sampled rows run backwards; nothing more is known about their times yet.
bool runs_backwards(const Draft& draft, const Sample& sample) {
  const std::size_t column = draft.found.format.columns.of(Role::time).front();
  if (sample.size() < 2 || column >= sample.front().size() || column >= sample.back().size()) return false;
  const std::string_view first = sample.front()[column], last = sample.back()[column];
  if (const auto a = read_epoch(first), b = read_epoch(last); a && b) return b->time < a->time;
  const DateOrder order = draft.found.format.stamp.date_order;
  const auto a = read_civil(first, order), b = read_civil(last, order);
  return a && b && b->local < a->local;
}

}  // namespace

Status columns_by_content(Draft& draft, const Sample& sample, std::size_t after) {
  BarFormat& format = draft.format();
  std::size_t width = 0;
  for (const SampleRow& row : sample) width = std::max(width, row.size());
  // A text that every row repeats is the symbol.
  for (std::size_t i = 0; i < width; ++i) {
    const std::string_view cell = i < sample.front().size() ? sample.front()[i] : std::string_view();
    if (format.columns.of(Role::time).front() == i || is_null(cell) || read_number(cell, true) ||
        read_clock(cell) || !Symbol::parse(cell)) {
      continue;
    }
    if (std::all_of(sample.begin(), sample.end(),
                    [&](const SampleRow& row) { return i < row.size() && row[i] == cell; })) {
      format.columns.set(Role::symbol, {i});
      break;
    }
  }
  const bool descending = runs_backwards(draft, sample);
  std::vector<std::size_t> places;
  for (std::size_t i = after; i + kPrices <= width; ++i) places.push_back(i);
  for (std::size_t i = 0; i + kPrices <= std::min(after, width); ++i) places.push_back(i);
  for (const std::size_t place : places) {
    const std::vector<Prices> bars = bars_at(sample, place, format.decimal_comma);
    if (bars.empty()) continue;
    const auto order = order_of(bars, descending);
    if (!order) {
      format.columns.add(Role::open, place);
      format.columns.add(Role::high, place + 1);
      format.columns.add(Role::low, place + 2);
      format.columns.add(Role::close, place + 3);
      if (place + kPrices < width) format.columns.add(Role::volume, place + kPrices);
      draft.ask("columns", format.columns.text(),
                "there is no header, and the numbers do not tell open, high, low and close apart",
                "--columns time,open,high,low,close,volume (in the file's order, - to leave one out)");
      return {};
    }
    format.columns.add(Role::open, place + order->open);
    format.columns.add(Role::high, place + order->high);
    format.columns.add(Role::low, place + order->low);
    format.columns.add(Role::close, place + order->close);
    const std::size_t next = place + kPrices;
    // Bid prices and a size, then ask prices and a size.
    if (const std::vector<Prices> asks = bars_at(sample, next + 1, format.decimal_comma);
        asks.size() == bars.size() && next + 1 + kPrices <= width) {
      bool above = true;
      for (std::size_t i = 0; i < bars.size(); ++i) {
        above = above && asks[i][order->close] >= bars[i][order->close] &&
                asks[i][order->close] < 1.05 * bars[i][order->close];
      }
      if (above) {
        format.columns.add(Role::ask_open, next + 1 + order->open);
        format.columns.add(Role::ask_high, next + 1 + order->high);
        format.columns.add(Role::ask_low, next + 1 + order->low);
        format.columns.add(Role::ask_close, next + 1 + order->close);
        draft.note("bid and ask", "the middle of the two",
                   "two sets of prices, the second never below the first");
      }
    }
    if (next < width) format.columns.add(Role::volume, next);
    draft.note("columns", format.columns.text(), order->why);
    return {};
  }
  return fail(
      ErrorCode::bad_data,
      "no four neighbouring columns are the prices of a bar; the first row is {}. Name them with --columns "
      "time,open,high,low,close,volume",
      shown(fmt::format("{}", fmt::join(sample.front(), std::string(1, format.separator)))));
}

}  // namespace pawl::market::formats
