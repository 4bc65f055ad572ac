// A small line plot in text, for people at a terminal.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace pawl::app {

struct PlotOptions {
  std::size_t width = 72, height = 9;
  std::optional<double> reference;      // a horizontal line, as the 0.5 of a coin
  std::vector<double> marks;            // places along the x axis in [0, 1], drawn below as ^
  std::string left_label, right_label;  // under the x axis' ends
  int decimals = 2;
};

// The values spread evenly over the width; NaN leaves a hole. Ends with a newline; empty for no values.
std::string plot(std::span<const double> values, const PlotOptions& options);

}  // namespace pawl::app
