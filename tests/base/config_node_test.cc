#include "base/config_node.h"

#include <gtest/gtest.h>

namespace pawl {
namespace {

ConfigNode yaml(std::string_view text) {
  auto node = parse_yaml(text, "a.yaml");
  EXPECT_TRUE(node) << node.error().message;
  return node.value_or(ConfigNode{});
}

TEST(Yaml, BecomesATreeThatKnowsItsLines) {
  const ConfigNode root = yaml(R"(# a recipe
schema: 1
gate:
  policy: better
  margin: 0.02
symbols: [EUR_USD, "GBP_USD"]
empty:
note: |
  two
  lines
)");
  ASSERT_EQ(root.kind, ConfigNode::Kind::map);
  EXPECT_EQ(root.fields[0].first, "schema") << "the file's order is kept";
  EXPECT_EQ(root.find("schema")->place, "a.yaml:2");
  EXPECT_EQ(root.find("gate")->place, "a.yaml:3") << "the line of the key";
  EXPECT_EQ(root.find("gate")->find("margin")->scalar, "0.02");
  EXPECT_EQ(root.find("gate")->find("margin")->place, "a.yaml:5");
  const ConfigNode& symbols = *root.find("symbols");
  ASSERT_EQ(symbols.kind, ConfigNode::Kind::list);
  EXPECT_FALSE(symbols.items[0].quoted);
  EXPECT_TRUE(symbols.items[1].quoted);
  EXPECT_EQ(root.find("empty")->kind, ConfigNode::Kind::null);
  EXPECT_EQ(root.find("note")->scalar, "two\nlines\n");
  EXPECT_EQ(root.find("gone"), nullptr);
  EXPECT_EQ(root.find("schema")->find("x"), nullptr);
}

TEST(Yaml, ScalarsStayAsTheyAreWritten) {
  const ConfigNode root = yaml("{a: 1.50, b: 0700, c: 'yes', d: NO, e: 1e3, f: ''}");
  EXPECT_EQ(root.find("a")->scalar, "1.50");
  EXPECT_EQ(root.find("b")->scalar, "0700");
  EXPECT_TRUE(root.find("c")->quoted);
  EXPECT_EQ(root.find("d")->scalar, "NO");
  EXPECT_TRUE(root.find("f")->quoted);
}

TEST(Yaml, AnEmptyTextIsNull) {
  for (const char* text : {"", "# only a comment\n", "---\n", "~"}) {
    EXPECT_EQ(yaml(text).kind, ConfigNode::Kind::null) << text;
  }
}

TEST(Yaml, AnchorsAreUnfolded) {
  const ConfigNode root = yaml("a: &x [1, 2]\nb: *x\n");
  EXPECT_EQ(root.find("b")->items.size(), 2u);
  EXPECT_EQ(root.find("b")->place, "a.yaml:2");
}

TEST(Yaml, MistakesAreRefusedWithFileAndLine) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    bomb += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", i,
                        i - 1);
  }
  struct Row {
    std::string text;
    const char *place, *reason;
  };
  const Row table[] = {
      {"a: 1\nb: [1, 2\n", "a.yaml:", "end of sequence"},
      {"a: 1\n b: 2\n", "a.yaml:2: ", ""},
      {"a: 1\nb: 2\na: 3\n", "a.yaml:3: ", "\"a\" stands here a second time; the first is at a.yaml:1"},
      {"g:\n  x: 1\n  x: 2\n", "a.yaml:3: ", "second time"},
      {"a: &x\n  b: *x\n", "a.yaml:", "anchor that contains itself"},
      {"a: *unknown\n", "a.yaml:1: ", ""},
      {bomb, "a.yaml:", "more than 100000 values"},
      {std::string(100, '[') + std::string(100, ']'), "a.yaml:1: ", "nested more than 64 deep"},
      {std::string(5000, '['), "a.yaml:", ""},
      {"a: 1\n---\nb: 2\n", "a.yaml:3: ", "second document"},
      {"[1, 2]: x\n", "a.yaml:1: ", "key must be a plain word"},
      {"~: x\n", "a.yaml:1: ", "key must be a plain word"},
      {"a: &x {b: 1}\nc:\n  <<: *x\n", "a.yaml:3: ", "merge keys"},
      {"a: !!python/object x\n", "a.yaml:1: ", "tag"},
      {"a: \xff\n", "a.yaml: ", "UTF-8"},
      {"\ta: 1\n", "a.yaml:1: ", ""},
      {"a: 'open\n", "a.yaml:", "EOF in scalar"},
      {"a: 'open\nb: 1\n", "a.yaml:", "EOF in scalar"},
      {"a: \"open\nb: 1\n# more\n\n", "a.yaml:", "EOF in scalar"},
      {"a: 'it''s\nb: 1\n", "a.yaml:", "EOF in scalar"},
  };
  for (const Row& row : table) {
    const auto node = parse_yaml(row.text, "a.yaml");
    ASSERT_FALSE(node) << row.text;
    EXPECT_EQ(node.error().code, ErrorCode::bad_config);
    EXPECT_TRUE(node.error().message.starts_with(row.place)) << node.error().message;
    EXPECT_NE(node.error().message.find(row.reason), std::string::npos) << node.error().message;
  }
}

TEST(SetPath, PutsValuesAndMakesMapsOnTheWay) {
  ConfigNode root = yaml("gate:\n  margin: 0.02\n");
  ASSERT_TRUE(set_path(root, "gate.margin", "0.05", "--set gate.margin"));
  ASSERT_TRUE(set_path(root, "market.symbols", "[A, B]", "--set market.symbols"));
  ASSERT_TRUE(set_path(root, "gate.form", "\"1\"", "PAWL_GATE__FORM"));
  EXPECT_EQ(to_json(root).dump(), R"({"gate":{"form":"1","margin":0.05},"market":{"symbols":["A","B"]}})");
  EXPECT_EQ(root.find("gate")->find("margin")->place, "--set gate.margin");
  EXPECT_EQ(root.find("gate")->place, "a.yaml:1");
  EXPECT_EQ(root.find("market")->find("symbols")->items[0].place, "--set market.symbols");
  ConfigNode fresh;
  ASSERT_TRUE(set_path(fresh, "a", "x", "--set a"));
  EXPECT_EQ(fresh.find("a")->scalar, "x");
}

TEST(SetPath, RefusesPathsThroughValues) {
  ConfigNode root = yaml("a: 1\nlist: [1]\n");
  const Status through = set_path(root, "a.b", "2", "--set a.b");
  ASSERT_FALSE(through);
  EXPECT_EQ(through.error().message,
            "--set a.b: \"a\" is a single value, which has no key \"b\" (it was given at a.yaml:1)");
  EXPECT_FALSE(set_path(root, "list.0", "2", "--set"));
  for (const char* path : {"", ".", "a.", ".a", "b..c"})
    EXPECT_FALSE(set_path(root, path, "2", "--set")) << path;
  EXPECT_FALSE(set_path(root, "b", "[1", "--set b"));
  EXPECT_EQ(to_json(root).dump(), R"({"a":1,"list":[1]})") << "a refused override changes nothing";
}

TEST(ConfigNodeToJson, ScalarsBecomeWhatTheyReadAs) {
  const ConfigNode root = yaml("[1, -2, 1.5, 1e3, true, false, null, ~, '1', yes, 0700, inf, 0, 0.5, 12ab]");
  EXPECT_EQ(to_json(root).dump(),
            R"([1,-2,1.5,1000.0,true,false,null,null,"1","yes","0700","inf",0,0.5,"12ab"])");
}

}  // namespace
}  // namespace pawl
