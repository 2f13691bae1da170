#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "import/nccl_tests/nccl_tests_layout.hpp"
#include "import/text/log_text.hpp"

namespace hockney::import {

/// A header line as a log has it.
struct NcclTestsHeader {
  NcclTestsLayout layout;
  std::size_t lines = 1;  ///< of the log; more than one where terminals, mail programs or forms wrapped it
};

/// The header that begins at line `first`. A line that is none, or has one result group, is tried together with the
/// next one and two: the columns of the second group may stand there, cut off between words or inside one.
std::optional<NcclTestsHeader> find_nccl_tests_header(std::span<const LogLine> lines, std::size_t first);

}  // namespace hockney::import
