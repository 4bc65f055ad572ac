// Progress of a long job for people: share done, rate, time left. To stderr, and only redrawn on a
// terminal; elsewhere a line every ten seconds.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace pawl {

struct ProgressUpdate {
  std::uint64_t done = 0, total = 0;  // total 0 is unknown
  std::string_view note;              // what is being done just now
  std::string_view stage = {};        // the part of the job that is counted: "search", "fit"; empty: the only
  std::string_view metric = {};       // what `value` measures so far: "val_accuracy"; empty: nothing
  double value = 0;
  std::optional<double> seconds_left = {};  // of the stage, where whoever reports has an idea
};

// What a job calls as it goes, one call at a time, from whichever thread; empty is allowed and ignored.
using ProgressSink = std::function<void(const ProgressUpdate&)>;

// One line for people: title, bar where the total is known, counts, rate, time left, note. Rate and time left
// come from `done` and the seconds since the start alone. At most `width` columns (0: no limit, no bar).
std::string progress_line(std::string_view title, std::string_view unit, const ProgressUpdate& update,
                          double seconds, std::size_t width);

// Not safe from several threads at once.
class ProgressMeter {
 public:
  enum class Style { none, lines, terminal };
  ProgressMeter(std::string title, std::string unit, Style style);
  ~ProgressMeter();  // ends the line
  ProgressMeter(const ProgressMeter&) = delete;
  ProgressMeter& operator=(const ProgressMeter&) = delete;
  void update(const ProgressUpdate& update);
  // Clears the progress line, so that a line of output can be printed; the next update redraws it.
  void pause();
  ProgressSink sink();

  static Style style_for_stderr();

 private:
  std::string title_, unit_;
  Style style_;
  double started_, drawn_;
  bool on_screen_ = false;
};

}  // namespace pawl
