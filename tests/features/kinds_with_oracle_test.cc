// No kind without an oracle: a new one fails here until a test compares it with something that is not itself.
#include "features/bars_for_features.h"
#include "features/oracles.h"

namespace pawl::features {
namespace {

TEST(EveryKind, HasAnOracle) {
  std::set<std::string> compared;
  for (const auto& specs :
       {oracles::golden(), oracles::naive(), oracles::naive_more(), oracles::naive_pairs(),
        oracles::of_levels(), oracles::of_day(), oracles::of_clock(), oracles::of_structure()}) {
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

}  // namespace
}  // namespace pawl::features
