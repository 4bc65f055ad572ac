// Predictions that were made from windows a client posted, on their way into the store. A server's thread
// writes each down before it answers, in a file that only grows, and never waits for the loop; the loop's
// thread takes over into the store what is there, when it gets to it.
//
//   intake/000012.log   one line a prediction: length, checksum, JSON
//
// What was answered as logged survives the death of the process at any instant: the next one takes over the
// rest. A record that was cut short was never acknowledged and is dropped. Each is taken over once: how far
// that has come stands in the store, in the same transaction.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/files.h"
#include "base/log.h"
#include "loop/journal.h"
#include "serving/windows.h"
#include "store/store.h"

namespace pawl::loop {

// "client:EUR_USD": what the store calls the candles that clients posted. The loop never reads them.
std::string client_series(std::string_view symbol);

class Intake {
 public:
  // In a folder of its own, made where it is missing. `files` and `clock` outlive it; `store` is asked how
  // far a former process has come, and kept no longer than that.
  static Result<std::unique_ptr<Intake>> open(FileSystem& files, Path folder, store::Store& store,
                                              const Clock& clock, Log log);
  ~Intake();

  // --- any thread
  // True once the prediction is in the file, with those closed candles of its windows that were not written
  // down before. False where it could not be written, which counts and is said in the log once a minute.
  bool keep(const serving::PostedWindows& posted, const serving::WindowPrediction& made,
            std::string_view content_hash);
  std::int64_t kept() const { return kept_; }
  std::int64_t failed() const { return failed_; }
  // Whether something waits to be taken over.
  bool waiting() const { return waiting_; }
  // True once a second at most, while something waits: whoever is told posts a drain to the loop.
  bool drain_due();

  // --- the loop's thread
  // Takes over all there is: candles into the series of client_series(), a "client_prediction" event for each
  // record, in the order in which they were written. Files are removed once all of them is durable. Gives the
  // number of predictions. `observer` is called as a Journal's would be; it may be empty.
  Result<std::int64_t> drain(store::Store& store, TimeMs now, const EventObserver& observer);

 private:
  struct Feed;  // the candles of a market and timeframe that were written down
  Intake(FileSystem& files, Path folder, std::uint64_t number, const Clock& clock, Log log);
  Path file_of(std::uint64_t number) const;
  Status write(std::string_view record);
  void complain(const Error& error);

  FileSystem& files_;
  const Path folder_;
  const Clock& clock_;
  const Log log_;
  std::atomic<std::int64_t> kept_ = 0, failed_ = 0;
  std::atomic<bool> waiting_ = true;  // files of a former process, perhaps
  std::atomic<double> drain_from_s_ = 0;

  std::mutex mutex_;  // of all below
  std::uint64_t number_;
  std::unique_ptr<Appender> file_;
  std::map<std::string, Feed, std::less<>> feeds_;
  double complain_from_s_ = 0;
};

}  // namespace pawl::loop
