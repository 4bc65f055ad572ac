#include "app/commands/import_bars.h"

#include "app/commands.h"
#include "app/opened.h"
#include "base/files.h"

namespace pawl::app {

namespace {

namespace formats = market::formats;

// One file on its way in.
struct Incoming {
  std::string path;
  formats::Named named;
  formats::Detection detection;
  std::optional<Symbol> symbol;
  std::optional<formats::Imported> imported;
  std::optional<Error> error;  // why it cannot be stored
};

Json bar_json(const Bar& bar) {
  return {{"time", format_time(bar.open_time)},
          {"open", bar.open},
          {"high", bar.high},
          {"low", bar.low},
          {"close", bar.close},
          {"volume", bar.volume}};
}

Json to_json(const Incoming& file) {
  Json json = {{"file", file.path}, {"findings", Json::array()}, {"questions", Json::array()}};
  for (const formats::Finding& one : file.detection.findings) {
    json["findings"].push_back(
        {{"field", one.field}, {"value", one.value}, {"how", formats::how_name(one.how)}, {"why", one.why}});
  }
  for (const formats::Question& one : file.detection.questions) {
    json["questions"].push_back({{"field", one.field}, {"text", one.text}, {"flag", one.flag}});
  }
  if (file.error) json["error"] = {{"code", code_name(file.error->code)}, {"message", file.error->message}};
  if (!file.imported) return json;
  const market::Delivery& delivery = file.imported->delivery;
  json["bars"] = {{"count", delivery.bars.size()},          {"first", bar_json(delivery.bars[0])},
                  {"last", bar_json(delivery.bars.back())}, {"gaps", delivery.gaps.size()},
                  {"bad_rows", delivery.bad_rows},          {"null_rows", file.imported->null_rows},
                  {"merged", file.imported->merged},        {"unfinished", file.imported->unfinished}};
  json["notes"] = delivery.notes;
  json["quality"] = Json::array();
  for (const formats::QualityFlag& flag : file.imported->quality) {
    json["quality"].push_back({{"check", flag.check}, {"bars", flag.count}, {"text", flag.text}});
  }
  return json;
}

std::string bar_line(const Bar& bar) {
  return fmt::format("  {}  {}  {}  {}  {}  {}\n", format_time(bar.open_time), bar.open, bar.high, bar.low,
                     bar.close, bar.volume);
}

void print_quality(const formats::Imported& imported) {
  for (const formats::QualityFlag& flag : imported.quality) {
    print(fmt::format("  ! {}: {}\n", flag.check, flag.text));
  }
}

void print_file(const Incoming& file) {
  print(file.path + "\n");
  for (const formats::Finding& one : file.detection.findings) {
    print(fmt::format("  {:<12}{:<9} {}{}\n", one.field, formats::how_name(one.how), one.value,
                      one.why.empty() ? "" : "  (" + one.why + ")"));
  }
  if (file.imported) {
    const market::Delivery& delivery = file.imported->delivery;
    const BarSeries& bars = delivery.bars;
    print(fmt::format("  {} bars, {} gaps, {} bad rows; open, high, low, close, volume:\n", bars.size(),
                      delivery.gaps.size(), delivery.bad_rows));
    for (std::size_t i = 0; i < std::min<std::size_t>(bars.size(), 3); ++i) print(bar_line(bars[i]));
    if (bars.size() > 4) print("  …\n");
    if (bars.size() > 3) print(bar_line(bars.back()));
    for (const std::string& note : delivery.notes) print("  " + note + "\n");
    print_quality(*file.imported);
  }
  for (const formats::Question& one : file.detection.questions) {
    print(fmt::format("  ? {}: {}; say {}\n", one.field, one.text, one.flag));
  }
}

// SYMBOL:TF=FILE says two things that the options may say as well.
Result<Incoming> read_argument(const std::string& argument, const formats::Named& named) {
  Incoming file{.path = argument, .named = named};
  const std::size_t equals = argument.find('=');
  if (equals == std::string::npos || argument.substr(0, equals).find(':') == std::string::npos) return file;
  const auto given = market::parse_bar_file_argument(argument);
  if (!given) return propagate(given);
  if (given->path == argument) return file;
  file.path = given->path;
  file.named.symbol = given->symbol;
  file.named.timeframe = given->timeframe.name();
  return file;
}

bool says_nothing_of_the_format(const formats::Named& named) {
  return named.zone.empty() && named.time_is.empty() && named.scale.empty() && named.columns.empty() &&
         named.date.empty() && named.date_order.empty() && named.member.empty() && !named.adjusted;
}

// pawl's own form is read as strictly as a replay reads it. False where the file is of another one, or
// nothing says whose bars it holds.
Result<bool> read_own_form(const std::string& bytes, const MarketCalendar* calendar, market::BadRows bad_rows,
                           Incoming& file) {
  if (!says_nothing_of_the_format(file.named)) return false;
  const bool named = !file.named.symbol.empty() && !file.named.timeframe.empty();
  // Without another form's marks, words that say whose bars a file holds promise pawl's own.
  if (!formats::is_own_form(bytes) && !bytes.empty()) return false;
  std::string argument = file.path;
  if (named) argument = fmt::format("{}:{}={}", file.named.symbol, file.named.timeframe, file.path);
  const auto given = market::parse_bar_file_argument(argument);
  // One of the two may be said and the other found.
  if (!given && !(file.named.symbol.empty() && file.named.timeframe.empty())) return false;
  if (!given) return propagate(given);
  auto symbol = Symbol::parse(given->symbol);
  if (!symbol) return propagate(symbol);
  const market::Request request{*symbol, given->timeframe,
                                calendar ? *calendar : MarketCalendar::utc_always()};
  auto delivery = market::parse_csv(bytes, file.path, request, bad_rows);
  if (!delivery) return propagate(delivery);
  file.symbol = std::move(*symbol);
  file.detection.format.timeframe = given->timeframe;
  file.detection.findings.push_back({"text", "pawl's own form", formats::How::detected, "by its header"});
  file.detection.findings.push_back(
      {"symbol", file.symbol->given(), named ? formats::How::named : formats::How::detected, ""});
  file.detection.findings.push_back(
      {"timeframe", given->timeframe.name(), named ? formats::How::named : formats::How::detected, ""});
  file.imported = formats::Imported{.delivery = std::move(*delivery)};
  file.imported->quality =
      formats::check_quality(file.imported->delivery.bars, *file.symbol, given->timeframe);
  return true;
}

// Everything about one file; what keeps it from being stored is its `error`. A failure is one that leaves
// nothing to show.
Status look_at(Incoming& file, const MarketCalendar* calendar, const ImportBarsOptions& options) {
  const market::BadRows bad_rows = options.skip_bad_rows ? market::BadRows::skip : market::BadRows::error;
  auto bytes = RealFileSystem().read(file.path);
  if (!bytes) return propagate(bytes);
  auto own = read_own_form(*bytes, calendar, bad_rows, file);
  if (!own) return propagate(own);
  if (*own) return {};
  auto detection = formats::detect(*bytes, file.path, file.named);
  if (!detection) return propagate(detection);
  file.detection = std::move(*detection);
  const formats::BarFormat& format = file.detection.format;
  if (!file.detection.questions.empty()) {
    file.error = formats::unanswered(file.detection, file.path);
    if (!options.dry_run) return {};
  }
  auto symbol = Symbol::parse(format.symbol.empty() ? "UNKNOWN" : format.symbol);
  if (!symbol) return propagate(symbol);
  file.symbol = std::move(*symbol);
  const market::Request request{*file.symbol, format.timeframe,
                                calendar ? *calendar : formats::own_calendar(format)};
  auto imported = formats::read_bars(*bytes, file.path, format, request, bad_rows);
  if (!imported) {
    if (!file.error) file.error = imported.error();
    // A look shows the good rows beside what is wrong with the bad ones.
    if (options.dry_run)
      imported = formats::read_bars(*bytes, file.path, format, request, market::BadRows::skip);
  }
  if (imported) file.imported = std::move(*imported);
  return {};
}

Status store_all(const CommonOptions& common, const std::optional<recipe::Recipe>& recipe,
                 const std::vector<Incoming>& files) {
  auto data = DataFolder::open(common.data, DataFolder::Use::write);
  if (!data) return propagate(data);
  if (!common.recipe.empty()) {
    if (Status kept = (*data)->remember_recipe(*recipe); !kept) return kept;
  }
  const TimeMs now = WallClock().now();
  Json answers = Json::array();
  if (Status stored = (*data)->store().transaction([&]() -> Status {
        for (const Incoming& file : files) {
          const market::Delivery& delivery = file.imported->delivery;
          const Timeframe timeframe = file.detection.format.timeframe;
          std::vector<Bar> bars;
          for (std::size_t i = 0; i < delivery.bars.size(); ++i) bars.push_back(delivery.bars[i]);
          auto appended = (*data)->store().bars().append(file.symbol->canonical(), timeframe, bars, now);
          if (!appended) return propagate(appended);
          Json answer = {{"symbol", file.symbol->canonical()}, {"timeframe", timeframe.name()},
                         {"added", appended->added},           {"duplicates", appended->duplicates},
                         {"revised", appended->revised},       {"gaps", delivery.gaps.size()},
                         {"bad_rows", delivery.bad_rows},      {"notes", delivery.notes},
                         {"quality", to_json(file)["quality"]}};
          answers.push_back(std::move(answer));
        }
        return {};
      });
      !stored) {
    return stored;
  }
  if (common.json) {
    print(Json{{"imported", answers}}.dump() + "\n");
  } else if (!common.quiet) {
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const Json& one = answers[i];
      print(fmt::format(
          "{} {}: {} bars added, {} were there already, {} revised; {} gaps, {} bad rows left out\n",
          one["symbol"].get<std::string>(), one["timeframe"].get<std::string>(),
          one["added"].get<std::int64_t>(), one["duplicates"].get<std::int64_t>(),
          one["revised"].get<std::int64_t>(), one["gaps"].get<std::int64_t>(),
          one["bad_rows"].get<std::int64_t>()));
      for (const Json& note : one["notes"]) print("  " + note.get<std::string>() + "\n");
      print_quality(*files[i].imported);
    }
  }
  return (*data)->store().flush();
}

Status show_all(const CommonOptions& common, const std::vector<Incoming>& files) {
  Json json = Json::array();
  for (const Incoming& file : files) {
    if (common.json) {
      json.push_back(to_json(file));
    } else if (!common.quiet) {
      print_file(file);
    }
  }
  if (common.json) print(Json{{"files", json}}.dump() + "\n");
  return {};
}

Status import_bars(const CommonOptions& common, const ImportBarsOptions& options, bool& shown) {
  auto remembered = remembered_in(common);
  if (!remembered) return propagate(remembered);
  // The calendar, and so each bar's close, is the recipe's; without one, UTC around the clock or the file's
  // own.
  std::optional<recipe::Recipe> recipe;
  if (!common.recipe.empty() || *remembered) {
    auto loaded = load_recipe(common, *remembered);
    if (!loaded) return propagate(loaded);
    recipe = std::move(*loaded);
  }
  std::vector<Incoming> files;
  for (const std::string& argument : options.files) {
    auto file = read_argument(argument, options.named);
    if (!file) return propagate(file);
    if (Status looked = look_at(*file, recipe ? &recipe->calendar : nullptr, options); !looked) {
      if (!options.dry_run) return looked;
      file->error = looked.error();
    }
    if (file->error && !options.dry_run) return std::unexpected(*file->error);
    files.push_back(std::move(*file));
  }
  if (!options.dry_run) return store_all(common, recipe, files);
  shown = true;
  if (Status done = show_all(common, files); !done) return done;
  for (const Incoming& file : files) {
    if (file.error) return std::unexpected(*file.error);
  }
  return {};
}

}  // namespace

int import_bars_command(const CommonOptions& common, const ImportBarsOptions& options) {
  bool shown = false;
  const Status done = import_bars(common, options, shown);
  if (done) return 0;
  if (!shown || !common.json) return report(done.error(), common);
  // The answer in JSON is out already, with the error in it.
  CommonOptions text = common;
  text.json = false;
  return report(done.error(), text);
}

}  // namespace pawl::app
