#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "import/nccl_tests/nccl_tests_names.hpp"
#include "import/nccl_tests/nccl_tests_text.hpp"
#include "import/text/log_line.hpp"

namespace hockney::import {
namespace {

using Words = std::vector<std::string_view>;

std::uint32_t number_or(std::string_view word, std::uint32_t otherwise) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc{} && end != word.data() ? value : otherwise;
}

std::string_view after(const Words& words, std::string_view key) {
  const auto found = std::find(words.begin(), words.end(), key);
  return found == words.end() || found + 1 == words.end() ? std::string_view{} : *(found + 1);
}

// "iters:" of the measured loop, not of "warmup iters:" or "agg iters:".
std::string_view iterations_of(const Words& words, std::string_view qualifier) {
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string_view before = i == 0 ? std::string_view{} : words[i - 1];
    const bool qualified = before == "warmup" || before == "agg";
    if (words[i] == "iters:" && (qualifier.empty() ? !qualified : before == qualifier)) {
      return words[i + 1];
    }
  }
  return {};
}

void read_options(std::string_view text, const Words& words, NcclTestsPreamble& preamble) {
  preamble.options = text;
  preamble.threads = number_or(after(words, "nThread"), 0);
  preamble.gpus_per_thread = number_or(after(words, "nGpus"), 0);
  preamble.iterations = number_or(iterations_of(words, ""), 0);
  preamble.aggregated = number_or(iterations_of(words, "agg"), 1);
  preamble.graph = number_or(after(words, "graph:"), 0);
}

// "Rank  0 Group  0 Pid 440425 on node1 device  0 [0000:52:00] NVIDIA H100 80GB HBM3"
void read_rank(const Words& words, NcclTestsPreamble& preamble) {
  const auto on = std::find(words.begin(), words.end(), "on");
  const std::string_view rank = after(words, "Rank");
  if (on == words.end() || words.end() - on < 5 || *(on + 2) != "device" || number_or(rank, UINT32_MAX) == UINT32_MAX) {
    return;
  }
  NcclTestsRank entry;
  entry.rank = number_or(rank, 0);
  entry.group = number_or(after(words, "Group"), 0);
  entry.host = *(on + 1);
  entry.bus = *(on + 4);
  if (entry.bus.starts_with('[') && entry.bus.ends_with(']')) {
    entry.bus = entry.bus.substr(1, entry.bus.size() - 2);
  }
  entry.gpu = fmt::format("{}", fmt::join(on + 5, words.end(), " "));
  preamble.ranks.push_back(std::move(entry));
}

// 22807 -> "2.28.7" (NCCL_VERSION_CODE since 2.9)
std::string version_of_code(std::string_view code) {
  const std::uint32_t value = number_or(code, 0);
  return value < 10000 ? std::string(code) : fmt::format("{}.{}.{}", value / 10000, value / 100 % 100, value % 100);
}

void read_versions(const Words& words, NcclTestsPreamble& preamble) {
  preamble.version = after(words, "version");
  constexpr std::string_view library = "nccl-library=";
  for (const std::string_view word : words) {
    if (word.starts_with(library)) {
      preamble.nccl_version = version_of_code(word.substr(library.size()));
    }
  }
}

// "/opt/nccl-tests/build/all_reduce_perf_mpi" -> "all_reduce"
std::string test_of_program(std::string_view program) {
  const auto folder = program.find_last_of('/');
  program.remove_prefix(folder == std::string_view::npos ? 0 : folder + 1);
  const auto suffix = program.find("_perf");
  std::string_view rest = program.substr(std::min(suffix, program.size()));
  rest = rest.substr(0, rest.find_last_not_of(".:,;'\"`)") + 1);  // in a sentence
  return rest == "_perf" || rest == "_perf_mpi" ? nccl_test_in_file_name(program.substr(0, suffix)) : std::string{};
}

void read_command(std::string_view text, const Words& words, NcclTestsPreamble& preamble) {
  for (const std::string_view word : words) {
    const std::string test = test_of_program(word);
    if (test.empty()) {
      continue;
    }
    preamble.command = text;
    preamble.several_commands |= !preamble.command_test.empty() && preamble.command_test != test;
    preamble.command_test = preamble.several_commands ? std::string{} : test;
  }
}

}  // namespace

void NcclTestsPreamble::take_command(const NcclTestsPreamble& other) {
  command = other.command;
  command_test = other.command_test;
  several_commands = other.several_commands;
  environment.insert(other.environment.begin(), other.environment.end());
}

bool read_nccl_tests_preamble(std::string_view text, NcclTestsPreamble& preamble) {
  const Words words = words_of(text);
  if (words.size() < 2) {
    return false;
  }
  if (words[0] == "nccl-tests" && words[1] == "version") {
    read_versions(words, preamble);
    return true;
  }
  if (text.starts_with("Collective test starting:")) {
    preamble.test = std::string(words.back().substr(0, words.back().find("_perf")));
    return true;
  }
  if (words[0] == "nThread") {
    read_options(text, words, preamble);
    return true;
  }
  if (words[0] == "Rank") {
    read_rank(words, preamble);
    return true;
  }
  if (words[0] == "rccl-tests:") {
    preamble.version = words.back();
  } else if (words[0] == "Blocking" && words[1] == "Enabled:") {
    preamble.blocking = true;
  } else if ((words[0] == "NCCL" || words[0] == "RCCL") && words[1] == "version") {
    preamble.nccl_version = words[0] == "RCCL" ? fmt::format("RCCL {}", words.back()) : std::string(words.back());
  } else if (text.find("_perf") != std::string_view::npos) {
    read_command(text, words, preamble);
  }
  return false;
}

}  // namespace hockney::import
