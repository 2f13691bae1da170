#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "import/imported.hpp"
#include "import/text/printed_number.hpp"
#include "plan/case.hpp"
#include "record/launch.hpp"

namespace hockney::import {

/// One time that a log states, and what was timed.
struct ImportedPoint {
  std::size_t line = 0;
  Case point;             ///< transport imported
  PrintedNumber time_us;  ///< is_time_us()
  std::uint32_t iterations = 1;
  Statistic statistic = Statistic::mean_over_ranks;
  Verification verification = Verification::not_checked;
};

/// Whether a number of microseconds can be the time of an operation: 1 ps to 11 days. Others are damage.
constexpr bool is_time_us(double us) { return us >= 1e-6 && us <= 1e12; }

/// What a log calls a collective, in any of the usual spellings: "AllReduce", "all-reduce", "alltoall", "bcast",
/// "all_gather_perf", and "PingPong". Nothing for everything else, sendrecv among it: its ring shift is none of our
/// operations.
std::optional<Operation> operation_of_word(std::string_view word);

/// What a log calls an element type: "float", "fp32", "torch.bfloat16", "half", "e4m3", MPI's and NCCL's names. A bare
/// "fp8" is float8e4m3.
std::optional<Element> element_of_word(std::string_view word);

/// Why the payload cannot be that of the operation (blocks of unequal size); empty when it can.
std::string impossible_payload(const Case& point);

/// Why the time cannot be: more than 10 TB/s of bus bandwidth, which no link has; empty when it can. A time in ms that
/// was taken for us is noticed by it.
std::string impossible_rate(const ImportedPoint& point);

/// A launch of these points, one sample each, in their order; a point that is named again is a further pass. Every
/// point is flagged fabric_unproven, and quantised where half a printed digit is over half a percent. `program` is what
/// measured; `lines` and `options` become LaunchInfo::source and its other texts.
Launch launch_of_points(std::span<const ImportedPoint> points, std::string_view program,
                        const std::filesystem::path& file, std::string_view lines, const ImportOptions& options);

/// What a reader of such a launch should know: further passes, coarse times, times that fall to less than a tenth as
/// the payload grows, wrong results, the fabric not stated.
std::vector<std::string> notes_on(const Launch& launch, const ImportOptions& options);

}  // namespace hockney::import
