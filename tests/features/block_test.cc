// The same bits however the series is cut, and wherever an engine is saved and another goes on.
#include "features/bars_for_features.h"
#include "features/feature.h"

namespace pawl::features {
namespace {

void expect_same_bits_in_all_blocks(const FeatureList& list, const BarSeries& bars) {
  const FeatureFrame whole = rows_of(list, bars);
  const std::vector<std::vector<std::size_t>> cuts = {{1}, {7}, {255, 256, 257}, {512}, {3, 1000, 1}};
  for (const std::vector<std::size_t>& blocks : cuts) {
    EXPECT_EQ(bit_difference(whole, rows_of(list, bars, blocks)), "") << "blocks of " << blocks[0];
  }
}

void expect_same_bits_after_restore(const FeatureList& list, const BarSeries& bars,
                                    std::span<const std::size_t> cuts) {
  const FeatureFrame whole = rows_of(list, bars);
  const std::vector<std::size_t> blocks = {64};
  for (const std::size_t cut : cuts) {
    FeatureFrame frame;
    std::string state;
    {
      Engine first(list);
      advance(first, bars, 0, cut, blocks, frame);
      state = first.save();
    }
    Engine second(list);
    // What the second one has seen before must not show.
    FeatureFrame ignored;
    advance(second, bars, 5, 5 + std::min<std::size_t>(100, bars.size() - 5), blocks, ignored);
    const Status loaded = second.load(state);
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    EXPECT_EQ(second.save(), state);
    advance(second, bars, cut, bars.size(), blocks, frame);
    EXPECT_EQ(bit_difference(whole, frame), "") << "saved before bar " << cut;
  }
}

TEST(Blocks, GiveTheSameBitsOnStumblingBars) {
  expect_same_bits_in_all_blocks(parse_list(varied_specs()), random_bars(5, 3000));
}

TEST(Blocks, GiveTheSameBitsOnRealBars) {
  const auto bars = shared_bars("crypto/BTCUSDT_1h.csv.gz", kH1, 8000);
  if (!bars) GTEST_SKIP() << test::kNoSharedData;
  expect_same_bits_in_all_blocks(parse_list(varied_specs()), *bars);
}

TEST(Blocks, GiveTheSameBitsWithAnAnchorAcrossClockChanges) {
  const auto calendar = MarketCalendar::make("America/New_York 17:00", "always");
  ASSERT_TRUE(calendar.has_value());
  expect_same_bits_in_all_blocks(parse_list(varied_specs(), kH1, *calendar), random_bars(6, 3000));
}

// Every kind and what recipes use, on every width of registers, in blocks that end anywhere.
TEST(Widths, GiveTheSameBits) {
  std::vector<std::string> specs = varied_specs();
  for (const FeatureKind& kind : feature_kinds()) {
    if (kind.inputs == 0 && std::find(specs.begin(), specs.end(), kind.name) == specs.end()) {
      const std::string canonical = parse_list({kind.name}).specs()[0];
      if (std::find(specs.begin(), specs.end(), canonical) == specs.end()) specs.push_back(canonical);
    }
  }
  const FeatureList list = parse_list(specs);
  const BarSeries bars = random_bars(8, 2500);
  const FeatureFrame plain = rows_of(list, bars, {100000}, simd::Width::plain);
  int compared = 0;
  for (const simd::Width width : {simd::Width::plain, simd::Width::sse2, simd::Width::avx2}) {
    if (!simd::has(width)) continue;
    for (const std::size_t block : {1, 7, 1024}) {
      EXPECT_EQ(bit_difference(plain, rows_of(list, bars, {block}, width)), "")
          << simd::kernels(width).name << ", blocks of " << block;
    }
    ++compared;
  }
  if (compared < 3) GTEST_SKIP() << "this machine has no AVX2: that width was not compared";
}

TEST(SaveAndLoad, GoesOnWithTheSameBits) {
  const std::vector<std::size_t> cuts = {0,  1,  2,  13, 14,  19,  20,  21,  33,
                                         34, 95, 96, 97, 400, 511, 999, 1000};
  expect_same_bits_after_restore(parse_list(varied_specs()), random_bars(5, 1000), cuts);
}

TEST(SaveAndLoad, GoesOnWithTheSameBitsOnRealBars) {
  const auto bars = shared_bars("crypto/BTCUSDT_1h.csv.gz", kH1, 6000);
  if (!bars) GTEST_SKIP() << test::kNoSharedData;
  const std::vector<std::size_t> cuts = {1, 77, 512, 3001, 5999};
  expect_same_bits_after_restore(parse_list(varied_specs()), *bars, cuts);
}

class SavedState : public testing::Test {
 protected:
  SavedState() : list_(parse_list(varied_specs())) {
    Engine engine(list_);
    FeatureFrame ignored;
    const std::vector<std::size_t> blocks = {256};
    advance(engine, random_bars(5, 300), 0, 300, blocks, ignored);
    state_ = engine.save();
  }
  static void expect_corrupt(const FeatureList& list, std::string_view state, const char* words) {
    Engine engine(list);
    const std::string before = engine.save();
    const Status loaded = engine.load(state);
    ASSERT_FALSE(loaded.has_value());
    EXPECT_EQ(loaded.error().code, ErrorCode::corrupt);
    EXPECT_NE(loaded.error().message.find(words), std::string::npos) << loaded.error().message;
    EXPECT_EQ(engine.save(), before) << "a refused load must leave the engine as it was";
  }
  FeatureList list_;
  std::string state_;
};

TEST_F(SavedState, OfAnotherListIsRefused) {
  expect_corrupt(parse_list({"rsi(14)"}), state_, "another feature list");
  expect_corrupt(parse_list(varied_specs(), kH1, *MarketCalendar::make("UTC 17:00", "always")), state_,
                 "another feature list");
}

TEST_F(SavedState, CutShortIsRefused) {
  expect_corrupt(list_, "", "cut short");
  expect_corrupt(list_, std::string_view(state_).substr(0, 7), "cut short");
  for (std::size_t size = 8; size < state_.size(); size += 97) {
    expect_corrupt(list_, std::string_view(state_).substr(0, size), "checksum");
  }
  expect_corrupt(list_, state_ + '\0', "checksum");
}

TEST_F(SavedState, WithAnyFlippedBitIsRefused) {
  Random random(3);
  for (int i = 0; i < 500; ++i) {
    std::string damaged = state_;
    damaged[random.below(damaged.size())] ^= static_cast<char>(1 << random.below(8));
    Engine engine(list_);
    EXPECT_FALSE(engine.load(damaged).has_value());
  }
}

}  // namespace
}  // namespace pawl::features
