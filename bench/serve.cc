// Whole requests over the wire: the server in a process and on a core of its own, the client on the other.
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "base/clock.h"
#include "base/process.h"
#include "http_load.h"
#include "serve_child.h"
#include "subjects.h"
#include "window_material.h"

namespace pawl::bench {

namespace {

constexpr int kServerCore = 0, kClientCore = 1;
constexpr double kPatienceS = 120;

// A folder that goes with it.
class Scratch {
 public:
  Scratch()
      : path_(std::filesystem::temp_directory_path() /
              fmt::format("pawl-bench-{}-{}", ::getpid(), counter())) {
    std::filesystem::create_directories(path_);
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string text() const { return path_.string(); }

 private:
  static int counter() {
    static int made = 0;
    return ++made;
  }
  std::filesystem::path path_;
};

// Our server in a process of its own.
struct ServerProcess {
  Scratch folder;
  std::optional<ChildProcess> process;
  std::uint16_t port = 0;

  Status start(std::string_view how) {
    const std::string self = std::filesystem::read_symlink(kOwnProgram).string();
    auto started =
        ChildProcess::start({.argv = {self, std::string(how), std::to_string(kServerCore), folder.text()},
                             .environment = {{"OMP_NUM_THREADS", "1"}}});
    if (!started) return propagate(started);
    process = *std::move(started);
    for (const double until = monotonic_seconds() + kPatienceS; monotonic_seconds() < until;) {
      process->wait(100);
      for (const std::string& line : process->lines()) {
        std::from_chars(line.data(), line.data() + line.size(), port);
        return {};
      }
      if (process->ended()) break;
    }
    return fail(ErrorCode::internal, "the server does not begin: {}", process->error_text());
  }
};

// CPU seconds of another process for so many requests in turn.
Contestant asking(const char* name, HttpLoad& load, int pid, int requests) {
  return {name, [&load, pid, requests]() -> Result<double> {
            const auto before = cpu_seconds_of_process(pid);
            if (!before) return propagate(before);
            if (Status asked = load.in_turn(requests); !asked) return propagate(asked);
            const auto after = cpu_seconds_of_process(pid);
            if (!after) return propagate(after);
            return (*after - *before) / requests;
          }};
}

Result<double> p99_of(HttpLoad& load, double rate, int requests) {
  auto seconds = load.at_rate(rate, requests);
  if (!seconds) return propagate(seconds);
  return (*seconds)[seconds->size() * 99 / 100];
}

// The peer: Flask under gunicorn, one worker.
struct FlaskProcess {
  Scratch folder;
  std::optional<ChildProcess> process;
  int worker = 0;
  static constexpr std::uint16_t kPort = 17860;

  // The model is trained once and kept beside the benchmark's build.
  Status start(const std::filesystem::path& peer) {
    const std::string model =
        (std::filesystem::path(PAWL_BINARY).parent_path() / "flask_baseline.pkl").string();
    if (!std::filesystem::exists(model)) {
      auto training =
          ChildProcess::start({.argv = {"/usr/bin/python3", peer.string(), "train", "--out", model},
                               .environment = {{"OMP_NUM_THREADS", "1"}}});
      if (!training) return propagate(training);
      while (!training->ended()) training->wait(1000);
      if (!training->ended()->success()) {
        return fail(ErrorCode::internal, "the peer's training failed: {}", training->error_text());
      }
    }
    auto started = ChildProcess::start(
        {.argv = {"/usr/bin/taskset", "-c", std::to_string(kServerCore), "/usr/bin/python3", "-m", "gunicorn",
                  "-w", "1", "-b", fmt::format("127.0.0.1:{}", kPort), "--chdir", peer.parent_path().string(),
                  "flask_baseline:app"},
         .environment = {{"OMP_NUM_THREADS", "1"}, {"MODEL", model}}});
    if (!started) return propagate(started);
    process = *std::move(started);
    const RealFileSystem files;
    for (const double until = monotonic_seconds() + kPatienceS; monotonic_seconds() < until;) {
      process->wait(200);
      if (process->ended()) break;
      const auto children = files.read(fmt::format("/proc/{0}/task/{0}/children", process->pid()));
      if (!children || children->empty()) continue;
      std::from_chars(children->data(), children->data() + children->size(), worker);
      HttpLoad probe(kPort, "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
      if (probe.in_turn(1)) return {};
    }
    return fail(ErrorCode::internal, "the peer does not begin: {}", process->error_text());
  }
};

Status bench_peer(Bench& bench, ServerProcess& server, const std::string& request) {
  const auto peer = std::filesystem::path(PAWL_SOURCE_DIR).parent_path() / "shared/peers/flask_baseline.py";
  if (!std::filesystem::exists(peer)) {
    bench.skip("predict_over_flask_ratio", "../shared/peers is not beside the project");
    return {};
  }
  FlaskProcess flask;
  if (Status started = flask.start(peer); !started) {
    bench.skip("predict_over_flask_ratio", started.error().message);
    return {};
  }
  HttpLoad ours(server.port, request), theirs(FlaskProcess::kPort, request);
  const std::vector<Contestant> contestants = {asking("ours", ours, server.process->pid(), 300),
                                               asking("flask", theirs, flask.worker, 20)};
  auto rounds = bench.take_turns("serve beside flask", contestants);
  if (!rounds) return propagate(rounds);
  bench.add(
      "predict_over_flask_ratio", "ratio",
      "requests a CPU second of POST /predict over those of the Flask program (gunicorn, one worker, pandas, "
      "XGBoost), the same body of 500 + 300 + 250 candles, 84 features and 300 trees of depth 6 a class; "
      "each "
      "pinned to one core; wanted: 100 at least",
      ratio((*rounds)[1], (*rounds)[0]));
  bench.add("predict_flask_us", "us", "CPU time of the Flask program a request", scaled((*rounds)[1], 1e6));
  return {};
}

Status bench_echo(Bench& bench, ServerProcess& server, const std::string& body) {
  HttpLoad predict(server.port, post_request("/predict", body)),
      echo(server.port, post_request("/echo", body));
  const int pid = server.process->pid();
  const std::vector<Contestant> contestants = {asking("predict", predict, pid, 400),
                                               asking("echo", echo, pid, 400)};
  auto rounds = bench.take_turns("serve beside echo", contestants);
  if (!rounds) return propagate(rounds);
  bench.add(
      "predict_request_us", "us",
      fmt::format(
          "CPU time of the server a POST /predict: {} kB in, 84 features, 300 trees of depth 6 a class, "
          "written down by the intake",
          short_number(static_cast<double>(body.size()) / 1e3)),
      scaled((*rounds)[0], 1e6));
  bench.add("predict_echo_us", "us",
            "floor: the same server parses the same body with simdjson and sends it back",
            scaled((*rounds)[1], 1e6));
  bench.add("predict_over_echo_ratio", "ratio", "the one over the other; wanted: 3 at most",
            ratio((*rounds)[0], (*rounds)[1]));
  return {};
}

Status bench_tail(Bench& bench, ServerProcess& idle, const std::string& request) {
  ServerProcess swapping;
  if (Status started = swapping.start(kServeSwapping); !started) return started;
  HttpLoad quiet(idle.port, request), busy(swapping.port, request);
  const double began_s = monotonic_seconds();
  constexpr int kProbe = 500;
  if (Status asked = quiet.in_turn(kProbe); !asked) return asked;
  const double rate = 0.3 * kProbe / (monotonic_seconds() - began_s);
  const int requests = bench.options().quick ? 1000 : 2000;
  const std::string self = std::filesystem::read_symlink(kOwnProgram).string();
  const std::vector<Contestant> contestants = {
      {"idle", [&] { return p99_of(quiet, rate, requests); }},
      {"training", [&]() -> Result<double> {
         auto training =
             ChildProcess::start({.argv = {self, std::string(kTrain), std::to_string(kClientCore)},
                                  .environment = {{"OMP_NUM_THREADS", "1"}},
                                  .idle_priority = true});
         if (!training) return propagate(training);
         return p99_of(busy, rate, requests);
       }}};
  auto rounds = bench.take_turns("serve while training", contestants);
  if (!rounds) return propagate(rounds);
  bench.add("predict_p99_idle_us", "us",
            fmt::format(
                "99th of a hundred answers, from the instant at which the request was due: {} a second, 30 % "
                "of what one connection reaches; {} requests; wall time",
                short_number(rate), requests),
            scaled((*rounds)[0], 1e6));
  bench.add("predict_p99_training_us", "us",
            "the same while a trainer of idle priority runs on the client's core and five versions a second "
            "are swapped",
            scaled((*rounds)[1], 1e6));
  bench.add("predict_p99_training_over_idle_ratio", "ratio", "the one over the other; wanted: 2 at most",
            ratio((*rounds)[1], (*rounds)[0]));
  return {};
}

}  // namespace

Status bench_serve(Bench& bench) {
  if (!pin_to(kClientCore)) {
    bench.skip("serve", "it takes two cores: one for the server, one for the client");
    return {};
  }
  const std::string body = window_body(), request = post_request("/predict", body);
  ServerProcess server;
  if (Status started = server.start(kServe); !started) return started;
  if (Status done = bench_echo(bench, server, body); !done) return done;
  if (Status done = bench_tail(bench, server, request); !done) return done;
  return bench_peer(bench, server, request);
}

}  // namespace pawl::bench
