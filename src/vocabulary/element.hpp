#pragma once

#include <array>

#include "base/bytes.hpp"
#include "base/names.hpp"

namespace hockney::inline vocabulary {

/// Element types of NCCL. float8e4m3 (largest 448) and float8e5m2 (largest 57344) follow the OCP 8-bit formats.
enum class Element {
  int8,
  uint8,
  int32,
  uint32,
  int64,
  uint64,
  float16,
  bfloat16,
  float32,
  float64,
  float8e4m3,
  float8e5m2,
};

struct ElementNames {
  static constexpr std::string_view what = "element type";
  static constexpr std::array<NamedValue<Element>, 12> table{{{Element::int8, "int8"},
                                                              {Element::uint8, "uint8"},
                                                              {Element::int32, "int32"},
                                                              {Element::uint32, "uint32"},
                                                              {Element::int64, "int64"},
                                                              {Element::uint64, "uint64"},
                                                              {Element::float16, "float16"},
                                                              {Element::bfloat16, "bfloat16"},
                                                              {Element::float32, "float32"},
                                                              {Element::float64, "float64"},
                                                              {Element::float8e4m3, "float8e4m3"},
                                                              {Element::float8e5m2, "float8e5m2"}}};
};
ElementNames names_of(Element);

constexpr Bytes size_of(Element element) {
  switch (element) {
    case Element::int8:
    case Element::uint8:
    case Element::float8e4m3:
    case Element::float8e5m2:
      return {1};
    case Element::float16:
    case Element::bfloat16:
      return {2};
    case Element::int32:
    case Element::uint32:
    case Element::float32:
      return {4};
    default:
      return {8};
  }
}

/// How elements of different ranks are combined. `avg` is the sum divided by the number of ranks.
enum class Reduction { sum, prod, min, max, avg };

struct ReductionNames {
  static constexpr std::string_view what = "reduction";
  static constexpr std::array<NamedValue<Reduction>, 5> table{{{Reduction::sum, "sum"},
                                                               {Reduction::prod, "prod"},
                                                               {Reduction::min, "min"},
                                                               {Reduction::max, "max"},
                                                               {Reduction::avg, "avg"}}};
};
ReductionNames names_of(Reduction);

}  // namespace hockney::inline vocabulary
