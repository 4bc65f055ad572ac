#include "training/job_rows.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/bytes.h"

namespace pawl::training {
namespace {

constexpr std::string_view kRowsMagic = "pawlrows1";

// What is wrong with rows of a job, or nothing.
std::string find_row_fault(const JobRows& rows, TimeMs cut) {
  const std::size_t count = rows.size();
  if (rows.columns.empty()) return "no columns";
  if (rows.values.size() != count * rows.columns.size() || rows.label_known_at.size() != count ||
      rows.classes.size() != count || rows.pnl_pct.size() != count) {
    return fmt::format("{} rows, but not a value, a time, a class and a result for each", count);
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (rows.classes[i] != 0 && rows.classes[i] != 1) {
      return fmt::format("row {} is of class {}; there are 0 and 1", i, rows.classes[i]);
    }
    if (!std::isfinite(rows.pnl_pct[i])) return fmt::format("row {} has a result that is no number", i);
    if (rows.label_known_at[i] < rows.known_at[i]) {
      return fmt::format("row {} has a label from {}, before the row itself at {}", i,
                         format_time(rows.label_known_at[i]), format_time(rows.known_at[i]));
    }
    if (rows.label_known_at[i] > cut) {
      return fmt::format("row {} has a label known at {}, after the job's cut {}: look-ahead", i,
                         format_time(rows.label_known_at[i]), format_time(cut));
    }
  }
  return {};
}

}  // namespace

std::string encode_rows(const JobRows& rows) {
  ByteWriter out;
  out.text(kRowsMagic);
  out.u32(static_cast<std::uint32_t>(rows.columns.size()));
  for (const std::string& column : rows.columns) out.text(column);
  out.u64(rows.size());
  out.doubles(rows.values);
  for (const TimeMs time : rows.known_at) out.i64(time);
  for (const TimeMs time : rows.label_known_at) out.i64(time);
  for (const int cls : rows.classes) out.u8(static_cast<std::uint8_t>(cls));
  out.doubles(rows.pnl_pct);
  return out.take();
}

Result<JobRows> decode_rows(std::string_view bytes, TimeMs cut) {
  ByteReader in(bytes);
  if (in.text() != kRowsMagic) return fail(ErrorCode::corrupt, "rows.bin: not a file of rows of pawl's");
  JobRows rows;
  rows.columns.clear();
  const std::uint32_t columns = in.u32();
  for (std::uint32_t i = 0; i < columns && in.ok(); ++i) rows.columns.push_back(in.text());
  const std::uint64_t count = in.u64();
  // Each row takes over 24 bytes: a length that cannot be is refused before it is believed.
  if (!in.ok() || count > bytes.size() / 24) {
    return fail(ErrorCode::corrupt, "rows.bin: {} rows cannot be in {} bytes", count, bytes.size());
  }
  rows.values = in.doubles();
  rows.known_at.resize(count);
  for (TimeMs& time : rows.known_at) time = in.i64();
  rows.label_known_at.resize(count);
  for (TimeMs& time : rows.label_known_at) time = in.i64();
  rows.classes.resize(count);
  for (int& cls : rows.classes) cls = in.u8();
  rows.pnl_pct = in.doubles();
  if (!in.at_end()) return fail(ErrorCode::corrupt, "rows.bin: cut short or too long");
  if (const std::string fault = find_row_fault(rows, cut); !fault.empty()) {
    return fail(ErrorCode::corrupt, "rows.bin: {}", fault);
  }
  return rows;
}

Result<Prepared> prepare_rows(const Job& job) {
  const JobRows& given = *job.rows;
  if (const std::string fault = find_row_fault(given, job.cut); !fault.empty()) {
    return fail(ErrorCode::bad_data, "{}: the job's rows: {}", job.line, fault);
  }
  if (given.size() == 0) {
    return fail(ErrorCode::insufficient_data, "{}: no trade has closed before {}; report some first",
                job.line, format_time(job.cut));
  }
  std::vector<std::size_t> order(given.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return given.known_at[a] < given.known_at[b]; });
  Prepared prepared;
  prepared.ready = given.select(order);
  const JobRows& ready = prepared.ready;
  prepared.rows.columns = ready.columns;
  prepared.rows.values = ready.values;
  prepared.rows.classes = ready.classes;
  for (std::size_t i = 0; i < ready.size(); ++i) {
    prepared.rows.times.push_back({ready.known_at[i], ready.label_known_at[i]});
  }
  return prepared;
}

}  // namespace pawl::training
