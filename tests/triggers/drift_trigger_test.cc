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
  const DriftSeen seen{.at = kNoon, .features = {"rsi(14)", "clv"}, .feature_checks = {2, 2}};
  const auto reason = asked(seen);
  ASSERT_TRUE(reason);
  EXPECT_EQ(reason->trigger, "drift");
  EXPECT_EQ(reason->reason,
            "drift: 2 features (rsi(14), clv) moved from the training rows, at 2 checks in a row");
  EXPECT_FALSE(asked({.at = kNoon, .features = {"clv"}, .feature_checks = {1}}));
  EXPECT_TRUE(asked({.at = kNoon, .features = {"clv"}, .feature_checks = {1}}, "{checks: 1}"));
}

TEST(DriftTrigger, LooksAtWhatItIsToldTo) {
  const DriftSeen errors{.at = kNoon, .error_checks = 2};
  EXPECT_TRUE(asked(errors));
  EXPECT_FALSE(asked(errors, "{error: false}"));
  const DriftSeen answers{.at = kNoon, .prediction_checks = 2};
  EXPECT_TRUE(asked(answers));
  EXPECT_FALSE(asked(answers, "{prediction: false}"));
  const DriftSeen one{.at = kNoon, .features = {"clv"}, .feature_checks = {2}};
  EXPECT_FALSE(asked(one, "{features_min: 2}"));
  EXPECT_FALSE(asked(one, "{features_min: 0}"));
}

// A feature that alarmed a check ago and errors that alarm now are one check each, not two of anything.
TEST(DriftTrigger, ChecksInARowAreOfWhatItReports) {
  const DriftSeen errors_now{.at = kNoon, .error_checks = 1};
  EXPECT_FALSE(asked(errors_now, "{features_min: 0, prediction: false, error: true, checks: 2}"));
  const DriftSeen both{.at = kNoon, .features = {"clv"}, .feature_checks = {3}, .error_checks = 1};
  EXPECT_FALSE(asked(both, "{features_min: 0, prediction: false, checks: 2}"));
  const auto features = asked(both, "{checks: 2}");
  ASSERT_TRUE(features);
  EXPECT_EQ(features->reason, "drift: 1 feature (clv) moved from the training rows, at 3 checks in a row");
  const auto all = asked(both, "{checks: 1}");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->reason,
            "drift: 1 feature (clv) and the errors moved from the training rows, at 1 check in a row");
}

// Two features at this check and one at the check before are no two checks with two features.
TEST(DriftTrigger, EachCheckMustHaveHadEnoughFeatures) {
  const DriftSeen seen{.at = kNoon, .features = {"clv", "rsi(14)"}, .feature_checks = {2, 1}};
  EXPECT_TRUE(asked(seen, "{features_min: 1}"));
  EXPECT_FALSE(asked(seen, "{features_min: 2}"));
  EXPECT_TRUE(asked(seen, "{features_min: 2, checks: 1}"));
}

TEST(DriftTrigger, AsksOnceACheck) {
  const DriftSeen seen{.at = kNoon, .features = {"clv"}, .feature_checks = {2}};
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
