#include "mirrors/model_files.h"

#include <algorithm>

#include "mirrors/names.h"
#include "mirrors/walk_forward.h"
#include "registry/manifest.h"

namespace pawl::mirrors {
namespace {

constexpr int kIndent = 2;

Json or_null(const std::optional<double>& value) {
  return value ? json_number(*value) : Json();
}

// The metrics as the originals' readers know them.
Json metrics_of(const Json& scores, const std::optional<FoldSpread>& folds) {
  return {{"f1_score", or_null(score_of(scores, "f1"))},
          {"accuracy", or_null(score_of(scores, "accuracy"))},
          {"precision", or_null(score_of(scores, "precision"))},
          {"recall", or_null(score_of(scores, "recall"))},
          {"roc_auc", or_null(score_of(scores, "roc_auc"))},
          {"cv_mean", folds ? json_number(folds->mean) : Json()},
          {"cv_std", folds ? json_number(folds->deviation) : Json()}};
}

Json history_entry(const RunFindings& run, const LineFindings& line) {
  Json entry = metrics_of(line.challenger_scores, accuracy_over_folds(line.folds));
  entry["run"] = run.id;
  entry["timestamp"] = format_time(run.ended_at);
  entry["version"] = line.challenger;
  entry["verdict"] = line.verdict;
  entry["training_samples"] = line.train_rows;
  return entry;
}

std::string pretty(const Json& json) {
  return json.dump(kIndent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::optional<VersionNumber> served_before(const std::vector<store::PromotionRow>& log,
                                           VersionNumber champion) {
  for (auto row = log.rbegin(); row != log.rend(); ++row) {
    if (row->to == champion && row->action != "rollback" && row->from && *row->from != champion)
      return row->from;
  }
  return std::nullopt;
}

bool ModelFiles::wanted() const {
  const recipe::FileSettings& f = recipe_.files;
  const std::string* names[] = {&f.metrics,      &f.walk_forward,  &f.current_model,
                                &f.backup_model, &f.stamped_model, &f.model_metadata};
  return recipe_.trades.present ||
         std::ranges::any_of(names, [](const std::string* name) { return !name->empty(); });
}

void ModelFiles::add(const RunFindings& run) {
  if (!run.completed) return;
  for (const LineFindings& line : run.by_line) {
    if (!line.took_part()) continue;
    Json& entries = history_[line.line];
    if (entries.is_null()) entries = Json::array();
    const bool known = std::ranges::any_of(
        entries, [&run](const Json& entry) { return entry["run"].get<std::int64_t>() == run.id; });
    if (known) continue;
    entries.push_back(history_entry(run, line));
    if (!line.folds.empty()) walk_forward_[line.line] = walk_forward_table(line.folds);
  }
}

Status ModelFiles::read_runs() {
  if (runs_read_) return {};
  auto records = store_.runs().list();
  if (!records) return propagate(records);
  // As they ended, which is how they were added while the process ran.
  std::ranges::stable_sort(*records, {}, [](const store::RunRecord& run) { return run.known_at; });
  history_.clear();
  walk_forward_.clear();
  for (const store::RunRecord& record : *records) {
    auto run = read_run(record);
    if (!run) return propagate(run);
    add(*run);
  }
  runs_read_ = true;
  return {};
}

Status ModelFiles::refresh() {
  if (!wanted()) return {};
  if (Status read = read_runs(); !read) return read;
  for (const LineId& line : recipe_.line_ids()) {
    for (Status (ModelFiles::*part)(const LineId&) :
         {&ModelFiles::refresh_metadata, &ModelFiles::refresh_metrics, &ModelFiles::refresh_walk_forward,
          &ModelFiles::refresh_links}) {
      if (Status done = (this->*part)(line); !done) return done;
    }
  }
  return {};
}

Result<std::optional<Path>> ModelFiles::artifact(const LineId& line, VersionNumber number) const {
  if (number == VersionNumber{}) return std::nullopt;
  const auto row = store_.versions().find(line, number);
  if (!row) return propagate(row);
  if (!*row || (*row)->folder.empty()) return std::nullopt;
  const Path file =
      Path((*row)->folder) / ((*row)->has_serving ? registry::kServingFile : registry::kJudgedFile);
  return files_.exists(folder_ / file) ? std::optional(file) : std::nullopt;
}

Status ModelFiles::refresh_links(const LineId& line) {
  const recipe::FileSettings& names = recipe_.files;
  const auto log = registry_.history(line);
  if (!log) return propagate(log);
  const auto champion = registry_.champion(line);
  if (!champion) return propagate(champion);
  const auto link = [&](const std::string& pattern, TimeMs at,
                        const std::optional<VersionNumber>& version) -> Status {
    if (pattern.empty()) return {};
    std::optional<Path> target;
    if (version) {
      auto found = artifact(line, *version);
      if (!found) return propagate(found);
      target = *found;
    }
    return set_link(file_name(pattern, line, at), target);
  };
  if (Status linked = link(names.current_model, 0, *champion); !linked) return linked;
  // A filter's model has a name of its own in the trades' settings, for the one line that it can be of.
  const std::string& of_trades = recipe_.trades.model_path;
  if (recipe_.trades.present && of_trades != names.current_model &&
      (recipe_.line_ids().size() == 1 || tells_lines_apart(of_trades))) {
    if (Status linked = link(of_trades, 0, *champion); !linked) return linked;
  }
  const auto before = *champion ? served_before(*log, **champion) : std::nullopt;
  if (Status linked = link(names.backup_model, 0, before); !linked) return linked;
  for (const store::PromotionRow& row : *log) {
    if (row.action == "rollback" || row.action == "baseline") continue;
    if (Status linked = link(names.stamped_model, row.at, row.to); !linked) return linked;
  }
  return {};
}

Status ModelFiles::set_link(const std::string& name, const std::optional<Path>& target) {
  const Path link = folder_ / name;
  const std::string wanted =
      target ? target->lexically_relative(Path(name).parent_path()).string() : std::string();
  const auto known = linked_.find(name);
  if (known != linked_.end() && known->second == wanted) return {};
  if (target) {
    if (Status made = files_.make_folders(link.parent_path()); !made) return made;
  }
  if (Status linked = files_.link(wanted, link); !linked) return linked;
  linked_[name] = wanted;
  return {};
}

Status ModelFiles::set_file(const std::string& name, const std::optional<std::string>& bytes) {
  const Path file = folder_ / name;
  if (!bytes) return files_.exists(file) ? files_.remove_all(file) : Status();
  const auto there = files_.read(file);
  if (there && *there == *bytes) return {};
  if (Status made = files_.make_folders(file.parent_path()); !made) return made;
  return write_atomic(files_, file, *bytes);
}

Status ModelFiles::refresh_metadata(const LineId& line) {
  if (recipe_.files.model_metadata.empty()) return {};
  const auto champion = registry_.champion(line);
  if (!champion) return propagate(champion);
  std::optional<std::string> text;
  if (*champion && **champion != VersionNumber{}) {
    const auto version = registry_.load(line, **champion);
    if (!version) return propagate(version);
    const VersionBundle& bundle = (*version)->bundle;
    text = pretty({{"line", line},
                   {"symbol", given_name(recipe_, line)},
                   {"version", bundle.number.text()},
                   {"model_kind", bundle.judged.model_kind},
                   {"training_date", format_time(bundle.known_at)},
                   {"training_samples", bundle.judged.trained_on.rows},
                   {"test_accuracy", or_null(bundle.scores.get("accuracy"))}});
  }
  return set_file(file_name(recipe_.files.model_metadata, line), text);
}

Status ModelFiles::refresh_metrics(const LineId& line) {
  if (recipe_.files.metrics.empty()) return {};
  const auto champion = registry_.champion(line);
  if (!champion) return propagate(champion);
  const auto entries = history_.find(line);
  const Json history = entries == history_.end() ? Json::array() : entries->second;
  Json current = metrics_of(Json::object(), std::nullopt);
  current["version"] = nullptr;
  if (*champion && **champion != VersionNumber{}) {
    const auto version = registry_.load(line, **champion);
    if (!version) return propagate(version);
    current = metrics_of((*version)->bundle.scores.to_json(), std::nullopt);
    current["version"] = (*champion)->text();
    for (const Json& entry : history) {
      if (text_of(entry, "version") != (*champion)->text()) continue;
      current["cv_mean"] = entry["cv_mean"];
      current["cv_std"] = entry["cv_std"];
    }
  }
  current["history"] = history;
  return set_file(file_name(recipe_.files.metrics, line), pretty(current));
}

Status ModelFiles::refresh_walk_forward(const LineId& line) {
  const auto table = walk_forward_.find(line);
  if (recipe_.files.walk_forward.empty() || table == walk_forward_.end()) return {};
  return set_file(fmt::format("{}/{}_wfo_summary.csv", recipe_.files.walk_forward, last_part(line)),
                  table->second);
}

}  // namespace pawl::mirrors
