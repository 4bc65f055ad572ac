// Reads the subset of Universal Binary JSON that XGBoost writes, in the order that it writes it. Every length
// is checked against what is left before anything is allocated. The first thing that is not as expected stays
// as the reason; from then on reads give zero or empty, so the caller checks once.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pawl::models {

class UbjCursor {
 public:
  explicit UbjCursor(std::string_view bytes) : bytes_(bytes) {}

  void open_object() { punctuation('{'); }
  void close_object() { punctuation('}'); }
  void key(std::string_view name);  // the next key must be this one
  void key_open(std::string_view name) {
    key(name);
    open_object();
  }
  std::string_view text();
  void exact_text(std::string_view expected);
  std::int64_t integer();                    // of any of the integer types
  std::uint64_t open_list();                 // [#L: values follow, each with its own type, without a close
  std::uint64_t open_typed_list(char type);  // [$type#L; the count's bytes are known to be there
  // A typed list appended to `out`.
  void floats(std::vector<float>& out);
  void ints(std::vector<std::int32_t>& out);
  void bytes(std::vector<std::uint8_t>& out);

  void refuse(std::string_view reason);
  bool ok() const { return reason_.empty(); }
  bool at_end() const { return position_ == bytes_.size(); }
  const std::string& reason() const { return reason_; }

 private:
  std::string_view take(std::uint64_t count);
  void punctuation(char expected);
  std::uint64_t count();

  std::string_view bytes_;
  std::size_t position_ = 0;
  std::string reason_;
};

}  // namespace pawl::models
