// Tests that take minutes. Their suites are named Long…, which ./test leaves out and ./test --full runs:
//
//   class LongSoak : public test::LongTest {};
//   TEST_F(LongSoak, SurvivesAThousandKills) { … }
#pragma once

#include <gtest/gtest.h>

namespace pawl::test {

// True where PAWL_LONG is set to anything but nothing and 0.
bool long_tests_asked();

// To be called in SetUp(): the test is skipped unless long tests were asked for.
void skip_unless_long();

class LongTest : public testing::Test {
 protected:
  void SetUp() override { skip_unless_long(); }
};

}  // namespace pawl::test
