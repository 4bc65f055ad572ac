#include "app/gates_page.h"

#include <algorithm>

#include "base/format.h"
#include "stats/paired_tests.h"

namespace pawl::app {

namespace {

std::string name_of(const std::string& policy, const std::string& form) {
  return form.empty() ? policy : policy + ", " + form;
}

// Cells come by policy and form, size, skill: one row of a table is one policy at one size.
struct Row {
  std::string name;
  std::vector<const studies::MeasuredCell*> cells;
};

std::vector<Row> rows_of(const std::vector<studies::MeasuredCell>& cells, std::size_t size) {
  std::vector<Row> rows;
  for (const studies::MeasuredCell& cell : cells) {
    if (cell.rows != size) continue;
    const std::string name = name_of(cell.policy, cell.form);
    if (rows.empty() || rows.back().name != name) rows.push_back({name, {}});
    rows.back().cells.push_back(&cell);
  }
  return rows;
}

std::vector<std::size_t> sizes_of(const std::vector<studies::MeasuredCell>& cells) {
  std::vector<std::size_t> sizes;
  for (const studies::MeasuredCell& cell : cells) sizes.push_back(cell.rows);
  std::sort(sizes.begin(), sizes.end());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  return sizes;
}

std::string percent(const studies::MeasuredCell& cell) {
  return fmt::format("{:.1f}", 100 * cell.rate());
}

}  // namespace

std::string gates_text(const std::vector<studies::MeasuredCell>& cells) {
  std::string text;
  for (const std::size_t size : sizes_of(cells)) {
    const std::vector<Row> rows = rows_of(cells, size);
    std::size_t width = 0;
    for (const Row& row : rows) width = std::max(width, row.name.size());
    text += fmt::format("\nPromoted, % of {} contests over {} rows, by points of skill\n{:{}}",
                        rows.front().cells.front()->repetitions, size, "", width);
    for (const studies::MeasuredCell* cell : rows.front().cells) {
      text += fmt::format("{:>8}", fmt::format("{:+g}", cell->skill_points));
    }
    text += "\n";
    for (const Row& row : rows) {
      text += fmt::format("{:{}}", row.name, width);
      for (const studies::MeasuredCell* cell : row.cells) text += fmt::format("{:>8}", percent(*cell));
      text += "\n";
    }
  }
  return text;
}

std::string gates_page(const std::vector<studies::MeasuredCell>& cells) {
  std::string page = fmt::format(
      R"(# Gates, measured

How often does a gate promote a challenger that is better, equal or worse, when nobody but the experiment knows which?
This page is made by `pawl gates measure --markdown`; `--quick` takes about a minute, `--json` gives the numbers.

Each contest has a market of its own: independent normal bars, labels over ten bars, so that neighbours overlap. The
champion is right in 55 of 100 cases; the challenger in so many points more or fewer. Each sees the coming move through
noise of its own, which lasts as long as a label does, and says what it believes, calibrated. What stands below is the
share of {} contests a cell in which the challenger was promoted, in percent, for a line without earlier contests. 95 %
intervals are in the JSON; at 3 % they are about ± 0.8 points wide for 2,000 contests. Tests resample 1,999 times here,
in place of 9,999.

A gate that only wants the higher score promotes an equal challenger half of the time, and one that is two points worse
often enough to matter when it is asked every week. `sound` was built for two promises: worse by two points or more,
promoted at most 3 times in 100; and, for `superior`, no better, promoted at most 3 times in 100.
)",
      cells.empty() ? 0 : cells.front().repetitions);
  for (const std::size_t size : sizes_of(cells)) {
    const std::vector<Row> rows = rows_of(cells, size);
    page += fmt::format("\n## {} rows a contest\n\n| policy |", size);
    std::string rule = "\n| --- |";
    for (const studies::MeasuredCell* cell : rows.front().cells) {
      page += fmt::format(" {:+g} |", cell->skill_points);
      rule += " ---: |";
    }
    page += rule + "\n";
    for (const Row& row : rows) {
      page += fmt::format("| {} |", row.name);
      for (const studies::MeasuredCell* cell : row.cells) page += fmt::format(" {} |", percent(*cell));
      page += "\n";
    }
  }
  page += R"(
Skill is in points of accuracy. `threshold` never reaches its original floors (F1 above 0.65, accuracy above 0.70) with
such models; with floors of 0.5 it shows what the rest of the rule does. What a wrong decision costs, and what a late one:
[regret.md](regret.md). The rules themselves: [gate-policies.md](gate-policies.md).
)";
  return page;
}

std::string regret_text(const studies::RegretStudy& study) {
  std::string text = fmt::format(
      "\nRegret, % of the capital a year: mean over {} seeds of each market ± half its 95 % interval\n",
      study.seeds);
  std::size_t width = 0;
  for (const studies::PolicyRegret& row : study.rows)
    width = std::max(width, name_of(row.policy, row.form).size());
  std::string head = fmt::format("{:{}}", "", width), body;
  bool first = true;
  for (const studies::PolicyRegret& row : study.rows) {
    const std::string name = name_of(row.policy, row.form);
    if (body.empty() || body.back() == '\n') body += fmt::format("{:{}}", name, width);
    const std::string market = row.market.empty() ? "all" : row.market;
    if (first) head += fmt::format("{:>18}", market);
    body += fmt::format("{:>18}", fmt::format("{:.1f} ± {:.1f}", row.mean, (row.high - row.low) / 2));
    if (row.market.empty()) {
      first = false;
      body += fmt::format("{:>8.1f} swaps\n", row.promotions);
    }
  }
  text += head + "\n" + body;
  text += fmt::format("\nMore regret than sound, {} (over all)\n", study.default_claim);
  for (const studies::RegretStudy::Difference& one : study.against_default) {
    text += fmt::format("{:{}}{:>8.2f}  [{:.2f}, {:.2f}]\n", name_of(one.policy, one.form), width, one.mean,
                        one.low, one.high);
  }
  text += fmt::format("\n{} trainings done, {} asked for: {} saved by sharing\n", study.trainings_done,
                      study.trainings_asked, study.trainings_asked - study.trainings_done);
  return text;
}

std::string regret_page(const studies::RegretStudy& study) {
  std::string page = fmt::format(
      R"(# What deciding by a gate costs

Promoting a worse model costs money, and so does keeping a stale one. Regret says both in one number: what a policy that
knows the truth would have earned with the very same models, less what the policy earned, in percent of the capital a
year, after costs. This page is made by `pawl gates regret --markdown`.

Four simulated markets, whose truth is known, {} seeds of {} hourly bars each: one whose pattern never changes, one whose
pattern turns over slowly, one where it flips now and then, and one without any. A logistic model is retrained by the
schedule `{}` (cron, UTC) on {} days, the newest {} of which judge; every policy chooses between the same challengers (a
training is done once and shared: {} were done, {} asked for). Best is the best of all courses of promoting and keeping,
found by dynamic programming with the truth in hand. Earnings are those that were to be expected, not those that chance
brought. Nothing is taken back after a promotion.

Mean over the seeds, and half its 95 % interval:

)",
      study.seeds, study.bars, study.retraining.schedule, study.retraining.window_days,
      study.retraining.judged_days, study.trainings_done, study.trainings_asked);
  std::string head = "| policy |", rule = "\n| --- |", body;
  bool first = true;
  for (const studies::PolicyRegret& row : study.rows) {
    if (body.empty() || body.back() == '\n') body += fmt::format("| {} |", name_of(row.policy, row.form));
    if (first) head += fmt::format(" {} |", row.market.empty() ? "all" : row.market), rule += " ---: |";
    body += fmt::format(" {:.1f} ± {:.1f} |", row.mean, (row.high - row.low) / 2);
    if (!row.market.empty()) continue;
    first = false;
    body += fmt::format(" {:.1f} |\n", row.promotions);
  }
  page += head + " swaps |" + rule + " ---: |\n" + body;
  page += fmt::format(
      "\n## Beside `sound`, `{}`\n\nMore regret than it, seed by seed over all markets:\n\n"
      "| policy | more regret | 95 % | |\n| --- | ---: | ---: | --- |\n",
      study.default_claim);
  for (const studies::RegretStudy::Difference& one : study.against_default) {
    const char* said = one.low > 0 ? "more" : one.high < 0 ? "less" : "cannot be told apart";
    page += fmt::format("| {} | {:+.1f} | {:+.1f} … {:+.1f} | {} |\n", name_of(one.policy, one.form),
                        one.mean, one.low, one.high, said);
  }
  page += R"(
`never` is there for comparison; so is `always`, which promises nothing about the model that it lets in, and is what a
script with a retrain cron does. No market here contains a broken model, which is what a gate guards against first.

How much a gate can save depends on the rhythm. Models that are trained often, on few rows, differ by luck, and choosing
among them pays; models that are trained seldom, on many, differ by age, and whatever is newest is hard to beat: judging
takes rows, and a stale model goes on losing while they come in. `pawl gates regret --schedule … --window-days …
--judged-days …` measures it for yours; three others stand in [gate-policies.md](gate-policies.md#which-claim-and-how-often).
How often each policy lets a worse model in: [gates.md](gates.md).
)";
  return page;
}

}  // namespace pawl::app
