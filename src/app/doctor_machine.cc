#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <system_error>
#include <thread>

#include "app/doctor.h"
#include "app/http_get.h"
#include "app/server_url.h"

extern char** environ;

namespace pawl::app {
namespace {

using State = Finding::State;
namespace fs = std::filesystem;

constexpr double kMegabyte = 1024.0 * 1024.0;
constexpr int kTrainerTimeoutMs = 10'000;

Finding check_disk(const CommonOptions& common) {
  // Before the folder is made, the disk that it would be on.
  Path place = fs::absolute(common.data);
  std::error_code error;
  while (!fs::exists(place, error) && place.has_parent_path() && place != place.parent_path()) {
    place = place.parent_path();
  }
  const fs::space_info space = fs::space(place, error);
  if (error)
    return {"disk", State::warn, fmt::format("{}: {}", place.string(), error.message()), "look at the disk"};
  const double free_mb = static_cast<double>(space.available) / kMegabyte;
  const std::string text = fmt::format("{:.0f} MB free at {}", free_mb, place.string());
  if (free_mb < 100) return {"disk", State::fail, text, "free some space: below 100 MB writing fails soon"};
  if (free_mb < 1024) return {"disk", State::warn, text, "free some space, or drop old rows: pawl prune"};
  return {"disk", State::ok, text, {}};
}

// "MemAvailable:   123456 kB" of /proc/meminfo, in MB.
std::optional<double> available_memory_mb() {
  const auto text = RealFileSystem().read("/proc/meminfo");
  if (!text) return std::nullopt;
  constexpr std::string_view kName = "MemAvailable:";
  std::size_t at = text->find(kName);
  if (at == std::string::npos) return std::nullopt;
  at = text->find_first_not_of(' ', at + kName.size());
  if (at == std::string::npos) return std::nullopt;
  std::int64_t kilobytes = 0;
  std::from_chars(text->data() + at, text->data() + text->size(), kilobytes);
  return static_cast<double>(kilobytes) / 1024;
}

Finding check_memory() {
  const auto available = available_memory_mb();
  if (!available)
    return {"memory", State::warn, "how much memory is free is not known here", "look at it yourself"};
  const std::string text = fmt::format("{:.0f} MB available", *available);
  if (*available < 256)
    return {"memory", State::warn, text, "a training may be ended by the system below 256 MB"};
  return {"memory", State::ok, text, {}};
}

Finding check_cores(const recipe::Recipe& recipe) {
  const auto cores = static_cast<std::int64_t>(std::thread::hardware_concurrency());
  const std::int64_t wanted = std::max(recipe.training.threads, recipe.server.threads);
  const std::string text = fmt::format("{} cores; training takes {}, the server {}", cores,
                                       recipe.training.threads, recipe.server.threads);
  if (cores < wanted)
    return {"cores", State::warn, text, "set training.threads and server.threads to the cores"};
  return {"cores", State::ok, text, {}};
}

Finding check_open_files(const recipe::Recipe& recipe) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return {"open_files", State::warn, "the limit of open files is not known", "look at it: ulimit -n"};
  }
  // Beside the connections: the store, logs, bars, a training.
  const auto wanted = static_cast<rlim_t>(recipe.server.connections_max) + 100;
  const std::string text = fmt::format("{} open files allowed, {} connections at most", limit.rlim_cur,
                                       recipe.server.connections_max);
  if (limit.rlim_cur >= wanted) return {"open_files", State::ok, text, {}};
  return {"open_files", State::warn, text,
          fmt::format("raise it (ulimit -n {}), or lower server.connections_max", wanted)};
}

Finding check_clock_synchronised() {
  timex state{};
  const int answer = ::adjtimex(&state);
  if (answer < 0) return {"clock", State::ok, "whether the clock is synchronised is not told here", {}};
  if (answer == TIME_ERROR || (state.status & STA_UNSYNC) != 0) {
    return {"clock", State::warn, "the system does not keep its clock synchronised",
            "switch it on: timedatectl set-ntp true (in a container: on its host)"};
  }
  return {"clock", State::ok, "synchronised", {}};
}

Finding check_port(const recipe::ServerSettings& server) {
  const std::string where = fmt::format("{}:{}", server.address, server.port);
  if (server.port == 0) return {"port", State::ok, "any that is free", {}};
  const auto answer = http_get(server_url(server, "/livez"), 2 * kSecondMs);
  if (answer && answer->status == 200) return {"port", State::ok, where + ": a server answers", {}};
  if (!answer && answer.error().code == ErrorCode::not_found)
    return {"port", State::ok, where + " is free", {}};
  return {"port", State::fail,
          answer ? fmt::format("{}: something answers {} to /livez", where, answer->status)
                 : fmt::format("{}: {}", where, answer.error().message),
          "stop what listens there, or choose another port: server.port"};
}

// The program's own exit code for these words; nothing where it cannot be started or does not end in time.
std::optional<int> run_self(std::vector<std::string> words) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  const int error = ::posix_spawn(&child, "/proc/self/exe", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  bool ended = error != 0;
  const double deadline = monotonic_seconds() + kTrainerTimeoutMs / 1000.0;
  std::array<char, 4096> buffer;
  // Its stdout closes when it ends.
  while (!ended && monotonic_seconds() < deadline) {
    pollfd waiting{ends[0], POLLIN, 0};
    if (::poll(&waiting, 1, kTrainerTimeoutMs) > 0)
      ended = ::read(ends[0], buffer.data(), buffer.size()) <= 0;
  }
  ::close(ends[0]);
  if (error != 0) return std::nullopt;
  if (!ended) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return ended && WIFEXITED(status) ? std::optional(WEXITSTATUS(status)) : std::nullopt;
}

Finding check_trainer() {
  const auto code = run_self({"pawl", "train", "--help"});
  if (code == 0) return {"trainer", State::ok, "starts", {}};
  return {"trainer", State::fail, "`pawl train --help` does not run from here",
          "a training is a process of its own: look at limits of processes and memory, and at /proc"};
}

}  // namespace

std::vector<Finding> check_machine(const CommonOptions& common, const recipe::Recipe& recipe) {
  return {check_disk(common),
          check_memory(),
          check_cores(recipe),
          check_open_files(recipe),
          check_clock_synchronised(),
          check_port(recipe.server),
          check_trainer()};
}

}  // namespace pawl::app
