// Why a prediction came out as it did, and what a version goes by. Both read the whole history of a market,
// so a thread of their own makes them, one after the other: no request for a prediction waits for them.
#include <atomic>
#include <charconv>

#include "base/background.h"
#include "http/routes/api.h"
#include "http/routes/fields.h"
#include "http/routes/lookup.h"
#include "loop/explain.h"

namespace pawl::http {

namespace {

constexpr std::size_t kWaitingMost = 8;

// What runs when the server goes is told to stop.
class Explainer {
 public:
  ~Explainer() {
    stopping_ = true;
    worker_.stop();
  }
  // False where too many wait already.
  bool post(std::function<void()> work) {
    return worker_.size() < kWaitingMost && worker_.post(0, std::move(work));
  }
  bool stopping() const { return stopping_; }

 private:
  std::atomic<bool> stopping_ = false;
  BackgroundWorker worker_;
};

Result<Response> explanation(const Context& context, Readers& readers, const Request& request,
                             const Explainer&) {
  const std::string_view text = request.path_value("id");
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc{} || end != text.data() + text.size() || id < 1) {
    return fail(ErrorCode::bad_data, "id: \"{}\" is no prediction's number", text);
  }
  auto reader = readers.take();
  if (!reader) return propagate(reader);
  const auto made = loop::explain_prediction(context.recipe, reader->store(), reader->registry(), id);
  if (!made) return propagate(made);
  Json json = loop::to_json(*made);
  json["paper"] = !context.live_market;
  return json_response(json);
}

Result<Response> importance(const Context& context, Readers& readers, const Request& request,
                            const Explainer& explainer) {
  const auto index = line_of_path(context.recipe, request);
  if (!index) return propagate(index);
  const auto number = VersionNumber::parse(request.path_value("version"));
  if (!number) return propagate(number);
  const auto permutation = query_flag(request, "permutation");
  if (!permutation) return propagate(permutation);
  auto reader = readers.take();
  if (!reader) return propagate(reader);
  auto made = loop::importance_of_version(reader->registry(), context.recipe.line_ids()[*index], *number);
  if (!made) return propagate(made);
  if (*permutation) {
    const Status added =
        loop::add_permutation(context.recipe, reader->store(), reader->registry(),
                              {.cancelled = [&explainer] { return explainer.stopping(); }}, *made);
    if (!added) return propagate(added);
  }
  return json_response(loop::to_json(*made));
}

}  // namespace

void add_explanation_routes(Router& router, const Context& context, const SharedReaders& readers) {
  const auto explainer = std::make_shared<Explainer>();
  const auto answer = [&context, readers, explainer](auto make) {
    return AsyncHandler([&context, readers, explainer, make](const std::shared_ptr<const Request>& request,
                                                             const Reply& reply) {
      // The work is the explainer's own, so it may refer to it.
      const bool taken = explainer->post([&context, readers, &self = *explainer, make, request, reply] {
        auto response = make(context, *readers, *request, self);
        reply(response ? std::move(*response) : error_response(response.error(), false));
      });
      if (taken) return;
      Response busy = problem(503, "busy", "other explanations are being made; ask again in a moment");
      busy.headers.emplace_back("Retry-After", "2");
      reply(std::move(busy));
    });
  };
  router.add({.method = "GET",
              .pattern = "/api/v1/predictions/{id}/explanation",
              .scope = Scope::read,
              .handler = answer(explanation),
              .operation_id = "explainPrediction",
              .summary = "Why a prediction came out as it did: what each feature added to the log-odds",
              .request_example = {},
              .response_example = {
                  {"prediction", {{"id", 2575}, {"version", "v000003"}, {"p_up", 0.569}}},
                  {"features", {{{"name", "ret(3)"}, {"value", -0.0064}, {"contributions", {0.1402}}}}},
                  {"sum_check", {{"gap", 1.7e-7}, {"holds", true}}}}});
  router.add(
      {.method = "GET",
       .pattern = "/api/v1/versions/{recipe}/{symbol}/{version}/importance",
       .scope = Scope::read,
       .handler = answer(importance),
       .operation_id = "versionImportance",
       .summary = "What a version goes by, as its training recorded; ?permutation=1 measures it anew on "
                  "rows that it never saw, which takes seconds",
       .request_example = {},
       .response_example = {
           {"version", "v000003"},
           {"importance",
            {{"kind", "gain"}, {"columns", {{{"name", "ret(3)"}, {"share", 0.0472}, {"splits", 61}}}}}}}});
}

}  // namespace pawl::http
