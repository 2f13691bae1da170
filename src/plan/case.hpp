#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>

#include "names/names.hpp"
#include "plan/operation.hpp"
#include "topology/fabric.hpp"
#include "topology/group.hpp"
#include "units/bytes.hpp"

namespace hockney {

/// Who moves the bytes. `imported` marks points that another program measured.
enum class TransportKind { mpi, scripted, nccl, imported };

template <>
struct Names<TransportKind> {
  static constexpr std::string_view what = "transport";
  static constexpr std::array<NamedValue<TransportKind>, 4> table{{{TransportKind::mpi, "mpi"},
                                                                   {TransportKind::scripted, "scripted"},
                                                                   {TransportKind::nccl, "nccl"},
                                                                   {TransportKind::imported, "imported"}}};
};

enum class Element { int8, uint8, int32, uint32, int64, uint64, float16, bfloat16, float32, float64 };

template <>
struct Names<Element> {
  static constexpr std::string_view what = "element type";
  static constexpr std::array<NamedValue<Element>, 10> table{{{Element::int8, "int8"},
                                                              {Element::uint8, "uint8"},
                                                              {Element::int32, "int32"},
                                                              {Element::uint32, "uint32"},
                                                              {Element::int64, "int64"},
                                                              {Element::uint64, "uint64"},
                                                              {Element::float16, "float16"},
                                                              {Element::bfloat16, "bfloat16"},
                                                              {Element::float32, "float32"},
                                                              {Element::float64, "float64"}}};
};

constexpr Bytes size_of(Element element) {
  switch (element) {
    case Element::int8:
    case Element::uint8:
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

/// How one sample is taken. Modes answer different questions and are never pooled.
enum class Mode {
  isolated,  ///< gate, align, event, one operation, event (GPU)
  stream,    ///< several operations back to back between two clock readings
  graph,     ///< captured once, replayed (GPU)
  host,      ///< barrier, host clock, one operation, host clock
};

template <>
struct Names<Mode> {
  static constexpr std::string_view what = "mode";
  static constexpr std::array<NamedValue<Mode>, 4> table{
      {{Mode::isolated, "isolated"}, {Mode::stream, "stream"}, {Mode::graph, "graph"}, {Mode::host, "host"}}};
};

/// One experimental point.
struct Case {
  Operation operation = Operation::all_reduce;
  TransportKind transport = TransportKind::mpi;
  Fabric fabric = Fabric::host_memory;  ///< requested
  Group group;
  Bytes payload{8};
  Element element = Element::float32;
  Mode mode = Mode::host;
  bool in_place = false;
  std::uint32_t micro_batches = 0;          ///< pipeline operations only; else 0
  std::uint32_t operations_per_sample = 1;  ///< K: a sample's clock difference is divided by it
  std::string algorithm;                    ///< pinned or known algorithm; empty: the library's choice, not known
  std::string protocol;                     ///< likewise

  friend auto operator<=>(const Case&, const Case&) = default;

  /// Everything but the payload: the name of the curve that the point lies on, e.g.
  /// "all_reduce/mpi/host_memory/n:2x2/float32/host/out_of_place". Stable across versions of the same schema.
  std::string curve_name() const;

  /// curve_name() + "/payload:1MiB": unique within a plan and stable; the benchmark's name.
  std::string name() const;
};

}  // namespace hockney
