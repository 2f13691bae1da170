#include <algorithm>
#include <regex>

#include "nccl/algorithm_names.hpp"
#include "nccl/labels.hpp"

namespace hockney::nccl {
namespace {

using Match = std::match_results<std::string_view::const_iterator>;

// a regular expression is slow: most lines are told apart by one word
std::optional<Match> find(std::string_view line, std::string_view word, const std::regex& pattern) {
  Match match;
  if (line.find(word) == std::string_view::npos || !std::regex_search(line.begin(), line.end(), match, pattern)) {
    return std::nullopt;
  }
  return match;
}

std::uint32_t number(const std::string& digits) { return static_cast<std::uint32_t>(std::stoul(digits)); }

std::optional<Label> symmetric_label(std::string_view line) {
  static const std::regex pattern(R"(\[Symmetric\]: \d+ Bytes -> Kernel (\S+) nchannels (\d{1,6}))");
  const auto match = find(line, "[Symmetric]", pattern);
  return match ? std::optional(Label{(*match)[1], "Symmetric", number((*match)[2])}) : std::nullopt;
}

std::optional<Label> tuned_label(std::string_view line) {
  static const std::regex pattern(
      R"(\d+ Bytes -> Algo (\S+) proto (\S+)(?: channel\{Lo\.\.Hi\}=\{(\d{1,6})\.\.(\d{1,6})\})?)");
  const auto match = find(line, "Bytes -> Algo", pattern);
  if (!match) {
    return std::nullopt;
  }
  Label label{algorithm_name((*match)[1].str()), protocol_name((*match)[2].str()), 0};
  if ((*match)[3].matched) {
    label.channels = number((*match)[4]) - number((*match)[3]) + 1;
  }
  return label;
}

// "P2P/CUMEM" of "P2P/CUMEM/read", "NET/IB" of "NET/IB/3(4)/GDRDMA/Shared"; shared memory with both directions
std::string kind_of(const std::string& via) {
  if (via.starts_with("SHM/")) {
    return via;
  }
  if (via.starts_with("NET/") || via.starts_with("COLLNET/")) {
    static const std::regex device(R"(/\d+(\(\d+\))?(/.*)?$)");
    return std::regex_replace(via, device, "");
  }
  return via.substr(0, via.find('/', via.find('/') + 1));
}

}  // namespace

std::optional<Label> parse_tuning_line(std::string_view line) {
  auto label = symmetric_label(line);
  return label ? label : tuned_label(line);
}

std::optional<Connection> parse_connection_line(std::string_view line) {
  static const std::regex pattern(
      R"(Channel \d+(?:/\d+)? : (\d{1,9})\[\w+\] -> (\d{1,9})\[\w+\](?: \[(?:send|receive)\])? via ((?:P2P|SHM|NET|COLLNET)/.*\S))");
  const auto match = find(line, " via ", pattern);
  if (!match) {
    return std::nullopt;
  }
  const std::string via = (*match)[3];
  const bool gpu_direct = via.starts_with("NET/") && via.find("/GDRDMA") != std::string::npos;
  return Connection{number((*match)[1]), number((*match)[2]), kind_of(via), gpu_direct};
}

std::vector<std::string> parse_network_line(std::string_view line) {
  std::vector<std::string> layers;
  const auto start = line.find("NET/IB : Using");
  if (start == std::string_view::npos) {
    return layers;
  }
  const std::string devices(line.substr(start, line.find(';', start) - start));
  static const std::regex device(R"(\[\d+\][^\s/]+:\d+/(IB|RoCE))");
  for (auto match = std::sregex_iterator(devices.begin(), devices.end(), device); match != std::sregex_iterator();
       ++match) {
    layers.push_back((*match)[1]);
  }
  return layers;
}

}  // namespace hockney::nccl
