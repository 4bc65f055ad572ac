#include "support/future_check.h"

#include <algorithm>
#include <bit>

#include "base/random.h"
#include "base/time.h"

namespace pawl::test {

namespace {

std::size_t rows_known_at(const FeatureFrame& frame, TimeMs time) {
  return static_cast<std::size_t>(std::upper_bound(frame.known_at.begin(), frame.known_at.end(), time) -
                                  frame.known_at.begin());
}

std::string with_bits(double value) {
  return fmt::format("{} (bits {:016x})", value, std::bit_cast<std::uint64_t>(value));
}

std::optional<FutureLeak> compare(const FeatureFrame& truth, const FeatureFrame& other, TimeMs until) {
  const std::size_t rows = rows_known_at(truth, until);
  if (rows_known_at(other, until) != rows) {
    return FutureLeak{.known_at = until,
                      .before = fmt::format("{} rows", rows),
                      .after = fmt::format("{} rows", rows_known_at(other, until))};
  }
  for (std::size_t i = 0; i < rows; ++i) {
    if (truth.known_at[i] != other.known_at[i] || truth.ready[i] != other.ready[i]) {
      return FutureLeak{.known_at = truth.known_at[i],
                        .before = truth.ready[i] != 0 ? "ready" : "not ready",
                        .after = other.ready[i] != 0 ? "ready" : "not ready, or of another time"};
    }
    for (std::size_t column = 0; column < truth.columns(); ++column) {
      const double before = truth.row(i)[column], after = other.row(i)[column];
      if (std::bit_cast<std::uint64_t>(before) == std::bit_cast<std::uint64_t>(after)) continue;
      return FutureLeak{.feature = truth.names[column],
                        .known_at = truth.known_at[i],
                        .before = with_bits(before),
                        .after = with_bits(after)};
    }
  }
  return std::nullopt;
}

}  // namespace

std::string FutureLeak::describe() const {
  return fmt::format("with the bars from number {} on {}, {} of the row known at {} changed from {} to {}",
                     cut, future, feature.empty() ? "the presence or readiness" : feature,
                     format_time(known_at), before, after);
}

BarSeries with_scrambled_future(const BarSeries& bars, std::size_t cut, std::uint64_t seed) {
  BarSeries scrambled = bars.slice(0, cut);
  Random random(seed);
  // From a fifth to five times the last price on, so that even what only looks at ratios notices.
  double price = bars.close(cut == 0 ? 0 : cut - 1) * (0.2 + 4.8 * random.uniform());
  for (std::size_t i = cut; i < bars.size(); ++i) {
    Bar bar = bars[i];
    bar.open = price;
    bar.close = price * (0.95 + 0.1 * random.uniform());
    bar.high = std::max(bar.open, bar.close) * (1 + 0.02 * random.uniform());
    bar.low = std::min(bar.open, bar.close) * (1 - 0.02 * random.uniform());
    bar.volume = 1e6 * random.uniform();
    price = bar.close;
    scrambled.append(bar);
  }
  return scrambled;
}

std::optional<FutureLeak> find_future_leak(const RowsOfBars& rows_of, const BarSeries& bars,
                                           std::span<const std::size_t> cuts, std::uint64_t seed) {
  const FeatureFrame truth = rows_of(bars);
  for (const std::size_t cut : cuts) {
    if (cut == 0 || cut >= bars.size()) continue;
    const TimeMs until = bars.close_time(cut - 1);
    const BarSeries scrambled = with_scrambled_future(bars, cut, derive_seed(seed, cut));
    for (const auto& [words, future] : {std::pair<std::string, BarSeries>{"scrambled", scrambled},
                                        std::pair<std::string, BarSeries>{"cut off", bars.slice(0, cut)}}) {
      auto leak = compare(truth, rows_of(future), until);
      if (!leak) continue;
      leak->cut = cut;
      leak->future = words;
      return leak;
    }
  }
  return std::nullopt;
}

}  // namespace pawl::test
