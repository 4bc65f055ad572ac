// A row has the same bits whenever and however it is computed: as its bar came, or from a checkpoint later.
#include "datasets/history.h"

#include <gtest/gtest.h>

#include <bit>

#include "datasets/scoring_columns.h"
#include "support/walk_bars.h"

namespace pawl::datasets {
namespace {

using test::walk_bars;

const std::vector<std::string> kSpecs = {"clv",           "rsi(14)", "ema(12)@H4/close",
                                         "lag(ret(1),3)", "atr(14)", "sma(30)@D1"};

features::FeatureList list_of(const std::vector<std::string>& specs) {
  auto list = features::FeatureList::parse(specs, kH1, MarketCalendar::utc_always());
  EXPECT_TRUE(list.has_value()) << list.error().message;
  return *list;
}

FeatureHistory followed(const BarSeries& bars, std::size_t checkpoint_every = 512,
                        const std::vector<std::string>& specs = kSpecs) {
  FeatureHistory history(list_of(specs), checkpoint_every);
  history.follow(bars);
  return history;
}

std::vector<std::uint64_t> bits_of(std::span<const double> row) {
  std::vector<std::uint64_t> bits;
  for (const double value : row) bits.push_back(std::bit_cast<std::uint64_t>(value));
  return bits;
}

void expect_same(const FeatureFrame& a, const FeatureFrame& b) {
  EXPECT_EQ(a.names, b.names);
  EXPECT_EQ(a.known_at, b.known_at);
  EXPECT_EQ(a.ready, b.ready);
  EXPECT_EQ(bits_of(a.values), bits_of(b.values));
}

TEST(FeatureHistory, HasInAnyWindowTheBitsOfTheBarsAsTheyCame) {
  const BarSeries all = walk_bars(1, 1300);
  FeatureHistory history(list_of(kSpecs), 64);
  BarSeries bars;
  FeatureFrame live;
  for (std::size_t i = 0; i < all.size(); ++i) {
    bars.append(all[i]);
    history.follow(bars);
    ASSERT_EQ(history.seen(), i + 1);
    live.values.insert(live.values.end(), history.last_row().begin(), history.last_row().end());
    live.ready.push_back(history.last_ready() ? 1 : 0);
    live.known_at.push_back(all.close_time(i));
  }
  live.names = history.list().specs();
  Random random(2);
  for (int round = 0; round < 40; ++round) {
    const std::size_t first = random.below(all.size()), last = first + random.below(all.size() - first + 1);
    const FeatureFrame window = history.rows(bars, first, last);
    ASSERT_EQ(window.rows(), last - first);
    for (std::size_t i = first; i < last; ++i) {
      ASSERT_EQ(bits_of(window.row(i - first)), bits_of(live.row(i))) << i;
      ASSERT_EQ(window.ready[i - first], live.ready[i]);
      ASSERT_EQ(window.known_at[i - first], live.known_at[i]);
    }
  }
  EXPECT_EQ(live.ready.front(), 0);
  EXPECT_EQ(live.ready.back(), 1);
}

TEST(FeatureHistory, DoesNotDependOnBlocksOrCheckpoints) {
  const BarSeries bars = walk_bars(3, 2000);
  const FeatureFrame whole = followed(bars, 100'000).rows(bars, 0, bars.size());
  for (const std::size_t every : {1UL, 7UL, 512UL}) {
    for (const std::size_t block : {1UL, 13UL, 4096UL}) {
      FeatureHistory history(list_of(kSpecs), every);
      history.follow(bars, block);
      expect_same(history.rows(bars, 0, bars.size()), whole);
      expect_same(history.rows(bars, 1234, 1300), followed(bars).rows(bars, 1234, 1300));
    }
  }
}

TEST(FeatureHistory, GoesOnFromACheckpointInAnotherProcess) {
  const BarSeries bars = walk_bars(4, 1500);
  const FeatureHistory history = followed(bars);
  const FeatureHistory::Checkpoint start = history.checkpoint_before(1200);
  EXPECT_EQ(start.bar, 1024U);
  const BarSeries tail = bars.slice(start.bar, bars.size());
  auto resumed = FeatureHistory::resume(list_of(kSpecs), start.state);
  ASSERT_TRUE(resumed.has_value()) << resumed.error().message;
  resumed->follow(tail);
  expect_same(resumed->rows(tail, 1200 - start.bar, tail.size()), history.rows(bars, 1200, bars.size()));

  auto from_nothing = FeatureHistory::resume(list_of(kSpecs), "");
  ASSERT_TRUE(from_nothing.has_value());
  from_nothing->follow(bars);
  expect_same(from_nothing->rows(bars, 0, 500), history.rows(bars, 0, 500));
}

TEST(FeatureHistory, RefusesTheStateOfAnotherList) {
  const BarSeries bars = walk_bars(5, 600);
  const std::string state = followed(bars).checkpoint_before(599).state;
  const auto other = FeatureHistory::resume(list_of({"clv"}), state);
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().code, ErrorCode::corrupt);
  EXPECT_FALSE(FeatureHistory::resume(list_of(kSpecs), state.substr(0, state.size() / 2)).has_value());
}

TEST(FeatureHistory, ForgetsOnlyWhatNoLaterWindowNeeds) {
  const BarSeries bars = walk_bars(6, 2000);
  FeatureHistory history = followed(bars, 100);
  const FeatureFrame before = history.rows(bars, 1050, 2000);
  history.forget_before(1050);
  EXPECT_EQ(history.checkpoint_before(1050).bar, 1000U) << "the window's own start is still there";
  EXPECT_EQ(history.checkpoint_before(1999).bar, 1900U);
  expect_same(history.rows(bars, 1050, 2000), before);
  history.forget_before(200);  // long gone: nothing changes
  expect_same(history.rows(bars, 1050, 2000), before);
  history.forget_before(0);
  EXPECT_EQ(history.checkpoint_before(1050).bar, 1000U);
}

// Labels of three bars' horizon, the plain sign.
std::unique_ptr<labels::Labeller> sign_labeller() {
  const labels::LabellerKind* kind = labels::find_labeller_kind("horizon_return");
  auto made = kind->make(Settings::defaults(kind->schema), {{}, MarketCalendar::utc_always()});
  EXPECT_TRUE(made.has_value());
  return std::move(*made);
}

TEST(Dataset, ReadsNothingThatIsLaterThanItsAsOf) {
  const BarSeries bars = walk_bars(7, 800);
  const FeatureHistory history = followed(bars);
  const auto labeller = sign_labeller();
  const TimeMs as_of = bars.close_time(499);
  const Dataset dataset = assemble(history, *labeller, nullptr, bars, 100, 800, as_of);
  ASSERT_EQ(dataset.rows(), 400U) << "bars 100 to 499";
  EXPECT_EQ(dataset.frame.known_at.back(), as_of);
  for (std::size_t i = 0; i < dataset.rows(); ++i) {
    EXPECT_EQ(dataset.bar_index[i], 100 + i);
    // Three bars from the next open, known at the close of the bar whose open is the exit.
    const std::size_t exit = 100 + i + 1 + 3;
    EXPECT_EQ(dataset.labels[i].known(), exit <= 499);
    if (!dataset.labels[i].known()) continue;
    EXPECT_EQ(dataset.labels[i].known_at, bars.close_time(exit));
    EXPECT_EQ(dataset.labels[i].gross_return, bars.open(exit) / bars.open(100 + i + 1) - 1);
  }
}

TEST(Dataset, IsTheSameWhetherTheFutureIsThereOrNot) {
  const BarSeries bars = walk_bars(8, 700), known = bars.slice(0, 450);
  const auto labeller = sign_labeller();
  const Dataset with = assemble(followed(bars), *labeller, nullptr, bars, 0, 700, bars.close_time(449));
  const Dataset without =
      assemble(followed(known), *labeller, nullptr, known, 0, 450, known.back().close_time);
  expect_same(with.frame, without.frame);
  for (std::size_t i = 0; i < with.rows(); ++i) {
    EXPECT_EQ(with.labels[i].cls, without.labels[i].cls);
    EXPECT_EQ(with.labels[i].gross_return, without.labels[i].gross_return);
  }
}

TEST(Dataset, UsesRowsThatAreReadyAndHaveTheirLabel) {
  const BarSeries bars = walk_bars(9, 300);
  const FeatureHistory history = followed(bars, 512, {"sma(50)"});
  const Dataset dataset = assemble(history, *sign_labeller(), nullptr, bars, 0, 300, bars.back().close_time);
  const std::vector<std::size_t> rows = usable_rows(dataset);
  ASSERT_FALSE(rows.empty());
  EXPECT_EQ(rows.front(), 49U) << "the fiftieth bar has the first mean";
  EXPECT_EQ(rows.back(), 295U) << "the label of bar 295 ends at the open of bar 299";
  EXPECT_EQ(rows.size(), 295U - 49 + 1);
}

TEST(ScoringColumns, CarryAPositionToTheVeryNextBarOfASessionOnly) {
  const auto calendar = MarketCalendar::make("UTC 00:00", "09:00-17:00");
  ASSERT_TRUE(calendar.has_value());
  // A Monday from 09:00 to 17:00, eight bars, and the Tuesday.
  BarSeries bars = walk_bars(10, 8, test::kWalkStart + 9 * kHourMs);
  bars.append(walk_bars(11, 8, test::kWalkStart + 33 * kHourMs));
  auto list = features::FeatureList::parse(std::vector<std::string>{"clv"}, kH1, *calendar);
  ASSERT_TRUE(list.has_value());
  FeatureHistory history(*list);
  history.follow(bars);
  const Dataset dataset = assemble(history, *sign_labeller(), nullptr, bars, 0, 16, bars.back().close_time);
  const std::vector<std::size_t> rows = {0, 1, 3, 4, 5, 6, 7, 8, 9};
  const ScoringColumns columns = scoring_columns(dataset, rows, bars, *calendar);
  const std::vector<std::uint8_t> expected = {1,  // bar 0 to 1
                                              0,  // bar 2 is no row
                                              1, 1, 1,
                                              0,  // bar 6 fills at 7, the session's last
                                              1,  // bar 7 fills at 8, Tuesday's first
                                              1, 0};
  EXPECT_EQ(columns.contiguous, expected);
  EXPECT_EQ(columns.next_open[0], bars.open(1));
  EXPECT_EQ(columns.next_next_open[0], bars.open(2));
  EXPECT_EQ(columns.next_next_open[5], bars.close(7)) << "closed at the session's end, not at Tuesday's open";
}

}  // namespace
}  // namespace pawl::datasets
