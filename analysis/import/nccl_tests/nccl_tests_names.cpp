#include "import/nccl_tests/nccl_tests_names.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"

namespace hockney::import {
namespace {

// Longer spellings first: "reduce" is a part of several.
constexpr std::array<std::pair<std::string_view, std::string_view>, 13> spellings{{
    {"reducescatter", "reduce_scatter"},
    {"alltoallv", "alltoallv"},
    {"allreduce", "all_reduce"},
    {"allgather", "all_gather"},
    {"hypercube", "hypercube"},
    {"broadcast", "broadcast"},
    {"alltoall", "alltoall"},
    {"sendrecv", "sendrecv"},
    {"all2all", "alltoall"},
    {"scatter", "scatter"},
    {"reduce", "reduce"},
    {"gather", "gather"},
    {"bcast", "broadcast"},
}};

}  // namespace

std::optional<Operation> operation_of_nccl_test(std::string_view test) {
  constexpr std::array<std::pair<std::string_view, Operation>, 9> read{{{"all_reduce", Operation::all_reduce},
                                                                        {"all_gather", Operation::all_gather},
                                                                        {"reduce_scatter", Operation::reduce_scatter},
                                                                        {"alltoall", Operation::all_to_all},
                                                                        {"broadcast", Operation::broadcast},
                                                                        {"reduce", Operation::reduce},
                                                                        {"gather", Operation::gather},
                                                                        {"scatter", Operation::scatter},
                                                                        {ring_shift_test, Operation::all_to_all_v}}};
  const auto found = std::find_if(read.begin(), read.end(), [&](const auto& pair) { return pair.first == test; });
  return found == read.end() ? std::nullopt : std::optional(found->second);
}

std::string_view reason_not_to_read(std::string_view test) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 2> reasons{
      {{"hypercube", "an all-gather made of pairwise exchanges that the test itself arranges, not NCCL's operation"},
       {"alltoallv", "the log does not say how uneven its blocks are"}}};
  const auto found = std::find_if(reasons.begin(), reasons.end(), [&](const auto& pair) { return pair.first == test; });
  return found == reasons.end() ? "no test of nccl-tests that is known" : found->second;
}

std::string nccl_test_in_file_name(std::string_view stem) {
  std::string letters;
  for (const char c : stem) {
    if (c != '_' && c != '-') {
      letters += lower_case(c);
    }
  }
  std::string found;
  for (const auto& [spelling, test] : spellings) {
    for (auto at = letters.find(spelling); at != std::string::npos; at = letters.find(spelling)) {
      if (!found.empty() && found != test) {
        return {};
      }
      found = test;
      letters.replace(at, spelling.size(), 1, '/');
    }
  }
  return found;
}

std::optional<Element> element_of_nccl_type(std::string_view type) {
  constexpr std::array<std::pair<std::string_view, Element>, 14> types{{{"int8", Element::int8},
                                                                        {"char", Element::int8},
                                                                        {"uint8", Element::uint8},
                                                                        {"int32", Element::int32},
                                                                        {"int", Element::int32},
                                                                        {"uint32", Element::uint32},
                                                                        {"int64", Element::int64},
                                                                        {"uint64", Element::uint64},
                                                                        {"half", Element::float16},
                                                                        {"bfloat16", Element::bfloat16},
                                                                        {"float", Element::float32},
                                                                        {"double", Element::float64},
                                                                        {"f8e4m3", Element::float8e4m3},
                                                                        {"f8e5m2", Element::float8e5m2}}};
  const auto found = std::find_if(types.begin(), types.end(), [&](const auto& pair) { return pair.first == type; });
  return found == types.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Reduction> reduction_of_nccl_op(std::string_view op) {
  if (op.empty() || op == "none") {
    return Reduction::sum;
  }
  const auto& table = Names<Reduction>::table;
  const auto found = std::find_if(table.begin(), table.end(), [&](const auto& pair) { return pair.second == op; });
  return found == table.end() ? std::nullopt : std::optional(found->first);
}

}  // namespace hockney::import
