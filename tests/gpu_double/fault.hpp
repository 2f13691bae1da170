#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hockney::gpu_double {

/// What HOCKNEY_DOUBLE_FAULT plants; the syntax stands in README.md.
struct Fault {
  enum class Kind {
    none,
    no_device,
    no_driver,
    old_driver,
    out_of_memory,
    kernel_never_ends,
    async_error,
    die,
    wrong_data,
  };
  Kind kind = Kind::none;
  std::uint64_t bytes = 0;   ///< out_of_memory: what may be allocated in sum
  int rank = -1;             ///< rank in the communicator; -1: every rank
  std::uint64_t number = 1;  ///< the operation, counted from 1 among those that match
  std::string operation;     ///< without '_', lower case, as "allreduce"; empty: every operation

  /// Whether an operation of this name on this rank counts. `name` as NCCL spells it: "AllReduce", "SendRecv".
  bool concerns(std::string_view name, int rank_in_communicator) const;
};

/// Throws std::invalid_argument for anything that README.md does not name.
Fault parse_fault(std::string_view text);

/// The fault of this process, read once. A text that cannot be read ends the process: a test must not pass unplanted.
const Fault& fault();

}  // namespace hockney::gpu_double
