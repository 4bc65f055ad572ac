#include "http/routes/moves.h"

#include <algorithm>

namespace pawl::http {

Result<std::vector<std::int64_t>> begin_retrain(loop::Live& live, const RetrainWish& wish) {
  if (wish.min_samples) {
    const auto& lines = live.loop().lines();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (!wish.lines.empty() && std::find(wish.lines.begin(), wish.lines.end(), i) == wish.lines.end())
        continue;
      if (lines[i]->new_samples() >= *wish.min_samples) continue;
      return fail(ErrorCode::insufficient_data, "Not enough data for retraining: {} has {} new samples of {}",
                  lines[i]->id(), lines[i]->new_samples(), *wish.min_samples);
    }
  }
  return live.request(wish.lines, wish.reason, wish.full, wish.force);
}

}  // namespace pawl::http
