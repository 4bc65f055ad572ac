// What goes in and out of a data folder: bars, models, datasets, events.
#include <cmath>
#include <limits>
#include <map>

#include "app/commands.h"
#include "app/commands/trades.h"
#include "app/feed.h"
#include "app/output_files.h"
#include "datasets/history.h"
#include "loop/live/recorded.h"

namespace pawl::app {

namespace {

constexpr std::size_t kPage = 10'000;

Status write_output(const std::string& file, const std::string& bytes) {
  if (file.empty() || file == "-") {
    print(bytes);
    return {};
  }
  RealFileSystem files;
  return write_atomic(files, file, bytes);
}

Status import_model(const CommonOptions& common, const TransferOptions& options) {
  if (options.line.empty() || options.line.find('/') == std::string::npos) {
    return fail(ErrorCode::invalid_argument, "for which line? Name it in full: --line crypto-live/BTC_USDT");
  }
  RealFileSystem files;
  auto bytes = files.read(options.files.front());
  if (!bytes) return propagate(bytes);
  const TimeMs now = WallClock().now();
  // Tried in memory first: what is no model must not leave a new data folder behind.
  auto trial = DataFolder::in_memory();
  if (!trial) return propagate(trial);
  if (auto tried = (*trial)->registry().import_version(options.line, *bytes, now); !tried) {
    return within(options.files.front(), tried.error());
  }
  auto data = DataFolder::open(common.data, DataFolder::Use::write);
  if (!data) return propagate(data);
  auto version = (*data)->registry().import_version(options.line, *bytes, now);
  if (!version) return within(options.files.front(), version.error());
  if (common.json) {
    print(Json{{"line", options.line}, {"version", version->text()}}.dump() + "\n");
  } else if (!common.quiet) {
    print(fmt::format("{} is now {} {}; let it serve with: pawl promote {} {}\n", options.files.front(),
                      options.line, version->text(), options.line, version->text()));
  }
  return (*data)->store().flush();
}

// One CSV row per bar of a symbol: when it was known, its features, and its label where that is known too.
Result<std::string> dataset_csv(const recipe::Recipe& recipe, const BarSeries& all_bars, TimeMs as_of) {
  auto kinds = loop::make_kinds(recipe);
  if (!kinds) return propagate(kinds);
  // Cut before anything is computed: what is later does not exist for an as-of.
  const BarSeries bars = all_bars.slice(0, all_bars.count_known_at(as_of));
  const auto follow = [&](const std::vector<std::string>& specs) -> Result<datasets::FeatureHistory> {
    auto list = features::FeatureList::parse(specs, recipe.base, recipe.calendar, recipe.outside_names());
    if (!list) return propagate(list);
    datasets::FeatureHistory history(std::move(*list));
    history.follow(bars);
    return history;
  };
  auto features = follow(recipe.features);
  if (!features) return propagate(features);
  std::optional<datasets::FeatureHistory> scale;
  if (const auto spec = kinds->labeller->scale_spec()) {
    auto made = follow({*spec});
    if (!made) return propagate(made);
    scale = std::move(*made);
  }
  const datasets::Dataset dataset =
      datasets::assemble(*features, *kinds->labeller, scale ? &*scale : nullptr, bars, 0, bars.size(), as_of);
  std::string csv = "bar,known_at,ready";
  for (const std::string& name : dataset.frame.names) {
    // A spec may hold commas: quoted as RFC 4180 has it.
    csv += fmt::format(",\"{}\"", name);
  }
  csv += ",label,gross_return,label_known_at\n";
  for (std::size_t i = 0; i < dataset.rows(); ++i) {
    csv += fmt::format("{},{},{}", format_time(bars.open_time(i)), format_time(dataset.frame.known_at[i]),
                       dataset.frame.ready[i]);
    for (const double value : dataset.frame.row(i)) {
      csv += std::isfinite(value) ? fmt::format(",{}", value) : std::string(",");
    }
    const Label& label = dataset.labels[i];
    csv += label.known()
               ? fmt::format(",{},{},{}\n", label.cls, label.gross_return, format_time(label.known_at))
               : std::string(",,,\n");
  }
  return csv;
}

Status export_dataset(const CommonOptions& common, const TransferOptions& options) {
  TimeMs as_of = std::numeric_limits<TimeMs>::max();
  if (!options.as_of.empty()) {
    auto time = parse_time(options.as_of);
    if (!time) return fail(ErrorCode::invalid_argument, "--as-of: {}", time.error().message);
    as_of = *time;
  }
  std::optional<std::string> remembered;
  std::unique_ptr<DataFolder> data;
  if (common.bars.empty()) {
    auto opened = DataFolder::open(common.data, DataFolder::Use::read);
    if (!opened) return propagate(opened);
    data = std::move(*opened);
    auto text = data->remembered_recipe();
    if (!text) return propagate(text);
    remembered = *text;
  }
  auto recipe = load_recipe(common, remembered);
  if (!recipe) return propagate(recipe);
  if (recipe->trades.present) {
    if (!data)
      return fail(ErrorCode::invalid_argument, "--bars: a filter's rows are trades, of a data folder");
    auto csv = trade_dataset_csv(*recipe, data->store(), as_of);
    return csv ? write_output(options.output, *csv) : propagate(csv);
  }
  std::size_t chosen = 0;
  if (!options.line.empty()) {
    auto wanted = Symbol::parse(options.line.substr(options.line.rfind('/') + 1));
    if (!wanted) return propagate(wanted);
    while (chosen < recipe->symbols.size() && !(recipe->symbols[chosen] == *wanted)) ++chosen;
    if (chosen == recipe->symbols.size()) {
      return fail(ErrorCode::not_found, "--line {}: the recipe {} has no such symbol", options.line,
                  recipe->name);
    }
  }
  BarSeries bars;
  if (data) {
    auto read = data->store().bars().read(
        recipe->symbols[chosen].canonical(), recipe->base, std::numeric_limits<TimeMs>::min(),
        std::numeric_limits<TimeMs>::max(), store::BarStore::Revision::first);
    if (!read) return propagate(read);
    bars = std::move(*read);
  } else {
    auto feed = fetch_feed(*recipe, {}, {});
    if (!feed) return propagate(feed);
    auto joined = join_feed(*recipe, *feed);
    if (!joined) return propagate(joined);
    bars = std::move((*joined)[chosen]);
  }
  auto csv = dataset_csv(*recipe, bars, as_of);
  if (!csv) return propagate(csv);
  return write_output(options.output, *csv);
}

Status export_model(const CommonOptions& common, const TransferOptions& options) {
  auto data = DataFolder::open(common.data, DataFolder::Use::read);
  if (!data) return propagate(data);
  auto line = find_line((*data)->registry(), options.line);
  if (!line) return propagate(line);
  VersionNumber version;
  if (options.version.empty()) {
    auto champion = (*data)->registry().champion(*line);
    if (!champion) return propagate(champion);
    version = champion->value_or(VersionNumber{0});
  } else {
    auto parsed = VersionNumber::parse(options.version);
    if (!parsed) return propagate(parsed);
    version = *parsed;
  }
  auto bytes = (*data)->registry().export_version(*line, version);
  if (!bytes) return propagate(bytes);
  return write_output(options.output, *bytes);
}

Status export_bars(const CommonOptions& common, const TransferOptions& options) {
  auto data = DataFolder::open(common.data, DataFolder::Use::read);
  if (!data) return propagate(data);
  auto listing = (*data)->store().bars().list();
  if (!listing) return propagate(listing);
  std::string wanted = options.line.substr(options.line.rfind('/') + 1);
  if (const auto symbol = Symbol::parse(wanted); symbol) wanted = symbol->canonical();
  for (const store::BarStore::Listing& one : *listing) {
    if (!wanted.empty() && one.symbol != wanted) continue;
    auto bars =
        (*data)->store().bars().read(one.symbol, one.timeframe, std::numeric_limits<TimeMs>::min(),
                                     std::numeric_limits<TimeMs>::max(), store::BarStore::Revision::first);
    if (!bars) return propagate(bars);
    std::string csv = "time,open,high,low,close,volume\n";
    for (std::size_t i = 0; i < bars->size(); ++i) {
      const Bar bar = (*bars)[i];
      csv += fmt::format("{},{},{},{},{},{}\n", format_time(bar.open_time), bar.open, bar.high, bar.low,
                         bar.close, bar.volume);
    }
    return write_output(options.output, csv);
  }
  return fail(ErrorCode::not_found, "{}: no bars of {} are stored", common.data,
              wanted.empty() ? "anything" : wanted);
}

Status export_events(const CommonOptions& common, const TransferOptions& options) {
  auto data = DataFolder::open(common.data, DataFolder::Use::read);
  if (!data) return propagate(data);
  WholeFile output;
  if (Status opened = output.open(options.output); !opened) return opened;
  for (std::int64_t cursor = 0;;) {
    auto events = (*data)->store().events().read_after(cursor, kPage);
    if (!events) return propagate(events);
    if (events->empty()) break;
    cursor = events->back().ingest_seq;
    // By the page: a year of live bars is more than should have to fit into memory.
    std::string page;
    for (const Event& event : *events) page += to_ndjson(event) + "\n";
    if (Status written = output.write(page); !written) return written;
  }
  return output.finish();
}

Status export_decisions(const CommonOptions& common, const TransferOptions& options) {
  auto data = DataFolder::open(common.data, DataFolder::Use::read);
  if (!data) return propagate(data);
  WholeFile output;
  if (Status opened = output.open(options.output); !opened) return opened;
  loop::DecisionLog decisions(true);
  if (Status told = loop::tell_decisions((*data)->store(), decisions); !told) return told;
  for (const std::string& line : decisions.lines()) {
    if (Status written = output.write(line + "\n"); !written) return written;
  }
  return output.finish();
}

int finish(const Status& done, const CommonOptions& common) {
  return done ? 0 : report(done.error(), common);
}

}  // namespace

int import_model_command(const CommonOptions& common, const TransferOptions& options) {
  return finish(import_model(common, options), common);
}
int export_dataset_command(const CommonOptions& common, const TransferOptions& options) {
  return finish(export_dataset(common, options), common);
}
int export_model_command(const CommonOptions& common, const TransferOptions& options) {
  return finish(export_model(common, options), common);
}
int export_bars_command(const CommonOptions& common, const TransferOptions& options) {
  return finish(export_bars(common, options), common);
}
int export_decisions_command(const CommonOptions& common, const TransferOptions& options) {
  return finish(export_decisions(common, options), common);
}

int export_events_command(const CommonOptions& common, const TransferOptions& options) {
  return finish(export_events(common, options), common);
}

}  // namespace pawl::app
