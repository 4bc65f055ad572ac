// docs/triggers.md names every setting of every trigger with its default.
#include <gtest/gtest.h>

#include "support/doc_tables.h"
#include "support/test_files.h"
#include "triggers/trigger.h"

namespace pawl::triggers {
namespace {

TEST(TriggersPage, NamesEverySettingWithItsDefault) {
  const std::string text = test::read_file(test::source_dir() / "docs" / "triggers.md");
  for (const TriggerKind& kind : trigger_kinds()) test::expect_documented(text, kind.name, kind.schema);
}

}  // namespace
}  // namespace pawl::triggers
