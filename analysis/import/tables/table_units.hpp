#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "import/tables/reading.hpp"
#include "plan/case.hpp"

namespace hockney::import {

/// What turns the numbers of a table into B, us and GB/s where words do not settle it.
struct TableUnits {
  bool other_size = false;  ///< MB is 10^6 B, not 2^20
  bool other_rate = false;  ///< GB/s is 2^30 B/s, gbps are bits
  double time = 1;          ///< us of a time without unit
  std::optional<bool> per_rank =
      false;         ///< a size is one rank's block of an operation that has blocks; nothing: not known
  bool bus = false;  ///< a "bandwidth" is busbw
  std::vector<std::string> notes{};
};

/// A program whose tables are known: they lack what its source or documentation tells.
struct TableProgram {
  std::string name{};  ///< "rccl-tests", "Intel MPI Benchmarks"; empty: nobody known
  bool size_in_elements = false;
  std::optional<double> time{};    ///< us per unit of the time column
  std::optional<bool> per_rank{};  ///< what a size of an operation with blocks counts
  std::uint32_t iterations = 1;    ///< operations behind a time where the table does not say
  bool one_node = false;           ///< the program runs within one node only
  bool imb = false;
};

/// rccl-tests -Z csv and json ("numCycle,collective,...,inplace,time,algbw,busbw,#wrong": us); aiconfigurator's
/// collector ("nccl_dtype,num_gpus,message_size,...,latency": elements, ms, one process with a thread per GPU);
/// nccom-test of AWS Neuron ("size(B) count(elems) type time(us)": sizes as nccl-tests has them, its GB/s are GiB/s,
/// 20 iterations; "NCCOM-TEST User Guide"); the Intel MPI Benchmarks ("#bytes #repetitions t_min[usec] t_max[usec]
/// t_avg[usec]": X bytes are one rank's block of Allgather, Alltoall, Gather and Scatter, the whole vector of the
/// others; MPI_FLOAT of reductions, else MPI_BYTE; "Intel MPI Benchmarks User Guide", IMB-MPI-1 benchmarks).
TableProgram program_of(const std::vector<Column>& columns);

/// Whether the operation moves blocks, so that a size may be a block or all of them.
bool has_blocks(Operation operation);

/// Shape of a row for the check of units: operation and ranks; nothing where they are not known.
using ShapeOf = std::function<std::optional<Case>(const Reading&)>;

/// Payload of a reading in these units, B; nothing where it has no size.
std::optional<double> payload_of(const Reading& reading, const std::optional<Case>& shape, const TableProgram& program,
                                 const TableUnits& units);

/// The time of one side in us, printed or payload over bandwidth; nothing where it has neither.
std::optional<PrintedNumber> time_us_of(const SideValues& side, const std::optional<Case>& shape, double payload,
                                        const TableUnits& units);

/// Why a side contradicts itself; empty when it does not.
std::string contradiction_in(const SideValues& side, const Case& shape, PrintedNumber time_us, const TableUnits& units);

/// Settles what headings do not state, by size / time = bandwidth where the table has all three; else sizes are powers
/// of 2^10, and said to be, and of all ranks where algbw and busbw are named as nccl-tests does. Says so in `notes`.
/// `per_rank` is what heading, text or user say of the size. Throws InputError, whose message is the reason to refuse,
/// when the unit of time stays open.
TableUnits settle_units(const std::vector<Column>& columns, std::span<const Reading> rows, const TableProgram& program,
                        std::optional<bool> per_rank, const ShapeOf& shape_of);

/// "; times in ms would fit": the unit of time in which most rows agree with their bandwidths. Empty without one.
std::string unit_that_would_fit(const std::vector<Column>& columns, std::span<const Reading> rows,
                                const TableProgram& program, const TableUnits& units, const ShapeOf& shape_of);

}  // namespace hockney::import
