// What every benchmark shares: rounds in which contestants take turns, the figures that come of them, and the
// table, JSON and page that show them.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace pawl::bench {

// One value a round.
struct Figure {
  std::string name;     // "retrain_over_xgboost_ratio"
  std::string unit;     // "ratio", "bars/s", "ns/bar"
  std::string meaning;  // one sentence for a reader who has seen nothing else, sizes included
  std::vector<double> rounds;

  double median() const;
  double min() const;
  double max() const;
};

struct Options {
  bool quick = false;
  int rounds() const { return quick ? 3 : 9; }
};

// Something that is timed. A call is one measurement: it prepares, works, and gives the seconds that count.
struct Contestant {
  std::string name;
  std::function<Result<double>()> measure;
};

// Seconds by contestant and round. Contestants take turns within each round, so that what else the machine
// does falls on all of them alike; a first round warms caches and is thrown away.
using Rounds = std::vector<std::vector<double>>;

class Bench {
 public:
  explicit Bench(Options options) : options_(options) {}
  const Options& options() const { return options_; }

  Result<Rounds> take_turns(std::string_view subject, std::span<const Contestant> contestants);
  void add(std::string name, std::string unit, std::string meaning, std::vector<double> rounds);
  // Loudly, on stderr: what was left out and why.
  void skip(std::string_view what, std::string_view why) const;

  const std::vector<Figure>& figures() const { return figures_; }

 private:
  Options options_;
  std::vector<Figure> figures_;
};

// CPU seconds of the whole process, all threads, that `work` took: what other processes do on the same cores
// changes them least. Wall seconds where a disk or another process is waited for.
Result<double> cpu_seconds_of(const std::function<Status()>& work);
Result<double> wall_seconds_of(const std::function<Status()>& work);

// value[i] = scale × seconds[i], scale / seconds[i], and a[i] / b[i].
std::vector<double> scaled(const std::vector<double>& seconds, double scale);
std::vector<double> rate(const std::vector<double>& seconds, double count);
std::vector<double> ratio(const std::vector<double>& a, const std::vector<double>& b);

// "1,234", "12.3", "0.0123": four digits or so.
std::string short_number(double value);

// {"name": {"median", "min", "max", "unit", "rounds", "meaning"}, …}
Json to_json(const std::vector<Figure>& figures);
std::string table_of(const std::vector<Figure>& figures);

}  // namespace pawl::bench
