// What each verdict of a data folder was worth, so far.
#include <algorithm>

#include "app/commands/gates.h"
#include "app/opened.h"
#include "loop/verdict_regret.h"

namespace pawl::app {

namespace {

std::string share(double value) {
  return fmt::format("{:+.2f} %", 100 * value);
}

void print_report(const loop::RegretReport& report, double days) {
  if (report.verdicts.empty()) {
    print("There are no verdicts yet.\n");
    return;
  }
  print(
      fmt::format("What the version that served earned more than the other one, after costs: as if it had "
                  "served for {:g} days after each verdict\n\n",
                  days));
  std::size_t width = std::string_view("line").size();
  for (const loop::VerdictRegret& one : report.verdicts) width = std::max(width, one.line.size());
  print(fmt::format("{:>5}  {:<{}}  {:<16}  {:<12} {:<9} {:<9} {:>6} {:>10}  {}\n", "run", "line", width,
                    "at", "verdict", "served", "other", "bars", "gained", "95 %"));
  for (const loop::VerdictRegret& one : report.verdicts) {
    const std::string found = one.why_not.empty()
                                  ? fmt::format("{:>10}  {} … {}", share(one.gained), share(one.interval.low),
                                                share(one.interval.high))
                                  : fmt::format("{:>10}  {}", "–", one.why_not);
    print(fmt::format("{:>5}  {:<{}}  {:<16}  {:<12} {:<9} {:<9} {:>6} {}\n", one.run, one.line, width,
                      short_time(one.at), decision_name(one.decision), one.chosen.text(), one.other.text(),
                      one.differences.size(), found));
  }
  if (report.followed == 0) return;
  const bool told = report.interval.low > 0 || report.interval.high < 0;
  print(fmt::format(
      "\n{} of {} verdicts could be followed. Each counted until the line's next verdict or swap only, so "
      "that every bar counts once, they gained {} together ({} … {}) over {} bars, beside doing the opposite "
      "each time{}.\n",
      report.followed, report.verdicts.size(), share(report.gained), share(report.interval.low),
      share(report.interval.high), report.differences.size(), told ? "" : ": that may be chance"));
}

Status regret(const CommonOptions& common, const VerdictRegretOptions& options) {
  auto opened = open_with_recipe(common, DataFolder::Use::read);
  if (!opened) return propagate(opened);
  DataFolder& data = *opened->data;
  const recipe::Recipe& recipe = opened->recipe;
  auto engine = restored_engine(common, *opened);
  if (!engine) return propagate(engine);
  const double days =
      options.days.value_or(static_cast<double>(recipe.shadow.follow_ms) / static_cast<double>(kDayMs));
  auto report = loop::verdict_regrets(*(*engine)->loop, data.store(), data.registry(), recipe,
                                      static_cast<DurationMs>(days * static_cast<double>(kDayMs)));
  if (!report) return propagate(report);
  if (common.json) {
    print(loop::to_json(*report).dump() + "\n");
  } else {
    print_report(*report, days);
  }
  return {};
}

}  // namespace

int regret_command(const CommonOptions& common, const VerdictRegretOptions& options) {
  const Status done = regret(common, options);
  return done ? 0 : report(done.error(), common);
}

}  // namespace pawl::app
