#include "import/osu/osu_tests.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

#include "base/text.hpp"
#include "import/imported_points.hpp"
#include "import/text/log_line.hpp"

namespace hockney::import {
namespace {

constexpr std::array<std::pair<std::string_view, OsuTest>, 11> tests{{
    {"allreducelatency", {Operation::all_reduce, OsuSize::payload, Mode::host}},
    {"reducelatency", {Operation::reduce, OsuSize::payload, Mode::host}},
    {"broadcastlatency", {Operation::broadcast, OsuSize::payload, Mode::host}},
    {"bcastlatency", {Operation::broadcast, OsuSize::payload, Mode::host}},
    {"reducescatterlatency", {Operation::reduce_scatter, OsuSize::payload, Mode::host}},
    {"allgatherlatency", {Operation::all_gather, OsuSize::block_of_rank, Mode::host}},
    {"gatherlatency", {Operation::gather, OsuSize::block_of_rank, Mode::host}},
    {"scatterlatency", {Operation::scatter, OsuSize::block_of_rank, Mode::host}},
    {"alltoallpersonalizedexchangelatency", {Operation::all_to_all, OsuSize::block_of_rank, Mode::host}},
    {"latency", {Operation::ping_pong, OsuSize::payload, Mode::stream}},
    {"bandwidth", {Operation::one_way_stream, OsuSize::payload, Mode::stream}},
}};

}  // namespace

std::optional<OsuBanner> read_osu_banner(std::string_view line) {
  const auto begin = line.find_first_not_of("# \t");
  if (begin == std::string_view::npos) {
    return std::nullopt;
  }
  const auto words = words_of(line.substr(begin));
  const auto end = std::find(words.begin(), words.end(), "Test");
  if (words.size() < 4 || (words[0] != "OSU" && words[0] != "OMB") || end == words.end() || end - words.begin() < 3) {
    return std::nullopt;
  }
  OsuBanner banner;
  banner.library = words[1];
  for (auto word = words.begin() + 2; word != end; ++word) {
    // "MPI-CUDA MANAGED": the memory, not the test
    if (*word == "MANAGED" || *word == "-MANAGED") {
      banner.library += " MANAGED";
    } else {
      banner.test += (banner.test.empty() ? "" : " ") + std::string(*word);
    }
  }
  if (end + 1 != words.end() && end[1].starts_with('v')) {
    banner.version = end[1].substr(1);
  }
  banner.program = fmt::format("OSU {} {} Test{}{}", banner.library, banner.test, banner.version.empty() ? "" : " v",
                               banner.version);
  return banner;
}

OsuTest osu_test(const OsuBanner& banner) {
  const std::string name = letters_and_digits(banner.test);
  // "OSU MPI_Put Latency Test" has the call where others have the library
  const bool one_sided = banner.library.starts_with("MPI_") || name.starts_with("mpi");
  const auto found = std::find_if(tests.begin(), tests.end(), [&](const auto& test) { return test.first == name; });
  if (one_sided || found == tests.end()) {
    throw InputError(
        fmt::format("no operation of Hockney is what '{}{}' times (read are latency, bandwidth, allreduce, "
                    "reduce, bcast, reduce_scatter, allgather, gather, scatter, alltoall)",
                    one_sided ? banner.library + " " : "", banner.test));
  }
  return found->second;
}

Element osu_element(const OsuBanner& banner, Operation operation, std::string_view datatype) {
  if (!datatype.empty()) {
    const auto element = element_of_word(datatype);
    if (!element) {
      throw InputError(fmt::format("datatype '{}' is not known", datatype));
    }
    return *element;
  }
  const bool says_type = !banner.version.empty() && banner.version.front() >= '7' && banner.library.starts_with("MPI");
  return is_reduction(operation) && !says_type ? Element::float32 : Element::int8;
}

std::uint32_t osu_default_iterations(Operation operation, std::uint64_t size_bytes) {
  constexpr std::uint64_t large_message = 8192;
  const bool large = size_bytes > large_message;
  switch (operation) {
    case Operation::ping_pong:
      return large ? 1000 : 10000;
    case Operation::one_way_stream:
      return large ? 20 : 100;
    default:
      return large ? 100 : 1000;
  }
}

}  // namespace hockney::import
