// A version as the command line and the API show it: one form for both.
#pragma once

#include "base/json.h"
#include "domain/version.h"
#include "models/model_kind.h"

namespace pawl::registry {

// The short form of lists.
Json summary_json(const VersionSummary& version);
// An artifact with what its model says of itself.
Json artifact_json(const Artifact& artifact, const models::Model& model);

}  // namespace pawl::registry
