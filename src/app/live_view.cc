#include "app/live_view.h"

#include "app/context.h"

namespace pawl::app {

namespace {
constexpr const char* kPlain = "";
constexpr const char* kDim = "\033[2m";
constexpr const char* kYellow = "\033[33m";
constexpr const char* kGreen = "\033[32m";
constexpr const char* kRed = "\033[31m";

// Payloads are the loop's own: a field that is missing prints as empty rather than ending the show.
std::string text(const Json& payload, const char* field) {
  const auto found = payload.find(field);
  return found != payload.end() && found->is_string() ? found->get<std::string>() : std::string();
}
}  // namespace

void LiveView::show(const Event& event) {
  for (const char* frequent :
       {"bar", "prediction", "outcome", "trade_signal", "trade_close", "client_prediction"}) {
    if (event.kind == frequent) return;
  }
  const auto parsed = parse_json(event.payload);
  if (!parsed) return;
  const Json& payload = *parsed;
  if (event.kind == "deferred") {
    if (deferred_++ == 0) {
      line(event.known_at, kDim,
           fmt::format("not yet   {} — but {}; tried again each day", text(payload, "reason"),
                       text(payload, "why")));
    }
    return;
  }
  if (event.kind == "drift") {
    if (!payload.value("alarm", false)) return;
    line(event.known_at, kYellow,
         fmt::format("drift     {}: {} of {} features moved{}; see pawl drift", event.line,
                     payload.value("alarmed", 0), payload.value("watched", 0),
                     payload["error"].value("alarm", false) ? ", and errors rose" : ""));
    return;
  }
  if (event.kind == "gap") {
    line(event.known_at, kDim,
         fmt::format("gap       no bars from {} to {}", text(payload, "after"), text(payload, "before")));
    return;
  }
  if (event.kind == "progress") {
    meter_.update({.done = payload.value("done", std::uint64_t{0}),
                   .total = payload.value("total", std::uint64_t{0}),
                   .note = event.line});
    return;
  }
  if (event.kind == "heartbeat") {
    const Json rate = payload.value("win_rate", Json());
    line(event.known_at, kDim,
         fmt::format("alive     {}: {} serves, {} signals since its last retrain{}", event.line,
                     text(payload, "champion"), payload.value("signals", 0),
                     rate.is_number() ? fmt::format(", win rate {:.1f} %", 100 * rate.get<double>())
                                      : std::string()));
    return;
  }
  deferred_ = 0;
  if (event.kind == "swap" && text(payload, "actor") == "shadow") {
    line(event.known_at, kGreen,
         fmt::format("proved    {} serves {} after {}: {}", text(payload, "to"), event.line,
                     text(payload, "from"), text(payload, "reason")));
  } else if (event.kind == "swap" && payload.contains("actor")) {
    line(event.known_at, kYellow,
         fmt::format("by hand   {} serves {} after {}: {}", text(payload, "to"), event.line,
                     text(payload, "from"), text(payload, "reason")));
  } else if (event.kind == "run_interrupted") {
    line(event.known_at, kYellow,
         fmt::format("left      run {}: {}", payload.value("run", 0), text(payload, "why")));
  } else if (event.kind == "trigger") {
    line(event.known_at, kYellow,
         fmt::format("retrain   run {}: {}", payload.value("run", 0), text(payload, "reason")));
  } else if (event.kind == "verdict") {
    const std::string probation = text(payload, "probation");
    const bool promoted = text(payload, "verdict") == "promote" && probation.empty();
    const Json& reasons = payload["reasons"];
    const std::string why = !probation.empty() ? probation
                            : reasons.empty()  ? std::string()
                                               : reasons[0].get<std::string>();
    line(event.known_at, promoted ? kGreen : kPlain,
         fmt::format("{}  {} against {}: {}",
                     promoted            ? "promoted "
                     : probation.empty() ? "kept     "
                                         : "probation",
                     text(payload, "challenger"), text(payload, "champion"), why));
  } else if (event.kind == "shadow" && text(payload, "decision") == "keep") {
    line(event.known_at, kPlain,
         fmt::format("kept      {} did not take over from {}: {}", text(payload, "other"),
                     text(payload, "version"), text(payload, "why")));
  } else if (event.kind == "rollback") {
    line(event.known_at, kRed,
         fmt::format("back      {} serves again after {}: {}", text(payload, "to"), text(payload, "from"),
                     text(payload, "reason")));
  } else if (event.kind == "run_failed") {
    line(event.known_at, kRed,
         fmt::format("failed    run {}: {}", payload.value("run", 0), text(payload, "why")));
  }
}

void LiveView::line(TimeMs at, const char* tint, std::string_view words) {
  meter_.pause();
  if (colour_ && *tint != '\0') {
    print(fmt::format("{}  {}{}\033[0m\n", short_time(at), tint, words));
  } else {
    print(fmt::format("{}  {}\n", short_time(at), words));
  }
}

}  // namespace pawl::app
