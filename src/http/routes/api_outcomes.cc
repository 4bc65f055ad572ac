// Predictions and what became of them, oldest first.
#include "http/routes/api.h"
#include "http/routes/fields.h"
#include "http/routes/lookup.h"
#include "http/routes/values.h"

namespace pawl::http {

namespace {

constexpr std::size_t kUsual = 200, kMost = 2000;

std::int64_t number_of(const Prediction& prediction) {
  return prediction.id;
}
std::int64_t number_of(const Outcome& outcome) {
  return outcome.prediction_id;
}

template <class Rows>
Result<Response> answer(const Context& context, Readers& readers, const Request& request, Rows rows) {
  const auto page = page_query(request, kUsual, kMost);
  if (!page) return propagate(page);
  const auto cursor = cursor_number(*page);
  if (!cursor) return propagate(cursor);
  const auto line = line_of_query(context.recipe, request);
  if (!line) return propagate(line);
  auto reader = readers.take();
  if (!reader) return propagate(reader);
  const auto found = rows(reader->store()).read_after(*cursor, page->limit, *line);
  if (!found) return propagate(found);
  Json items = Json::array();
  for (const auto& row : *found) items.push_back(item_json(row));
  std::optional<std::string> next;
  if (found->size() == page->limit) next = std::to_string(number_of(found->back()));
  Json json = page_json(std::move(items), next);
  json["paper"] = !context.live_market;
  return json_response(json);
}

}  // namespace

void add_outcome_routes(Router& router, const Context& context, const SharedReaders& readers) {
  const auto add = [&](std::string pattern, auto rows, std::string id, std::string summary) {
    router.add({.method = "GET",
                .pattern = std::move(pattern),
                .scope = Scope::read,
                .handler =
                    [&context, readers, rows](const Request& request) {
                      auto response = answer(context, *readers, request, rows);
                      return response ? std::move(*response) : error_response(response.error(), false);
                    },
                .operation_id = std::move(id),
                .summary = std::move(summary)});
  };
  add(
      "/api/v1/predictions",
      [](store::Store& store) -> store::PredictionStore& { return store.predictions(); }, "listPredictions",
      "What was predicted, oldest first; ?line=&limit=&cursor=");
  add(
      "/api/v1/outcomes", [](store::Store& store) -> store::OutcomeStore& { return store.outcomes(); },
      "listOutcomes", "What predictions came to, oldest first; ?line=&limit=&cursor=");
}

}  // namespace pawl::http
