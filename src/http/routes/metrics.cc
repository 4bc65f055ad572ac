#include "http/routes/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <sstream>
#include <vector>

#include "base/process_stats.h"

namespace pawl::http {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::array<std::string_view, 5> kStages = {"parse", "features", "model", "answer", "total"};
constexpr std::array<std::string_view, 5> kOutcomes = {"BUY", "SELL", "HOLD", "invalid", "error"};
constexpr std::array<double, 14> kPredictBounds = {1e-5,   2.5e-5, 5e-5, 1e-4,   2.5e-4, 5e-4, 1e-3,
                                                   2.5e-3, 5e-3,   1e-2, 2.5e-2, 0.1,    0.5,  2.5};
constexpr std::array<double, 14> kTrainBounds = {1,   5,    10,   30,   60,   120,   300,
                                                 600, 1200, 1800, 3600, 7200, 14400, 43200};

// A histogram whose bounds are known, in numbers that threads add to without a lock.
template <std::size_t N>
class Buckets {
 public:
  explicit Buckets(const std::array<double, N>& bounds) : bounds_(bounds) {}
  void observe(double value) {
    const auto at = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
    counts_[static_cast<std::size_t>(at)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
  }
  ClientMetric::Histogram read() const {
    ClientMetric::Histogram histogram;
    for (std::size_t i = 0; i <= N; ++i) {
      histogram.sample_count += counts_[i].load(std::memory_order_relaxed);
      histogram.bucket.push_back(
          {histogram.sample_count, i < N ? bounds_[i] : std::numeric_limits<double>::infinity()});
    }
    histogram.sample_sum = sum_.load(std::memory_order_relaxed);
    return histogram;
  }

 private:
  const std::array<double, N>& bounds_;
  std::array<std::atomic<std::uint64_t>, N + 1> counts_{};
  std::atomic<double> sum_ = 0;
};

using Labels = std::vector<ClientMetric::Label>;

class Page {
 public:
  MetricFamily& family(std::string name, std::string help, MetricType type) {
    families_.push_back({std::move(name), std::move(help), type, {}});
    return families_.back();
  }
  static void gauge(MetricFamily& family, Labels labels, double value) {
    ClientMetric metric;
    metric.label = std::move(labels);
    (family.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    family.metric.push_back(std::move(metric));
  }
  void one(std::string name, std::string help, double value, MetricType type = MetricType::Gauge) {
    gauge(family(std::move(name), std::move(help), type), {}, value);
  }
  std::string text() const {
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, families_);
    return out.str();
  }

 private:
  std::vector<MetricFamily> families_;
};

double seconds(TimeMs time) {
  return static_cast<double>(time) / 1000;
}

}  // namespace

struct Metrics::State {
  std::vector<std::string> symbols;  // the last is "other"
  // By symbol, then outcome.
  std::vector<std::array<std::atomic<std::uint64_t>, kOutcomes.size()>> predictions;
  std::array<Buckets<kPredictBounds.size()>, kStages.size()> stages = {
      Buckets<kPredictBounds.size()>(kPredictBounds), Buckets<kPredictBounds.size()>(kPredictBounds),
      Buckets<kPredictBounds.size()>(kPredictBounds), Buckets<kPredictBounds.size()>(kPredictBounds),
      Buckets<kPredictBounds.size()>(kPredictBounds)};
  Buckets<kTrainBounds.size()> training{kTrainBounds};
  mutable std::mutex mutex;                                                   // of all below
  std::map<std::string, std::map<int, std::uint64_t>, std::less<>> requests;  // by route, then status
  std::map<std::string, std::uint64_t, std::less<>> runs;                     // by result
  std::function<ServerStats()> server;
};

Metrics::Metrics(const Context& context) : context_(context), state_(std::make_unique<State>()) {
  for (const Symbol& symbol : context.recipe.symbols) state_->symbols.push_back(symbol.canonical());
  state_->symbols.emplace_back("other");
  state_->predictions =
      std::vector<std::array<std::atomic<std::uint64_t>, kOutcomes.size()>>(state_->symbols.size());
}

Metrics::~Metrics() = default;

void Metrics::observe_stage(std::string_view stage, double seconds) {
  const auto at = std::find(kStages.begin(), kStages.end(), stage);
  assert(at != kStages.end());
  state_->stages[static_cast<std::size_t>(at - kStages.begin())].observe(seconds);
}

void Metrics::observe_predict(std::string_view symbol, std::string_view outcome) {
  const auto symbols = std::find(state_->symbols.begin(), state_->symbols.end() - 1, symbol);
  const auto outcomes = std::find(kOutcomes.begin(), kOutcomes.end() - 1, outcome);
  state_
      ->predictions[static_cast<std::size_t>(symbols - state_->symbols.begin())]
                   [static_cast<std::size_t>(outcomes - kOutcomes.begin())]
      .fetch_add(1, std::memory_order_relaxed);
}

void Metrics::observe_request(std::string_view pattern, int status) {
  const std::scoped_lock lock(state_->mutex);
  auto route = state_->requests.find(pattern);
  if (route == state_->requests.end())
    route = state_->requests.emplace(std::string(pattern), std::map<int, std::uint64_t>()).first;
  ++route->second[status];
}

void Metrics::observe_run(std::string_view result, double seconds) {
  state_->training.observe(seconds);
  const std::scoped_lock lock(state_->mutex);
  ++state_->runs[std::string(result)];
}

void Metrics::set_server_stats(std::function<ServerStats()> stats) {
  const std::scoped_lock lock(state_->mutex);
  state_->server = std::move(stats);
}

namespace {

void add_lines(Page& page, const loop::LiveStatus& status, TimeMs now) {
  const auto of_lines = [&](std::string name, std::string help, MetricType type, std::string label,
                            auto value) {
    MetricFamily& family = page.family(std::move(name), std::move(help), type);
    for (const loop::LineStatus& line : status.lines) {
      const std::optional<double> found = value(line);
      if (found) Page::gauge(family, {{label, label == "symbol" ? line.name : line.line}}, *found);
    }
  };
  of_lines("pawl_model_age_seconds", "Since the run of what serves has ended.", MetricType::Gauge, "line",
           [&](const loop::LineStatus& line) {
             return std::optional(seconds(std::max<TimeMs>(0, now - line.champion_known_at)));
           });
  of_lines("pawl_model_trained_timestamp_seconds", "When the run of what serves has ended.",
           MetricType::Gauge, "line",
           [](const loop::LineStatus& line) { return std::optional(seconds(line.champion_known_at)); });
  of_lines("pawl_data_last_bar_timestamp_seconds", "Close of the newest bar.", MetricType::Gauge, "symbol",
           [](const loop::LineStatus& line) {
             return line.last_bar_closed_at ? std::optional(seconds(*line.last_bar_closed_at)) : std::nullopt;
           });
  of_lines("pawl_win_rate", "Share of the signals with an outcome that were right.", MetricType::Gauge,
           "line", [](const loop::LineStatus& line) { return line.ever.win_rate(); });
  of_lines(
      "pawl_signals_total", "Signals that have an outcome.", MetricType::Counter, "line",
      [](const loop::LineStatus& line) { return std::optional(static_cast<double>(line.ever.signals)); });
  MetricFamily& info = page.family("pawl_model_info", "What serves; always 1.", MetricType::Gauge);
  bool training = !status.under_way.empty();
  for (const loop::LineStatus& line : status.lines) {
    training = training || line.training;
    Page::gauge(info, {{"line", line.line}, {"version", line.champion.text()}, {"sha", line.content_hash}},
                1);
  }
  page.one("pawl_training_in_progress", "1 while a run is under way.", training ? 1 : 0);
}

void add_server(Page& page, const ServerStats& stats) {
  page.one("pawl_http_connections", "Connections that are open.", static_cast<double>(stats.open));
  const auto counter = [&](std::string name, std::string help, std::int64_t value) {
    page.one(std::move(name), std::move(help), static_cast<double>(value), MetricType::Counter);
  };
  counter("pawl_http_connections_accepted_total", "Connections taken.", stats.accepted);
  counter("pawl_http_connections_refused_total", "Connections refused, being too many.", stats.refused);
  counter("pawl_http_accept_pauses_total", "Times the process was out of descriptors or memory.",
          stats.accept_pauses);
  counter("pawl_http_parse_errors_total", "Requests that were no HTTP, or too large.", stats.parse_errors);
  counter("pawl_http_timeouts_total", "Connections closed at a deadline.", stats.timeouts);
}

void add_process(Page& page, const ProcessStats& process) {
  page.one("process_resident_memory_bytes", "Resident memory.", process.resident_bytes);
  page.one("process_cpu_seconds_total", "User and system CPU time.", process.cpu_seconds,
           MetricType::Counter);
  page.one("process_open_fds", "Open file descriptors.", process.open_files);
  page.one("process_start_time_seconds", "When the process began.", process.started_at_seconds);
}

}  // namespace

std::string Metrics::text() const {
  Page page;
  Page::gauge(page.family("pawl_build_info", "The program; always 1.", MetricType::Gauge),
              {{"version", context_.program_version}, {"recipe", context_.recipe.name}}, 1);
  std::function<ServerStats()> server;
  {
    MetricFamily requests{
        "pawl_http_requests_total", "Answers by route and status.", MetricType::Counter, {}};
    MetricFamily runs{"pawl_train_runs_total", "Runs that have ended.", MetricType::Counter, {}};
    const std::scoped_lock lock(state_->mutex);
    for (const auto& [route, statuses] : state_->requests) {
      for (const auto& [status, count] : statuses) {
        Page::gauge(requests, {{"route", route.empty() ? "none" : route}, {"status", std::to_string(status)}},
                    static_cast<double>(count));
      }
    }
    for (const auto& [result, count] : state_->runs) {
      Page::gauge(runs, {{"result", result}}, static_cast<double>(count));
    }
    page.family(requests.name, requests.help, requests.type).metric = std::move(requests.metric);
    page.family(runs.name, runs.help, runs.type).metric = std::move(runs.metric);
    server = state_->server;
  }
  MetricFamily& predictions =
      page.family("pawl_predict_requests_total", "Requests for a prediction.", MetricType::Counter);
  for (std::size_t i = 0; i < state_->symbols.size(); ++i) {
    for (std::size_t j = 0; j < kOutcomes.size(); ++j) {
      const std::uint64_t count = state_->predictions[i][j].load(std::memory_order_relaxed);
      if (count == 0) continue;
      Page::gauge(predictions, {{"symbol", state_->symbols[i]}, {"outcome", std::string(kOutcomes[j])}},
                  static_cast<double>(count));
    }
  }
  MetricFamily& stages =
      page.family("pawl_predict_duration_seconds", "Time of a prediction by stage.", MetricType::Histogram);
  for (std::size_t i = 0; i < kStages.size(); ++i) {
    ClientMetric metric;
    metric.label = {{"stage", std::string(kStages[i])}};
    metric.histogram = state_->stages[i].read();
    stages.metric.push_back(std::move(metric));
  }
  ClientMetric training;
  training.histogram = state_->training.read();
  page.family("pawl_train_duration_seconds", "From a run's trigger to its verdict.", MetricType::Histogram)
      .metric.push_back(std::move(training));
  add_lines(page, *context_.status.get(), context_.clock.now());
  if (server) add_server(page, server());
  add_process(page, process_stats());
  return page.text();
}

}  // namespace pawl::http
