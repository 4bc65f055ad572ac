#include "mirrors/mirrors.h"

#include <algorithm>
#include <array>

#include "mirrors/alerts.h"
#include "mirrors/collection.h"
#include "mirrors/growing_file.h"
#include "mirrors/log_lines.h"
#include "mirrors/model_files.h"
#include "mirrors/names.h"
#include "mirrors/pages.h"

namespace pawl::mirrors {
namespace {

constexpr std::string_view kCursorKey = "mirrors";
constexpr std::size_t kPage = 2048;

std::string in_folder(const std::string& folder, std::string_view name) {
  return folder.empty() ? std::string() : fmt::format("{}/{}", folder, name);
}

Status check_names(const recipe::Recipe& recipe) {
  if (recipe.line_ids().size() < 2) return {};
  const recipe::FileSettings& files = recipe.files;
  for (const auto& [key, pattern] :
       {std::pair{"metrics", &files.metrics}, std::pair{"current_model", &files.current_model},
        std::pair{"backup_model", &files.backup_model}, std::pair{"stamped_model", &files.stamped_model},
        std::pair{"model_metadata", &files.model_metadata}}) {
    if (pattern->empty() || tells_lines_apart(*pattern)) continue;
    return fail(ErrorCode::bad_config,
                "files.{}: \"{}\" would be one file for {} lines; put {{symbol}} or {{line}} into it", key,
                *pattern, recipe.line_ids().size());
  }
  return {};
}

}  // namespace

class Mirrors::Impl {
 public:
  Impl(const recipe::Recipe& recipe, store::Store& store, registry::Registry& registry, FileSystem& files,
       const Path& folder)
      : recipe_(recipe),
        store_(store),
        registry_(registry),
        rows_(recipe, store, registry),
        models_(recipe, store, registry, files, folder),
        predictions_(files, folder, in_folder(recipe.files.collection, "predictions.csv"),
                     std::string(kPredictionsHeader)),
        features_(files, folder, in_folder(recipe.files.collection, "features.csv"),
                  std::string(kFeaturesHeader)),
        outcomes_(files, folder, in_folder(recipe.files.collection, "outcomes.csv"),
                  std::string(kOutcomesHeader)),
        alerts_(files, folder, recipe.files.alerts, {}),
        log_(files, folder, recipe.files.log, {}),
        families_(log_families(recipe)) {}

  void read_models_again() {
    models_.forget_runs();
    models_changed_ = true;
  }

  Status catch_up(std::size_t events_max) {
    const Status done = follow(events_max);
    // What was half done is forgotten: the next call goes on from the last cursor that was kept.
    if (!done) loaded_ = false;
    return done;
  }

 private:
  bool anything_grows() const {
    return std::ranges::any_of(growing_, [](const GrowingFile* file) { return file->wanted(); });
  }

  Status follow(std::size_t events_max) {
    if (!anything_grows() && !models_.wanted()) return {};
    if (Status ready = loaded_ ? check_files() : load(); !ready) return ready;
    while (events_max > 0) {
      auto events = store_.events().read_after(seq_, std::min(events_max, kPage));
      if (!events) return propagate(events);
      if (events->empty()) break;
      events_max -= events->size();
      for (const Event& event : *events) {
        if (Status taken = take(event); !taken) return taken;
        seq_ = event.ingest_seq;
      }
      if (Status kept = keep(); !kept) return kept;
    }
    if (!models_changed_) return {};
    if (Status refreshed = models_.refresh(); !refreshed) return refreshed;
    models_changed_ = false;
    return {};
  }

  Status load() {
    loaded_ = true;
    models_changed_ = true;
    rows_.restart();
    auto text = store_.meta(kCursorKey);
    if (!text) return propagate(text);
    if (!*text) return restart(/*is_first=*/true);
    const auto json = parse_json(**text);
    if (!json || !resume(*json)) return restart(/*is_first=*/false);
    if (Status checked = check_files(); !checked) return checked;
    // A file that was begun but has not even its header yet.
    return keep();
  }

  // False where the cursor is of other files, or no cursor.
  bool resume(const Json& cursor) {
    const auto sizes = cursor.find("files");
    const auto state = cursor.find("state");
    const auto seq = json_int(cursor, "seq");
    if (!seq || sizes == cursor.end() || state == cursor.end()) return false;
    auto read = LogState::from_json(*state);
    if (!read) return false;
    for (GrowingFile* file : growing_) {
      if (!file->wanted()) continue;
      const auto size = json_int(*sizes, file->name());
      if (!size || *size < 0) return false;
      file->resume_at(static_cast<std::uint64_t>(*size));
    }
    seq_ = *seq;
    state_ = std::move(*read);
    return true;
  }

  Status check_files() {
    for (GrowingFile* file : growing_) {
      const auto whole = file->cut_to_size();
      if (!whole) return propagate(whole);
      if (!*whole) return restart(/*is_first=*/false);
    }
    return {};
  }

  // From the first event on. What was there before this store wrote its first row is somebody else's.
  Status restart(bool is_first) {
    seq_ = 0;
    state_ = LogState();
    rows_.restart();
    for (GrowingFile* file : growing_) {
      if (Status restarted = file->restart(is_first); !restarted) return restarted;
    }
    // Said before the first byte is written, so that whatever stops us, the next time it is our own file.
    if (Status said = keep_cursor(); !said) return said;
    return keep();
  }

  Status keep() {
    for (GrowingFile* file : growing_) {
      if (Status written = file->write(); !written) return written;
    }
    return keep_cursor();
  }

  Status keep_cursor() {
    Json sizes = Json::object();
    for (const GrowingFile* file : growing_) {
      if (file->wanted()) sizes[file->name()] = file->size();
    }
    const Json cursor = {{"seq", seq_}, {"files", std::move(sizes)}, {"state", state_.to_json()}};
    return store_.set_meta(kCursorKey, cursor.dump());
  }

  Status take(const Event& event) {
    if (event.kind == "gap" || event.kind == "contest" || event.kind == "job") return {};
    const auto payload = parse_json(event.payload);
    if (!payload) return within(fmt::format("event {}", event.ingest_seq), payload.error());
    LogContext context{.recipe = recipe_, .state = state_, .first = !state_.begun};
    Prediction prediction;
    std::optional<TimeMs> predicted_at;
    if (event.kind == "prediction") {
      if (Status taken = take_prediction(*payload, prediction, context); !taken) return taken;
    } else if (event.kind == "outcome") {
      if (Status taken = take_outcome(*payload, predicted_at); !taken) return taken;
    }
    std::optional<RunFindings> run;
    if (event.kind == "verdict" || event.kind == "run_failed") {
      if (Status taken = take_run(*payload, run); !taken) return taken;
      if (run) context.run = &*run;
    }
    models_changed_ = models_changed_ || run || event.kind == "swap" || event.kind == "rollback";
    context.heartbeats = state_.apply(event, *payload, predicted_at, recipe_);
    if (alerts_.wanted()) alerts_.add(alert(event, *payload, context.run, recipe_));
    if (log_.wanted()) {
      for (const std::string& line : log_lines(event, *payload, context)) log_.add(line + "\n");
    }
    return {};
  }

  Status take_prediction(const Json& payload, Prediction& prediction, LogContext& context) {
    const bool logged = log_.wanted() && families_.collector;
    if (!predictions_.wanted() && !logged) return {};
    const auto id = json_int(payload, "id");
    if (!id) return within("prediction", id.error());
    auto found = prediction_pages_.find(*id);
    if (!found) return propagate(found);
    if (*found == nullptr) return {};  // too old to be kept
    prediction = **found;
    auto view = rows_.look(prediction);
    if (!view) return propagate(view);
    context.prediction = &prediction;
    context.price = view->price;
    const std::string symbol = given_symbol(recipe_, prediction.symbol);
    predictions_.add(prediction_row(prediction, *view, symbol));
    if (!view->names.empty()) features_.add(features_row(prediction, *view, symbol));
    return {};
  }

  Status take_outcome(const Json& payload, std::optional<TimeMs>& predicted_at) {
    const auto id = json_int(payload, "prediction_id");
    if (!id) return within("outcome", id.error());
    auto prediction = predicted_pages_.find(*id);
    if (!prediction) return propagate(prediction);
    if (*prediction == nullptr) return {};
    predicted_at = (*prediction)->known_at;
    if (!outcomes_.wanted()) return {};
    auto outcome = outcome_pages_.find(*id);
    if (!outcome) return propagate(outcome);
    if (*outcome == nullptr) return {};
    outcomes_.add(outcome_row(**outcome, **prediction, given_symbol(recipe_, (*prediction)->symbol)));
    return {};
  }

  // The run that has ended, where its end has not been told yet: each of its lines has a verdict of its own.
  Status take_run(const Json& payload, std::optional<RunFindings>& run) {
    const auto id = json_int(payload, "run");
    if (!id || *id == state_.run_told) return {};
    state_.run_told = *id;
    auto record = store_.runs().find(*id);
    if (!record) return propagate(record);
    if (!*record) return {};
    auto read = read_run(**record);
    if (!read) return propagate(read);
    for (LineFindings& line : read->by_line) {
      const auto number = VersionNumber::parse(line.challenger);
      if (!number || !log_.wanted() || !families_.auto_training) continue;
      const auto version = registry_.load(line.line, *number);
      // A challenger that is gone has nothing to tell of its training.
      if (version) line.training = (*version)->bundle.settings.value("training", Json::object());
    }
    models_.add(*read);
    run = std::move(*read);
    return {};
  }

  const recipe::Recipe& recipe_;
  store::Store& store_;
  registry::Registry& registry_;
  FeatureRows rows_;
  ModelFiles models_;
  GrowingFile predictions_, features_, outcomes_, alerts_, log_;
  const std::array<GrowingFile*, 5> growing_ = {&predictions_, &features_, &outcomes_, &alerts_, &log_};
  LogFamilies families_;
  Pages<Prediction, &Prediction::id> prediction_pages_{[this](std::int64_t cursor, std::size_t limit) {
    return store_.predictions().read_after(cursor, limit);
  }};
  // Outcomes come a horizon after their predictions, so these are other pages.
  Pages<Prediction, &Prediction::id> predicted_pages_{[this](std::int64_t cursor, std::size_t limit) {
    return store_.predictions().read_after(cursor, limit);
  }};
  Pages<Outcome, &Outcome::prediction_id> outcome_pages_{
      [this](std::int64_t cursor, std::size_t limit) { return store_.outcomes().read_after(cursor, limit); }};

  bool loaded_ = false;
  bool models_changed_ = false;
  std::int64_t seq_ = 0;
  LogState state_;
};

Mirrors::Mirrors(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Mirrors::~Mirrors() = default;

Result<std::unique_ptr<Mirrors>> Mirrors::open(const recipe::Recipe& recipe, store::Store& store,
                                               registry::Registry& registry, FileSystem& files, Path folder) {
  if (Status distinct = check_names(recipe); !distinct) return propagate(distinct);
  return std::unique_ptr<Mirrors>(
      new Mirrors(std::make_unique<Impl>(recipe, store, registry, files, folder)));
}

Status Mirrors::catch_up(std::size_t events_max) {
  return impl_->catch_up(events_max);
}

Status Mirrors::finish() {
  impl_->read_models_again();
  return impl_->catch_up(std::numeric_limits<std::size_t>::max());
}

}  // namespace pawl::mirrors
