#include "http/routes/guard.h"

#include <atomic>
#include <memory>

#include "http/routes/metrics.h"

namespace pawl::http {

Guard make_guard(Access& access, KeyRing& keys, const Clock& clock, const Log& log) {
  const auto read_at = std::make_shared<std::atomic<double>>(monotonic_seconds());
  return [&access, &keys, &clock, log, read_at](const Request& request,
                                                const Route& route) -> std::optional<Response> {
    const double now_s = monotonic_seconds();
    double last = read_at->load(std::memory_order_relaxed);
    if (now_s - last >= 1 && read_at->compare_exchange_strong(last, now_s)) {
      if (Status read = keys.reload(); !read) {
        log.warn(fmt::format("The keys are as they were: {}", read.error().message));
      }
    }
    const Decision decision = access.check(
        {.method = request.method,
         .peer = request.peer,
         .header =
             [&](std::string_view name) {
               return HeaderLines{request.headers.find(name), static_cast<int>(request.headers.count(name))};
             }},
        route.scope, clock.now());
    if (decision.allowed()) return std::nullopt;
    Response response = refusal(decision.status, decision.code, decision.message, route.legacy_errors);
    if (decision.status == 401) {
      response.headers.emplace_back("WWW-Authenticate", std::string(Decision::kAuthenticate));
    }
    if (decision.status == 429) {
      response.headers.emplace_back("Retry-After",
                                    std::to_string((decision.retry_after_ms + kSecondMs - 1) / kSecondMs));
    }
    return response;
  };
}

Observer make_observer(Metrics& metrics) {
  return [&metrics](const Request&, const Response& response, double, std::string_view pattern) {
    metrics.observe_request(pattern, response.status);
  };
}

}  // namespace pawl::http
