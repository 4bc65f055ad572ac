#include <cmath>

#include "features/expr.h"

namespace pawl::features {

namespace {

int precedence(const Expr& expr) {
  switch (expr.type) {
    case Expr::Type::operation:
      return expr.operation == '+' || expr.operation == '-' ? 1 : 2;
    case Expr::Type::negation:
      return 3;
    case Expr::Type::number:
      return std::signbit(expr.number) ? 3 : 4;
    default:
      return 4;
  }
}

std::string wrapped(const Expr& expr, bool in_parentheses) {
  return in_parentheses ? fmt::format("({})", canonical_text(expr)) : canonical_text(expr);
}

bool is_default_input(const Expr& expr) {
  return expr.type == Expr::Type::column && expr.column == Column::close && !expr.timeframe;
}

std::string call_text(const Expr& expr) {
  const bool left_out = expr.kind->default_input_close && is_default_input(expr.operands[0]);
  std::string arguments;
  if (!left_out) {
    for (const Expr& operand : expr.operands) {
      if (!arguments.empty()) arguments += ",";
      arguments += canonical_text(operand);
    }
  }
  for (const double parameter : expr.parameters) {
    if (!arguments.empty()) arguments += ",";
    arguments += fmt::format("{}", parameter);
  }
  return arguments.empty() ? expr.kind->name : fmt::format("{}({})", expr.kind->name, arguments);
}

}  // namespace

std::string canonical_text(const Expr& expr) {
  const std::string suffix = expr.timeframe ? fmt::format("@{}", expr.timeframe->name()) : "";
  switch (expr.type) {
    case Expr::Type::number:
      return fmt::format("{}", expr.number);
    case Expr::Type::column:
      return std::string(kColumnNames[static_cast<std::size_t>(expr.column)]) + suffix;
    case Expr::Type::joined:
      return expr.joined_name;
    case Expr::Type::call:
      return call_text(expr) + suffix;
    case Expr::Type::negation:
      return fmt::format("-{}", wrapped(expr.operands[0], precedence(expr.operands[0]) <= 3));
    default: {
      // The left side binds first by itself; the right one needs parentheses where it would be torn apart, or
      // where its own minus would stand behind the operation.
      const Expr& right = expr.operands[1];
      const int own = precedence(expr);
      return wrapped(expr.operands[0], precedence(expr.operands[0]) < own) + expr.operation +
             wrapped(right, precedence(right) <= own || precedence(right) == 3);
    }
  }
}

}  // namespace pawl::features
