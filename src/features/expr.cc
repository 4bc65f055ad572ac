#include "features/expr.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/settings.h"
#include "features/expr_names.h"

namespace pawl::features {

namespace {

// Far above what a person writes, and low enough that nothing which walks a tree runs out of stack.
constexpr std::size_t kLongestText = 1000;
constexpr int kDeepestNesting = 50;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool reads_bars(const Expr& expr) {
  if (expr.type == Expr::Type::column || expr.type == Expr::Type::joined || expr.type == Expr::Type::call) {
    return true;
  }
  for (const Expr& operand : expr.operands) {
    if (reads_bars(operand)) return true;
  }
  return false;
}

bool has_timeframe(const Expr& expr) {
  if (expr.timeframe) return true;
  for (const Expr& operand : expr.operands) {
    if (has_timeframe(operand)) return true;
  }
  return false;
}

// The first outside series in an expression; null where it reads none.
const Expr* find_joined(const Expr& expr) {
  if (expr.type == Expr::Type::joined) return &expr;
  for (const Expr& operand : expr.operands) {
    if (const Expr* found = find_joined(operand)) return found;
  }
  return nullptr;
}

double apply(char operation, double a, double b) {
  switch (operation) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    default:
      return a / b;
  }
}

std::string listed(std::span<const Symbol> markets) {
  std::string names;
  for (const Symbol& market : markets) names += (names.empty() ? "" : " ") + market.canonical();
  return names.empty() ? "none" : names;
}

// Where the parts that are computed on other markets go while the columns for them are not there yet.
struct Collected {
  std::span<const Symbol> markets;
  std::vector<OtherMarket> found;
};

class Parser {
 public:
  // With `collected`, what stands before a [MARKET] is put there; without, it must be a joined column.
  Parser(std::string_view text, Timeframe base, std::span<const std::string> joined,
         Collected* collected = nullptr)
      : text_(text), base_(base), joined_(joined), collected_(collected) {}

  Result<Expr> whole() {
    if (text_.size() > kLongestText) {
      return fail_at(kLongestText, "the expression goes on after {} characters; split it into several",
                     kLongestText);
    }
    skip_blanks();
    if (at_ == text_.size()) return fail_at(at_, "empty; {}", kOperandWords);
    auto expr = sum();
    if (!expr) return expr;
    skip_blanks();
    if (at_ < text_.size()) {
      return fail_at(at_, "\"{}\" cannot stand here; possible: + - * / or the end", text_[at_]);
    }
    if (!reads_bars(*expr)) {
      return fail_at(0, "a feature must read the bars and this is only a number; {}", kOperandWords);
    }
    return expr;
  }

 private:
  static constexpr std::string_view kOperandWords =
      "possible: open high low close volume, a kind such as rsi(14), a number, - or (";

  template <class... Args>
  std::unexpected<Error> fail_at(std::size_t position, fmt::format_string<Args...> words, Args&&... args) {
    // A text that is much too long, or not text at all, is not repeated in full.
    const std::string_view shown = text_.substr(0, 200);
    return fail(ErrorCode::bad_config, "feature \"{}\", column {}: {}", shown, position + 1,
                fmt::format(words, std::forward<Args>(args)...));
  }

  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  // The next character that is not blank; 0 at the end.
  char peek() {
    skip_blanks();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  std::string found() { return peek() == '\0' ? "the end" : fmt::format("\"{}\"", text_[at_]); }

  Result<Expr> sum() {
    return chain('+', '-', [this] { return product(); });
  }
  Result<Expr> product() {
    return chain('*', '/', [this] { return unary(); });
  }

  template <class Next>
  Result<Expr> chain(char one, char other, Next next) {
    auto left = next();
    if (!left) return left;
    while (peek() == one || peek() == other) {
      const std::size_t place = at_;
      const char operation = text_[at_++];
      auto right = next();
      if (!right) return right;
      left = combine(place, operation, std::move(*left), std::move(*right));
      if (!left) return left;
    }
    return left;
  }

  Result<Expr> combine(std::size_t place, char operation, Expr a, Expr b) {
    if (operation == '/' && b.type == Expr::Type::number && b.number == 0) {
      return fail_at(place, "this divides by zero");
    }
    if (a.type == Expr::Type::number && b.type == Expr::Type::number) {
      return number(place, apply(operation, a.number, b.number));
    }
    Expr expr{.type = Expr::Type::operation, .operation = operation};
    expr.operands.push_back(std::move(a));
    expr.operands.push_back(std::move(b));
    return expr;
  }

  Result<Expr> number(std::size_t place, double value) {
    if (!std::isfinite(value)) return fail_at(place, "this is too large a number");
    return Expr{.type = Expr::Type::number, .number = value};
  }

  Result<Expr> unary() {
    if (peek() != '-') return primary();
    if (++depth_ > kDeepestNesting) return fail_at(at_, "nested more than {} deep", kDeepestNesting);
    ++at_;
    auto operand = unary();
    --depth_;
    if (!operand) return operand;
    if (operand->type == Expr::Type::number) {
      operand->number = -operand->number;
      return operand;
    }
    Expr expr{.type = Expr::Type::negation};
    expr.operands.push_back(std::move(*operand));
    return expr;
  }

  Result<Expr> primary() {
    const char c = peek();
    if (is_digit(c) || c == '.') return literal();
    if (is_letter(c)) return named();
    if (c != '(') return fail_at(at_, "{} cannot stand here; {}", found(), kOperandWords);
    if (++depth_ > kDeepestNesting) return fail_at(at_, "nested more than {} deep", kDeepestNesting);
    ++at_;
    auto inner = sum();
    --depth_;
    if (!inner) return inner;
    if (peek() != ')')
      return fail_at(at_, "{} where the parenthesis is open; possible: + - * / or )", found());
    ++at_;
    if (peek() == '@') {
      return fail_at(at_,
                     "@ stands behind a kind or a bar column, such as ema(12)@H4, not behind parentheses");
    }
    return peek() == '[' ? of_market(std::move(*inner)) : std::move(inner);
  }

  Result<Expr> literal() {
    double value = 0;
    const char* first = text_.data() + at_;
    const auto [last, error] = std::from_chars(first, text_.data() + text_.size(), value);
    if (error == std::errc::result_out_of_range) return fail_at(at_, "this number is too large or too small");
    if (error != std::errc()) return fail_at(at_, "\"{}\" is not a number", text_[at_]);
    at_ += static_cast<std::size_t>(last - first);
    return Expr{.type = Expr::Type::number, .number = value};
  }

  Result<Expr> named() {
    const std::size_t start = at_;
    while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
    const std::string name(text_.substr(start, at_ - start));
    Expr expr;
    if (const auto column = find_column(name)) {
      if (peek() == '(') return fail_at(at_, "{} is a column of the bars and takes no arguments", name);
      expr.type = Expr::Type::column;
      expr.column = *column;
    } else if (const FeatureKind* kind = find_feature_kind(name)) {
      auto made = call(start, *kind);
      if (!made) return made;
      expr = std::move(*made);
    } else if (const auto at = std::find(joined_.begin(), joined_.end(), name); at != joined_.end()) {
      if (peek() == '(') return fail_at(at_, "{} is an outside series and takes no arguments", name);
      expr.type = Expr::Type::joined;
      expr.joined = static_cast<std::size_t>(at - joined_.begin());
      expr.joined_name = name;
    } else {
      return unknown_name(start, name);
    }
    if (peek() == '@') {
      auto higher = at_timeframe(std::move(expr));
      if (!higher || peek() != '[') return higher;
      expr = std::move(*higher);
    }
    return peek() == '[' ? of_market(std::move(expr)) : std::move(expr);
  }

  std::unexpected<Error> unknown_name(std::size_t start, const std::string& name) {
    const std::vector<std::string> known = known_names(joined_);
    std::string lower = name;
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool only_case = std::find(known.begin(), known.end(), lower) != known.end();
    const std::string near = only_case ? lower : nearest_word(lower, known);
    const std::string hint = near.empty() ? "" : fmt::format("did you mean \"{}\"? ", near);
    return fail_at(start, "\"{}\" is no feature kind and no column of the bars{}; {}possible: {}", name,
                   joined_.empty() ? "" : " and no outside series", hint, fmt::join(known, " "));
  }

  Result<Expr> call(std::size_t start, const FeatureKind& kind) {
    Expr expr{.type = Expr::Type::call, .kind = &kind};
    if (peek() == '(') {
      if (++depth_ > kDeepestNesting) return fail_at(at_, "nested more than {} deep", kDeepestNesting);
      ++at_;
      if (auto status = arguments(kind, expr); !status) return propagate(status);
      --depth_;
    }
    if (expr.operands.size() < static_cast<std::size_t>(kind.inputs)) {
      if (!kind.default_input_close) {
        return fail_at(start, "{} needs an expression to work on; it is {}", kind.name, usage(kind));
      }
      expr.operands.push_back(Expr{.type = Expr::Type::column, .column = Column::close});
    }
    while (expr.parameters.size() < kind.parameters.size()) {
      expr.parameters.push_back(kind.parameters[expr.parameters.size()].default_value);
    }
    if (const std::string wrong = kind.check ? kind.check(expr.parameters) : ""; !wrong.empty()) {
      return fail_at(start, "{}: {}", usage(kind), wrong);
    }
    return expr;
  }

  // Behind the opening parenthesis, up to and with the closing one.
  Status arguments(const FeatureKind& kind, Expr& expr) {
    if (peek() == ')') {
      ++at_;
      return {};
    }
    while (true) {
      skip_blanks();
      const std::size_t place = at_;
      auto argument = sum();
      if (!argument) return propagate(argument);
      if (auto status = take_argument(place, kind, std::move(*argument), expr); !status) return status;
      if (peek() == ')') {
        ++at_;
        return {};
      }
      if (peek() != ',') {
        return fail_at(at_, "{} within the arguments of {}; possible: + - * / , or )", found(), usage(kind));
      }
      ++at_;
    }
  }

  Status take_argument(std::size_t place, const FeatureKind& kind, Expr argument, Expr& expr) {
    if (argument.type != Expr::Type::number) {
      if (!expr.parameters.empty()) {
        return fail_at(place, "{} takes expressions before numbers: it is {}", kind.name, usage(kind));
      }
      if (expr.operands.size() == static_cast<std::size_t>(kind.inputs)) {
        return fail_at(place, "{} takes {} here: it is {}", kind.name,
                       kind.parameters.empty() ? "nothing" : "a number", usage(kind));
      }
      expr.operands.push_back(std::move(argument));
      return {};
    }
    if (expr.parameters.size() == kind.parameters.size()) {
      return fail_at(place, "{} takes no number here: it is {}", kind.name, usage(kind));
    }
    const Parameter& parameter = kind.parameters[expr.parameters.size()];
    const double value = argument.number;
    const bool whole = value == std::floor(value);
    if (value < parameter.min || value > parameter.max || (!whole && !parameter.fractional)) {
      return fail_at(place, "{} of {} must be a {}number from {} to {}, not {}", parameter.name, kind.name,
                     parameter.fractional ? "" : "whole ", parameter.min, parameter.max, value);
    }
    expr.parameters.push_back(value);
    return {};
  }

  Result<Expr> at_timeframe(Expr expr) {
    const std::size_t place = at_++;
    if (const Expr* outside = find_joined(expr); outside != nullptr && outside->joined_name.ends_with(']')) {
      return fail_at(place,
                     "{} is joined to the {} bars, so that @ cannot stand behind what is made of it; it can "
                     "stand before the bracket, as in rsi(14)@H4[SPY]",
                     outside->joined_name, base_.name());
    } else if (outside != nullptr) {
      return fail_at(place,
                     "{} is an outside series, which has no timeframe: it is joined to the {} bars, so that "
                     "@ cannot stand behind it or behind what is made of it",
                     outside->joined_name, base_.name());
    }
    skip_blanks();
    const std::size_t start = at_;
    while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
    const auto timeframe = Timeframe::parse(text_.substr(start, at_ - start));
    if (!timeframe) return fail_at(start, "{}", timeframe.error().message);
    if (*timeframe < base_ || timeframe->minutes() % base_.minutes() != 0) {
      return fail_at(start, "{} cannot be made of {} bars; possible: a multiple of {}", timeframe->name(),
                     base_.name(), base_.name());
    }
    if (has_timeframe(expr)) {
      return fail_at(place, "a timeframe within a timeframe; give one @, behind the outer kind");
    }
    if (*timeframe != base_) expr.timeframe = *timeframe;
    return expr;
  }

  // At the opening bracket.
  Result<Expr> of_market(Expr expr) {
    const std::size_t place = at_++;
    if (!reads_bars(expr)) {
      return fail_at(place, "a number is the same on every market; put [ behind a kind or a bar column");
    }
    if (const Expr* within = find_joined(expr)) {
      const bool market = within->joined_name.ends_with(']');
      return fail_at(place, "{} cannot stand within [ ]: {}", within->joined_name,
                     market ? "a market within a market; give one [ ], behind the outer kind"
                            : "an outside series is joined to the own bars and has none of other markets");
    }
    skip_blanks();
    const std::size_t start = at_;
    while (at_ < text_.size() && text_[at_] != ']') ++at_;
    if (at_ == text_.size()) return fail_at(start, "the end where the bracket is open; write ret(1)[SPY]");
    std::size_t end = at_++;
    while (end > start && is_blank(text_[end - 1])) --end;
    const auto symbol = Symbol::parse(text_.substr(start, end - start));
    if (!symbol)
      return fail_at(start, "{}; write the name of a market, as in ret(1)[SPY]", symbol.error().message);
    OtherMarket other{.name = {}, .expression = canonical_text(expr), .market = symbol->canonical()};
    const bool whole = expr.type == Expr::Type::column || expr.type == Expr::Type::call;
    other.name = whole ? fmt::format("{}[{}]", other.expression, other.market)
                       : fmt::format("({})[{}]", other.expression, other.market);
    if (peek() == '@') {
      return fail_at(at_, "@ stands before the bracket: rsi(14)@H4[SPY] is that of SPY's H4 bars");
    }
    if (peek() == '[') return fail_at(at_, "a market within a market; give one [ ]");
    return resolve(start, std::move(other));
  }

  Result<Expr> resolve(std::size_t start, OtherMarket other) {
    Expr joined{.type = Expr::Type::joined};
    joined.joined_name = other.name;
    if (collected_ == nullptr) {
      const auto at = std::find(joined_.begin(), joined_.end(), other.name);
      if (at == joined_.end()) {
        return fail_at(start, "{} is not among what is joined to these bars", other.name);
      }
      joined.joined = static_cast<std::size_t>(at - joined_.begin());
      return joined;
    }
    const auto is_it = [&](const Symbol& market) { return market.canonical() == other.market; };
    if (std::none_of(collected_->markets.begin(), collected_->markets.end(), is_it)) {
      return fail_at(start,
                     "there are no bars of {} here; known markets: {}; a market from outside is made known "
                     "by outside: [name = bars({})]",
                     other.market, listed(collected_->markets), other.market);
    }
    const auto same = [&](const OtherMarket& known) { return known.name == other.name; };
    if (std::none_of(collected_->found.begin(), collected_->found.end(), same)) {
      collected_->found.push_back(std::move(other));
    }
    return joined;
  }

  std::string_view text_;
  Timeframe base_;
  std::span<const std::string> joined_;
  Collected* collected_ = nullptr;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Result<Expr> parse_expression(std::string_view text, Timeframe base, std::span<const std::string> joined) {
  return Parser(text, base, joined).whole();
}

Result<std::vector<OtherMarket>> find_other_markets(std::span<const std::string> specs, Timeframe base,
                                                    std::span<const std::string> joined,
                                                    std::span<const Symbol> markets) {
  Collected collected{.markets = markets, .found = {}};
  for (const std::string& spec : specs) {
    if (auto read = Parser(spec, base, joined, &collected).whole(); !read) return propagate(read);
  }
  return std::move(collected.found);
}

}  // namespace pawl::features
