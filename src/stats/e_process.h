// An e-process: a wager against "the mean of d is not above 0" that may be looked at after every row.
//   K = Π (1 + λ_t d_t),  d ∈ [−1, 1],  λ ∈ [0, ½] chosen from the rows before t
// Where that is true K is a supermartingale that begins at 1, so the chance that it ever reaches 1/α is at
// most α (Ville), however often one looks and whenever one stops. Rows whose labels overlap are not fair bets
// each: give one per disjoint label.
//
// The stake is that of a mixture (Shafer, Vovk): wealth divided evenly among gamblers who always stake 0.05,
// 0.1, 0.2 and 0.4. Together they stake the mean of these, weighed by what each has won so far: small at
// first, and after long as good as the best of the four but for ln 4. For two models 5 points apart whose
// errors are independent the best stake is 0.1. Deterministic, O(1), copies go on alike. One thread at a
// time.
#pragma once

#include <array>
#include <cstdint>

namespace pawl::stats {

class EProcess {
 public:
  // `d` in [−1, 1]: the evidence of one row for a mean above 0, such as the difference of two scores.
  void push(double d);
  double value() const;      // K; 1 before the first row
  double log_value() const;  // ln K: no overflow
  std::uint64_t rows() const { return rows_; }

 private:
  std::array<double, 4> logs_ = {};  // of each gambler
  std::uint64_t rows_ = 0;
};

}  // namespace pawl::stats
