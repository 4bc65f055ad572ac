// Retrains and pointers that a person or a program asks for, as the loop's thread does them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "loop/live/live.h"

namespace pawl::http {

struct RetrainWish {
  std::vector<std::size_t> lines;  // indices; empty: all
  std::string reason;
  bool full = false, force = false;
  std::optional<std::int64_t> min_samples;  // new ones since the last training, at least
};
// The ids of the runs that began. insufficient_data where a line has fewer new samples than wished for.
Result<std::vector<std::int64_t>> begin_retrain(loop::Live& live, const RetrainWish& wish);

}  // namespace pawl::http
