#include "base/process_stats.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/files.h"

namespace pawl {

namespace {

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = text.find_first_not_of(" \n"); at < text.size();
       at = text.find_first_not_of(" \n", at)) {
    const std::size_t end = std::min(text.find_first_of(" \n", at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

double number_of(std::string_view text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

ProcessStats process_stats() {
  const RealFileSystem files;
  ProcessStats stats{.cpu_seconds = process_cpu_seconds(),
                     .open_files = static_cast<double>(files.list("/proc/self/fd").size())};
  // The name of the program stands in parentheses and may hold anything; what follows is counted from there.
  const auto text = files.read("/proc/self/stat");
  if (text && text->rfind(')') != std::string::npos) {
    const auto words = words_of(std::string_view(*text).substr(text->rfind(')') + 1));
    constexpr std::size_t kStartTime = 19, kResidentPages = 21;
    if (words.size() > kResidentPages) {
      stats.resident_bytes = number_of(words[kResidentPages]) * static_cast<double>(sysconf(_SC_PAGESIZE));
      stats.started_at_seconds = number_of(words[kStartTime]) / static_cast<double>(sysconf(_SC_CLK_TCK));
    }
  }
  // The kernel counts from when the machine began.
  double booted_at = 0;
  if (const auto system = files.read("/proc/stat")) {
    if (const auto at = system->find("\nbtime "); at != std::string::npos) {
      booted_at = number_of(std::string_view(*system).substr(at + 7, system->find('\n', at + 7) - at - 7));
    }
  }
  if (stats.started_at_seconds > 0 && booted_at > 0) stats.started_at_seconds += booted_at;
  return stats;
}

}  // namespace pawl
