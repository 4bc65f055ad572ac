// Requests and responses as values: what handlers are given and what they give back.
#include "http/message.h"

#include <gtest/gtest.h>

#include "http/response_text.h"
#include "http/target.h"

namespace pawl::http {
namespace {

TEST(HttpHeaders, AreFoundInAnyCase) {
  Headers headers;
  headers.add("Content-Type", "text/csv");
  headers.add("X-Key", "a");
  headers.add("x-key", "b");
  EXPECT_EQ(headers.find("content-TYPE"), "text/csv");
  EXPECT_EQ(headers.find("X-KEY"), "a") << "the first one";
  EXPECT_EQ(headers.count("X-Key"), 2u);
  EXPECT_EQ(headers.find("X-Ke"), "");
  const Headers copy = headers;
  headers.clear();
  EXPECT_EQ(copy.find("x-key"), "a");
  EXPECT_EQ(headers.size(), 0u);
}

TEST(HttpTarget, IsSplitAndDecoded) {
  Request request;
  ASSERT_TRUE(parse_target("/a%2Fb/c?x=1&name=J%C3%BCrg+M&flag&=none&x=2#part", request));
  EXPECT_EQ(request.path, "/a%2Fb/c");
  EXPECT_EQ(request.query, (NamedValues{{"x", "1"}, {"name", "Jürg M"}, {"flag", ""}, {"x", "2"}}));
  EXPECT_EQ(request.query_value("x"), "1");
  EXPECT_EQ(request.query_value("y"), std::nullopt);
}

TEST(HttpTarget, JunkStaysText) {
  EXPECT_EQ(percent_decode("%"), "%");
  EXPECT_EQ(percent_decode("%4"), "%4");
  EXPECT_EQ(percent_decode("%zz%41%"), "%zzA%");
  EXPECT_EQ(percent_decode("..%2f..%2Fetc"), "../../etc");
  Request request;
  ASSERT_TRUE(parse_target("/../../etc/passwd", request));
  EXPECT_EQ(request.path, "/../../etc/passwd") << "text, not a path: nothing is resolved";
}

TEST(HttpTarget, AnAbsoluteFormMeansItsPath) {
  Request request;
  ASSERT_TRUE(parse_target("http://host:80/health?x=1", request));
  EXPECT_EQ(request.path, "/health");
  ASSERT_TRUE(parse_target("HTTP://host", request));
  EXPECT_EQ(request.path, "/");
  ASSERT_TRUE(parse_target("http://host?x=1", request));
  EXPECT_EQ(request.path, "/");
  EXPECT_EQ(request.query_value("x"), "1");
}

TEST(HttpTarget, ControlCharactersAreRefused) {
  Request request;
  using namespace std::string_view_literals;
  for (const std::string_view target : {"/a\0b"sv, "/a%00"sv, "/x?y=%0d%0aSet-Cookie"sv, "host:80"sv, ""sv}) {
    EXPECT_FALSE(parse_target(target, request)) << target;
  }
}

TEST(HttpResponses, SpeakTwoTongues) {
  const Error error{ErrorCode::not_found, "there is no line \"x\"; pawl lines lists them"};
  EXPECT_EQ(error_response(error, true).body, R"({"error":"there is no line \"x\"; pawl lines lists them"})");
  EXPECT_EQ(error_response(error, true).content_type, "application/json");
  Response response = error_response(error, false);
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.content_type, "application/problem+json");
  add_request_id(response, "r\"1");
  const Json body = *parse_json(response.body);
  EXPECT_EQ(body, (Json{{"type", "about:blank"},
                        {"title", "Not Found"},
                        {"status", 404},
                        {"detail", error.message},
                        {"code", "not_found"},
                        {"request_id", "r\"1"}}));
  Response plain = json_response({{"a", 1}});
  add_request_id(plain, "r1");
  EXPECT_EQ(plain.body, R"({"a":1})");
}

TEST(HttpResponses, HaveAStatusForEveryKindOfFailure) {
  EXPECT_EQ(status_of(ErrorCode::invalid_argument), 400);
  EXPECT_EQ(status_of(ErrorCode::bad_config), 400);
  EXPECT_EQ(status_of(ErrorCode::bad_data), 400);
  EXPECT_EQ(status_of(ErrorCode::insufficient_data), 400);
  EXPECT_EQ(status_of(ErrorCode::not_found), 404);
  EXPECT_EQ(status_of(ErrorCode::conflict), 409);
  EXPECT_EQ(status_of(ErrorCode::io), 503);
  EXPECT_EQ(status_of(ErrorCode::corrupt), 500);
  EXPECT_EQ(status_of(ErrorCode::internal), 500);
}

TEST(HttpResponses, QuotedJunkGoesOutAsUtf8) {
  EXPECT_TRUE(parse_json(legacy_error(400, "no such pair: \xff\xfe").body));
}

TEST(HttpHead, HoldsWhatItMustAndNothingForged) {
  const Response response{.status = 201,
                          .content_type = "text/plain",
                          .body = "four",
                          .headers = {{"Location", "/x\r\nSet-Cookie: a=b"}}};
  std::string head;
  append_head(response, {.request_id = "id1", .date = http_date(784111777000), .keep_alive = false}, head);
  EXPECT_EQ(head,
            "HTTP/1.1 201 Created\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/plain\r\n"
            "Content-Length: 4\r\nX-Content-Type-Options: nosniff\r\nX-Request-Id: id1\r\n"
            "Location: /x  Set-Cookie: a=b\r\nConnection: close\r\n\r\n");
}

TEST(HttpHead, NoContentHasNoLength) {
  std::string head;
  append_head({.status = 204, .content_type = ""}, {}, head);
  EXPECT_EQ(head, "HTTP/1.1 204 No Content\r\nDate: \r\nX-Content-Type-Options: nosniff\r\n\r\n");
}

TEST(HttpRequestIds, AreEchoedWhereSane) {
  EXPECT_TRUE(is_sane_request_id("4bf92f3577b34da6"));
  EXPECT_TRUE(is_sane_request_id(std::string(128, 'x')));
  EXPECT_FALSE(is_sane_request_id(""));
  EXPECT_FALSE(is_sane_request_id(std::string(129, 'x')));
  EXPECT_FALSE(is_sane_request_id("a b"));
  EXPECT_FALSE(is_sane_request_id("a\nb"));
  EXPECT_FALSE(is_sane_request_id("\xc3\xbc"));
}

TEST(HttpBodies, LeaveRoomBehindThem) {
  const std::string body = padded_body("[1,2]");
  EXPECT_EQ(body, "[1,2]");
  EXPECT_GE(body.capacity(), body.size() + kBodyPadding);
}

}  // namespace
}  // namespace pawl::http
