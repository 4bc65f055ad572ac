// Named scores of one version on one set of rows. A score that is not defined (no trades, one class) is
// null with a reason, never 0 or infinity.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace pawl {

struct Score {
  std::string name;
  std::optional<double> value;
  std::string why_undefined;  // set exactly where value is not
};

class Scorecard {
 public:
  void set(std::string name, double value);  // a value that is not finite is a bug (assert)
  void set_undefined(std::string name, std::string why);
  // The value, or nothing where it is undefined or was never set.
  std::optional<double> get(std::string_view name) const;
  const Score* find(std::string_view name) const;
  const std::vector<Score>& scores() const { return scores_; }
  // {"accuracy":0.53,…,"sharpe":null,"undefined":{"sharpe":"no trades"}}
  Json to_json() const;
  static Result<Scorecard> from_json(const Json& json);

 private:
  std::vector<Score> scores_;
};

}  // namespace pawl
