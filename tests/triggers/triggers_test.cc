// Every trigger as a table: a snapshot of the line and an instant in, a reason or none out; limits are tried
// on both sides.
#include <gtest/gtest.h>

#include <cmath>

#include "triggers/trigger.h"

namespace pawl::triggers {
namespace {

TimeMs at(std::string_view text) {
  return *parse_time(text);
}

std::unique_ptr<Trigger> trigger(std::string_view name, std::string_view yaml = "{}") {
  const TriggerKind* kind = find_trigger_kind(name);
  if (kind == nullptr) {
    ADD_FAILURE() << "no trigger " << name;
    return nullptr;
  }
  auto settings = Settings::read(kind->schema, *parse_yaml(yaml, "test"), "trigger");
  if (!settings) {
    ADD_FAILURE() << settings.error().message;
    return nullptr;
  }
  auto made = kind->make(*settings);
  if (!made) {
    ADD_FAILURE() << made.error().message;
    return nullptr;
  }
  return std::move(*made);
}

const TimeMs kNow = at("2024-06-01T00:00:00Z");

// "win_rate", "first", "age", … or "" where nothing fired.
std::string fired(const Trigger& trigger, const LineSnapshot& line, TimeMs now = kNow) {
  const auto reason = trigger.check(line, now);
  return reason ? reason->trigger : "";
}

std::string reason(const Trigger& trigger, const LineSnapshot& line, TimeMs now = kNow) {
  const auto found = trigger.check(line, now);
  return found ? found->reason : "";
}

// --- auto_training

constexpr double kNeverTrained = -1;

LineSnapshot signals(std::int64_t count, std::int64_t correct, double days_since_retrain) {
  LineSnapshot line;
  line.started_at = kNow - 400 * kDayMs;
  line.since_retrain = line.ever = {.signals = count, .correct = correct};
  if (days_since_retrain != kNeverTrained) {
    line.last_retrain_at = kNow - static_cast<DurationMs>(days_since_retrain * static_cast<double>(kDayMs));
  }
  return line;
}

// B3.
TEST(AutoTraining, RulesInOrderWithBothSidesOfEveryLimit) {
  struct Row {
    std::int64_t signals, correct;
    double days;
    const char* fires;
  };
  const Row rows[] = {
      // under 20 signals never
      {0, 0, kNeverTrained, ""},
      {0, 0, 400, ""},
      {19, 0, 1, ""},
      {19, 0, kNeverTrained, ""},
      {19, 0, 400, ""},
      {20, 0, 1, "win_rate"},
      // win rate below 0.45; exactly 0.45 is not below
      {20, 8, 1, "win_rate"},
      {20, 9, 1, ""},
      {40, 18, 1, ""},
      {40, 17, 1, "win_rate"},
      {100000, 45000, 1, ""},
      {100000, 44999, 1, "win_rate"},
      // never trained here: 100 signals
      {99, 60, kNeverTrained, ""},
      {100, 60, kNeverTrained, "first"},
      {99, 44, kNeverTrained, "win_rate"},
      {100, 44, kNeverTrained, "win_rate"},
      // 30 days and 50 signals
      {49, 30, 400, ""},
      {50, 30, 400, "age"},
      {50, 30, 29.999, ""},
      {50, 30, 30, "age"},
      {49, 30, 30, ""},
      {50, 20, 30, "win_rate"},
      {1000, 600, 29.999, ""},
  };
  const auto rules = trigger("auto_training");
  for (const Row& row : rows) {
    EXPECT_EQ(fired(*rules, signals(row.signals, row.correct, row.days)), row.fires)
        << row.signals << " signals, " << row.correct << " correct, " << row.days << " days";
  }
  EXPECT_EQ(fired(*rules, signals(50, 30, 30), kNow - 1), "");  // one millisecond short of 30 days
}

TEST(AutoTraining, SaysWhyWithItsNumbers) {
  const auto rules = trigger("auto_training");
  EXPECT_EQ(reason(*rules, signals(32, 14, 3)),
            "win rate: 0.438 is below 0.45 over 32 signals since the last retrain (14 correct)");
  EXPECT_EQ(reason(*rules, signals(100000, 44999, 3)),
            "win rate: 0.44999 is below 0.45 over 100000 signals since the last retrain (44999 correct)");
  EXPECT_EQ(reason(*rules, signals(100, 60, kNeverTrained)),
            "first training: 100 signals so far, never trained here, 100 are needed");
  EXPECT_EQ(reason(*rules, signals(55, 30, 31)),
            "age: 31.000 days since the last retrain, at most 30 are allowed, and 55 signals since the last "
            "retrain, 50 are needed");
}

TEST(AutoTraining, CountsSinceTheRetrainOrOverAllTime) {
  LineSnapshot line = signals(0, 0, 3);
  line.since_retrain = {.signals = 10, .correct = 9};
  line.ever = {.signals = 200, .correct = 80};
  EXPECT_EQ(fired(*trigger("auto_training"), line), "");
  // The original: once the rate of all time is low, it retriggers on every signal.
  EXPECT_EQ(fired(*trigger("auto_training", "{since: ever}"), line), "win_rate");
  EXPECT_EQ(reason(*trigger("auto_training", "{since: ever}"), line),
            "win rate: 0.400 is below 0.45 over 200 signals over all time (80 correct)");
}

TEST(AutoTraining, LooksOnlyWhereItIsEnabledAndASignalWasDecided) {
  LineSnapshot line = signals(20, 0, 1);
  EXPECT_EQ(fired(*trigger("auto_training", "{enabled: false}"), line), "");
  line.live_event = false;
  EXPECT_EQ(fired(*trigger("auto_training"), line), "");
  EXPECT_FALSE(trigger("auto_training")->next_time(kNow));
}

// B4.
TEST(AutoTraining, EveryLimitIsASetting) {
  EXPECT_EQ(fired(*trigger("auto_training", "{min_signals: 5}"), signals(5, 1, 1)), "win_rate");
  EXPECT_EQ(fired(*trigger("auto_training", "{min_win_rate_threshold: 0.6}"), signals(20, 11, 1)),
            "win_rate");
  EXPECT_EQ(fired(*trigger("auto_training", "{first_training_signals: 25}"), signals(25, 20, kNeverTrained)),
            "first");
  EXPECT_EQ(fired(*trigger("auto_training", "{max_days_between_retrain: 7}"), signals(50, 40, 7)), "age");
  EXPECT_EQ(fired(*trigger("auto_training", "{min_trades_before_retrain: 21}"), signals(21, 20, 30)), "age");
  EXPECT_EQ(fired(*trigger("auto_training", "{min_signals: 0}"), signals(0, 0, kNeverTrained)), "");
}

// --- cron

LineSnapshot checked_at(std::string_view time) {
  LineSnapshot line;
  line.last_checked_at = at(time);
  line.live_event = false;
  return line;
}

TEST(Cron, FiresOncePerScheduleHoweverManyWereMissed) {
  const auto sunday = trigger("cron");  // 0 2 * * SUN, UTC; 2024-06-02 is a Sunday
  EXPECT_EQ(fired(*sunday, checked_at("2024-06-02T01:59:00Z"), at("2024-06-02T01:59:59.999Z")), "");
  EXPECT_EQ(fired(*sunday, checked_at("2024-06-02T01:59:00Z"), at("2024-06-02T02:00:00Z")), "cron");
  EXPECT_EQ(fired(*sunday, checked_at("2024-06-02T02:00:00Z"), at("2024-06-02T02:00:00Z")), "");
  EXPECT_EQ(fired(*sunday, checked_at("2024-06-02T02:00:00Z"), at("2024-06-09T01:00:00Z")), "");
  // Off for a month: four Sundays are caught up by one run.
  EXPECT_EQ(fired(*sunday, checked_at("2024-06-01T00:00:00Z"), at("2024-06-25T09:00:00Z")), "cron");
  EXPECT_EQ(fired(*sunday, checked_at("2024-06-25T09:00:00Z"), at("2024-06-25T09:00:01Z")), "");
  EXPECT_EQ(reason(*sunday, checked_at("2024-06-01T00:00:00Z"), at("2024-06-02T09:00:00Z")),
            "cron: 0 2 * * SUN (UTC) was due at 2024-06-02T02:00:00Z, caught up at 2024-06-02T09:00:00Z");
  EXPECT_EQ(reason(*sunday, checked_at("2024-06-01T00:00:00Z"), at("2024-06-02T02:00:00Z")),
            "cron: 0 2 * * SUN (UTC) was due at 2024-06-02T02:00:00Z");
}

TEST(Cron, ALineNeverCheckedHasMissedNothing) {
  const auto sunday = trigger("cron");
  EXPECT_EQ(fired(*sunday, {}, at("2024-06-02T02:00:00Z")), "cron");
  EXPECT_EQ(fired(*sunday, {}, at("2024-06-02T02:00:01Z")), "");
}

TEST(Cron, FollowsItsZoneOverTheClockChange) {
  const auto daily = trigger("cron", "{schedule: '30 2 * * *', zone: America/New_York}");
  EXPECT_EQ(daily->next_time(at("2024-03-09T12:00:00Z")), at("2024-03-10T07:00:00Z"));
  EXPECT_EQ(fired(*daily, checked_at("2024-03-10T06:59:00Z"), at("2024-03-10T07:00:00Z")), "cron");
  EXPECT_EQ(fired(*daily, checked_at("2024-03-10T07:00:00Z"), at("2024-03-10T23:00:00Z")), "");
}

TEST(Cron, RefusesSchedulesThatNeverFire) {
  const TriggerKind* kind = find_trigger_kind("cron");
  for (const char* yaml : {"{schedule: '0 2 30 2 *'}", "{schedule: weekly}", "{zone: Nowhere}"}) {
    auto settings = Settings::read(kind->schema, *parse_yaml(yaml, "test"), "trigger");
    ASSERT_TRUE(settings) << settings.error().message;
    const auto made = kind->make(*settings);
    ASSERT_FALSE(made) << yaml;
    EXPECT_EQ(made.error().code, ErrorCode::bad_config);
  }
}

// --- samples

LineSnapshot outcomes(std::int64_t count, std::string_view last_checked) {
  LineSnapshot line;
  line.outcomes_since_retrain = count;
  line.last_checked_at = at(last_checked);
  return line;
}

// E3.
TEST(Samples, NeedsEnoughOutcomesAtALook) {
  const auto hourly = trigger("samples");
  EXPECT_EQ(fired(*hourly, outcomes(99, "2024-06-01T09:59:00Z"), at("2024-06-01T10:00:00Z")), "");
  EXPECT_EQ(fired(*hourly, outcomes(100, "2024-06-01T09:59:00Z"), at("2024-06-01T10:00:00Z")), "samples");
  EXPECT_EQ(fired(*hourly, outcomes(100, "2024-06-01T10:00:00Z"), at("2024-06-01T10:59:59Z")), "");
  EXPECT_EQ(fired(*hourly, outcomes(100, "2024-06-01T10:00:00Z"), at("2024-06-01T11:00:30Z")), "samples");
  EXPECT_EQ(hourly->next_time(at("2024-06-01T10:00:00Z")), at("2024-06-01T11:00:00Z"));
  EXPECT_EQ(
      reason(*hourly, outcomes(150, "2024-06-01T10:00:00Z"), at("2024-06-01T11:00:30Z")),
      "samples: 150 new outcomes and never trained here, 100 are needed (look of 2024-06-01T11:00:00Z)");
}

TEST(Samples, AtOneHourOfTheLocalDay) {
  const auto nightly = trigger("samples", "{retrain_hour: 2, zone: America/New_York, min_samples: 50}");
  EXPECT_EQ(nightly->next_time(at("2024-06-01T00:00:00Z")), at("2024-06-01T06:00:00Z"));
  EXPECT_EQ(nightly->next_time(at("2024-06-01T06:00:00Z")), at("2024-06-02T06:00:00Z"));
  EXPECT_EQ(fired(*nightly, outcomes(50, "2024-06-01T05:00:00Z"), at("2024-06-01T05:59:59Z")), "");
  EXPECT_EQ(fired(*nightly, outcomes(50, "2024-06-01T05:00:00Z"), at("2024-06-01T06:00:00Z")), "samples");
  EXPECT_EQ(fired(*nightly, outcomes(49, "2024-06-01T05:00:00Z"), at("2024-06-01T06:00:00Z")), "");
  // The process was down at two: it looks once when it is back.
  EXPECT_EQ(fired(*nightly, outcomes(50, "2024-05-30T12:00:00Z"), at("2024-06-01T12:00:00Z")), "samples");
  // 02:00 does not exist on 2024-03-10: the look is at 03:00 EDT.
  EXPECT_EQ(nightly->next_time(at("2024-03-10T00:00:00Z")), at("2024-03-10T07:00:00Z"));
  // 01:00 is there twice on 2024-11-03: the look is at the first.
  const auto one = trigger("samples", "{retrain_hour: 1, zone: America/New_York}");
  EXPECT_EQ(one->next_time(at("2024-11-03T00:00:00Z")), at("2024-11-03T05:00:00Z"));
  EXPECT_EQ(one->next_time(at("2024-11-03T05:00:00Z")), at("2024-11-04T06:00:00Z"));
}

TEST(Samples, LooksSeveralTimesWithinTheHourWhereTheIntervalIsShort) {
  const auto often = trigger("samples", "{retrain_hour: 23, check_interval_s: 1200}");
  TimeMs time = at("2024-06-01T12:00:00Z");
  for (const char* look : {"2024-06-01T23:00:00Z", "2024-06-01T23:20:00Z", "2024-06-01T23:40:00Z",
                           "2024-06-02T23:00:00Z", "2024-06-02T23:20:00Z"}) {
    time = *often->next_time(time);
    EXPECT_EQ(format_time(time), look);
  }
}

// --- trades

struct TradesRow {
  std::int64_t closed;
  double days;  // since the last retrain; negative: never trained here, and the first trade was so long ago
  const char* checked;
  const char* fires;
};

// C5: the frequency and the new samples, both of them, at an hourly look.
TEST(Trades, C5NeedsItsTimeAndEnoughNewTradesAtALook) {
  const TradesRow rows[] = {
      {100, 7, "2024-05-31T23:59:00Z", "trades"},    {99, 7, "2024-05-31T23:59:00Z", ""},
      {100, 6.999, "2024-05-31T23:59:00Z", ""},      {100, 7, "2024-06-01T00:00:00Z", ""},
      {5000, 300, "2024-05-20T00:00:00Z", "trades"}, {100, -7, "2024-05-31T23:59:00Z", "trades"},
      {100, -6.999, "2024-05-31T23:59:00Z", ""},     {0, 300, "2024-05-31T23:59:00Z", ""},
  };
  const auto weekly = trigger("trades");
  for (const TradesRow& row : rows) {
    LineSnapshot line;
    const TimeMs then = kNow - std::llround(std::abs(row.days) * static_cast<double>(kDayMs));
    line.started_at = row.days < 0 ? then : kNow - 4000 * kDayMs;
    if (row.days >= 0) line.last_retrain_at = then;
    line.outcomes_since_retrain = row.closed;
    line.last_checked_at = at(row.checked);
    line.live_event = false;
    EXPECT_EQ(fired(*weekly, line), row.fires)
        << row.closed << " trades, " << row.days << " days, checked " << row.checked;
  }
  EXPECT_EQ(weekly->next_time(at("2024-06-01T10:00:00Z")), at("2024-06-01T11:00:00Z"));
}

TEST(Trades, C5EveryLimitIsASetting) {
  LineSnapshot line;
  line.last_retrain_at = kNow - kDayMs;
  line.outcomes_since_retrain = 60;
  line.last_checked_at = kNow - 1;
  EXPECT_EQ(fired(*trigger("trades", "{every_days: 1, min_samples: 60}"), line), "trades");
  EXPECT_EQ(fired(*trigger("trades", "{every_days: 1, min_samples: 61}"), line), "");
  EXPECT_EQ(trigger("trades", "{check_interval_s: 900}")->next_time(kNow), kNow + 15 * kMinuteMs);
  EXPECT_EQ(
      reason(*trigger("trades", "{every_days: 1, min_samples: 50}"), line),
      "trades: 60 closed since the last training, 50 are needed; 1.000 days since the last retrain, one "
      "every 1 days (look of 2024-06-01T00:00:00Z)");
}

// --- age

TEST(Age, CountsFromTheLastRetrainOrFromTheBeginning) {
  const auto weekly = trigger("age", "{max_age_days: 7}");
  LineSnapshot line;
  line.started_at = kNow - 7 * kDayMs;
  EXPECT_EQ(fired(*weekly, line), "age");
  EXPECT_EQ(fired(*weekly, line, kNow - 1), "");
  line.last_retrain_at = kNow - 7 * kDayMs + 1;
  EXPECT_EQ(fired(*weekly, line), "");
  EXPECT_EQ(fired(*weekly, line, kNow + 1), "age");
  line.live_event = false;
  EXPECT_EQ(reason(*weekly, line, kNow + kDayMs + 1),
            "age: 8.000 days since the last retrain, at most 7 are allowed");
  EXPECT_EQ(weekly->next_time(at("2024-06-01T10:00:00Z")), at("2024-06-01T11:00:00Z"));
  EXPECT_EQ(weekly->next_time(at("2024-06-01T10:59:59Z")), at("2024-06-01T11:00:00Z"));
}

// --- manual

TEST(Manual, FiresWhenAsked) {
  const auto manual = trigger("manual");
  LineSnapshot line;
  EXPECT_EQ(fired(*manual, line), "");
  line.manual_requested = true;
  line.live_event = false;
  EXPECT_EQ(fired(*manual, line), "manual");
  EXPECT_EQ(reason(*manual, line), "manual: asked for at 2024-06-01T00:00:00Z");
  line.manual_reason = "webhook of the CI";
  EXPECT_EQ(reason(*manual, line), "manual: webhook of the CI");
  EXPECT_FALSE(manual->next_time(kNow));
}

}  // namespace
}  // namespace pawl::triggers
