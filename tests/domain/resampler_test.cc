#include "domain/resampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "support/real_bars.h"
#include "support/test_files.h"

namespace pawl {
namespace {

MarketCalendar forex() {
  return MarketCalendar::make("America/New_York 17:00", "weekdays").value();
}

std::string text(const Bar& bar) {
  return fmt::format("{} {} {} {} {} {} {}", format_time(bar.open_time), format_time(bar.close_time),
                     bar.open, bar.high, bar.low, bar.close, bar.volume);
}

// The second implementation: every low bar into a map keyed by its bucket, then all buckets that have ended.
BarSeries naive_resample(const BarSeries& bars, Timeframe to, const MarketCalendar& calendar) {
  std::map<TimeMs, std::vector<Bar>> buckets;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    buckets[calendar.bucket(to, bars.open_time(i)).from].push_back(bars[i]);
  }
  BarSeries higher;
  for (const auto& [from, members] : buckets) {
    Bar bar = members.front();
    bar.open_time = from;
    bar.close_time = calendar.bucket(to, from).to;
    if (bar.close_time > bars.back().close_time) continue;
    bar.volume = 0;
    for (const Bar& member : members) {
      bar.high = std::max(bar.high, member.high);
      bar.low = std::min(bar.low, member.low);
      bar.close = member.close;
      bar.volume += member.volume;
    }
    higher.append(bar);
  }
  return higher;
}

void expect_same(const BarSeries& a, const BarSeries& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_EQ(text(a[i]), text(b[i])) << "bar " << i;
}

Bar m5(std::string_view open_time, double price, double volume) {
  const TimeMs open = parse_time(open_time).value();
  return {open, open + kM5.duration_ms(), price, price + 1, price - 1, price + 0.5, volume};
}

TEST(ResamplerTest, AHigherBarComesOutWithTheLowBarThatEndsIt) {
  Resampler hours(kH1, MarketCalendar::utc_always());
  for (const char* time : {"2023-01-02T10:00:00Z", "2023-01-02T10:05:00Z", "2023-01-02T10:50:00Z"}) {
    const Resampler::Closed closed = hours.push(m5(time, 10, 2));
    EXPECT_FALSE(closed.first || closed.second);
  }
  const Resampler::Closed closed = hours.push(m5("2023-01-02T10:55:00Z", 20, 2));
  EXPECT_FALSE(closed.first);
  ASSERT_TRUE(closed.second);
  EXPECT_EQ(text(*closed.second), "2023-01-02T10:00:00Z 2023-01-02T11:00:00Z 10 21 9 20.5 8");
  EXPECT_FALSE(hours.forming());
}

TEST(ResamplerTest, AGapHidesTheEndSoTheNextLowBarBringsIt) {
  Resampler quarters(kM15, MarketCalendar::utc_always());
  quarters.push(m5("2023-01-02T10:00:00Z", 10, 2));
  const Resampler::Closed closed = quarters.push(m5("2023-01-02T12:40:00Z", 30, 2));
  ASSERT_TRUE(closed.first && closed.second);
  EXPECT_EQ(text(*closed.first), "2023-01-02T10:00:00Z 2023-01-02T10:15:00Z 10 11 9 10.5 2");
  EXPECT_EQ(text(*closed.second), "2023-01-02T12:30:00Z 2023-01-02T12:45:00Z 30 31 29 30.5 2");
}

class RealResamplerTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto data = test::shared_data();
    if (!data) GTEST_SKIP() << test::kNoSharedData;
    m5_ = test::read_real_bars(*data / "forex/EURUSD_M5.csv.gz", kM5);
    h1_ = test::read_real_bars(*data / "forex/EURUSD_H1.csv.gz", kH1);
    ASSERT_EQ(m5_.size(), 149251u);
  }
  BarSeries m5_, h1_;
};

TEST_F(RealResamplerTest, GivesWhatASecondImplementationGives) {
  for (const Timeframe to : {kM15, kH1, kH4, kD1, kW1}) {
    SCOPED_TRACE(to.name());
    expect_same(resample(m5_, to, forex()), naive_resample(m5_, to, forex()));
  }
  expect_same(resample(m5_, kH4, MarketCalendar::utc_always()),
              naive_resample(m5_, kH4, MarketCalendar::utc_always()));
}

TEST_F(RealResamplerTest, GivesTheHoursThatTheDataSetHas) {
  const BarSeries hours = resample(m5_, kH1, forex());
  ASSERT_EQ(hours.size(), h1_.size());
  for (std::size_t i = 0; i < hours.size(); ++i) ASSERT_EQ(text(hours[i]), text(h1_[i])) << "bar " << i;
}

TEST_F(RealResamplerTest, SavedAndLoadedAnywhereItGoesOnTheSame) {
  const BarSeries whole = resample(m5_, kH4, forex());
  BarSeries pieces;
  std::string state;
  for (std::size_t i = 0; i < 20'000; ++i) {
    Resampler resampler(kH4, forex());
    if (!state.empty()) {
      ByteReader in(state);
      ASSERT_TRUE(resampler.load(in));
      ASSERT_TRUE(in.at_end());
    }
    const Resampler::Closed closed = resampler.push(m5_[i]);
    if (closed.first) pieces.append(*closed.first);
    if (closed.second) pieces.append(*closed.second);
    ByteWriter out;
    resampler.save(out);
    state = out.take();
  }
  ASSERT_GT(pieces.size(), 400u);
  expect_same(pieces, whole.slice(0, pieces.size()));
}

TEST_F(RealResamplerTest, TheFutureNeverChangesAClosedBar) {
  const BarSeries whole = resample(m5_, kH4, forex());
  for (const std::size_t cut : {1u, 47u, 48u, 1000u, 77'777u, 149'000u}) {
    const BarSeries early = resample(m5_.slice(0, cut), kH4, forex());
    const TimeMs now = m5_.close_time(cut - 1);
    // Whatever is out is known, and is what it is with the future at hand.
    if (!early.empty()) {
      EXPECT_LE(early.back().close_time, now);
    }
    expect_same(early, whole.slice(0, early.size()));
    EXPECT_EQ(whole.count_known_at(now), early.size()) << cut;
  }
}

TEST(ResamplerStateTest, DamagedOrForeignStateIsRefused) {
  Resampler hours(kH1, MarketCalendar::utc_always());
  hours.push(m5("2023-01-02T10:00:00Z", 10, 2));
  ByteWriter out;
  hours.save(out);
  const std::string state = out.take();
  for (std::size_t length = 0; length < state.size(); ++length) {
    ByteReader cut(std::string_view(state).substr(0, length));
    EXPECT_FALSE(Resampler(kH1, MarketCalendar::utc_always()).load(cut)) << length;
  }
  ByteReader other(state);
  const Status status = Resampler(kH4, MarketCalendar::utc_always()).load(other);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace pawl
