// A market's name. Stored as it was given, compared in one canonical form: EUR_USD, EURUSD, EURUSD.m and
// EUR/USD are one; BTC/USDT and BTC/USDC are two; BRK.B stays BRK.B.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pawl {

class Symbol {
 public:
  // invalid_argument where the name is empty, over 32 characters, has anything but letters, digits and
  // . _ - / : ^ = in it, begins with none of letter, digit and ^, or holds ".."; the message says what.
  static Result<Symbol> parse(std::string_view given);

  const std::string& given() const { return given_; }
  // BASE_QUOTE for currencies and crypto whose quote is known (USD USDT USDC EUR JPY BTC …), the upper-cased
  // name elsewhere, with _ for /: it is a safe file name. A broker's suffix (".m", "-ecn", "_pro", "pro") is
  // dropped from six-letter currency pairs only.
  const std::string& canonical() const { return canonical_; }

  friend bool operator==(const Symbol& a, const Symbol& b) { return a.canonical_ == b.canonical_; }
  friend std::strong_ordering operator<=>(const Symbol& a, const Symbol& b) {
    return a.canonical_ <=> b.canonical_;
  }

 private:
  Symbol(std::string given, std::string canonical)
      : given_(std::move(given)), canonical_(std::move(canonical)) {}
  std::string given_, canonical_;
};

}  // namespace pawl
