// Runs the binary as a user would: words in, what it printed and its exit code out.
//
//   const Ran ran = run_pawl({"replay", "--recipe", recipe, "--memory", "-q"});
//   EXPECT_EQ(ran.exit_code, 0) << ran.stderr_text;
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace pawl::test {

struct RunOptions {
  // Put over the environment of the test; PAWL_… variables of the test itself are never handed down.
  std::vector<std::pair<std::string, std::string>> env;
  std::filesystem::path working_folder;  // empty: the test's own
  std::chrono::seconds timeout{300};     // afterwards it is killed
};

struct Ran {
  int exit_code = -1;  // 128 + signal where one ended it
  bool timed_out = false;
  std::int64_t peak_memory_bytes = 0;  // the largest it ever was
  std::string stdout_text, stderr_text;
};

// Runs a program to its end; `words` begins with its file. A failure to start it fails the test.
Ran run_program(const std::vector<std::string>& words, const RunOptions& options = {});

#ifdef PAWL_BINARY
// The binary of this build.
inline Ran run_pawl(std::vector<std::string> words, const RunOptions& options = {}) {
  words.insert(words.begin(), PAWL_BINARY);
  return run_program(words, options);
}
#endif

}  // namespace pawl::test
