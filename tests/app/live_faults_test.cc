// A disk that fails under `pawl run`: what serves goes on serving, nothing that was told is lost, and when
// the disk is well again the loop is built from what it kept.
#include <sqlite3.h>

#include <thread>

#include "app/live_process.h"
#include "e2e/live_child.h"
#include "support/fault_steps.h"
#include "support/long_tests.h"
#include "support/sqlite_faults.h"
#include "support/stepped_files.h"

namespace pawl::test {
namespace {

namespace fs = std::filesystem;
using Fault = FaultSteps::Fault;

constexpr int kBarsBefore = 260, kBars = 330;

app::CommonOptions options_of(const fs::path& data, int bars) {
  app::CommonOptions common;
  common.data = data;
  common.recipe = recipe_file();
  const Words words = busy_settings() + Words{"--set", fmt::format("source.bars={}", bars)};
  for (std::size_t i = 1; i < words.size(); i += 2) common.set.push_back(words[i]);
  common.quiet = true;
  return common;
}

// A folder with a champion, which each case continues from a copy of.
const fs::path& past() {
  static const TempFolder folder;
  static const fs::path data = [] {
    const LiveChild live(folder / "data", Words{"--recipe", recipe_file()} + busy_settings() +
                                              Words{"--set", fmt::format("source.bars={}", kBarsBefore),
                                                    "--pace", "2000/s", "--until", "end"});
    const_cast<LiveChild&>(live).wait_for_end(60);
    return fs::path(folder / "data");
  }();
  return data;
}

struct Case {
  Fault fault;
  int sqlite_code;
};

// One process whose disk fails at its nth change. False where it never came so far.
bool survives(const Case& one, std::int64_t n) {
  SCOPED_TRACE(
      fmt::format("fault {} at change {}, code {}", static_cast<int>(one.fault), n, one.sqlite_code));
  const TempFolder folder;
  const fs::path data = folder / "data";
  fs::copy(past(), data, fs::copy_options::recursive);
  FaultSteps steps;
  SqliteFaults faults(fmt::format("live_faults_{}", folder.path().filename().string()), steps);
  faults.fail_with(one.sqlite_code);
  RealFileSystem real;
  std::vector<Json> told;
  {
    SignalWatch signals([] {});
    app::RunOptions options;
    options.port = 0;
    options.pace = "2000/s";
    options.until = "end";
    options.seconds_max = 60;
    options.seam = {.files = [&] { return std::make_unique<SteppedFileSystem>(real, steps); },
                    .vfs = faults.name(),
                    .trainer = PAWL_BINARY};
    std::function<void()> wake;
    auto process = app::LiveProcess::start(options_of(data, kBars), options, signals, wake);
    EXPECT_TRUE(process.has_value()) << process.error().message;
    if (!process) return false;
    steps.arm(one.fault, n);
    std::atomic<bool> over = false;
    std::thread healer([&] {
      while (!over && !steps.struck()) rest_seconds(0.002);
      // Somebody tries again and fails again before the disk is well.
      const double until = monotonic_seconds() + 0.5;
      while (!over && steps.steps() < n + 4 && monotonic_seconds() < until) {
        EXPECT_TRUE((*process)->board().model(0).get() != nullptr) << "it must go on serving";
        rest_seconds(0.002);
      }
      steps.disarm();
    });
    const auto ended = (*process)->run();
    over = true;
    healer.join();
    EXPECT_TRUE(ended.has_value()) << ended.error().message;
    EXPECT_TRUE(ended && *ended == app::LiveProcess::End::reached) << "the loop did not go on";
    static_cast<void>((*process)->stop());
    for (const loop::EventHub::Entry& entry : (*process)->hub().read(0, 1'000'000).entries) {
      told.push_back(json_of(to_ndjson(entry.event)));
    }
  }
  LeftBehind left(data);
  left.expect_told(told);
  left.expect_whole();
  EXPECT_EQ(left.events("bar").size(), static_cast<std::size_t>(kBars));
  EXPECT_EQ(left.runs_in(store::RunState::running).size(), 0U);
  EXPECT_EQ(unfinished_files(data), std::vector<std::string>());
  expect_versions_verify(data);
  return steps.struck();
}

constexpr Case kCases[] = {{Fault::fail_once, SQLITE_IOERR},
                           {Fault::fail_from_on, SQLITE_IOERR},
                           {Fault::fail_once, SQLITE_FULL},
                           {Fault::fail_from_on, SQLITE_FULL},
                           {Fault::fail_from_on, SQLITE_CANTOPEN}};

TEST(LiveFaults, OfTheDiskAreOutlived) {
  for (const Case& one : kCases) {
    for (const std::int64_t n : {1, 9, 40}) {
      survives(one, n);
      if (HasFailure()) return;
    }
  }
}

class LongLiveFaults : public LongTest {};

TEST_F(LongLiveFaults, AtEveryChangeAreOutlived) {
  for (const Case& one : kCases) {
    std::int64_t n = 1;
    while (survives(one, n) && !HasFailure()) ++n;
    EXPECT_GT(n, 40) << "that was not much";
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace pawl::test
