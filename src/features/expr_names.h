// What a name in an expression can be, and how it is spoken of in errors.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "features/expr.h"

namespace pawl::features {

std::optional<Column> find_column(std::string_view name);

// Columns of the bars, kinds, outside series: what an unknown name is compared with.
std::vector<std::string> known_names(std::span<const std::string> joined);

// How a kind is called, with what may be left out in brackets: "ema([x=close], [n=20])".
std::string usage(const FeatureKind& kind);

}  // namespace pawl::features
