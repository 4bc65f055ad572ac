// Many at once: exactly one promotion wins.
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "registry/bundles.h"
#include "registry/registry.h"
#include "support/test_files.h"

namespace pawl::registry {
namespace {

TEST(PromotionRace, OneOfAHundredWinsAndTheOthersAreTold) {
  constexpr int kThreads = 100;
  const LineId line = "fx/EUR_USD";
  pawl::test::TempFolder folder;
  RealFileSystem files;
  const store::SqliteOptions options{.file = folder / "pawl.db", .vfs = "", .read_only = false};
  {
    auto store = store::open_sqlite(options).value();
    Registry registry(*store, files, folder.path());
    ASSERT_TRUE(registry.add(test::bundle_of(line, 0, "rules")));
    ASSERT_TRUE(registry.promote(
        {{.line = line, .expected = std::nullopt, .to = {0}, .reason = "first", .evidence_hash = ""}}, 1,
        "pawl"));
    for (const int number : {1, 2}) ASSERT_TRUE(registry.add(test::bundle_of(line, number, "logistic")));
  }
  std::atomic<int> won = 0, conflicts = 0, others = 0;
  std::barrier start(kThreads);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        // A store and a registry of its own, as another process would have.
        auto store = store::open_sqlite(options);
        start.arrive_and_wait();
        if (!store) {
          ++others;
          return;
        }
        Registry registry(**store, files, folder.path());
        const Status done = registry.promote({{.line = line,
                                               .expected = VersionNumber{0},
                                               .to = {1 + i % 2},
                                               .reason = fmt::format("thread {}", i),
                                               .evidence_hash = ""}},
                                             2, fmt::format("run {}", i));
        if (done) {
          ++won;
        } else if (done.error().code == ErrorCode::conflict) {
          ++conflicts;
        } else {
          ++others;
          ADD_FAILURE() << done.error().message;
        }
      });
    }
  }
  EXPECT_EQ(won, 1);
  EXPECT_EQ(conflicts, kThreads - 1);
  EXPECT_EQ(others, 0);
  auto store = store::open_sqlite(options).value();
  Registry registry(*store, files, folder.path());
  const auto history = registry.history(line).value();
  ASSERT_EQ(history.size(), 2u);
  EXPECT_EQ(registry.champion(line).value(), history[1].to);
}

}  // namespace
}  // namespace pawl::registry
