#include <algorithm>

#include "app/commands.h"
#include "registry/version_json.h"

namespace pawl::app {

namespace {

struct Opened {
  std::unique_ptr<DataFolder> data;
  LineId line;
  VersionNumber version;
};

// The data folder, and the line that the options name; no line: all of them.
Result<Opened> open_lines(const CommonOptions& common, const VersionOptions& options) {
  Opened opened;
  auto data = DataFolder::open(common.data, DataFolder::Use::read);
  if (!data) return propagate(data);
  opened.data = std::move(*data);
  if (options.line.empty()) return opened;
  auto line = find_line(opened.data->registry(), options.line);
  if (!line) return propagate(line);
  opened.line = *line;
  return opened;
}

// The data folder and the version that the options name; without a version, the champion.
Result<Opened> open_version(const CommonOptions& common, const VersionOptions& options) {
  Opened opened;
  auto data = DataFolder::open(common.data, DataFolder::Use::read);
  if (!data) return propagate(data);
  opened.data = std::move(*data);
  auto line = find_line(opened.data->registry(), options.line);
  if (!line) return propagate(line);
  opened.line = *line;
  if (options.version.empty()) {
    auto champion = opened.data->registry().champion(opened.line);
    if (!champion) return propagate(champion);
    opened.version = champion->value_or(VersionNumber{0});
    return opened;
  }
  auto version = VersionNumber::parse(options.version);
  if (!version) return propagate(version);
  opened.version = *version;
  return opened;
}

Status list_versions(const CommonOptions& common, const VersionOptions& options) {
  auto opened = open_lines(common, options);
  if (!opened) return propagate(opened);
  registry::Registry& registry = opened->data->registry();
  auto versions = registry.list(opened->line);
  if (!versions) return propagate(versions);
  if (common.json) {
    Json rows = Json::array();
    for (const VersionSummary& version : *versions) rows.push_back(registry::summary_json(version));
    print(Json{{"versions", std::move(rows)}}.dump() + "\n");
    return {};
  }
  print(fmt::format("{:<28} {:<9} {:<10} {:<10} {:>5}  {:<17} {}\n", "line", "version", "state", "kind",
                    "run", "trained", "content"));
  for (const VersionSummary& version : *versions) {
    print(fmt::format("{:<28} {:<9} {:<10} {:<10} {:>5}  {:<17} {}\n", version.line, version.number.text(),
                      version.state, version.model_kind, version.run_id, short_time(version.known_at),
                      version.content_hash.substr(0, 12)));
  }
  return {};
}

// The columns that matter most, in a line: "rsi(14) 12.0 %, ret(1) 9.1 %, … (gain)".
std::string goes_by(const Artifact& artifact) {
  constexpr std::size_t kShown = 5;
  auto importance = registry::importance_of(artifact);
  if (!importance) return importance.error().message;
  if (const std::string_view why = models::why_no_importance(*importance); !why.empty()) {
    return std::string(why);
  }
  std::vector<models::Importance::Column>& columns = importance->columns;
  std::stable_sort(columns.begin(), columns.end(),
                   [](const auto& a, const auto& b) { return a.share > b.share; });
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, columns.size()); ++i) {
    text += fmt::format("{}{} {:.1f} %", i == 0 ? "" : ", ", columns[i].name, 100 * columns[i].share);
  }
  return text + fmt::format("{} ({}; all of it: pawl explain --version)",
                            columns.size() > kShown ? ", …" : "", importance->kind);
}

Status show_version(const CommonOptions& common, const VersionOptions& options) {
  auto opened = open_version(common, options);
  if (!opened) return propagate(opened);
  auto loaded = opened->data->registry().load(opened->line, opened->version);
  if (!loaded) return propagate(loaded);
  const VersionBundle& bundle = (*loaded)->bundle;
  Json json = {{"line", bundle.line},
               {"version", bundle.number.text()},
               {"content_hash", (*loaded)->content_hash},
               {"known_at", format_time(bundle.known_at)},
               {"run", bundle.run_id},
               {"trained_because", bundle.trained_because},
               {"features", bundle.features},
               {"features_hash", bundle.features_hash},
               {"scores", bundle.scores.to_json()},
               {"settings", bundle.settings},
               {"judged", registry::artifact_json(bundle.judged, *(*loaded)->judged)}};
  if (bundle.serving) json["serving"] = registry::artifact_json(*bundle.serving, *(*loaded)->serving);
  if (common.json) {
    print(json.dump() + "\n");
    return {};
  }
  print(
      fmt::format("{} {}  ({})\n", bundle.line, bundle.number.text(), (*loaded)->content_hash.substr(0, 16)));
  print(fmt::format("  trained    {} by run {}: {}\n", short_time(bundle.known_at), bundle.run_id,
                    bundle.trained_because));
  const auto artifact = [](const char* name, const Artifact& a) {
    print(fmt::format(
        "  {:<10} {}, {} bytes, {} rows, nothing known after {}\n", name, a.model_kind, a.model_bytes.size(),
        a.trained_on.rows,
        a.trained_on.rows > 0 ? short_time(a.data_cut) : std::string("(rules: nothing was read)")));
  };
  artifact("judged", bundle.judged);
  if (bundle.serving) artifact("serving", *bundle.serving);
  for (const Score& score : bundle.scores.scores()) {
    print(fmt::format("  {:<18} {}\n", score.name,
                      score.value ? fmt::format("{:.6g}", *score.value) : "– (" + score.why_undefined + ")"));
  }
  print(fmt::format("  features   {}\n", fmt::join(bundle.features, ", ")));
  print(fmt::format("  goes by    {}\n", goes_by(bundle.serving ? *bundle.serving : bundle.judged)));
  return {};
}

Status verify_versions(const CommonOptions& common, const VersionOptions& options) {
  auto opened = open_lines(common, options);
  if (!opened) return propagate(opened);
  registry::Registry& registry = opened->data->registry();
  auto versions = registry.list(opened->line);
  if (!versions) return propagate(versions);
  Json rows = Json::array();
  std::int64_t refused = 0;
  for (const VersionSummary& version : *versions) {
    if (!options.version.empty() && VersionNumber::parse(options.version) != version.number) continue;
    auto loaded = registry.load(version.line, version.number);
    if (!loaded) ++refused;
    rows.push_back({{"line", version.line},
                    {"version", version.number.text()},
                    {"valid", loaded.has_value()},
                    {"reason", loaded ? Json() : Json(loaded.error().message)}});
    if (common.json) continue;
    print(fmt::format("{} {}  {}\n", version.line, version.number.text(),
                      loaded ? std::string("checksums, features and self-test vectors hold")
                             : "REFUSED: " + loaded.error().message));
  }
  if (common.json) print(Json{{"refused", refused}, {"versions", std::move(rows)}}.dump() + "\n");
  if (refused > 0) {
    return fail(ErrorCode::corrupt,
                "{} of {} versions do not verify; roll back to one that does, or import it again", refused,
                versions->size());
  }
  return {};
}

Status show_history(const CommonOptions& common, const VersionOptions& options) {
  auto opened = open_lines(common, options);
  if (!opened) return propagate(opened);
  registry::Registry& registry = opened->data->registry();
  auto history = registry.history(opened->line);
  if (!history) return propagate(history);
  Json rows = Json::array();
  for (const store::PromotionRow& row : *history) {
    if (!common.json) {
      print(fmt::format("{}  {}  {:<9} {} → {}  by {}: {}\n", short_time(row.at), row.line, row.action,
                        row.from ? row.from->text() : std::string("–"), row.to.text(), row.actor,
                        row.reason));
      continue;
    }
    rows.push_back({{"line", row.line},
                    {"from", row.from ? Json(row.from->text()) : Json()},
                    {"to", row.to.text()},
                    {"at", format_time(row.at)},
                    {"actor", row.actor},
                    {"action", row.action},
                    {"reason", row.reason},
                    {"evidence_hash", row.evidence_hash}});
  }
  if (common.json) print(Json{{"promotions", std::move(rows)}}.dump() + "\n");
  return {};
}

int finish(const Status& done, const CommonOptions& common) {
  return done ? 0 : report(done.error(), common);
}

}  // namespace

Result<LineId> find_line(registry::Registry& registry, std::string_view given) {
  auto versions = registry.list();
  if (!versions) return propagate(versions);
  std::vector<LineId> lines;
  for (const VersionSummary& version : *versions) {
    if (std::find(lines.begin(), lines.end(), version.line) == lines.end()) lines.push_back(version.line);
  }
  if (given.empty() && lines.size() == 1) return lines.front();
  for (const LineId& line : lines) {
    if (line == given || line.substr(line.rfind('/') + 1) == given) return line;
  }
  if (const auto symbol = Symbol::parse(given); symbol) {
    for (const LineId& line : lines) {
      if (line.substr(line.rfind('/') + 1) == symbol->canonical()) return line;
    }
  }
  if (lines.empty()) {
    return fail(
        ErrorCode::not_found,
        "there are no models here yet; make one with `pawl train`, or bring one with `pawl import model`");
  }
  return fail(given.empty() ? ErrorCode::invalid_argument : ErrorCode::not_found,
              "{}; the lines here are: {}",
              given.empty() ? std::string("which line?") : fmt::format("{}: no such line", given),
              fmt::join(lines, ", "));
}

int models_list_command(const CommonOptions& common, const VersionOptions& options) {
  return finish(list_versions(common, options), common);
}
int models_show_command(const CommonOptions& common, const VersionOptions& options) {
  return finish(show_version(common, options), common);
}
int models_verify_command(const CommonOptions& common, const VersionOptions& options) {
  return finish(verify_versions(common, options), common);
}
int models_history_command(const CommonOptions& common, const VersionOptions& options) {
  return finish(show_history(common, options), common);
}

}  // namespace pawl::app
