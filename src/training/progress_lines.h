// Progress between a trainer and whoever started it: one JSON object a line on the trainer's standard output.
//
//   {"done":40,"seconds_left":3.1,"stage":"fit","text":"trees","total":200}
//   {"done":12,"metric":"val_accuracy","stage":"fit","text":"trees, to find when to
//   stop","total":200,"value":0.58}
//   {"line":"crypto-live/BTC_USDT","rounds":200,"rows":4032,"stage":"done"}
//   {"code":"insufficient_data","message":"…","stage":"failed"}
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "training/job.h"

namespace pawl::training {

// The writing side. One call at a time.
class ProgressLines {
 public:
  // `write` gets each line with its end, and is to pass it on at once.
  explicit ProgressLines(std::function<void(std::string_view)> write) : write_(std::move(write)) {}
  // At most ten a second, but always the first and the last of a stage. Adds the time left of the stage.
  void update(const ProgressUpdate& update);
  void done(const Job& job, const JobResult& result);
  void failed(const Error& error);
  ProgressSink sink();

 private:
  std::function<void(std::string_view)> write_;
  std::string stage_;
  double stage_began_ = 0, written_ = 0;
};

// One line as it was read.
struct ProgressLine {
  std::string stage, note, metric;
  std::uint64_t done = 0, total = 0;
  double value = 0;
  std::optional<double> seconds_left;
  std::optional<Error> failure;  // of the stage "failed"

  // Refers to this line.
  ProgressUpdate update() const { return {done, total, note, stage, metric, value, seconds_left}; }
};
// bad_data where it is no line of progress.
Result<ProgressLine> read_progress_line(std::string_view line);

}  // namespace pawl::training
