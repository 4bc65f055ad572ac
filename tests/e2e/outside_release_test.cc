// D10: what is joined to a stock's bar is what was known at its close. The exported rows against the files,
// looked up by hand; and a recipe that takes the lags away is caught.
#include <charconv>
#include <map>

#include "e2e/recipe_case.h"

namespace pawl::test {
namespace {

const std::string kYield = "dgs10", kVolatility = "vix";

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields = {""};
  bool quoted = false;
  for (const char letter : line) {
    if (letter == '"') quoted = !quoted;
    if (letter == ',' && !quoted) {
      fields.emplace_back();
    } else if (letter != '"') {
      fields.back() += letter;
    }
  }
  return fields;
}

struct Exported {
  std::string text;
  std::vector<std::map<std::string, std::string>> rows;
};

Exported exported(const CopiedInputs& inputs, const std::string& recipe, const std::string& as_of) {
  const Ran ran =
      run_pawl(Words{"export", "dataset", "--recipe", recipe, "--as-of", as_of, "-q"} + inputs.words());
  EXPECT_EQ(ran.exit_code, 0) << ran.stderr_text;
  Exported made{.text = ran.stdout_text, .rows = {}};
  std::istringstream lines(ran.stdout_text);
  std::string line;
  std::getline(lines, line);
  const std::vector<std::string> names = fields_of(line);
  while (std::getline(lines, line)) {
    const std::vector<std::string> fields = fields_of(line);
    EXPECT_EQ(fields.size(), names.size()) << line;
    auto& row = made.rows.emplace_back();
    for (std::size_t i = 0; i < std::min(fields.size(), names.size()); ++i) row[names[i]] = fields[i];
  }
  return made;
}

// Date and one field of a file, by day.
std::map<TimeMs, double> column_of(const std::filesystem::path& file, std::size_t column) {
  const auto text = gunzip(read_file(file));
  EXPECT_TRUE(text);
  std::istringstream lines(*text);
  std::map<TimeMs, double> values;
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    const std::vector<std::string> fields = fields_of(line);
    const std::string& number = fields[column];
    if (number.empty()) continue;  // a holiday
    EXPECT_EQ(
        std::from_chars(number.data(), number.data() + number.size(), values[*parse_time(fields[0])]).ec,
        std::errc())
        << line;
  }
  return values;
}

// The latest value whose release is not after `at`; the release by counting days on a calendar.
std::optional<double> released_by(const std::map<TimeMs, double>& values, TimeMs at) {
  std::optional<double> latest;
  for (const auto& [date, value] : values) {
    static constexpr int kToNextBusinessDay[] = {1, 1, 1, 1, 1, 3, 2};  // from Sunday on
    const TimeMs next = date + kToNextBusinessDay[civil_from_time(date).weekday] * kDayMs;
    if (next + kDayMs <= at) latest = value;
  }
  return latest;
}

// A two-stock recipe D: the joined values do not depend on how many there are.
RecipeCase few_stocks() {
  RecipeCase few = stocks_daily();
  std::erase_if(few.bars, [](const InputFile& file) {
    const std::string name = file.file.filename();
    return !name.starts_with("AAPL") && !name.starts_with("MSFT") && !name.starts_with("SPY") &&
           !name.starts_with("QQQ") && !name.starts_with("VIX");
  });
  few.to = "2016-07-01";
  return few;
}

TEST(OutsideValues, AreTheLatestThatHadBeenReleasedAtTheBarsClose) {
  if (!shared_data()) GTEST_SKIP() << kNoSharedData;
  const CopiedInputs inputs(few_stocks(), {}, 0);
  const Exported found = exported(inputs, shipped_recipe("stocks-daily"), "2016-07-01");
  const auto yields = column_of(*shared_data() / "macro/DGS10.csv.gz", 1);
  const auto indices = column_of(*shared_data() / "stocks/VIX_1d.csv.gz", 4);
  ASSERT_GT(found.rows.size(), 600U);
  std::size_t newer_in_the_file = 0;
  for (const auto& row : found.rows) {
    const TimeMs close = *parse_time(row.at("known_at")), day = close - close % kDayMs;
    const auto yield = released_by(yields, close);
    ASSERT_TRUE(yield.has_value());
    EXPECT_EQ(row.at(kYield), fmt::format("{}", *yield)) << row.at("known_at");
    const auto of_the_day = yields.find(day);
    newer_in_the_file += of_the_day != yields.end() && of_the_day->second != *yield ? 1 : 0;
    // The index closes a quarter of an hour after the stocks: theirs is that of the session before.
    const auto later = indices.lower_bound(day);
    const std::string before = later == indices.begin() ? "" : fmt::format("{}", std::prev(later)->second);
    EXPECT_EQ(row.at(kVolatility), before) << row.at("known_at");
  }
  EXPECT_GT(newer_in_the_file, 400U) << "had the day's own value been used, it would have been seen";
}

// At a bar's close, with every value changed that had not been released by then: of the bar's own day, and of
// the day before in the case of the yield.
class UnreleasedValues : public testing::Test {
 protected:
  // Whether the rows of a recipe up to the close stay as they are.
  bool are_unseen_by(const std::string& recipe) const {
    const TimeMs close = *parse_time("2016-03-16T20:00:00Z");  // a Wednesday, 16:00 in New York
    const RecipeCase few = few_stocks();
    const CopiedInputs truth(few, {}, 0), changed(few, {.until = close, .end = kForever}, 8);
    const std::string as_of = format_time(close);
    const Exported rows = exported(truth, recipe, as_of);
    EXPECT_EQ(rows.rows.back().at("known_at"), as_of);
    return rows.text == exported(changed, recipe, as_of).text;
  }

  // The shipped recipe with something else in one place.
  std::string recipe_with(const std::string& part, const std::string& instead) const {
    std::string text = read_file(shipped_recipe("stocks-daily"));
    const std::size_t at = text.find(part);
    EXPECT_NE(at, std::string::npos) << part;
    write_file(folder / "changed.yaml", text.replace(at, part.size(), instead));
    return folder / "changed.yaml";
  }

  TempFolder folder;
};

TEST_F(UnreleasedValues, AreUnseen) {
  if (!shared_data()) GTEST_SKIP() << kNoSharedData;
  EXPECT_TRUE(are_unseen_by(shipped_recipe("stocks-daily")));
}

TEST_F(UnreleasedValues, AreSeenWhereARecipeTakesTheirDelayAway) {
  if (!shared_data()) GTEST_SKIP() << kNoSharedData;
  EXPECT_FALSE(are_unseen_by(recipe_with("series(DGS10, 1)", "series(DGS10, 0)")));
  EXPECT_FALSE(are_unseen_by(recipe_with("bars(VIX, 15)", "bars(VIX)")));
}

// Another market of the recipe, one from outside, and one from outside that closes later.
TEST_F(UnreleasedValues, AreUnseenInFeaturesOfOtherMarkets) {
  if (!shared_data()) GTEST_SKIP() << kNoSharedData;
  const std::string known = "  - volume_ratio(20)\n";
  const std::string read = known +
                           "  - ret(1) - ret(1)[SPY]\n  - (close / sma(20))[MSFT]\n"
                           "  - rsi(14)[VIX]\n  - close[VIX] / lag(close[VIX], 5) - 1\n";
  EXPECT_TRUE(are_unseen_by(recipe_with(known, read)));
  const std::string with_features = read_file(folder / "changed.yaml");
  write_file(folder / "early.yaml", with_features);
  const std::size_t at = with_features.find("bars(VIX, 15)");
  ASSERT_NE(at, std::string::npos);
  write_file(folder / "early.yaml", std::string(with_features).replace(at, 13, "bars(VIX)"));
  EXPECT_FALSE(are_unseen_by(folder / "early.yaml"));
}

}  // namespace
}  // namespace pawl::test
