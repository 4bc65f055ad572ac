#include "support/doc_tables.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/format.h"

namespace pawl::test {
namespace {

std::string trimmed(std::string cell) {
  const auto from = cell.find_first_not_of(' ');
  if (from == std::string::npos) return "";
  cell = cell.substr(from, cell.find_last_not_of(' ') - from + 1);
  if (cell.size() >= 2 && cell.front() == '`' && cell.find('`', 1) == cell.size() - 1) {
    cell = cell.substr(1, cell.size() - 2);
  }
  return cell;
}

std::vector<std::string> cells_of(const std::string& row) {
  std::vector<std::string> cells;
  std::size_t from = 1;
  for (std::size_t to = row.find('|', from); to != std::string::npos; to = row.find('|', from)) {
    cells.push_back(trimmed(row.substr(from, to - from)));
    from = to + 1;
  }
  return cells;
}

bool is_ruler(const std::string& row) {
  return row.find_first_not_of("|-: ") == std::string::npos;
}

}  // namespace

std::string doc_section(const std::string& markdown, std::string_view name) {
  const std::string heading = fmt::format("\n## `{}`\n", name);
  const std::size_t at = markdown.find(heading);
  if (at == std::string::npos) return "";
  const std::size_t from = at + heading.size();
  return markdown.substr(from, markdown.find("\n## ", from) - from);
}

std::vector<std::vector<std::string>> doc_rows(const std::string& markdown) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(markdown);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with('|')) continue;
    if (is_ruler(line)) {
      if (!rows.empty()) rows.pop_back();  // the row above a ruler is the heading
    } else {
      rows.push_back(cells_of(line));
    }
  }
  return rows;
}

std::string default_text(const Setting& setting) {
  struct Printer {
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
    std::string operator()(double value) const { return fmt::format("{:g}", value); }
    std::string operator()(const std::string& value) const { return value; }
    std::string operator()(const std::vector<std::string>& value) const {
      return fmt::format("[{}]", fmt::join(value, ", "));
    }
  };
  return std::visit(Printer{}, setting.default_value);
}

void expect_documented(const std::string& markdown, std::string_view name, const Schema& schema) {
  const std::string section = doc_section(markdown, name);
  ASSERT_FALSE(section.empty()) << "the page has no section ## `" << name << "`";
  const std::size_t table = section.find("\n| setting ");
  std::vector<std::vector<std::string>> rows;
  if (table != std::string::npos) rows = doc_rows(section.substr(table, section.find("\n\n", table) - table));
  for (const Setting& setting : schema.settings()) {
    bool found = false;
    for (const auto& row : rows) {
      if (row.size() < 2 || row[0] != setting.name) continue;
      found = true;
      EXPECT_EQ(row[1], default_text(setting)) << name << "." << setting.name;
    }
    EXPECT_TRUE(found) << name << "." << setting.name << " has no row in the docs";
  }
  for (const auto& row : rows) {
    EXPECT_NE(schema.find(row.at(0)), nullptr)
        << name << " has no setting " << row[0] << ", the docs say it has";
  }
}

}  // namespace pawl::test
