// How long the program takes to begin, beside a program that does nothing.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include "subjects.h"

extern char** environ;

namespace pawl::bench {

namespace {

constexpr int kTimes = 30;

Status run_quietly(const char* program, const char* argument) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  std::string first = program, second = argument;
  char* const arguments[] = {first.data(), second.data(), nullptr};
  pid_t child = 0;
  const int code = posix_spawn(&child, program, &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (code != 0) return fail(ErrorCode::io, "{} does not start", program);
  int state = 0;
  waitpid(child, &state, 0);
  if (!WIFEXITED(state) || WEXITSTATUS(state) != 0) return fail(ErrorCode::internal, "{} failed", program);
  return {};
}

Contestant starting(const char* name, const char* program) {
  return {name, [program] {
            return wall_seconds_of([program]() -> Status {
              for (int i = 0; i < kTimes; ++i) {
                if (Status ran = run_quietly(program, "--version"); !ran) return ran;
              }
              return {};
            });
          }};
}

}  // namespace

Status bench_start(Bench& bench) {
  const std::vector<Contestant> contestants = {starting("pawl", PAWL_BINARY), starting("true", "/bin/true")};
  auto rounds = bench.take_turns("start", contestants);
  if (!rounds) return propagate(rounds);
  bench.add("start_ms", "ms",
            fmt::format("`pawl --version` from start to exit, mean of {}; wall time", kTimes),
            scaled((*rounds)[0], 1e3 / kTimes));
  bench.add("start_floor_ms", "ms", "floor: `/bin/true --version`, likewise",
            scaled((*rounds)[1], 1e3 / kTimes));
  return {};
}

}  // namespace pawl::bench
