// What every backend of the store promises, run over each of them.
#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "contract/store_backends.h"

namespace pawl::store {
namespace {

Bar bar_at(TimeMs open_time, double close) {
  return {.open_time = open_time,
          .close_time = open_time + kHourMs,
          .open = close,
          .high = close + 1,
          .low = close - 1,
          .close = close,
          .volume = 3};
}

Prediction prediction_of(const LineId& line, TimeMs bar) {
  return {.id = 0,
          .line = line,
          .symbol = "BTC_USDT",
          .bar_open_time = bar,
          .known_at = bar + kHourMs,
          .version = {7},
          .side = Side::sell,
          .p_up = 0.1 + 0.2,  // no short decimal
          .p_down = 5e-324,
          .features_digest = "0123456789abcdef"};
}

Outcome outcome_of(std::int64_t prediction, const LineId& line) {
  return {.prediction_id = prediction,
          .line = line,
          .known_at = 9 * kHourMs,
          .entry_price = 100.1,
          .exit_price = 99.9,
          .bars_held = 3,
          .gross_return = 99.9 / 100.1 - 1,
          .side = Side::sell,
          .correct = true,
          .pnl_pct = 0.1,
          .correct_net = true};
}

VersionRow version_row(const LineId& line, std::int64_t number) {
  return {.line = line,
          .number = {number},
          .folder = "versions/" + line + "/" + VersionNumber{number}.text(),
          .content_hash = "hash",
          .known_at = 5,
          .run_id = 2,
          .model_kind = "xgboost",
          .has_serving = false,
          .refused = ""};
}

PromotionRow promotion_row(const LineId& line, std::optional<std::int64_t> from, std::int64_t to) {
  PromotionRow row;
  row.line = line;
  if (from) row.from = VersionNumber{*from};
  row.to = VersionNumber{to};
  row.at = 11;
  row.actor = "run 2";
  row.action = "promote";
  row.reason = "accuracy 0.53 > 0.51";
  row.evidence_hash = "abc";
  return row;
}

using StoreContract = OneStore;

TEST_P(StoreContract, EventsAreNumberedFromOneWithoutHolesAndReadInOrder) {
  for (int i = 1; i <= 250; ++i) {
    const auto seq = store_->events().append(
        {.known_at = i, .kind = i % 50 == 0 ? "verdict" : "bar", .line = "r/S", .payload = "{}"});
    ASSERT_TRUE(seq) << seq.error().message;
    EXPECT_EQ(*seq, i);
  }
  EXPECT_EQ(store_->events().last_seq().value(), 250);
  const auto page = store_->events().read_after(248, 10).value();
  ASSERT_EQ(page.size(), 2u);
  EXPECT_EQ(page[0].ingest_seq, 249);
  EXPECT_EQ(page[1].kind, "verdict");
  const auto verdicts = store_->events().read_after(50, 3, "verdict").value();
  ASSERT_EQ(verdicts.size(), 3u);
  EXPECT_EQ(verdicts[0].ingest_seq, 100);
}

TEST_P(StoreContract, AnEventComesBackAsItWas) {
  const Event event{.ingest_seq = 0,
                    .known_at = -1,
                    .kind = "note",
                    .line = "",
                    .payload = std::string("{\"a\":\"\xE2\x82\xAC\"}")};
  ASSERT_TRUE(store_->events().append(event));
  const auto back = store_->events().read_after(0, 1).value().at(0);
  EXPECT_EQ(back.known_at, -1);
  EXPECT_EQ(back.line, "");
  EXPECT_EQ(back.payload, event.payload);
}

TEST_P(StoreContract, ABarIsStoredOnceAndItsCorrectionsAsRevisions) {
  const std::array bars = {bar_at(0, 100), bar_at(kHourMs, 101), bar_at(2 * kHourMs, 102)};
  const auto first = store_->bars().append("EUR_USD", kH1, bars, 0).value();
  EXPECT_EQ(first.added, 3);
  const auto again = store_->bars().append("EUR_USD", kH1, bars, 0).value();
  EXPECT_EQ(again.duplicates, 3);
  EXPECT_EQ(again.added + again.revised, 0);
  const std::array changed = {bar_at(kHourMs, 101.5)};
  EXPECT_EQ(store_->bars().append("EUR_USD", kH1, changed, 7 * kHourMs).value().revised, 1);

  const auto as_read_live = store_->bars().read("EUR_USD", kH1, 0, kDayMs, BarStore::Revision::first).value();
  const auto as_known_now =
      store_->bars().read("EUR_USD", kH1, 0, kDayMs, BarStore::Revision::latest).value();
  ASSERT_EQ(as_read_live.size(), 3u);
  ASSERT_EQ(as_known_now.size(), 3u);
  EXPECT_EQ(as_read_live[1], bars[1]);
  EXPECT_EQ(as_known_now[1], changed[0]);
  EXPECT_EQ(as_known_now[2], bars[2]);

  const auto listed = store_->bars().list().value();
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].bars, 3);
  EXPECT_EQ(listed[0].revisions, 1);
  EXPECT_EQ(listed[0].last_open, 2 * kHourMs);
}

TEST_P(StoreContract, BarsMayComeInAnyOrderAndAreReadInTime) {
  const std::array late = {bar_at(5 * kHourMs, 5), bar_at(1 * kHourMs, 2), bar_at(3 * kHourMs, 3)};
  EXPECT_EQ(store_->bars().append("X", kH1, late, 0).value().added, 3);
  const auto series = store_->bars().read("X", kH1, kHourMs, 5 * kHourMs, BarStore::Revision::latest).value();
  ASSERT_EQ(series.size(), 2u);  // [from, to)
  EXPECT_EQ(series[0].close, 2);
  EXPECT_EQ(series[1].close, 3);
  EXPECT_TRUE(store_->bars().read("Y", kH1, 0, kDayMs, BarStore::Revision::first).value().empty());
}

TEST_P(StoreContract, ABatchWithABadBarStoresNothing) {
  Bar upside_down = bar_at(2 * kHourMs, 100);
  std::swap(upside_down.high, upside_down.low);
  Bar nan = bar_at(2 * kHourMs, 100);
  nan.volume = std::numeric_limits<double>::quiet_NaN();
  Bar overlapping = bar_at(kHourMs / 2, 100);
  for (const Bar& bad : {upside_down, nan, overlapping}) {
    const std::array bars = {bar_at(0, 100), bad};
    const auto refused = store_->bars().append("EUR_USD", kH1, bars, 0);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::bad_data);
    EXPECT_TRUE(store_->bars().list().value().empty()) << refused.error().message;
  }
}

TEST_P(StoreContract, PredictionsKeepEveryBitOfTheirProbabilities) {
  const auto first = store_->predictions().append(prediction_of("r/A", 0));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(*first, 1);
  EXPECT_EQ(store_->predictions().append(prediction_of("r/B", kHourMs)).value(), 2);
  EXPECT_EQ(store_->predictions().append(prediction_of("r/A", kHourMs)).value(), 3);
  EXPECT_EQ(store_->predictions().count().value(), 3);
  EXPECT_EQ(store_->predictions().count("r/A").value(), 2);
  const auto back = store_->predictions().read_after(1, 10, "r/A").value();
  ASSERT_EQ(back.size(), 1u);
  EXPECT_EQ(back[0].id, 3);
  EXPECT_EQ(back[0].p_up, 0.1 + 0.2);
  EXPECT_EQ(back[0].p_down, 5e-324);
  EXPECT_EQ(back[0].side, Side::sell);
  EXPECT_EQ(back[0].version.value, 7);
  EXPECT_EQ(back[0].features_digest, "0123456789abcdef");
}

TEST_P(StoreContract, EachPredictionIsScoredOnce) {
  const auto id = store_->predictions().append(prediction_of("r/A", 0)).value();
  ASSERT_TRUE(store_->outcomes().append(outcome_of(id, "r/A")));
  const Status twice = store_->outcomes().append(outcome_of(id, "r/A"));
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, ErrorCode::conflict);
  const Status of_nothing = store_->outcomes().append(outcome_of(99, "r/A"));
  ASSERT_FALSE(of_nothing);
  EXPECT_EQ(of_nothing.error().code, ErrorCode::not_found);
  EXPECT_EQ(store_->outcomes().count("r/A").value(), 1);
  const auto back = store_->outcomes().read_after(0, 10).value();
  ASSERT_EQ(back.size(), 1u);
  EXPECT_EQ(back[0].gross_return, 99.9 / 100.1 - 1);
  EXPECT_EQ(back[0].bars_held, 3);
  EXPECT_TRUE(back[0].correct);
}

TEST_P(StoreContract, ARunIsFollowedFromTriggerToVerdict) {
  RunRecord run;
  run.lines = {"fx/EUR_USD", "fx/GBP_USD"};
  run.trigger = "cron";
  run.reason = "Sunday 02:00";
  run.started_at = 5;
  run.id = store_->runs().begin(run).value();
  EXPECT_EQ(run.id, 1);
  run.state = RunState::completed;
  run.known_at = 9;
  run.verdict = "keep";
  run.document = {{"rows", 500}, {"nested", {{"pi", 3.14159}}}};
  ASSERT_TRUE(store_->runs().update(run));
  const auto back = store_->runs().find(1).value();
  ASSERT_TRUE(back);
  EXPECT_EQ(back->lines, run.lines);
  EXPECT_EQ(back->state, RunState::completed);
  EXPECT_EQ(back->known_at, 9);
  EXPECT_EQ(back->document, run.document);
  EXPECT_EQ(store_->runs().list("fx/GBP_USD").value().size(), 1u);
  EXPECT_TRUE(store_->runs().list("fx/GBP").value().empty());
  EXPECT_FALSE(store_->runs().find(2).value());
  run.id = 2;
  EXPECT_EQ(store_->runs().update(run).error().code, ErrorCode::not_found);
}

TEST_P(StoreContract, APromotionMovesAllItsLinesOrNone) {
  VersionStore& versions = store_->versions();
  EXPECT_EQ(versions.next_number("r/A").value().value, 0);
  for (const LineId line : {"r/A", "r/B"}) {
    for (int number : {0, 1}) ASSERT_TRUE(versions.add(version_row(line, number)));
  }
  EXPECT_EQ(versions.next_number("r/A").value().value, 2);
  EXPECT_EQ(versions.add(version_row("r/A", 1)).error().code, ErrorCode::conflict);
  EXPECT_FALSE(versions.champion("r/A").value());

  const std::array first = {promotion_row("r/A", std::nullopt, 0), promotion_row("r/B", std::nullopt, 0)};
  ASSERT_TRUE(versions.promote(first));
  const std::array half_stale = {promotion_row("r/A", 0, 1), promotion_row("r/B", std::nullopt, 1)};
  const Status refused = versions.promote(half_stale);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_EQ(versions.champion("r/A").value()->value, 0);
  EXPECT_EQ(versions.promotions().value().size(), 2u);

  const std::array second = {promotion_row("r/A", 0, 1), promotion_row("r/B", 0, 1)};
  ASSERT_TRUE(versions.promote(second));
  EXPECT_EQ(versions.champion("r/B").value()->value, 1);
  const auto log = versions.promotions("r/B").value();
  ASSERT_EQ(log.size(), 2u);
  EXPECT_FALSE(log[0].from);
  EXPECT_EQ(log[1].from->value, 0);
  EXPECT_EQ(log[1].reason, "accuracy 0.53 > 0.51");
  EXPECT_EQ(versions.promote(std::array{promotion_row("r/A", 1, 9)}).error().code, ErrorCode::not_found);
}

TEST_P(StoreContract, VersionsRememberServingAndRefusal) {
  VersionStore& versions = store_->versions();
  ASSERT_TRUE(versions.add(version_row("r/A", 0)));
  ASSERT_TRUE(versions.set_serving("r/A", {0}, "elsewhere", "other hash"));
  ASSERT_TRUE(versions.set_refused("r/A", {0}, "a checksum is wrong"));
  const auto row = versions.find("r/A", {0}).value();
  ASSERT_TRUE(row);
  EXPECT_TRUE(row->has_serving);
  EXPECT_EQ(row->folder, "elsewhere");
  EXPECT_EQ(row->content_hash, "other hash");
  EXPECT_EQ(row->refused, "a checksum is wrong");
  EXPECT_EQ(versions.set_refused("r/A", {1}, "x").error().code, ErrorCode::not_found);
}

TEST_P(StoreContract, HoldsAreSetAndReleased) {
  EXPECT_FALSE(store_->versions().hold("r/A").value().held);
  ASSERT_TRUE(store_->versions().set_hold("r/A", 99, true));
  EXPECT_TRUE(store_->versions().hold("r/A").value().held);
  EXPECT_EQ(store_->versions().hold("r/A").value().until, 99);
  ASSERT_TRUE(store_->versions().set_hold("r/A", std::nullopt, false));
  EXPECT_FALSE(store_->versions().hold("r/A").value().held);
}

TEST_P(StoreContract, ATransactionIsKeptWholeOrNotAtAll) {
  ASSERT_TRUE(store_->events().append({.known_at = 1, .kind = "before", .line = "", .payload = "{}"}));
  const Status failed = store_->transaction([&]() -> Status {
    EXPECT_TRUE(store_->events().append({.known_at = 1, .kind = "inside", .line = "", .payload = "{}"}));
    EXPECT_TRUE(store_->set_meta("kind", "live"));
    return fail(ErrorCode::internal, "changed its mind");
  });
  EXPECT_EQ(failed.error().message, "changed its mind");
  EXPECT_EQ(store_->events().last_seq().value(), 1);
  EXPECT_FALSE(store_->meta("kind").value());

  // A nested failure undoes its own part only; the number it had is given again.
  ASSERT_TRUE(store_->transaction([&]() -> Status {
    EXPECT_TRUE(store_->set_meta("kind", "replay"));
    EXPECT_FALSE(store_->transaction([&]() -> Status {
      EXPECT_EQ(store_->events().append({.known_at = 1, .kind = "x", .line = "", .payload = ""}).value(), 2);
      return fail(ErrorCode::internal, "no");
    }));
    EXPECT_EQ(store_->events().append({.known_at = 1, .kind = "y", .line = "", .payload = ""}).value(), 2);
    return {};
  }));
  EXPECT_EQ(store_->meta("kind").value(), "replay");
  EXPECT_EQ(store_->events().read_after(1, 9).value().at(0).kind, "y");
}

INSTANTIATE_TEST_SUITE_P(All, StoreContract, ::testing::ValuesIn(kBackends),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace pawl::store
