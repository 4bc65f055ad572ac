// The vectors that prove a loaded model: written as the hex digits of the doubles' bits, so that NaN and the
// last bit survive.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "domain/version.h"
#include "models/model_kind.h"

namespace pawl::registry {

Json self_test_to_json(const std::vector<SelfTestVector>& vectors);
Result<std::vector<SelfTestVector>> self_test_from_json(const Json& json);

// corrupt where there is no vector, or one whose output the model does not give again, bit for bit.
Status prove_model(const models::Model& model, const std::vector<SelfTestVector>& vectors);

}  // namespace pawl::registry
