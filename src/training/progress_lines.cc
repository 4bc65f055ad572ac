#include "training/progress_lines.h"

#include <array>

#include "base/clock.h"
#include "base/json.h"

namespace pawl::training {

namespace {

constexpr double kSecondsBetween = 0.1;

// What a trainer may end with; what it cannot tell apart is internal.
constexpr std::array kCodes = {ErrorCode::invalid_argument,  ErrorCode::bad_config, ErrorCode::bad_data,
                               ErrorCode::corrupt,           ErrorCode::not_found,  ErrorCode::conflict,
                               ErrorCode::insufficient_data, ErrorCode::io};

ErrorCode code_of(std::string_view name) {
  for (const ErrorCode code : kCodes) {
    if (code_name(code) == name) return code;
  }
  return ErrorCode::internal;
}

std::string line_of(const Json& json) {
  // A text that is no UTF-8, such as a file's name in a message, must not cost the line.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

void ProgressLines::update(const ProgressUpdate& update) {
  const double now = monotonic_seconds();
  const bool new_stage = written_ == 0 || update.stage != stage_;
  const bool last = update.total > 0 && update.done >= update.total;
  if (new_stage) {
    stage_ = update.stage;
    stage_began_ = now;
  } else if (!last && now - written_ < kSecondsBetween) {
    return;
  }
  written_ = now;
  Json json = {{"stage", stage_}, {"done", update.done}, {"total", update.total}, {"text", update.note}};
  if (!update.metric.empty()) {
    json["metric"] = update.metric;
    json["value"] = json_number(update.value);
  }
  // The first line of a stage has no time behind it to go by.
  if (!new_stage && update.done > 0 && update.done <= update.total) {
    json["seconds_left"] = (now - stage_began_) * static_cast<double>(update.total - update.done) /
                           static_cast<double>(update.done);
  }
  write_(line_of(json));
}

void ProgressLines::done(const Job& job, const JobResult& result) {
  write_(line_of({{"stage", "done"},
                  {"line", job.line},
                  {"rounds", result.rounds},
                  {"rows", result.artifact.trained_on.rows}}));
}

void ProgressLines::failed(const Error& error) {
  write_(line_of({{"stage", "failed"}, {"code", code_name(error.code)}, {"message", error.message}}));
}

ProgressSink ProgressLines::sink() {
  return [this](const ProgressUpdate& progress) { update(progress); };
}

Result<ProgressLine> read_progress_line(std::string_view text) {
  const Result<Json> json = parse_json(text);
  if (!json) return propagate(json);
  ProgressLine line;
  const Result<std::string> stage = json_string(*json, "stage");
  if (!stage) return propagate(stage);
  line.stage = *stage;
  if (line.stage == "failed") {
    const Result<std::string> code = json_string(*json, "code"), message = json_string(*json, "message");
    if (!code || !message) return propagate(code ? message : code);
    line.failure = Error{code_of(*code), *message};
  }
  if (line.stage == "failed" || line.stage == "done") return line;
  const Result<std::int64_t> done = json_int(*json, "done"), total = json_int(*json, "total");
  if (!done || !total) return propagate(done ? total : done);
  if (*done < 0 || *total < 0) return fail(ErrorCode::bad_data, "progress of {} in {}", *done, *total);
  line.done = static_cast<std::uint64_t>(*done);
  line.total = static_cast<std::uint64_t>(*total);
  line.note = json_string(*json, "text").value_or("");
  line.metric = json_string(*json, "metric").value_or("");
  line.value = json_double(*json, "value").value_or(0);
  if (const auto left = json_double(*json, "seconds_left")) line.seconds_left = *left;
  return line;
}

}  // namespace pawl::training
