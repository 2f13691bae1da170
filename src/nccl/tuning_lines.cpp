#include "nccl/algorithm_names.hpp"
#include "nccl/labels.hpp"
#include "nccl/line_match.hpp"

namespace hockney::nccl {
namespace {

std::optional<Label> symmetric_label(std::string_view line) {
  static const std::regex pattern(R"(\[Symmetric\]: \d+ Bytes -> Kernel (\S+) nchannels (\d{1,6}))");
  const auto match = find_in_line(line, "[Symmetric]", pattern);
  return match ? std::optional(Label{(*match)[1], "Symmetric", number_in((*match)[2])}) : std::nullopt;
}

std::optional<Label> tuned_label(std::string_view line) {
  static const std::regex pattern(
      R"(\d+ Bytes -> Algo (\S+) proto (\S+)(?: channel\{Lo\.\.Hi\}=\{(\d{1,6})\.\.(\d{1,6})\})?)");
  const auto match = find_in_line(line, "Bytes -> Algo", pattern);
  if (!match) {
    return std::nullopt;
  }
  Label label{algorithm_name((*match)[1].str()), protocol_name((*match)[2].str()), 0};
  if ((*match)[3].matched) {
    label.channels = number_in((*match)[4]) - number_in((*match)[3]) + 1;
  }
  return label;
}

}  // namespace

std::optional<Label> parse_tuning_line(std::string_view line) {
  auto label = symmetric_label(line);
  return label ? label : tuned_label(line);
}

}  // namespace hockney::nccl
