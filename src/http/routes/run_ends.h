// Tells when a run has ended, once that is durable.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "http/routes/readers.h"

namespace pawl::http {

// Safe from any thread. Whoever is told runs on the loop's thread, and must be quick.
class RunEnds {
 public:
  using Told = std::function<void(const store::RunRecord&)>;
  static std::shared_ptr<RunEnds> make(const Context& context, std::shared_ptr<Readers> readers);

  // Calls once, when this run ends: promoted, kept, failed or interrupted. To be asked for before it can have
  // ended, on the loop's thread.
  void when(std::int64_t run, Told told);
  // Calls at the end of every run from now on.
  void each(Told told);

 private:
  explicit RunEnds(std::shared_ptr<Readers> readers) : readers_(std::move(readers)) {}
  void look(const std::vector<Event>& events);

  std::shared_ptr<Readers> readers_;
  std::mutex mutex_;  // of all below
  Told each_;
  std::multimap<std::int64_t, Told> waiting_;  // by run
};

}  // namespace pawl::http
