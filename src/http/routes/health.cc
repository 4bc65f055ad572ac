#include "http/routes/health.h"

#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "http/routes/ask_loop.h"
#include "http/routes/fields.h"
#include "http/routes/run_ends.h"

namespace pawl::http {

namespace {

struct Check {
  std::string name, why;  // why it fails; empty where it passes
};

// Asks the loop whether it runs and its store takes writes. Anybody may ask for readiness, so that is done
// seldom, and whoever asks meanwhile shares the answer. Safe from any thread.
class LoopProbe : public std::enable_shared_from_this<LoopProbe> {
 public:
  explicit LoopProbe(const Context& context) : context_(context) {}

  using Told = std::function<void(const Status&)>;
  void ask(Told told) {
    const double now_s = monotonic_seconds();
    {
      std::unique_lock lock(mutex_);
      const bool stuck = asking_ && now_s - asked_at_s_ > kPatienceS;
      if (stuck || (!asking_ && answer_ && now_s - asked_at_s_ < kFreshS)) {
        const Status answer =
            stuck ? fail(ErrorCode::conflict, "the loop has not answered for {:.0f} s", now_s - asked_at_s_)
                  : *answer_;
        lock.unlock();
        told(answer);
        return;
      }
      waiting_.push_back(std::move(told));
      if (std::exchange(asking_, true)) return;
      asked_at_s_ = now_s;
    }
    const auto written = std::make_shared<Status>();
    context_.live.post(
        {.run =
             [written](loop::Live& live) {
               *written = live.store().set_meta("readiness_asked_at", format_time(live.now()));
               if (!*written) live.fail_step(written->error());
             },
         .settled = [self = shared_from_this(),
                     written](const Status& durable) { self->settle(*written ? durable : *written); }});
  }

 private:
  static constexpr double kFreshS = 2, kPatienceS = 10;

  void settle(const Status& answer) {
    std::vector<Told> told;
    {
      const std::scoped_lock lock(mutex_);
      answer_ = answer;
      asking_ = false;
      told.swap(waiting_);
    }
    for (const Told& one : told) one(answer);
  }

  const Context& context_;
  std::mutex mutex_;
  std::vector<Told> waiting_;
  std::optional<Status> answer_;
  bool asking_ = false;
  double asked_at_s_ = 0;
};

std::vector<Check> checks_of(const Context& context, const Status& loop) {
  std::vector<Check> checks = {{"loop", loop ? std::string() : loop.error().message}};
  for (std::size_t i = 0; i < context.board.size(); ++i) {
    const bool serves = context.board.model(i).get() != nullptr;
    checks.push_back({"champion of " + context.board.line(i), serves ? "" : "no verified version serves"});
  }
  return checks;
}

Response ready_answer(const std::vector<Check>& checks, bool verbose) {
  Json reasons = Json::array(), list = Json::array();
  for (const Check& check : checks) {
    list.push_back({{"name", check.name},
                    {"ok", check.why.empty()},
                    {"why", check.why.empty() ? Json() : Json(check.why)}});
    if (!check.why.empty()) reasons.push_back(fmt::format("{}: {}", check.name, check.why));
  }
  const bool ready = reasons.empty();
  Json json = {{"status", ready ? "ready" : "not_ready"}};
  if (!ready) json["reasons"] = std::move(reasons);
  if (verbose) json["checks"] = std::move(list);
  return json_response(json, ready ? 200 : 503);
}

}  // namespace

void add_health_routes(Router& router, const Context& context, Metrics& metrics) {
  const auto ends = RunEnds::make(context, std::make_shared<Readers>(context));
  ends->each([&metrics](const store::RunRecord& run) {
    const TimeMs ended = run.known_at.value_or(run.started_at);
    metrics.observe_run(
        run.verdict.empty() ? store::run_state_name(run.state) : std::string_view(run.verdict),
        static_cast<double>(ended - run.started_at) / 1000);
  });
  router.add({.method = "GET",
              .pattern = "/livez",
              .scope = Scope::open,
              .handler = [](const Request&) { return json_response({{"status", "ok"}}); },
              .operation_id = "livez",
              .summary = "The process answers"});
  router.add(
      {.method = "GET",
       .pattern = "/readyz",
       .scope = Scope::open,
       .handler =
           [&context, probe = std::make_shared<LoopProbe>(context)](
               const std::shared_ptr<const Request>& request, const Reply& reply) {
             const auto verbose = query_flag(*request, "verbose");
             probe->ask([&context, reply, verbose = verbose.value_or(false)](const Status& loop) {
               reply(ready_answer(checks_of(context, loop), verbose));
             });
           },
       .operation_id = "readyz",
       .summary =
           "The loop runs, its store takes writes, and every line has a verified version; ?verbose=1"});
  router.add({.method = "GET",
              .pattern = "/version",
              .scope = Scope::read,
              .handler =
                  [&context](const Request&) {
                    return json_response({{"version", context.program_version},
                                          {"recipe", context.recipe.name},
                                          {"paper", !context.live_market}});
                  },
              .operation_id = "version",
              .summary = "What runs here"});
  // `ends` is kept by this route, as long as there are routes.
  router.add({.method = "GET",
              .pattern = "/metrics",
              .scope = Scope::read,
              .handler =
                  [&metrics, ends](const Request&) {
                    return Response{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                                    .body = metrics.text()};
                  },
              .operation_id = "metrics",
              .summary = "Metrics in Prometheus' text format"});
}

}  // namespace pawl::http
