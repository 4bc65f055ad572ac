// A second, plain answer to what the levels of a market are: everything is found anew at every bar, from the
// bars up to it, by the words of docs/levels.md. Shares nothing with the tracker but the calendar.
#pragma once

#include <cstdlib>
#include <optional>

#include "features/bars_for_features.h"
#include "features/levels/level_tracker.h"

namespace pawl::features {

class LevelOracle {
 public:
  struct Level {
    double price = 0;
    LevelSource source = LevelSource::swing;
    std::size_t made = 0, known = 0;
    bool can_be_touched = false;
  };
  struct Day {
    std::size_t first = 0, last = 0;  // bars
    bool whole = true;
    double high = 0, low = 0, close = 0;
  };

  LevelOracle(const BarSeries& bars, const MarketCalendar& calendar, const LevelSettings& settings)
      : bars_(bars), settings_(settings) {
    atr_ = values_of(fmt::format("atr({})", settings.atr_bars), bars);
    for (std::size_t i = 0; i < bars.size(); ++i) {
      const TimeMs from = calendar.day(bars.open_time(i)).from;
      if (i == 0 || from != calendar.day(bars.open_time(i - 1)).from) {
        const bool whole = i > 0 || !calendar.trades_within(from, bars.open_time(0));
        days_.push_back({.first = i, .last = i, .whole = whole});
      }
      days_.back().last = i;
      day_of_.push_back(days_.size() - 1);
    }
  }

  // Of the day of bar i up to and with it.
  Day today(std::size_t i) const { return ranged(days_[day_of_[i]], i); }
  std::optional<Day> prior(std::size_t i) const {
    if (day_of_[i] == 0 || !days_[day_of_[i] - 1].whole) return std::nullopt;
    const Day& day = days_[day_of_[i] - 1];
    return ranged(day, day.last);
  }
  double vwap(std::size_t i) const {
    const Day day = today(i);
    double traded = 0, volume = 0;
    for (std::size_t j = day.first; j <= i; ++j) {
      traded += (bars_.high(j) + bars_.low(j) + bars_.close(j)) / 3 * bars_.volume(j);
      volume += bars_.volume(j);
    }
    return day.whole && volume > 0 ? traded / volume : std::nan("");
  }
  bool is_swing_high(std::size_t i) const {
    for (std::size_t j = 1; j <= settings_.swing_bars; ++j) {
      if (bars_.high(i - j) >= bars_.high(i) || bars_.high(i + j) > bars_.high(i)) return false;
    }
    return true;
  }
  bool is_swing_low(std::size_t i) const {
    for (std::size_t j = 1; j <= settings_.swing_bars; ++j) {
      if (bars_.low(i - j) <= bars_.low(i) || bars_.low(i + j) < bars_.low(i)) return false;
    }
    return true;
  }
  // The first step on a written-out list that is coarse enough for the price and the range of a bar.
  static std::string step_of(double price, double atr) {
    for (const char* step :
         {"0.00001", "0.00002", "0.00005", "0.0001", "0.0002", "0.0005", "0.001", "0.002", "0.005", "0.01",
          "0.02",    "0.05",    "0.1",     "0.2",    "0.5",    "1",      "2",     "5",     "10",    "20",
          "50",      "100",     "200",     "500",    "1000",   "2000",   "5000",  "10000"}) {
      if (std::strtod(step, nullptr) >= std::max(price / 200, 4 * atr)) return step;
    }
    return "";
  }

  // In the order in which ties are broken.
  std::vector<Level> levels(std::size_t i) const {
    std::vector<Level> all;
    const std::optional<Day> before = prior(i);
    const std::size_t dawn = today(i).first;
    const auto of_day = [&](double price, LevelSource source) {
      all.push_back({.price = price, .source = source, .made = dawn, .known = dawn, .can_be_touched = true});
    };
    if (before) {
      for (const double price : {before->high, before->low, before->close}) {
        of_day(price, LevelSource::prior_day);
      }
    }
    if (const double price = vwap(i); !std::isnan(price)) {
      all.push_back({.price = price, .source = LevelSource::vwap, .made = i, .known = i});
    }
    if (before) {
      const double p = (before->high + before->low + before->close) / 3;
      for (const double price : {p, 2 * p - before->low, 2 * p - before->high,
                                 p + (before->high - before->low), p - (before->high - before->low)}) {
        of_day(price, LevelSource::pivot);
      }
    }
    std::vector<Level> swings;
    for (const bool high : {true, false}) {
      std::size_t count = 0;
      const std::size_t k = settings_.swing_bars;
      for (std::size_t j = i + 1; j-- > 0;) {
        if (j + k > i || j < k || i - j > settings_.lookback || count == Swings::kMost) continue;
        if (!(high ? is_swing_high(j) : is_swing_low(j))) continue;
        swings.push_back({.price = high ? bars_.high(j) : bars_.low(j),
                          .source = LevelSource::swing,
                          .made = j,
                          .known = j + k,
                          .can_be_touched = true});
        ++count;
      }
    }
    std::stable_sort(swings.begin(), swings.end(),
                     [](const Level& a, const Level& b) { return a.made > b.made; });
    all.insert(all.end(), swings.begin(), swings.end());
    const double step = std::strtod(step_of(bars_.close(i), atr_[i]).c_str(), nullptr);
    const double count = std::floor(bars_.close(i) / step);
    for (const double multiple : {count - 1, count, count + 1, count + 2}) {
      // As it would be written: the double nearest to the decimal.
      const double price = std::strtod(fmt::format("{:.5f}", multiple * step).c_str(), nullptr);
      all.push_back({.price = price, .source = LevelSource::round_number, .made = 0, .known = 0});
    }
    return all;
  }

  // How often a level has been touched up to bar i, and the newest of those bars and the one that made it.
  std::pair<std::size_t, std::size_t> touches_of(const Level& level, std::size_t i) const {
    std::size_t touches = 0, newest = level.made;
    for (std::size_t j = level.known + 1; j <= i; ++j) {
      if (!at(j, level.price) || at(j - 1, level.price)) continue;
      ++touches;
      newest = j;
    }
    return {touches, newest};
  }

  // The nearest level on one side of the close.
  std::optional<LevelOnSide> on_side(std::size_t i, LevelType side) const {
    if (std::isnan(atr_[i]) || atr_[i] == 0) return std::nullopt;
    const std::vector<Level> all = levels(i);
    const double close = bars_.close(i);
    const Level* best = nullptr;
    for (const Level& level : all) {
      if ((level.price <= close) != (side == LevelType::support)) continue;
      if (best == nullptr || std::fabs(close - level.price) < std::fabs(close - best->price)) best = &level;
    }
    LevelOnSide found{.distance_atr = std::fabs(close - best->price) / atr_[i]};
    if (best->source == LevelSource::round_number) found.age = static_cast<double>(settings_.lookback);
    if (!best->can_be_touched) return found;
    const auto [touches, newest] = touches_of(*best, i);
    found.touches = touches;
    found.age = static_cast<double>(i - newest);
    return found;
  }

  std::optional<NearestLevel> nearest(std::size_t i) const {
    if (std::isnan(atr_[i]) || atr_[i] == 0) return std::nullopt;
    const std::vector<Level> all = levels(i);
    const double close = bars_.close(i);
    const Level* best = &all[0];
    for (const Level& level : all) {
      if (std::fabs(close - level.price) < std::fabs(close - best->price)) best = &level;
    }
    double score = 0;
    switch (best->source) {
      case LevelSource::swing:
        score = 28;
        break;
      case LevelSource::prior_day:
        score = 40;
        break;
      case LevelSource::pivot:
        score = 32;
        break;
      case LevelSource::round_number:
        score = 20;
        break;
      case LevelSource::vwap:
        score = 36 + 15;
        break;
    }
    if (best->can_be_touched) {
      const auto [touches, newest] = touches_of(*best, i);
      score += 5.0 * static_cast<double>(std::min<std::size_t>(touches, 5));
      const double age = static_cast<double>(i - newest) / static_cast<double>(settings_.lookback);
      score += 15 * std::max(0.0, 1 - age);
    }
    bool meets[kLevelSources] = {};
    for (const Level& level : all) {
      if (std::fabs(level.price - best->price) <= 0.25 * atr_[i]) {
        meets[static_cast<std::size_t>(level.source)] = true;
      }
    }
    // A level may be further from the close than the round numbers around that.
    const double step = std::strtod(step_of(close, atr_[i]).c_str(), nullptr);
    const double round = std::floor(best->price / step + 0.5) * step;
    meets[3] = meets[3] || std::fabs(round - best->price) <= 0.25 * atr_[i];
    meets[static_cast<std::size_t>(best->source)] = false;
    score += 10.0 * static_cast<double>(std::min<std::ptrdiff_t>(std::count(meets, meets + 5, true), 2));
    return NearestLevel{.price = best->price,
                        .distance_atr = (close - best->price) / atr_[i],
                        .strength = score,
                        .type = close >= best->price ? LevelType::support : LevelType::resistance,
                        .source = best->source};
  }

 private:
  Day ranged(Day day, std::size_t last) const {
    day.high = bars_.high(day.first);
    day.low = bars_.low(day.first);
    for (std::size_t j = day.first; j <= last; ++j) {
      day.high = std::max(day.high, bars_.high(j));
      day.low = std::min(day.low, bars_.low(j));
    }
    day.close = bars_.close(last);
    return day;
  }
  bool at(std::size_t i, double price) const {
    const double tolerance = 0.25 * atr_[i];  // NaN is never near
    return bars_.low(i) - tolerance <= price && price <= bars_.high(i) + tolerance;
  }

  const BarSeries& bars_;
  LevelSettings settings_;
  std::vector<double> atr_;
  std::vector<Day> days_;
  std::vector<std::size_t> day_of_;
};

}  // namespace pawl::features
