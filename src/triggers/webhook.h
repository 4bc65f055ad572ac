// A retrain that somebody else's scheduler asks for (A1): a small JSON body, signed with a shared secret.
//
//   {"sent_at":"2026-01-05T02:00:00Z","line":"forex-weekly/EUR_USD","reason":"nightly CI","full":false}
//   X-Pawl-Signature: sha256=<HMAC-SHA-256 of the body, hex>
//
// `line` may be left out: all lines of the recipe. Pure: the clock and the secret are arguments.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace pawl::triggers {

struct WebhookRequest {
  std::string line;    // empty: all
  std::string reason;  // begins with "webhook: "
  bool full = false;   // a full retrain
  TimeMs sent_at = 0;
};

// A body is taken for so long after it was sent, and no earlier: a copy of it cannot be played again later.
inline constexpr DurationMs kWebhookAgeMax = 5 * kMinuteMs;

// conflict where the signature is not the secret's over exactly this body, or the body is too old or from the
// future; bad_data, naming the key, where it is no such JSON. Nothing of the body is looked at before the
// signature holds. An empty secret signs nothing: bad_config.
Result<WebhookRequest> open_webhook(std::string_view body, std::string_view signature,
                                    std::string_view secret, TimeMs now);

}  // namespace pawl::triggers
