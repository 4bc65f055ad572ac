// A4 on real data: three weeks of docs/forex-weekly.md, as the replay of 2018 scored them, judged again: one,
// two and three of four lines improve. What `deploy: improved` moves, and what `deploy: all` would have.
#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>

#include "gates/gate_policy.h"
#include "support/doc_tables.h"
#include "support/test_files.h"

namespace pawl::gates {
namespace {

struct Line {
  Evidence evidence;
  std::string says;
  bool moves = false, moves_under_all = false;
};

double number(const std::string& text) {
  double value = 0;
  EXPECT_EQ(std::from_chars(text.data(), text.data() + text.size(), value).ec, std::errc()) << text;
  return value;
}

Scorecard card(const std::vector<std::string>& row) {
  Scorecard made;
  std::size_t column = 3;
  for (const char* name : {"accuracy", "f1", "sharpe", "annual_return"})
    made.set(name, number(row[column++]));
  return made;
}

// Two rows of the table a line: the champion's, and the challenger's with what came of it.
std::vector<Line> week(const std::string& date) {
  static const std::string page = test::read_file(test::source_dir() / "docs" / "forex-weekly.md");
  const auto rows = test::doc_rows(test::doc_section(page, date));
  std::vector<Line> lines;
  for (std::size_t i = 0; i + 1 < rows.size(); i += 2) {
    const auto &champion = rows[i], &challenger = rows[i + 1];
    EXPECT_TRUE(champion.size() == 10 && challenger.size() == 10) << date << " row " << i;
    Line& line = lines.emplace_back();
    line.evidence.symbol = champion[0];
    line.evidence.line = "forex-weekly/" + champion[0];
    line.evidence.rows = static_cast<std::int64_t>(number(champion[1]));
    line.evidence.champion_scores = card(champion);
    line.evidence.challenger_scores = card(challenger);
    line.says = challenger[7];
    line.moves = challenger[8] == "moves";
    line.moves_under_all = challenger[9] == "moves";
  }
  return lines;
}

std::vector<Verdict> judge(std::string_view settings, const std::vector<Line>& lines) {
  std::vector<Evidence> group;
  for (const Line& line : lines) group.push_back(line.evidence);
  const GatePolicyKind* kind = find_gate_policy_kind("composite");
  const auto read = Settings::read(kind->schema, *parse_yaml(settings, "test"), "gate");
  EXPECT_TRUE(read);
  return (*kind->make(*read))->judge(group);
}

std::vector<std::string> moved(const std::vector<Verdict>& verdicts) {
  std::vector<std::string> names;
  for (const Verdict& verdict : verdicts) {
    if (verdict.decision == Decision::promote)
      names.push_back(verdict.line.substr(verdict.line.find('/') + 1));
  }
  return names;
}

bool says(const Verdict& verdict, const std::string& words) {
  return std::ranges::find(verdict.reasons, words) != verdict.reasons.end();
}

using Names = std::vector<std::string>;
const Names kAll = {"EUR_USD", "GBP_USD", "USD_JPY", "AUD_USD"};
constexpr const char* kImproved = "{min_improvement: 0.02, quorum: 2, deploy: improved}";
constexpr const char* kDeployAll = "{min_improvement: 0.02, quorum: 2, deploy: all}";

void expect_week(const std::string& date, const std::string& quorum, const Names& moves,
                 const Names& moves_under_all) {
  SCOPED_TRACE(date);
  const std::vector<Line> lines = week(date);
  ASSERT_EQ(lines.size(), 4U);
  const std::vector<Verdict> improved = judge(kImproved, lines), all = judge(kDeployAll, lines);
  EXPECT_EQ(moved(improved), moves);
  EXPECT_EQ(moved(all), moves_under_all);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_TRUE(says(improved[i], lines[i].says))
        << lines[i].says << " is not what " << improved[i].reasons[0];
    EXPECT_TRUE(says(improved[i], quorum) && says(all[i], quorum)) << quorum;
    EXPECT_EQ(improved[i].decision == Decision::promote, lines[i].moves) << lines[i].evidence.symbol;
    EXPECT_EQ(all[i].decision == Decision::promote, lines[i].moves_under_all) << lines[i].evidence.symbol;
  }
}

TEST(ForexWeeks, ThreeOfFourImproveAndOnlyTheyMove) {
  expect_week("2018-06-24", "3/4 improved → deploy", {"EUR_USD", "GBP_USD", "AUD_USD"}, kAll);
}

TEST(ForexWeeks, TwoOfFourAreJustTheQuorum) {
  expect_week("2018-07-01", "2/4 improved → deploy", {"GBP_USD", "AUD_USD"}, kAll);
}

TEST(ForexWeeks, OneOfFourMovesNothingEitherWay) {
  expect_week("2018-07-08", "1/4 improved → keep", {}, {});
}

// 2019, when AUD_USD has no bars: it counts in the group all the same.
TEST(ForexWeeks, TheQuorumIsCountedOverIneligibleLinesToo) {
  std::vector<Line> lines = week("2018-06-24");
  ASSERT_EQ(lines.size(), 4U);
  Evidence& gone = lines[3].evidence;
  gone.eligible = false;
  gone.why_ineligible = "no bars since 2018-12-31T22:00:00Z";
  gone.rows = 0;
  gone.champion_scores = gone.challenger_scores = {};
  for (const char* settings : {kImproved, kDeployAll}) {
    const std::vector<Verdict> verdicts = judge(settings, lines);
    EXPECT_EQ(verdicts[3].decision, Decision::insufficient) << settings;
    EXPECT_TRUE(says(verdicts[3],
                     "AUD_USD: counts as not improved (not eligible with 0 judged rows: no bars since "
                     "2018-12-31T22:00:00Z)"))
        << verdicts[3].reasons[0];
    EXPECT_TRUE(says(verdicts[0], "2/4 improved → deploy")) << settings;
  }
  // A quorum of three is not made by two of four, though all but one of the lines with bars improved.
  EXPECT_EQ(moved(judge("{min_improvement: 0.02, quorum: 3}", lines)), Names{});
}

}  // namespace
}  // namespace pawl::gates
