#include "market/trades_csv.h"

#include "market/trade_text.h"

namespace pawl::market {
namespace {

constexpr std::string_view kHeader =
    "rsi,macd,macd_signal,adx,atr,ema_fast,ema_slow,volume,profitable,signal_type";
constexpr std::string_view kProfitable = "profitable", kSide = "signal_type";

std::vector<std::string_view> column_names() {
  std::vector<std::string_view> names(kTradeIndicators.begin(), kTradeIndicators.end());
  names.push_back(kProfitable);
  names.push_back(kSide);
  return names;
}

// `columns` says where each of column_names() stands.
Result<TradeRow> read_row(std::string_view line, const std::vector<std::size_t>& columns, std::size_t width,
                          std::string_view place) {
  const std::vector<std::string> cells = split_cells(line);
  if (cells.size() != width) {
    return fail(ErrorCode::bad_data, "{}: the line has {} fields and the header {}", place, cells.size(),
                width);
  }
  TradeRow row;
  for (std::size_t i = 0; i < kTradeIndicators.size(); ++i) {
    const auto value = read_number(place, kTradeIndicators[i], cells[columns[i]]);
    if (!value) return propagate(value);
    row.indicators[i] = *value;
  }
  const auto profitable = read_flag(place, kProfitable, cells[columns[kTradeIndicators.size()]]);
  if (!profitable) return propagate(profitable);
  const auto side = read_side(place, kSide, cells[columns[kTradeIndicators.size() + 1]]);
  if (!side) return propagate(side);
  row.profitable = *profitable;
  row.side = *side;
  return row;
}

}  // namespace

std::string_view trades_csv_header() {
  return kHeader;
}

std::string trades_csv_line(const TradeRow& row) {
  return fmt::format("{},{},{}", fmt::join(row.indicators, ","), row.profitable ? 1 : 0, side_name(row.side));
}

Result<TradeRows> read_trades_csv(std::string_view text, std::string_view file_name) {
  Lines lines(text);
  if (!lines.next()) {
    return fail(ErrorCode::bad_data, "{}: the file is empty; its first line must be {}", file_name, kHeader);
  }
  const std::vector<std::string> header = split_cells(lines.text());
  const auto columns = find_columns(header, column_names(), fmt::format("{}:{}", file_name, lines.number()));
  if (!columns) return propagate(columns);
  TradeRows read;
  while (lines.next()) {
    auto row =
        read_row(lines.text(), *columns, header.size(), fmt::format("{}:{}", file_name, lines.number()));
    if (!row && !lines.ended()) {
      read.half_line = true;
      break;
    }
    if (!row) return propagate(row);
    read.rows.push_back(*row);
    read.lines.push_back(lines.number());
  }
  return read;
}

Status TradesCsvFile::append(const TradeRow& row) {
  const auto size = known_ ? files_.size(file_) : Result<std::uint64_t>(0);
  // Somebody may have moved or edited the file since.
  if (!known_ || !size || *size != size_) {
    if (Status looked = look(); !looked) return looked;
  }
  known_ = false;  // until all of it is written
  std::string bytes = before_;
  bytes += trades_csv_line(row);
  bytes += '\n';
  if (Status written = files_.append(file_, kept_, bytes); !written) return written;
  if (Status synced = files_.sync(file_); !synced) return synced;
  size_ = kept_ = kept_ + bytes.size();
  before_.clear();
  known_ = true;
  return {};
}

Status TradesCsvFile::look() {
  kept_ = size_ = 0;
  before_ = fmt::format("{}\n", kHeader);
  if (!files_.exists(file_)) {
    if (file_.has_parent_path()) {
      if (Status made = files_.make_folders(file_.parent_path()); !made) return made;
    }
    // With nothing in it, so that its name is durable before its first line is.
    if (Status made = write_atomic(files_, file_, ""); !made) return made;
    return {};
  }
  const auto text = files_.read(file_);
  if (!text) return propagate(text);
  size_ = text->size();
  const std::string_view content = *text;
  if (content.find('\n') == std::string_view::npos && kHeader.starts_with(content)) {
    // Not even the header was finished.
    return {};
  }
  Lines lines(content);
  if (!lines.next() || lines.text() != kHeader) {
    return fail(ErrorCode::bad_data,
                "{}:1: the columns are not {}; nothing was appended. Move the file away, or name another",
                file_.string(), kHeader);
  }
  before_.clear();
  kept_ = content.size();
  if (content.ends_with('\n')) return {};
  // A whole last line without its end is a person's; half of one is a write that was cut.
  const std::size_t last = content.rfind('\n') + 1;
  const std::vector<std::string_view> names = column_names();
  std::vector<std::size_t> columns(names.size());
  for (std::size_t i = 0; i < columns.size(); ++i) columns[i] = i;
  if (last == 0 || read_row(content.substr(last), columns, names.size(), "")) {
    before_.push_back('\n');
  } else {
    kept_ = last;
  }
  return {};
}

}  // namespace pawl::market
