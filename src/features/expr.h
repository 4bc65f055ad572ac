// A feature expression as a tree, read from text and written back in one canonical form.
//
//   sum     := product (('+' | '-') product)*
//   product := unary (('*' | '/') unary)*
//   unary   := '-' unary | primary
//   primary := number | joined | operand ['[' MARKET ']']
//   operand := column ['@' TF] | kind ['(' sum (',' sum)* ')'] ['@' TF] | '(' sum ')'
//
// Behind an operand, [SPY] computes it on SPY's own closed bars of the base timeframe, with a state and gaps
// of their own: ret(1)[SPY], rsi(14)@H4[SPY], (close/sma(50))[SPY]. The bars' joined columns hold it under
// its canonical name, as any outside series: newest value that was known at the own bar's close.
// find_other_markets() says which columns a list of expressions needs.
//
// Kinds are looked up and their arguments checked while reading: arguments that are plain numbers are
// parameters, all others are inputs and come first. A tree that was read is valid.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/symbol.h"
#include "domain/timeframe.h"
#include "features/feature.h"

namespace pawl::features {

enum class Column { open, high, low, close, volume };
inline constexpr std::array<std::string_view, 5> kColumnNames = {"open", "high", "low", "close", "volume"};

struct Expr {
  enum class Type { number, column, joined, call, negation, operation };
  Type type = Type::number;
  double number = 0;
  Column column = Column::close;
  std::size_t joined = 0;                   // index of an outside series in the bars' joined columns
  std::string joined_name = {};             // and its name
  const FeatureKind* kind = nullptr;        // of a call, with all its parameters, defaults included
  std::vector<double> parameters = {};      // of a call
  std::optional<Timeframe> timeframe = {};  // behind a call or column; absent where it is the base's
  char operation = 0;                       // + - * /
  std::vector<Expr> operands = {};          // inputs of a call, or what the operation is on
};

// bad_config names the expression, the column in it (from 1), what was wrong and what is possible there.
// `joined` are the names of the bars' joined columns, in their order; check_joined_names() holds for them.
Result<Expr> parse_expression(std::string_view text, Timeframe base,
                              std::span<const std::string> joined = {});

// What an expression reads of another market.
struct OtherMarket {
  std::string name;        // canonical, and that of the joined column: "ret(1)[SPY]"
  std::string expression;  // what is computed on that market's own bars: "ret(1)"
  std::string market;      // its canonical symbol: "SPY"
};
// Those of a list of expressions, each once, in the order in which they are read. `joined` names the other
// joined columns, `markets` are those whose bars there are. bad_config as in parse_expression(), and where a
// market is none of them.
Result<std::vector<OtherMarket>> find_other_markets(std::span<const std::string> specs, Timeframe base,
                                                    std::span<const std::string> joined,
                                                    std::span<const Symbol> markets);

// bad_config where a name is not lower-case letters, digits and underscores with a letter first (or that of
// an OtherMarket), stands there twice, or is that of a kind or a bar column.
Status check_joined_names(std::span<const std::string> names);

// The shortest text that reads back as the same tree, but for parameters, which are all written: "rsi" is
// "rsi(14)". No blanks.
std::string canonical_text(const Expr& expr);

}  // namespace pawl::features
