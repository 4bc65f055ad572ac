// `pawl config show --schema`: everything that a recipe can say, for programs and for people.
#include "e2e/replayed.h"
#include "recipe/recipe.h"

namespace pawl::test {
namespace {

TEST(Schema, HoldsEverySettingOfEverySection) {
  const Ran ran = run_pawl({"config", "show", "--schema"});
  ASSERT_EQ(ran.exit_code, 0) << ran.stderr_text;
  EXPECT_EQ(run_pawl({"config", "show", "--schema", "--json"}).stdout_text, ran.stdout_text);
  const Json sections = json_of(ran.stdout_text)["sections"];
  const auto declared = recipe::section_schemas();
  ASSERT_EQ(sections.size(), declared.size());
  for (std::size_t i = 0; i < declared.size(); ++i) {
    EXPECT_EQ(sections[i]["section"], declared[i].section);
    EXPECT_EQ(sections[i].value("kind", ""), declared[i].kind);
    EXPECT_EQ(sections[i]["settings"].size(), declared[i].schema.settings().size());
  }
}

TEST(Schema, IsThePageInTheDocs) {
  const Ran ran = run_pawl({"config", "show", "--schema", "--markdown"});
  ASSERT_EQ(ran.exit_code, 0) << ran.stderr_text;
  EXPECT_EQ(read_file(source_dir() / "docs" / "recipe-reference.md"), ran.stdout_text)
      << "make it anew: pawl config show --schema --markdown > docs/recipe-reference.md";
  EXPECT_EQ(run_pawl({"config", "show", "--markdown"}).exit_code, 2) << "it is the schema's";
}

}  // namespace
}  // namespace pawl::test
