// How a file of kinds/ gives its kinds to the list in kinds.cc, which knows nothing of it but its name:
//
//   struct MomentumKinds {
//     static FeatureKinds all() { return {momentum_kind()}; }
//   };
//   template FeatureKinds kinds_of<MomentumKinds>();
#pragma once

#include <vector>

#include "features/feature.h"

namespace pawl::features {

using FeatureKinds = std::vector<FeatureKind>;

template <class File>
FeatureKinds kinds_of() {
  return File::all();
}

}  // namespace pawl::features
