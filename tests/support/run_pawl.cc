#include "support/run_pawl.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <map>
#include <string_view>

namespace pawl::test {

namespace {

std::vector<std::string> environment_with(const RunOptions& options) {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || text.starts_with("PAWL_")) continue;
    variables[std::string(text.substr(0, equals))] = text.substr(equals + 1);
  }
  // Trainer threads that spin while they wait make a busy machine busier; how they wait changes no result.
  variables["OMP_WAIT_POLICY"] = "passive";
  for (const auto& [name, value] : options.env) variables[name] = value;
  std::vector<std::string> entries;
  for (const auto& [name, value] : variables) entries.push_back(name + "=" + value);
  return entries;
}

// Null-terminated, as exec wants it; the strings outlive it.
std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() { EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0); }
  void close_end(std::size_t end) {
    if (ends[end] >= 0) close(ends[end]);
    ends[end] = -1;
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
};

// What both pipes bring until they end; false where the time is up before.
bool read_both(Pipe& out, Pipe& err, Ran& ran, std::chrono::seconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  const std::array<std::string*, 2> texts = {&ran.stdout_text, &ran.stderr_text};
  const std::array<Pipe*, 2> pipes = {&out, &err};
  while (out.ends[0] >= 0 || err.ends[0] >= 0) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    std::array<pollfd, 2> waiting = {pollfd{out.ends[0], POLLIN, 0}, pollfd{err.ends[0], POLLIN, 0}};
    poll(waiting.data(), waiting.size(), static_cast<int>(left.count()));
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (waiting[i].revents == 0) continue;
      std::array<char, 65536> bytes;
      const ssize_t count = read(waiting[i].fd, bytes.data(), bytes.size());
      if (count > 0) {
        texts[i]->append(bytes.data(), static_cast<std::size_t>(count));
      } else {
        pipes[i]->close_end(0);
      }
    }
  }
  return true;
}

}  // namespace

Ran run_program(const std::vector<std::string>& words, const RunOptions& options) {
  std::vector<std::string> arguments = words, environment = environment_with(options);
  // Everything is made before the fork: between it and exec only calls that are safe there.
  const std::vector<char*> argv = pointers_to(arguments), envp = pointers_to(environment);
  const std::string folder = options.working_folder.string();
  Pipe out, err;
  const pid_t child = fork();
  if (child == 0) {
    if (!folder.empty() && chdir(folder.c_str()) != 0) _exit(127);
    const int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, STDIN_FILENO);
    dup2(out.ends[1], STDOUT_FILENO);
    dup2(err.ends[1], STDERR_FILENO);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  Ran ran;
  if (child < 0) {
    ADD_FAILURE() << "no process can be started";
    return ran;
  }
  out.close_end(1);
  err.close_end(1);
  ran.timed_out = !read_both(out, err, ran, options.timeout);
  if (ran.timed_out) {
    kill(child, SIGKILL);
    ADD_FAILURE() << words.front() << " did not end within " << options.timeout.count() << " s; it said:\n"
                  << ran.stderr_text;
  }
  int status = 0;
  rusage used{};
  wait4(child, &status, 0, &used);
  ran.peak_memory_bytes = std::int64_t{used.ru_maxrss} * 1024;
  ran.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ran;
}

}  // namespace pawl::test
