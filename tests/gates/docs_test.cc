// docs/gate-policies.md says what the code does: every setting with its default, and examples that are run.
#include <gtest/gtest.h>

#include <sstream>

#include "gates/gate_policy.h"
#include "support/doc_tables.h"
#include "support/test_files.h"

namespace pawl::gates {
namespace {

std::string page() {
  return test::read_file(test::source_dir() / "docs" / "gate-policies.md");
}

// "f1 0.7, accuracy 0.75" as a scorecard; of the others it says nothing.
Scorecard card(const std::string& text) {
  Scorecard made;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    std::istringstream words(part);
    std::string name;
    double value = 0;
    words >> name >> value;
    EXPECT_FALSE(words.fail()) << text;
    made.set(name, value);
  }
  return made;
}

TEST(GatePoliciesPage, NamesEverySettingWithItsDefault) {
  const std::string text = page();
  for (const GatePolicyKind& kind : gate_policy_kinds())
    test::expect_documented(text, kind.name, kind.schema);
}

// Precision, recall and ROC AUC, which the threshold examples leave out, are undefined on both sides there.
TEST(GatePoliciesPage, ItsExamplesAreTrue) {
  const std::string text = page();
  int examples = 0;
  for (const GatePolicyKind& kind : gate_policy_kinds()) {
    for (const auto& row : test::doc_rows(test::doc_section(text, kind.name))) {
      if (row.size() != 5) continue;  // examples have five columns
      SCOPED_TRACE(kind.name + " " + row[0] + " " + row[1] + " → " + row[2]);
      ++examples;
      auto settings = Settings::read(kind.schema, *parse_yaml(row[0], "example"), "gate");
      ASSERT_TRUE(settings) << settings.error().message;
      auto policy = kind.make(*settings);
      ASSERT_TRUE(policy) << policy.error().message;
      Evidence line;
      line.line = "example/EUR_USD";
      line.symbol = "EUR_USD";
      line.champion = VersionNumber{3};
      line.challenger = VersionNumber{4};
      line.rows = 1000;
      line.champion_scores = card(row[1]);
      line.challenger_scores = card(row[2]);
      const Verdict verdict = (*policy)->judge(std::span(&line, 1)).at(0);
      EXPECT_EQ(decision_name(verdict.decision), row[3]);
      EXPECT_EQ(verdict.reasons.at(0), row[4]);
    }
  }
  EXPECT_GE(examples, 20);
}

}  // namespace
}  // namespace pawl::gates
