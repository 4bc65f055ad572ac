// Values of the domain as the API shows them.
#pragma once

#include "base/json.h"
#include "domain/bar.h"
#include "domain/prediction.h"

namespace pawl::http {

Json item_json(const Prediction& prediction);
Json item_json(const Outcome& outcome);
Json item_json(const Bar& bar);

}  // namespace pawl::http
