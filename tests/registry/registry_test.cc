// The life of versions on a healthy disk, with a folder and in memory.
#include "registry/registry.h"

#include <gtest/gtest.h>

#include <memory>

#include "registry/bundles.h"
#include "support/faulty_files.h"
#include "support/test_files.h"

namespace pawl::registry {
namespace {

using pawl::test::TempFolder;
using test::bundle_of;

const LineId kLine = "fx/EUR_USD";

Registry::Promotion to_version(std::optional<std::int64_t> from, std::int64_t to,
                               const LineId& line = kLine) {
  Registry::Promotion promotion;
  promotion.line = line;
  if (from) promotion.expected = VersionNumber{*from};
  promotion.to = {to};
  promotion.reason = "better";
  return promotion;
}

std::int64_t champion_of(const Registry& registry, const LineId& line = kLine) {
  const auto champion = registry.champion(line);
  EXPECT_TRUE(champion);
  return *champion ? (*champion)->value : -1;
}

// With a folder, and without one.
class RegistryLife : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    const bool on_disk = GetParam();
    store_ =
        store::open_sqlite({.file = on_disk ? folder_ / "pawl.db" : Path(), .vfs = "", .read_only = false})
            .value();
    registry_ = std::make_unique<Registry>(*store_, files_, on_disk ? folder_.path() : Path());
  }
  void add(std::int64_t number, const std::string& kind, bool with_serving = true) {
    const Status added = registry_->add(bundle_of(kLine, number, kind, with_serving));
    ASSERT_TRUE(added) << added.error().message;
  }
  void promote(std::optional<std::int64_t> from, std::int64_t to, std::string_view actor = "run 1") {
    const Status promoted = registry_->promote({to_version(from, to)}, 100, actor);
    ASSERT_TRUE(promoted) << promoted.error().message;
  }

  TempFolder folder_;
  RealFileSystem files_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Registry> registry_;
};

TEST_P(RegistryLife, FromBaselineToChampionAndBack) {
  EXPECT_EQ(registry_->next_number(kLine).value().value, 0);
  add(0, "rules");
  promote(std::nullopt, 0);
  add(1, "logistic");
  promote(0, 1);
  add(2, "xgboost");
  promote(1, 2);
  add(3, "logistic", /*with_serving=*/false);
  EXPECT_EQ(champion_of(*registry_), 2);

  std::vector<std::string> states;
  const auto versions = registry_->list(kLine).value();
  for (const VersionSummary& version : versions) states.push_back(version.state);
  EXPECT_EQ(states, (std::vector<std::string>{"baseline", "retired", "champion", "kept"}));

  // Back, and back again: never to the one that was rolled back.
  EXPECT_EQ(registry_->roll_back(kLine, std::nullopt, 200, "hand", "it lost", 300).value().value, 1);
  EXPECT_EQ(champion_of(*registry_), 1);
  EXPECT_EQ(registry_->roll_back(kLine, std::nullopt, 201, "hand", "this one too", 300).value().value, 0);
  const auto no_further = registry_->roll_back(kLine, std::nullopt, 202, "hand", "?", 300);
  ASSERT_FALSE(no_further);
  EXPECT_EQ(no_further.error().code, ErrorCode::conflict);
  EXPECT_EQ(registry_->roll_back(kLine, VersionNumber{2}, 203, "hand", "no, that", 300).value().value, 2);

  const auto history = registry_->history(kLine).value();
  ASSERT_EQ(history.size(), 6u);
  EXPECT_EQ(history[3].action, "rollback");
  EXPECT_EQ(history[3].reason, "it lost");
  EXPECT_EQ(history[5].from->value, 0);
}

TEST_P(RegistryLife, WhatIsLoadedIsWhatWasAdded) {
  add(1, "xgboost");
  const auto loaded = registry_->load(kLine, {1});
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ((*loaded)->bundle.features.size(), 4u);
  EXPECT_NE((*loaded)->serving, nullptr);
  EXPECT_EQ((*loaded)->content_hash, registry_->list(kLine).value()[0].content_hash);
  EXPECT_EQ(registry_->load(kLine, {1}).value(), *loaded) << "kept, not loaded twice";
  EXPECT_EQ(registry_->load(kLine, {2}).error().code, ErrorCode::not_found);
}

TEST_P(RegistryLife, ABundleThatDoesNotReproduceLeavesNothingBehind) {
  VersionBundle wrong = bundle_of(kLine, 0, "rules");
  wrong.judged.self_test[1].probabilities[0] += 0.25;
  const Status refused = registry_->add(wrong);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::corrupt);
  EXPECT_TRUE(registry_->list().value().empty());
  EXPECT_EQ(registry_->next_number(kLine).value().value, 0);
  EXPECT_FALSE(files_.exists(folder_ / "versions"));
}

TEST_P(RegistryLife, PromotionsThatMustNotBe) {
  add(0, "rules");
  promote(std::nullopt, 0);
  add(1, "logistic", /*with_serving=*/false);
  const auto refuse = [&](const Registry::Promotion& promotion, ErrorCode code) {
    const Status refused = registry_->promote({promotion}, 100, "run 1");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, code) << refused.error().message;
    EXPECT_EQ(champion_of(*registry_), 0);
  };
  refuse(to_version(0, 1), ErrorCode::conflict);  // without a serving artifact
  refuse(to_version(0, 7), ErrorCode::not_found);
  add(2, "logistic");
  refuse(to_version(1, 2), ErrorCode::conflict);  // another champion than expected
  refuse(to_version(std::nullopt, 2), ErrorCode::conflict);
  EXPECT_EQ(registry_->promote({to_version(0, 2), to_version(0, 2)}, 1, "run 1").error().code,
            ErrorCode::invalid_argument);
  EXPECT_EQ(registry_->add(bundle_of(kLine, 2, "logistic")).error().code, ErrorCode::conflict);
  EXPECT_EQ(registry_->history().value().size(), 1u);
}

TEST_P(RegistryLife, SeveralLinesMoveTogetherOrNotAtAll) {
  const LineId other = "fx/USD_JPY";
  for (const LineId& line : {kLine, other}) {
    for (const int number : {0, 1}) {
      ASSERT_TRUE(registry_->add(bundle_of(line, number, number == 0 ? "rules" : "logistic")));
    }
    ASSERT_TRUE(registry_->promote({to_version(std::nullopt, 0, line)}, 1, "pawl"));
  }
  ASSERT_FALSE(registry_->promote({to_version(0, 1), to_version(1, 1, other)}, 2, "run 1"));
  EXPECT_EQ(champion_of(*registry_), 0);
  ASSERT_TRUE(registry_->promote({to_version(0, 1), to_version(0, 1, other)}, 2, "run 1"));
  EXPECT_EQ(champion_of(*registry_), 1);
  EXPECT_EQ(champion_of(*registry_, other), 1);
}

TEST_P(RegistryLife, AfterARollbackByHandTheLineHolds) {
  add(0, "rules");
  promote(std::nullopt, 0);
  add(1, "logistic");
  promote(0, 1);
  ASSERT_TRUE(registry_->roll_back(kLine, std::nullopt, 200, "hand", "?", 500));
  EXPECT_TRUE(registry_->holds(kLine, 499).value());
  EXPECT_FALSE(registry_->holds(kLine, 500).value());
  const Status by_run = registry_->promote({to_version(0, 1)}, 300, "run 2");
  ASSERT_FALSE(by_run);
  EXPECT_EQ(by_run.error().code, ErrorCode::conflict);
  ASSERT_TRUE(registry_->promote({to_version(0, 1)}, 300, "hand"));

  ASSERT_TRUE(registry_->roll_back(kLine, std::nullopt, 600, "hand", "?", std::nullopt));
  EXPECT_TRUE(registry_->holds(kLine, 1'000'000'000).value());
  ASSERT_TRUE(registry_->release(kLine));
  EXPECT_FALSE(registry_->holds(kLine, 601).value());
  promote(0, 1, "run 3");
}

TEST_P(RegistryLife, AKeptVersionServesOnceItHasItsServingArtifact) {
  add(0, "rules");
  promote(std::nullopt, 0);
  add(1, "logistic", /*with_serving=*/false);
  const std::string before = registry_->list(kLine).value()[1].content_hash;
  const Artifact serving = test::train_artifact("logistic", 4, 99);
  const Status given = registry_->add_serving(kLine, {1}, serving);
  ASSERT_TRUE(given) << given.error().message;
  const auto loaded = registry_->load(kLine, {1}).value();
  EXPECT_EQ(loaded->bundle.serving->model_bytes, serving.model_bytes);
  EXPECT_NE(loaded->content_hash, before);
  EXPECT_EQ(registry_->add_serving(kLine, {1}, serving).error().code, ErrorCode::conflict);
  ASSERT_TRUE(registry_->promote({to_version(0, 1)}, 1, "hand"));
  EXPECT_TRUE(registry_->recover(2).value().empty()) << "the old folder went by itself";
}

TEST_P(RegistryLife, AVersionMovesToAnotherMachineAsOneFile) {
  add(1, "xgboost");
  const std::string bytes = registry_->export_version(kLine, {1}).value();

  TempFolder elsewhere;
  auto store = store::open_sqlite({.file = elsewhere / "pawl.db", .vfs = "", .read_only = false}).value();
  Registry there(*store, files_, elsewhere.path());
  const LineId line = "crypto/BTC_USDT";
  ASSERT_EQ(there.import_version(line, bytes, 777).value().value, 1) << "0 is the baseline's";
  EXPECT_EQ(there.import_version(line, bytes, 778).value().value, 2);
  const auto here = registry_->load(kLine, {1}).value();
  const auto moved = there.load(line, {1}).value();
  EXPECT_EQ(moved->bundle.serving->model_bytes, here->bundle.serving->model_bytes);
  EXPECT_EQ(moved->bundle.features_hash, here->bundle.features_hash);
  EXPECT_EQ(moved->bundle.known_at, 777);
  EXPECT_EQ(moved->bundle.trained_because.find("imported from fx/EUR_USD v000001"), 0u);
  EXPECT_EQ(champion_of(there, line), -1);

  std::string damaged = bytes;
  damaged[damaged.size() / 2] ^= 1;
  EXPECT_EQ(there.import_version(line, damaged, 779).error().code, ErrorCode::bad_data);
  EXPECT_EQ(there.import_version(line, bytes.substr(0, bytes.size() - 1), 779).error().code,
            ErrorCode::bad_data);
  EXPECT_EQ(there.import_version(line, "", 779).error().code, ErrorCode::bad_data);
  EXPECT_EQ(there.list(line).value().size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(, RegistryLife, ::testing::Bool(),
                         [](const auto& on_disk) { return on_disk.param ? "OnDisk" : "InMemory"; });

// With a folder only.
class RegistryFolder : public RegistryLife {
 protected:
  std::string folder_of(std::int64_t number) {
    return (folder_ / "versions/fx/EUR_USD" / VersionNumber{number}.text()).string();
  }
  // As after a restart: nothing is remembered.
  void reopen() { registry_ = std::make_unique<Registry>(*store_, files_, folder_.path()); }
};

TEST_P(RegistryFolder, NamesOfLinesAreNeverPaths) {
  for (const LineId& line :
       {LineId("fx/../../etc"), LineId("/etc/passwd"), LineId("fx//etc"), LineId("fx"), LineId("fx/"),
        LineId("fx\\EUR/USD"), LineId("fx/EUR\0USD", 10), LineId("../x"), LineId("fx/..")}) {
    VersionBundle bundle = bundle_of(kLine, 0, "rules");
    bundle.line = line;
    const Status refused = registry_->add(bundle);
    ASSERT_FALSE(refused) << line;
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
  }
  // What is an odd name but no path has a folder of its own.
  for (const LineId& line : {LineId("fx/BRK.B"), LineId("fx/A/B"), LineId("fx/A%2FB"), LineId("fx/.hidden"),
                             LineId("fx/^GSPC"), LineId("fx/EURUSD=X")}) {
    ASSERT_TRUE(registry_->add(bundle_of(line, 0, "rules"))) << line;
  }
  EXPECT_EQ(files_.list(folder_ / "versions/fx").size(), 6u);
  ASSERT_TRUE(registry_->recover(1));
  const auto versions = registry_->list().value();
  for (const VersionSummary& version : versions) {
    EXPECT_EQ(version.state, "champion") << version.line;
    EXPECT_TRUE(registry_->load(version.line, version.number)) << version.line;
  }
}

TEST_P(RegistryFolder, ADamagedVersionIsRefusedForGood) {
  add(1, "logistic");
  reopen();
  const Path model = folder_of(1) + "/judged.model";
  const std::string whole = files_.read(model).value();
  std::string flipped = whole;
  flipped[flipped.size() / 2] ^= 1;
  ASSERT_TRUE(files_.write(model, flipped));
  const auto refused = registry_->load(kLine, {1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::corrupt);
  EXPECT_NE(refused.error().message.find("judged.model"), std::string::npos);
  EXPECT_EQ(registry_->list(kLine).value()[0].state, "refused");
  ASSERT_TRUE(files_.write(model, whole));
  EXPECT_FALSE(registry_->load(kLine, {1})) << "a folder that changed once is not trusted again";
}

TEST_P(RegistryFolder, FoldersThatWereSwappedAreRefused) {
  add(1, "logistic");
  add(2, "logistic");
  std::filesystem::rename(folder_of(1), folder_ / "aside");
  std::filesystem::rename(folder_of(2), folder_of(1));
  std::filesystem::rename(folder_ / "aside", folder_of(2));
  reopen();
  for (const int number : {1, 2}) {
    const auto refused = registry_->load(kLine, {number});
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("manifest.json"), std::string::npos) << refused.error().message;
  }
}

TEST_P(RegistryFolder, AnotherWholeVersionInItsPlaceIsRefused) {
  add(1, "logistic");
  VersionBundle forged = bundle_of(kLine, 1, "logistic", true, /*seed=*/5);
  for (const auto& [name, bytes] : pack(forged)) ASSERT_TRUE(files_.write(Path(folder_of(1)) / name, bytes));
  reopen();
  const auto refused = registry_->load(kLine, {1});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("not the one that was added"), std::string::npos);
}

TEST_P(RegistryFolder, ADiskThatCannotBeReadCondemnsNothing) {
  add(1, "logistic");
  pawl::test::CrashingFileSystem dark(files_, folder_.path());
  Registry in_the_dark(*store_, dark, folder_.path());
  std::filesystem::permissions(folder_of(1) + "/judged.model", std::filesystem::perms::none);
  std::filesystem::rename(folder_of(1) + "/judged.model", folder_ / "aside");
  std::filesystem::create_directory(folder_of(1) + "/judged.model");  // reading it is an I/O error
  const auto unread = in_the_dark.load(kLine, {1});
  ASSERT_FALSE(unread);
  EXPECT_EQ(unread.error().code, ErrorCode::io) << unread.error().message;
  EXPECT_TRUE(store_->versions().find(kLine, {1}).value()->refused.empty());
}

TEST_P(RegistryFolder, APromotionLooksAtTheDiskAgain) {
  add(0, "rules");
  promote(std::nullopt, 0);
  add(1, "logistic");  // and is in the cache
  ASSERT_TRUE(files_.remove_all(folder_of(1) + "/serving.model"));
  const Status refused = registry_->promote({to_version(0, 1)}, 1, "run 1");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::corrupt);
  EXPECT_EQ(champion_of(*registry_), 0);
}

TEST_P(RegistryFolder, RecoveryFallsBackToTheNewestThatVerifies) {
  add(0, "rules");
  promote(std::nullopt, 0);
  for (const int number : {1, 2, 3}) {
    add(number, "logistic");
    promote(number - 1, number);
  }
  ASSERT_TRUE(files_.write(folder_of(3) + "/serving.model", "damaged"));
  ASSERT_TRUE(files_.remove_all(folder_of(2)));
  reopen();
  const auto found = registry_->recover(900).value();
  EXPECT_EQ(champion_of(*registry_), 1);
  EXPECT_EQ(found.size(), 2u);
  EXPECT_EQ(registry_->history(kLine).value().back().actor, "recovery");
  EXPECT_TRUE(registry_->load(kLine, {1}));
  EXPECT_TRUE(registry_->recover(901).value().empty()) << "once is enough";

  ASSERT_TRUE(files_.remove_all(folder_of(1)));
  reopen();
  ASSERT_TRUE(registry_->recover(902));
  EXPECT_EQ(champion_of(*registry_), 0) << "the baseline at worst";

  ASSERT_TRUE(files_.remove_all(folder_of(0)));
  reopen();
  const auto hopeless = registry_->recover(903).value();
  ASSERT_FALSE(hopeless.empty());
  EXPECT_NE(hopeless.back().find("no version that verifies"), std::string::npos);
}

TEST_P(RegistryFolder, RecoveryTakesAwayHalfAVersionAndLeavesTheRest) {
  add(0, "rules");
  ASSERT_TRUE(files_.make_folders(folder_ / "versions/fx/EUR_USD/.tmp-v000001"));
  ASSERT_TRUE(files_.make_folders(folder_ / "versions/fx/EUR_USD/v000002"));
  ASSERT_TRUE(files_.make_folders(folder_ / "versions/fx/EUR_USD/my notes"));
  EXPECT_EQ(registry_->recover(5).value().size(), 4u) << "two removed, one left alone, one promoted";
  EXPECT_EQ(files_.list(folder_ / "versions/fx/EUR_USD"), (std::vector<std::string>{"my notes", "v000000"}));
  EXPECT_EQ(champion_of(*registry_), 0) << "a baseline that was not promoted yet";
}

INSTANTIATE_TEST_SUITE_P(, RegistryFolder, ::testing::Values(true),
                         [](const auto&) { return std::string("OnDisk"); });

}  // namespace
}  // namespace pawl::registry
