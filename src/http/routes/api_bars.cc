// Bars: those that are stored, and those that somebody sends.
#include <algorithm>
#include <limits>

#include "http/routes/api.h"
#include "http/routes/ask_loop.h"
#include "http/routes/fields.h"
#include "http/routes/lookup.h"
#include "http/routes/values.h"

namespace pawl::http {

namespace {

constexpr std::size_t kUsual = 500, kMost = 5000;
// Of one request: the loop does nothing else while it takes them.
constexpr std::size_t kPushMost = 20'000;

// Without `from` the newest ones; with it the first from there on.
Result<Response> bars(const Context& context, Readers& readers, const Request& request) {
  const recipe::Recipe& recipe = context.recipe;
  const auto page = page_query(request, kUsual, kMost);
  if (!page) return propagate(page);
  auto from = query_time(request, "from"), to = query_time(request, "to");
  if (!from) return propagate(from);
  if (!to) return propagate(to);
  if (!page->cursor.empty()) {
    const auto cursor = parse_time(page->cursor);
    if (!cursor) return within("cursor", cursor.error());
    *from = *cursor;
  }
  const auto given = request.query_value("symbol");
  if (!given && recipe.symbols.size() > 1) {
    return fail(ErrorCode::bad_data, "symbol: is missing; there are {}", recipe.symbols.size());
  }
  const auto symbol = given ? find_symbol(recipe, *given) : Result<std::size_t>(0);
  if (!symbol) return propagate(symbol);
  const std::string& canonical = recipe.symbols[*symbol].canonical();
  auto reader = readers.take();
  if (!reader) return propagate(reader);
  const auto listing = reader->store().bars().list();
  if (!listing) return propagate(listing);
  const auto own = std::find_if(listing->begin(), listing->end(), [&](const store::BarStore::Listing& one) {
    return one.symbol == canonical && one.timeframe == recipe.base;
  });
  Json items = Json::array();
  std::optional<std::string> next;
  if (own != listing->end()) {
    const TimeMs end = std::min(to->value_or(own->last_open + 1), own->last_open + 1);
    const auto read = [&](TimeMs begin, TimeMs until) {
      return reader->store().bars().read(canonical, recipe.base, begin, until,
                                         store::BarStore::Revision::first);
    };
    // Looked for in windows that grow: a market may be closed for days, and a series have a million bars.
    DurationMs span = recipe.base.duration_ms() * static_cast<DurationMs>(page->limit + 1);
    Result<BarSeries> found;
    for (;; span *= 2) {
      const TimeMs begin = *from ? std::max(**from, own->first_open) : std::max(own->first_open, end - span);
      const TimeMs until = *from ? std::min(end, begin + span) : end;
      found = read(begin, until);
      if (!found) return propagate(found);
      if (found->size() > page->limit || (*from ? until >= end : begin <= own->first_open)) break;
    }
    const std::size_t count = std::min(page->limit, found->size());
    const std::size_t first = *from ? 0 : found->size() - count;
    for (std::size_t i = first; i < first + count; ++i) items.push_back(item_json((*found)[i]));
    if (*from && count < found->size()) next = format_time(found->open_time(count));
  }
  Json json = page_json(std::move(items), next);
  json["symbol"] = recipe.symbols[*symbol].given();
  json["timeframe"] = recipe.base.name();
  return json_response(json);
}

Result<Bar> read_bar(const Json& json, const std::string& place) {
  const auto fields =
      Fields::of(json, place, {"open_time", "time", "open", "high", "low", "close", "volume"});
  if (!fields) return propagate(fields);
  if (fields->has("open_time") && fields->has("time")) {
    return fail(ErrorCode::bad_data, "{}: open_time and time are the same thing; send one", place);
  }
  Bar bar;
  const auto time = fields->time(fields->has("time") ? "time" : "open_time");
  if (!time) return propagate(time);
  bar.open_time = *time;
  for (const auto& [name, value] : {std::pair{"open", &bar.open},
                                    {"high", &bar.high},
                                    {"low", &bar.low},
                                    {"close", &bar.close},
                                    {"volume", &bar.volume}}) {
    if (value == &bar.volume && !fields->has(name)) continue;
    const auto number = fields->number(name);
    if (!number) return propagate(number);
    *value = *number;
  }
  return bar;
}

// The bars of one symbol: an object with `bars` or `bar`.
Status read_series(const recipe::Recipe& recipe, const Fields& fields, std::vector<loop::PushedBar>& into) {
  std::size_t symbol = 0;
  if (fields.has("symbol") || recipe.symbols.size() > 1) {
    const auto given = fields.text("symbol");
    if (!given) return propagate(given);
    const auto found = find_symbol(recipe, *given);
    if (!found) return propagate(found);
    symbol = *found;
  }
  const auto add = [&](const Json& json, const std::string& place) -> Status {
    const auto bar = read_bar(json, place);
    if (!bar) return propagate(bar);
    into.push_back({.symbol = symbol, .bar = *bar, .place = place});
    return {};
  };
  if (fields.has("bar") == fields.has("bars")) {
    return fail(ErrorCode::bad_data, "{}: send a list of `bars`, or one `bar`", fields.place_of("bars"));
  }
  if (fields.has("bar")) return add(fields.json()["bar"], fields.place_of("bar"));
  const Json& list = fields.json()["bars"];
  if (!list.is_array()) {
    return fail(ErrorCode::bad_data, "{}: must be a list, not {}", fields.place_of("bars"), list.type_name());
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (Status added = add(list[i], fmt::format("{}[{}]", fields.place_of("bars"), i)); !added) return added;
  }
  return {};
}

Status read_many(const recipe::Recipe& recipe, const Json& list, std::string_view name,
                 std::vector<loop::PushedBar>& into) {
  if (!list.is_array()) {
    return fail(ErrorCode::bad_data, "{}: must be a list, not {}", name, list.type_name());
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto fields = Fields::of(list[i], fmt::format("{}[{}]", name, i), {"symbol", "bars", "bar"});
    if (!fields) return propagate(fields);
    if (Status read = read_series(recipe, *fields, into); !read) return read;
  }
  return {};
}

struct Push {
  std::vector<loop::PushedBar> bars;
  loop::PushOptions options;
};

Result<Push> read_push(const recipe::Recipe& recipe, const Request& request) {
  const auto json = read_json(request);
  if (!json) return propagate(json);
  Push push;
  if (json->is_array()) {
    if (Status read = read_many(recipe, *json, "", push.bars); !read) return propagate(read);
  } else {
    const auto fields = Fields::of(*json, "", {"symbol", "bars", "bar", "series", "accept_gap", "predict"});
    if (!fields) return propagate(fields);
    const auto accept = fields->flag_or("accept_gap", false);
    if (!accept) return propagate(accept);
    const auto predict = fields->text_or("predict", "newest");
    if (!predict) return propagate(predict);
    if (*predict != "newest" && *predict != "all") {
      return fail(ErrorCode::bad_data, "predict: \"{}\" is neither newest nor all", *predict);
    }
    push.options = {.accept_gap = *accept, .predict_all = *predict == "all"};
    if (fields->has("series")) {
      if (fields->has("symbol") || fields->has("bars") || fields->has("bar")) {
        return fail(ErrorCode::bad_data, "series: send all bars in it, or none");
      }
      if (Status read = read_many(recipe, (*json)["series"], "series", push.bars); !read) {
        return propagate(read);
      }
    } else if (Status read = read_series(recipe, *fields, push.bars); !read) {
      return propagate(read);
    }
  }
  if (push.bars.size() > kPushMost) {
    return fail(ErrorCode::bad_data, "bars: {} at once; send {} at most, oldest first", push.bars.size(),
                kPushMost);
  }
  return push;
}

Json report_json(const Context& context, const loop::PushReport& report) {
  Json predictions = Json::array();
  for (const Prediction& one : report.predictions) predictions.push_back(item_json(one));
  return {{"added", report.added},         {"duplicates", report.duplicates},
          {"revised", report.revised},     {"gaps", report.gaps},
          {"paper", !context.live_market}, {"predictions", std::move(predictions)}};
}

}  // namespace

void add_bar_routes(Router& router, const Context& context, const SharedReaders& readers) {
  router.add(
      {.method = "GET",
       .pattern = "/api/v1/bars",
       .scope = Scope::read,
       .handler =
           [&context, readers](const Request& request) {
             auto response = bars(context, *readers, request);
             return response ? std::move(*response) : error_response(response.error(), false);
           },
       .operation_id = "listBars",
       .summary = "Stored bars of a symbol: the newest, or those from ?from= on; ?symbol=&to=&limit="});
  router.add({.method = "POST",
              .pattern = "/api/v1/bars",
              .scope = Scope::predict,
              .handler = loop_handler(context, false,
                                      [&context](const Request& request) -> Result<LoopWork> {
                                        auto push = read_push(context.recipe, request);
                                        if (!push) return propagate(push);
                                        const auto shared = std::make_shared<Push>(std::move(*push));
                                        return [&context, shared](loop::Live& live) -> Result<Response> {
                                          auto report =
                                              live.push_bars(std::move(shared->bars), shared->options);
                                          if (!report) return propagate(report);
                                          return json_response(report_json(context, *report));
                                        };
                                      }),
              .operation_id = "pushBars",
              .summary = "Bars that have closed: they are stored, and the newest is predicted from",
              .request_example = {{"symbol", "EUR_USD"},
                                  {"bars",
                                   {{{"open_time", "2026-01-05T02:00:00Z"},
                                     {"open", 1.0834},
                                     {"high", 1.0841},
                                     {"low", 1.0829},
                                     {"close", 1.0837},
                                     {"volume", 1250}}}},
                                  {"accept_gap", false},
                                  {"predict", "newest"}},
              .response_example = {{"added", 1},
                                   {"duplicates", 0},
                                   {"revised", 0},
                                   {"gaps", Json::array()},
                                   {"paper", false},
                                   {"predictions", Json::array()}}});
}

}  // namespace pawl::http
