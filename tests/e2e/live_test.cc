// `pawl run` as a user starts it: what it tells, that replay decides as it did, how it stops and goes on.
#include <future>

#include "e2e/live_child.h"

namespace pawl::test {
namespace {

namespace fs = std::filesystem;

constexpr double kStopWithinS = 2;

Words recipe_words(std::int64_t bars = 20'000) {
  return Words{"--recipe", recipe_file()} + busy_settings() +
         Words{"--set", fmt::format("source.bars={}", bars)};
}

// Trainings that take a good part of a second, so that there is time to interrupt them.
Words slow_trees() {
  return {"--set", "model.trees=1500", "--set", "model.learning_rate=0.002"};
}

std::string decisions_of(const fs::path& data) {
  const Ran ran = run_pawl({"export", "decisions", "--data", data, "-q"});
  EXPECT_EQ(ran.exit_code, 0) << ran.stderr_text;
  EXPECT_NE(ran.stdout_text, "");
  return ran.stdout_text;
}

// The first line that differs, in words, or nothing.
std::string difference(const std::string& live, const std::string& replayed) {
  std::istringstream a(live), b(replayed);
  std::string from_a, from_b;
  for (int line = 1;; ++line) {
    const bool has_a = static_cast<bool>(std::getline(a, from_a)),
               has_b = static_cast<bool>(std::getline(b, from_b));
    if (!has_a && !has_b) return {};
    if (has_a != has_b || from_a != from_b) {
      return fmt::format("line {}\n  live:     {}\n  replayed: {}", line, has_a ? from_a : "(none)",
                         has_b ? from_b : "(none)");
    }
  }
}

// Replays the folder's bars with the latencies that it had; both must have decided alike, and what it served
// must come out of its store again.
void expect_replay_decides_alike(const fs::path& data, const fs::path& replay, const Words& more = {}) {
  const Ran replayed = run_pawl(Words{"replay", "--like", data, "--data", replay, "-q"} + more);
  ASSERT_EQ(replayed.exit_code, 0) << replayed.stderr_text;
  EXPECT_EQ(difference(decisions_of(data), decisions_of(replay)), "");
  const Ran audited = run_pawl({"audit", "--data", data, "-q", "--json"});
  EXPECT_EQ(audited.exit_code, 0) << audited.stdout_text;
}

TEST(Live, TellsOfAWholeRoundUntilTheFirstVerdict) {
  const TempFolder folder;
  LiveChild live(folder / "data", recipe_words() + Words{"--pace", "400/s", "--until", "verdict"});
  const auto ended = live.wait_for_end(60);
  ASSERT_TRUE(ended);
  EXPECT_TRUE(ended->success()) << ended->words() << live.error_text();
  const std::map<std::string, int> kinds = live.kinds();
  for (const char* kind :
       {"started", "bar", "prediction", "outcome", "trigger", "progress", "contest", "verdict", "stopped"}) {
    EXPECT_TRUE(kinds.contains(kind)) << kind << " was not told";
  }
  EXPECT_EQ(kinds.contains("swap") + kinds.contains("keep"), 1);
  EXPECT_EQ(live.told().front()["kind"], "started");
  EXPECT_EQ(live.told().back()["kind"], "stopped");
  EXPECT_EQ(live.told().back()["reached"], true);
  LeftBehind left(folder / "data");
  left.expect_told(live.told());
  left.expect_whole();
}

TEST(Live, PlaysToTheEndAndReplayDecidesAlikeOnASimulatedMarket) {
  const TempFolder folder;
  LiveChild live(folder / "data", recipe_words(1200) + Words{"--pace", "600/s", "--until", "end"});
  const auto ended = live.wait_for_end(120);
  ASSERT_TRUE(ended);
  EXPECT_TRUE(ended->success()) << ended->words() << live.error_text();
  const std::map<std::string, int> kinds = live.kinds();
  EXPECT_EQ(kinds.at("bar"), 1200);
  EXPECT_GE(kinds.at("swap"), 2) << "a test of retraining that has none of it says little";
  expect_replay_decides_alike(folder / "data", folder / "replay");
}

TEST(Live, ReplayDecidesAlikeOnRealBars) {
  const auto csv = real_csv(1200);
  if (!csv) GTEST_SKIP() << kNoSharedData;
  const TempFolder folder;
  const std::string bars = folder / "bars.csv";
  write_file(bars, *csv);
  LiveChild live(folder / "data",
                 Words{"--recipe", recipe_file()} + busy_settings() +
                     Words{"--bars", "BTC_USDT:H1=" + bars, "--pace", "600/s", "--until", "end"});
  const auto ended = live.wait_for_end(120);
  ASSERT_TRUE(ended);
  EXPECT_TRUE(ended->success()) << ended->words() << live.error_text();
  EXPECT_GE(live.kinds().at("verdict"), 2);
  expect_replay_decides_alike(folder / "data", folder / "replay");
}

TEST(Live, GoesOnWhereItWasAfterARestart) {
  const TempFolder folder;
  const fs::path data = folder / "data";
  std::vector<Json> told;
  int interrupted = 0;
  for (int part = 0; part < 3; ++part) {
    LiveChild live(data, recipe_words(1500) + slow_trees() + Words{"--pace", "300/s", "--until", "end"});
    if (part < 2) {
      // In the middle of a training.
      ASSERT_TRUE(live.wait_for("progress")) << live.error_text();
      live.signal(SIGTERM);
    }
    const auto ended = live.wait_for_end(120);
    ASSERT_TRUE(ended);
    EXPECT_TRUE(ended->success()) << ended->words() << live.error_text();
    interrupted += live.kinds()["run_interrupted"];
    told.insert(told.end(), live.told().begin(), live.told().end());
  }
  EXPECT_EQ(interrupted, 2);
  LeftBehind left(data);
  left.expect_told(told);
  left.expect_whole();
  EXPECT_EQ(left.events("bar").size(), 1500U);
  EXPECT_EQ(left.runs_in(store::RunState::interrupted).size(), 2U);
  EXPECT_EQ(left.runs_in(store::RunState::running).size(), 0U);
  EXPECT_GE(left.runs_in(store::RunState::completed).size(), 2U) << "they were not begun again";
  expect_replay_decides_alike(data, folder / "replay");
}

TEST(Live, StopsWithinTwoSecondsWhoeverAsksEvenWhileATrainerRuns) {
  const TempFolder folder;
  for (const std::string how : {"SIGTERM", "SIGINT", "pawl stop"}) {
    SCOPED_TRACE(how);
    const fs::path data = folder / how;
    // Many small steps, so that training takes long.
    LiveChild live(data, recipe_words() + Words{"--set", "model.trees=10000", "--pace", "400/s"});
    ASSERT_TRUE(live.wait_for("progress")) << live.error_text();
    const double asked = monotonic_seconds();
    std::future<Ran> stopped;  // beside the reader of what the process prints, which must not stand still
    if (how == "pawl stop") {
      stopped = std::async(std::launch::async, [&] { return run_pawl({"stop", "--data", data, "-q"}); });
    } else {
      live.signal(how == "SIGINT" ? SIGINT : SIGTERM);
    }
    const auto ended = live.wait_for_end(20);
    EXPECT_LT(monotonic_seconds() - asked, kStopWithinS);
    ASSERT_TRUE(ended);
    EXPECT_TRUE(ended->success()) << ended->words() << live.error_text();
    if (stopped.valid()) {
      const Ran ran = stopped.get();
      EXPECT_EQ(ran.exit_code, 0) << ran.stderr_text;
    }
    EXPECT_EQ(live.kinds()["run_interrupted"], 1);
    EXPECT_EQ(unfinished_files(data), std::vector<std::string>());
    LeftBehind left(data);
    left.expect_told(live.told());
    EXPECT_EQ(left.runs_in(store::RunState::interrupted).size(), 1U);
  }
}

TEST(Live, BeginsAnInterruptedRunAgain) {
  const TempFolder folder;
  const fs::path data = folder / "data";
  {
    LiveChild live(data, recipe_words() + slow_trees() + Words{"--pace", "400/s"});
    ASSERT_TRUE(live.wait_for("progress")) << live.error_text();
    live.signal(SIGTERM);
    ASSERT_TRUE(live.wait_for_end(20));
  }
  LiveChild live(data, recipe_words() + slow_trees() + Words{"--pace", "400/s", "--until", "verdict"});
  const auto ended = live.wait_for_end(60);
  ASSERT_TRUE(ended);
  EXPECT_TRUE(ended->success()) << live.error_text();
  const auto runs = LeftBehind(data).runs();
  // On a busy machine bars go on coming between the verdict and the end, and may ask for a third.
  ASSERT_GE(runs.size(), 2U);
  EXPECT_EQ(runs[0].state, store::RunState::interrupted);
  EXPECT_EQ(runs[1].state, store::RunState::completed);
  EXPECT_EQ(runs[1].trigger, runs[0].trigger);
  // No cool-down and no deferral is waited for, only for the next bars.
  ASSERT_TRUE(runs[0].known_at);
  EXPECT_LE(runs[1].started_at - *runs[0].known_at, 6 * kHourMs);
}

TEST(Live, ReadsItsRecipeAgainWhenToldTo) {
  const TempFolder folder;
  const std::string recipe = folder / "mine.yaml";
  std::string text = read_file(recipe_file());
  write_file(recipe, text);
  LiveChild live(folder / "data", Words{"--recipe", recipe} + busy_settings() + Words{"--pace", "200/s"});
  ASSERT_TRUE(live.wait_for_count("bar", 20)) << live.error_text();
  text.replace(text.find("min_edge: 0.02"), 14, "min_edge: 0.49");
  write_file(recipe, text);
  live.signal(SIGHUP);
  ASSERT_TRUE(live.wait_for("started")) << live.error_text();
  ASSERT_TRUE(live.wait_for_count("bar", 40)) << live.error_text();
  live.signal(SIGTERM);
  const auto ended = live.wait_for_end(20);
  ASSERT_TRUE(ended);
  EXPECT_TRUE(ended->success()) << live.error_text();
  LeftBehind left(folder / "data");
  left.expect_told(live.told());
  left.expect_whole();
  const Ran shown = run_pawl({"status", "--data", folder / "data", "--json", "-q"});
  EXPECT_EQ(shown.exit_code, 0) << shown.stderr_text;
}

TEST(Live, KeepsAFolderToItself) {
  const TempFolder folder;
  LiveChild live(folder / "data", recipe_words() + Words{"--pace", "100/s"});
  ASSERT_TRUE(live.wait_for("bar")) << live.error_text();
  const Ran second = run_pawl(Words{"run", "--data", folder / "data", "--port", "0", "-q"} + recipe_words());
  EXPECT_NE(second.exit_code, 0);
  EXPECT_TRUE(has(second.stderr_text, std::to_string(live.pid()))) << second.stderr_text;
  ASSERT_TRUE(live.wait_for_count("bar", 10)) << "the first goes on";
}

TEST(Live, RunsForSoLongAndNoLonger) {
  const TempFolder folder;
  LiveChild live(folder / "data", recipe_words() + Words{"--pace", "100/s", "--for", "0.5"});
  const auto ended = live.wait_for_end(20);
  ASSERT_TRUE(ended);
  EXPECT_TRUE(ended->success());
  EXPECT_GE(live.age_s(), 0.5);
  EXPECT_LT(live.age_s(), 0.5 + kStopWithinS);
  EXPECT_EQ(live.told().back()["reached"], false);
}

TEST(Live, StopTellsWhereNothingRuns) {
  const TempFolder folder;
  const Ran ran = run_pawl({"stop", "--data", folder / "data"});
  EXPECT_NE(ran.exit_code, 0);
  EXPECT_TRUE(has(ran.stderr_text, "no pawl runs there")) << ran.stderr_text;
}

}  // namespace
}  // namespace pawl::test
