// The folder form of a job: what is written, and what is refused when it is read back.
#include <algorithm>
#include <array>
#include <map>

#include "base/bytes.h"
#include "base/hash.h"
#include "training/job_rows.h"

namespace pawl::training {

namespace {

constexpr std::string_view kBarsMagic = "pawlbars2";
constexpr std::uint64_t kBarsMax = 500'000'000;  // refuses a length that no memory could hold
constexpr std::uint32_t kJoinedMax = 10'000;

std::string encode_bars(const std::vector<JobSeries>& series) {
  ByteWriter out;
  out.text(kBarsMagic);
  out.u32(static_cast<std::uint32_t>(series.size()));
  for (const JobSeries& one : series) {
    out.u64(one.bars.size());
    out.u32(static_cast<std::uint32_t>(one.bars.joined_columns()));
    for (std::size_t i = 0; i < one.bars.size(); ++i) {
      const Bar bar = one.bars[i];
      out.i64(bar.open_time);
      out.i64(bar.close_time);
      out.f64(bar.open);
      out.f64(bar.high);
      out.f64(bar.low);
      out.f64(bar.close);
      out.f64(bar.volume);
      for (std::size_t k = 0; k < one.bars.joined_columns(); ++k) out.f64(one.bars.joined(k, i));
    }
  }
  return out.take();
}

Status decode_bars(std::string_view bytes, TimeMs cut, std::vector<JobSeries>& series) {
  ByteReader in(bytes);
  if (in.text() != kBarsMagic) return fail(ErrorCode::corrupt, "bars.bin: not a bar file of pawl's");
  if (in.u32() != series.size()) {
    return fail(ErrorCode::corrupt, "bars.bin: it does not hold the {} series of job.json", series.size());
  }
  for (JobSeries& one : series) {
    const std::uint64_t count = in.u64();
    const std::uint32_t joined_columns = in.u32();
    if (joined_columns > kJoinedMax) {
      return fail(ErrorCode::corrupt, "bars.bin: {} joined columns in {}", joined_columns, one.symbol);
    }
    one.bars = BarSeries(joined_columns);
    std::vector<double> joined(joined_columns);
    if (!in.ok() || count > std::min<std::uint64_t>(kBarsMax, bytes.size() / 56)) {
      return fail(ErrorCode::corrupt, "bars.bin: {} bars of {} cannot be in {} bytes", count, one.symbol,
                  bytes.size());
    }
    one.bars.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
      Bar bar;
      bar.open_time = in.i64();
      bar.close_time = in.i64();
      bar.open = in.f64();
      bar.high = in.f64();
      bar.low = in.f64();
      bar.close = in.f64();
      bar.volume = in.f64();
      for (double& value : joined) value = in.f64();
      if (!in.ok()) return fail(ErrorCode::corrupt, "bars.bin: cut short in {}, bar {}", one.symbol, i);
      if (const BarFault fault = find_fault(bar); fault.any()) {
        return fail(ErrorCode::corrupt, "bars.bin: {}, bar {}: {}: {}", one.symbol, i, fault.field,
                    fault.reason);
      }
      if (!one.bars.empty() && bar.open_time < one.bars.back().close_time) {
        return fail(ErrorCode::corrupt, "bars.bin: {}, bar {} does not follow the one before", one.symbol, i);
      }
      if (bar.known_at() > cut) {
        return fail(ErrorCode::corrupt,
                    "bars.bin: {}, bar {} is known at {}, after the job's cut {}: look-ahead", one.symbol, i,
                    format_time(bar.known_at()), format_time(cut));
      }
      if (joined_columns == 0) {
        one.bars.append(bar);
      } else {
        one.bars.append(bar, joined);
      }
    }
  }
  if (!in.at_end()) return fail(ErrorCode::corrupt, "bars.bin: more bytes than bars");
  return {};
}

std::string encode_states(const std::vector<JobSeries>& series) {
  ByteWriter out;
  out.u32(static_cast<std::uint32_t>(series.size()));
  for (const JobSeries& one : series) {
    out.text(one.feature_state);
    out.text(one.scale_state);
    out.text(one.where_state);
  }
  return out.take();
}

Status decode_states(std::string_view bytes, std::vector<JobSeries>& series) {
  ByteReader in(bytes);
  if (in.u32() != series.size()) return fail(ErrorCode::corrupt, "state.bin: not of the series in job.json");
  for (JobSeries& one : series) {
    one.feature_state = in.text();
    one.scale_state = in.text();
    one.where_state = in.text();
  }
  if (!in.at_end()) return fail(ErrorCode::corrupt, "state.bin: cut short or too long");
  return {};
}

// By SignalRule::Kind.
constexpr std::array<std::string_view, 3> kSignalKinds = {"edge", "top_class", "allow"};

Json signal_to_json(const judging::SignalRule& signal) {
  return {{"kind", kSignalKinds[static_cast<std::size_t>(signal.kind)]},
          {"min_edge", signal.min_edge},
          {"min_probability", signal.min_probability}};
}

Json search_to_json(const JobSearch& search) {
  Json space = Json::object();
  for (const auto& [name, values] : search.space) space[name] = values;
  return {{"form", search_form_name(search.form)},
          {"trials", search.trials},
          {"folds", search.folds},
          {"groups", search.groups},
          {"test_groups", search.test_groups},
          {"halving", search.halving},
          {"leak_repetitions", search.leak_repetitions},
          {"space", std::move(space)}};
}

Json job_to_json(const Job& job) {
  Json series = Json::array();
  for (const JobSeries& one : job.series) {
    series.push_back(
        {{"symbol", one.symbol},
         {"rows_from", one.rows_from},
         {"bars", one.bars.size()},
         {"first_bar", one.bars.empty() ? Json() : Json(format_time(one.bars.open_time(0)))},
         {"last_bar_known_at", one.bars.empty() ? Json() : Json(format_time(one.bars.back().known_at()))}});
  }
  return {{"schema", 1},
          {"kind", job_kind_name(job.kind)},
          {"run_id", job.run_id},
          {"line", job.line},
          {"cut", job.cut},
          {"cut_at", format_time(job.cut)},
          {"base_minutes", job.base.minutes()},
          {"day_anchor", job.day_anchor},
          {"session", job.session},
          {"features", job.features},
          {"outside", job.outside},
          {"signal_where", job.signal_where},
          {"label", {{"kind", job.label_kind}, {"settings", job.label_settings}}},
          {"model", {{"kind", job.model_kind}, {"settings", job.model_settings}}},
          {"costs",
           {{"per_side_bp", job.costs.per_side_bp},
            {"per_side_pips", job.costs.per_side_pips},
            {"pip_size", job.costs.pip_size}}},
          {"signal", signal_to_json(job.signal)},
          {"bars_per_year", job.bars_per_year},
          {"seed", job.seed},
          {"frozen_rounds", job.frozen_rounds ? Json(*job.frozen_rounds) : Json()},
          {"walk_forward_folds", job.walk_forward_folds},
          {"search", search_to_json(job.search)},
          {"calibration", to_json(job.calibration)},
          {"reference", job.reference},
          {"embargo_ms", job.embargo_ms},
          {"pooled", job.pooled},
          {"series", std::move(series)}};
}

// A name that is none of its field's.
std::unexpected<Error> unknown_name(std::string_view field, const Json& name) {
  return fail(ErrorCode::corrupt, "{}: {} is none that this pawl knows", field, name.dump());
}

// nlohmann's at() and get() throw; the one caller catches.
Result<Job> job_from_json_or_throw(const Json& json) {
  Job job;
  const std::string kind_name = json.at("kind").get<std::string>();
  if (kind_name != "fit" && kind_name != "refit") return unknown_name("kind", json["kind"]);
  job.kind = kind_name == "refit" ? JobKind::refit : JobKind::fit;
  job.run_id = json.at("run_id").get<std::int64_t>();
  job.line = json.at("line").get<std::string>();
  job.cut = json.at("cut").get<TimeMs>();
  job.base = Timeframe::minutes(json.at("base_minutes").get<int>());
  job.day_anchor = json.at("day_anchor").get<std::string>();
  job.session = json.at("session").get<std::string>();
  job.features = json.at("features").get<std::vector<std::string>>();
  job.outside = json.at("outside").get<std::vector<std::string>>();
  job.signal_where = json.at("signal_where").get<std::string>();
  job.pooled = json.at("pooled").get<bool>();
  const Json& search = json.at("search");
  const auto form = search_form_of(search.at("form").get<std::string>());
  if (!form) return unknown_name("search.form", search["form"]);
  job.search.form = *form;
  job.search.trials = search.at("trials").get<int>();
  job.search.folds = search.at("folds").get<int>();
  job.search.groups = search.at("groups").get<int>();
  job.search.test_groups = search.at("test_groups").get<int>();
  job.search.halving = search.at("halving").get<int>();
  job.search.leak_repetitions = search.at("leak_repetitions").get<int>();
  for (const auto& [name, values] : search.at("space").items()) {
    job.search.space.emplace_back(name, values.get<std::vector<std::string>>());
  }
  // These two alone need not be there: a folder without them asks for neither.
  auto calibration = calibration_from_json(json.value("calibration", Json()));
  if (!calibration) return propagate(calibration);
  job.calibration = *calibration;
  job.reference = json.value("reference", false);
  job.label_kind = json.at("label").at("kind").get<std::string>();
  job.label_settings = json.at("label").at("settings");
  job.model_kind = json.at("model").at("kind").get<std::string>();
  job.model_settings = json.at("model").at("settings");
  const Json& costs = json.at("costs");
  job.costs = {.per_side_bp = costs.at("per_side_bp").get<double>(),
               .per_side_pips = costs.at("per_side_pips").get<double>(),
               .pip_size = costs.at("pip_size").get<double>()};
  const Json& signal = json.at("signal");
  const auto kind = std::find(kSignalKinds.begin(), kSignalKinds.end(), signal.at("kind").get<std::string>());
  if (kind == kSignalKinds.end()) return unknown_name("signal.kind", signal["kind"]);
  job.signal.kind = static_cast<judging::SignalRule::Kind>(kind - kSignalKinds.begin());
  job.signal.min_edge = signal.at("min_edge").get<double>();
  job.signal.min_probability = signal.at("min_probability").get<double>();
  job.bars_per_year = json.at("bars_per_year").get<double>();
  job.seed = json.at("seed").get<std::uint64_t>();
  if (!json.at("frozen_rounds").is_null()) job.frozen_rounds = json.at("frozen_rounds").get<int>();
  job.walk_forward_folds = json.at("walk_forward_folds").get<int>();
  job.embargo_ms = json.at("embargo_ms").get<DurationMs>();
  for (const Json& one : json.at("series")) {
    JobSeries series;
    series.symbol = one.at("symbol").get<std::string>();
    series.rows_from = one.at("rows_from").get<TimeMs>();
    job.series.push_back(std::move(series));
  }
  return job;
}

// "<sha256>  <name>" a line, as sha256sum writes and checks it.
std::string checksums_of(const std::map<std::string, std::string>& contents) {
  std::string lines;
  for (const auto& [name, bytes] : contents) lines += fmt::format("{}  {}\n", sha256_hex(bytes), name);
  return lines;
}

Status write_checked(FileSystem& files, const Path& folder,
                     const std::map<std::string, std::string>& contents, const std::string& checksum_name) {
  for (const auto& [name, bytes] : contents) {
    if (Status written = files.write(folder / name, bytes); !written) return written;
  }
  return files.write(folder / checksum_name, checksums_of(contents));
}

Result<std::map<std::string, std::string>> read_checked(FileSystem& files, const Path& folder,
                                                        const std::string& checksum_name,
                                                        const std::vector<std::string>& expected) {
  Result<std::string> checksums = files.read(folder / checksum_name);
  if (!checksums) return propagate(checksums);
  std::map<std::string, std::string> contents;
  for (const std::string& name : expected) {
    Result<std::string> bytes = files.read(folder / name);
    if (!bytes) return propagate(bytes);
    contents[name] = std::move(*bytes);
  }
  if (*checksums != checksums_of(contents)) {
    return fail(
        ErrorCode::corrupt,
        "{}: a file does not match `{}`; copy the folder again, or check it there with `sha256sum -c {}`",
        folder.string(), checksum_name, checksum_name);
  }
  return contents;
}

std::string encode_self_test(const std::vector<SelfTestVector>& vectors) {
  ByteWriter out;
  out.u32(static_cast<std::uint32_t>(vectors.size()));
  for (const SelfTestVector& vector : vectors) {
    out.doubles(vector.row);
    out.doubles(vector.probabilities);
  }
  return out.take();
}

}  // namespace

std::string_view job_kind_name(JobKind kind) {
  return kind == JobKind::fit ? "fit" : "refit";
}

std::string_view search_form_name(JobSearch::Form form) {
  return form == JobSearch::Form::cpcv ? "cpcv" : "newest";
}

std::optional<JobSearch::Form> search_form_of(std::string_view name) {
  for (const JobSearch::Form form : {JobSearch::Form::cpcv, JobSearch::Form::newest}) {
    if (name == search_form_name(form)) return form;
  }
  return std::nullopt;
}

Json to_json(const JobCalibration& calibration) {
  return {{"method", models::calibration_method_name(calibration.method)}, {"share", calibration.share}};
}

Result<JobCalibration> calibration_from_json(const Json& json) {
  if (json.is_null()) return JobCalibration{};
  const auto name = json_string(json, "method");
  const auto share = json_double(json, "share");
  const auto method = name ? models::find_calibration_method(*name) : std::nullopt;
  if (!method || !share || !(*share > 0 && *share < 1)) {
    return fail(ErrorCode::corrupt, "calibration: {} is none", json.dump());
  }
  return JobCalibration{*method, *share};
}

std::string job_folder_name(const Job& job) {
  const std::size_t slash = job.line.rfind('/');
  const std::string last = slash == std::string::npos ? job.line : job.line.substr(slash + 1);
  return fmt::format("{:06}-{}-{}", job.run_id, job_kind_name(job.kind), last);
}

Status write_job(FileSystem& files, const Path& folder, const Job& job) {
  if (files.exists(folder)) {
    return fail(ErrorCode::conflict, "{}: the job folder is there already; remove it or name another",
                folder.string());
  }
  if (Status made = files.make_folders(folder); !made) return made;
  std::map<std::string, std::string> contents = {{"bars.bin", encode_bars(job.series)},
                                                 {"job.json", job_to_json(job).dump(1) + "\n"},
                                                 {"state.bin", encode_states(job.series)}};
  if (job.rows) contents[std::string(kRowsFile)] = encode_rows(*job.rows);
  return write_checked(files, folder, contents, "checksums");
}

Result<Job> read_job(FileSystem& files, const Path& folder) {
  std::vector<std::string> expected = {"bars.bin", "job.json", "state.bin"};
  const bool rows_ready = files.exists(folder / kRowsFile);
  if (rows_ready) expected.emplace_back(kRowsFile);
  auto contents = read_checked(files, folder, "checksums", expected);
  if (!contents) return propagate(contents);
  Result<Json> json = parse_json((*contents)["job.json"]);
  if (!json) return within((folder / "job.json").string(), json.error());
  Job job;
  try {
    auto told = job_from_json_or_throw(*json);
    if (!told) return within((folder / "job.json").string(), told.error());
    job = std::move(*told);
  } catch (const nlohmann::json::exception& error) {
    return fail(ErrorCode::corrupt, "{}: {}", (folder / "job.json").string(), error.what());
  }
  if (Status bars = decode_bars((*contents)["bars.bin"], job.cut, job.series); !bars) {
    return within(folder.string(), bars.error());
  }
  if (Status states = decode_states((*contents)["state.bin"], job.series); !states) {
    return within(folder.string(), states.error());
  }
  if (!rows_ready) return job;
  auto rows = decode_rows((*contents)[std::string(kRowsFile)], job.cut);
  if (!rows) return within(folder.string(), rows.error());
  job.rows = std::move(*rows);
  return job;
}

Status write_result(FileSystem& files, const Path& folder, const JobResult& result) {
  Json folds = Json::array();
  for (const FoldReport& fold : result.folds) {
    folds.push_back(
        {{"train", to_json(fold.train)}, {"test", to_json(fold.test)}, {"scores", fold.scores.to_json()}});
  }
  const Json report = {
      {"model_kind", result.artifact.model_kind},          {"rounds", result.rounds},
      {"trained_on", to_json(result.artifact.trained_on)}, {"data_cut", result.artifact.data_cut},
      {"importance", result.artifact.importance},          {"folds", std::move(folds)},
      {"calibration", result.artifact.calibration},        {"reference", result.artifact.reference},
      {"model_settings", result.model_settings},           {"report", result.report}};
  return write_checked(files, folder,
                       {{"artifact.model", result.artifact.model_bytes},
                        {"report.json", report.dump(1) + "\n"},
                        {"selftest.bin", encode_self_test(result.artifact.self_test)}},
                       "done");
}

Result<JobResult> read_result(FileSystem& files, const Path& folder) {
  auto contents = read_checked(files, folder, "done", {"artifact.model", "report.json", "selftest.bin"});
  if (!contents) return propagate(contents);
  Result<Json> json = parse_json((*contents)["report.json"]);
  if (!json) return within((folder / "report.json").string(), json.error());
  JobResult result;
  try {
    result.artifact.model_kind = json->at("model_kind").get<std::string>();
    result.rounds = json->at("rounds").get<int>();
    result.artifact.data_cut = json->at("data_cut").get<TimeMs>();
    // A trainer of an earlier pawl did not say.
    result.artifact.importance = json->value("importance", Json());
    result.artifact.calibration = json->value("calibration", Json());
    result.artifact.reference = json->value("reference", Json());
    result.model_settings = json->at("model_settings");
    result.report = json->at("report");
    Result<RowRange> trained_on = row_range_from_json(json->at("trained_on"));
    if (!trained_on) return propagate(trained_on);
    result.artifact.trained_on = *trained_on;
    for (const Json& fold : json->at("folds")) {
      Result<RowRange> train = row_range_from_json(fold.at("train")),
                       test = row_range_from_json(fold.at("test"));
      Result<Scorecard> scores = Scorecard::from_json(fold.at("scores"));
      if (!train || !test || !scores)
        return fail(ErrorCode::corrupt, "{}: a fold is malformed", folder.string());
      result.folds.push_back({*train, *test, std::move(*scores)});
    }
  } catch (const nlohmann::json::exception& error) {
    return fail(ErrorCode::corrupt, "{}: {}", (folder / "report.json").string(), error.what());
  }
  result.artifact.model_bytes = std::move((*contents)["artifact.model"]);
  ByteReader in((*contents)["selftest.bin"]);
  const std::uint32_t vectors = in.u32();
  for (std::uint32_t i = 0; i < vectors && in.ok(); ++i) {
    SelfTestVector vector;
    vector.row = in.doubles();
    vector.probabilities = in.doubles();
    result.artifact.self_test.push_back(std::move(vector));
  }
  if (!in.at_end()) return fail(ErrorCode::corrupt, "{}: selftest.bin is cut short", folder.string());
  return result;
}

}  // namespace pawl::training
