#include "triggers/webhook.h"

#include "base/hash.h"
#include "base/json.h"

namespace pawl::triggers {

namespace {

constexpr std::string_view kScheme = "sha256=";

Result<std::string> text_of(const Json& json, const char* key) {
  if (!json.contains(key)) return std::string();
  if (!json[key].is_string()) return fail(ErrorCode::bad_data, "webhook: \"{}\" must be a text", key);
  return json[key].get<std::string>();
}

}  // namespace

Result<WebhookRequest> open_webhook(std::string_view body, std::string_view signature,
                                    std::string_view secret, TimeMs now) {
  if (secret.empty()) {
    return fail(ErrorCode::bad_config, "webhook: there is no secret; set PAWL_WEBHOOK_SECRET to one");
  }
  std::string expected(kScheme);
  expected += hmac_sha256_hex(secret, body);
  if (!same_secret(expected, signature)) {
    return fail(
        ErrorCode::conflict,
        "webhook: the signature is not the secret's over this body; send sha256= and the HMAC-SHA-256 of "
        "the bytes that are sent, in hex");
  }
  const auto json = parse_json(body);
  if (!json) return within("webhook", json.error());
  if (!json->is_object()) return fail(ErrorCode::bad_data, "webhook: the body must be a JSON object");
  for (const auto& [key, value] : json->items()) {
    if (key != "sent_at" && key != "line" && key != "reason" && key != "full") {
      return fail(ErrorCode::bad_data, "webhook: unknown key \"{}\"; there is sent_at, line, reason, full",
                  key);
    }
  }
  WebhookRequest request;
  auto sent_at = text_of(*json, "sent_at"), line = text_of(*json, "line"), reason = text_of(*json, "reason");
  for (const auto* text : {&sent_at, &line, &reason}) {
    if (!*text) return propagate(*text);
  }
  const auto time = parse_time(*sent_at);
  if (!time) return fail(ErrorCode::bad_data, "webhook: \"sent_at\": {}", time.error().message);
  if (*time > now + kWebhookAgeMax || now - *time > kWebhookAgeMax) {
    return fail(ErrorCode::conflict, "webhook: sent at {}, which is not within {} minutes of now ({})",
                *sent_at, kWebhookAgeMax / kMinuteMs, format_time(now));
  }
  if (json->contains("full")) {
    if (!(*json)["full"].is_boolean())
      return fail(ErrorCode::bad_data, "webhook: \"full\" must be true or false");
    request.full = (*json)["full"].get<bool>();
  }
  request.line = std::move(*line);
  request.sent_at = *time;
  request.reason = "webhook";
  if (!reason->empty()) request.reason += ": " + *reason;
  return request;
}

}  // namespace pawl::triggers
