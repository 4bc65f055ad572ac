// A version as the command line and the API show it: one form for both.
#pragma once

#include "base/json.h"
#include "domain/version.h"
#include "models/model_kind.h"

namespace pawl::registry {

// The short form of lists.
Json summary_json(const VersionSummary& version);
// What an artifact's model goes by: as recorded when it was trained, or made now from its bytes where that
// was not done yet. corrupt where neither can be read, conflict where this binary does not know the kind.
Result<models::Importance> importance_of(const Artifact& artifact);
// An artifact with what its model says of itself.
Json artifact_json(const Artifact& artifact, const models::Model& model);

}  // namespace pawl::registry
