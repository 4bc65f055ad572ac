// Many lines in one process: what a line takes in memory and a bar in time, at a hundred and at a thousand.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <map>

#include "app/context.h"
#include "loop/replay.h"
#include "market/sources/simulated.h"
#include "material.h"
#include "subjects.h"

namespace pawl::bench {

namespace {

// Few bars where memory is measured: SQLite's cache then holds every row at a thousand lines too, and what is
// compared is what a line costs, not where the cache is full.
constexpr std::size_t kBarsForTime = 400, kBarsForMemory = 100, kFewLines = 10;

struct Measured {
  double seconds = 0, bytes = 0;
};

double resident_bytes() {
  const auto text = RealFileSystem().read("/proc/self/statm");
  if (!text) return 0;
  const std::size_t begin = text->find(' ') + 1;
  double pages = 0;
  std::from_chars(text->data() + begin, text->data() + text->size(), pages);
  return pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

Result<recipe::Recipe> recipe_of(std::size_t lines) {
  std::string symbols = "[";
  for (std::size_t i = 0; i < lines; ++i) symbols += fmt::format("{}S{:04}", i == 0 ? "" : ",", i);
  symbols += "]";
  return shipped_recipe({{"symbols", symbols}, {"auto_training.enabled", "false"}});
}

// A loop over so many lines, with its store on the disk, fed to the end.
Result<Measured> play(std::size_t lines, std::size_t bars) {
  auto recipe = recipe_of(lines);
  if (!recipe) return propagate(recipe);
  std::vector<BarSeries> series;
  for (std::size_t i = 0; i < lines; ++i) {
    market::SimulatedSettings settings;
    settings.bars = static_cast<std::int64_t>(bars);
    settings.seed = i + 1;
    series.push_back(market::simulate(settings, 3).bars);
  }
  const Path folder = std::filesystem::temp_directory_path() / fmt::format("pawl-bench-lines-{}", getpid());
  Measured measured;
  {
    auto data = app::DataFolder::open(folder, app::DataFolder::Use::replay);
    if (!data) return propagate(data);
    const double before = resident_bytes();
    auto engine = app::make_engine(*recipe, **data, series.front().open_time(0), {});
    if (!engine) return propagate(engine);
    auto seconds = cpu_seconds_of([&] { return loop::replay(*(*engine)->loop, series, {}); });
    if (!seconds) return propagate(seconds);
    measured.seconds = *seconds;
    measured.bytes = resident_bytes() - before;
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return measured;
}

// In a child of its own: memory that one measurement gave back would be there for the next.
Result<Measured> play_apart(std::size_t lines, std::size_t bars) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return fail(ErrorCode::io, "no pipe");
  const pid_t child = fork();
  if (child == 0) {
    const auto played = play(lines, bars);
    const Measured measured = played.value_or(Measured{});
    const bool told = write(ends[1], &measured, sizeof measured) == sizeof measured;
    if (!played) std::fputs((played.error().message + "\n").c_str(), stderr);
    _exit(played && told ? 0 : 1);
  }
  close(ends[1]);
  Measured measured;
  const bool heard = read(ends[0], &measured, sizeof measured) == sizeof measured;
  close(ends[0]);
  int state = 0;
  waitpid(child, &state, 0);
  if (child < 0 || !heard || !WIFEXITED(state) || WEXITSTATUS(state) != 0) {
    return fail(ErrorCode::internal, "a process over {} lines failed", lines);
  }
  return measured;
}

}  // namespace

Status bench_lines(Bench& bench) {
  constexpr std::array<std::size_t, 3> kLines = {100, 300, 1000};
  std::vector<Contestant> contestants;
  for (const std::size_t lines : kLines) {
    contestants.push_back({fmt::format("{} lines", lines), [lines]() -> Result<double> {
                             auto played = play_apart(lines, kBarsForTime);
                             if (!played) return propagate(played);
                             return played->seconds;
                           }});
  }
  auto rounds = bench.take_turns("lines", contestants);
  if (!rounds) return propagate(rounds);
  const auto per_bar = [&](std::size_t i) {
    return scaled((*rounds)[i], 1e6 / static_cast<double>(kLines[i] * kBarsForTime));
  };

  // What the process takes anyway is what it takes with a few lines.
  std::map<std::size_t, std::vector<double>> kb;
  for (int round = 0; round < bench.options().rounds(); ++round) {
    const auto few = play_apart(kFewLines, kBarsForMemory);
    if (!few) return propagate(few);
    for (const std::size_t lines : kLines) {
      const auto played = play_apart(lines, kBarsForMemory);
      if (!played) return propagate(played);
      kb[lines].push_back((played->bytes - few->bytes) / static_cast<double>(lines - kFewLines) / 1024);
    }
  }
  for (std::size_t i = 0; i < kLines.size(); ++i) {
    const std::string how = fmt::format(
        "{} lines of recipe crypto-live in one process, 28 features, the rules predict, store on the disk",
        kLines[i]);
    bench.add(fmt::format("lines_{}_us_per_bar", kLines[i]), "µs",
              fmt::format("CPU time a bar: {}; {} simulated bars a line", how, kBarsForTime), per_bar(i));
    bench.add(
        fmt::format("lines_{}_kb_per_line", kLines[i]), "kB",
        fmt::format("resident memory that each line beyond {} adds, with the rows of its {} bars in the "
                    "store's cache: {}",
                    kFewLines, kBarsForMemory, how),
        kb[kLines[i]]);
  }
  bench.add("lines_1000_over_100_time_ratio", "ratio", "time a bar with 1,000 lines over that with 100",
            ratio(per_bar(2), per_bar(0)));
  bench.add("lines_1000_over_100_memory_ratio", "ratio", "memory a line with 1,000 lines over that with 100",
            ratio(kb[1000], kb[100]));
  return {};
}

}  // namespace pawl::bench
