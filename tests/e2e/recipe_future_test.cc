// ADR-1 for every shipped recipe, on real bars: an instant T in the middle of a training; whatever the bars
// and the outside values that were known after T are, everything that was known by T is the same, byte for
// byte.
#include "base/random.h"
#include "e2e/recipe_case.h"
#include "support/event_check.h"

namespace pawl::test {
namespace {

std::vector<KnownLine> read_events(const std::filesystem::path& file) {
  constexpr std::string_view kKey = "\"known_at\":\"";
  std::istringstream text(read_file(file));
  std::vector<KnownLine> lines;
  for (std::string line; std::getline(text, line);) {
    const std::size_t begin = line.find(kKey) + kKey.size();
    const auto known_at = parse_time(std::string_view(line).substr(begin, line.find('"', begin) - begin));
    EXPECT_TRUE(known_at) << line;
    lines.push_back({known_at.value_or(0), line});
  }
  return lines;
}

// Between the start of a run and its announcement, in two runs of different halves of the replay.
std::vector<TimeMs> instants_within_runs(const Json& report, std::uint64_t seed) {
  Random random(seed);
  const std::size_t half = report["runs"].size() / 2;
  std::vector<TimeMs> instants;
  for (const std::size_t first : {std::size_t{0}, half}) {
    const Json& run = report["runs"][first + random.below(half)];
    const TimeMs start = *parse_time(run["started_at"].get<std::string>());
    const TimeMs end = *parse_time(run["known_at"].get<std::string>());
    instants.push_back(start + static_cast<TimeMs>(random.below(static_cast<std::uint64_t>(end - start))));
  }
  return instants;
}

// Rows as they were known at T: of the bars given, or of the trades in a data folder.
std::string exported(const RecipeCase& some, const Words& source, const std::string& line, TimeMs as_of) {
  Words words = {"export", "dataset", "--as-of", format_time(as_of), "-q"};
  if (!some.bot) words = words + Words{"--recipe", shipped_recipe(some.recipe)};
  if (!line.empty()) words = words + Words{"--line", line};
  const Ran ran = run_pawl(words + source);
  EXPECT_EQ(ran.exit_code, 0) << ran.stderr_text;
  return ran.stdout_text;
}

// A schedule comes due when the next bar does, so that a few days of (made-up) bars follow every T; a weekend
// with a holiday is the longest wait.
constexpr DurationMs kUntilTheNextBar = 4 * kDayMs;
// Long enough for the next runs to be trained on what is made up.
constexpr DurationMs kScrambled = 10 * kDayMs;

class Checked {
 public:
  explicit Checked(const RecipeCase& some) : some_(some), inputs_(some, {}, 0) {
    report_ = replay_recipe(some_, inputs_, folder_.path());
    truth_ = read_events(folder_ / "events.ndjson");
  }
  const Json& report() const { return report_; }

  void expect_the_same_until(TimeMs until, std::uint64_t seed) const {
    SCOPED_TRACE(fmt::format("{} until {}", some_.recipe, format_time(until)));
    const auto known = [until](const KnownLine& line) {
      return line.known_at <= until && has(line.text, "\"kind\":\"trigger\"");
    };
    EXPECT_TRUE(std::ranges::any_of(truth_, known)) << "the run had begun";
    std::vector<std::string> rows;
    for (const std::string& line : some_.lines) {
      rows.push_back(
          exported(some_, some_.bot ? Words{"--data", folder_ / "data"} : inputs_.words(), line, until));
      EXPECT_GT(std::count(rows.back().begin(), rows.back().end(), '\n'), 40) << line;
    }
    expect_the_same("scrambled", {.until = until, .end = until + kScrambled}, rows, seed);
    expect_the_same("cut off", {.until = until, .end = until + kUntilTheNextBar}, rows, seed + 1);
    if (some_.bot) return;
    const CopiedInputs cut(some_, {.until = until, .end = until}, 0);
    expect_rows(rows, cut.words(), until);
  }

 private:
  void expect_the_same(const std::string& future, const AnotherFuture& changed,
                       const std::vector<std::string>& rows, std::uint64_t seed) const {
    SCOPED_TRACE(future);
    const CopiedInputs inputs(some_, changed, seed);
    const TempFolder folder;
    replay_recipe(some_, inputs, folder.path());
    const std::vector<KnownLine> events = read_events(folder / "events.ndjson");
    const auto leak = difference_until(changed.until, truth_, events);
    EXPECT_FALSE(leak.has_value()) << *leak;
    // That the comparison sees a change at all, and that there was one.
    EXPECT_TRUE(difference_until(changed.until + kUntilTheNextBar, truth_, events).has_value());
    expect_clean_audit(folder / "data", 1);
    if (some_.bot) expect_rows(rows, {"--data", folder / "data"}, changed.until);
    if (!some_.bot && changed.end == changed.until + kScrambled)
      expect_rows(rows, inputs.words(), changed.until);
  }

  void expect_rows(const std::vector<std::string>& rows, const Words& source, TimeMs until) const {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_TRUE(rows[i] == exported(some_, source, some_.lines[i], until))
          << "the dataset of " << some_.lines[i] << " changed";
    }
  }

  RecipeCase some_;
  CopiedInputs inputs_;
  TempFolder folder_;
  Json report_;
  std::vector<KnownLine> truth_;
};

void expect_no_look_ahead(const RecipeCase& some, std::uint64_t seed) {
  const Checked checked(some);
  ASSERT_FALSE(checked.report().is_null());
  EXPECT_GT(runs_with(checked.report(), "promote"), 0) << "without swaps it would prove little";
  EXPECT_GT(runs_with(checked.report(), "keep"), 0);
  ASSERT_GE(checked.report()["runs"].size(), 4U);
  for (const TimeMs until : instants_within_runs(checked.report(), seed)) {
    checked.expect_the_same_until(until, seed);
  }
}

TEST(TheFutureOfForexWeekly, ReachesNoEventAndNoDataset) {
  if (!shared_data()) GTEST_SKIP() << kNoSharedData;
  RecipeCase some = forex_weekly();
  // The folds of the last run come after every T, and cost more than all the runs before them.
  some.words = some.words + Words{"--set", "validation.walk_forward_folds=0"};
  expect_no_look_ahead(some, 31);
}

TEST(TheFutureOfStocksDaily, ReachesNoEventAndNoDataset) {
  if (!shared_data()) GTEST_SKIP() << kNoSharedData;
  expect_no_look_ahead(stocks_daily(), 32);
}

TEST(TheFutureOfQqqMinute, ReachesNoEventAndNoDataset) {
  if (!shared_data()) GTEST_SKIP() << kNoSharedData;
  expect_no_look_ahead(qqq_minute(), 33);
}

TEST(TheFutureOfTradeFilter, ReachesNoEventAndNoDataset) {
  if (!shared_data()) GTEST_SKIP() << kNoSharedData;
  expect_no_look_ahead(trade_filter(), 34);
}

}  // namespace
}  // namespace pawl::test
