#include "app/plot.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/format.h"

namespace pawl::app {

namespace {

// The mean of the values that fall into each column.
std::vector<double> columns_of(std::span<const double> values, std::size_t width) {
  std::vector<double> columns(width, std::numeric_limits<double>::quiet_NaN());
  for (std::size_t column = 0; column < width; ++column) {
    const std::size_t from = column * values.size() / width;
    const std::size_t to = std::max(from + 1, (column + 1) * values.size() / width);
    double sum = 0;
    int count = 0;
    for (std::size_t i = from; i < std::min(to, values.size()); ++i) {
      if (!std::isfinite(values[i])) continue;
      sum += values[i];
      ++count;
    }
    if (count > 0) columns[column] = sum / count;
  }
  return columns;
}

}  // namespace

std::string plot(std::span<const double> values, const PlotOptions& options) {
  if (values.empty()) return {};
  const std::vector<double> columns = columns_of(values, options.width);
  double low = options.reference.value_or(std::numeric_limits<double>::infinity());
  double high = options.reference.value_or(-std::numeric_limits<double>::infinity());
  for (const double value : columns) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (!(low <= high)) return {};
  if (high - low < 1e-12) {
    low -= 0.5;
    high += 0.5;
  }
  const auto row_of = [&](double value) {
    const double share = (high - value) / (high - low);
    return static_cast<std::size_t>(std::lround(share * static_cast<double>(options.height - 1)));
  };

  std::vector<std::vector<std::string>> cells(options.height, std::vector<std::string>(options.width, " "));
  if (options.reference) {
    for (std::string& cell : cells[row_of(*options.reference)]) cell = "·";
  }
  for (std::size_t column = 0; column < options.width; ++column) {
    if (std::isfinite(columns[column])) cells[row_of(columns[column])][column] = "█";
  }
  std::string text;
  for (std::size_t row = 0; row < options.height; ++row) {
    const double value =
        high - (high - low) * static_cast<double>(row) / static_cast<double>(options.height - 1);
    const bool labelled =
        row == 0 || row + 1 == options.height || (options.reference && row == row_of(*options.reference));
    text += labelled ? fmt::format("{:>9.{}f} │",
                                   options.reference && row == row_of(*options.reference) ? *options.reference
                                                                                          : value,
                                   options.decimals)
                     : fmt::format("{:>9} │", "");
    for (const std::string& cell : cells[row]) text += cell;
    text += '\n';
  }
  std::string marks(options.width, ' ');
  for (const double mark : options.marks) {
    marks[std::min(options.width - 1, static_cast<std::size_t>(mark * static_cast<double>(options.width)))] =
        '^';
  }
  if (!options.marks.empty()) text += fmt::format("{:>9}  {}\n", "", marks);
  text +=
      fmt::format("{:>9}  {:<{}}{}\n", "", options.left_label,
                  options.width - std::min(options.width, options.right_label.size()), options.right_label);
  return text;
}

}  // namespace pawl::app
