// What one symbol's features remember, and the working memory of an update.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "domain/resampler.h"
#include "features/plan.h"

namespace pawl::features {

// Closed bars of a higher timeframe that came out of one block of base bars.
class HigherBars {
 public:
  HigherBars(Timeframe timeframe, const MarketCalendar& calendar);

  // For blocks of up to so many base bars.
  void make_room(std::size_t block);

  // Takes a block of base bars; afterwards block() and known_with() hold what closed within it.
  void update(const BarBlock& base);
  BarBlock block() const;
  // For each bar of block(), the base bar of the block with whose close it is known.
  std::span<const std::size_t> known_with() const { return std::span(known_with_).first(count_); }
  // How many bars closed before this block.
  std::uint64_t closed_before() const { return closed_ - count_; }

  void save(ByteWriter& out) const;
  bool load(ByteReader& in);

 private:
  void take(const Bar& bar, std::size_t known_with);

  Resampler resampler_;
  std::vector<TimeMs> open_time_, close_time_;
  std::vector<double> open_, high_, low_, close_, volume_;
  std::vector<std::size_t> known_with_;
  std::size_t count_ = 0;
  std::uint64_t closed_ = 0;
};

struct Engine::State {
  // Long enough to spread the cost of a virtual call, short enough that all nodes' values stay in the cache.
  static constexpr std::size_t kBlock = 512;
  // Live, a line has a bar at a time: thousands of lines need not each hold room for a whole block.
  static constexpr std::size_t kFew = 8;

  State(const FeatureList::Plan& plan, const simd::Kernels& kernels);

  // Working memory for blocks of up to kFew or up to kBlock bars.
  void make_room(std::size_t block);
  // At most as many bars as there is room for. `past_caches`: the rows are part of more than the caches hold.
  void update(const BarBlock& bars, std::span<double> rows, std::span<std::uint8_t> ready, bool past_caches);
  void save(ByteWriter& out) const;
  bool load(ByteReader& in);

 private:
  // What compute() needs of a node, in one line of the cache: for a single bar, looking nodes up in the plan
  // costs as much as what they compute.
  struct Step {
    NodeType type;
    char operation;
    Column column;
    std::uint8_t input_count, output_count;
    std::uint32_t node, joined;
    std::array<std::uint32_t, 3> inputs = {};
    Feature* kind;  // of kinds_
    const std::uint8_t* read;
  };

  void compute(std::size_t group, const BarBlock& bars);
  void compute_join(std::size_t node, std::size_t bars);
  // Finds the first base bar whose row is ready, as far as it can be known.
  void find_first_ready();

  const FeatureList::Plan& plan_;
  const simd::Kernels& kernels_;
  std::vector<std::unique_ptr<Feature>> kinds_;    // by node; null where the node is none
  std::vector<std::size_t> own_warm_up_;           // by node; what the kind adds to its inputs'
  std::size_t room_ = 0;                           // values that the buffer holds of each output
  std::vector<double> buffer_;                     // the values of all nodes that are computed
  std::vector<double*> computed_;                  // by node: its part of the buffer
  std::vector<const double*> values_;              // by node: that, or the column of the bars
  std::vector<std::span<const double>> inputs_;    // for one call
  std::vector<std::span<double>> outputs_;         // for one call
  std::vector<std::vector<Step>> steps_;           // by group; without what needs nothing done
  std::vector<const double*> columns_;             // what a row is made of
  std::vector<HigherBars> higher_;                 // by group − 1
  std::vector<double> last_joined_;                // by node: what the newest closed higher bar said
  std::vector<std::uint64_t> join_ready_, first_;  // by node: index of the base bar; kForever: not yet
  std::uint64_t seen_ = 0, first_ready_ = 0;
};

}  // namespace pawl::features
