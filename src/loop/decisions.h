// The decisions of a loop, in order: predictions (side, version), answers to a bot's signals, triggers,
// verdicts, swaps, rollbacks. Integers and
// strings only, so that their hash says whether two runs decided alike, whatever machine printed them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "domain/evidence.h"
#include "domain/prediction.h"
#include "domain/trade.h"

namespace pawl::loop {

class DecisionLog {
 public:
  // `keep` holds every line in memory for printing; without it only the hash and the count grow.
  explicit DecisionLog(bool keep) : keep_(keep) {}

  void prediction(const Prediction& prediction);
  void answer(const Trade& trade, TimeMs at);
  void trigger(const std::vector<LineId>& lines, std::string_view trigger, TimeMs at);
  void verdict(const LineId& line, std::int64_t run, Decision decision, VersionNumber challenger, TimeMs at);
  void swap(const LineId& line, VersionNumber from, VersionNumber to, TimeMs at);
  void rollback(const LineId& line, VersionNumber from, VersionNumber to, TimeMs at);

  // Each a JSON object with sorted keys and no spaces.
  const std::vector<std::string>& lines() const { return lines_; }
  std::int64_t count() const { return count_; }
  // SHA-256 over the lines, each ended by a newline.
  std::string sha256() const { return hash_.hex(); }

 private:
  void add(std::string line);
  bool keep_;
  std::int64_t count_ = 0;
  std::vector<std::string> lines_;
  Sha256 hash_;
};

}  // namespace pawl::loop
