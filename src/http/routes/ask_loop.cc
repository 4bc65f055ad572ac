#include "http/routes/ask_loop.h"

#include <optional>
#include <utility>

#include "base/hash.h"
#include "http/routes/answered_once.h"

namespace pawl::http {

namespace {
constexpr std::size_t kKeyMost = 200;
}  // namespace

void ask_loop(const Context& context, const Reply& reply, bool legacy, LoopWork work) {
  // Both halves are called by the loop's thread, one after the other.
  auto made = std::make_shared<std::optional<Result<Response>>>();
  context.live.post({.run = [made, work = std::move(work)](loop::Live& live) { *made = work(live); },
                     .settled =
                         [made, reply, legacy](const Status& durable) {
                           if (!made->has_value()) {
                             Response response = refusal(503, "not_running", durable.error().message, legacy);
                             response.headers.emplace_back("Retry-After", "2");
                             reply(std::move(response));
                             return;
                           }
                           Result<Response>& answer = **made;
                           if (!answer) {
                             reply(error_response(answer.error(), legacy));
                           } else if (!durable) {
                             reply(refusal(503, "not_durable", durable.error().message, legacy));
                           } else {
                             reply(std::move(*answer));
                           }
                         }});
}

std::unexpected<Error> loop_failed(loop::Live& live, const Error& error) {
  if (error.code == ErrorCode::io || error.code == ErrorCode::internal || error.code == ErrorCode::corrupt) {
    live.fail_step(error);
  }
  return std::unexpected(error);
}

AsyncHandler loop_handler(const Context& context, bool legacy,
                          std::function<Result<LoopWork>(const Request&)> read) {
  return [&context, legacy, read = std::move(read), answers = std::make_shared<AnsweredOnce>()](
             const std::shared_ptr<const Request>& request, const Reply& reply) {
    Reply answer = reply;
    if (const std::string key(request->header("Idempotency-Key")); !key.empty()) {
      if (key.size() > kKeyMost) {
        reply(refusal(400, "idempotency_key", "Idempotency-Key: too long", legacy));
        return;
      }
      // Only what is hashed is kept of a request, however large it was.
      if (auto former = answers->begin(key, sha256_hex(request->path + "\n" + request->body))) {
        reply(std::move(*former));
        return;
      }
      answer = [answers, key, reply](Response response) {
        answers->end(key, response);
        reply(std::move(response));
      };
    }
    auto work = read(*request);
    if (!work) {
      answer(error_response(work.error(), legacy));
      return;
    }
    ask_loop(context, answer, legacy, std::move(*work));
  };
}

}  // namespace pawl::http
