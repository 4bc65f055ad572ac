#include "market/formats/columns.h"

#include <algorithm>

#include "market/formats/stamps.h"

namespace pawl::market::formats {

namespace {

constexpr std::array<std::string_view, kRoleCount> kNames = {
    "time",   "clock",    "open",     "high",    "low",       "close",  "adjusted",
    "volume", "ask_open", "ask_high", "ask_low", "ask_close", "symbol", "complete"};

struct Synonym {
  std::string_view name;  // lower case, letters and digits only
  Role role;
};
constexpr auto kSynonyms = std::to_array<Synonym>({{"time", Role::time},
                                                   {"date", Role::time},
                                                   {"datetime", Role::time},
                                                   {"timestamp", Role::time},
                                                   {"dt", Role::time},
                                                   {"t", Role::time},
                                                   {"ts", Role::time},
                                                   {"times", Role::time},
                                                   {"unix", Role::time},
                                                   {"epoch", Role::time},
                                                   {"timeutc", Role::time},
                                                   {"dateutc", Role::time},
                                                   {"datetimeutc", Role::time},
                                                   {"timestamputc", Role::time},
                                                   {"gmttime", Role::time},
                                                   {"localtime", Role::time},
                                                   {"opentime", Role::time},
                                                   {"timeopen", Role::time},
                                                   {"opentimestamp", Role::time},
                                                   {"timestampopen", Role::time},
                                                   {"startts", Role::time},
                                                   {"starttime", Role::time},
                                                   {"timeperiodstart", Role::time},
                                                   {"candlebegintime", Role::time},
                                                   {"begin", Role::time},
                                                   {"windowstart", Role::time},
                                                   {"tradedate", Role::time},
                                                   {"tradingday", Role::time},
                                                   {"timestampms", Role::time},
                                                   {"unixtimestamp", Role::time},
                                                   {"closetime", Role::time},
                                                   {"timeclose", Role::time},
                                                   {"hour", Role::clock},
                                                   {"timeofday", Role::clock},
                                                   {"clock", Role::clock},
                                                   {"open", Role::open},
                                                   {"o", Role::open},
                                                   {"openprice", Role::open},
                                                   {"1open", Role::open},
                                                   {"opens", Role::open},
                                                   {"mido", Role::open},
                                                   {"bidopen", Role::open},
                                                   {"openbid", Role::open},
                                                   {"high", Role::high},
                                                   {"h", Role::high},
                                                   {"highprice", Role::high},
                                                   {"2high", Role::high},
                                                   {"highs", Role::high},
                                                   {"midh", Role::high},
                                                   {"bidhigh", Role::high},
                                                   {"highbid", Role::high},
                                                   {"low", Role::low},
                                                   {"l", Role::low},
                                                   {"lowprice", Role::low},
                                                   {"3low", Role::low},
                                                   {"lows", Role::low},
                                                   {"midl", Role::low},
                                                   {"bidlow", Role::low},
                                                   {"lowbid", Role::low},
                                                   {"close", Role::close},
                                                   {"c", Role::close},
                                                   {"closeprice", Role::close},
                                                   {"closelast", Role::close},
                                                   {"last", Role::close},
                                                   {"price", Role::close},
                                                   {"4close", Role::close},
                                                   {"closes", Role::close},
                                                   {"midc", Role::close},
                                                   {"bidclose", Role::close},
                                                   {"closebid", Role::close},
                                                   {"adjclose", Role::adjusted},
                                                   {"adjustedclose", Role::adjusted},
                                                   {"5adjustedclose", Role::adjusted},
                                                   {"askopen", Role::ask_open},
                                                   {"openask", Role::ask_open},
                                                   {"askhigh", Role::ask_high},
                                                   {"highask", Role::ask_high},
                                                   {"asklow", Role::ask_low},
                                                   {"lowask", Role::ask_low},
                                                   {"askclose", Role::ask_close},
                                                   {"closeask", Role::ask_close}});
constexpr std::array<std::string_view, 12> kVolumes = {"volume",     "vol",        "v",          "volumes",
                                                       "5volume",    "6volume",    "tickvol",    "tickvolume",
                                                       "realvolume", "basevolume", "volumebase", "tickqty"};
constexpr std::array<std::string_view, 6> kSymbols = {"symbol",       "ticker", "instrument",
                                                      "instrumentid", "pair",   "asset"};

}  // namespace

std::string_view role_name(Role role) {
  return kNames[static_cast<std::size_t>(role)];
}

std::string_view Columns::cell(Role role, const std::vector<std::string_view>& row) const {
  std::string_view found;
  for (const std::size_t column : of(role)) {
    if (column >= row.size()) continue;
    if (!is_null(row[column])) return row[column];
    found = row[column];
  }
  return found;
}

std::string Columns::text() const {
  std::vector<std::pair<std::size_t, std::string_view>> all;
  for (std::size_t role = 0; role < kRoleCount; ++role) {
    for (const std::size_t column : columns_[role]) all.emplace_back(column, kNames[role]);
  }
  std::sort(all.begin(), all.end());
  std::string text;
  for (const auto& [column, name] : all)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, column + 1);
  return text;
}

std::optional<Role> role_of_header(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') {
      plain += static_cast<char>(c - 'A' + 'a');
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      plain += c;
    }
  }
  for (const Synonym& synonym : kSynonyms) {
    if (synonym.name == plain) return synonym.role;
  }
  if (std::find(kVolumes.begin(), kVolumes.end(), plain) != kVolumes.end()) return Role::volume;
  if (std::find(kSymbols.begin(), kSymbols.end(), plain) != kSymbols.end()) return Role::symbol;
  if (plain == "complete") return Role::complete;
  // "Volume BTC", "Volume USDT": in a base currency first, which is what a volume is.
  if (plain.starts_with("volume") && plain.size() <= 11) return Role::volume;
  return std::nullopt;
}

Result<Columns> parse_columns(std::string_view text) {
  Columns columns;
  std::size_t column = 0;
  for (std::size_t from = 0; from <= text.size(); ++column) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    const std::string_view word = text.substr(from, comma - from);
    from = comma + 1;
    if (word == "-" || word.empty()) continue;
    const auto found = std::find(kNames.begin(), kNames.end(), word);
    std::optional<Role> role;
    if (found != kNames.end()) {
      role = static_cast<Role>(found - kNames.begin());
    } else if (word == "date") {
      role = Role::time;
    }
    if (!role) {
      return fail(ErrorCode::invalid_argument,
                  "--columns: {} is no kind of column; use - to leave one out, or {}", shown(word),
                  fmt::join(kNames, " "));
    }
    if (columns.has(*role)) {
      return fail(ErrorCode::invalid_argument, "--columns: {} stands there twice", word);
    }
    columns.add(*role, column);
  }
  for (const Role role : {Role::time, Role::open, Role::high, Role::low, Role::close}) {
    if (!columns.has(role)) {
      return fail(ErrorCode::invalid_argument,
                  "--columns: names no column \"{}\"; a bar needs time, open, high, "
                  "low and close",
                  role_name(role));
    }
  }
  return columns;
}

}  // namespace pawl::market::formats
