#include "base/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <map>

#include "base/clock.h"

namespace pawl {

namespace {

constexpr std::size_t kLinesMax = 10'000, kLineBytesMax = 65'536, kErrorBytesMax = 8'192;

void close_one(int& descriptor) {
  if (descriptor >= 0) close(descriptor);
  descriptor = -1;
}

// Closed at the end of its scope, wherever that is left.
struct Descriptor {
  int value = -1;
  Descriptor() = default;
  explicit Descriptor(int descriptor) : value(descriptor) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close_one(value); }
  int release() { return std::exchange(value, -1); }
};

// A pipe whose ends are no standard descriptor even where ours are closed: the child puts its own there.
bool open_pipe(Descriptor& reading, Descriptor& writing) {
  std::array<int, 2> ends;
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  const Descriptor first(ends[0]), second(ends[1]);
  reading.value = fcntl(ends[0], F_DUPFD_CLOEXEC, 3);
  writing.value = fcntl(ends[1], F_DUPFD_CLOEXEC, 3);
  return reading.value >= 0 && writing.value >= 0;
}

std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& ours) {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (const std::size_t equals = text.find('='); equals != std::string_view::npos)
      variables[std::string(text.substr(0, equals))] = text.substr(equals + 1);
  }
  for (const auto& [name, value] : ours) variables[name] = value;
  std::vector<std::string> entries;
  for (const auto& [name, value] : variables) entries.push_back(fmt::format("{}={}", name, value));
  return entries;
}

// Null-terminated, as exec wants it; the strings outlive it.
std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

// All that the child needs between fork and exec, made before: there only async-signal-safe calls are
// allowed, since another thread of ours may have held any lock when we forked.
struct Start {
  std::vector<char*> argv, envp;
  bool idle_priority, die_with_parent;
  rlim_t memory_bytes_max;
  pid_t parent;
  int output, errors, failure;  // ends to write to; errno goes to `failure` where exec does not succeed
};

void lower_priority() {
  // Whatever of this the system refuses makes the child faster than asked for, and nothing worse.
  const sched_param none{};
  static_cast<void>(sched_setscheduler(0, SCHED_IDLE, &none));
  static_cast<void>(setpriority(PRIO_PROCESS, 0, 19));
  constexpr int kProcess = 1, kIdleClass = 3, kClassShift = 13;  // glibc has no names for these
  static_cast<void>(syscall(SYS_ioprio_set, kProcess, 0, kIdleClass << kClassShift));
  const int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (score < 0) return;
  static_cast<void>(!write(score, "1000", 4));
  close(score);
}

void close_others_at_exec() {
  if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
  // Linux before 5.11.
  rlimit open_max{};
  if (getrlimit(RLIMIT_NOFILE, &open_max) != 0) open_max.rlim_cur = 1024;
  const int end = static_cast<int>(std::min<rlim_t>(open_max.rlim_cur, 65'536));
  for (int descriptor = 3; descriptor < end; ++descriptor) fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

[[noreturn]] void give_up(int failure) {
  const int reason = errno;
  static_cast<void>(!write(failure, &reason, sizeof(reason)));
  _exit(127);
}

// The child's side of the fork.
[[noreturn]] void become(const Start& start) {
  // A group of its own: killing it reaches what it starts, and the terminal's interrupt is left to us.
  setpgid(0, 0);
  if (start.die_with_parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) give_up(start.failure);
    if (getppid() != start.parent) _exit(127);  // it died before the line above
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);  // ignored signals stay so through exec
  const int nothing = open("/dev/null", O_RDONLY);
  if (nothing < 0 || (nothing != STDIN_FILENO && dup2(nothing, STDIN_FILENO) < 0)) give_up(start.failure);
  if (dup2(start.output, STDOUT_FILENO) < 0 || dup2(start.errors, STDERR_FILENO) < 0) give_up(start.failure);
  close_others_at_exec();
  if (start.memory_bytes_max > 0) {
    const rlimit limit{start.memory_bytes_max, start.memory_bytes_max};
    if (setrlimit(RLIMIT_AS, &limit) != 0) give_up(start.failure);
  }
  if (start.idle_priority) lower_priority();
  execve(start.argv[0], start.argv.data(), start.envp.data());
  give_up(start.failure);
}

// What is there to read without waiting; false at the end of the pipe.
template <class Take>
bool drain(int descriptor, const Take& take) {
  std::array<char, 16'384> bytes;
  while (true) {
    const ssize_t count = read(descriptor, bytes.data(), bytes.size());
    if (count > 0) {
      take(std::string_view(bytes.data(), static_cast<std::size_t>(count)));
    } else if (count == 0) {
      return false;
    } else if (errno != EINTR) {
      return errno == EAGAIN;
    }
  }
}

void poll_for(std::vector<pollfd>& waiting, DurationMs ms) {
  const double deadline = monotonic_seconds() + static_cast<double>(ms) / 1000;
  while (true) {
    // Rounded up, so that a last wait of half a millisecond does not become a busy loop.
    const double left_ms = std::clamp(std::ceil((deadline - monotonic_seconds()) * 1000), 0.0, 1e9);
    const int found = poll(waiting.data(), waiting.size(), static_cast<int>(left_ms));
    if (found >= 0 || errno != EINTR) return;
  }
}

}  // namespace

std::string ExitStatus::words() const {
  if (!by_signal) return fmt::format("exit {}", number);
  const char* meaning = number == SIGKILL ? "out of memory?" : strsignal(number);
  return fmt::format("killed by signal {} ({})", number, meaning);
}

Wakeup::Wakeup() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Wakeup::~Wakeup() {
  close_one(descriptor_);
}

void Wakeup::wake() {
  const std::uint64_t one = 1;
  static_cast<void>(!write(descriptor_, &one, sizeof(one)));
}

void Wakeup::clear() {
  std::uint64_t count = 0;
  static_cast<void>(!read(descriptor_, &count, sizeof(count)));
}

Result<ChildProcess> ChildProcess::start(const ChildOptions& options) {
  assert(!options.argv.empty());
  const std::string& program = options.argv.front();
  std::vector<std::string> arguments = options.argv, environment = environment_with(options.environment);
  Descriptor output, output_end, errors, errors_end, failure, failure_end;
  if (!open_pipe(output, output_end) || !open_pipe(errors, errors_end) || !open_pipe(failure, failure_end)) {
    return fail(ErrorCode::io, "{} cannot be started: {}", program, std::strerror(errno));
  }
  for (const int end : {output.value, errors.value}) fcntl(end, F_SETFL, O_NONBLOCK);
  const Start start{.argv = pointers_to(arguments),
                    .envp = pointers_to(environment),
                    .idle_priority = options.idle_priority,
                    .die_with_parent = options.die_with_parent,
                    .memory_bytes_max = options.memory_bytes_max,
                    .parent = getpid(),
                    .output = output_end.value,
                    .errors = errors_end.value,
                    .failure = failure_end.value};
  const pid_t pid = fork();
  if (pid < 0) return fail(ErrorCode::io, "{} cannot be started: {}", program, std::strerror(errno));
  if (pid == 0) become(start);

  ChildProcess child;
  child.pid_ = pid;
  child.pipes_ = {output.release(), errors.release()};
  close_one(output_end.value);
  close_one(errors_end.value);
  close_one(failure_end.value);
  child.process_ = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  const int no_watch = child.process_ < 0 ? errno : 0;
  // Ends without a byte where exec has succeeded, which closes the other end.
  int reason = 0;
  ssize_t count = 0;
  do {
    count = read(failure.value, &reason, sizeof(reason));
  } while (count < 0 && errno == EINTR);
  if (count == sizeof(reason)) {
    child.kill();
    return fail(reason == ENOENT ? ErrorCode::not_found : ErrorCode::io, "{} cannot be started: {}", program,
                std::strerror(reason));
  }
  if (no_watch != 0) {
    child.kill();
    return fail(ErrorCode::io, "{} cannot be watched: {}", program, std::strerror(no_watch));
  }
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      process_(std::exchange(other.process_, -1)),
      pipes_(std::exchange(other.pipes_, {-1, -1})),
      lines_(std::move(other.lines_)),
      unfinished_(std::move(other.unfinished_)),
      error_text_(std::move(other.error_text_)),
      status_(other.status_) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this == &other) return *this;
  if (pid_ > 0) kill();
  pid_ = std::exchange(other.pid_, -1);
  process_ = std::exchange(other.process_, -1);
  pipes_ = std::exchange(other.pipes_, {-1, -1});
  lines_ = std::move(other.lines_);
  unfinished_ = std::move(other.unfinished_);
  error_text_ = std::move(other.error_text_);
  status_ = other.status_;
  return *this;
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) kill();
}

void ChildProcess::close_all() {
  close_one(process_);
  for (int& end : pipes_) close_one(end);
}

void ChildProcess::take_output(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    unfinished_ += part.substr(0, kLineBytesMax - std::min(kLineBytesMax, unfinished_.size()));
    if (end == std::string_view::npos) return;
    lines_.push_back(std::exchange(unfinished_, {}));
    if (lines_.size() > kLinesMax) lines_.pop_front();
    bytes.remove_prefix(end + 1);
  }
}

void ChildProcess::read_available() {
  if (pipes_[0] >= 0 && !drain(pipes_[0], [this](std::string_view bytes) { take_output(bytes); }))
    close_one(pipes_[0]);
  const auto keep_end = [this](std::string_view bytes) {
    error_text_ += bytes;
    if (error_text_.size() > kErrorBytesMax) error_text_.erase(0, error_text_.size() - kErrorBytesMax);
  };
  if (pipes_[1] >= 0 && !drain(pipes_[1], keep_end)) close_one(pipes_[1]);
}

std::vector<std::string> ChildProcess::lines() {
  read_available();
  std::vector<std::string> taken(std::make_move_iterator(lines_.begin()),
                                 std::make_move_iterator(lines_.end()));
  lines_.clear();
  return taken;
}

std::optional<ExitStatus> ChildProcess::ended() {
  if (status_) return status_;
  read_available();
  return reap(WNOHANG);
}

std::optional<ExitStatus> ChildProcess::reap(int flags) {
  siginfo_t info{};
  int looked = 0;
  do {
    looked = waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT | flags);
  } while (looked < 0 && errno == EINTR);
  if (looked == 0 && info.si_pid != pid_) return std::nullopt;
  // What it started does not outlive it. Before it is reaped, as then its number may become somebody else's.
  ::kill(-pid_, SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  status_ = WIFSIGNALED(status) ? ExitStatus{true, WTERMSIG(status)} : ExitStatus{false, WEXITSTATUS(status)};
  // Nobody waits for the pipes to end: a grandchild that left the group may hold them open.
  read_available();
  if (!unfinished_.empty()) lines_.push_back(std::exchange(unfinished_, {}));
  close_all();
  return status_;
}

void ChildProcess::watch(std::vector<pollfd>& waiting) const {
  // Of what is closed, and therefore negative, poll takes no notice.
  for (const int descriptor : {process_, pipes_[0], pipes_[1]}) waiting.push_back({descriptor, POLLIN, 0});
}

std::optional<ExitStatus> ChildProcess::wait(DurationMs ms) {
  const double deadline = monotonic_seconds() + static_cast<double>(ms) / 1000;
  while (!ended()) {
    const double left = deadline - monotonic_seconds();
    if (left <= 0) return std::nullopt;
    std::vector<pollfd> waiting;
    watch(waiting);
    poll_for(waiting, static_cast<DurationMs>(left * 1000) + 1);
  }
  return status_;
}

void ChildProcess::wait_for_any(std::span<ChildProcess* const> children, const Wakeup* wakeup,
                                DurationMs ms) {
  std::vector<pollfd> waiting;
  if (wakeup != nullptr) waiting.push_back({wakeup->descriptor(), POLLIN, 0});
  for (const ChildProcess* child : children) {
    if (child->status_ || !child->lines_.empty()) return;  // it has printed or ended already
    child->watch(waiting);
  }
  poll_for(waiting, ms);
}

ExitStatus ChildProcess::kill() {
  if (const auto status = ended()) return *status;
  // It has not been reaped, so the number is still its own.
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
  return *reap(0);
}

}  // namespace pawl
