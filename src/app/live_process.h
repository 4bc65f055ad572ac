// `pawl run`: the loop on the wall clock, the server beside it, the trainer beside both, in one process.
//
// The loop's thread is the caller's. A store that fails stops the loop, not the answers: the loop is rebuilt
// from what is durable, as often as it takes, by the same way as after a crash.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "app/context.h"
#include "app/live_server.h"
#include "app/live_view.h"
#include "app/output_files.h"
#include "app/output_pipe.h"
#include "base/background.h"
#include "base/signals.h"
#include "loop/live/live.h"
#include "loop/live/status.h"
#include "loop/training_data.h"
#include "mirrors/mirrors.h"

namespace pawl::app {

struct RunOptions {
  std::string address;  // empty: the recipe's
  std::optional<std::int64_t> port;
  std::string pace;         // "1000", "1000x" or "40/s" (bars a second); empty: bars are pushed
  std::string until;        // "verdict", "swap", "end"; empty: until it is stopped
  std::string score_from;   // earlier bars are history only
  std::string events_file;  // every event, one JSON object a line
  double seconds_max = 0;   // stop after so long; 0: never
  bool no_server = false;
  StorageSeam seam;  // no word of the command line's
};

class LiveProcess {
 public:
  // Everything that can be wrong with words, recipe, folder and port is said here. `signals` outlives it.
  static Result<std::unique_ptr<LiveProcess>> start(const CommonOptions& common, const RunOptions& options,
                                                    SignalWatch& signals, std::function<void()>& wake);
  ~LiveProcess();

  enum class End { stopped, reached, reload };
  // Until it is stopped, has reached what --until says, or is asked to reload.
  Result<End> run();
  // Ends everything within two seconds; what is under way is marked as interrupted, nothing is half written.
  // The destructor does it too, and tells nobody what went wrong.
  Status stop();
  // The last line of --json.
  void tell_stopped(bool reached);
  // What answers requests, and what is told; any thread.
  const serving::Board& board() const { return *board_; }
  const loop::EventHub& hub() const { return hub_; }

 private:
  LiveProcess(const CommonOptions& common, const RunOptions& options, SignalWatch& signals);
  Status open();
  Status open_source();
  Status start_server();
  Status drain_intake();
  Status serve_champions();
  Status build();
  Status rebuild(const Error& why);
  void close_loop();
  void follow();  // mirrors, training data: what follows the store
  void show_events();
  void show(const Event& event);
  void tell_progress(const loop::RunProgress& progress);
  void tell_phase(std::string_view phase, std::int64_t run);
  void put_status(bool at_once);
  void greet();
  bool reached() const;

  CommonOptions common_;
  RunOptions options_;
  SignalWatch& signals_;
  Log log_ = Log::silent();
  WallClock wall_;
  std::unique_ptr<DataFolder> data_;
  std::optional<recipe::Recipe> recipe_;
  std::unique_ptr<http::KeyRing> keys_;
  std::vector<BarSeries> paced_;
  loop::OutsidePoints outside_;
  DurationMs behind_ms_ = 0;  // of WallTime, as the store has it
  double factor_ = 0;         // of the pace; 0: the wall clock
  std::unique_ptr<serving::Board> board_;
  loop::EventHub hub_;
  loop::StatusBoard status_;
  std::unique_ptr<loop::LiveTime> time_;
  std::unique_ptr<loop::Live> live_;
  std::unique_ptr<BackgroundWorker> worker_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<mirrors::Mirrors> mirrors_;
  std::unique_ptr<loop::TrainingDataFile> training_data_;
  std::unique_ptr<loop::Intake> intake_;
  std::unique_ptr<LiveServer> server_;
  EventFile events_;
  ProgressMeter meter_;
  std::unique_ptr<LiveView> view_;
  std::unique_ptr<OutputPipe> out_;  // of --json
  std::string decisions_;            // their hash, once it has stopped
  std::string lines_;                // of the page that is being shown
  std::uint64_t shown_to_ = 0;
  double started_s_ = 0, built_s_ = 0, followed_s_ = 0, status_s_ = 0, keys_s_ = 0, retry_s_ = 0,
         retry_wait_s_ = 0;
  bool follow_owed_ = false, saw_verdict_ = false, saw_swap_ = false, told_end_ = false,
       follow_failed_ = false;
};

}  // namespace pawl::app
