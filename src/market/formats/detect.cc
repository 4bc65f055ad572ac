#include <algorithm>
#include <charconv>
#include <cmath>

#include "market/formats/detect_time.h"
#include "market/formats/table.h"

namespace pawl::market::formats {

namespace {

std::string number_text(double value) {
  return fmt::format("{}", value);
}

bool whole(double price) {
  // 103428.00000000001 is what a program made of a whole number.
  return std::abs(price - std::round(price)) <= 1e-9 * std::abs(price);
}

// "USD_CAD" and the like; BTC_USD is none: its prices may well be whole thousands.
bool is_forex(std::string_view canonical) {
  constexpr std::array<std::string_view, 20> kCurrencies = {"USD", "EUR", "GBP", "JPY", "CHF", "AUD", "NZD",
                                                            "CAD", "SEK", "NOK", "DKK", "PLN", "HUF", "CZK",
                                                            "TRY", "ZAR", "MXN", "SGD", "HKD", "CNH"};
  const auto is_currency = [&](std::string_view word) {
    return std::find(kCurrencies.begin(), kCurrencies.end(), word) != kCurrencies.end();
  };
  return canonical.size() == 7 && is_currency(canonical.substr(0, 3)) && is_currency(canonical.substr(4));
}

double median_close(std::span<const ScannedRow> rows) {
  std::vector<double> closes;
  for (const ScannedRow& row : rows) closes.push_back(row.close);
  const auto middle = closes.begin() + static_cast<std::ptrdiff_t>(closes.size() / 2);
  std::nth_element(closes.begin(), middle, closes.end());
  return *middle;
}

bool runs_backwards(std::span<const ScannedRow> rows) {
  std::size_t forwards = 0, backwards = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    forwards += rows[i].stamp.local > rows[i - 1].stamp.local ? 1 : 0;
    backwards += rows[i].stamp.local < rows[i - 1].stamp.local ? 1 : 0;
  }
  return backwards > forwards;
}

void note_container(Draft& draft, const Unpacked& unpacked) {
  BarFormat& format = draft.format();
  format.container = unpacked.zip ? Container::zip : unpacked.gzip ? Container::gzip : Container::plain;
  format.member = unpacked.member;
  if (unpacked.zip) {
    draft.note("container", "zip: " + unpacked.member, "by its first bytes");
  } else {
    draft.note("container", unpacked.gzip ? "gzip" : "plain", "by its first bytes");
  }
}

void note_prices(Draft& draft, const Scan& scan) {
  BarFormat& format = draft.format();
  format.adjusted = draft.named.adjusted;
  if (format.columns.has(Role::adjusted)) {
    draft.note("prices", format.adjusted ? "adjusted: all four by adjusted close / close" : "as quoted",
               format.adjusted ? "" : "an adjusted close is there too; take it with --adjusted",
               format.adjusted ? How::named : How::detected);
  }
  const bool traded =
      std::any_of(scan.rows.begin(), scan.rows.end(), [](const ScannedRow& row) { return row.volume > 0; });
  draft.note("volume",
             traded ? fmt::format("column {}", format.columns.of(Role::volume).front() + 1) : "none",
             traded                             ? ""
             : format.columns.has(Role::volume) ? "its column is empty or zero throughout"
                                                : "no column");
}

void note_order(Draft& draft, const std::vector<ScannedRow>& rows) {
  std::size_t back = 0;
  const bool down = draft.format().order == RowOrder::descending;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const DurationMs step = rows[i].stamp.local - rows[i - 1].stamp.local;
    back += (down ? step > 0 : step < 0) ? 1 : 0;
  }
  draft.note("order", down ? "newest first" : "oldest first",
             back == 0 ? "" : fmt::format("time turns around {} times", back));
}

}  // namespace

Status find_scale(Draft& draft, std::span<const ScannedRow> rows) {
  BarFormat& format = draft.format();
  if (!draft.named.scale.empty()) {
    const auto scale = read_number(draft.named.scale, false);
    if (!scale || *scale <= 0) {
      return fail(ErrorCode::invalid_argument, "--scale: {} is no number above zero",
                  shown(draft.named.scale));
    }
    format.scale = *scale;
    draft.note("scale", "prices / " + number_text(*scale), "", How::named);
    return {};
  }
  const bool all_whole = std::all_of(rows.begin(), rows.end(), [](const ScannedRow& row) {
    return whole(row.open) && whole(row.high) && whole(row.low) && whole(row.close);
  });
  const double middle = median_close(rows);
  const auto symbol = Symbol::parse(format.symbol);
  const bool forex = symbol && is_forex(symbol->canonical());
  if (draft.family == "Lean" && all_whole) {
    format.scale = 10'000;
    draft.note("scale", "prices / 10000", "Lean writes shares in whole ten-thousandths");
    return {};
  }
  // No two of these currencies have ever been thousands apart.
  constexpr double kScaledFrom = 5000, kForexMax = 1000;
  if ((!all_whole || middle < kScaledFrom) && (!forex || middle < kForexMax)) {
    draft.note("scale", "prices as they are", fmt::format("the median close is {:.6g}", middle));
    return {};
  }
  const bool crypto = symbol && !forex && symbol->canonical().find('_') != std::string::npos;
  if (crypto) {
    draft.note("scale", "prices as they are",
               fmt::format("{} at a median close of {:.6g}", format.symbol, middle));
    return {};
  }
  const double suggested = !forex ? 10'000 : symbol->canonical().ends_with("JPY") ? 1000 : 100'000;
  format.scale = suggested;
  draft.ask("scale", "prices / " + number_text(suggested),
            fmt::format("{} around {:.6g}; with --scale {} they are around {:.6g}",
                        all_whole ? "all prices are whole numbers" : "prices are", middle,
                        number_text(suggested), middle / suggested),
            fmt::format("--scale {} (or 1)", number_text(suggested)));
  return {};
}

Result<Detection> detect(std::string_view bytes, std::string_view file_name, const Named& named) {
  const auto named_the_file = [&](const Error& error) { return within(file_name, error); };
  auto unpacked = unpack(bytes, named.member);
  if (!unpacked) return named_the_file(unpacked.error());
  Draft draft{.file_name = std::string(file_name), .named = named};
  note_container(draft, *unpacked);
  const std::size_t start = unpacked->text.find_first_not_of(" \t\r\n");
  if (start == std::string::npos)
    return fail(ErrorCode::bad_data, "{}: is empty; give a file with bars", file_name);
  if (unpacked->text[start] == '[' || unpacked->text[start] == '{') {
    auto rows = rows_of_json(unpacked->text);
    if (!rows) return named_the_file(rows.error());
    draft.format().kind = TextKind::json;
    draft.format().separator = '\t';
    draft.format().symbol = rows->symbol;
    draft.text = std::move(rows->text);
  } else {
    if (unpacked->text[start] == '<' && unpacked->text.find("<html") < 2000) {
      return fail(ErrorCode::bad_data,
                  "{}: is a web page, not bars; the server may have asked for a login or "
                  "refused the download",
                  file_name);
    }
    draft.text = std::move(unpacked->text);
    draft.format().separator = find_separator(draft.text);
  }
  if (Status found = find_layout(draft); !found) return named_the_file(found.error());

  BarFormat& format = draft.format();
  Scan scan = scan_rows(draft.text, format);
  if (scan.rows.empty()) {
    if (scan.bad.empty()) {
      return fail(
          ErrorCode::bad_data,
          "{}: every price of its {} rows is empty; there is nothing to import. It may be a series of "
          "another kind that was forced into this form: fetch it again from where it came",
          file_name, scan.null_rows);
    }
    return fail(ErrorCode::bad_data, "{}: {}; no row is a bar",
                place(file_name, format, scan.bad.front().line), scan.bad.front().message);
  }
  format.order = runs_backwards(scan.rows) ? RowOrder::descending : RowOrder::ascending;
  note_order(draft, scan.rows);
  if (format.order == RowOrder::descending) std::reverse(scan.rows.begin(), scan.rows.end());
  for (Status (*find)(Draft&, std::span<const ScannedRow>) : {find_timeframe, find_clock, find_scale}) {
    if (Status found = find(draft, scan.rows); !found) return named_the_file(found.error());
  }
  note_prices(draft, scan);
  return std::move(draft.found);
}

Error unanswered(const Detection& detection, std::string_view file_name) {
  std::string text = fmt::format("{}: the file alone does not say everything:", file_name);
  for (const Question& question : detection.questions) {
    text += fmt::format("\n  {}: {}; say {}", question.field, question.text, question.flag);
  }
  return {ErrorCode::bad_data, text};
}

std::string_view how_name(How how) {
  switch (how) {
    case How::detected:
      return "detected";
    case How::named:
      return "named";
    case How::asked:
      return "asked";
  }
  return "";
}

}  // namespace pawl::market::formats
