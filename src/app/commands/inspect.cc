// Commands that only look: audit, config, status.
#include <algorithm>
#include <set>
#include <utility>

#include "app/commands.h"
#include "app/opened.h"
#include "app/schema_page.h"
#include "features/feature.h"
#include "http/predict_body.h"
#include "loop/audit.h"
#include "loop/live/intake_audit.h"
#include "loop/live/status.h"

namespace pawl::app {

namespace {

void add_report(loop::AuditReport& to, const loop::AuditReport& more) {
  to.checked += more.checked;
  to.different += more.different;
  to.unavailable += more.unavailable;
  to.first_differences.insert(to.first_differences.end(), more.first_differences.begin(),
                              more.first_differences.end());
  to.why_unavailable.insert(to.why_unavailable.end(), more.why_unavailable.begin(),
                            more.why_unavailable.end());
}

Result<int> run_audit(const CommonOptions& common, std::size_t block) {
  auto opened = open_with_recipe(common, DataFolder::Use::read);
  if (!opened) return propagate(opened);
  DataFolder& data = *opened->data;
  const recipe::Recipe& recipe = opened->recipe;
  ProgressMeter meter("audit", "bars", progress_style(common));
  auto report = loop::audit(recipe, data.store(), data.registry(), block, meter.sink());
  if (!report) return propagate(report);
  // Answers to posted windows are predictions too.
  auto posted = loop::audit_client_predictions(
      http::window_rules_of(recipe), data.store(),
      [&](const LineId& line, VersionNumber version) { return data.registry().load(line, version); });
  if (!posted) return propagate(posted);
  add_report(*report, *posted);
  meter.pause();
  const bool clean = report->different == 0 && report->unavailable == 0;
  if (common.json) {
    Json json = {
        {"checked", report->checked}, {"different", report->different}, {"unavailable", report->unavailable}};
    if (!clean) {
      Json differences = Json::array();
      for (const loop::AuditDifference& one : report->first_differences) {
        differences.push_back({{"prediction", one.prediction_id}, {"what", one.what}});
      }
      json["first_differences"] = std::move(differences);
      json["why_unavailable"] = report->why_unavailable;
    }
    print(json.dump() + "\n");
  } else {
    print(fmt::format("{} predictions made again from the store: {} different, {} unavailable\n",
                      report->checked, report->different, report->unavailable));
    for (const loop::AuditDifference& one : report->first_differences) {
      print(fmt::format("  prediction {}: {}\n", one.prediction_id, one.what));
    }
    for (const std::string& why : report->why_unavailable) print("  " + why + "\n");
  }
  return clean ? 0 : 1;
}

// Of a recipe named, or else of the one that the data folder was made with.
Result<recipe::Recipe> named_or_remembered(const CommonOptions& common) {
  if (!common.recipe.empty()) return load_recipe(common, std::nullopt);
  auto data = DataFolder::open(common.data, DataFolder::Use::read);
  if (!data) return load_recipe(common, std::nullopt);
  auto remembered = (*data)->remembered_recipe();
  if (!remembered) return propagate(remembered);
  return load_recipe(common, *remembered);
}

// A recipe that answers from what a client posts must be able to: the same row from those windows alone as
// from the whole history, to the precision.
Status check_client_windows(const recipe::Recipe& recipe, const features::FeatureList& list,
                            double precision) {
  if (recipe.client_windows.empty()) return {};
  const std::string place =
      recipe.origins.contains("client_windows") ? recipe.origins.at("client_windows") + ": " : std::string();
  for (const auto& [timeframe, needed] : list.memory_by_timeframe(precision)) {
    const auto window = std::find_if(recipe.client_windows.begin(), recipe.client_windows.end(),
                                     [&](const auto& one) { return one.first == timeframe; });
    if (window == recipe.client_windows.end()) {
      return fail(ErrorCode::bad_config,
                  "{}client_windows: features are computed on {} and no window of it is posted", place,
                  timeframe.name());
    }
    if (std::cmp_greater(needed, window->second)) {
      return fail(
          ErrorCode::bad_config,
          "{}client_windows: {} bars of {} are posted and the features need {} to be exact to {}; shorten "
          "them, or ask clients for more",
          place, window->second, timeframe.name(),
          needed == features::kForever ? "all there ever were" : std::to_string(needed), precision);
    }
  }
  return {};
}

// A line that has not begun here: there are bars at most.
Result<Json> unbegun_status(DataFolder& data, const recipe::Recipe& recipe, const Symbol& symbol) {
  auto listing = data.store().bars().list();
  if (!listing) return propagate(listing);
  Json json = {{"line", recipe.line_of(symbol)},
               {"symbol", symbol.given()},
               {"champion", Json()},
               {"bars", 0},
               {"timeframe", recipe.base.name()},
               {"signals", 0},
               {"holds", false}};
  for (const store::BarStore::Listing& one : *listing) {
    if (one.symbol == symbol.canonical() && one.timeframe == recipe.base) json["bars"] = one.bars;
  }
  return json;
}

Result<Json> lines_status(DataFolder& data, const recipe::Recipe& recipe) {
  Json lines = Json::array();
  // Opening a loop gives every line its baseline; a look must not begin a line, so it sees those that have.
  recipe::Recipe begun = recipe;
  begun.symbols.clear();
  std::set<LineId> told;
  for (const Symbol& symbol : recipe.symbols) {
    const LineId id = recipe.line_of(symbol);
    auto champion = data.registry().champion(id);
    if (!champion) return propagate(champion);
    if (!*champion && !told.insert(id).second) continue;  // of a pooled line, once
    if (*champion) {
      begun.symbols.push_back(symbol);
      continue;
    }
    auto status = unbegun_status(data, recipe, symbol);
    if (!status) return status;
    lines.push_back(std::move(*status));
  }
  if (begun.symbols.empty()) return lines;
  auto start = first_open(begun, data.store());
  if (!start) return propagate(start);
  auto engine = make_engine(begun, data, *start, {});
  if (!engine) return propagate(engine);
  if (Status restored = (*engine)->loop->restore({}); !restored) return propagate(restored);
  for (const auto& line : (*engine)->loop->lines()) {
    const auto held = data.registry().holds(line->id(), WallClock().now());
    lines.push_back(loop::to_json(loop::status_of(*line, (*engine)->loop->trade_line(), held.value_or(false)),
                                  recipe.base));
  }
  return lines;
}

std::string percent(const Json& value) {
  return value.is_null() ? std::string("–") : fmt::format("{:.1f} %", 100 * value.get<double>());
}

// What a line has learnt of so far: bars, or a bot's trades.
std::string data_text(const Json& line) {
  if (line.contains("trades")) {
    return fmt::format("{} trades closed, {} of them since the last training, {} open{}",
                       line["trades"].get<std::int64_t>(), line["trades_since_retrain"].get<std::int64_t>(),
                       line["trades_open"].get<std::int64_t>(),
                       line["watching"].get<bool>() ? "; watched since its swap" : "");
  }
  const Json& last_bar = line["last_bar_closed_at"];
  const auto& timeframe = line["timeframe"].get_ref<const std::string&>();
  if (last_bar.is_null()) return fmt::format("no {} bars yet; bring some: pawl import bars", timeframe);
  return fmt::format("{} {} bars to {}", line["bars"].get<std::int64_t>(), timeframe,
                     last_bar.get<std::string>());
}

std::string line_text(const Json& line) {
  const auto& id = line["line"].get_ref<const std::string&>();
  if (line["champion"].is_null()) {
    return fmt::format("  {}: {} {} bars and no model yet; make one: pawl train\n", id,
                       line["bars"].get<std::int64_t>(), line["timeframe"].get<std::string>());
  }
  std::string text = fmt::format("  {}: {} serves ({}), {}\n", id, line["champion"].get<std::string>(),
                                 line["model_kind"].get<std::string>(), data_text(line));
  const Json& retrained = line["last_retrain_at"];
  text += fmt::format(
      "    win rate {} over {} signals ({} would break even), {}{}\n", percent(line["win_rate"]),
      line["signals"].get<std::int64_t>(), percent(line["break_even"]),
      retrained.is_null()
          ? std::string("not retrained yet")
          : fmt::format("{} over {} since the last retrain at {}", percent(line["win_rate_since_retrain"]),
                        line["signals_since_retrain"].get<std::int64_t>(), retrained.get<std::string>()),
      line["holds"].get<bool>() ? "; HELD after a rollback" : "");
  return text;
}

Status show_status(const CommonOptions& common) {
  auto opened = open_with_recipe(common, DataFolder::Use::read);
  if (!opened) return propagate(opened);
  DataFolder& data = *opened->data;
  const recipe::Recipe& recipe = opened->recipe;
  auto kind = data.store().meta("kind");
  if (!kind) return propagate(kind);
  auto found = lines_status(data, recipe);
  if (!found) return propagate(found);
  const Json& lines = *found;
  auto runs = data.store().runs().list();
  if (!runs) return propagate(runs);

  if (common.json) {
    print(Json{{"recipe", recipe.name},
               {"kind", kind->value_or("live")},
               {"runs", runs->size()},
               {"lines", lines}}
              .dump() +
          "\n");
    return {};
  }
  print(fmt::format("{} in {} ({}), {} runs\n", recipe.name, common.data, kind->value_or("live"),
                    runs->size()));
  for (const Json& line : lines) print(line_text(line));
  return {};
}

}  // namespace

int audit_command(const CommonOptions& common, std::size_t block) {
  const Result<int> done = run_audit(common, block);
  return done ? *done : report(done.error(), common);
}

int config_show_command(const CommonOptions& common) {
  auto recipe = named_or_remembered(common);
  if (!recipe) return report(recipe.error(), common);
  if (common.json) {
    print(recipe::to_json(*recipe).dump(2) + "\n");
    return 0;
  }
  for (const recipe::ShownKey& key : recipe::show(*recipe)) {
    print(fmt::format("{:<44} {:<28} # {}; {}\n", key.key, key.value, key.origin, key.help));
  }
  return 0;
}

int config_schema_command(bool markdown) {
  print(markdown ? schema_page() : schema_json().dump(2) + "\n");
  return 0;
}

namespace {

// A trade filter's inputs are values that a bot sends, so nothing has to warm up.
int check_filter(const recipe::Recipe& recipe, const CommonOptions& common) {
  if (common.json) {
    print(Json{{"recipe", recipe.name}, {"ok", true}, {"features", recipe.features.size()}}.dump() + "\n");
  } else {
    print(fmt::format("{}: fine. A filter over a bot's trades, {} inputs\n", recipe.name,
                      recipe.features.size()));
  }
  return 0;
}

}  // namespace

int config_check_command(const CommonOptions& common) {
  auto recipe = named_or_remembered(common);
  if (!recipe) return report(recipe.error(), common);
  if (recipe->trades.present) return check_filter(*recipe, common);
  auto list =
      features::FeatureList::parse(recipe->features, recipe->base, recipe->calendar, recipe->outside_names());
  if (!list) return report(list.error(), common);
  constexpr double kPrecision = 1e-6;
  if (Status fits = check_client_windows(*recipe, *list, kPrecision); !fits)
    return report(fits.error(), common);
  if (common.json) {
    print(Json{{"recipe", recipe->name},
               {"ok", true},
               {"features", list->size()},
               {"features_hash", list->hash()},
               {"needs_volume", list->needs_volume()},
               {"warm_up_bars", list->warm_up_bars()},
               {"memory_bars", list->memory_bars(kPrecision)}}
              .dump() +
          "\n");
  } else {
    print(fmt::format(
        "{}: fine. {} features, warm after {} {} bars, older bars matter by less than 1e-6 after {}\n",
        recipe->name, list->size(), list->warm_up_bars(), recipe->base.name(),
        list->memory_bars(kPrecision)));
  }
  return 0;
}

int status_command(const CommonOptions& common) {
  const Status done = show_status(common);
  return done ? 0 : report(done.error(), common);
}

}  // namespace pawl::app
