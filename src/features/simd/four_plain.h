// Four values, one after the other: for machines that are no x86-64, and for tests to compare the others
// with.
#pragma once

#include <cmath>
#include <cstddef>

namespace pawl::features::simd {

namespace {

struct Mask4 {
  bool set[4];
};

struct Four {
  double at[4];

  static Four load(const double* from) { return {{from[0], from[1], from[2], from[3]}}; }
  static Four all(double value) { return {{value, value, value, value}}; }
  void store(double* to) const {
    for (std::size_t i = 0; i < 4; ++i) to[i] = at[i];
  }
  void store_past_caches(double* to) const { store(to); }
  // [fill, 0, 1, 2] and [fill, fill, 0, 1]
  Four shifted_1(Four fill) const { return {{fill.at[0], at[0], at[1], at[2]}}; }
  Four shifted_2(Four fill) const { return {{fill.at[0], fill.at[0], at[0], at[1]}}; }
  Four reversed() const { return {{at[3], at[2], at[1], at[0]}}; }
  Four last() const { return all(at[3]); }
};

template <class Operation>
Four each(Four a, Four b, Operation operation) {
  Four result;
  for (std::size_t i = 0; i < 4; ++i) result.at[i] = operation(a.at[i], b.at[i]);
  return result;
}
template <class Test>
Mask4 where(Four a, Four b, Test test) {
  Mask4 result;
  for (std::size_t i = 0; i < 4; ++i) result.set[i] = test(a.at[i], b.at[i]);
  return result;
}

inline Four operator+(Four a, Four b) {
  return each(a, b, [](double x, double y) { return x + y; });
}
inline Four operator-(Four a, Four b) {
  return each(a, b, [](double x, double y) { return x - y; });
}
inline Four operator*(Four a, Four b) {
  return each(a, b, [](double x, double y) { return x * y; });
}
inline Four operator/(Four a, Four b) {
  return each(a, b, [](double x, double y) { return x / y; });
}
inline Four greatest(Four a, Four b) {
  return each(a, b, [](double x, double y) { return x > y ? x : y; });
}
inline Four least(Four a, Four b) {
  return each(a, b, [](double x, double y) { return x < y ? x : y; });
}
inline Four magnitude(Four a) {
  return each(a, a, [](double x, double) { return std::fabs(x); });
}
inline Four root(Four a) {
  return each(a, a, [](double x, double) { return std::sqrt(x); });
}
inline Mask4 above(Four a, Four b) {
  return where(a, b, [](double x, double y) { return x > y; });
}
inline Mask4 equal(Four a, Four b) {
  return where(a, b, [](double x, double y) { return x == y; });
}
inline Mask4 unordered(Four a, Four b) {
  return where(a, b, [](double x, double y) { return x != x || y != y; });
}
inline Mask4 both(Mask4 a, Mask4 b) {
  for (std::size_t i = 0; i < 4; ++i) a.set[i] = a.set[i] && b.set[i];
  return a;
}
inline Mask4 either(Mask4 a, Mask4 b) {
  for (std::size_t i = 0; i < 4; ++i) a.set[i] = a.set[i] || b.set[i];
  return a;
}
inline Four choose(Mask4 mask, Four yes, Four no) {
  for (std::size_t i = 0; i < 4; ++i) no.at[i] = mask.set[i] ? yes.at[i] : no.at[i];
  return no;
}
inline bool every(Mask4 mask) {
  return mask.set[0] && mask.set[1] && mask.set[2] && mask.set[3];
}
inline void transpose(Four& a, Four& b, Four& c, Four& d) {
  const Four rows[4] = {a, b, c, d};
  Four* const columns[4] = {&a, &b, &c, &d};
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 4; ++j) columns[i]->at[j] = rows[j].at[i];
  }
}
inline void finish_stores() {}
inline bool any(Mask4 mask) {
  return mask.set[0] || mask.set[1] || mask.set[2] || mask.set[3];
}

}  // namespace

}  // namespace pawl::features::simd
