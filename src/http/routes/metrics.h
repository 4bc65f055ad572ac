// What a Prometheus server reads: counters that the routes feed, and gauges from how the lines stand. Names
// begin with pawl_, or with process_ as everywhere.
//
//   Metrics metrics(context);
//   metrics.observe_stage("parse", seconds);
//   metrics.observe_predict("EUR_USD", "BUY");
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/context.h"
#include "http/server.h"

namespace pawl::http {

// Safe from any thread; observing costs some tens of nanoseconds and allocates nothing.
class Metrics {
 public:
  explicit Metrics(const Context& context);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // pawl_predict_duration_seconds{stage}: "parse", "features", "model", "answer" or "total"; others are a
  // bug.
  void observe_stage(std::string_view stage, double seconds);
  // pawl_predict_requests_total{symbol,outcome}: the symbol canonical, one of the recipe's or counted as
  // "other"; the outcome "BUY", "SELL", "HOLD", "invalid" (the client's fault) or "error" (ours, and any
  // other).
  void observe_predict(std::string_view symbol, std::string_view outcome);
  // pawl_http_requests_total{route,status}
  void observe_request(std::string_view pattern, int status);
  // pawl_train_runs_total{result} and pawl_train_duration_seconds: "promote", "keep", "insufficient",
  // "failed" or "interrupted".
  void observe_run(std::string_view result, double seconds);
  // Where the server's own numbers come from, once it listens; called by whoever asks for /metrics.
  void set_server_stats(std::function<ServerStats()> stats);

  // The page, in Prometheus' text format 0.0.4.
  std::string text() const;

 private:
  struct State;
  const Context& context_;
  std::unique_ptr<State> state_;
};

}  // namespace pawl::http
