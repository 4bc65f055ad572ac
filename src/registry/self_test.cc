#include "registry/self_test.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace pawl::registry {
namespace {

constexpr std::size_t kDigits = 16;

std::string to_hex(const std::vector<double>& values) {
  std::string text;
  text.reserve(values.size() * kDigits);
  for (const double value : values) {
    fmt::format_to(std::back_inserter(text), "{:016x}", std::bit_cast<std::uint64_t>(value));
  }
  return text;
}

Result<std::vector<double>> from_hex(const Json& vector, std::string_view field) {
  const auto text = json_string(vector, field);
  if (!text) return propagate(text);
  if (text->size() % kDigits != 0) return fail(ErrorCode::corrupt, "{} is cut short", field);
  std::vector<double> values;
  for (std::size_t at = 0; at < text->size(); at += kDigits) {
    std::uint64_t bits = 0;
    const char* end = text->data() + at + kDigits;
    const auto [stop, error] = std::from_chars(text->data() + at, end, bits, 16);
    if (error != std::errc{} || stop != end) return fail(ErrorCode::corrupt, "{} is not hex digits", field);
    values.push_back(std::bit_cast<double>(bits));
  }
  return values;
}

}  // namespace

Json self_test_to_json(const std::vector<SelfTestVector>& vectors) {
  Json list = Json::array();
  for (const SelfTestVector& vector : vectors) {
    list.push_back({{"row", to_hex(vector.row)}, {"probabilities", to_hex(vector.probabilities)}});
  }
  return list;
}

Result<std::vector<SelfTestVector>> self_test_from_json(const Json& json) {
  if (!json.is_array()) return fail(ErrorCode::corrupt, "the vectors are no list");
  std::vector<SelfTestVector> vectors;
  for (const Json& item : json) {
    auto row = from_hex(item, "row");
    if (!row) return propagate(row);
    auto probabilities = from_hex(item, "probabilities");
    if (!probabilities) return propagate(probabilities);
    vectors.push_back({std::move(*row), std::move(*probabilities)});
  }
  return vectors;
}

Status prove_model(const models::Model& model, const std::vector<SelfTestVector>& vectors) {
  if (vectors.empty()) return fail(ErrorCode::corrupt, "there is no self-test vector to prove it by");
  std::vector<double> given(static_cast<std::size_t>(model.classes()));
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    const SelfTestVector& vector = vectors[i];
    if (vector.row.size() != model.columns() || vector.probabilities.size() != given.size()) {
      return fail(ErrorCode::corrupt, "self-test vector {} has {} inputs and {} outputs, the model {} and {}",
                  i, vector.row.size(), vector.probabilities.size(), model.columns(), given.size());
    }
    model.predict({vector.row, 1, vector.row.size()}, given);
    for (std::size_t k = 0; k < given.size(); ++k) {
      if (!std::isfinite(given[k])) {
        return fail(ErrorCode::corrupt, "self-test vector {} gives a probability that is no number", i);
      }
      if (std::bit_cast<std::uint64_t>(given[k]) != std::bit_cast<std::uint64_t>(vector.probabilities[k])) {
        return fail(ErrorCode::corrupt,
                    "self-test vector {} gives {} for class {} where it gave {} when made", i, given[k], k,
                    vector.probabilities[k]);
      }
    }
  }
  return {};
}

}  // namespace pawl::registry
