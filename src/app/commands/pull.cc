// The bars of a recipe's source, taken into the store: the first step of a run, alone.
#include "app/commands.h"
#include "app/feed.h"
#include "app/opened.h"

namespace pawl::app {

namespace {

Json series_json(const recipe::Recipe& recipe, const Feed& feed,
                 const std::vector<store::BarAppend>& stored) {
  Json rows = Json::array();
  for (std::size_t i = 0; i < stored.size(); ++i) {
    const BarSeries& bars = feed.series[i];
    rows.push_back({{"symbol", recipe.symbols[i].canonical()},
                    {"timeframe", recipe.base.name()},
                    {"added", stored[i].added},
                    {"duplicates", stored[i].duplicates},
                    {"revised", stored[i].revised},
                    {"first", bars.empty() ? Json() : Json(format_time(bars.open_time(0)))},
                    {"last", bars.empty() ? Json() : Json(format_time(bars.open_time(bars.size() - 1)))}});
  }
  return rows;
}

Json outside_json(const Feed& feed) {
  Json rows = Json::array();
  for (const auto& [series, points] : feed.outside) {
    rows.push_back({{"name", series.first},
                    {"symbol", series.second.empty() ? Json() : Json(series.second)},
                    {"values", points.size()}});
  }
  return rows;
}

void print_pulled(const recipe::Recipe& recipe, const Feed& feed,
                  const std::vector<store::BarAppend>& stored) {
  for (std::size_t i = 0; i < stored.size(); ++i) {
    const BarSeries& bars = feed.series[i];
    if (bars.empty()) continue;  // a note says so
    print(fmt::format("{} {}: {} bars added, {} were there already, {} revised; {} to {}\n",
                      recipe.symbols[i].given(), recipe.base.name(), stored[i].added, stored[i].duplicates,
                      stored[i].revised, short_time(bars.open_time(0)),
                      short_time(bars.open_time(bars.size() - 1))));
  }
  for (const auto& [series, points] : feed.outside) {
    const std::string of = series.second.empty() ? std::string() : " of " + series.second;
    print(fmt::format("{}{}: {} values\n", series.first, of, points.size()));
  }
  if (feed.gaps > 0 || feed.bad_rows > 0)
    print(fmt::format("{} gaps, {} bad rows left out\n", feed.gaps, feed.bad_rows));
  for (const std::string& note : feed.notes) print("  " + note + "\n");
}

Status pull(const CommonOptions& common) {
  auto remembered = remembered_in(common);
  if (!remembered) return propagate(remembered);
  auto recipe = load_recipe(common, *remembered);
  if (!recipe) return propagate(recipe);
  ProgressMeter meter("pulling", "rows", progress_style(common));
  // Everything is read before the folder is touched: what cannot be fetched leaves nothing behind.
  auto feed = fetch_feed(*recipe, {}, meter.sink());
  if (!feed) return propagate(feed);
  meter.pause();

  auto data = DataFolder::open(common.data, DataFolder::Use::write);
  if (!data) return propagate(data);
  store::Store& store = (*data)->store();
  std::vector<store::BarAppend> stored;
  if (Status done = store.transaction([&]() -> Status {
        auto appended = store_feed(*recipe, *feed, store, WallClock().now());
        if (!appended) return propagate(appended);
        stored = std::move(*appended);
        return {};
      });
      !done) {
    return done;
  }
  if (!common.recipe.empty() || !*remembered) {
    if (Status kept = (*data)->remember_recipe(*recipe); !kept) return kept;
  }
  if (common.json) {
    print(Json{{"recipe", recipe->name},
               {"pulled", series_json(*recipe, *feed, stored)},
               {"outside", outside_json(*feed)},
               {"gaps", feed->gaps},
               {"bad_rows", feed->bad_rows},
               {"notes", feed->notes}}
              .dump() +
          "\n");
  } else if (!common.quiet) {
    print_pulled(*recipe, *feed, stored);
  }
  return store.flush();
}

}  // namespace

int pull_command(const CommonOptions& common) {
  const Status done = pull(common);
  return done ? 0 : report(done.error(), common);
}

}  // namespace pawl::app
