#pragma once

#include <span>
#include <vector>

#include "import/nccl_tests/nccl_tests_text.hpp"
#include "vocabulary/operation.hpp"

namespace hockney::import {

/// Separates runs that wrote into one file at the same time: their rows stand in one table. Two headers without a row
/// between them, or sizes that fall and then leave the run's step ("8, 16, .., 256, 8, 512, 16"), show such a table.
/// nccl-tests steps by a constant factor or number of bytes (the options line names it, else the rows above the first
/// fall do), so a row belongs to the run that expects its size. Returns one table per run with a note; the table as it
/// is when it shows no mixture; the table with `mixed` set when the step is not known or two runs expect the same size
/// somewhere. `other_ranks` are the rank lists of runs that began above the table and have printed no footer yet; where
/// runs are mixed, the tables' rank list begins with them, since nothing tells whose run is whose.
std::vector<NcclTestsTable> separate_runs(NcclTestsTable table, std::span<const NcclTestsRank> other_ranks);

/// Separates rows of different rank counts under one header or none, in a table without a rank list: by an author's own
/// column, else where the size falls. Returns the table as it is when all its rows allow one rank count.
std::vector<NcclTestsTable> separate_rank_counts(NcclTestsTable table, Operation operation);

}  // namespace hockney::import
