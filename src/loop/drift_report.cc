#include "loop/drift_report.h"

#include <deque>

namespace pawl::loop {

namespace {
constexpr std::size_t kPage = 1000;
}

Result<std::vector<Json>> drift_checks(store::Store& store, const LineId& line, std::size_t newest) {
  std::deque<Json> checks;
  for (std::int64_t cursor = 0;;) {
    const auto page = store.events().read_after(cursor, kPage, "drift");
    if (!page) return propagate(page);
    if (page->empty()) break;
    cursor = page->back().ingest_seq;
    for (const Event& event : *page) {
      if (event.line != line) continue;
      auto check = parse_json(event.payload);
      if (!check) return within(fmt::format("event {}", event.ingest_seq), check.error());
      checks.push_back(std::move(*check));
      if (checks.size() > newest) checks.pop_front();
    }
  }
  return std::vector<Json>(std::make_move_iterator(checks.begin()), std::make_move_iterator(checks.end()));
}

std::string drift_advice(const Json& check) {
  const bool features = check.value("alarmed", 0) > 0;
  const Json prediction = check.value("prediction", Json());
  const bool moved = prediction.is_object() && prediction.value("alarm", false);
  const bool errors = check.value("error", Json::object()).value("alarm", false);
  if (!features && !moved && !errors) return "Nothing has to be done.";
  if (errors) {
    return "Errors rose: retrain (pawl train), and look at what the gate says of the challenger; drift "
           "itself is "
           "no evidence for it.";
  }
  if (features && !moved) {
    return "Rows moved, and the answers did not: see that the source still means the same (units, feed, "
           "session), "
           "then retrain at the next occasion.";
  }
  return "What is answered has moved: see that the source still means the same (units, feed, session), then "
         "retrain (pawl train).";
}

}  // namespace pawl::loop
