#include "http/request_parser.h"

#include <boost/beast/http/error.hpp>
#include <limits>

namespace pawl::http {
namespace {

namespace beast = boost::beast;

std::string_view text_of(beast::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

RequestParser::RequestParser(std::shared_ptr<Request> request, ParseLimits limits)
    : request_(std::move(request)), limits_(limits) {
  header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
  // A length that is too large is looked at here, once the path is known, so that the answer can speak as the
  // route does.
  body_limit(std::numeric_limits<std::uint64_t>::max());  // Beast 1.74 takes "none" for 0
}

bool RequestParser::done() const {
  return head_done() && (chunked() ? is_done() : body_bytes_missing() == 0);
}

std::size_t RequestParser::body_bytes_missing() const {
  return chunked() ? 0 : static_cast<std::size_t>(declared_length() - request_->body.size());
}

std::size_t RequestParser::feed(std::string_view bytes) {
  if (!head_done()) return feed_head(bytes);
  if (chunked()) return feed_chunks(bytes);
  const std::string_view part = bytes.substr(0, body_bytes_missing());
  request_->body += part;
  return part.size();
}

std::size_t RequestParser::feed_head(std::string_view bytes) {
  error_code error;
  const std::size_t used = put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  header_bytes_ += used;
  // Beast holds its limit against what one call sees; lines that arrive one by one would escape it.
  const std::size_t seen = header_bytes_ + (head_done() ? 0 : bytes.size() - used);
  if (error == beast::http::error::header_limit || seen > limits_.header_bytes_max) {
    set_fault(431, fmt::format("the header is larger than {} bytes", limits_.header_bytes_max));
  } else if (error && error != beast::http::error::need_more) {
    set_fault(400, fmt::format("this is no HTTP/1 request: {}", error.message()));
  }
  if (fault_ || !head_done()) return used;
  if (chunked()) {
    body_limit(limits_.body_bytes_max);
    eager(true);
  } else if (declared_length() > limits_.body_bytes_max) {
    set_body_fault();
  }
  return used;
}

std::size_t RequestParser::feed_chunks(std::string_view bytes) {
  error_code error;
  const std::size_t used = put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  if (error == beast::http::error::body_limit) {
    set_body_fault();
  } else if (error && error != beast::http::error::need_more) {
    set_fault(400, fmt::format("the chunked body is malformed: {}", error.message()));
  } else if (!is_done() && bytes.size() - used > limits_.header_bytes_max) {
    set_fault(400, "the chunked body is malformed: its extensions or trailers are too long");
  }
  return used;
}

void RequestParser::finish_body() {
  std::string& body = request_->body;
  if (body.ends_with('\0')) body.pop_back();
  body.reserve(body.size() + kBodyPadding);
}

void RequestParser::set_fault(int status, std::string_view detail) {
  if (!fault_) fault_ = Fault{status, std::string(detail)};
}

void RequestParser::set_body_fault() {
  set_fault(413,
            fmt::format("the body is larger than {} bytes; send less at a time", limits_.body_bytes_max));
}

void RequestParser::on_request_impl(beast::http::verb, string_view method, string_view target, int version,
                                    error_code&) {
  request_->method = text_of(method);
  target_ = text_of(target);
  version_ = version;
}

void RequestParser::on_field_impl(beast::http::field field, string_view name, string_view value,
                                  error_code& error) {
  if (head_done()) return;  // a trailer: nobody asked for it
  if (field == beast::http::field::host) ++hosts_;
  if (field == beast::http::field::expect) {
    expects_continue_ = same_word(text_of(value), "100-continue");
    if (!expects_continue_) set_fault(417, "the only expectation that is met is 100-continue");
  }
  // Whatever could be read as another length by somebody between the client and here is not read at all.
  if (field == beast::http::field::transfer_encoding && !same_word(text_of(value), "chunked")) {
    set_fault(501, "the only transfer encoding that is known is chunked");
  }
  if (field == beast::http::field::transfer_encoding && version_ == 10) {
    set_fault(400, "HTTP/1.0 has no transfer encodings");
  }
  if (fault_) error = beast::http::error::bad_value;
  request_->headers.add(text_of(name), text_of(value));
}

void RequestParser::on_header_impl(error_code&) {
  if (hosts_ > 1) set_fault(400, "the field Host stands there more than once");
  if (hosts_ == 0 && version_ == 11) set_fault(400, "the field Host is missing");
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, string_view bytes, error_code&) {
  request_->body += text_of(bytes);
  return bytes.size();
}

}  // namespace pawl::http
