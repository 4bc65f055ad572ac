#include "registry/version_json.h"

namespace pawl::registry {

Json summary_json(const VersionSummary& version) {
  return {{"line", version.line},
          {"version", version.number.text()},
          {"state", version.state},
          {"model_kind", version.model_kind},
          {"run", version.run_id},
          {"known_at", format_time(version.known_at)},
          {"has_serving", version.has_serving},
          {"content_hash", version.content_hash}};
}

Json artifact_json(const Artifact& artifact, const models::Model& model) {
  return {{"model_kind", artifact.model_kind},
          {"bytes", artifact.model_bytes.size()},
          {"trained_on", to_json(artifact.trained_on)},
          {"data_cut", format_time(artifact.data_cut)},
          {"self_test_vectors", artifact.self_test.size()},
          {"model", model.describe()}};
}

}  // namespace pawl::registry
