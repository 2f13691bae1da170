#include "tuning.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <stdexcept>

namespace hockney::gpu_double {
namespace {

constexpr std::size_t simple_from = std::size_t{16} << 10;

struct Algorithm {
  std::string_view environment;  ///< lower case
  std::string_view printed;
  bool here;  ///< whether the emulated machine has it: there is no CollNet plugin
  bool only_simple;
  std::vector<Kind> kinds;
};

const std::vector<Algorithm>& algorithms() {
  static const auto& all = *new std::vector<Algorithm>{
      {"ring",
       "RING",
       true,
       false,
       {Kind::all_reduce, Kind::all_gather, Kind::reduce_scatter, Kind::broadcast, Kind::reduce}},
      {"tree", "TREE", true, false, {Kind::all_reduce}},
      {"collnetdirect", "COLLNET_DIRECT", false, true, {}},
      {"collnetchain", "COLLNET_CHAIN", false, true, {}},
      {"nvls", "NVLS", true, true, {Kind::all_reduce, Kind::all_gather, Kind::reduce_scatter}},
      {"nvlstree", "NVLS_TREE", false, true, {}},
      {"pat", "PAT", true, true, {Kind::all_gather, Kind::reduce_scatter}},
  };
  return all;
}

// LL first or Simple first, as the size says.
std::vector<std::string> protocols_by_preference(std::size_t bytes) {
  return bytes < simple_from ? std::vector<std::string>{"ll", "ll128", "simple"}
                             : std::vector<std::string>{"simple", "ll128", "ll"};
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return result;
}

std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
  return result;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

bool is_known(const std::string& name, bool is_algorithm) {
  if (!is_algorithm) {
    return name == "ll" || name == "ll128" || name == "simple";
  }
  return std::any_of(algorithms().begin(), algorithms().end(),
                     [&](const Algorithm& algorithm) { return algorithm.environment == name; });
}

}  // namespace

bool has_algorithm(Kind kind) {
  const auto& ring = algorithms().front().kinds;
  return std::find(ring.begin(), ring.end(), kind) != ring.end();
}

std::string symmetric_kernel(Kind kind) {
  return std::string(name_of(kind)) + (kind == Kind::all_reduce ? "_AGxLL_R" : "_LL");
}

std::vector<Pins::Rule> Pins::parse(const char* variable, bool is_algorithm) {
  const char* text = std::getenv(variable);
  std::vector<Rule> rules;
  if (text == nullptr || *text == '\0') {
    return rules;
  }
  for (const std::string& entry : split(lower(text), ';')) {
    const std::size_t colon = entry.find(':');
    Rule rule;
    rule.function = colon == std::string::npos ? "" : entry.substr(0, colon);
    std::string names = colon == std::string::npos ? entry : entry.substr(colon + 1);
    rule.inverse = !names.empty() && names.front() == '^';
    rule.names = split(rule.inverse ? names.substr(1) : names, ',');
    for (const std::string& name : rule.names) {
      if (!is_known(name, is_algorithm)) {
        throw std::invalid_argument(std::string(variable) + ": unknown name '" + name + "'");
      }
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

Pins::Pins() : algorithms_(parse("NCCL_ALGO", true)), protocols_(parse("NCCL_PROTO", false)) {}

bool Pins::allows(const std::vector<Rule>& rules, Kind kind, const std::string& name) {
  const std::string function = lower(name_of(kind));
  bool allowed = true;
  for (const Rule& rule : rules) {
    if (rule.function.empty() || rule.function == function) {
      allowed = (std::find(rule.names.begin(), rule.names.end(), name) != rule.names.end()) != rule.inverse;
    }
  }
  return allowed;
}

Choice Pins::choose(Kind kind, std::size_t bytes) const {
  for (const Algorithm& algorithm : algorithms()) {
    const bool has_kind = std::find(algorithm.kinds.begin(), algorithm.kinds.end(), kind) != algorithm.kinds.end();
    if (!algorithm.here || !has_kind || !allows(algorithms_, kind, std::string(algorithm.environment))) {
      continue;
    }
    for (const std::string& protocol : protocols_by_preference(bytes)) {
      if ((protocol == "simple" || !algorithm.only_simple) && allows(protocols_, kind, protocol)) {
        return {std::string(algorithm.printed), upper(protocol)};
      }
    }
  }
  throw std::invalid_argument("no algorithm/protocol available for function " + std::string(name_of(kind)));
}

float estimated_microseconds(std::size_t payload_bytes) {
  constexpr float latency_us = 5;
  constexpr float bytes_per_us = 20e3F;
  return latency_us + static_cast<float>(payload_bytes) / bytes_per_us;
}

}  // namespace hockney::gpu_double
