// `pawl run` as a process of its own, for tests that watch, stop, kill and start it again.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/process.h"
#include "e2e/replayed.h"
#include "store/store.h"

namespace pawl::test {

// The simulated market, retrained every other day of it on a month of small trees: at some hundred bars a
// second there is always a run under way, or about to be.
inline Words busy_settings() {
  const std::vector<std::pair<std::string, std::string>> set = {
      {"model.trees", "15"},
      {"validation.window_days", "30"},
      {"validation.judged_days", "8"},
      {"validation.embargo_bars", "4"},
      {"validation.min_bars", "200"},
      {"validation.min_judged_rows", "50"},
      {"gate.policy", "always"},
      {"training.cooldown_hours", "0"},
      {"training.backoff_hours", "1"},
      {"training.defer_hours", "12"},
      {"training.keep_jobs", "3"},
      {"auto_training.max_days_between_retrain", "2"},
      {"auto_training.min_trades_before_retrain", "10"},
      {"auto_training.min_signals", "5"},
      {"auto_training.first_training_signals", "20"},
  };
  Words words;
  for (const auto& [key, value] : set) words = words + Words{"--set", key + "=" + value};
  return words;
}

class LiveChild {
 public:
  LiveChild(const std::filesystem::path& data, const Words& more) : began_s_(monotonic_seconds()) {
    // `env` becomes the process itself, without what tests are asked for by.
    const Words words = Words{"/usr/bin/env", "-u",          "PAWL_LONG", PAWL_BINARY, "run",
                              "--data",       data.string(), "--json",    "--port",    "0"} +
                        more;
    auto started = ChildProcess::start({.argv = words, .environment = {}});
    EXPECT_TRUE(started.has_value()) << started.error().message;
    if (started) child_.emplace(std::move(*started));
  }

  int pid() const { return child_->pid(); }
  double age_s() const { return monotonic_seconds() - began_s_; }
  // All that it has printed so far and that was taken by the calls below.
  const std::vector<Json>& told() const { return told_; }
  const std::string& error_text() const { return child_->error_text(); }
  bool ended() { return child_->ended().has_value(); }

  // Until a line is printed, after those that were taken before, of which `found` holds.
  bool wait_until(const std::function<bool(const Json&)>& found, double seconds = 60) {
    const double until = monotonic_seconds() + seconds;
    for (;;) {
      take();
      while (looked_at_ < told_.size()) {
        if (found(told_[looked_at_++])) return true;
      }
      const double left = until - monotonic_seconds();
      if (left <= 0) return false;
      if (child_->ended()) {
        take();
        if (looked_at_ == told_.size()) return false;
        continue;
      }
      ChildProcess* const one = &*child_;
      ChildProcess::wait_for_any(std::span(&one, 1), nullptr, static_cast<DurationMs>(left * 1000) + 1);
    }
  }
  bool wait_for(std::string_view kind, double seconds = 60) {
    return wait_until([&](const Json& line) { return line.value("kind", std::string()) == kind; }, seconds);
  }
  bool wait_for_count(std::string_view kind, std::int64_t count, double seconds = 60) {
    return wait_until(
        [&](const Json& line) { return line.value("kind", std::string()) == kind && --count == 0; }, seconds);
  }
  // Whatever it does meanwhile.
  void let_run(DurationMs ms) {
    child_->wait(ms);
    take();
  }

  void signal(int number) { ::kill(pid(), number); }
  // Its end, with all that it printed taken; nothing where it did not come.
  std::optional<ExitStatus> wait_for_end(double seconds) {
    const auto status = child_->wait(static_cast<DurationMs>(seconds * 1000));
    take();
    return status;
  }
  void kill() {
    killed_ = true;
    child_->kill();
    take();
  }
  // The process that trains just now; nothing where none does.
  std::optional<int> trainer() const {
    std::error_code gone;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", gone)) {
      const std::string name = entry.path().filename();
      if (name.find_first_not_of("0123456789") != std::string::npos) continue;
      std::ifstream file(entry.path() / "stat");
      std::string stat;
      std::getline(file, stat);
      const std::size_t close = stat.rfind(')');  // "pid (name) state parent …"
      if (close == std::string::npos) continue;
      std::istringstream rest(stat.substr(close + 1));
      char state = 0;
      int parent = 0;
      rest >> state >> parent;
      if (parent == pid() && state != 'Z') return std::stoi(name);
    }
    return std::nullopt;
  }

  std::map<std::string, int> kinds() const {
    std::map<std::string, int> kinds;
    for (const Json& line : told_) ++kinds[line.value("kind", std::string())];
    return kinds;
  }

 private:
  void take() {
    for (const std::string& line : child_->lines()) {
      // What it was writing when it was killed is told to nobody.
      if (killed_ && !parse_json(line)) continue;
      told_.push_back(json_of(line));
    }
  }

  double began_s_;
  std::optional<ChildProcess> child_;
  std::vector<Json> told_;
  std::size_t looked_at_ = 0;
  bool killed_ = false;
};

// What a data folder holds after its process has ended.
class LeftBehind {
 public:
  explicit LeftBehind(const std::filesystem::path& data) {
    auto opened = store::open_sqlite({.file = data / "pawl.db", .vfs = {}, .read_only = true});
    EXPECT_TRUE(opened.has_value()) << opened.error().message;
    store_ = std::move(*opened);
  }
  std::vector<store::RunRecord> runs() { return *store_->runs().list(); }
  std::set<std::int64_t> runs_in(store::RunState state) {
    std::set<std::int64_t> ids;
    for (const store::RunRecord& run : runs()) {
      if (run.state == state) ids.insert(run.id);
    }
    return ids;
  }
  std::vector<Event> events(std::string_view kind = {}) {
    return *store_->events().read_after(0, 10'000'000, kind);
  }

  // Everything that was printed with a number stands in the store under that number.
  void expect_told(const std::vector<Json>& told) {
    std::map<std::int64_t, Json> stored;
    for (const Event& event : events()) stored[event.ingest_seq] = json_of(to_ndjson(event));
    std::int64_t seen = 0;
    for (const Json& line : told) {
      const std::int64_t seq = line.value("seq", std::int64_t{0});
      if (seq == 0) continue;  // progress, and what concerns the process itself
      ++seen;
      const auto found = stored.find(seq);
      ASSERT_NE(found, stored.end()) << "printed and not stored: " << line.dump();
      ASSERT_EQ(found->second, line);
    }
    EXPECT_GT(seen, 0);
  }

  // Bars follow each other without a hole, each is predicted from once, and every prediction has its outcome
  // but those whose horizon has not passed.
  void expect_whole(std::int64_t horizon = 3) {
    const BarSeries bars =
        *store_->bars().read("BTC_USDT", *Timeframe::parse("H1"), 0, std::numeric_limits<TimeMs>::max(),
                             store::BarStore::Revision::first);
    for (std::size_t i = 1; i < bars.size(); ++i) {
      ASSERT_EQ(bars.open_time(i), bars.close_time(i - 1)) << "bar " << i;
    }
    EXPECT_EQ(events("bar").size(), bars.size()) << "a bar was told twice, or not at all";
    const std::vector<Prediction> predictions = *store_->predictions().read_after(0, 10'000'000);
    for (std::size_t i = 1; i < predictions.size(); ++i) {
      ASSERT_EQ(predictions[i].bar_open_time, predictions[i - 1].bar_open_time + kHourMs)
          << "prediction " << predictions[i].id;
    }
    std::map<std::int64_t, int> outcomes;
    const std::vector<Outcome> settled = *store_->outcomes().read_after(0, 10'000'000);
    for (const Outcome& outcome : settled) ++outcomes[outcome.prediction_id];
    for (const Prediction& prediction : predictions) {
      // The exit is the close of the bar `horizon` bars after the next one's open.
      const bool due =
          prediction.bar_open_time + (horizon + 1) * kHourMs <= bars.back().open_time + kHourMs - 1;
      const int found = outcomes.contains(prediction.id) ? outcomes[prediction.id] : 0;
      if (due) {
        ASSERT_EQ(found, 1) << "prediction " << prediction.id;
      }
      ASSERT_LE(found, 1) << "prediction " << prediction.id;
    }
  }

 private:
  std::unique_ptr<store::Store> store_;
};

// Files that were being written when the process ended.
inline std::vector<std::string> unfinished_files(const std::filesystem::path& folder) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (has(entry.path().filename().string(), ".tmp")) found.push_back(entry.path());
  }
  return found;
}

inline void expect_versions_verify(const std::filesystem::path& data) {
  const Ran ran = run_pawl({"models", "verify", "--data", data, "-q"});
  EXPECT_EQ(ran.exit_code, 0) << ran.stdout_text << ran.stderr_text;
}

}  // namespace pawl::test
