#include "market/sources/csv.h"

#include <algorithm>

#include "base/files.h"
#include "market/formats/format.h"

namespace pawl::market {

namespace {

// A file's name without folders, ".gz" and ".csv".
std::string_view stem_of(std::string_view path) {
  std::string_view name = path.substr(path.find_last_of('/') + 1);
  if (name.ends_with(".gz")) name.remove_suffix(3);
  if (name.ends_with(".csv")) name.remove_suffix(4);
  return name;
}

// "BTCUSDT_1h", "EUR_USD_M5_tickvol": the first word after the first that is a timeframe ends the symbol.
Result<BarFile> from_file_name(std::string_view path) {
  const std::string_view stem = stem_of(path);
  for (std::size_t at = stem.find_first_of("_-"); at != std::string_view::npos;) {
    const std::size_t next = stem.find_first_of("_-", at + 1);
    const std::string_view word = stem.substr(at + 1, next == std::string_view::npos ? next : next - at - 1);
    if (const Result<Timeframe> timeframe = Timeframe::parse(word)) {
      const Result<Symbol> symbol = Symbol::parse(stem.substr(0, at));
      if (!symbol) return propagate(symbol);
      return BarFile{symbol->given(), *timeframe, std::string(path)};
    }
    at = next;
  }
  return fail(
      ErrorCode::invalid_argument,
      "\"{}\" does not say which bars it holds; write SYMBOL:TF=PATH (BTC/USDT:H1=btc.csv), or name the "
      "file like BTCUSDT_1h.csv.gz",
      path);
}

class CsvSource final : public DataSource {
 public:
  struct Entry {
    Symbol symbol;
    Timeframe timeframe;
    std::string path;
  };
  CsvSource(std::vector<Entry> entries, BadRows bad_rows)
      : entries_(std::move(entries)), bad_rows_(bad_rows) {}

  Result<Delivery> fetch(const Request& request, const ProgressSink& progress) override {
    for (const Entry& entry : entries_) {
      if (entry.symbol == request.symbol && entry.timeframe == request.timeframe) {
        return read(entry, request, progress);
      }
    }
    std::string known;
    for (const Entry& entry : entries_) {
      known +=
          fmt::format("{}{}:{}", known.empty() ? "" : ", ", entry.symbol.given(), entry.timeframe.name());
    }
    return fail(ErrorCode::not_found,
                "no file with bars of {} at {} was given; there {}. Add one with --bars {}:{}=PATH",
                request.symbol.given(), request.timeframe.name(),
                known.empty() ? std::string("are none") : "is " + known, request.symbol.given(),
                request.timeframe.name());
  }

 private:
  Result<Delivery> read(const Entry& entry, const Request& request, const ProgressSink& progress) const {
    const RealFileSystem files;
    if (!files.exists(entry.path)) {
      return fail(ErrorCode::not_found, "{}: there is no such file; check the path given for {}:{}",
                  entry.path, entry.symbol.given(), entry.timeframe.name());
    }
    const Result<std::string> bytes = files.read(entry.path);
    if (!bytes) return propagate(bytes);
    if (progress) progress({.done = 0, .total = 1, .note = entry.path});
    Result<Delivery> delivery = formats::read_bar_file(*bytes, entry.path, request,
                                                       request.skip_bad_rows ? BadRows::skip : bad_rows_);
    if (progress) progress({.done = 1, .total = 1, .note = entry.path});
    return delivery;
  }

  std::vector<Entry> entries_;
  BadRows bad_rows_;
};

Result<std::unique_ptr<DataSource>> make_csv(const Settings& settings) {
  std::vector<CsvSource::Entry> entries;
  for (const std::string& argument : settings.text_list("files")) {
    const Result<BarFile> file = parse_bar_file_argument(argument);
    if (!file) return fail(ErrorCode::bad_config, "source.files: {}", file.error().message);
    const Result<Symbol> symbol = Symbol::parse(file->symbol);
    if (!symbol) return fail(ErrorCode::bad_config, "source.files: {}", symbol.error().message);
    for (const CsvSource::Entry& other : entries) {
      if (other.symbol == *symbol && other.timeframe == file->timeframe) {
        return fail(ErrorCode::bad_config, "source.files: both {} and {} hold {} at {}; keep one", other.path,
                    file->path, symbol->canonical(), file->timeframe.name());
      }
    }
    entries.push_back({*symbol, file->timeframe, file->path});
  }
  const BadRows bad_rows = settings.text("bad_rows") == "skip" ? BadRows::skip : BadRows::error;
  return std::make_unique<CsvSource>(std::move(entries), bad_rows);
}

}  // namespace

Result<BarFile> parse_bar_file_argument(std::string_view argument) {
  // A symbol may have : and = in it, and so may a path: the first = with a symbol and a timeframe before it
  // is the one that is meant.
  for (std::size_t equals = argument.find('='); equals != std::string_view::npos;
       equals = argument.find('=', equals + 1)) {
    const std::string_view market = argument.substr(0, equals), path = argument.substr(equals + 1);
    const std::size_t colon = market.find_last_of(':');
    if (colon == std::string_view::npos) continue;
    const Result<Timeframe> timeframe = Timeframe::parse(market.substr(colon + 1));
    const Result<Symbol> symbol = Symbol::parse(market.substr(0, colon));
    if (!timeframe || !symbol) continue;
    if (path.empty()) {
      return fail(ErrorCode::invalid_argument, "\"{}\" names no file; write SYMBOL:TF=PATH", argument);
    }
    return BarFile{symbol->given(), *timeframe, std::string(path)};
  }
  return from_file_name(argument);
}

DataSourceKind csv_kind() {
  return {.name = "csv",
          .help = "Bars from files of any format that leaves no question open; see docs/importing.md.",
          .schema = Schema{}
                        .text_list("files", {}, "files as SYMBOL:TF=PATH, or PATH where the name says it")
                        .text("bad_rows", "error",
                              "refuse a file with a bad row, or leave the row out and count it")
                        .choices({"error", "skip"}),
          .make = make_csv};
}

}  // namespace pawl::market
