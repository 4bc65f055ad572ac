// Independent pieces of work on several threads.
#pragma once

#include <cstddef>
#include <functional>

namespace pawl {

// Calls work(0) … work(count − 1), each once, on at most `threads` threads, the caller's among them; returns
// when all have ended. Which thread does which piece is not said, so the pieces must not depend on it.
void run_parallel(std::size_t count, int threads, const std::function<void(std::size_t)>& work);

}  // namespace pawl
