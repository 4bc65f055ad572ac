#include "features/kinds/kinds.h"
#include "features/kinds/window.h"

namespace pawl::features {

namespace {

template <class Fold>
class Extreme {
 public:
  explicit Extreme(std::size_t n) : window_(n) {}
  double operator()(double value) {
    window_.push(value);
    return window_.full() ? window_.fold().value : kMissing;
  }
  void save(ByteWriter& out) const { window_.save(out); }
  bool load(ByteReader& in) { return window_.load(in); }

 private:
  Window<Fold> window_;
};

template <class Fold>
FeatureKind make_kind(std::string name, std::string help) {
  return {.name = std::move(name),
          .inputs = 1,
          .parameters = {length_parameter("n", 20)},
          .unit = "as the input",
          .help = std::move(help),
          .source = "",
          .warm_up = [](Parameters p) { return length(p[0]) - 1; },
          .make = [](Parameters p) { return on_values<Extreme<Fold>>(length(p[0])); },
          .memory_bars = [](Parameters p, double) { return length(p[0]); }};
}

}  // namespace

FeatureKind min_kind() {
  return make_kind<MinFold>("min", "The least of the last n values.");
}

FeatureKind max_kind() {
  return make_kind<MaxFold>("max", "The greatest of the last n values.");
}

}  // namespace pawl::features
