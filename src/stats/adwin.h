// ADWIN (Bifet, Gavaldà 2007): a window over a stream that grows while its mean stands still and drops its
// older part once the two parts' means differ. Kept as an exponential histogram: buckets of 1, 2, 4, … rows,
// at most five of a size, so that a window of W rows needs O(log W) memory and W is not bounded.
//   δ' = ln(2 ln W / δ),  r = 1/(n₀ − m + 1) + 1/(n₁ − m + 1),  ε = √(2 r σ² δ') + ⅔ δ' r
// and the older part goes where |mean₀ − mean₁| > ε for some cut; m is the least length of a part. The last
// term takes values of range 1: scale others to about that. Deterministic; a copy goes on alike. One thread
// at a time.
#pragma once

#include <cstdint>
#include <vector>

namespace pawl::stats {

struct AdwinSettings {
  double delta = 0.002;   // in (0, 1): the share of false alarms a test may make
  int check_every = 32;   // rows between two tests
  int part_rows_min = 5;  // m
  int rows_min = 10;      // no test before
};

class Adwin {
 public:
  explicit Adwin(const AdwinSettings& settings = {}) : settings_(settings) {}
  // True where the mean has changed and older rows were dropped. O(1), and O(log² W) where it tests.
  bool push(double value);
  std::uint64_t rows() const { return rows_; }  // of the window
  double mean() const;                          // of the window; 0 where it is empty. O(log W)
  double variance() const;                      // likewise, by n
  std::size_t buckets() const;                  // held in memory: what is bounded by O(log W)

 private:
  struct Bucket {
    double rows = 0, mean = 0, squares = 0;  // squares: of the distances from the mean
    void join(const Bucket& other);
  };
  Bucket whole() const;
  bool differs() const;
  void drop_oldest();

  AdwinSettings settings_;
  std::vector<std::vector<Bucket>> sizes_;  // [i]: buckets of 2^i rows, oldest first
  std::uint64_t rows_ = 0, pushed_ = 0;
};

}  // namespace pawl::stats
