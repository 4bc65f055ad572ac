#include <algorithm>
#include <array>
#include <cctype>

#include "market/formats/layout.h"

namespace pawl::market::formats {

namespace {

constexpr std::array<Role, 4> kPrices = {Role::open, Role::high, Role::low, Role::close};

// Words of file names that are nobody's symbol.
constexpr std::array<std::string_view, 48> kNoSymbols = {
    "trade",  "quote",  "trades", "quotes", "minute",  "second",  "hour",   "hourly", "daily",    "day",
    "weekly", "week",   "data",   "bars",   "bar",     "candles", "candle", "ohlc",   "ohlcv",    "csv",
    "export", "bid",    "ask",    "spot",   "history", "hist",    "dat",    "ascii",  "histdata", "com",
    "min",    "1min",   "5min",   "15min",  "30min",   "60min",   "utc",    "raw",    "adjusted", "full",
    "test",   "sample", "head",   "tail",   "backup",  "kline",   "klines", "tick"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_currency_pair(std::string_view word) {
  const auto symbol = Symbol::parse(word);
  return symbol && word.find('_') == std::string_view::npos &&
         symbol->canonical().find('_') != std::string::npos;
}

// "EURUSD5", "USDCADh4": MetaTrader's exports put the minutes, or the timeframe, right behind the pair.
std::string_view without_timeframe(std::string_view word) {
  constexpr std::size_t kPair = 6;
  if (word.size() <= kPair || !is_currency_pair(word.substr(0, kPair))) return word;
  const std::string_view rest = word.substr(kPair);
  const bool minutes = std::all_of(rest.begin(), rest.end(), [](char c) { return c >= '0' && c <= '9'; });
  return minutes || Timeframe::parse(rest) ? word.substr(0, kPair) : word;
}

std::vector<std::string_view> words_of(std::string_view file_name) {
  std::string_view name = file_name.substr(file_name.find_last_of('/') + 1);
  // "trades.csv.gz": endings are no words; a share's class ("BRK.B") is part of one.
  for (const std::string_view ending : {".gz", ".zip", ".csv", ".txt", ".json", ".tsv", ".CSV"}) {
    if (name.ends_with(ending)) name.remove_suffix(ending.size());
  }
  std::vector<std::string_view> words;
  for (std::size_t from = 0; from < name.size();) {
    const std::size_t end = std::min(name.find_first_of("_- ,()", from), name.size());
    if (end > from) words.push_back(name.substr(from, end - from));
    from = end + 1;
  }
  return words;
}

bool may_be_symbol(std::string_view word) {
  const std::string small = lower(word);
  if (std::find(kNoSymbols.begin(), kNoSymbols.end(), small) != kNoSymbols.end()) return false;
  if (Timeframe::parse(word) || word.size() > 12 || !Symbol::parse(word)) return false;
  return std::any_of(small.begin(), small.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

bool columns_of_header(const SampleRow& names, Columns& columns) {
  Columns found;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (const auto role = role_of_header(names[i])) found.add(*role, i);
  }
  for (const Role price : kPrices) {
    if (!found.has(price)) return false;
  }
  columns = std::move(found);
  return true;
}

std::string symbol_in_name(std::string_view file_name, bool small_letters) {
  const std::vector<std::string_view> words = words_of(file_name);
  std::vector<std::string> pairs, capitals, others;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = without_timeframe(words[i]);
    if (!may_be_symbol(word)) continue;
    if (is_currency_pair(word)) pairs.emplace_back(word);
    // "EUR_USD", "UNITTEST_BTC": together they are a pair.
    if (i + 1 < words.size() && lower(words[i + 1]) != words[i + 1] && lower(word) != word) {
      const std::string together = std::string(word) + std::string(words[i + 1]);
      if (!is_currency_pair(word) && is_currency_pair(together)) {
        pairs.push_back(fmt::format("{}_{}", word, words[i + 1]));
      }
    }
    (lower(word) != word && word.find_first_of("abcdefghijklmnopqrstuvwxyz") == std::string_view::npos
         ? capitals
         : others)
        .emplace_back(word);
  }
  if (pairs.size() == 1) return pairs.front();
  if (pairs.empty() && capitals.size() == 1) return capitals.front();
  if (small_letters && pairs.empty() && capitals.empty() && others.size() == 1) return others.front();
  return "";
}

std::optional<LocalMs> date_in_name(std::string_view file_name) {
  const std::string_view name = file_name.substr(file_name.find_last_of('/') + 1);
  for (std::size_t i = 0; i + 8 <= name.size(); ++i) {
    if (i > 0 && std::isdigit(static_cast<unsigned char>(name[i - 1])) != 0) continue;
    for (const std::size_t length : {std::size_t{8}, std::size_t{10}}) {
      const std::string_view word = name.substr(i, length);
      if (word.size() != length || word[0] < '1' || word[0] > '2') continue;
      if (const auto date = read_civil(word, DateOrder::dmy); date && !date->has_clock) return date->local;
    }
  }
  return std::nullopt;
}

}  // namespace pawl::market::formats
