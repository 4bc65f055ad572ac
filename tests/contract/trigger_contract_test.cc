// What every trigger promises, asked of each that is registered, with its default settings.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "triggers/trigger.h"

namespace pawl::triggers {
namespace {

const TimeMs kNow = 20000 * kDayMs + 12345678;

// Lines of all sorts: fresh, never trained, long trained, failing, asked for by hand, clock gone back.
std::vector<LineSnapshot> lines() {
  std::vector<LineSnapshot> made;
  for (const std::int64_t signals : {0, 19, 20, 100, 5000}) {
    for (const double rate : {0.0, 0.45, 0.7}) {
      for (const DurationMs retrained_ago : {DurationMs{-1}, DurationMs{0}, 30 * kDayMs, 4000 * kDayMs}) {
        for (const DurationMs checked_ago :
             {DurationMs{-1}, DurationMs{0}, kMinuteMs, 400 * kDayMs, -kDayMs}) {
          for (const int flags : {0, 1, 2, 3}) {
            LineSnapshot line;
            line.started_at = kNow - 5000 * kDayMs;
            line.since_retrain = {.signals = signals,
                                  .correct = static_cast<std::int64_t>(rate * static_cast<double>(signals))};
            line.ever = line.since_retrain;
            line.outcomes_since_retrain = signals;
            if (retrained_ago != -1) line.last_retrain_at = kNow - retrained_ago;
            if (checked_ago != -1) line.last_checked_at = kNow - checked_ago;
            line.manual_requested = (flags & 1) != 0;
            line.live_event = (flags & 2) != 0;
            if (flags == 1) line.drift = DriftSeen{.at = kNow, .features = {"clv"}, .feature_checks = {5}};
            made.push_back(line);
          }
        }
      }
    }
  }
  return made;
}

class TriggerContract : public testing::TestWithParam<const TriggerKind*> {
 protected:
  std::unique_ptr<Trigger> make() const {
    auto made = GetParam()->make(Settings::defaults(GetParam()->schema));
    if (made) return std::move(*made);
    ADD_FAILURE() << made.error().message;
    return nullptr;
  }
};

TEST_P(TriggerContract, IsFoundByItsNameAndExplainsItself) {
  EXPECT_EQ(find_trigger_kind(GetParam()->name), GetParam());
  EXPECT_FALSE(GetParam()->help.empty());
  for (const Setting& setting : GetParam()->schema.settings())
    EXPECT_FALSE(setting.help.empty()) << setting.name;
}

TEST_P(TriggerContract, FiresWithAReasonThatBeginsWithItsWords) {
  const std::map<std::string, std::string> words = {{"first", "first training: "},
                                                    {"win_rate", "win rate: "},
                                                    {"age", "age: "},
                                                    {"cron", "cron: "},
                                                    {"samples", "samples: "},
                                                    {"trades", "trades: "},
                                                    {"manual", "manual: "},
                                                    {"drift", "drift: "}};
  const auto trigger = make();
  int fired = 0;
  for (const LineSnapshot& line : lines()) {
    const auto reason = trigger->check(line, kNow);
    if (!reason) continue;
    ++fired;
    ASSERT_TRUE(words.contains(reason->trigger)) << reason->trigger;
    EXPECT_TRUE(reason->reason.starts_with(words.at(reason->trigger))) << reason->reason;
    EXPECT_GT(reason->reason.size(), words.at(reason->trigger).size());
  }
  EXPECT_GT(fired, 0) << "none of the lines makes it fire: this test sees nothing of it";
}

TEST_P(TriggerContract, SameSnapshotSameAnswer) {
  const auto one = make(), other = make();
  for (const LineSnapshot& line : lines()) {
    const auto first = one->check(line, kNow), second = other->check(line, kNow);
    ASSERT_EQ(first.has_value(), second.has_value());
    if (first) {
      EXPECT_EQ(first->reason, second->reason);
    }
  }
}

TEST_P(TriggerContract, SignalRulesDoNotLookWhereOnlyTheClockTicked) {
  const auto trigger = make();
  for (LineSnapshot line : lines()) {
    line.live_event = false;
    const auto reason = trigger->check(line, kNow);
    if (!reason) continue;
    EXPECT_NE(reason->trigger, "win_rate");
    EXPECT_NE(reason->trigger, "first");
    EXPECT_NE(GetParam()->name, "auto_training");
  }
}

TEST_P(TriggerContract, TheNextTimeLiesAhead) {
  const auto trigger = make();
  TimeMs time = kNow;
  for (int i = 0; i < 100; ++i) {
    const auto next = trigger->next_time(time);
    if (!next) {
      EXPECT_FALSE(trigger->next_time(time + 1000 * kDayMs)) << "the clock alone can make it fire, or cannot";
      return;
    }
    ASSERT_GT(*next, time);
    time = *next;
  }
}

TEST_P(TriggerContract, AClockThatFollowsNextTimeSeesEverythingTheTriggerWouldHaveSaid) {
  // A line with plenty of outcomes and a long past: between two next_time() instants nothing may newly fire
  // by the clock alone that would not fire at the second of them.
  const auto trigger = make();
  if (!trigger->next_time(kNow)) return;
  LineSnapshot line;
  line.started_at = kNow - kDayMs;
  line.outcomes_since_retrain = 1000;
  line.live_event = false;
  TimeMs time = kNow;
  for (int i = 0; i < 50; ++i) {
    const TimeMs next = *trigger->next_time(time);
    line.last_checked_at = time;
    const bool fires_before = trigger->check(line, next - 1).has_value();
    const bool fires_then = trigger->check(line, next).has_value();
    EXPECT_TRUE(!fires_before || fires_then);
    time = next;
  }
}

INSTANTIATE_TEST_SUITE_P(AllTriggers, TriggerContract, testing::ValuesIn([] {
                           std::vector<const TriggerKind*> kinds;
                           for (const TriggerKind& kind : trigger_kinds()) kinds.push_back(&kind);
                           return kinds;
                         }()),
                         [](const auto& kind) { return kind.param->name; });

TEST(TriggerKinds, AreSortedAndUnique) {
  const auto& kinds = trigger_kinds();
  EXPECT_TRUE(std::ranges::is_sorted(kinds, {}, &TriggerKind::name));
  EXPECT_EQ(std::ranges::adjacent_find(kinds, {}, &TriggerKind::name), kinds.end());
  EXPECT_EQ(find_trigger_kind("no such trigger"), nullptr);
}

}  // namespace
}  // namespace pawl::triggers
