// Series for the tests of labels: written out by hand, or a random walk with gaps in price and time.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "domain/timeframe.h"
#include "labels/labeller.h"

namespace pawl::labels {

inline constexpr TimeMs kStart = 1'700'006'400'000;  // 2023-11-15T00:00:00Z, a Wednesday

struct Prices {
  double open, high, low, close;
};

// Hourly bars one after another from kStart.
inline BarSeries hourly(std::initializer_list<Prices> prices) {
  BarSeries bars;
  TimeMs time = kStart;
  for (const Prices& p : prices) {
    bars.append({time, time + kHourMs, p.open, p.high, p.low, p.close, 1});
    time += kHourMs;
  }
  return bars;
}

// Hourly bars of which only the opens matter.
inline BarSeries opens(std::initializer_list<double> opens) {
  BarSeries bars;
  TimeMs time = kStart;
  for (const double open : opens) {
    bars.append({time, time + kHourMs, open, open, open, open, 1});
    time += kHourMs;
  }
  return bars;
}

// Appends hourly bars of a random walk: prices jump between some bars, and hours are missing.
inline void walk(BarSeries& bars, Random& random, std::size_t count) {
  TimeMs time = bars.empty() ? kStart : bars.back().close_time;
  double price = bars.empty() ? 100 : bars.back().close;
  for (std::size_t i = 0; i < count; ++i) {
    if (random.below(20) == 0) time += static_cast<TimeMs>(1 + random.below(30)) * kHourMs;
    const double open = random.below(4) == 0 ? price * (1 + 0.01 * random.normal()) : price;
    const double close = random.below(10) == 0 ? open : open * (1 + 0.01 * random.normal());
    const double high = std::max(open, close) * (1 + 0.005 * random.uniform());
    const double low = std::min(open, close) * (1 - 0.005 * random.uniform());
    bars.append({time, time + kHourMs, open, high, low, close, 1});
    time += kHourMs;
    price = close;
  }
}

// A labeller as a recipe would ask for it: make("horizon_return", "{horizon_bars: 2}").
inline Result<std::unique_ptr<Labeller>> make(const std::string& kind, const std::string& yaml,
                                              const LabelContext& context) {
  const LabellerKind* found = find_labeller_kind(kind);
  if (found == nullptr) return fail(ErrorCode::not_found, "{}", kind);
  auto node = parse_yaml(yaml, "test.yaml");
  if (!node) return propagate(node);
  auto settings = Settings::read(found->schema, *node, "label");
  if (!settings) return propagate(settings);
  return found->make(*settings, context);
}

inline std::unique_ptr<Labeller> labeller(const std::string& kind, const std::string& yaml, Costs costs = {},
                                          const std::string& session = "always") {
  auto made = make(kind, yaml, {costs, *MarketCalendar::make("UTC 00:00", session)});
  EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().message);
  return made ? std::move(*made) : nullptr;
}

inline std::vector<Label> label_all(const Labeller& labeller, const BarSeries& bars,
                                    std::span<const double> scale = {}) {
  return labeller.label(bars, 0, bars.size(), scale);
}

inline bool same(const Label& a, const Label& b) {
  return a.cls == b.cls && a.gross_return == b.gross_return && a.known_at == b.known_at &&
         a.exit_bar == b.exit_bar;
}

}  // namespace pawl::labels
