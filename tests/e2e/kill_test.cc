// SIGKILL at any moment: what was told is kept, what serves verifies, what was under way is begun again, and
// nobody notices but by the pause.
#include <random>

#include "e2e/live_child.h"
#include "support/long_tests.h"

namespace pawl::test {
namespace {

namespace fs = std::filesystem;

constexpr double kBackWithinS = 2;

// Where a process is killed.
enum class Moment { training, promoting, anywhere };

class Killer {
 public:
  explicit Killer(std::uint64_t seed) : random_(seed), seed_(seed) {}

  // Lets one process live until that moment and kills it. False where the moment was missed: the promotion
  // was over before the signal came.
  bool kill_at(Moment moment) {
    LiveChild live(data_, Words{"--recipe", recipe_file()} + busy_settings() +
                              Words{"--set", "source.bars=60000", "--pace", "150/s"});
    if (!live.wait_for("started", 30)) {
      ADD_FAILURE() << "it did not start: " << live.error_text();
      return false;
    }
    if (kills_ > 0) {
      EXPECT_LT(live.age_s(), kBackWithinS) << words();
    }
    if (moment == Moment::promoting) {
      EXPECT_TRUE(live.wait_for("promote.begin", 60)) << words() << live.error_text();
    } else if (moment == Moment::training) {
      EXPECT_TRUE(live.wait_for("trigger", 60)) << words() << live.error_text();
      live.let_run(uniform(0, 30));
    } else {
      live.let_run(uniform(0, 700));
    }
    live.kill();
    ++kills_;
    bool hit = true;
    if (moment == Moment::promoting) hit = last(live) == "promote.begin";
    if (moment == Moment::training) hit = in_training(live);
    told_.insert(told_.end(), live.told().begin(), live.told().end());
    // The next process finds these under way.
    for (const std::int64_t run : LeftBehind(data_).runs_in(store::RunState::running)) under_way_.insert(run);
    expect_versions_verify(data_);
    return hit;
  }

  // A last process goes on for a while and stops in peace; then everything is there.
  void expect_nothing_lost() {
    LiveChild live(data_, Words{"--recipe", recipe_file()} + busy_settings() +
                              Words{"--set", "source.bars=60000", "--pace", "150/s"});
    ASSERT_TRUE(live.wait_for_count("outcome", 20)) << live.error_text();
    ASSERT_TRUE(live.wait_for("verdict")) << live.error_text();
    live.signal(SIGTERM);
    ASSERT_TRUE(live.wait_for_end(20));
    told_.insert(told_.end(), live.told().begin(), live.told().end());
    LeftBehind left(data_);
    left.expect_told(told_);
    left.expect_whole();
    EXPECT_EQ(left.runs_in(store::RunState::running).size(), 0U);
    const std::set<std::int64_t> interrupted = left.runs_in(store::RunState::interrupted);
    for (const std::int64_t run : under_way_) EXPECT_TRUE(interrupted.contains(run)) << "run " << run;
    expect_versions_verify(data_);
    const Ran audited = run_pawl({"audit", "--data", data_, "-q", "--json"});
    EXPECT_EQ(audited.exit_code, 0) << audited.stdout_text;
    std::set<std::int64_t> ended;  // no run has two verdicts
    for (const Event& event : left.events("verdict")) {
      EXPECT_TRUE(ended.insert(json_of(event.payload).value("run", std::int64_t{0})).second) << event.payload;
    }
  }

  void kill(Moment moment, int wanted) {
    int hit = 0;
    for (int tried = 0; hit < wanted && tried < 4 * wanted + 20 && !testing::Test::HasFailure(); ++tried) {
      if (kill_at(moment)) ++hit;
    }
    EXPECT_EQ(hit, wanted) << words();
  }
  std::string words() const { return fmt::format("seed {}, after {} kills\n", seed_, kills_); }

 private:
  int uniform(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }
  static std::string last(const LiveChild& live) {
    return live.told().empty() ? std::string() : live.told().back().value("kind", std::string());
  }
  // A run had begun and no verdict on it was told.
  static bool in_training(const LiveChild& live) {
    const std::map<std::string, int> kinds = live.kinds();
    const auto count = [&](const char* kind) { return kinds.contains(kind) ? kinds.at(kind) : 0; };
    return count("trigger") > count("verdict") + count("run_failed");
  }

  const TempFolder folder_;
  const fs::path data_ = folder_ / "data";
  std::mt19937_64 random_;
  std::uint64_t seed_;
  int kills_ = 0;
  std::vector<Json> told_;
  std::set<std::int64_t> under_way_;
};

std::uint64_t todays_seed() {
  const std::uint64_t seed = std::random_device()();
  std::printf("kills by seed %llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

TEST(Kills, LoseNothingThatWasTold) {
  Killer killer(todays_seed());
  killer.kill(Moment::training, 4);
  killer.kill(Moment::promoting, 4);
  killer.kill(Moment::anywhere, 4);
  killer.expect_nothing_lost();
}

// The trainer is killed `kills` times; bars and predictions flow on, and when it is left alone it trains.
void kill_trainers(int kills) {
  const TempFolder folder;
  // Long trainings, so that there is somebody to kill; the back-off is short against the pace.
  LiveChild live(folder / "data",
                 Words{"--recipe", recipe_file()} + busy_settings() +
                     Words{"--set", "model.trees=4000", "--set", "model.learning_rate=0.001", "--set",
                           "training.backoff_hours=0.01", "--set", "source.bars=200000", "--pace", "300/s"});
  int bars_before = 0;
  for (int i = 0; i < kills; ++i) {
    ASSERT_TRUE(live.wait_for("progress")) << live.error_text();
    const auto trainer = live.trainer();
    if (!trainer || ::kill(*trainer, SIGKILL) != 0) {
      --i;  // it was done before
      continue;
    }
    ASSERT_TRUE(live.wait_until([](const Json& line) {
      const std::string kind = line.value("kind", std::string());
      return kind == "run_failed" || kind == "verdict";
    })) << live.error_text();
    ASSERT_TRUE(live.wait_for("prediction")) << "it predicts on";
    const int bars = live.kinds()["bar"];
    EXPECT_GT(bars, bars_before);
    bars_before = bars;
  }
  EXPECT_GE(live.kinds()["run_failed"], kills - kills / 10);
  ASSERT_TRUE(live.wait_for("verdict", 120)) << live.error_text();
  live.signal(SIGTERM);
  const auto ended = live.wait_for_end(20);
  ASSERT_TRUE(ended && ended->success());
  LeftBehind left(folder / "data");
  left.expect_told(live.told());
  left.expect_whole();
}

TEST(Kills, OfTheTrainerNeverStopPredictions) {
  kill_trainers(3);
}

class LongKills : public LongTest {};

TEST_F(LongKills, FiftyWhileTraining) {
  Killer killer(todays_seed());
  killer.kill(Moment::training, 50);
  killer.expect_nothing_lost();
}

TEST_F(LongKills, FiftyBetweenBeginAndEndOfAPromotion) {
  Killer killer(todays_seed());
  killer.kill(Moment::promoting, 50);
  killer.expect_nothing_lost();
}

TEST_F(LongKills, AHundredAnywhere) {
  Killer killer(todays_seed());
  killer.kill(Moment::anywhere, 100);
  killer.expect_nothing_lost();
}

TEST_F(LongKills, AHundredTrainers) {
  kill_trainers(100);
}

}  // namespace
}  // namespace pawl::test
