// Malformed bars: the exit code says so, the message says where and why, and nothing of them is stored.
#include "e2e/replayed.h"

namespace pawl::test {
namespace {

struct BadFile {
  const char* name;
  std::string bytes;
  std::string where;   // what follows the file's name in the message
  std::string field;   // empty where no field is at fault
  std::string reason;  // part of the message
};

std::string rows(std::initializer_list<const char*> lines) {
  std::string csv = "time,open,high,low,close,volume\n";
  for (const char* line : lines) csv += std::string(line) + "\n";
  return csv;
}

constexpr const char* kGood = "2023-01-01T00:00:00Z,100,101,99,100.5,10";

std::string second_row(const char* row) {
  return rows({kGood, row});
}

std::vector<BadFile> bad_files() {
  const std::string squeezed = gzip(rows({kGood}));
  return {
      {"header", "date,open,high,low,close,volume\n" + std::string(kGood) + "\n", ": ", "",
       "--time-is open or --time-is close"},
      {"empty", "", ": ", "", "is empty"},
      {"only_a_header", rows({}), ": ", "", "no rows"},
      {"few_columns", second_row("2023-01-01T01:00:00Z,100,101,99,100.5"), ":3: ", "", "has 5 columns"},
      {"many_columns", second_row("2023-01-01T01:00:00Z,100,101,99,100.5,1,2"), ":3: ", "", "has 7 columns"},
      {"blank_line", rows({kGood, "", "2023-01-01T01:00:00Z,100,101,99,100.5,1"}), ":3: ", "", "1 column"},
      {"no_time", second_row("yesterday,100,101,99,100.5,1"), ":3: ", "time", "is not a UTC time"},
      {"no_such_day", second_row("2023-02-30T00:00:00Z,100,101,99,100.5,1"), ":3: ", "time",
       "is not a UTC time"},
      {"unix_time", second_row("1672534800,100,101,99,100.5,1"), ":3: ", "time", "is not a UTC time"},
      {"far_year", second_row("2300-01-01T00:00:00Z,100,101,99,100.5,1"), ":3: ", "time", "1900 and 2200"},
      {"off_the_grid", second_row("2023-01-01T01:30:00Z,100,101,99,100.5,1"), ":3: ", "time",
       "no opening time of a H1"},
      {"same_time", second_row(kGood), ":3: ", "time", "the time of the row before"},
      {"backwards", second_row("2022-12-31T23:00:00Z,100,101,99,100.5,1"), ":3: ", "time",
       "earlier than the row before"},
      {"words", second_row("2023-01-01T01:00:00Z,cheap,101,99,100.5,1"), ":3: ", "open", "is not a number"},
      {"comma_decimals", second_row("2023-01-01T01:00:00Z,100;5,101,99,100.5,1"), ":3: ", "open",
       "is not a number"},
      {"nothing", second_row("2023-01-01T01:00:00Z,100,,99,100.5,1"), ":3: ", "high", "is not a number"},
      {"not_a_number", second_row("2023-01-01T01:00:00Z,100,101,nan,100.5,1"), ":3: ", "low", ""},
      {"endless", second_row("2023-01-01T01:00:00Z,100,inf,99,100.5,1"), ":3: ", "high", ""},
      {"too_large", second_row("2023-01-01T01:00:00Z,100,101,99,1e999,1"), ":3: ", "close",
       "out of a number's range"},
      {"zero", second_row("2023-01-01T01:00:00Z,100,101,0,100.5,1"), ":3: ", "low", ""},
      {"negative", second_row("2023-01-01T01:00:00Z,-100,101,-101,100.5,1"), ":3: ", "open", ""},
      {"high_below_low", second_row("2023-01-01T01:00:00Z,100,98,99,100.5,1"), ":3: ", "high", ""},
      {"close_above_high", second_row("2023-01-01T01:00:00Z,100,101,99,102,1"), ":3: ", "", ""},
      {"negative_volume", second_row("2023-01-01T01:00:00Z,100,101,99,100.5,-1"), ":3: ", "volume", ""},
      {"long_line", second_row(std::string(5000, '9').c_str()), ":3: ", "", "5000 bytes"},
      {"utf16", std::string("\xff\xfet\0i\0", 6), ": ", "", "holds no rows"},
      {"binary",
       std::string("\x7f"
                   "ELF\0\0\1",
                   7),
       ": ", "", "holds no rows"},
      {"cut_gzip", squeezed.substr(0, squeezed.size() / 2), ": ", "", "again"},
      {"damaged_gzip", squeezed.substr(0, 12) + "xx" + squeezed.substr(14), ": ", "", "again"},
  };
}

// What the store holds, as CSV; empty where it has no bars.
std::string stored(const std::string& data) {
  const Ran ran = run_pawl({"export", "bars", "BTC_USDT", "--data", data, "-q"});
  return ran.exit_code == 0 ? ran.stdout_text : "";
}

TEST(BadBars, AreRefusedWithFileLineFieldAndReasonAndStoreNothing) {
  const TempFolder folder;
  const std::string data = folder / "data", good = folder / "good.csv";
  write_file(good, rows({kGood, "2023-01-01T01:00:00Z,100.5,102,100,101,11"}));
  for (const BadFile& bad : bad_files()) {
    SCOPED_TRACE(bad.name);
    const std::string file = folder / (std::string(bad.name) + ".csv");
    write_file(file, bad.bytes);
    // The good file comes first: it must not be stored either.
    const Ran ran =
        run_pawl({"import", "bars", "BTC_USDT:H1=" + good, "BTC_USDT:H1=" + file, "--data", data, "--json"});
    EXPECT_EQ(ran.exit_code, 65) << ran.stderr_text;
    EXPECT_TRUE(has(ran.stderr_text, file + bad.where)) << ran.stderr_text;
    if (!bad.field.empty()) {
      EXPECT_TRUE(has(ran.stderr_text, "field \"" + bad.field + "\"")) << ran.stderr_text;
    }
    EXPECT_TRUE(has(ran.stderr_text, bad.reason)) << ran.stderr_text;
    EXPECT_EQ(json_of(ran.stdout_text)["error"]["code"], "bad_data");
    EXPECT_EQ(stored(data), "");
  }
}

TEST(BadBars, LeaveWhatWasStoredBeforeAsItWas) {
  const TempFolder folder;
  const std::string data = folder / "data", good = folder / "good.csv", bad = folder / "bad.csv";
  write_file(good, rows({kGood, "2023-01-01T01:00:00Z,100.5,102,100,101,11"}));
  ASSERT_EQ(run_pawl({"import", "bars", "BTC_USDT:H1=" + good, "--data", data, "-q"}).exit_code, 0);
  const std::string before = stored(data);
  EXPECT_EQ(before, read_file(good));
  write_file(bad, rows({"2023-01-01T02:00:00Z,101,103,100,102,1", "2023-01-01T03:00:00Z,1,0,1,1,1"}));
  EXPECT_EQ(run_pawl({"import", "bars", "BTC_USDT:H1=" + bad, "--data", data, "-q"}).exit_code, 65);
  EXPECT_EQ(stored(data), before);
}

TEST(BadBars, AreCountedAndLeftOutWhereThatIsAskedFor) {
  const TempFolder folder;
  const std::string data = folder / "data", file = folder / "some.csv";
  write_file(file,
             rows({kGood, "2023-01-01T01:00:00Z,cheap,1,1,1,1", "2023-01-01T02:00:00Z,100.5,102,100,101,11",
                   "2023-01-01T02:00:00Z,100.5,102,100,101,11", "2023-01-01T03:00:00Z,101,102,100,101,nan"}));
  const Ran ran =
      run_pawl({"import", "bars", "BTC_USDT:H1=" + file, "--data", data, "--bad-rows", "skip", "--json"});
  ASSERT_EQ(ran.exit_code, 0) << ran.stderr_text;
  const Json imported = json_of(ran.stdout_text)["imported"][0];
  EXPECT_EQ(imported["added"], 2);
  EXPECT_EQ(imported["bad_rows"], 3);
  EXPECT_EQ(imported["gaps"], 1);
  ASSERT_EQ(imported["notes"].size(), 3U);
  EXPECT_TRUE(has(imported["notes"][0], file + ":3: field \"open\": \"cheap\" is not a number"));
  EXPECT_EQ(stored(data), rows({kGood, "2023-01-01T02:00:00Z,100.5,102,100,101,11"}));
  // --bad-rows error is the default, said aloud.
  EXPECT_EQ(
      run_pawl({"import", "bars", "BTC_USDT:H1=" + file, "--data", data, "--bad-rows", "error"}).exit_code,
      65);
}

TEST(BadBars, StopAReplayBeforeItBegins) {
  const TempFolder folder;
  const std::string data = folder / "data", file = folder / "bars.csv";
  std::string csv = csv_of(simulated_bars(300));
  csv += "2030-01-01T00:00:00Z,1,1,2,1,1\n";
  write_file(file, csv);
  const Words replay = {"replay", "--recipe", recipe_file(), "--bars", "BTC_USDT:H1=" + file,
                        "--data", data,       "-q",          "--json"};
  const Ran refused = run_pawl(replay);
  EXPECT_EQ(refused.exit_code, 65);
  EXPECT_TRUE(has(refused.stderr_text, file + ":302: field \"high\"")) << refused.stderr_text;
  EXPECT_FALSE(std::filesystem::exists(data));

  const Ran skipped = run_pawl(replay + Words{"--bad-rows", "skip"});
  ASSERT_EQ(skipped.exit_code, 0) << skipped.stderr_text;
  const Json report = json_of(skipped.stdout_text);
  EXPECT_EQ(report["bars"], 300);
  EXPECT_EQ(report["bad_rows"], 1);
}

TEST(BadBars, AreAWrongWordWhereTheFileCannotBeNamed) {
  const TempFolder folder;
  const std::string file = folder / "prices.csv";
  write_file(file, rows({kGood}));
  EXPECT_EQ(run_pawl({"import", "bars", file, "--data", folder / "data"}).exit_code, 2)
      << "no symbol, no timeframe";
  const Ran missing = run_pawl(
      {"import", "bars", "BTC_USDT:H1=" + (folder / "none.csv").string(), "--data", folder / "data"});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_TRUE(has(missing.stderr_text, "none.csv")) << missing.stderr_text;
}

}  // namespace
}  // namespace pawl::test
