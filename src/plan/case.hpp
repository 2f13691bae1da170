#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "names/names.hpp"
#include "plan/matmul.hpp"
#include "plan/operation.hpp"
#include "plan/replayed_step.hpp"
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

template <>
struct Names<Element> {
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

template <>
struct Names<Reduction> {
  static constexpr std::string_view what = "reduction";
  static constexpr std::array<NamedValue<Reduction>, 5> table{{{Reduction::sum, "sum"},
                                                               {Reduction::prod, "prod"},
                                                               {Reduction::min, "min"},
                                                               {Reduction::max, "max"},
                                                               {Reduction::avg, "avg"}}};
};

/// Where buffers come from and what the communication library is told about them.
enum class Buffers {
  plain,             ///< cudaMalloc, or host memory
  nccl_mem_alloc,    ///< ncclMemAlloc, not registered
  registered,        ///< ncclMemAlloc and ncclCommRegister: user buffer registration
  symmetric_window,  ///< ncclMemAlloc and ncclCommWindowRegister with NCCL_WIN_COLL_SYMMETRIC
};

template <>
struct Names<Buffers> {
  static constexpr std::string_view what = "kind of buffers";
  static constexpr std::array<NamedValue<Buffers>, 4> table{{{Buffers::plain, "plain"},
                                                             {Buffers::nccl_mem_alloc, "nccl_mem_alloc"},
                                                             {Buffers::registered, "registered"},
                                                             {Buffers::symmetric_window, "symmetric_window"}}};
};

/// Whether operations find their buffers in the cache that they left them in.
enum class Cache {
  hot,     ///< one set of buffers: every operation finds them as the last one left them
  rotate,  ///< as many sets in turn as fill the last-level cache twice, at most 64 (buffer_sets())
};

template <>
struct Names<Cache> {
  static constexpr std::string_view what = "cache choice";
  static constexpr std::array<NamedValue<Cache>, 2> table{{{Cache::hot, "hot"}, {Cache::rotate, "rotate"}}};
};

/// How all_to_all_v deals a rank's elements out to the others; empty for other operations. Row i of the matrix holds
/// the shares of rank i's elements that go to each rank; rows are normalised.
struct Routing {
  double skew = 0;              ///< share of rank j proportional to (j + 1)^-skew, alike for every sender; 0: even
  std::string matrix;           ///< name of the matrix that replaces the skew, "FILE-1a2b3c4d"; else empty
  std::vector<double> weights;  ///< [sender][receiver], row-major, of the matrix file; not stored, empty without one

  friend auto operator<=>(const Routing&, const Routing&) = default;
};

/// Elements that every rank sends to every other, [sender][receiver], row-major: `elements` of each sender cut by
/// largest remainders, so that every row sums to `elements`. Throws Failure when the matrix is not ranks x ranks.
std::vector<std::uint64_t> routed_elements(const Routing& routing, std::uint64_t elements, std::uint32_t ranks);

/// Elements of the fullest ranks of a routing; each may be another rank's.
struct FullestRanks {
  std::uint64_t sent_to_others = 0;
  std::uint64_t received_from_others = 0;
  std::uint64_t received = 0;  ///< in all, what a rank keeps for itself included
};

/// The largest sums over routed_elements(). Throws Failure as it does.
FullestRanks fullest_ranks(const Routing& routing, std::uint64_t elements, std::uint32_t ranks);

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

/// Characters of Case::name() at most: plans that would make longer ones are refused.
inline constexpr std::size_t longest_point_name = 256;

/// Characters of Routing::matrix at most.
inline constexpr std::size_t longest_matrix_name = 64;

/// One experimental point.
struct Case {
  Operation operation = Operation::all_reduce;
  TransportKind transport = TransportKind::mpi;
  Fabric fabric = Fabric::host_memory;  ///< requested
  Group group;
  Bytes payload{8};
  Element element = Element::float32;
  Reduction reduction = Reduction::sum;  ///< reducing operations only; else sum
  Mode mode = Mode::host;
  bool in_place = false;
  Buffers buffers = Buffers::plain;
  Cache cache = Cache::hot;
  std::uint32_t micro_batches = 0;          ///< pipeline operations, and of a step per pipeline; else 0
  std::uint32_t operations_per_sample = 1;  ///< K: a sample's clock difference is divided by it; collectives in the
                                            ///< modes stream and graph: the least, see most_operations()
  Routing routing;                          ///< all_to_all_v only
  Matmul matmul;                            ///< matmul only
  ReplayedStep step;                        ///< step_replay only
  std::string algorithm;                    ///< pinned or known algorithm; empty: the library's choice, not known
  std::string protocol;                     ///< likewise

  friend auto operator<=>(const Case&, const Case&) = default;

  /// Everything but the payload: the name of the curve that the point lies on, e.g.
  /// "all_reduce/mpi/host_memory/n:2x2/float32/host/out_of_place". Stable across versions of the same schema.
  std::string curve_name() const;

  /// curve_name() + "/payload:1MiB": unique within a plan and stable; the benchmark's name.
  std::string name() const;
};

/// busbw / algbw of a point: wire_factor() of its operation; of all_to_all_v what the busiest rank sends to others or
/// receives from others, over the payload. Nothing for a matrix whose weights are not at hand (read from a file), for
/// matrix products and for steps.
std::optional<double> wire_factor(const Case& point);

/// K of a collective or a matrix product in the modes stream and graph is chosen between 20 and this, so that a sample
/// lasts 100 us where it can (methodology 1.3); 1 in the other modes, and Case::operations_per_sample for
/// point-to-point operations and steps.
std::uint32_t most_operations(const Case& point);

/// Sets of buffers that the operations of a case take in turn: with Cache::rotate as many as fill `cache_size` twice,
/// at most 64; at least most_operations() where a result would be reduced again in place. A step has one.
std::uint32_t buffer_sets(const Case& point, Bytes cache_size);

/// Memory that one rank needs for a case: buffer_sets() times send and receive buffer, or in place the buffers and one
/// pristine copy. Of all_to_all_v the rank that receives most counts; of a step replay_memory().
Bytes memory_per_rank(const Case& point, Bytes cache_size);

}  // namespace hockney
