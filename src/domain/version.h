// What is written about a trained version. The bytes themselves are the registry's.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/scorecard.h"

namespace pawl {

// Rows that something was trained on or judged by: [from, to] are the known_at of the first and last.
struct RowRange {
  TimeMs from = 0, to = 0;
  std::int64_t rows = 0;
};
Json to_json(const RowRange& range);
Result<RowRange> row_range_from_json(const Json& json);

// One input with the output that the artifact gave when it was made; it must give it again on every load.
struct SelfTestVector {
  std::vector<double> row;
  std::vector<double> probabilities;
};

// A trained model's bytes and the vectors that prove them.
struct Artifact {
  std::string model_kind;   // "xgboost"
  std::string model_bytes;  // in the kind's own format; preprocessing included
  std::vector<SelfTestVector> self_test;
  RowRange trained_on;
  TimeMs data_cut = 0;  // nothing known later than this was read
  // What its model goes by, as models::to_json(Importance) writes it; null where it was made before that was
  // recorded.
  Json importance = nullptr;
  // The maps that its model's probabilities go through, as models::Calibration writes them; null: none.
  Json calibration = nullptr;
  // How its training rows lay, as judging::DriftReference writes it, for whoever watches whether later ones
  // lie otherwise; null where nobody asked.
  Json reference = nullptr;
};

// Everything of a version, as added to the registry: immutable afterwards.
struct VersionBundle {
  LineId line;
  VersionNumber number;
  TimeMs known_at = 0;  // when its run ended
  std::int64_t run_id = 0;
  std::string trained_because;        // the trigger's reason
  std::vector<std::string> features;  // canonical specs, in column order
  std::string features_hash;          // SHA-256 of specs, kind versions and anchors
  int classes = 2;
  Json settings = Json::object();   // model, label, signal and validation settings as used
  Scorecard scores;                 // of the judged artifact in its contest
  Artifact judged;                  // trained only to T − J − h − embargo; contests are between these
  std::optional<Artifact> serving;  // refitted to T − h; only a promoted or shadowed version has one
};

// The short form that lists show.
struct VersionSummary {
  LineId line;
  VersionNumber number;
  std::string content_hash;  // SHA-256 of the manifest, hex
  TimeMs known_at = 0;
  std::string model_kind;
  std::int64_t run_id = 0;
  bool has_serving = false;
  std::string state;  // "champion", "kept" (refused by the gate), "retired" (once a champion), "baseline"
};

}  // namespace pawl
