// A value for each thread that asks, made on its first call: memory and parsers that one thread may use at a
// time, behind code that any thread may call.
//
//   PerThread<Parser> parsers([] { return std::make_unique<Parser>(); });
//   parsers.get().parse(text);  // this thread's own
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace pawl {

namespace per_thread {
// A number of this process that nothing else gets, from 1.
std::uint64_t new_id();
// The calling thread's own, and what it last remembered under an owner's; null where that is forgotten.
std::uint64_t thread_id();
void* recall(std::uint64_t owner);
void remember(std::uint64_t owner, void* value);
}  // namespace per_thread

// All values live as long as it does, those of threads that have ended included: for pools of threads, not
// for threads that come and go by the thousand.
template <class T>
class PerThread {
 public:
  // `make` may be called by several threads, one at a time.
  explicit PerThread(std::function<std::unique_ptr<T>()> make) : make_(std::move(make)) {}
  PerThread(const PerThread&) = delete;
  PerThread& operator=(const PerThread&) = delete;

  // No lock from a thread's second call on, as long as it uses a few such objects at most.
  T& get() {
    if (void* const known = per_thread::recall(id_)) return *static_cast<T*>(known);
    const std::scoped_lock lock(mutex_);
    std::unique_ptr<T>& value = values_[per_thread::thread_id()];
    if (!value) value = make_();
    per_thread::remember(id_, value.get());
    return *value;
  }

 private:
  // Numbers are never used again, so what a thread remembers of an object that is gone is never asked for.
  const std::uint64_t id_ = per_thread::new_id();
  const std::function<std::unique_ptr<T>()> make_;
  std::mutex mutex_;
  std::map<std::uint64_t, std::unique_ptr<T>> values_;  // by thread
};

}  // namespace pawl
