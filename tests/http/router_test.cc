// Which route answers which method and path.
#include "http/router.h"

#include <gtest/gtest.h>

namespace pawl::http {
namespace {

Router table() {
  Router router;
  for (const auto& [method, pattern] :
       std::vector<std::pair<std::string, std::string>>{{"GET", "/health"},
                                                        {"POST", "/predict"},
                                                        {"GET", "/predict"},
                                                        {"GET", "/model_info/{pair}"},
                                                        {"GET", "/lines/{recipe}/{symbol}"},
                                                        {"DELETE", "/lines/{recipe}/all"},
                                                        {"GET", "/lines/stock/{symbol}"},
                                                        {"GET", "/lines/stock/search"}}) {
    router.add({.method = method,
                .pattern = pattern,
                .legacy_errors = pattern == "/predict",
                .handler = [](const Request&) { return Response(); }});
  }
  return router;
}

struct Wanted {
  std::string method, path;
  std::string pattern;  // empty where none answers
  NamedValues values;
  std::string allow;
};

TEST(Router, FindsTheMostSpecificRoute) {
  const Router router = table();
  const std::vector<Wanted> cases = {
      {"GET", "/health", "/health", {}, ""},
      {"HEAD", "/health", "/health", {}, ""},
      {"GET", "/%68ealth", "/health", {}, ""},
      {"GET", "/health/", "", {}, ""},
      {"GET", "/Health", "", {}, ""},
      {"GET", "", "", {}, ""},
      {"GET", "*", "", {}, ""},
      {"POST", "/health", "", {}, "GET, HEAD"},
      {"get", "/health", "", {}, "GET, HEAD"},
      {"OPTIONS", "/predict", "", {}, "POST, GET, HEAD"},
      {"GET", "/model_info/EURUSD", "/model_info/{pair}", {{"pair", "EURUSD"}}, ""},
      {"GET", "/model_info/a%2F..%2fb", "/model_info/{pair}", {{"pair", "a/../b"}}, ""},
      {"GET", "/model_info/%zz", "/model_info/{pair}", {{"pair", "%zz"}}, ""},
      {"GET", "/model_info/", "", {}, ""},
      {"GET", "/model_info/a/b", "", {}, ""},
      {"GET", "/lines/fx/EURUSD", "/lines/{recipe}/{symbol}", {{"recipe", "fx"}, {"symbol", "EURUSD"}}, ""},
      {"GET", "/lines/stock/AAPL", "/lines/stock/{symbol}", {{"symbol", "AAPL"}}, ""},
      {"GET", "/lines/stock/search", "/lines/stock/search", {}, ""},
      {"DELETE", "/lines/fx/all", "/lines/{recipe}/all", {{"recipe", "fx"}}, ""},
      {"GET", "/lines/fx/all", "/lines/{recipe}/{symbol}", {{"recipe", "fx"}, {"symbol", "all"}}, ""},
      {"PUT", "/lines/fx/all", "", {}, "DELETE, GET, HEAD"},
  };
  for (const Wanted& wanted : cases) {
    const Match match = router.match(wanted.method, wanted.path);
    EXPECT_EQ(match.route != nullptr ? match.route->pattern : "", wanted.pattern)
        << wanted.method << ' ' << wanted.path;
    EXPECT_EQ(match.path_values, wanted.values) << wanted.path;
    EXPECT_EQ(match.allow, wanted.allow) << wanted.method << ' ' << wanted.path;
  }
}

TEST(Router, KnowsHowAPathSpeaksEvenWhereTheMethodIsWrong) {
  const Router router = table();
  EXPECT_TRUE(router.match("PUT", "/predict").legacy_errors);
  EXPECT_FALSE(router.match("PUT", "/health").legacy_errors);
}

TEST(Router, ListsItsRoutesInTheOrderTheyWereAdded) {
  const Router router = table();
  ASSERT_EQ(router.routes().size(), 8u);
  EXPECT_EQ(router.routes()[2].method, "GET");
  EXPECT_EQ(router.routes()[0].scope, Scope::admin) << "what is not said is not open";
  EXPECT_EQ(no_route().scope, Scope::open);
  EXPECT_EQ(no_route().pattern, "");
}

TEST(ServerSentEvents, AreWrittenAsTheStandardSays) {
  EXPECT_EQ(sse_event("7", "swap", "{\"a\":1}"), "id: 7\nevent: swap\ndata: {\"a\":1}\n\n");
  EXPECT_EQ(sse_event("", "", "one\r\ntwo\n"), "data: one\ndata: two\ndata: \n\n");
  EXPECT_EQ(sse_event("1\ndata: x", "", ""), "id: 1data: x\ndata: \n\n");
}

}  // namespace
}  // namespace pawl::http
