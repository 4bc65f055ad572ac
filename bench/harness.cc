#include "harness.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdio>

#include "base/clock.h"

namespace pawl::bench {

namespace {

void tell(const std::string& line) {
  std::fputs((line + "\n").c_str(), stderr);
}

std::string with_separators(std::int64_t value) {
  std::string digits = fmt::format("{}", value);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > (value < 0 ? 1 : 0); at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return digits;
}

}  // namespace

double Figure::median() const {
  std::vector<double> sorted = rounds;
  std::sort(sorted.begin(), sorted.end());
  const std::size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

double Figure::min() const {
  return *std::min_element(rounds.begin(), rounds.end());
}

double Figure::max() const {
  return *std::max_element(rounds.begin(), rounds.end());
}

Result<Rounds> Bench::take_turns(std::string_view subject, std::span<const Contestant> contestants) {
  Rounds rounds(contestants.size());
  for (int round = 0; round <= options_.rounds(); ++round) {
    std::string line = round == 0 ? fmt::format("{}: cold round, not counted:", subject)
                                  : fmt::format("{}: round {} of {}:", subject, round, options_.rounds());
    for (std::size_t i = 0; i < contestants.size(); ++i) {
      const auto seconds = contestants[i].measure();
      if (!seconds) return within(contestants[i].name, seconds.error());
      line += fmt::format(" {} {:.3f} s", contestants[i].name, *seconds);
      if (round > 0) rounds[i].push_back(*seconds);
    }
    tell(line);
  }
  return rounds;
}

void Bench::add(std::string name, std::string unit, std::string meaning, std::vector<double> rounds) {
  assert(!rounds.empty());
  figures_.push_back({std::move(name), std::move(unit), std::move(meaning), std::move(rounds)});
}

void Bench::skip(std::string_view what, std::string_view why) const {
  tell(fmt::format("SKIPPED {}: {}", what, why));
}

Result<double> cpu_seconds_of(const std::function<Status()>& work) {
  const double from = process_cpu_seconds();
  if (Status done = work(); !done) return propagate(done);
  return process_cpu_seconds() - from;
}

Result<double> wall_seconds_of(const std::function<Status()>& work) {
  const double from = monotonic_seconds();
  if (Status done = work(); !done) return propagate(done);
  return monotonic_seconds() - from;
}

std::vector<double> scaled(const std::vector<double>& seconds, double scale) {
  std::vector<double> values;
  for (const double one : seconds) values.push_back(one * scale);
  return values;
}

std::vector<double> rate(const std::vector<double>& seconds, double count) {
  std::vector<double> values;
  for (const double one : seconds) values.push_back(count / one);
  return values;
}

std::vector<double> ratio(const std::vector<double>& a, const std::vector<double>& b) {
  assert(a.size() == b.size());
  std::vector<double> values;
  for (std::size_t i = 0; i < a.size(); ++i) values.push_back(a[i] / b[i]);
  return values;
}

std::string short_number(double value) {
  const double size = std::fabs(value);
  if (size >= 1000) return with_separators(std::llround(value));
  if (size >= 100) return fmt::format("{:.0f}", value);
  if (size >= 10) return fmt::format("{:.1f}", value);
  if (size >= 1) return fmt::format("{:.2f}", value);
  return fmt::format("{:.3f}", value);
}

Json to_json(const std::vector<Figure>& figures) {
  Json json = Json::object();
  for (const Figure& figure : figures) {
    json[figure.name] = {{"median", figure.median()}, {"min", figure.min()},
                         {"max", figure.max()},       {"unit", figure.unit},
                         {"meaning", figure.meaning}, {"rounds", figure.rounds.size()}};
  }
  return json;
}

std::string table_of(const std::vector<Figure>& figures) {
  std::size_t width = 0;
  for (const Figure& figure : figures) width = std::max(width, figure.name.size());
  std::string table =
      fmt::format("{:<{}} {:>12} {:>12} {:>12}  {}\n", "", width, "median", "min", "max", "unit");
  for (const Figure& figure : figures) {
    table +=
        fmt::format("{:<{}} {:>12} {:>12} {:>12}  {}\n", figure.name, width, short_number(figure.median()),
                    short_number(figure.min()), short_number(figure.max()), figure.unit);
  }
  return table;
}

}  // namespace pawl::bench
