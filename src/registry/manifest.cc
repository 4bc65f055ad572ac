#include "registry/manifest.h"

#include "base/hash.h"

namespace pawl::registry {
namespace {

constexpr std::string_view kFormat = "pawl version 1";

// Reasons and notes may quote a third party; what is not UTF-8 in them must not stop a version from being
// written.
std::string dump(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

// Binds the list of features to the hash that the feature room gave it.
std::string specs_sha256(const VersionBundle& bundle) {
  Sha256 hash;
  hash.update(bundle.features_hash);
  for (const std::string& spec : bundle.features) {
    hash.update("\n");
    hash.update(spec);
  }
  return hash.hex();
}

// Over the manifest as it is without the field that holds it.
std::string checksum_of(Json manifest) {
  manifest.erase("checksum");
  return sha256_hex(dump(manifest, -1));
}

std::string text_of(const Json& manifest) {
  return dump(manifest, 1) + "\n";
}

Json artifact_to_json(const Artifact& artifact) {
  Json json = {{"model_kind", artifact.model_kind},
               {"trained_on",
                {{"from_ms", artifact.trained_on.from},
                 {"to_ms", artifact.trained_on.to},
                 {"rows", artifact.trained_on.rows}}},
               {"data_cut_ms", artifact.data_cut}};
  if (!artifact.importance.is_null()) json["importance"] = artifact.importance;
  if (!artifact.calibration.is_null()) json["calibration"] = artifact.calibration;
  if (!artifact.reference.is_null()) json["reference"] = artifact.reference;
  return json;
}

// Reads fields one after the other; the first that fails is remembered and the rest are not looked at.
class Fields {
 public:
  Fields(const Json& object, Status& status) : object_(object), status_(status) {}

  void read(std::string_view name, std::string& out) { take(json_string(object_, name), out); }
  void read(std::string_view name, std::int64_t& out) { take(json_int(object_, name), out); }
  // null where there is none, or something failed before.
  const Json* part(std::string_view name, Json::value_t type) {
    if (!status_) return nullptr;
    const auto found = object_.is_object() ? object_.find(name) : object_.end();
    if (!object_.is_object() || found == object_.end() || found->type() != type) {
      status_ = fail(ErrorCode::corrupt, "field \"{}\" is missing or of another type", name);
      return nullptr;
    }
    return &*found;
  }

 private:
  template <class T>
  void take(const Result<T>& value, T& out) {
    if (!status_) return;
    if (value) {
      out = *value;
    } else {
      status_ = fail(ErrorCode::corrupt, "{}", value.error().message);
    }
  }
  const Json& object_;
  Status& status_;
};

Artifact artifact_from_json(const Json& json, Status& status) {
  Artifact artifact;
  Fields fields(json, status);
  fields.read("model_kind", artifact.model_kind);
  fields.read("data_cut_ms", artifact.data_cut);
  if (const Json* range = fields.part("trained_on", Json::value_t::object)) {
    Fields of_range(*range, status);
    of_range.read("from_ms", artifact.trained_on.from);
    of_range.read("to_ms", artifact.trained_on.to);
    of_range.read("rows", artifact.trained_on.rows);
  }
  for (const auto& [name, part] :
       {std::pair{"importance", &artifact.importance}, std::pair{"calibration", &artifact.calibration},
        std::pair{"reference", &artifact.reference}}) {
    if (!status || !json.contains(name)) continue;
    if (const Json* found = fields.part(name, Json::value_t::object)) *part = *found;
  }
  return artifact;
}

void read_files(const Json& list, Manifest& manifest, Status& status) {
  for (const Json& item : list) {
    Fields fields(item, status);
    ListedFile& file = manifest.files.emplace_back();
    fields.read("name", file.name);
    fields.read("size", file.size);
    fields.read("sha256", file.sha256);
  }
}

void read_features(const Json& list, VersionBundle& bundle, Status& status) {
  for (const Json& spec : list) {
    if (!spec.is_string()) {
      status = fail(ErrorCode::corrupt, "a feature is not a text");
      return;
    }
    bundle.features.push_back(spec.get_ref<const std::string&>());
  }
}

void read_bundle(const Json& json, Manifest& manifest, Status& status) {
  VersionBundle& bundle = manifest.bundle;
  Fields fields(json, status);
  std::string version, specs;
  std::int64_t classes = 0;
  fields.read("line", bundle.line);
  fields.read("version", version);
  fields.read("known_at_ms", bundle.known_at);
  fields.read("run_id", bundle.run_id);
  fields.read("trained_because", bundle.trained_because);
  fields.read("features_hash", bundle.features_hash);
  fields.read("specs_sha256", specs);
  fields.read("classes", classes);
  if (const Json* list = fields.part("features", Json::value_t::array)) read_features(*list, bundle, status);
  if (const Json* settings = fields.part("settings", Json::value_t::object)) bundle.settings = *settings;
  if (const Json* list = fields.part("files", Json::value_t::array)) read_files(*list, manifest, status);
  if (const Json* judged = fields.part("judged", Json::value_t::object)) {
    bundle.judged = artifact_from_json(*judged, status);
  }
  if (status && json.contains("serving")) {
    if (const Json* serving = fields.part("serving", Json::value_t::object)) {
      bundle.serving = artifact_from_json(*serving, status);
    }
  }
  if (const Json* json_scores = fields.part("scores", Json::value_t::object)) {
    auto scores = Scorecard::from_json(*json_scores);
    if (scores) {
      bundle.scores = std::move(*scores);
    } else {
      status = fail(ErrorCode::corrupt, "{}", scores.error().message);
    }
  }
  if (!status) return;
  bundle.classes = static_cast<int>(classes);
  const auto number = VersionNumber::parse(version);
  if (!number || number->text() != version) {
    status = fail(ErrorCode::corrupt, "\"{}\" is no version", version);
  } else if (specs != specs_sha256(bundle)) {
    status = fail(ErrorCode::corrupt, "the list of features is not the one that was trained on");
  } else {
    bundle.number = *number;
  }
}

}  // namespace

std::string write_manifest(const VersionBundle& bundle, const std::vector<ListedFile>& files) {
  Json listed = Json::array();
  for (const ListedFile& file : files) {
    listed.push_back({{"name", file.name}, {"size", file.size}, {"sha256", file.sha256}});
  }
  Json manifest = {{"format", kFormat},
                   {"line", bundle.line},
                   {"version", bundle.number.text()},
                   {"known_at_ms", bundle.known_at},
                   {"run_id", bundle.run_id},
                   {"trained_because", bundle.trained_because},
                   {"features", bundle.features},
                   {"features_hash", bundle.features_hash},
                   {"specs_sha256", specs_sha256(bundle)},
                   {"classes", bundle.classes},
                   {"settings", bundle.settings},
                   {"scores", bundle.scores.to_json()},
                   {"judged", artifact_to_json(bundle.judged)},
                   {"files", std::move(listed)}};
  if (bundle.serving) manifest["serving"] = artifact_to_json(*bundle.serving);
  manifest["checksum"] = checksum_of(manifest);
  return text_of(manifest);
}

Result<Manifest> read_manifest(std::string_view bytes) {
  const auto json = parse_json(bytes);
  if (!json) return fail(ErrorCode::corrupt, "{}", json.error().message);
  // One manifest has one spelling: a flipped blank, or a key written twice, is damage too.
  if (!json->is_object() || text_of(*json) != bytes) {
    return fail(ErrorCode::corrupt, "it is not spelt as pawl spells it");
  }
  Status status;
  Fields fields(*json, status);
  std::string format, checksum;
  fields.read("format", format);
  fields.read("checksum", checksum);
  if (!status) return propagate(status);
  if (checksum != checksum_of(*json)) return fail(ErrorCode::corrupt, "its checksum is wrong");
  if (format != kFormat) return fail(ErrorCode::corrupt, "its format is not \"{}\"", kFormat);
  Manifest manifest;
  read_bundle(*json, manifest, status);
  if (!status) return propagate(status);
  return manifest;
}

}  // namespace pawl::registry
