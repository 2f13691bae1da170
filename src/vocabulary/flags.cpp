#include "vocabulary/flags.hpp"

namespace hockney::inline vocabulary {
namespace {

struct NoMeasurement {
  Flag flag;
  std::string_view word, why;
};

constexpr std::array<NoMeasurement, 3> no_measurements{
    {{Flag::simulated, "SIMULATED: ", "answered by the scripted transport; no transfer took place"},
     {Flag::emulated, "EMULATED: ", "made by a test double of CUDA and NCCL; no transfer took place"},
     {Flag::shared_gpu, "SHARED GPU: ", "several ranks on one GPU; no network constants"}}};

}  // namespace

std::string to_string(Flags flags) {
  std::string text;
  for (const auto& [flag, name] : Names<Flag>::table) {
    if (flags.has(flag)) {
      text += text.empty() ? "" : ",";
      text += name;
    }
  }
  return text;
}

std::vector<std::string> describe(Flags flags) {
  std::vector<std::string> lines;
  for (const auto& [flag, word, why] : no_measurements) {
    if (flags.has(flag)) {
      lines.push_back(std::string(word).append(why));
    }
  }
  return lines;
}

std::string prefix_of(Flags flags) {
  std::string words;
  for (const auto& [flag, word, why] : no_measurements) {
    words += flags.has(flag) ? word : "";
  }
  return words;
}

}  // namespace hockney::inline vocabulary
