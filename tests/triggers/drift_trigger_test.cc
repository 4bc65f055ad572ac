// Drift asks for training once a check has found it often enough.
#include <gtest/gtest.h>

#include "triggers/trigger.h"

namespace pawl::triggers {
namespace {

constexpr TimeMs kNoon = 1'700'000'000'000;

std::optional<TriggerReason> asked(const DriftSeen& seen, const std::string& yaml = "{}",
                                   std::optional<TimeMs> last_attempt = {}) {
  const TriggerKind* kind = find_trigger_kind("drift");
  const auto node = parse_yaml(yaml, "test");
  const auto settings = Settings::read(kind->schema, *node, "triggers");
  EXPECT_TRUE(settings) << settings.error().message;
  const auto trigger = kind->make(*settings);
  EXPECT_TRUE(trigger);
  return (*trigger)->check({.last_attempt_at = last_attempt, .drift = seen}, kNoon);
}

TEST(DriftTrigger, FiresAfterEnoughChecksAndSaysWhatMoved) {
  const DriftSeen seen{.at = kNoon, .features = {"rsi(14)", "clv"}, .checks_in_row = 2};
  const auto reason = asked(seen);
  ASSERT_TRUE(reason);
  EXPECT_EQ(reason->trigger, "drift");
  EXPECT_EQ(reason->reason,
            "drift: 2 features (rsi(14), clv) moved from the training rows, at 2 checks in a row");
  EXPECT_FALSE(asked({.at = kNoon, .features = {"clv"}, .checks_in_row = 1}));
  EXPECT_TRUE(asked({.at = kNoon, .features = {"clv"}, .checks_in_row = 1}, "{checks: 1}"));
}

TEST(DriftTrigger, LooksAtWhatItIsToldTo) {
  const DriftSeen errors{.at = kNoon, .error = true, .checks_in_row = 2};
  EXPECT_TRUE(asked(errors));
  EXPECT_FALSE(asked(errors, "{error: false}"));
  const DriftSeen answers{.at = kNoon, .prediction = true, .checks_in_row = 2};
  EXPECT_TRUE(asked(answers));
  EXPECT_FALSE(asked(answers, "{prediction: false}"));
  const DriftSeen one{.at = kNoon, .features = {"clv"}, .checks_in_row = 2};
  EXPECT_FALSE(asked(one, "{features_min: 2}"));
  EXPECT_FALSE(asked(one, "{features_min: 0}"));
}

TEST(DriftTrigger, AsksOnceACheck) {
  const DriftSeen seen{.at = kNoon, .features = {"clv"}, .checks_in_row = 2};
  EXPECT_FALSE(asked(seen, "{}", kNoon));
  EXPECT_TRUE(asked(seen, "{}", kNoon - 1));
}

TEST(DriftTrigger, SaysNothingBeforeTheFirstCheck) {
  const TriggerKind* kind = find_trigger_kind("drift");
  const auto trigger = kind->make(Settings::defaults(kind->schema));
  ASSERT_TRUE(trigger);
  EXPECT_FALSE((*trigger)->check({}, kNoon));
}

}  // namespace
}  // namespace pawl::triggers
