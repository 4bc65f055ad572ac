// `pawl audit`, in a process of its own: every logged prediction comes out of the store again, bit for bit;
// and it says so when one does not.
#include <sqlite3.h>

#include "e2e/replayed.h"
#include "store/store.h"

namespace pawl::test {
namespace {

namespace fs = std::filesystem;

Ran audit(const fs::path& data, const std::string& block = "4096") {
  return run_pawl({"audit", "--data", data, "--block", block, "--json", "-q"});
}

// Changes what the store's own interface never would.
void damage(const fs::path& data, const std::string& sql) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open((data / "pawl.db").c_str(), &db), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
  EXPECT_EQ(sqlite3_changes(db), 1) << sql;
  sqlite3_close(db);
}

std::int64_t prediction_events(const fs::path& data) {
  auto store = store::open_sqlite({.file = data / "pawl.db", .vfs = {}, .read_only = true});
  EXPECT_TRUE(store.has_value()) << store.error().message;
  const auto events = (*store)->events().read_after(0, 1'000'000, "prediction");
  EXPECT_TRUE(events.has_value());
  return static_cast<std::int64_t>(events->size());
}

TEST(Audit, MakesEveryPredictionAgainAndSeesWhatIsNotAsItWas) {
  const TempFolder folder;
  const Json report = replay_quickly(folder.path());
  ASSERT_FALSE(report.is_null());
  const fs::path data = folder.path() / "data";
  const std::int64_t predictions = prediction_events(data);
  EXPECT_EQ(predictions, 2600 - 25);
  for (const char* block : {"1", "4096"}) {
    const Ran ran = audit(data, block);
    EXPECT_EQ(ran.exit_code, 0) << ran.stderr_text;
    EXPECT_EQ(ran.stdout_text,
              fmt::format("{{\"checked\":{},\"different\":0,\"unavailable\":0}}\n", predictions));
  }

  const auto damaged = [&](const std::string& name, const std::string& sql) {
    const fs::path copy = folder.path() / name;
    fs::copy(data, copy, fs::copy_options::recursive);
    damage(copy, sql);
    const Ran ran = audit(copy);
    EXPECT_EQ(ran.exit_code, 1) << sql;
    return json_of(ran.stdout_text);
  };
  for (const auto& [what, sql] :
       {std::pair{"probabilities",
                  "UPDATE predictions SET p_up = p_up + 1e-16 + p_up * 2.3e-16 WHERE id = 1500"},
        std::pair{"features", "UPDATE predictions SET features_digest = '0123456789abcdef' WHERE id = 3"},
        std::pair{"side",
                  "UPDATE predictions SET side = CASE side WHEN 1 THEN 0 ELSE 1 END WHERE id = 2000"}}) {
    const Json found = damaged(what, sql);
    EXPECT_EQ(found["checked"], predictions) << what;
    EXPECT_EQ(found["different"], 1) << what;
    EXPECT_EQ(found["unavailable"], 0) << what;
    ASSERT_EQ(found["first_differences"].size(), 1U) << what;
    EXPECT_TRUE(has(found["first_differences"][0]["what"], what)) << found.dump();
  }
  const Json bar = damaged("bar", "DELETE FROM bars WHERE open_time = (SELECT max(open_time) FROM bars)");
  EXPECT_EQ(bar["unavailable"], 1) << "the prediction at the bar that is gone";
  EXPECT_EQ(bar["different"], 0);
}

TEST(Audit, CountsWhatItCannotLoad) {
  const TempFolder folder;
  const Json report = replay_quickly(folder.path());
  ASSERT_FALSE(report.is_null());
  const fs::path data = folder.path() / "data";
  std::map<std::int64_t, std::int64_t> by_version;
  for (const Json& decision : report["decisions"]) {
    if (decision["kind"] == "prediction") ++by_version[decision["version"]];
  }
  ASSERT_GT(by_version.size(), 2U) << "no version but the first has served";
  const std::int64_t gone = std::next(by_version.begin())->first;
  fs::remove_all(data / "versions" / "crypto-live" / "BTC_USDT" / fmt::format("v{:06}", gone));

  const Ran ran = audit(data);
  EXPECT_EQ(ran.exit_code, 1);
  const Json found = json_of(ran.stdout_text);
  EXPECT_EQ(found["unavailable"], by_version[gone]);
  EXPECT_EQ(found["checked"], prediction_events(data) - by_version[gone]);
  EXPECT_EQ(found["different"], 0);
  EXPECT_FALSE(found["why_unavailable"].empty());
}

TEST(Audit, NeedsAFolderAndABlock) {
  const TempFolder folder;
  EXPECT_EQ(audit(folder / "nowhere").exit_code, 1);
  EXPECT_EQ(run_pawl({"audit", "--block", "0"}).exit_code, 2);
}

}  // namespace
}  // namespace pawl::test
