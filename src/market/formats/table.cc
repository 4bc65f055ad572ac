#include "market/formats/table.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/gzip.h"
#include "base/zip.h"
#include "market/formats/stamps.h"

namespace pawl::market::formats {

namespace {

constexpr std::size_t kUnpackedMax = std::size_t{2} << 30;
constexpr std::size_t kCellsMax = 200;  // of a line; what is beyond is no bar file's

bool is_text_name(std::string_view name) {
  if (name.starts_with("__MACOSX/")) return false;
  for (const std::string_view ending : {".csv", ".CSV", ".json", ".tsv", ".prn"}) {
    if (name.ends_with(ending)) return true;
  }
  return false;
}

Result<std::string> choose_member(const std::vector<std::string>& names, const std::string& wanted) {
  if (names.empty()) return fail(ErrorCode::bad_data, "the zip holds no file; download it again");
  if (!wanted.empty()) {
    if (std::find(names.begin(), names.end(), wanted) != names.end()) return wanted;
    return fail(ErrorCode::invalid_argument, "the zip holds no {}; it holds {}", shown(wanted),
                fmt::join(names, ", "));
  }
  if (names.size() == 1) return names.front();
  std::vector<std::string> bars;
  std::copy_if(names.begin(), names.end(), std::back_inserter(bars), is_text_name);
  if (bars.size() == 1) return bars.front();
  return fail(ErrorCode::bad_data, "the zip holds {} files: {}; name the one to read with --member",
              names.size(), fmt::join(names, ", "));
}

// Only what bar files are made of survives; a letter beyond is shown as '?'.
std::string from_utf16(std::string_view bytes, bool big_endian) {
  std::string text;
  for (std::size_t i = 2; i + 1 < bytes.size(); i += 2) {
    const auto low = static_cast<unsigned char>(bytes[big_endian ? i + 1 : i]);
    const auto high = static_cast<unsigned char>(bytes[big_endian ? i : i + 1]);
    text += high == 0 && low < 0x80 ? static_cast<char>(low) : '?';
  }
  return text;
}

std::string_view trimmed(std::string_view cell) {
  while (!cell.empty() && (cell.front() == ' ' || cell.front() == '\t')) cell.remove_prefix(1);
  while (!cell.empty() && (cell.back() == ' ' || cell.back() == '\t')) cell.remove_suffix(1);
  if (cell.size() >= 2 && cell.front() == '"' && cell.back() == '"') {
    cell.remove_prefix(1);
    cell.remove_suffix(1);
  }
  return cell;
}

}  // namespace

Result<Unpacked> unpack(std::string_view bytes, const std::string& member) {
  Unpacked unpacked;
  if (looks_like_zip(bytes)) {
    const auto names = zip_names(bytes);
    if (!names) return propagate(names);
    const auto name = choose_member(*names, member);
    if (!name) return propagate(name);
    auto text = unzip(bytes, *name, kUnpackedMax);
    if (!text) return propagate(text);
    unpacked = {.text = std::move(*text), .member = *name, .zip = true};
  } else if (looks_like_gzip(bytes)) {
    auto text = gunzip(bytes, kUnpackedMax);
    if (!text) return propagate(text);
    unpacked = {.text = std::move(*text), .gzip = true};
  } else {
    unpacked.text = bytes;
  }
  if (unpacked.text.starts_with("\xff\xfe") || unpacked.text.starts_with("\xfe\xff")) {
    unpacked.text = from_utf16(unpacked.text, unpacked.text.starts_with("\xfe\xff"));
  }
  if (unpacked.text.starts_with("\xef\xbb\xbf")) unpacked.text.erase(0, 3);
  return unpacked;
}

bool Rows::next() {
  while (position_ < text_.size()) {
    const std::size_t end = std::min(text_.find('\n', position_), text_.size());
    raw_ = text_.substr(position_, end - position_);
    position_ = end + 1;
    ++line_;
    if (raw_.ends_with('\r')) raw_.remove_suffix(1);
    if (raw_.empty()) continue;
    cells_.clear();
    bool inside = false;  // a quoted cell, in which a separator is text
    std::size_t from = 0;
    for (std::size_t i = 0; i <= raw_.size(); ++i) {
      if (i < raw_.size() && raw_[i] == '"') inside = !inside;
      if (i < raw_.size() && (raw_[i] != separator_ || inside)) continue;
      if (cells_.size() < kCellsMax) cells_.push_back(trimmed(raw_.substr(from, i - from)));
      from = i + 1;
    }
    return true;
  }
  return false;
}

char find_separator(std::string_view text) {
  constexpr std::size_t kLines = 200;
  constexpr std::size_t kCellsMin = 5;
  char best = '\0';
  std::size_t best_lines = 0;
  // In this order: where ; parts the cells, a comma may be their decimal point.
  for (const char separator : {'\t', ';', '|', ','}) {
    std::map<std::size_t, std::size_t> lines_by_count;
    Rows rows(text, separator);
    for (std::size_t i = 0; i < kLines && rows.next(); ++i) ++lines_by_count[rows.cells().size()];
    for (const auto& [count, lines] : lines_by_count) {
      if (count >= kCellsMin && lines > best_lines + best_lines / 4) {
        best = separator;
        best_lines = lines;
      }
    }
  }
  return best;
}

}  // namespace pawl::market::formats
