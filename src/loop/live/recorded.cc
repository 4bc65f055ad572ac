#include "loop/live/recorded.h"

#include <optional>

namespace pawl::loop {

namespace {

constexpr std::size_t kPage = 10'000;

Result<VersionNumber> version_of(const Json& payload, std::string_view field) {
  const auto text = json_string(payload, field);
  if (!text) return propagate(text);
  return VersionNumber::parse(*text);
}

// Predictions stand in a table of their own, in the order of their events.
class Predictions {
 public:
  explicit Predictions(store::Store& store) : store_(store) {}
  Result<const Prediction*> find(std::int64_t id) {
    while (at_ == page_.size() || page_[at_].id < id) {
      if (at_ < page_.size()) {
        ++at_;
        continue;
      }
      auto page = store_.predictions().read_after(cursor_, kPage);
      if (!page) return propagate(page);
      if (page->empty()) return fail(ErrorCode::corrupt, "the store tells of prediction {} and has none", id);
      page_ = std::move(*page);
      at_ = 0;
      cursor_ = page_.back().id;
    }
    return &page_[at_];
  }

 private:
  store::Store& store_;
  std::vector<Prediction> page_;
  std::size_t at_ = 0;
  std::int64_t cursor_ = 0;
};

Status tell_swap(const Event& event, const Json& payload, DecisionLog& decisions) {
  const auto to = version_of(payload, "to");
  if (!to) return propagate(to);
  const auto from = version_of(payload, "from");
  decisions.swap(event.line, from.value_or(VersionNumber{}), *to, event.known_at);
  return {};
}

Status tell_one(const Event& event, Predictions& predictions, store::Store& store, DecisionLog& decisions) {
  const bool told = event.kind == "prediction" || event.kind == "trigger" || event.kind == "verdict" ||
                    event.kind == "swap" || event.kind == "rollback" || event.kind == "trade_signal";
  if (!told) return {};
  const auto payload = parse_json(event.payload);
  if (!payload) return propagate(payload);
  if (event.kind == "prediction") {
    const auto id = json_int(*payload, "id");
    if (!id) return propagate(id);
    const auto prediction = predictions.find(*id);
    if (!prediction) return propagate(prediction);
    decisions.prediction(**prediction);
  } else if (event.kind == "trade_signal") {
    const auto id = json_string(*payload, "id");
    if (!id) return propagate(id);
    const auto trade = store.trades().find(event.line, *id);
    if (!trade) return propagate(trade);
    if (*trade) decisions.answer(**trade, event.known_at);
  } else if (event.kind == "trigger") {
    const auto name = json_string(*payload, "trigger");
    if (!name) return propagate(name);
    decisions.trigger(payload->value("lines", std::vector<LineId>()), *name, event.known_at);
  } else if (event.kind == "verdict") {
    const auto run = json_int(*payload, "run");
    const auto challenger = version_of(*payload, "challenger");
    const auto word = json_string(*payload, "verdict");
    if (!run) return propagate(run);
    if (!challenger) return propagate(challenger);
    if (!word) return propagate(word);
    Decision decision = Decision::insufficient;
    for (const Decision one : {Decision::promote, Decision::keep}) {
      if (*word == decision_name(one)) decision = one;
    }
    decisions.verdict(event.line, *run, decision, *challenger, event.known_at);
  } else if (event.kind == "rollback") {
    const auto from = version_of(*payload, "from"), to = version_of(*payload, "to");
    if (!from) return propagate(from);
    if (!to) return propagate(to);
    decisions.rollback(event.line, *from, *to, event.known_at);
  } else {
    return tell_swap(event, *payload, decisions);
  }
  return {};
}

}  // namespace

Result<Recorded> read_recorded(store::Store& store) {
  Recorded recorded;
  const auto runs = store.runs().list();
  if (!runs) return propagate(runs);
  for (const store::RunRecord& run : *runs) {
    const bool ended = run.state == store::RunState::completed || run.state == store::RunState::failed;
    recorded.latencies[run.id] = ended && run.known_at ? *run.known_at - run.started_at : kNeverEnds;
  }
  for (std::int64_t cursor = 0;;) {
    const auto page = store.events().read_after(cursor, kPage, "run_interrupted");
    if (!page) return propagate(page);
    if (page->empty()) break;
    cursor = page->back().ingest_seq;
    for (const Event& event : *page) recorded.interruptions.push_back({event.known_at, event.ingest_seq});
  }
  for (std::int64_t cursor = 0;;) {
    const auto page = store.events().read_after(cursor, kPage, "request");
    if (!page) return propagate(page);
    if (page->empty()) return recorded;
    cursor = page->back().ingest_seq;
    for (const Event& event : *page) {
      const auto payload = parse_json(event.payload);
      if (!payload) return propagate(payload);
      recorded.requests.push_back({.at = event.known_at,
                                   .line = event.line,
                                   .reason = payload->value("reason", std::string()),
                                   .full = payload->value("full", false),
                                   .force = payload->value("force", false),
                                   .seq = event.ingest_seq});
    }
  }
}

Status tell_decisions(store::Store& store, DecisionLog& decisions) {
  Predictions predictions(store);
  for (std::int64_t cursor = 0;;) {
    const auto page = store.events().read_after(cursor, kPage);
    if (!page) return propagate(page);
    if (page->empty()) return {};
    cursor = page->back().ingest_seq;
    for (const Event& event : *page) {
      if (Status told = tell_one(event, predictions, store, decisions); !told) {
        return within(fmt::format("event {}", event.ingest_seq), told.error());
      }
    }
  }
}

}  // namespace pawl::loop
