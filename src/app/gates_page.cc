#include "app/gates_page.h"

#include <algorithm>

#include "base/format.h"
#include "stats/paired_tests.h"

namespace pawl::app {

namespace {

// Cells come by policy and form, size, skill: one row of a table is one policy at one size.
struct Row {
  std::string name;
  std::vector<const studies::MeasuredCell*> cells;
};

std::vector<Row> rows_of(const std::vector<studies::MeasuredCell>& cells, std::size_t size) {
  std::vector<Row> rows;
  for (const studies::MeasuredCell& cell : cells) {
    if (cell.rows != size) continue;
    const std::string name = cell.form.empty() ? cell.policy : cell.policy + ", " + cell.form;
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
  return gates_text(cells);
}

std::string regret_text(const studies::RegretStudy& study) {
  std::string text = fmt::format(
      "\nRegret, % of the capital a year: mean over {} seeds of each market ± half its 95 % interval\n",
      study.seeds);
  const auto name_of = [](const std::string& policy, const std::string& form) {
    return form.empty() ? policy : policy + ", " + form;
  };
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
  return regret_text(study);
}

}  // namespace pawl::app
