#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/names.hpp"
#include "plan/step.hpp"
#include "vocabulary/buffers.hpp"
#include "vocabulary/element.hpp"
#include "vocabulary/fabric.hpp"
#include "vocabulary/group.hpp"
#include "vocabulary/mode.hpp"
#include "vocabulary/operation.hpp"
#include "vocabulary/transport_kind.hpp"
#include "workload/matmul.hpp"
#include "workload/routing.hpp"

namespace hockney::inline plan {

/// Characters of Case::name() at most: plans that would make longer ones are refused.
inline constexpr std::size_t longest_point_name = 256;

/// Characters of a pinned algorithm or protocol at most.
inline constexpr std::size_t longest_pin = 32;

/// Micro-batches that a pipeline operation passes through its chain.
struct MicroBatches {
  std::uint32_t count = 0;
  friend auto operator<=>(const MicroBatches&, const MicroBatches&) = default;
};

/// Factors that an operation has for itself: Reduction those that combine elements, Routing all_to_all_v, MicroBatches
/// pipelines, Matmul matmul, Step step_replay, the others nothing.
using OwnFactors = std::variant<std::monostate, Reduction, Routing, MicroBatches, Matmul, Step>;

/// One experimental point: the factors that all operations have, and the operation's own. case_fields lists them all.
struct Case {
  Operation operation = Operation::all_reduce;  ///< changed by become(), so that `own` goes with it
  TransportKind transport = TransportKind::mpi;
  Fabric fabric = Fabric::host_memory;  ///< requested
  Group group;
  Bytes payload{8};
  Element element = Element::float32;
  Mode mode = Mode::host;
  bool in_place = false;
  bool native = false;  ///< has_native() operations over NCCL: its own call; else sends and receives in a group
  Buffers buffers = Buffers::plain;
  Cache cache = Cache::hot;
  std::uint32_t operations_per_sample = 1;  ///< K: a sample's clock difference is divided by it; collectives in the
                                            ///< modes stream and graph: the least, see most_operations()
  OwnFactors own = Reduction::sum;
  std::string algorithm;  ///< pinned or known algorithm; empty: the library's choice, not known
  std::string protocol;   ///< likewise
  std::string software;   ///< of a curve: software_of() its launches, empty where not known; a point's launch tells it

  friend auto operator<=>(const Case&, const Case&) = default;

  /// Takes another operation; its own factors are then at their defaults.
  void become(Operation another);

  /// The operation's own factor of this type; at its default (sum, even routing, zeros) where it has none.
  template <class Factor>
  const Factor& factor() const {
    static const Factor none{};
    const auto* const found = std::get_if<Factor>(&own);
    return found != nullptr ? *found : none;
  }
  Reduction reduction() const { return factor<Reduction>(); }
  const Routing& routing() const { return factor<Routing>(); }
  const Matmul& matmul() const { return factor<Matmul>(); }
  const Step& step() const { return factor<Step>(); }

  /// Of a pipeline operation, and of a step per pipeline; else 0.
  std::uint32_t micro_batches() const;

  /// Sets them. A step's mapping then also has its global batch, the group's ranks per node and the width of the
  /// elements: to be called last when a step is described. Does nothing for other operations.
  void set_micro_batches(std::uint32_t count);

  /// Everything but the payload: the name of the curve that the point lies on, e.g.
  /// "all_reduce/mpi/host_memory/n:2x2/float32/host/out_of_place"; "n:16" without a number of ranks per node where that
  /// is not known. Stable across versions of the same schema.
  std::string curve_name() const;

  /// curve_name() + "/payload:1MiB": unique within a plan and stable; the benchmark's name.
  std::string name() const;
};

/// busbw / algbw of a point: wire_factor() of its operation; of all_to_all_v what the busiest rank sends to others or
/// receives from others, over the payload. Nothing for a matrix whose weights are not at hand (read from a file), for
/// matrix products and for steps.
std::optional<double> wire_factor(const Case& point);

/// K of a collective or a matrix product in the modes stream and graph is chosen between 20 and this, so that a sample
/// lasts 100 us where it can (docs/measuring.md); 1 in the other modes, and Case::operations_per_sample for
/// point-to-point operations and steps.
std::uint32_t most_operations(const Case& point);

/// Sets of buffers that the operations of a case take in turn: with Cache::rotate as many as fill `cache_size` twice,
/// at most 64; at least most_operations() where a result would be reduced again in place. A step has one.
std::uint32_t buffer_sets(const Case& point, Bytes cache_size);

/// Memory that one rank needs for a case: buffer_sets() times send and receive buffer, or in place the buffers and one
/// pristine copy. Of all_to_all_v the rank that receives most counts; of a step replay_memory().
Bytes memory_per_rank(const Case& point, Bytes cache_size);

}  // namespace hockney::inline plan
