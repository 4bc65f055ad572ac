// A child is started, heard, limited and killed, and leaves nothing behind.
#include "base/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "base/clock.h"
#include "support/test_files.h"

namespace pawl {
namespace {

// Long for a machine that is busy with other things; nothing waits for it but what fails.
constexpr DurationMs kSoon = 60'000;
// A shell waits for input that never comes: a child that hangs until it is killed.
constexpr const char* kHang = "read forever < \"$FIFO\"";

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

bool has_children() {
  siginfo_t info{};
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

// Waits until no such process runs. Whoever inherits one reaps it in time of his own; a zombie is dead
// enough.
bool ends_soon(int pid) {
  const double deadline = monotonic_seconds() + 60;
  while (monotonic_seconds() < deadline) {
    std::string state;
    std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/stat"), state);
    if (state.empty() || state.find(") Z") != std::string::npos) return true;
  }
  return false;
}

class Process : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(mkfifo((folder / "fifo").c_str(), 0600), 0);
    descriptors = open_descriptors();
  }
  void TearDown() override {
    EXPECT_EQ(open_descriptors(), descriptors) << "a descriptor was left open";
    EXPECT_FALSE(has_children()) << "a zombie was left, or a child that still runs";
    EXPECT_EQ(errno, ECHILD);
  }
  ChildOptions shell(const std::string& script) const {
    return {.argv = {"/bin/sh", "-c", script}, .environment = {{"FIFO", folder / "fifo"}}};
  }
  static std::vector<std::string> all_lines(ChildProcess& child) {
    EXPECT_TRUE(child.wait(kSoon));
    return child.lines();
  }
  test::TempFolder folder;
  std::size_t descriptors = 0;
};

TEST_F(Process, IsHeardLineByLineAndByItsExit) {
  auto child = ChildProcess::start(shell("echo one; echo two; printf three; echo wrong >&2; exit 3"));
  ASSERT_TRUE(child) << child.error().message;
  EXPECT_EQ(all_lines(*child), (std::vector<std::string>{"one", "two", "three"}));
  EXPECT_EQ(child->error_text(), "wrong\n");
  EXPECT_EQ(child->ended()->words(), "exit 3");
  EXPECT_FALSE(child->ended()->success());
}

TEST_F(Process, HasOurEnvironmentWithItsOwnOverIt) {
  ASSERT_EQ(setenv("PROCESS_TEST", "ours", 1), 0);
  ChildOptions options = shell("echo $PROCESS_TEST $OTHER; cat");
  options.environment.emplace_back("OTHER", "its");
  auto child = ChildProcess::start(options);
  ASSERT_TRUE(child);
  EXPECT_EQ(all_lines(*child), (std::vector<std::string>{"ours its"})) << "and no input: cat ends at once";
  options.environment.emplace_back("PROCESS_TEST", "its");
  child = ChildProcess::start(options);
  ASSERT_TRUE(child);
  EXPECT_EQ(all_lines(*child), (std::vector<std::string>{"its its"}));
  unsetenv("PROCESS_TEST");
}

TEST_F(Process, KeepsTheEndOfALongComplaintAndTheBeginningOfALongLine) {
  auto child = ChildProcess::start(shell(
      "head -c 200000 /dev/zero | tr '\\0' x; head -c 200000 /dev/zero | tr '\\0' y >&2; echo end >&2"));
  ASSERT_TRUE(child);
  EXPECT_EQ(all_lines(*child), (std::vector<std::string>{std::string(65'536, 'x')}));
  EXPECT_EQ(child->error_text().size(), 8192U);
  EXPECT_TRUE(child->error_text().ends_with("yend\n"));
}

TEST_F(Process, InheritsNoDescriptorAndNoSignalMask) {
  const int ours = open("/dev/null", O_RDONLY);  // as a library opens it, without O_CLOEXEC
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigprocmask(SIG_BLOCK, &blocked, &before);
  auto files = ChildProcess::start(shell("ls /proc/$$/fd"));
  // Itself, and no shell: a shell blocks all signals for the moment in which it starts a command.
  auto mask = ChildProcess::start({.argv = {"/bin/grep", "SigBlk", "/proc/self/status"}});
  sigprocmask(SIG_SETMASK, &before, nullptr);
  close(ours);
  ASSERT_TRUE(files);
  ASSERT_TRUE(mask);
  EXPECT_EQ(all_lines(*files), (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_EQ(all_lines(*mask), (std::vector<std::string>{"SigBlk:\t0000000000000000"}));
}

TEST_F(Process, SaysWhyItCouldNotBeStarted) {
  const auto missing = ChildProcess::start({.argv = {"/no/such/program"}});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  EXPECT_EQ(missing.error().message, "/no/such/program cannot be started: No such file or directory");
  const auto folder_of_ours = ChildProcess::start({.argv = {"/tmp"}});
  ASSERT_FALSE(folder_of_ours);
  EXPECT_EQ(folder_of_ours.error().code, ErrorCode::io);
}

TEST_F(Process, IsWaitedForUntilADeadlineAndKilled) {
  auto child = ChildProcess::start(shell(kHang));
  ASSERT_TRUE(child);
  EXPECT_FALSE(child->wait(20));
  EXPECT_FALSE(child->ended());
  EXPECT_EQ(child->kill().words(), "killed by signal 9 (out of memory?)");
  EXPECT_TRUE(child->ended()->by_signal);
  EXPECT_EQ(child->kill().number, SIGKILL) << "a second time changes nothing";
}

TEST_F(Process, TakesAlongWhatItStarted) {
  auto child = ChildProcess::start(shell("sh -c 'echo $$; " + std::string(kHang) + "' & wait"));
  ASSERT_TRUE(child);
  ChildProcess* const one = &*child;
  std::vector<std::string> lines;
  while (lines.empty()) {
    ChildProcess::wait_for_any({&one, 1}, nullptr, kSoon);
    lines = child->lines();
  }
  const int grandchild = std::stoi(lines.front());
  ASSERT_EQ(::kill(grandchild, 0), 0);
  child->kill();
  EXPECT_TRUE(ends_soon(grandchild));
}

TEST_F(Process, DiesWithItsOwner) {
  int pid = 0;
  {
    auto child = ChildProcess::start(shell(kHang));
    ASSERT_TRUE(child);
    pid = child->pid();
    EXPECT_EQ(::kill(pid, 0), 0);
  }
  EXPECT_EQ(::kill(pid, 0), -1);
}

TEST_F(Process, MovesAndReplaces) {
  auto first = ChildProcess::start(shell("echo first"));
  auto second = ChildProcess::start(shell(kHang));
  ASSERT_TRUE(first && second);
  const int replaced = second->pid();
  ChildProcess moved = std::move(*first);
  *second = std::move(moved);
  EXPECT_EQ(::kill(replaced, 0), -1) << "what was there before is killed and reaped";
  EXPECT_EQ(all_lines(*second), (std::vector<std::string>{"first"}));
}

TEST_F(Process, IsIdleWhereAskedTo) {
  ChildOptions options = shell("cut -d' ' -f19,41 /proc/$$/stat; cat /proc/$$/oom_score_adj");
  options.idle_priority = true;
  auto child = ChildProcess::start(options);
  ASSERT_TRUE(child);
  EXPECT_EQ(all_lines(*child), (std::vector<std::string>{"19 " + std::to_string(SCHED_IDLE), "1000"}));
}

TEST_F(Process, IsLimitedInMemory) {
  ChildOptions options = shell("ulimit -v");
  options.memory_bytes_max = 300 * 1024 * 1024;
  auto child = ChildProcess::start(options);
  ASSERT_TRUE(child);
  EXPECT_EQ(all_lines(*child), (std::vector<std::string>{"307200"}));
}

TEST_F(Process, WakesWhoWaits) {
  auto child = ChildProcess::start(shell(kHang));
  ASSERT_TRUE(child);
  Wakeup wakeup;
  std::jthread other([&] { wakeup.wake(); });
  ChildProcess* const one = &*child;
  const double began = monotonic_seconds();
  ChildProcess::wait_for_any({&one, 1}, &wakeup, kSoon);
  ChildProcess::wait_for_any({&one, 1}, &wakeup, kSoon);  // it holds
  EXPECT_LT(monotonic_seconds() - began, 30);
  other.join();
  wakeup.clear();
  ChildProcess::wait_for_any({&one, 1}, &wakeup, 1);  // until the time is up
  EXPECT_FALSE(child->ended());
}

TEST_F(Process, IsStartedWhileOtherThreadsAllocate) {
  std::atomic<bool> stop = false;
  std::vector<std::jthread> busy;
  for (int i = 0; i < 3; ++i) {
    busy.emplace_back([&stop] {
      while (!stop) std::make_unique<std::string>(1000, 'x')->front() = 'y';
    });
  }
  for (int i = 0; i < 50; ++i) {
    auto child = ChildProcess::start(shell("exit 7"));
    ASSERT_TRUE(child) << child.error().message;
    ASSERT_EQ(child->wait(kSoon)->number, 7);
  }
  stop = true;
}

TEST_F(Process, DoesNotOutliveAParentThatIsKilled) {
  // A process between: it starts the child, tells its number, and is killed with no chance to clean up.
  std::array<int, 2> tell;
  ASSERT_EQ(pipe2(tell.data(), O_CLOEXEC), 0);
  const pid_t between = fork();
  if (between == 0) {
    auto child = ChildProcess::start(shell(kHang));
    const int pid = child ? child->pid() : -1;
    if (write(tell[1], &pid, sizeof(pid)) != sizeof(pid)) _exit(1);
    while (true) pause();
  }
  int pid = -1;
  ASSERT_EQ(read(tell[0], &pid, sizeof(pid)), static_cast<ssize_t>(sizeof(pid)));
  close(tell[0]);
  close(tell[1]);
  ASSERT_GT(pid, 0);
  EXPECT_EQ(::kill(pid, 0), 0);
  ::kill(between, SIGKILL);
  ASSERT_EQ(waitpid(between, nullptr, 0), between);
  EXPECT_TRUE(ends_soon(pid));
}

}  // namespace
}  // namespace pawl
