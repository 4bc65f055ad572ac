#include "http/routes/run_ends.h"

#include <set>

namespace pawl::http {

std::shared_ptr<RunEnds> RunEnds::make(const Context& context, std::shared_ptr<Readers> readers) {
  std::shared_ptr<RunEnds> ends(new RunEnds(std::move(readers)));
  // The hub outlives the routes.
  context.hub.watch([weak = std::weak_ptr(ends)](const std::vector<Event>& events) {
    if (const auto self = weak.lock()) self->look(events);
  });
  return ends;
}

void RunEnds::when(std::int64_t run, Told told) {
  const std::scoped_lock lock(mutex_);
  waiting_.emplace(run, std::move(told));
}

void RunEnds::each(Told told) {
  const std::scoped_lock lock(mutex_);
  each_ = std::move(told);
}

void RunEnds::look(const std::vector<Event>& events) {
  std::set<std::int64_t> ended;
  for (const Event& event : events) {
    if (event.kind != "verdict" && event.kind != "run_failed" && event.kind != "run_interrupted") continue;
    const auto payload = parse_json(event.payload);
    if (!payload) continue;
    if (const auto run = json_int(*payload, "run")) ended.insert(*run);
  }
  for (const std::int64_t run : ended) {
    std::vector<Told> told;
    {
      const std::scoped_lock lock(mutex_);
      const auto [begin, end] = waiting_.equal_range(run);
      for (auto one = begin; one != end; ++one) told.push_back(std::move(one->second));
      waiting_.erase(begin, end);
      if (each_) told.push_back(each_);
    }
    if (told.empty()) continue;
    auto reader = readers_->take();
    if (!reader) continue;
    const auto record = reader->store().runs().find(run);
    if (!record || !*record) continue;
    for (const Told& one : told) one(**record);
  }
}

}  // namespace pawl::http
