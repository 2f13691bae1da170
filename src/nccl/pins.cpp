#include "nccl/pins.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <ranges>

#include "base/error.hpp"
#include "base/names.hpp"
#include "nccl/algorithm_names.hpp"
#include "nccl/error.hpp"

namespace hockney::nccl {
namespace {

constexpr int first_with_pat = 22300;
constexpr int first_with_lists_per_function = 22400;  // parseList with prefixes in tuning.cc

using Words = std::vector<std::string_view>;

// Which algorithms NCCL builds kernels for: algos_of_coll in src/device/generate.py. Empty: built from sends.
Words algorithms_of(Operation operation) {
  switch (operation) {
    case Operation::all_reduce:
      return {"ring", "tree", "collnetdirect", "collnetchain", "nvls", "nvlstree"};
    case Operation::all_gather:
    case Operation::reduce_scatter:
      return {"ring", "collnetdirect", "nvls", "pat"};
    case Operation::broadcast:
    case Operation::reduce:
      return {"ring"};
    default:
      return {};
  }
}

template <std::size_t size>
std::vector<std::string> in_lower_case(const std::array<std::string_view, size>& names) {
  std::vector<std::string> words(size);
  std::transform(names.begin(), names.end(), words.begin(), plain);
  return words;
}

void check_known(std::string_view what, const std::string& word, const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), word) == known.end()) {
    throw InputError(unknown_name(what, word, Words(known.begin(), known.end())));
  }
}

void check_algorithm(int version, Operation operation, const std::string& algorithm) {
  auto known = in_lower_case(algorithm_names);
  if (version < first_with_pat) {
    std::erase(known, "pat");
  }
  check_known(fmt::format("algorithm of NCCL {}", to_text(version)), algorithm, known);
  Words possible = algorithms_of(operation);
  std::erase_if(possible,
                [&](std::string_view word) { return std::find(known.begin(), known.end(), word) == known.end(); });
  if (std::find(possible.begin(), possible.end(), algorithm) == possible.end()) {
    throw InputError(fmt::format("NCCL has no {} for {}; expected one of: {}", algorithm, name_of(operation),
                                 fmt::join(possible, ", ")));
  }
}

void check_protocol(int version, const std::string& algorithm, const std::string& protocol) {
  check_known(fmt::format("protocol of NCCL {}", to_text(version)), protocol, in_lower_case(protocol_names));
  const bool any_protocol = algorithm.empty() || algorithm == "ring" || algorithm == "tree";
  if (!any_protocol && protocol != "simple") {
    throw InputError(fmt::format("NCCL has no {} for {}; expected simple", protocol, algorithm));
  }
}

}  // namespace

Settings pin_settings(int version, Operation operation, const std::string& algorithm, const std::string& protocol) {
  if (algorithm.empty() && protocol.empty()) {
    return {};
  }
  if (!has_algorithm(operation)) {
    throw InputError(
        fmt::format("{} cannot be pinned to '{}': NCCL builds it from sends, which have no algorithm and "
                    "no protocol to choose",
                    name_of(operation), algorithm.empty() ? protocol : algorithm));
  }
  const std::string function = plain(name_of(operation));
  const std::string prefix = version >= first_with_lists_per_function ? function + ":" : "";
  Settings settings;
  if (!algorithm.empty()) {
    check_algorithm(version, operation, algorithm);
    settings.emplace_back("NCCL_ALGO", prefix + algorithm);
  }
  if (!protocol.empty()) {
    check_protocol(version, algorithm, protocol);
    settings.emplace_back("NCCL_PROTO", prefix + protocol);
  }
  return settings;
}

bool has_algorithm(Operation operation) { return !algorithms_of(operation).empty(); }

bool are_known_pins(const std::string& algorithm, const std::string& protocol) {
  const auto knows = [](const auto& names, const std::string& pin) {
    return pin.empty() || std::any_of(names.begin(), names.end(), [&](auto name) { return plain(name) == pin; });
  };
  return knows(algorithm_names, algorithm) && knows(protocol_names, protocol);
}

Settings force_network_settings() {
  return {{"NCCL_P2P_DISABLE", "1"},
          {"NCCL_SHM_DISABLE", "1"},
          {"NCCL_NVLS_ENABLE", "0"},
          {"NCCL_MNNVL_ENABLE", "0"},
          {"NCCL_NET_DISABLE_INTRA", "0"}};
}

ScopedSettings::ScopedSettings(const Settings& settings) {
  for (const auto& [name, value] : settings) {
    const char* before = std::getenv(name.c_str());
    before_.emplace_back(name, std::pair(before != nullptr, std::string(before != nullptr ? before : "")));
    ::setenv(name.c_str(), value.c_str(), 1);
  }
}

ScopedSettings::~ScopedSettings() {
  for (const auto& [name, before] : before_ | std::views::reverse) {
    const auto& [was_set, value] = before;
    if (was_set) {
      ::setenv(name.c_str(), value.c_str(), 1);
    } else {
      ::unsetenv(name.c_str());
    }
  }
}

std::string to_text(const Settings& settings) {
  std::vector<std::string> words;
  for (const auto& [name, value] : settings) {
    words.push_back(name + "=" + value);
  }
  return fmt::format("{}", fmt::join(words, " "));
}

}  // namespace hockney::nccl
