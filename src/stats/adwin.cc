#include "stats/adwin.h"

#include <cmath>

namespace pawl::stats {

namespace {

constexpr std::size_t kBucketsOfASize = 5;

}  // namespace

// Chan, Golub, LeVeque 1979: sums of squares of two parts make that of the whole.
void Adwin::Bucket::join(const Bucket& other) {
  const double both = rows + other.rows, apart = other.mean - mean;
  if (both == 0) return;
  squares += other.squares + apart * apart * rows * other.rows / both;
  mean += apart * other.rows / both;
  rows = both;
}

Adwin::Bucket Adwin::whole() const {
  Bucket all;
  for (const std::vector<Bucket>& size : sizes_) {
    for (const Bucket& bucket : size) all.join(bucket);
  }
  return all;
}

double Adwin::mean() const {
  return whole().mean;
}

double Adwin::variance() const {
  return rows_ == 0 ? 0 : whole().squares / static_cast<double>(rows_);
}

std::size_t Adwin::buckets() const {
  std::size_t count = 0;
  for (const std::vector<Bucket>& size : sizes_) count += size.size();
  return count;
}

bool Adwin::differs() const {
  const Bucket all = whole();
  const double least = settings_.part_rows_min;
  const double spread = all.squares / all.rows;
  const double confidence = std::log(2 * std::log(all.rows) / settings_.delta);
  double rows = 0, sum = 0;
  for (auto size = sizes_.rbegin(); size != sizes_.rend(); ++size) {
    for (const Bucket& bucket : *size) {
      rows += bucket.rows;
      sum += bucket.rows * bucket.mean;
      const double left = all.rows - rows;
      if (rows < least) continue;
      if (left < least) return false;
      const double per_row = 1 / (rows - least + 1) + 1 / (left - least + 1);
      const double limit = std::sqrt(2 * per_row * spread * confidence) + 2.0 / 3 * confidence * per_row;
      if (std::abs(sum / rows - (all.rows * all.mean - sum) / left) > limit) return true;
    }
  }
  return false;
}

void Adwin::drop_oldest() {
  std::vector<Bucket>& oldest = sizes_.back();
  rows_ -= static_cast<std::uint64_t>(oldest.front().rows);
  oldest.erase(oldest.begin());
  while (!sizes_.empty() && sizes_.back().empty()) sizes_.pop_back();
}

bool Adwin::push(double value) {
  if (sizes_.empty()) sizes_.emplace_back();
  sizes_[0].push_back({1, value, 0});
  ++rows_;
  ++pushed_;
  for (std::size_t i = 0; i < sizes_.size() && sizes_[i].size() > kBucketsOfASize; ++i) {
    Bucket joined = sizes_[i][0];
    joined.join(sizes_[i][1]);
    sizes_[i].erase(sizes_[i].begin(), sizes_[i].begin() + 2);
    if (i + 1 == sizes_.size()) sizes_.emplace_back();
    sizes_[i + 1].push_back(joined);
  }
  if (pushed_ % static_cast<std::uint64_t>(settings_.check_every) != 0) return false;
  bool changed = false;
  while (rows_ >= static_cast<std::uint64_t>(settings_.rows_min) && differs()) {
    drop_oldest();
    changed = true;
  }
  return changed;
}

}  // namespace pawl::stats
