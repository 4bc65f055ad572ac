// No kind without an oracle: a new one fails here until a test compares it with something that is not itself.
#include <set>

#include "features/bars_for_features.h"
#include "features/expr.h"
#include "features/oracles.h"

namespace pawl::features {
namespace {

void add_kinds(const Expr& expr, std::set<std::string>& kinds) {
  if (expr.kind != nullptr) kinds.insert(expr.kind->name);
  for (const Expr& operand : expr.operands) add_kinds(operand, kinds);
}

TEST(EveryKind, HasAnOracle) {
  std::set<std::string> compared;
  for (const auto& specs : {oracles::golden(), oracles::naive(), oracles::naive_more(), oracles::of_levels(),
                            oracles::of_day(), oracles::of_clock(), oracles::of_structure()}) {
    EXPECT_FALSE(specs.empty());
    for (const std::string& spec : specs) {
      const auto expr = parse_expression(spec, kH1);
      ASSERT_TRUE(expr.has_value()) << expr.error().message;
      add_kinds(*expr, compared);
    }
  }
  for (const FeatureKind& kind : feature_kinds()) {
    EXPECT_TRUE(compared.contains(kind.name))
        << kind.name << ": compare it in one of the tests that tests/features/oracles.h names";
  }
}

// Blocks, states, the future and missing values are tested with that list.
TEST(EveryKind, StandsInTheVariedList) {
  std::set<std::string> varied;
  for (const std::string& spec : varied_specs()) {
    const auto expr = parse_expression(spec, kH1);
    ASSERT_TRUE(expr.has_value()) << expr.error().message;
    add_kinds(*expr, varied);
  }
  // Parts of others, which are in it.
  for (const char* part : {"place", "di", "adx_of", "wilder", "wilder_sum", "skip", "sum", "plus_dm",
                           "minus_dm", "signed_volume", "tr"}) {
    varied.insert(part);
  }
  for (const FeatureKind& kind : feature_kinds()) {
    EXPECT_TRUE(varied.contains(kind.name)) << kind.name << ": add it to bars_for_features.h";
  }
}

}  // namespace
}  // namespace pawl::features
