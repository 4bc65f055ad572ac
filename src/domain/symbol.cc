#include "domain/symbol.h"

#include <algorithm>
#include <array>

namespace pawl {

namespace {

constexpr std::size_t kLengthMax = 32;

constexpr std::array<std::string_view, 22> kCurrencies = {
    "USD", "EUR", "GBP", "JPY", "CHF", "AUD", "CAD", "NZD", "SEK", "NOK", "DKK",
    "PLN", "HUF", "CZK", "TRY", "ZAR", "MXN", "SGD", "HKD", "CNH", "CNY", "ILS"};
constexpr std::array<std::string_view, 4> kMetals = {"XAU", "XAG", "XPT", "XPD"};
// Quotes that no stock's name ends in, so that whatever stands before one is a coin.
constexpr std::array<std::string_view, 8> kStablecoins = {"USDT", "USDC", "FDUSD", "BUSD",
                                                          "TUSD", "USDP", "DAI",   "USDD"};
constexpr std::array<std::string_view, 20> kCoins = {"BTC",  "ETH", "BNB", "SOL",  "XRP", "ADA",  "DOGE",
                                                     "DOT",  "LTC", "BCH", "LINK", "TRX", "AVAX", "MATIC",
                                                     "ATOM", "UNI", "XLM", "ETC",  "XMR", "XBT"};
constexpr std::array<std::string_view, 3> kCoinQuotes = {"BTC", "ETH", "BNB"};

template <std::size_t N>
bool among(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_quote(std::string_view word) {
  return among(word, kCurrencies) || among(word, kStablecoins) || among(word, kCoinQuotes);
}
bool is_known_base(std::string_view word) {
  return among(word, kCurrencies) || among(word, kMetals) || among(word, kCoins) || among(word, kStablecoins);
}
bool is_currency_pair(std::string_view six) {
  return six.size() == 6 && (among(six.substr(0, 3), kCurrencies) || among(six.substr(0, 3), kMetals)) &&
         among(six.substr(3), kCurrencies);
}

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return is_upper(c) || is_lower(c) || is_digit(c);
}
bool is_word(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_word(c); });
}

std::string upper_case(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (is_lower(c)) c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

std::string pair_of(std::string_view base, std::string_view quote) {
  return fmt::format("{}_{}", base, quote);
}

// What a broker puts behind a currency pair: ".m", "-ecn", "_pro"; glued on, only in lower case behind upper
// case ("EURUSDc") or a word that is no quote's end ("eurusdpro"): EURUSDT and EURUSDC are other markets.
bool is_broker_suffix(std::string_view given_pair, std::string_view given_tail) {
  if (given_tail.size() > 7) return false;
  if (given_tail.front() == '.' || given_tail.front() == '-' || given_tail.front() == '_') {
    return is_word(given_tail.substr(1));
  }
  if (!is_word(given_tail)) return false;
  const bool lower_behind_upper = std::all_of(given_pair.begin(), given_pair.end(), is_upper) &&
                                  std::all_of(given_tail.begin(), given_tail.end(), is_lower);
  constexpr std::array<std::string_view, 6> kGlued = {"M", "PRO", "ECN", "RAW", "STD", "MICRO"};
  return lower_behind_upper || among(upper_case(given_tail), kGlued);
}

// "EUR/USD", "BTC-USDT", "EUR.USD" in upper case as BASE_QUOTE, or empty.
std::string split_at_separator(std::string_view name) {
  const std::size_t at = name.find_first_of("/_-.");
  if (at == std::string_view::npos || at == 0) return {};
  const std::string_view base = name.substr(0, at), quote = name.substr(at + 1);
  if (!is_word(base) || !is_quote(quote)) return {};
  // A dot also separates a stock's class or exchange, so both sides must be known there.
  if (name[at] == '.' && !is_known_base(base)) return {};
  return pair_of(base, quote);
}

// "BTCUSDT" in upper case as BASE_QUOTE, or empty. Two quotes can fit ("DOTUSD": TUSD and USD): the one that
// leaves a known base wins, then the longer one.
std::string split_glued(std::string_view name) {
  if (!is_word(name) || name.size() < 6) return {};  // under six it may be a stock ("GBTC")
  std::string best;
  for (std::size_t length = 5; length >= 3; --length) {
    if (name.size() < length + 2) continue;
    const std::string_view base = name.substr(0, name.size() - length);
    const std::string_view quote = name.substr(name.size() - length);
    if (!is_quote(quote)) continue;
    if (is_known_base(base)) return pair_of(base, quote);
    if (best.empty() && base.size() >= 3) best = pair_of(base, quote);
  }
  return best;
}

std::string canonical_of(std::string_view given) {
  const std::string upper = upper_case(given);
  std::string_view name = upper;
  if (name.ends_with("=X")) name.remove_suffix(2);  // Yahoo's currencies: "EURUSD=X"
  if (std::string pair = split_at_separator(name); !pair.empty()) return pair;
  if (name.size() > 6 && is_currency_pair(name.substr(0, 6)) &&
      is_broker_suffix(given.substr(0, 6), given.substr(6, name.size() - 6))) {
    name = name.substr(0, 6);
  }
  if (std::string pair = split_glued(name); !pair.empty()) return pair;
  std::string plain = upper;
  std::replace(plain.begin(), plain.end(), '/', '_');
  return plain;
}

}  // namespace

Result<Symbol> Symbol::parse(std::string_view given) {
  if (given.empty()) return fail(ErrorCode::invalid_argument, "a symbol is empty; write one like BTC/USDT");
  if (given.size() > kLengthMax) {
    return fail(ErrorCode::invalid_argument, "symbol \"{}…\" has {} characters; at most {} are allowed",
                given.substr(0, 8), given.size(), kLengthMax);
  }
  for (const char c : given) {
    if (is_word(c) || std::string_view("._-/:^=").find(c) != std::string_view::npos) continue;
    const auto byte = static_cast<unsigned char>(c);
    const std::string shown =
        byte > 0x20 && byte < 0x7f ? std::string(1, c) : fmt::format("byte 0x{:02x}", byte);
    return fail(ErrorCode::invalid_argument,
                "a symbol has the character {}; letters, digits and . _ - / : ^ = are allowed", shown);
  }
  if (!is_word(given.front()) && given.front() != '^') {
    return fail(ErrorCode::invalid_argument, "symbol \"{}\" must begin with a letter, a digit or ^", given);
  }
  if (given.find("..") != std::string_view::npos) {
    return fail(ErrorCode::invalid_argument, "symbol \"{}\" has \"..\" in it", given);
  }
  return Symbol(std::string(given), canonical_of(given));
}

}  // namespace pawl
