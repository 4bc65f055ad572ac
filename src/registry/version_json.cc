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

Result<models::Importance> importance_of(const Artifact& artifact) {
  if (!artifact.importance.is_null()) return models::importance_from_json(artifact.importance);
  const models::ModelKind* kind = models::find_model_kind(artifact.model_kind);
  if (!kind) return fail(ErrorCode::conflict, "this pawl knows no model kind \"{}\"", artifact.model_kind);
  return kind->importance(artifact.model_bytes);
}

Json artifact_json(const Artifact& artifact, const models::Model& model) {
  const auto importance = importance_of(artifact);
  return {{"model_kind", artifact.model_kind},
          {"bytes", artifact.model_bytes.size()},
          {"trained_on", to_json(artifact.trained_on)},
          {"data_cut", format_time(artifact.data_cut)},
          {"self_test_vectors", artifact.self_test.size()},
          {"importance", importance ? models::to_json(*importance) : Json()},
          {"model", model.describe()}};
}

}  // namespace pawl::registry
