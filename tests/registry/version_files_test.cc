// Packing a version and taking it apart again; and that nothing which was damaged on the way is accepted.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>

#include "base/hash.h"
#include "base/json.h"
#include "base/random.h"
#include "models/artifact_model.h"
#include "registry/bundles.h"
#include "registry/container.h"
#include "registry/registry.h"
#include "registry/version_json.h"

namespace pawl::registry {
namespace {

using test::bundle_of;

const std::vector<std::string> kKinds = {"rules", "logistic", "xgboost"};

std::string& bytes_of(VersionFiles& files, std::string_view name) {
  return std::ranges::find_if(files, [&](const auto& file) { return file.first == name; })->second;
}

// The manifest's checksums made right again after a change: what a damaged disk could not do, but a mistake
// in whatever writes versions could.
void reseal(VersionFiles& files, const std::function<void(Json&)>& change = {}) {
  std::string& text = bytes_of(files, "manifest.json");
  Json manifest = Json::parse(text);
  for (Json& listed : manifest["files"]) {
    const std::string& bytes = bytes_of(files, listed["name"].get<std::string>());
    listed["size"] = bytes.size();
    listed["sha256"] = sha256_hex(bytes);
  }
  if (change) change(manifest);
  manifest.erase("checksum");
  manifest["checksum"] = sha256_hex(manifest.dump());
  text = manifest.dump(1) + "\n";
}

void reseal_features(Json& manifest) {
  std::string joined = manifest["features_hash"].get<std::string>();
  for (const Json& spec : manifest["features"]) joined.append("\n").append(spec.get<std::string>());
  manifest["specs_sha256"] = sha256_hex(joined);
}

// Refused, and with a reason that names the file.
void expect_refused(const VersionFiles& files, std::string_view named) {
  const auto loaded = unpack(files);
  ASSERT_FALSE(loaded) << "accepted: " << named;
  EXPECT_NE(loaded.error().message.find(named), std::string::npos) << loaded.error().message;
}

TEST(VersionFiles, ComeBackAsTheyWere) {
  for (const std::string& kind : kKinds) {
    SCOPED_TRACE(kind);
    const VersionBundle bundle = bundle_of("fx/EUR_USD", 12, kind);
    const VersionFiles files = pack(bundle);
    const auto loaded = unpack(files);
    ASSERT_TRUE(loaded) << loaded.error().message;
    const VersionBundle& back = (*loaded)->bundle;
    EXPECT_EQ(back.line, bundle.line);
    EXPECT_EQ(back.number, bundle.number);
    EXPECT_EQ(back.known_at, bundle.known_at);
    EXPECT_EQ(back.run_id, bundle.run_id);
    EXPECT_EQ(back.trained_because, bundle.trained_because);
    EXPECT_EQ(back.features, bundle.features);
    EXPECT_EQ(back.features_hash, bundle.features_hash);
    EXPECT_EQ(back.settings, bundle.settings);
    EXPECT_EQ(back.scores.get("accuracy"), 0.1 + 0.2);
    EXPECT_EQ(back.scores.find("sharpe")->why_undefined, "no trades");
    EXPECT_EQ(back.judged.data_cut, bundle.judged.data_cut);
    EXPECT_EQ(back.judged.trained_on.rows, 400);
    EXPECT_EQ(back.judged.model_bytes, bundle.judged.model_bytes);
    EXPECT_EQ(back.serving.has_value(), kind != "rules");
    EXPECT_TRUE(std::isnan(back.judged.self_test[0].row.back()));
    EXPECT_EQ(pack(back), files) << "the same version gives the same bytes";
    EXPECT_EQ((*loaded)->content_hash, sha256_hex(files.back().second));

    // The live model is the serving one, and gives what the trained one gave.
    const Artifact& live = bundle.serving ? *bundle.serving : bundle.judged;
    std::vector<double> out(2);
    (*loaded)->live().predict({live.self_test[1].row, 1, live.self_test[1].row.size()}, out);
    EXPECT_EQ(out, live.self_test[1].probabilities);
  }
}

TEST(VersionFiles, KeepTheMapOfTheProbabilities) {
  VersionBundle bundle = bundle_of("fx/EUR_USD", 3, "xgboost", false);
  Artifact& judged = bundle.judged;
  judged.calibration = {{"method", "platt"}, {"rows", 200}, {"maps", {{{"slope", 0.5}, {"offset", 0.1}}}}};
  const VersionFiles unproven = pack(bundle);
  EXPECT_FALSE(unpack(unproven)) << "its vectors are of the model without the map";
  const auto mapped = models::load_artifact(judged);
  ASSERT_TRUE(mapped) << mapped.error().message;
  for (SelfTestVector& vector : judged.self_test) {
    (*mapped)->predict({vector.row, 1, vector.row.size()}, vector.probabilities);
  }
  const auto loaded = unpack(pack(bundle));
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ((*loaded)->bundle.judged.calibration, judged.calibration);
  EXPECT_EQ(pack((*loaded)->bundle), pack(bundle));
  std::vector<double> out(2);
  const SelfTestVector& vector = judged.self_test[1];
  (*loaded)->live().predict({vector.row, 1, vector.row.size()}, out);
  EXPECT_EQ(out, vector.probabilities);

  judged.calibration["maps"][0]["slope"] = -1;
  EXPECT_EQ(unpack(pack(bundle)).error().code, ErrorCode::corrupt);
}

TEST(VersionFiles, KeepWhatTheModelGoesBy) {
  VersionBundle bundle = bundle_of("fx/EUR_USD", 3, "xgboost");
  const auto made = importance_of(bundle.judged);
  ASSERT_TRUE(made) << made.error().message;
  bundle.judged.importance = models::to_json(*made);
  const auto loaded = unpack(pack(bundle));
  ASSERT_TRUE(loaded) << loaded.error().message;
  const Artifact& judged = (*loaded)->bundle.judged;
  EXPECT_EQ(judged.importance, bundle.judged.importance);
  EXPECT_EQ(pack((*loaded)->bundle), pack(bundle));
  EXPECT_EQ(artifact_json(judged, *(*loaded)->judged)["importance"]["kind"], "gain");

  // A version from before it was recorded: made from the bytes when somebody asks.
  ASSERT_TRUE((*loaded)->bundle.serving);
  EXPECT_TRUE((*loaded)->bundle.serving->importance.is_null());
  const auto later = importance_of(*(*loaded)->bundle.serving);
  ASSERT_TRUE(later) << later.error().message;
  EXPECT_EQ(later->columns.size(), bundle.features.size());
}

TEST(VersionFiles, TextThatIsNotUtf8IsWrittenAllTheSame) {
  VersionBundle bundle = bundle_of("fx/EUR_USD", 1, "rules");
  bundle.trained_because = "quoted from elsewhere: \xff\xfe";
  const auto loaded = unpack(pack(bundle));
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_TRUE((*loaded)->bundle.trained_because.starts_with("quoted from elsewhere: "));
}

// Every byte of every file is covered by a checksum, so no flip can be accepted.
TEST(DamagedVersion, TenThousandBitFlipsAreRefused) {
  Random random(20230324);
  constexpr int kFlips = 10'000;
  for (const std::string& kind : kKinds) {
    const VersionFiles whole = pack(bundle_of("fx/EUR_USD", 12, kind));
    for (int i = 0; i < kFlips / static_cast<int>(kKinds.size()) + 1; ++i) {
      VersionFiles files = whole;
      auto& [name, bytes] = files[random.below(files.size())];
      const std::size_t at = random.below(bytes.size());
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
      SCOPED_TRACE(fmt::format("{}: byte {} of {}", kind, at, name));
      expect_refused(files, name);
      if (HasFailure()) return;
    }
  }
}

TEST(DamagedVersion, EveryBitOfAManifestCounts) {
  const VersionFiles whole = pack(bundle_of("fx/EUR_USD", 0, "rules"));
  const std::string manifest = whole.back().second;
  for (std::size_t bit = 0; bit < manifest.size() * 8; ++bit) {
    VersionFiles files = whole;
    std::string& bytes = bytes_of(files, "manifest.json");
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_FALSE(unpack(files)) << "bit " << bit;
  }
}

TEST(DamagedVersion, TruncationsAndAdditionsAreRefused) {
  for (const std::string& kind : kKinds) {
    const VersionFiles whole = pack(bundle_of("fx/EUR_USD", 12, kind));
    for (std::size_t i = 0; i < whole.size(); ++i) {
      const std::string& name = whole[i].first;
      const std::size_t size = whole[i].second.size();
      SCOPED_TRACE(kind + " " + name);
      for (std::size_t cut = 0; cut < size; cut += std::max<std::size_t>(1, size / 200)) {
        VersionFiles files = whole;
        files[i].second.resize(cut);
        expect_refused(files, name);
      }
      VersionFiles longer = whole;
      longer[i].second += '\n';
      expect_refused(longer, name);
      VersionFiles missing = whole;
      missing.erase(missing.begin() + static_cast<std::ptrdiff_t>(i));
      expect_refused(missing, name);
      VersionFiles twice = whole;
      twice.push_back(whole[i]);
      EXPECT_FALSE(unpack(twice));
    }
    VersionFiles more = whole;
    more.emplace_back("evil.so", "x");
    expect_refused(more, "evil.so");
  }
}

TEST(DamagedVersion, FilesOfAnotherVersionAreRefused) {
  for (const std::string& kind : kKinds) {
    const VersionFiles one = pack(bundle_of("fx/EUR_USD", 12, kind, true, 1));
    const VersionFiles other = pack(bundle_of("fx/EUR_USD", 13, kind, true, 2));
    for (std::size_t i = 0; i < one.size(); ++i) {
      if (one[i].second == other[i].second) continue;  // the rules have one spelling
      VersionFiles files = one;
      files[i] = other[i];
      EXPECT_FALSE(unpack(files)) << kind << " " << one[i].first;
    }
  }
}

// From here on the manifest agrees with the files, as if pawl itself had written something wrong.

TEST(ResealedVersion, AModelThatIsNotThatOfItsVectorsIsRefused) {
  for (const std::string& kind : {std::string("logistic"), std::string("xgboost")}) {
    VersionFiles files = pack(bundle_of("fx/EUR_USD", 12, kind));
    bytes_of(files, "judged.model") = bundle_of("fx/EUR_USD", 13, kind, false, 7).judged.model_bytes;
    reseal(files);
    expect_refused(files, "judged.model: self-test vector");
  }
}

// Where the numbers of a model stand in its bytes, and how wide they are.
struct Weights {
  std::vector<std::size_t> places;
  std::size_t width = 0;
};

// Logistic regression ends in doubles. In XGBoost's UBJ a tree's thresholds and leaf weights stand as
// split_conditions[$d#L, a count in eight bytes, and as many four-byte numbers, all big-endian.
Weights weights_of(const std::string& kind, const std::string& bytes) {
  Weights weights;
  if (kind == "logistic") {
    weights.width = 8;
    for (std::size_t back = 1; back <= 8; ++back) weights.places.push_back(bytes.size() - back * 8);
    return weights;
  }
  weights.width = 4;
  constexpr std::string_view kArray = "split_conditions[$d#L";
  for (auto at = bytes.find(kArray); at != std::string::npos; at = bytes.find(kArray, at + 1)) {
    const std::size_t first = at + kArray.size() + 8;
    const auto count = static_cast<std::uint8_t>(bytes[first - 1]);
    for (std::size_t i = 0; i < count; ++i) weights.places.push_back(first + i * 4);
  }
  return weights;
}

std::string big_endian_float(float value) {
  auto bytes = std::bit_cast<std::array<char, 4>>(value);
  std::ranges::reverse(bytes);
  return {bytes.begin(), bytes.end()};
}

TEST(ResealedVersion, NotANumberAmongTheWeightsIsRefused) {
  for (const std::string& kind : {std::string("logistic"), std::string("xgboost")}) {
    const VersionFiles whole = pack(bundle_of("fx/EUR_USD", 12, kind));
    VersionFiles copy = whole;
    const Weights weights = weights_of(kind, bytes_of(copy, "judged.model"));
    ASSERT_GE(weights.places.size(), 8u) << kind;
    const std::size_t stride = std::max<std::size_t>(1, weights.places.size() / 100);
    for (std::size_t i = 0; i < weights.places.size(); i += stride) {
      for (const double bad :
           {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
        const auto bits = std::bit_cast<std::array<char, 8>>(bad);
        const std::string number = weights.width == 8 ? std::string(bits.begin(), bits.end())
                                                      : big_endian_float(static_cast<float>(bad));
        VersionFiles files = whole;
        std::ranges::copy(number, bytes_of(files, "judged.model").data() + weights.places[i]);
        reseal(files);
        expect_refused(files, "judged.model");
        ASSERT_FALSE(HasFailure()) << kind << " at byte " << weights.places[i];
      }
    }
  }
}

TEST(ResealedVersion, NotANumberInTheTextOfAModelIsRefused) {
  VersionFiles files = pack(bundle_of("fx/EUR_USD", 0, "rules"));
  std::string& model = bytes_of(files, "judged.model");
  const std::size_t edge = model.find("0.05");
  ASSERT_NE(edge, std::string::npos);
  model.replace(edge, 4, "null");
  reseal(files);
  expect_refused(files, "judged.model");
}

TEST(ResealedVersion, AWrongFeatureListIsRefused) {
  const VersionFiles whole = pack(bundle_of("fx/EUR_USD", 12, "logistic"));
  const auto with = [&](const std::function<void(Json&)>& change) {
    VersionFiles files = whole;
    reseal(files, change);
    return files;
  };
  expect_refused(with([](Json& m) { m["features"][0] = "rsi(14)"; }), "list of features");
  expect_refused(with([](Json& m) { std::swap(m["features"][0], m["features"][1]); }), "list of features");
  expect_refused(with([](Json& m) { m["features_hash"] = "0000"; }), "list of features");
  expect_refused(with([](Json& m) {
                   m["features"].push_back("rsi(14)");
                   reseal_features(m);
                 }),
                 "features");
  expect_refused(with([](Json& m) { m["classes"] = 3; }), "classes");
  expect_refused(with([](Json& m) { m["judged"]["model_kind"] = "oracle"; }), "oracle");
  expect_refused(with([](Json& m) { m["features"][0] = 1; }), "manifest.json");
  expect_refused(with([](Json& m) { m.erase("scores"); }), "manifest.json");
  expect_refused(with([](Json& m) { m["format"] = "pawl version 2"; }), "manifest.json");
}

TEST(ResealedVersion, VectorsAreNeededAndMustFit) {
  VersionBundle without = bundle_of("fx/EUR_USD", 12, "logistic");
  without.judged.self_test.clear();
  expect_refused(pack(without), "no self-test vector");

  VersionBundle narrow = bundle_of("fx/EUR_USD", 12, "logistic");
  narrow.judged.self_test[2].row.pop_back();
  expect_refused(pack(narrow), "vector 2");

  // One unit in the last place is enough.
  VersionBundle close = bundle_of("fx/EUR_USD", 12, "xgboost");
  double& probability = close.serving->self_test[3].probabilities[1];
  probability = std::nextafter(probability, 1);
  expect_refused(pack(close), "serving.model: self-test vector 3");
}

TEST(Container, EveryFlippedBitAndEveryCutIsRefused) {
  const VersionFiles files = pack(bundle_of("fx/EUR_USD", 12, "logistic"));
  const std::string whole = write_container({"hash", files});
  EXPECT_EQ(read_container(whole).value().files, files);
  Random random(5);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = whole;
    const std::size_t at = random.below(bytes.size());
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
    const auto read = read_container(bytes);
    ASSERT_FALSE(read) << "byte " << at;
    EXPECT_EQ(read.error().code, ErrorCode::bad_data);
  }
  for (std::size_t cut = 0; cut < whole.size(); cut += 13) {
    ASSERT_FALSE(read_container(std::string_view(whole).substr(0, cut))) << cut;
  }
}

}  // namespace
}  // namespace pawl::registry
