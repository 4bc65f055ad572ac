// What is still there after the process was killed, the power went, or the disk failed: everything that was
// acknowledged.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <memory>

#include "store/store.h"
#include "support/fault_steps.h"
#include "support/sqlite_faults.h"
#include "support/test_files.h"

namespace pawl::store {
namespace {

using test::FaultSteps;

Prediction prediction_number(std::int64_t number) {
  return {.id = 0,
          .line = "r/X",
          .symbol = "X",
          .bar_open_time = number,
          .known_at = number,
          .version = {1},
          .side = Side::buy,
          .p_up = 0.75,
          .p_down = 0.25,
          .features_digest = "d"};
}

Outcome outcome_of(std::int64_t prediction) {
  Outcome outcome;
  outcome.prediction_id = prediction;
  outcome.line = "r/X";
  return outcome;
}

Trade trade_number(std::int64_t number) {
  Trade trade;
  trade.line = "r/X";
  trade.signal.id = fmt::format("{}", number);
  return trade;
}

TradeClose close_number(std::int64_t number) {
  return {.id = fmt::format("{}", number)};
}

// What had been acknowledged when the fault struck.
struct Acknowledged {
  std::int64_t predictions = 0, outcomes = 0, trades = 0, champion = -1, tried_champion = -1;
};

// A small life: a prediction (flushed), its outcome, a trade, a version and its promotion, over and over.
Acknowledged live(Store& store, int rounds, const std::function<void(const Acknowledged&)>& tell) {
  Acknowledged done;
  for (int i = 0; i < rounds; ++i) {
    const auto id = store.predictions().append(prediction_number(i));
    if (!id || !store.flush()) return done;
    ++done.predictions;
    tell(done);
    if (!store.outcomes().append(outcome_of(*id))) return done;
    ++done.outcomes;
    tell(done);
    if (!store.trades().open(trade_number(i)) || !store.trades().close("r/X", close_number(i))) return done;
    ++done.trades;
    tell(done);
    VersionRow version;
    version.line = "r/X";
    version.number = {i};
    if (!store.versions().add(version)) return done;
    PromotionRow promotion;
    promotion.line = "r/X";
    if (i > 0) promotion.from = VersionNumber{i - 1};
    promotion.to = {i};
    done.tried_champion = i;
    tell(done);
    if (!store.versions().promote(std::array{promotion})) return done;
    done.champion = i;
    tell(done);
  }
  return done;
}
constexpr int kRounds = 4;

// The champion is the acknowledged one, or the one that was being promoted; and the log agrees with it.
void expect_kept(Store& store, const Acknowledged& done, bool predictions_too) {
  const auto champion = store.versions().champion("r/X");
  ASSERT_TRUE(champion) << champion.error().message;
  const std::int64_t now = *champion ? (*champion)->value : -1;
  EXPECT_TRUE(now == done.champion || now == done.tried_champion) << now << " is neither the old nor the new";
  EXPECT_EQ(static_cast<std::int64_t>(store.versions().promotions().value().size()), now + 1);
  EXPECT_GE(store.outcomes().count().value(), done.outcomes);
  EXPECT_GE(static_cast<std::int64_t>(store.trades().closed("r/X").value().size()), done.trades);
  EXPECT_GE(store.predictions().count().value(), predictions_too ? done.predictions : done.outcomes);
  // And it goes on from there.
  EXPECT_TRUE(store.predictions().append(prediction_number(99)));
  EXPECT_TRUE(store.flush());
}

// Through the shim, which does not wait for the real disk.
std::unique_ptr<Store> open_at(const Path& file, const test::SqliteFaults& faults) {
  auto store = open_sqlite({.file = file, .vfs = faults.name(), .read_only = false});
  EXPECT_TRUE(store) << store.error().message;
  return store ? std::move(*store) : nullptr;
}

// A folder with a fresh database in it.
class FreshFolder {
 public:
  FreshFolder() { test::write_file(file(), empty_database()); }
  Path file() const { return folder_ / "pawl.db"; }

 private:
  static const std::string& empty_database() {
    static const std::string bytes = [] {
      test::TempFolder folder;
      EXPECT_TRUE(open_sqlite({.file = folder / "pawl.db", .vfs = "", .read_only = false}));
      return test::read_file(folder / "pawl.db");
    }();
    return bytes;
  }
  test::TempFolder folder_;
};

TEST(SqliteDurability, WhatWasAcknowledgedSurvivesAKillAtEveryStep) {
  bool finished = false;
  int kills = 0;
  for (int step = 1; !finished; ++step) {
    const FreshFolder folder;
    FaultSteps steps;
    test::SqliteFaults faults("pawl-faults", steps);
    std::array<int, 2> pipe_ends;
    ASSERT_EQ(::pipe(pipe_ends.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      const auto store = open_at(folder.file(), faults);
      steps.arm(FaultSteps::Fault::kill, step);
      live(*store, kRounds, [&](const Acknowledged& done) {
        if (::write(pipe_ends[1], &done, sizeof done) != sizeof done) ::_exit(2);
      });
      ::_exit(0);
    }
    ::close(pipe_ends[1]);
    Acknowledged done;
    while (::read(pipe_ends[0], &done, sizeof done) == sizeof done) {
    }
    ::close(pipe_ends[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    finished = WIFEXITED(status);
    if (finished) {
      ASSERT_EQ(WEXITSTATUS(status), 0);
    } else {
      ++kills;
    }
    const auto store = open_at(folder.file(), faults);
    ASSERT_TRUE(store);
    SCOPED_TRACE(fmt::format("killed at step {}", step));
    expect_kept(*store, done, /*predictions_too=*/true);
  }
  EXPECT_GT(kills, 30);
}

TEST(SqliteDurability, OutcomesTradesAndPromotionsSurviveAPowerCutAtEveryStep) {
  for (const bool some_survive : {false, true}) {
    bool struck = true;
    for (int step = 1; struck; ++step) {
      for (std::uint64_t seed = 0; seed < (some_survive ? 4u : 1u); ++seed) {
        const FreshFolder folder;
        FaultSteps steps;
        test::SqliteFaults faults("pawl-faults", steps);
        Acknowledged done;
        {
          const auto store = open_at(folder.file(), faults);
          ASSERT_TRUE(store);
          steps.arm(FaultSteps::Fault::power_cut, step);
          done = live(*store, kRounds, [](const Acknowledged&) {});
          steps.arm(FaultSteps::Fault::power_cut, steps.struck() ? 0 : 1 << 20);  // it stays dark
          struck = done.champion != kRounds - 1;
        }
        faults.lose_power(seed, some_survive);
        steps.disarm();
        const auto store = open_at(folder.file(), faults);
        ASSERT_TRUE(store);
        SCOPED_TRACE(fmt::format("dark from step {} on, seed {}", step, seed));
        expect_kept(*store, done, /*predictions_too=*/false);
      }
    }
  }
}

// That the shim bites: without the fsyncs, everything acknowledged above would be lost.
TEST(SqliteDurability, WithoutPowerSafetyAPowerCutTakesWhatWasNotSynced) {
  const FreshFolder folder;
  FaultSteps steps;
  test::SqliteFaults faults("pawl-faults", steps);
  {
    SqliteOptions options{.file = folder.file(), .vfs = faults.name(), .read_only = false};
    options.power_safe = false;
    const auto store = open_sqlite(options).value();
    EXPECT_EQ(live(*store, kRounds, [](const Acknowledged&) {}).outcomes, kRounds);
    steps.arm(FaultSteps::Fault::power_cut, 0);
  }
  faults.lose_power(/*seed=*/0, /*some_survive=*/false);
  steps.disarm();
  const auto store = open_at(folder.file(), faults);
  ASSERT_TRUE(store);
  EXPECT_EQ(store->outcomes().count().value(), 0);
}

TEST(SqliteDurability, AFailingDiskIsReportedAndCostsNothingAcknowledged) {
  for (const int code : {SQLITE_IOERR, SQLITE_FULL}) {
    for (const auto fault : {FaultSteps::Fault::fail_once, FaultSteps::Fault::fail_from_on}) {
      bool struck = true;
      for (int step = 1; struck; ++step) {
        const FreshFolder folder;
        FaultSteps steps;
        test::SqliteFaults faults("pawl-faults", steps);
        faults.fail_with(code);
        const auto store = open_at(folder.file(), faults);
        ASSERT_TRUE(store);
        steps.arm(fault, step);
        const Acknowledged done = live(*store, kRounds, [](const Acknowledged&) {});
        struck = steps.struck();
        SCOPED_TRACE(fmt::format("code {} at step {}", code, step));
        if (fault == FaultSteps::Fault::fail_from_on && done.champion < kRounds - 1) {
          const Status refused = store->set_meta("a", "b");
          EXPECT_FALSE(refused);
          EXPECT_EQ(refused.error().code, ErrorCode::io) << refused.error().message;
        }
        steps.disarm();  // the disk has space again: the same connection goes on
        expect_kept(*store, done, /*predictions_too=*/true);
      }
    }
  }
}

TEST(SqliteDurability, ReplayWithoutPowerSafetyNeverWaitsForTheDisk) {
  test::TempFolder folder;
  FaultSteps steps;
  test::SqliteFaults faults("pawl-faults", steps);
  const auto count = [&](bool power_safe) {
    const Path file = folder / (power_safe ? "live.db" : "replay.db");
    SqliteOptions options{.file = file, .vfs = faults.name(), .read_only = false};
    options.power_safe = power_safe;
    const auto store = open_sqlite(options).value();
    const auto before = faults.syncs();
    live(*store, kRounds, [](const Acknowledged&) {});
    return faults.syncs() - before;
  };
  EXPECT_GE(count(true), 3 * kRounds) << "an outcome, a version and a promotion a round, and a trade";
  EXPECT_LE(count(false), 1);  // the log's first header
}

}  // namespace
}  // namespace pawl::store
