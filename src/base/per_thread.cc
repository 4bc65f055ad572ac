#include "base/per_thread.h"

#include <array>
#include <atomic>

namespace pawl::per_thread {

namespace {

// Plain data: nothing has to be destroyed when a thread ends, in whatever order that happens.
struct Memory {
  std::uint64_t thread = 0;
  std::size_t next = 0;
  struct Place {
    std::uint64_t owner = 0;
    void* value = nullptr;
  };
  std::array<Place, 8> places{};
};
constinit thread_local Memory memory;

}  // namespace

std::uint64_t new_id() {
  static constinit std::atomic<std::uint64_t> last = 0;
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

std::uint64_t thread_id() {
  if (memory.thread == 0) memory.thread = new_id();
  return memory.thread;
}

void* recall(std::uint64_t owner) {
  for (const Memory::Place& place : memory.places) {
    if (place.owner == owner) return place.value;
  }
  return nullptr;
}

void remember(std::uint64_t owner, void* value) {
  memory.places[memory.next] = {owner, value};
  memory.next = (memory.next + 1) % memory.places.size();
}

}  // namespace pawl::per_thread
