// Versions and the log of promotions, as the registry has them.
#include <algorithm>
#include <tuple>

#include "http/routes/api.h"
#include "http/routes/fields.h"
#include "http/routes/lookup.h"
#include "registry/version_json.h"

namespace pawl::http {

namespace {

constexpr std::size_t kUsual = 50, kMost = 500;

// "recipe/symbol@v000012"
std::string cursor_of(const VersionSummary& version) {
  return fmt::format("{}@{}", version.line, version.number.text());
}

// Newest first.
Result<Response> versions(const Context& context, Readers& readers, const Request& request) {
  const auto page = page_query(request, kUsual, kMost);
  if (!page) return propagate(page);
  const auto line = line_of_query(context.recipe, request);
  if (!line) return propagate(line);
  auto reader = readers.take();
  if (!reader) return propagate(reader);
  auto all = reader->registry().list(*line);
  if (!all) return propagate(all);
  std::sort(all->begin(), all->end(), [](const VersionSummary& a, const VersionSummary& b) {
    return std::tie(b.known_at, a.line, b.number) < std::tie(a.known_at, b.line, a.number);
  });
  auto from = all->begin();
  if (!page->cursor.empty()) {
    from = std::find_if(all->begin(), all->end(),
                        [&](const VersionSummary& one) { return cursor_of(one) == page->cursor; });
    if (from == all->end()) {
      return fail(ErrorCode::bad_data, "cursor: \"{}\" is none that a page gave", page->cursor);
    }
    ++from;
  }
  Json items = Json::array();
  std::optional<std::string> next;
  for (; from != all->end() && items.size() < page->limit; ++from) {
    items.push_back(registry::summary_json(*from));
    next = cursor_of(*from);
  }
  if (from == all->end()) next.reset();
  return json_response(page_json(std::move(items), next));
}

Result<Response> version(const Context& context, Readers& readers, const Request& request) {
  const auto index = line_of_path(context.recipe, request);
  if (!index) return propagate(index);
  const auto number = VersionNumber::parse(request.path_value("version"));
  if (!number) return propagate(number);
  auto reader = readers.take();
  if (!reader) return propagate(reader);
  const LineId line = context.recipe.line_ids()[*index];
  const auto loaded = reader->registry().load(line, *number);
  if (!loaded) return propagate(loaded);
  const VersionBundle& bundle = (*loaded)->bundle;
  Json json = {{"line", bundle.line},
               {"version", bundle.number.text()},
               {"content_hash", (*loaded)->content_hash},
               {"known_at", format_time(bundle.known_at)},
               {"run", bundle.run_id},
               {"trained_because", bundle.trained_because},
               {"features", bundle.features},
               {"features_hash", bundle.features_hash},
               {"scores", bundle.scores.to_json()},
               {"settings", bundle.settings},
               {"judged", registry::artifact_json(bundle.judged, *(*loaded)->judged)}};
  if (bundle.serving) json["serving"] = registry::artifact_json(*bundle.serving, *(*loaded)->serving);
  Response response = json_response(json);
  response.headers.emplace_back("ETag", fmt::format("\"{}\"", (*loaded)->content_hash));
  if (request.header("If-None-Match") == response.headers.back().second) {
    response.status = 304;
    response.body.clear();
  }
  return response;
}

// Newest first.
Result<Response> promotions(const Context& context, Readers& readers, const Request& request) {
  const auto page = page_query(request, kUsual, kMost);
  if (!page) return propagate(page);
  const auto cursor = cursor_number(*page);
  if (!cursor) return propagate(cursor);
  const auto line = line_of_query(context.recipe, request);
  if (!line) return propagate(line);
  auto reader = readers.take();
  if (!reader) return propagate(reader);
  auto history = reader->registry().history(*line);
  if (!history) return propagate(history);
  std::sort(history->begin(), history->end(),
            [](const store::PromotionRow& a, const store::PromotionRow& b) { return a.id > b.id; });
  Json items = Json::array();
  std::optional<std::string> next;
  for (const store::PromotionRow& row : *history) {
    if (*cursor != 0 && row.id >= *cursor) continue;
    if (items.size() == page->limit) {
      next = std::to_string(items.back()["id"].get<std::int64_t>());
      break;
    }
    items.push_back({{"id", row.id},
                     {"line", row.line},
                     {"from", row.from ? Json(row.from->text()) : Json()},
                     {"to", row.to.text()},
                     {"at", format_time(row.at)},
                     {"actor", row.actor},
                     {"action", row.action},
                     {"reason", row.reason},
                     {"evidence_hash", row.evidence_hash}});
  }
  return json_response(page_json(std::move(items), next));
}

}  // namespace

void add_version_routes(Router& router, const Context& context, const SharedReaders& readers) {
  const auto answer = [&context, readers](auto made) {
    return [&context, readers, made](const Request& request) {
      auto response = made(context, *readers, request);
      return response ? std::move(*response) : error_response(response.error(), false);
    };
  };
  router.add({.method = "GET",
              .pattern = "/api/v1/versions",
              .scope = Scope::read,
              .handler = answer(versions),
              .operation_id = "listVersions",
              .summary = "Every version there is, newest first; ?line=&limit=&cursor="});
  router.add({.method = "GET",
              .pattern = "/api/v1/versions/{recipe}/{symbol}/{version}",
              .scope = Scope::read,
              .handler = answer(version),
              .operation_id = "getVersion",
              .summary = "One version: how it was trained, its scores and what is inside"});
  router.add({.method = "GET",
              .pattern = "/api/v1/promotions",
              .scope = Scope::read,
              .handler = answer(promotions),
              .operation_id = "listPromotions",
              .summary = "What served when, and who moved it, newest first; ?line=&limit=&cursor="});
}

}  // namespace pawl::http
