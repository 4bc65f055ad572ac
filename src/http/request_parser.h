// Bytes of the wire → a Request. Beast's parser does the grammar; the rules that it leaves open are here.
// Internal to the room: this header includes Boost.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace pawl::http {

struct ParseLimits {
  std::size_t header_bytes_max = 0;
  std::size_t body_bytes_max = 0;
};

// Reads one request, in any pieces.
//
//   parser.feed(bytes) → how many of them were taken; those left over must come first the next time, with
//   more behind them, until head_done(); then the caller may look at the head before it goes on.
class RequestParser final : public boost::beast::http::basic_parser<true> {
 public:
  // Fills `request`, which must be clear.
  RequestParser(std::shared_ptr<Request> request, ParseLimits limits);

  // Takes what it can, and stops once at the end of the head. Not to be called after a failure or the end.
  std::size_t feed(std::string_view bytes);

  bool head_done() const { return is_header_done(); }
  // The whole request is there, or as much of it as fits: see fault().
  bool done() const;
  // Why this is no request: a status (400, 413, 417, 431, 501) and the reason; nothing while all is well.
  struct Fault {
    int status = 400;
    std::string detail;
  };
  const std::optional<Fault>& fault() const { return fault_; }

  // After head_done():
  const std::string& target() const { return target_; }
  bool http_1_0() const { return version_ == 10; }
  bool expects_continue() const { return expects_continue_; }
  std::uint64_t declared_length() const { return content_length().value_or(0); }
  // How many bytes of a body of declared length are missing; 0 for a chunked one. They may be appended to the
  // request's body directly, up to so many, without a copy through feed().
  std::size_t body_bytes_missing() const;
  // Once done(): takes off a NUL at the end, and keeps the promise of Request::body.
  void finish_body();

  const std::shared_ptr<Request>& request() const { return request_; }

 private:
  using error_code = boost::beast::error_code;
  using string_view = boost::beast::string_view;
  void on_request_impl(boost::beast::http::verb verb, string_view method, string_view target, int version,
                       error_code& error) override;
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(boost::beast::http::field field, string_view name, string_view value,
                     error_code& error) override;
  void on_header_impl(error_code& error) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view bytes, error_code&) override { return bytes.size(); }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, error_code& error) override;
  void on_finish_impl(error_code&) override {}
  std::size_t feed_head(std::string_view bytes);
  std::size_t feed_chunks(std::string_view bytes);
  void set_fault(int status, std::string_view detail);
  void set_body_fault();

  std::shared_ptr<Request> request_;
  ParseLimits limits_;
  std::string target_;
  std::optional<Fault> fault_;
  std::size_t header_bytes_ = 0;
  int version_ = 11;
  int hosts_ = 0;
  bool expects_continue_ = false;
};

}  // namespace pawl::http
