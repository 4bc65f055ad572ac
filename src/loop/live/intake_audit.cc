#include "loop/live/intake_audit.h"

#include <array>

#include "loop/live/intake.h"
#include "loop/live/intake_record.h"

namespace pawl::loop {

namespace {

constexpr std::size_t kPage = 1000, kShownMost = 20;

// What was logged of one, as far as it is compared.
struct Logged {
  std::string line, symbol, features, side;
  VersionNumber version;
  double p_up = 0, p_down = 0;
  std::vector<WindowSpan> spans;
};

Result<Logged> logged_of(const Event& event) {
  auto payload = parse_json(event.payload);
  if (!payload) return propagate(payload);
  auto symbol = json_string(*payload, "symbol"), features = json_string(*payload, "features"),
       side = json_string(*payload, "side");
  auto version = json_int(*payload, "version");
  auto p_up = json_double(*payload, "p_up"), p_down = json_double(*payload, "p_down");
  auto spans = spans_of(*payload);
  if (!spans) return propagate(spans);
  if (!symbol || !features || !side || !version || !p_up || !p_down) {
    return fail(ErrorCode::corrupt, "a field is missing");
  }
  return Logged{event.line, *symbol, *features, *side, {*version}, *p_up, *p_down, *std::move(spans)};
}

// The windows as they were posted, with a candle behind each that stands for the forming one and is not
// looked at. Nothing where candles are missing.
Result<std::optional<serving::PostedWindows>> windows_of(const Logged& logged, store::Store& store,
                                                         store::BarStore::Revision revision) {
  auto symbol = Symbol::parse(logged.symbol);
  if (!symbol) return propagate(symbol);
  serving::PostedWindows posted;
  posted.set_symbol(*std::move(symbol));
  for (const WindowSpan& span : logged.spans) {
    auto bars = store.bars().read(client_series(logged.symbol), span.timeframe, span.from, span.to, revision);
    if (!bars) return propagate(bars);
    if (std::cmp_not_equal(bars->size(), span.bars)) return std::optional<serving::PostedWindows>();
    serving::PostedWindow& window = posted.add(span.timeframe);
    window.resize(bars->size() + 1);
    for (std::size_t i = 0; i < window.received(); ++i) {
      const std::size_t from = std::min(i, bars->size() - 1);
      window.open_time[i] = bars->open_time(from);
      window.close_time[i] = bars->close_time(from);
      window.open[i] = bars->open(from);
      window.high[i] = bars->high(from);
      window.low[i] = bars->low(from);
      window.close[i] = bars->close(from);
      window.volume[i] = bars->volume(from);
    }
  }
  return posted;
}

std::string difference_of(const Logged& logged, const Prediction& made) {
  if (made.p_up != logged.p_up || made.p_down != logged.p_down) {
    return fmt::format("probabilities: logged {} and {}, made again {} and {}", logged.p_up, logged.p_down,
                       made.p_up, made.p_down);
  }
  if (side_name(made.side) != logged.side) {
    return fmt::format("side: logged {}, made again {}", logged.side, side_name(made.side));
  }
  return {};
}

class Audit {
 public:
  Audit(const serving::WindowRules& rules, store::Store& store, const VersionLoader& load)
      : predictor_(rules), store_(store), load_(load) {}

  Status check(const Event& event) {
    auto logged = logged_of(event);
    if (!logged) return within(fmt::format("event {}", event.ingest_seq), logged.error());
    auto version = load_(logged->line, logged->version);
    if (!version) {
      unavailable(event, version.error().message);
      return {};
    }
    std::string why = "some of its candles are not stored";
    bool other_features = false;
    for (const auto revision : {store::BarStore::Revision::first, store::BarStore::Revision::latest}) {
      auto posted = windows_of(*logged, store_, revision);
      if (!posted) return propagate(posted);
      if (!*posted) continue;
      const auto made = predictor_.predict(**version, **posted);
      if (!made) {
        why = made.error().message;
        continue;
      }
      if (made->prediction.features_digest != logged->features) {
        other_features = true;
        continue;
      }
      ++report_.checked;
      if (std::string what = difference_of(*logged, made->prediction); !what.empty()) {
        different(event, std::move(what));
      }
      return {};
    }
    if (other_features) {
      auto revised = any_revision(*logged);
      if (!revised) return propagate(revised);
      // Without a second value of any candle, other features are a fault of ours.
      if (!*revised) {
        ++report_.checked;
        different(event, "features");
        return {};
      }
      why = "its candles were posted with other values too";
    }
    unavailable(event, why);
    return {};
  }

  AuditReport report() && { return std::move(report_); }

 private:
  void different(const Event& event, std::string what) {
    ++report_.different;
    if (report_.first_differences.size() < kShownMost) {
      report_.first_differences.push_back({event.ingest_seq, std::move(what)});
    }
  }
  void unavailable(const Event& event, std::string_view why) {
    ++report_.unavailable;
    if (report_.why_unavailable.size() < kShownMost) {
      report_.why_unavailable.push_back(fmt::format("event {}: {}", event.ingest_seq, why));
    }
  }

  // Whether any candle of its windows has more than one value.
  Result<bool> any_revision(const Logged& logged) const {
    for (const WindowSpan& span : logged.spans) {
      const std::string series = client_series(logged.symbol);
      auto first =
          store_.bars().read(series, span.timeframe, span.from, span.to, store::BarStore::Revision::first);
      if (!first) return propagate(first);
      auto latest =
          store_.bars().read(series, span.timeframe, span.from, span.to, store::BarStore::Revision::latest);
      if (!latest) return propagate(latest);
      for (std::size_t i = 0; i < first->size(); ++i) {
        if ((*first)[i] != (*latest)[i]) return true;
      }
    }
    return false;
  }

  serving::WindowPredictor predictor_;
  store::Store& store_;
  const VersionLoader& load_;
  AuditReport report_;
};

}  // namespace

Result<AuditReport> audit_client_predictions(const serving::WindowRules& rules, store::Store& store,
                                             const VersionLoader& load) {
  Audit audit(rules, store, load);
  std::int64_t cursor = 0;
  for (;;) {
    auto events = store.events().read_after(cursor, kPage, "client_prediction");
    if (!events) return propagate(events);
    if (events->empty()) return std::move(audit).report();
    for (const Event& event : *events) {
      if (Status checked = audit.check(event); !checked) return propagate(checked);
    }
    cursor = events->back().ingest_seq;
  }
}

}  // namespace pawl::loop
