#include "domain/feature_frame.h"

#include "base/bytes.h"
#include "base/hash.h"

namespace pawl {

std::string row_digest(std::span<const double> row) {
  ByteWriter bits;  // little-endian on every machine
  for (const double value : row) bits.f64(value);
  return sha256_hex(bits.bytes()).substr(0, 16);
}

}  // namespace pawl
