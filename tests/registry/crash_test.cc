// Killed, or without power, at every change on the way to the disk: the champions afterwards are the old or
// the new ones, whole and proven, and the next run goes on as if nothing had been.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <memory>
#include <ostream>

#include "registry/bundles.h"
#include "registry/registry.h"
#include "support/fault_steps.h"
#include "support/faulty_files.h"
#include "support/sqlite_faults.h"
#include "support/stepped_files.h"
#include "support/test_files.h"

namespace pawl::registry {
namespace {

namespace fs = std::filesystem;
using pawl::test::FaultSteps;
using test::bundle_of;

const std::vector<LineId> kLines = {"fx/EUR_USD", "fx/USD_JPY"};

// Waiting for the real disk would only cost time: what it would have kept is simulated, or does not matter
// to a process that is killed.
class NoWaiting final : public FileSystem {
 public:
  Status write(const Path& file, std::string_view bytes) override { return real_.write(file, bytes); }
  Status sync(const Path&) override { return {}; }
  Status rename(const Path& from, const Path& to) override { return real_.rename(from, to); }
  Status make_folders(const Path& folder) override { return real_.make_folders(folder); }
  Status remove_all(const Path& path) override { return real_.remove_all(path); }
  Status link(const Path& target, const Path& name) override { return real_.link(target, name); }
  Result<std::string> read(const Path& file) const override { return real_.read(file); }
  bool exists(const Path& path) const override { return real_.exists(path); }
  std::vector<std::string> list(const Path& folder) const override { return real_.list(folder); }

 private:
  RealFileSystem real_;
};

// Everything that the tests start from, made once: two lines whose champion is version 1, and a version 2
// that the gate kept.
struct Before {
  Before() {
    RealFileSystem files;
    auto store = store::open_sqlite({.file = folder / "pawl.db", .vfs = "", .read_only = false}).value();
    Registry registry(*store, files, folder.path());
    for (const LineId& line : kLines) {
      for (const int number : {0, 1, 2}) {
        EXPECT_TRUE(registry.add(bundle_of(line, number, number == 0 ? "rules" : "logistic", number != 2)));
      }
      for (const int to : {0, 1}) {
        Registry::Promotion promotion;
        promotion.line = line;
        if (to > 0) promotion.expected = VersionNumber{to - 1};
        promotion.to = {to};
        EXPECT_TRUE(registry.promote({promotion}, to, "run 1"));
      }
      next.push_back(bundle_of(line, 3, "logistic"));
    }
  }
  pawl::test::TempFolder folder;
  std::vector<VersionBundle> next;                             // version 3 of each line
  Artifact serving = test::train_artifact("logistic", 4, 77);  // for version 2
};

const Before& before() {
  static const Before made;
  return made;
}

// What is interrupted, and which champions it may leave.
struct Action {
  std::string name;
  std::function<Status(Registry&)> run;
  std::int64_t new_champion;
};

void PrintTo(const Action& action, std::ostream* out) {
  *out << action.name;
}

Registry::Promotion promotion_of(const LineId& line, std::int64_t to) {
  Registry::Promotion promotion;
  promotion.line = line;
  promotion.expected = VersionNumber{1};
  promotion.to = {to};
  return promotion;
}

const std::vector<Action> kActions = {
    {"add_and_promote",
     [](Registry& registry) -> Status {
       for (const VersionBundle& bundle : before().next) {
         if (Status added = registry.add(bundle); !added) return added;
       }
       return registry.promote({promotion_of(kLines[0], 3), promotion_of(kLines[1], 3)}, 9, "run 3");
     },
     3},
    {"refit_and_promote",
     [](Registry& registry) -> Status {
       for (const LineId& line : kLines) {
         if (Status given = registry.add_serving(line, {2}, before().serving); !given) return given;
       }
       return registry.promote({promotion_of(kLines[0], 2), promotion_of(kLines[1], 2)}, 9, "hand");
     },
     2},
    {"roll_back",
     [](Registry& registry) -> Status {
       const auto done = registry.roll_back(kLines[0], std::nullopt, 9, "hand", "?", std::nullopt);
       return done ? Status() : Status(propagate(done));
     },
     0},
};

void copy_before(const Path& to) {
  fs::copy(before().folder.path(), to, fs::copy_options::recursive);
}

// `done`: the action reported success, so that nothing but the new champions will do.
void expect_valid(const Path& folder, const std::string& vfs, const Action& action, bool done) {
  NoWaiting files;
  auto store = store::open_sqlite({.file = folder / "pawl.db", .vfs = vfs, .read_only = false});
  ASSERT_TRUE(store) << store.error().message;
  Registry registry(**store, files, folder);
  const auto found = registry.recover(50);
  ASSERT_TRUE(found) << found.error().message;

  const auto first = registry.champion(kLines[0]).value();
  const auto second = registry.champion(kLines[1]).value();
  ASSERT_TRUE(first && second);
  if (action.new_champion == 0) {
    EXPECT_EQ(second->value, 1);
  } else {
    EXPECT_EQ(first->value, second->value) << "the lines moved apart";
  }
  EXPECT_TRUE(first->value == action.new_champion || (!done && first->value == 1)) << first->value;
  for (const LineId& line : kLines) {
    const auto loaded = registry.load(line, *registry.champion(line).value());
    EXPECT_TRUE(loaded) << loaded.error().message;
    // No half folder, no row without bytes.
    const auto versions = registry.list(line).value();
    for (const VersionSummary& version : versions) {
      EXPECT_NE(version.state, "refused");
      EXPECT_TRUE(registry.load(line, version.number));
    }
    EXPECT_EQ(files.list(folder / "versions" / line).size(), versions.size());
  }
  EXPECT_TRUE(registry.recover(51).value().empty());
  // The next run finds a number and a folder.
  VersionBundle next = before().next[0];
  next.number = registry.next_number(next.line).value();
  const Status added = registry.add(next);
  EXPECT_TRUE(added) << added.error().message;
}

class Crash : public ::testing::TestWithParam<Action> {
 protected:
  void SetUp() override { before(); }
};

TEST_P(Crash, KilledAtEveryStep) {
  const Action& action = GetParam();
  bool finished = false;
  int kills = 0;
  for (int step = 1; !finished; ++step) {
    pawl::test::TempFolder scratch;
    const Path folder = scratch / "data";
    copy_before(folder);
    FaultSteps steps;
    pawl::test::SqliteFaults faults("pawl-crash", steps);
    const pid_t child = ::fork();
    if (child == 0) {
      NoWaiting files;
      pawl::test::SteppedFileSystem stepped(files, steps);
      auto store = store::open_sqlite({.file = folder / "pawl.db", .vfs = faults.name(), .read_only = false});
      Registry registry(**store, stepped, folder);
      steps.arm(FaultSteps::Fault::kill, step);
      ::_exit(action.run(registry) ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    finished = WIFEXITED(status);
    if (finished) {
      ASSERT_EQ(WEXITSTATUS(status), 0);
    } else {
      ++kills;
    }
    SCOPED_TRACE(fmt::format("killed at step {}", step));
    expect_valid(folder, faults.name(), action, finished);
    if (HasFailure()) return;
  }
  std::printf("%d kills\n", kills);
  EXPECT_GE(kills, 4);
}

TEST_P(Crash, WithoutPowerFromEveryStepOn) {
  const Action& action = GetParam();
  using pawl::test::UnsyncedNames;
  // What was not synced is gone; or its names are not; or parts of it are not.
  struct Loss {
    UnsyncedNames names;
    bool some_sectors;
    std::uint64_t seed;
  };
  const std::vector<Loss> losses = {{UnsyncedNames::dropped, false, 1},
                                    {UnsyncedNames::kept, false, 2},
                                    {UnsyncedNames::dropped, true, 3},
                                    {UnsyncedNames::kept, true, 4}};
  int cuts = 0;
  bool finished = false;
  for (int step = 1; !finished; ++step) {
    // The harshest loss every time, and the others in turn.
    for (const Loss& loss : {losses[0], losses[1 + static_cast<std::size_t>(step) % 3]}) {
      pawl::test::TempFolder scratch;
      const Path folder = scratch / "data";
      copy_before(folder);
      FaultSteps steps;
      pawl::test::SqliteFaults faults("pawl-crash", steps);
      NoWaiting real;
      pawl::test::CrashingFileSystem crashing(real, folder);
      pawl::test::SteppedFileSystem stepped(crashing, steps);
      bool done = false;
      {
        auto store =
            store::open_sqlite({.file = folder / "pawl.db", .vfs = faults.name(), .read_only = false})
                .value();
        Registry registry(*store, stepped, folder);
        steps.arm(FaultSteps::Fault::power_cut, step);
        done = action.run(registry).has_value();
        finished = !steps.struck();
        steps.arm(FaultSteps::Fault::power_cut, 0);  // dark until the end
      }
      faults.lose_power(loss.seed * 1000 + static_cast<std::uint64_t>(step), loss.some_sectors);
      crashing.apply_power_loss(loss.seed + static_cast<std::uint64_t>(step), loss.names);
      steps.disarm();
      ++cuts;
      SCOPED_TRACE(fmt::format("dark from step {} on, loss {}", step, loss.seed));
      expect_valid(folder, faults.name(), action, done);
      if (HasFailure()) return;
    }
  }
  std::printf("%d power cuts\n", cuts);
}

// In a data folder that has no versions folder yet, whose own name has to be made durable too.
TEST(CrashAtTheBeginning, TheBaselineIsThereOrIsNot) {
  const LineId& line = kLines[0];
  bool finished = false;
  for (int step = 1; !finished; ++step) {
    pawl::test::TempFolder folder;
    FaultSteps steps;
    pawl::test::SqliteFaults faults("pawl-crash", steps);
    NoWaiting real;
    pawl::test::CrashingFileSystem crashing(real, folder.path());
    pawl::test::SteppedFileSystem stepped(crashing, steps);
    const store::SqliteOptions options{.file = folder / "pawl.db", .vfs = faults.name(), .read_only = false};
    {
      auto store = store::open_sqlite(options).value();
      Registry registry(*store, stepped, folder.path());
      steps.arm(FaultSteps::Fault::power_cut, step);
      Registry::Promotion first;
      first.line = line;
      first.action = "baseline";
      finished = registry.add(bundle_of(line, 0, "rules")) && registry.promote({first}, 1, "pawl");
      steps.arm(FaultSteps::Fault::power_cut, 0);
    }
    faults.lose_power(static_cast<std::uint64_t>(step), /*some_survive=*/false);
    crashing.apply_power_loss(static_cast<std::uint64_t>(step));
    steps.disarm();
    SCOPED_TRACE(fmt::format("dark from step {} on", step));
    auto store = store::open_sqlite(options).value();
    Registry registry(*store, real, folder.path());
    ASSERT_TRUE(registry.recover(2));
    const auto champion = registry.champion(line).value();
    const auto versions = registry.list(line).value();
    EXPECT_EQ(champion.has_value(), !versions.empty()) << "added, so promoted by now";
    EXPECT_TRUE(champion || !finished);
    if (champion) {
      EXPECT_TRUE(registry.load(line, *champion));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, Crash, ::testing::ValuesIn(kActions),
                         [](const auto& action) { return action.param.name; });

}  // namespace
}  // namespace pawl::registry
